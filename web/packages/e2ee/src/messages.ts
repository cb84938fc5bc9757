// Everything that is said between the page and the worker.

import type { Policy } from "./key_provider";
import type { E2EEEvent, StreamCounts, StreamKind } from "./states";

export type KeyForm = "text" | "raw" | "secret";

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

export type ToWorker =
  | {
      type: "init";
      roomId: string;
      participantId: string;
      suite: 4 | 5;
      policy: Policy;
      passesUntilReady: boolean;
    }
  | { type: "set-key"; request: number; form: KeyForm; key: Uint8Array }
  | { type: "streams"; options: StreamOptions; readable: ReadableStream; writable: WritableStream }
  | { type: "release"; pipe: number }
  | { type: "count"; request: number }
  | { type: "ping" }
  | { type: "close" };

export type FromWorker =
  | { type: "ready"; variant: "simd" | "scalar" }
  | { type: "failed"; reason: "no-wasm" | "worker-failed"; message: string }
  | { type: "key-set"; request: number; kid: number; safetyCode: string }
  | { type: "key-refused"; request: number; reason: "invalid-key" | "kid-taken"; message: string }
  | { type: "event"; event: E2EEEvent }
  | { type: "counts"; request: number; streams: StreamCounts[] }
  /** A receiver's: its transform cannot ask for a key frame by itself. */
  | { type: "key-frame-wanted"; pipe: number }
  /** A sender's: its transform cannot make its encoder send a key frame. */
  | { type: "key-frame-due"; pipe: number }
  | { type: "pong" };
