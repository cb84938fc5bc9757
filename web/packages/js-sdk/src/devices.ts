// Camera, microphone and screen, with errors that say how to mend them.

import { clientErrors } from "./errors";

export type TrackSource = "microphone" | "camera";

export async function openDevice(source: TrackSource, deviceId?: string): Promise<MediaStreamTrack> {
  requireSecureOrigin();
  const choice = deviceId === undefined ? {} : { deviceId: { exact: deviceId } };
  const constraints: MediaStreamConstraints =
    source === "microphone"
      ? { audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...choice } }
      : { video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 }, ...choice } };
  try {
    const stream = await navigator.mediaDevices.getUserMedia(constraints);
    const [track] = stream.getTracks();
    if (!track) throw new Error("the browser gave no track");
    return track;
  } catch (error) {
    throw clientErrors.device(source, error);
  }
}

/** The picture, and the sound where the user shares it too. Needs a click of the user. */
export async function openScreen(): Promise<{ video: MediaStreamTrack; audio: MediaStreamTrack | undefined }> {
  requireSecureOrigin();
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: 15 }, audio: true });
    const [video] = stream.getVideoTracks();
    if (!video) throw new Error("the browser gave no track");
    video.contentHint = "detail";
    return { video, audio: stream.getAudioTracks()[0] };
  } catch (error) {
    throw clientErrors.device("screen", error);
  }
}

export function requireSecureOrigin(): void {
  if (!globalThis.isSecureContext || !navigator.mediaDevices) throw clientErrors.notSecure();
}
