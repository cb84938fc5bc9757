// The C core (wasm/exports.c) as TypeScript. One instance is one meeting.

import { scalar, simd } from "virtual:core-wasm";

import type { KeyForm } from "../messages";
import type { E2EEEvent, E2EEReason, E2EEState, StreamKind } from "../states";
import type { Codec } from "./codec";

/** Names a sealer or an opener; undefined if the core had no room for it. */
export type StreamHandle = number;

/** An opened frame, or why there is none. */
export type Outcome = ArrayBuffer | E2EEReason | "replayed";

interface Exports {
  memory: WebAssembly.Memory;
  reserve(size: number): number;
  input(): number;
  output(): number;
  set_meeting(roomIdSize: number, suite: number): number;
  set_key_raw(participantIdSize: number, keySize: number): number;
  set_key_secret(participantIdSize: number, keySize: number): number;
  begin_key_text(participantIdSize: number, textSize: number): number;
  step_key_text(rounds: number): number;
  describe_key(participantIdSize: number): number;
  add_sealer(participantIdSize: number, kind: number): number;
  add_opener(participantIdSize: number, kind: number): number;
  remove_stream(handle: number): number;
  seal(handle: number, codec: number, size: number): number;
  open(handle: number, size: number): number;
  poll_event(nowMs: number): number;
  wipe(): number;
}

// enum sotto_result of core/result.h.
const RESULT_KID_TAKEN = 8;
const RESULT_REPLAYED = 7;
const REASONS: Record<number, E2EEReason> = {
  1: "missing-key",
  2: "not-ready",
  3: "exhausted",
  4: "tampered",
  5: "not-sealed",
  6: "not-live",
  9: "destination-too-small",
  10: "invalid-argument",
  11: "cryptographic-library",
};
const STATES: Record<number, E2EEState> = {
  1: "EncryptionSuccess",
  2: "EncryptionFailed",
  3: "DecryptionSuccess",
  4: "DecryptionFailed",
  5: "InternalError",
};
const KINDS: Record<StreamKind, number> = { audio: 1, video: 2, share: 3, shareAudio: 4 };
const CODECS: Record<Codec, number> = { opus: 1, vp8: 3, vp9: 4 };

const FIRST_CAPACITY = 16_384;
/** Rounds between two frames: a few milliseconds. */
const ROUNDS_PER_STEP = 8_000;
const FRAME_SIZE_MAX = 16 * 1024 * 1024;

/** The smallest module that has an instruction of SIMD128: a function that makes a vector and drops it. */
const SIMD_PROBE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11,
);

/** A key that cannot be used; the reason is one of E2EEError's. */
export class KeyRefused extends Error {
  constructor(readonly reason: "invalid-key" | "kid-taken") {
    super(
      reason === "kid-taken"
        ? "Another key of this meeting has the same key id. Take another key."
        : "The key cannot be used: it is empty or too short.",
    );
  }
}

export type Variant = "simd" | "scalar";

export class Core {
  readonly variant: Variant;
  #exports: Exports;
  #capacity = 0;
  #participantId: Uint8Array;
  #localParticipantId: string;
  #streams = new Map<StreamHandle, string>();

  private constructor(exports: Exports, variant: Variant, participantId: string) {
    this.#exports = exports;
    this.variant = variant;
    this.#localParticipantId = participantId;
    this.#participantId = encode(participantId);
  }

