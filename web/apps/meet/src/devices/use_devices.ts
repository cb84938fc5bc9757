// The devices of this computer, as far as the user lets the page know them.

import { type DeviceInfo, useMediaDevice } from "@sotto/react-sdk";
import { useCallback, useEffect, useState } from "react";

export interface Devices {
  cameras: DeviceInfo[];
  microphones: DeviceInfo[];
  /** Empty where the browser does not let pages choose. */
  speakers: DeviceInfo[];
}

const NONE: Devices = { cameras: [], microphones: [], speakers: [] };
const canChooseSpeaker = () => "setSinkId" in HTMLMediaElement.prototype;

/** Asked anew when something is plugged in or out, and when one of `reasons` is another. */
export function useDevices(...reasons: unknown[]): Devices {
  const [devices, setDevices] = useState(NONE);
  const take = useCallback((all: DeviceInfo[]) => {
    const ofKind = (kind: MediaDeviceKind) => all.filter((device) => device.kind === kind);
    setDevices({
      cameras: ofKind("videoinput"),
      microphones: ofKind("audioinput"),
      speakers: canChooseSpeaker() ? ofKind("audiooutput") : [],
    });
  }, []);
  const { getDevices } = useMediaDevice({ onDeviceChanged: (data) => take(data.devices) });
  useEffect(() => {
    getDevices().then(take, () => {});
    // What opens a device may bring the names of all of its kind.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [getDevices, take, ...reasons]);
  return devices;
}
