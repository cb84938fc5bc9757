// The devices of this computer and whether the user allows them. Needs no MeetingProvider.

import { askFor, isAllowed, listDevices, type TrackSource, watchDevices } from "@sotto/js-sdk";
import { useEffect } from "react";

import { Constants } from "./constants";
import { describe, type DeviceInfo } from "./device_info";
import { useLatest } from "./latest";

export type Permission = "audio" | "video" | "audio_video";

export interface UseMediaDevice {
  getDevices: () => Promise<DeviceInfo[]>;
  getCameras: () => Promise<DeviceInfo[]>;
  getMicrophones: () => Promise<DeviceInfo[]>;
  getPlaybackDevices: () => Promise<DeviceInfo[]>;
  /** Asks nobody. The answer has the permissions asked for: of both, each alone too. */
  checkPermissions: (permission?: Permission) => Promise<Map<Permission, boolean>>;
  /** Asks the user, if the browser does not know yet. */
  requestPermission: (permission?: Permission) => Promise<Map<Permission, boolean>>;
}

const BOTH = Constants.permission.AUDIO_AND_VIDEO;

export function useMediaDevice(
  callbacks: { onDeviceChanged?: (data: { devices: DeviceInfo[] }) => void } = {},
): UseMediaDevice {
  const latest = useLatest(callbacks);
  useEffect(
    () =>
      watchIfPossible(() => {
        const tell = (devices: DeviceInfo[]) => latest.current.onDeviceChanged?.({ devices });
        if (latest.current.onDeviceChanged) getDevices().then(tell, () => {});
      }),
    [latest],
  );
  return methods;
}

/** Where there are no devices there is nothing to watch; the methods say why. */
function watchIfPossible(onChange: () => void): (() => void) | undefined {
  try {
    return watchDevices(onChange);
  } catch {
    return undefined;
  }
}

async function getDevices(kind?: MediaDeviceKind): Promise<DeviceInfo[]> {
  return (await listDevices(kind)).map(describe);
}

async function checkPermissions(permission: Permission = BOTH): Promise<Map<Permission, boolean>> {
  const wanted = partsOf(permission);
  const answers = await Promise.all(
    wanted.map(async (each) => [each, await isAllowed(sourceOf(each))] as const),
  );
  const allowed = new Map<Permission, boolean>(answers);
  if (permission === BOTH) allowed.set(BOTH, answers.every(([, isGranted]) => isGranted));
  return allowed;
}

async function requestPermission(permission: Permission = BOTH): Promise<Map<Permission, boolean>> {
  const wanted = partsOf(permission);
  const answers = await Promise.all(
    wanted.map(async (each) => {
      const isGranted = await askFor([sourceOf(each)]).then(
        () => true,
        () => false,
      );
      return [each, isGranted] as const;
    }),
  );
  const allowed = new Map<Permission, boolean>(answers);
  if (permission === BOTH) allowed.set(BOTH, answers.every(([, isGranted]) => isGranted));
  return allowed;
}

function partsOf(permission: Permission): ("audio" | "video")[] {
  return permission === BOTH ? ["audio", "video"] : [permission as "audio" | "video"];
}

function sourceOf(permission: "audio" | "video"): TrackSource {
  return permission === "audio" ? "microphone" : "camera";
}

const methods: UseMediaDevice = {
  getDevices: () => getDevices(),
  getCameras: () => getDevices("videoinput"),
  getMicrophones: () => getDevices("audioinput"),
  getPlaybackDevices: () => getDevices("audiooutput"),
  checkPermissions,
  requestPermission,
};
