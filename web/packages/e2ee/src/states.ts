// The states that an app sees, with VideoSDK's names.

export const STREAM_KINDS = ["audio", "video", "share", "shareAudio"] as const;

/** What a stream carries. */
export type StreamKind = (typeof STREAM_KINDS)[number];

/** `Encryption…` is told of the local participant, `Decryption…` of remote ones. */
export type E2EEState =
  | "EncryptionSuccess"
  | "EncryptionFailed"
  | "DecryptionSuccess"
  | "DecryptionFailed"
  | "InternalError";

/**
 * Diagnoses, not proofs: a hostile server can influence them. `in-clear`: there is no key yet, and the app
 * lets frames pass until there is.
 */
export type E2EEReason =
  | "missing-key"
  | "not-ready"
  | "exhausted"
  | "tampered"
  | "not-sealed"
  | "not-live"
  | "in-clear"
  | (string & {});

/** An edge of one stream's state: at most one for each stream, direction and second. */
export interface E2EEEvent {
  participantId: string;
  state: E2EEState;
  kind: StreamKind;
  reason?: E2EEReason;
  /** Which stream of this kind; absent if its sender declares no encryption. */
  streamId?: Uint8Array;
  /** The key id that the frame named, if it named one. */
  kid?: number;
  /** Frames that went this way since then. */
  count: number;
  /** When the state began, in milliseconds since 1970. */
  since: number;
}

/**
 * What became of one stream's frames since it began. Events tell edges; this tells every frame, also
 * single ones that were dropped from a running stream. Frames that the core never saw, in clear by the
 * app's own policy or refused with an `InternalError`, are not counted.
 */
export interface StreamCounts {
  /** The local participant's are sealed, others' are opened. */
  participantId: string;
  kind: StreamKind;
  /** Absent if its sender declares no encryption. */
  streamId?: Uint8Array;
  /** Sealed or opened. */
  passed: number;
  /** Opened before: dropped without a word. A few come on good networks too. */
  replayed: number;
  /** Dropped for any other reason, by that reason; only those of which there are any. */
  failed: Partial<Record<E2EEReason, number>>;
}

/** Why the encryption refuses what was asked for with keys. */
export type KeyRefusal = "invalid-key" | "kid-taken" | "missing-key" | "no-room";

export type E2EEErrorReason =
  | "no-worker"
  | "no-wasm"
  | "no-transform"
  | "worker-failed"
  | "left"
  | "no-meeting"
  | "invalid-participant"
  | KeyRefusal;

/** Why no media may flow, or why a key is refused. The message is for people and names no key. */
export class E2EEError extends Error {
  override readonly name = "E2EEError";
  constructor(
    readonly reason: E2EEErrorReason,
    message: string,
  ) {
    super(message);
  }
}

/** What was thrown, for the middle of a sentence. */
export function wordsOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/[.\s]+$/, "");
}
