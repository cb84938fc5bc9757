// Opening a device that was chosen, perhaps long ago.

import { openDevice, type TrackSource } from "@sotto/js-sdk";

import type { Tracks } from "../session";
import type { Settings } from "../settings";

/** The chosen device; if it is not there any more, the one that the browser would take. */
export async function openChosen(source: TrackSource, id: string): Promise<MediaStreamTrack> {
  if (id === "") return openDevice(source);
  return openDevice(source, id).catch((error: Error) => {
    const cause = error.cause instanceof DOMException ? error.cause.name : "";
    if (cause !== "OverconstrainedError" && cause !== "NotFoundError") throw error;
    return openDevice(source);
  });
}

/** Those that are wanted and can be had; what fails is told and left out. */
export async function openTracks(
  { cameraId, microphoneId }: Settings,
  wanted: { camera: boolean; microphone: boolean },
  onFailure: (text: string) => void,
): Promise<Tracks> {
  const open = (isWanted: boolean, source: TrackSource, id: string) => {
    if (!isWanted) return undefined;
    return openChosen(source, id).catch((error: Error) => onFailure(error.message));
  };
  const [camera, microphone] = await Promise.all([
    open(wanted.camera, "camera", cameraId),
    open(wanted.microphone, "microphone", microphoneId),
  ]);
  return { camera: camera ?? undefined, microphone: microphone ?? undefined };
}
