// What the worker with the tape (worker/recording.ts) writes down.

/** One frame that came to the transform. */
export interface TapedFrame {
  /** When it came, and when it went on, on the worker's clock; absent if it was dropped. */
  at: number;
  passedAt?: number;
  type: string;
  size: number;
  /** In base64: as it was before sealing or after opening, and of a few sealed ones also as they went on. */
  clear?: string;
  /** It went out as it was. */
  isLeaked?: true;
  wire?: string;
  /** Of every sealed one what it says in clear: its first bytes and its last one. */
  head?: string;
}

export interface TapedStream {
  operation: string;
  participantId: string;
  kind: string;
  /** In base64. */
  streamId: string;
  frames: TapedFrame[];
}

export interface Tape {
  streams: TapedStream[];
  /** So many frames of each outgoing stream go out as they are. */
  leakCount: number;
}
