// Which of the core's codecs a frame is of.

/** Values of the core's `enum sotto_codec`, by the name that browsers give in a frame's metadata. */
export const CODECS = {
  "audio/opus": "opus",
  "video/vp8": "vp8",
  "video/vp9": "vp9",
} as const;

export type Codec = (typeof CODECS)[keyof typeof CODECS];

/** Undefined for a codec that this format cannot seal yet: its frames are dropped. */
export function codecOf(mimeType: string | undefined): Codec | undefined {
  return mimeType === undefined ? undefined : CODECS[mimeType.toLowerCase() as keyof typeof CODECS];
}
