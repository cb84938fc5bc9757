// Everything that is said between the page and the worker.

import type { E2EEEvent, StreamKind } from "./states";

export type KeyForm = "text" | "raw" | "secret";

/** How the worker treats one outgoing stream. */
export interface SealOptions {
  operation: "seal";
  streamId: Uint8Array;
  kind: StreamKind;
}

/** How the worker treats one incoming stream. Without a stream id the sender declared no encryption. */
export interface OpenOptions {
  operation: "open";
  participantId: string;
  streamId?: Uint8Array;
  kind: StreamKind;
  /** Only with the policy "preferred": frames of a sender that declared no encryption pass. */
  allowClear: boolean;
  /** Names the stream in messages about it. */
  consumerId: string;
}

export type StreamOptions = SealOptions | OpenOptions;

export type ToWorker =
  | { type: "init"; roomId: string; participantId: string; suite: 4 | 5 }
  | { type: "set-key"; request: number; form: KeyForm; key: Uint8Array }
  | { type: "streams"; options: StreamOptions; readable: ReadableStream; writable: WritableStream }
  | { type: "close" };

export type FromWorker =
  | { type: "ready"; variant: "simd" | "scalar" }
  | { type: "failed"; reason: "no-wasm" | "worker-failed"; message: string }
  | { type: "key-set"; request: number; kid: number; safetyCode: string }
  | { type: "key-refused"; request: number; reason: "invalid-key" | "kid-taken"; message: string }
  | { type: "event"; event: E2EEEvent }
  | { type: "key-frame-wanted"; consumerId: string }
  | { type: "key-frame-due"; streamId: Uint8Array };
