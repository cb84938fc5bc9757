// Everything that is said between the page and the worker.

import type { LivekitOptions } from "./livekit_options";
import type { Policy } from "./key_provider";
import type { E2EEEvent, KeyRefusal, StreamCounts, StreamKind } from "./states";

export type KeyForm = "text" | "raw" | "secret";

/** One key that the worker holds, without its bytes. */
export interface HeldKey {
  /** Whose own it is; absent for those that all members share. */
  participantId?: string;
  /** The number under which frames name it; in the format "livekit" its key index. */
  kid: number;
  /** For people to compare. */
  safetyCode: string;
  /** This client seals with it. */
  seals: boolean;
  /** A step of the ratchet that nobody is known to have taken; it opens already. */
  isAhead: boolean;
}

/** How the worker treats one outgoing stream. `pipe` is the page's number for it. */
export interface SealOptions {
  operation: "seal";
  pipe: number;
  streamId: Uint8Array;
  kind: StreamKind;
}

/** How the worker treats one incoming stream. */
export interface OpenOptions {
  operation: "open";
  pipe: number;
  participantId: string;
  /** Absent if the sender declares no encryption. */
  streamId?: Uint8Array;
  kind: StreamKind;
}

export type StreamOptions = SealOptions | OpenOptions;

/**
 * What the page asks of the worker, and gets an answer to. An owner is a participant with keys of its own;
 * without one the keys are meant that all members share.
 */
export type Request =
  | {
      type: "set-key";
      owner?: string;
      form: KeyForm;
      key: Uint8Array;
      keyIndex?: number;
      opensOnly?: boolean;
    }
  | { type: "remove-key"; owner?: string }
  | { type: "ratchet-key"; owner?: string; keyIndex?: number }
  | { type: "export-secret"; owner?: string }
  | { type: "list-keys" }
  | { type: "count" };

export interface Answers {
  "set-key": { kid: number; safetyCode: string };
  "remove-key": undefined;
  "ratchet-key": undefined;
  "export-secret": Uint8Array;
  "list-keys": HeldKey[];
  count: StreamCounts[];
}

export type ToWorker =
  | {
      type: "init";
      roomId: string;
      participantId: string;
      suite: 4 | 5;
      policy: Policy;
      passesUntilReady: boolean;
      ratchetWindow: number;
      liveness: boolean;
      /** In place of the format "sotto". */
      livekit?: LivekitOptions;
    }
  /** The core of the format "livekit", in base64; the worker waits for it if it is to use it. */
  | { type: "livekit-core"; simd: string; scalar: string }
  /** What frames end with that a LiveKit server injects. */
  | { type: "sif-trailer"; trailer: Uint8Array }
  | { type: "request"; number: number; request: Request }
  | { type: "streams"; options: StreamOptions; readable: ReadableStream; writable: WritableStream }
  /** The streams that came for this pipe first serve another one from now on. */
  | { type: "reuse"; first: number; options: StreamOptions }
  | { type: "release"; pipe: number }
  | { type: "send-key-frame"; pipe: number }
  /** This client joins: others' answers must repeat this. */
  | { type: "join"; challenge: Uint8Array }
  | { type: "challenge"; participantId: string; challenge: Uint8Array }
  | { type: "liveness-answer"; participantId: string; answer: Uint8Array }
  | { type: "forget"; participantId: string }
  | { type: "ping" }
  | { type: "close" };

export type FromWorker =
  | { type: "ready"; variant: "simd" | "scalar" }
  | { type: "failed"; reason: "no-wasm" | "worker-failed"; message: string }
  | { type: "answer"; number: number; answer: Answers[keyof Answers] }
  | { type: "refused"; number: number; reason: KeyRefusal; message: string }
  /** Here or at somebody else's first; the secret is kept for a later joining. */
  | { type: "key-ratcheted"; owner?: string; kid: number; safetyCode: string; secret?: Uint8Array }
  | { type: "event"; event: E2EEEvent }
  /** To be sent to these, whose challenges it answers. */
  | { type: "liveness-answer"; participantIds: string[]; answer: Uint8Array }
  /** This client's challenge is to be sent to them again. */
  | { type: "challenge-wanted"; participantId: string }
  /** A receiver's: its transform cannot ask for a key frame by itself. */
  | { type: "key-frame-wanted"; pipe: number }
  /** A sender's: its transform cannot make its encoder send a key frame. */
  | { type: "key-frame-due"; pipe: number }
  | { type: "pong" };
