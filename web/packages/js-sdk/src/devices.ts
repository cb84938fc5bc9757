// Camera, microphone and screen, with errors that say how to mend them.

import { clientErrors } from "./errors";

export type TrackSource = "microphone" | "camera";

const MICROPHONE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const CAMERA = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };

export async function openDevice(
  source: TrackSource,
  deviceId?: string,
): Promise<MediaStreamTrack> {
  requireSecureOrigin();
  const choice = deviceId === undefined ? {} : { deviceId: { exact: deviceId } };
  const constraints: MediaStreamConstraints =
    source === "microphone"
      ? { audio: { ...MICROPHONE, ...choice } }
      : { video: { ...CAMERA, ...choice } };
  try {
    const stream = await navigator.mediaDevices.getUserMedia(constraints);
    const [track] = stream.getTracks();
    if (!track) throw new Error("the browser gave no track");
    return track;
  } catch (error) {
    throw clientErrors.device(source, error);
  }
}

export interface ScreenTracks {
  video: MediaStreamTrack;
  audio: MediaStreamTrack | undefined;
}

/** The picture, and the sound where the user shares it too. Needs a click of the user. */
export async function openScreen(): Promise<ScreenTracks> {
  requireSecureOrigin();
  try {
    const constraints = { video: { frameRate: 15 }, audio: true };
    const stream = await navigator.mediaDevices.getDisplayMedia(constraints);
    const [video] = stream.getVideoTracks();
    if (!video) throw new Error("the browser gave no track");
    video.contentHint = "detail";
    return { video, audio: stream.getAudioTracks()[0] };
  } catch (error) {
    throw clientErrors.device("screen", error);
  }
}

/** Names and ids are empty until the user allowed one device of the kind; such entries are left out. */
export async function listDevices(kind?: MediaDeviceKind): Promise<MediaDeviceInfo[]> {
  requireSecureOrigin();
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter((device) => device.deviceId !== "" && (kind ?? device.kind) === device.kind);
}

/** Calls back when a device is plugged in or out. Returns the function that ends it. */
export function watchDevices(onChange: () => void): () => void {
  requireSecureOrigin();
  const devices = navigator.mediaDevices;
  devices.addEventListener("devicechange", onChange);
  return () => devices.removeEventListener("devicechange", onChange);
}

/** Whether the user has allowed it already; asks nobody. */
export async function isAllowed(source: TrackSource): Promise<boolean> {
  requireSecureOrigin();
  try {
    const { state } = await navigator.permissions.query({ name: source as PermissionName });
    return state === "granted";
  } catch {
    // Browsers that do not tell give names only to devices that were allowed.
    const kind = source === "microphone" ? "audioinput" : "videoinput";
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices.some((device) => device.kind === kind && device.label !== "");
  }
}

/** Asks the user by opening a device of each kind together, and closes them. Rejects as `openDevice`. */
export async function askFor(sources: TrackSource[]): Promise<void> {
  const tracks = await Promise.allSettled(sources.map((source) => openDevice(source)));
  for (const each of tracks) if (each.status === "fulfilled") each.value.stop();
  for (const each of tracks) if (each.status === "rejected") throw each.reason;
}

export function requireSecureOrigin(): void {
  if (!globalThis.isSecureContext || !navigator.mediaDevices) throw clientErrors.notSecure();
}
