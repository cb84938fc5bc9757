// A camera or microphone while it is being chosen: open while it is on, ended with the component.

import type { TrackSource } from "@sotto/js-sdk";
import { useEffect, useState } from "react";

import { openChosen } from "./open";
import { explainDevice, wentAway } from "./words";

export interface DeviceChoice {
  track: MediaStreamTrack | undefined;
  error: string | undefined;
  isOn: boolean;
  /** Maybe the browser is asking the user. Switching it off goes on without it. */
  isOpening: boolean;
  toggle: () => void;
}

/** With the device of this id; empty is the browser's own choice. */
export function useDevice(source: TrackSource, id: string): DeviceChoice {
  const [isOn, setOn] = useState(true);
  const [track, setTrack] = useState<MediaStreamTrack>();
  const [error, setError] = useState<string>();

  useEffect(() => {
    if (!isOn) return;
    let isOver = false;
    let opened: MediaStreamTrack | undefined;
    const fail = (message: string) => {
      if (isOver) return;
      setError(message);
      setOn(false);
    };
    openChosen(source, id).then(
      (device) => {
        if (isOver) return device.stop();
        opened = device;
        device.addEventListener("ended", () => fail(wentAway(source)));
        setError(undefined);
        setTrack(device);
      },
      (cause: Error) => fail(explainDevice(cause)),
    );
    return () => {
      isOver = true;
      opened?.stop();
      setTrack(undefined);
    };
  }, [isOn, source, id]);

  const toggle = () => {
    setError(undefined);
    setOn(!isOn);
  };
  return { track, error, isOn, isOpening: isOn && !track, toggle };
}