  /** Throws where WebAssembly is refused. */
  static async create(roomId: string, participantId: string, suite: 4 | 5): Promise<Core> {
    const variant: Variant = WebAssembly.validate(SIMD_PROBE) ? "simd" : "scalar";
    const bytes = Uint8Array.from(atob(variant === "simd" ? simd : scalar), (c) => c.charCodeAt(0));
    const { instance } = await WebAssembly.instantiate(bytes);
    const core = new Core(instance.exports as unknown as Exports, variant, participantId);
    core.#reserve(FIRST_CAPACITY);
    core.#write(encode(roomId));
    if (core.#exports.set_meeting(encode(roomId).length, suite) < 0)
      throw new Error("the room id is empty or too long");
    return core;
  }

  /** Sets the key of all members. A text key takes a good part of a second, in slices between frames. */
  async setKey(form: KeyForm, key: Uint8Array): Promise<{ kid: number; safetyCode: string }> {
    this.#reserve(key.length);
    this.#write(key);
    key.fill(0);
    const begin = { text: "begin_key_text", raw: "set_key_raw", secret: "set_key_secret" } as const;
    this.#requireKey(this.#exports[begin[form]](0, key.length));
    if (form === "text")
      while (this.#requireKey(this.#exports.step_key_text(ROUNDS_PER_STEP)) > 0) await nextTask();
    this.#requireKey(this.#exports.describe_key(0));
    const bytes = this.#output(18);
    return {
      kid: new DataView(bytes).getUint32(0, true),
      safetyCode: new TextDecoder().decode(new Uint8Array(bytes, 4)),
    };
  }

  addSealer(streamId: Uint8Array, kind: StreamKind): StreamHandle | undefined {
    this.#write(this.#participantId, streamId);
    const handle = this.#exports.add_sealer(this.#participantId.length, KINDS[kind]);
    return this.#remember(handle, this.#localParticipantId);
  }

  /** The same stream again gives the same handle, with what it remembers. */
  addOpener(participantId: string, streamId: Uint8Array, kind: StreamKind): StreamHandle | undefined {
    const id = encode(participantId);
    this.#reserve(id.length + streamId.length);
    this.#write(id, streamId);
    return this.#remember(this.#exports.add_opener(id.length, KINDS[kind]), participantId);
  }

  removeStream(handle: StreamHandle): void {
    this.#exports.remove_stream(handle);
    this.#streams.delete(handle);
  }

  /** Undefined if the frame must not be sent. */
  seal(handle: StreamHandle | undefined, codec: Codec, frame: ArrayBuffer): ArrayBuffer | undefined {
    if (frame.byteLength === 0) return frame;
    if (handle === undefined || !this.#accept(frame)) return undefined;
    const size = this.#exports.seal(handle, CODECS[codec], frame.byteLength);
    return size < 0 ? undefined : this.#output(size);
  }

  open(handle: StreamHandle | undefined, frame: ArrayBuffer): Outcome {
    if (frame.byteLength === 0) return frame;
    if (handle === undefined || !this.#accept(frame)) return "not-ready";
    const size = this.#exports.open(handle, frame.byteLength);
    if (size === -RESULT_REPLAYED) return "replayed";
    return size < 0 ? (REASONS[-size] ?? "cryptographic-library") : this.#output(size);
  }

  /** Edges since the last call; to be called every few hundred milliseconds. */
  *pollEvents(): Generator<E2EEEvent> {
    while (this.#exports.poll_event(performance.now()) === 1) {
      const record = new DataView(this.#output(40));
      const participantId = this.#streams.get(record.getUint32(0, true));
      const state = STATES[record.getUint32(4, true)];
      const kind = kindOf(record.getUint32(8, true));
      if (participantId === undefined || !state || !kind) continue;
      const reason = REASONS[record.getUint32(12, true)];
      const kid = record.getUint32(16, true);
      yield {
        participantId,
        state,
        kind,
        ...(reason !== undefined && { reason }),
        ...(kid !== 0 && { kid }),
        count: record.getFloat64(24, true),
        since: record.getFloat64(32, true),
      };
    }
  }

  wipe(): void {
    this.#exports.wipe();
    this.#streams.clear();
  }

  #remember(handle: number, participantId: string): StreamHandle | undefined {
    if (handle < 0) return undefined;
    this.#streams.set(handle, participantId);
    return handle;
  }

  #requireKey(result: number): number {
    if (result < 0) throw new KeyRefused(result === -RESULT_KID_TAKEN ? "kid-taken" : "invalid-key");
    return result;
  }

  #accept(frame: ArrayBuffer): boolean {
    if (frame.byteLength > FRAME_SIZE_MAX) return false;
    this.#reserve(frame.byteLength);
    this.#write(new Uint8Array(frame));
    return true;
  }

  #reserve(size: number): void {
    if (size <= this.#capacity) return;
    if (this.#exports.reserve(size) < 0) throw new RangeError("the core has no room for this frame");
    this.#capacity = size;
  }

  #write(...parts: Uint8Array[]): void {
    let at = this.#exports.input();
    const memory = new Uint8Array(this.#exports.memory.buffer);
    for (const part of parts) {
      memory.set(part, at);
      at += part.length;
    }
  }

  #output(size: number): ArrayBuffer {
    const at = this.#exports.output();
    return (this.#exports.memory.buffer as ArrayBuffer).slice(at, at + size);
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function kindOf(number: number): StreamKind | undefined {
  return (Object.keys(KINDS) as StreamKind[]).find((kind) => KINDS[kind] === number);
}

/** Lets frames that wait have their turn. A message comes sooner than a timer. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
