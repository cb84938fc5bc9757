// A camera or microphone while it is being chosen: open while it is on, ended with the component.

import { openDevice, type TrackSource } from "@sotto/js-sdk";
import { useEffect, useState } from "react";

export interface DeviceChoice {
  track: MediaStreamTrack | undefined;
  error: string | undefined;
  isOn: boolean;
  /** Maybe the browser is asking the user. Switching it off goes on without it. */
  isOpening: boolean;
  toggle: () => void;
}

export function useDevice(source: TrackSource): DeviceChoice {
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
    openDevice(source).then(
      (device) => {
        if (isOver) return device.stop();
        opened = device;
        device.addEventListener("ended", () => fail(`The ${source} went away.`));
        setTrack(device);
      },
      (cause: Error) => fail(cause.message),
    );
    return () => {
      isOver = true;
      opened?.stop();
      setTrack(undefined);
    };
  }, [isOn, source]);

  const toggle = () => {
    setError(undefined);
    setOn(!isOn);
  };
  return { track, error, isOn, isOpening: isOn && !track, toggle };
}
