// The states that an app sees, with VideoSDK's names.

/** What a stream carries. */
export type StreamKind = "audio" | "video" | "share" | "shareAudio";

/** `Encryption…` is told of the local participant, `Decryption…` of remote ones. */
export type E2EEState =
  | "EncryptionSuccess"
  | "EncryptionFailed"
  | "DecryptionSuccess"
  | "DecryptionFailed"
  | "InternalError";

/** Diagnoses, not proofs: a hostile server can influence them. */
export type E2EEReason =
  | "missing-key"
  | "not-ready"
  | "exhausted"
  | "tampered"
  | "not-sealed"
  | "not-live"
  | (string & {});

/** An edge of one stream's state: at most one for each stream, direction and second. */
export interface E2EEEvent {
  participantId: string;
  state: E2EEState;
  kind: StreamKind;
  reason?: E2EEReason;
  /** The key id that the frame named, if it named one. */
  kid?: number;
  /** Frames with this outcome since the event before. */
  count: number;
  /** When the state began, as `performance.now()` of the worker counts, in milliseconds. */
  since: number;
}

/** Something without which no media may flow. The message is for people and says how to mend it. */
export class E2EEError extends Error {
  override readonly name = "E2EEError";
  constructor(
    readonly reason: "no-worker" | "no-wasm" | "no-transform" | "worker-failed" | "invalid-key" | "kid-taken",
    message: string,
  ) {
    super(message);
  }
}
