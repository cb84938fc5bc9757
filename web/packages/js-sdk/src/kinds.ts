// What signalling calls a source, encryption calls a kind.

import type { StreamKind } from "@sotto/e2ee";

import type { Source } from "./messages";

export const kindOf: Record<Source, StreamKind> = {
  microphone: "audio",
  camera: "video",
  screen: "share",
  screenAudio: "shareAudio",
};

export const sourceOf: Record<StreamKind, Source> = {
  audio: "microphone",
  video: "camera",
  share: "screen",
  shareAudio: "screenAudio",
};

/** What WebRTC calls it. */
export const mediaKindOf: Record<Source, "audio" | "video"> = {
  microphone: "audio",
  camera: "video",
  screen: "video",
  screenAudio: "audio",
};
