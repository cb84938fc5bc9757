// Which of the core's codecs a frame is of.

const CODECS = {
  "audio/opus": "opus",
  "audio/red": "red",
  "video/vp8": "vp8",
  "video/vp9": "vp9",
  "video/h264": "h264",
  "video/h265": "h265",
  "video/av1": "av1",
} as const;

export type Codec = (typeof CODECS)[keyof typeof CODECS];

/** By the name in a frame's metadata. Undefined for a codec that this format does not know. */
export function codecOf(mimeType: string | undefined): Codec | undefined {
  const name = mimeType?.toLowerCase() ?? "";
  return Object.hasOwn(CODECS, name) ? CODECS[name as keyof typeof CODECS] : undefined;
}
