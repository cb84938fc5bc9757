// The C core (wasm/exports.c) as TypeScript. One instance is one meeting.

import { scalar, simd } from "virtual:core-wasm";

import type { KeyForm } from "../messages";
import type { E2EEEvent, E2EEReason, E2EEState, StreamCounts, StreamKind } from "../states";
import type { Codec } from "./codec";

/** One sealer or opener. Without a handle the core has no room for it: nothing passes. */
export interface Stream {
  handle: number | undefined;
  participantId: string;
  /** Absent if the sender declares no encryption. */
  streamId: Uint8Array | undefined;
  kind: StreamKind;
  /** What this class itself found and has told already. */
  told?: E2EEReason;
}

/** A sealed or an opened frame, or why there is none. */
export type Outcome = ArrayBuffer | E2EEReason;

export interface KeyDescription {
  kid: number;
  safetyCode: string;
}

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
  use_key(participantIdSize: number, kid: number): number;
  remove_key(participantIdSize: number, kid: number): number;
  add_sealer(participantIdSize: number, kind: number): number;
  add_opener(participantIdSize: number, kind: number): number;
  remove_stream(handle: number): number;
  seal(handle: number, codec: number, isKeyFrame: number, size: number): number;
  open(handle: number, size: number): number;
  poll_event(nowMs: number): number;
  read_totals(handle: number): number;
  wipe(): number;
}

// enum sotto_result of core/result.h.
const RESULT_OK = 0;
const RESULT_REPLAYED = 7;
const RESULT_KID_TAKEN = 8;
const RESULT_TOO_SMALL = 9;
const RESULT_INVALID = 10;
const RESULT_COUNT = 12;
const REASONS: Record<number, E2EEReason> = {
  1: "missing-key",
  2: "not-ready",
  3: "exhausted",
  4: "tampered",
  5: "not-sealed",
  6: "not-live",
  [RESULT_REPLAYED]: "replayed",
  [RESULT_TOO_SMALL]: "destination-too-small",
  [RESULT_INVALID]: "invalid-argument",
  11: "cryptographic-library",
};
/** Codec and size are right when a frame comes to the core: what it refuses is H.264 or H.265. */
const SEAL_REASONS = { ...REASONS, [RESULT_INVALID]: "frame-without-slice" };
const STATES: Record<number, E2EEState> = {
  1: "EncryptionSuccess",
  2: "EncryptionFailed",
  3: "DecryptionSuccess",
  4: "DecryptionFailed",
  5: "InternalError",
};
const KINDS: Record<StreamKind, number> = { audio: 1, video: 2, share: 3, shareAudio: 4 };
const CODECS: Record<Codec, number> = {
  opus: 1,
  red: 2,
  vp8: 3,
  vp9: 4,
  h264: 5,
  h265: 6,
  av1: 7,
};

const FIRST_CAPACITY = 16_384;
/** Rounds between two frames: a few milliseconds. */
const ROUNDS_PER_STEP = 8_000;
/** Before sealing; the core knows how much more it may be on the wire. */
const FRAME_SIZE_MAX = 16 * 1024 * 1024;
const EVENT_RECORD_SIZE = 40;
const KEY_RECORD_SIZE = 18;
/** A name under which nothing is sealed: whatever comes in clear does not open. */
const NO_STREAM_ID = new Uint8Array(16);

/** The smallest module with an instruction of SIMD128: a function that makes a vector, drops it. */
const SIMD_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0],
  ...[3, 2, 1, 0, 10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11],
);

/** A key that cannot be used. */
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

export function supportedVariant(): Variant {
  return WebAssembly.validate(SIMD_PROBE) ? "simd" : "scalar";
}

export class Core {
  readonly localParticipantId: string;
  #exports: Exports;
  /** Of the input region, with its address and that of the output region. */
  #capacity = 0;
  #inputAddress = 0;
  #outputAddress = 0;
  #view = new Uint8Array();
  /** By handle. */
  #streams = new Map<number, Stream>();
  /** Handles of openers that no receiver uses, the longest idle one first. */
  #idleOpeners = new Set<number>();
  /** Names of streams whose opener gave way: what it remembered is gone, so nothing opens again. */
  #spentNames = new Set<string>();
  #participantsHeard = new Set<string>();
  #ownEvents: E2EEEvent[] = [];
  #hasHadKey = false;

  private constructor(exports: Exports, participantId: string) {
    this.#exports = exports;
    this.localParticipantId = participantId;
  }

  /** Throws where WebAssembly is refused, and for ids that no stream key can be made of. */
  static async create(
    roomId: string,
    participantId: string,
    suite: 4 | 5,
    variant: Variant = supportedVariant(),
  ): Promise<Core> {
    const text = variant === "simd" ? simd : scalar;
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    const { instance } = await WebAssembly.instantiate(bytes);
    const core = new Core(instance.exports as unknown as Exports, participantId);
    const room = encode(roomId);
    if (!core.#write(room) || core.#exports.set_meeting(room.length, suite) < 0)
      throw new RangeError("the room id is empty or longer than 255 bytes");
    return core;
  }

  /**
   * Sets the key of all members and wipes `key`. A text key takes a good part of a second, in slices
   * between frames; no other key may be set meanwhile. It seals from now on, or only opens if
   * `sealingKid` names another key that goes on sealing; it is asked when the key is there. Throws
   * KeyRefused.
   */
  async setKey(
    form: KeyForm,
    key: Uint8Array,
    sealingKid: () => number | undefined = () => undefined,
  ): Promise<KeyDescription> {
    const isWritten = this.#write(key);
    const size = key.length;
    key.fill(0);
    if (!isWritten) throw new KeyRefused("invalid-key");
    const begin = {
      text: this.#exports.begin_key_text,
      raw: this.#exports.set_key_raw,
      secret: this.#exports.set_key_secret,
    };
    requireKey(begin[form](0, size));
    if (form === "text")
      while (requireKey(this.#exports.step_key_text(ROUNDS_PER_STEP)) > 0) await nextTask();
    requireKey(this.#exports.describe_key(0));
    this.#hasHadKey = true;
    const record = this.#output(KEY_RECORD_SIZE);
    // Before any frame has its turn.
    const kid = sealingKid();
    if (kid !== undefined) this.useKey(kid);
    return {
      kid: new DataView(record).getUint32(0, true),
      safetyCode: new TextDecoder().decode(new Uint8Array(record, 4)),
    };
  }

  /** Seals under a key that is here already. */
  useKey(kid: number): void {
    this.#exports.use_key(0, kid);
  }

  /** Whether the last frame of anybody else's stream was sealed under this key. */
  isUsedByOthers(kid: number): boolean {
    return [...this.#streams].some(
      ([handle, { participantId }]) =>
        participantId !== this.localParticipantId && this.#totals(handle)[RESULT_COUNT] === kid,
    );
  }

  /** Erases a key that is no longer to open anything. */
  removeKey(kid: number): void {
    this.#exports.remove_key(0, kid);
  }

  addSealer(streamId: Uint8Array, kind: StreamKind): Stream {
    const id = encode(this.localParticipantId);
    const handle = this.#write(id, streamId)
      ? this.#exports.add_sealer(id.length, KINDS[kind])
      : -RESULT_TOO_SMALL;
    return this.#remember(handle, this.localParticipantId, streamId, kind);
  }

  /**
   * The same stream again gets the same opener, with what it remembers. Where there is no room an
   * opener that nobody uses gives way, and its stream never opens again.
   */
  addOpener(participantId: string, streamId: Uint8Array | undefined, kind: StreamKind): Stream {
    const id = encode(participantId);
    if (this.#spentNames.has(nameOf(participantId, streamId, kind)))
      return { handle: undefined, participantId, streamId, kind };
    let handle: number;
    do {
      handle = this.#write(id, streamId ?? NO_STREAM_ID)
        ? this.#exports.add_opener(id.length, KINDS[kind])
        : -RESULT_TOO_SMALL;
    } while (handle === -RESULT_TOO_SMALL && this.#retireOpener());
    this.#idleOpeners.delete(handle);
    delete this.#streams.get(handle)?.told; // What was told of it was told of another subscription.
    return this.#streams.get(handle) ?? this.#remember(handle, participantId, streamId, kind);
  }

  /** A sealer ends, and its counter with it. */
  removeSealer({ handle }: Stream): void {
    if (handle === undefined) return;
    this.#exports.remove_stream(handle);
    this.#streams.delete(handle);
  }

  /** No receiver uses this opener any more; it stays, because it remembers what was opened. */
  releaseOpener({ handle }: Stream): void {
    if (handle !== undefined && this.#streams.has(handle)) this.#idleOpeners.add(handle);
  }

  /** Whether a sealed frame of this participant has ever opened. */
  hasHeard(participantId: string): boolean {
    return this.#participantsHeard.has(participantId);
  }

  /** Whether a key was ever set here. */
  get hasHadKey(): boolean {
    return this.#hasHadKey;
  }

  /** A frame of this stream passes in clear, as the app allows until there is a key. True. */
  tellInClear(stream: Stream): true {
    const isLocal = stream.participantId === this.localParticipantId;
    this.#tell(stream, isLocal ? "EncryptionFailed" : "DecryptionFailed", "in-clear");
    return true;
  }

  /** Whether it is a key frame shows in AV1 alone. */
  seal(
    stream: Stream,
    codec: Codec | undefined,
    frame: ArrayBuffer,
    isKeyFrame = false,
  ): Outcome {
    const { byteLength } = frame;
    if (byteLength === 0) return frame;
    if (codec === undefined) return this.#refuse(stream, "codec-not-supported");
    if (byteLength > FRAME_SIZE_MAX) return this.#refuse(stream, "frame-too-large");
    const refusal = this.#take(stream, frame);
    if (refusal !== undefined || stream.handle === undefined) return refusal ?? "not-ready";
    const { handle } = stream;
    const result = this.#exports.seal(handle, CODECS[codec], Number(isKeyFrame), byteLength);
    return this.#outcome(stream, result);
  }

  open(stream: Stream, frame: ArrayBuffer): Outcome {
    if (frame.byteLength === 0) return frame;
    const refusal = this.#take(stream, frame);
    if (refusal !== undefined || stream.handle === undefined) return refusal ?? "not-ready";
    const outcome = this.#outcome(stream, this.#exports.open(stream.handle, frame.byteLength));
    if (typeof outcome !== "string") this.#participantsHeard.add(stream.participantId);
    return outcome;
  }

  /** Edges since the last call; to be called every few hundred milliseconds. */
  pollEvents(): E2EEEvent[] {
    const events = this.#ownEvents.splice(0);
    while (this.#exports.poll_event(performance.now()) === 1) {
      const event = this.#readEvent(new DataView(this.#output(EVENT_RECORD_SIZE)));
      if (event) events.push(event);
    }
    return events;
  }

  /** Of every sealer, and of every opener, also of those that no receiver uses any more. */
  counts(): StreamCounts[] {
    return [...this.#streams].map(([handle, stream]) => {
      const totals = this.#totals(handle);
      const failed: StreamCounts["failed"] = {};
      totals.forEach((count, result) => {
        const reason = this.#reasons(stream)[result];
        if (result !== RESULT_REPLAYED && reason !== undefined && count > 0) failed[reason] = count;
      });
      const [passed = 0, replayed = 0] = [totals[RESULT_OK], totals[RESULT_REPLAYED]];
      return { ...describe(stream), passed, replayed, failed };
    });
  }

  /** Erases every key, stream and frame. Nothing passes from here on. */
  wipe(): void {
    this.#exports.wipe();
    this.#streams.clear();
    this.#idleOpeners.clear();
  }

  /** Frames by result, and behind them the key id of the last one that passed. */
  #totals(handle: number): Float64Array {
    const size = this.#exports.read_totals(handle);
    return new Float64Array(size > 0 ? this.#output(size) : new ArrayBuffer(0));
  }

  #readEvent(record: DataView): E2EEEvent | undefined {
    const stream = this.#streams.get(record.getUint32(0, true));
    const state = STATES[record.getUint32(4, true)];
    if (!stream || !state) return undefined;
    const reason = this.#reasons(stream)[record.getUint32(12, true)];
    // To the core they are not sealed; they passed all the same, and that was told.
    if (reason === "not-sealed" && stream.told === "in-clear" && !this.#hasHadKey) return undefined;
    const kid = record.getUint32(16, true);
    return {
      ...describe(stream),
      state,
      ...(reason !== undefined && { reason }),
      ...(kid !== 0 && { kid }),
      count: record.getFloat64(24, true),
      since: performance.timeOrigin + record.getFloat64(32, true),
    };
  }

  #remember(
    handle: number,
    participantId: string,
    streamId: Uint8Array | undefined,
    kind: StreamKind,
  ): Stream {
    if (handle < 0) return { handle: undefined, participantId, streamId, kind };
    const stream: Stream = { handle, participantId, streamId, kind };
    this.#streams.set(handle, stream);
    return stream;
  }

  #retireOpener(): boolean {
    const [handle] = this.#idleOpeners;
    const stream = handle === undefined ? undefined : this.#streams.get(handle);
    if (handle === undefined || !stream) return false;
    this.#exports.remove_stream(handle);
    this.#idleOpeners.delete(handle);
    this.#streams.delete(handle);
    this.#spentNames.add(nameOf(stream.participantId, stream.streamId, stream.kind));
    return true;
  }

  /** Puts a frame into the core's memory, or says why not. */
  #take(stream: Stream, frame: ArrayBuffer): E2EEReason | undefined {
    if (stream.handle === undefined) return this.#refuse(stream, "no-room-for-stream");
    if (!this.#write(new Uint8Array(frame))) return this.#refuse(stream, "frame-too-large");
    return undefined;
  }

  /** What the core itself never saw and so cannot tell. */
  #refuse(stream: Stream, reason: E2EEReason): E2EEReason {
    this.#tell(stream, "InternalError", reason);
    return reason;
  }

  #tell(stream: Stream, state: E2EEState, reason: E2EEReason): void {
    if (stream.told !== reason)
      this.#ownEvents.push({
        ...describe(stream),
        state,
        reason,
        count: 1,
        since: performance.timeOrigin + performance.now(),
      });
    stream.told = reason;
  }

  #outcome(stream: Stream, result: number): Outcome {
    if (result >= 0) return this.#output(result);
    return this.#reasons(stream)[-result] ?? "cryptographic-library";
  }

  #reasons({ participantId }: Stream): Record<number, E2EEReason> {
    return participantId === this.localParticipantId ? SEAL_REASONS : REASONS;
  }

  /** Writes the parts to the input region, which grows as needed. False if it cannot. */
  #write(...parts: Uint8Array[]): boolean {
    const size = parts.reduce((sum, part) => sum + part.length, 0);
    if (size > this.#capacity && !this.#reserve(Math.max(size, FIRST_CAPACITY))) return false;
    const memory = this.#memory();
    let at = this.#inputAddress;
    for (const part of parts) {
      memory.set(part, at);
      at += part.length;
    }
    return true;
  }

  #reserve(capacity: number): boolean {
    if (this.#exports.reserve(capacity) < 0) return false;
    this.#capacity = capacity;
    this.#inputAddress = this.#exports.input();
    this.#outputAddress = this.#exports.output();
    return true;
  }

  /** All memory. A view takes as long to make as a small frame to copy, so it is made anew only when
   * the memory has grown, which detaches it. */
  #memory(): Uint8Array<ArrayBuffer> {
    if (this.#view.length === 0)
      this.#view = new Uint8Array(this.#exports.memory.buffer as ArrayBuffer);
    return this.#view;
  }

  /** A copy. Slicing the view takes 0.15 µs less than slicing the memory's own buffer. */
  #output(size: number): ArrayBuffer {
    return this.#memory().slice(this.#outputAddress, this.#outputAddress + size).buffer;
  }
}

function describe({ participantId, streamId, kind }: Stream) {
  return { participantId, kind, ...(streamId && { streamId }) };
}

function nameOf(participantId: string, streamId: Uint8Array | undefined, kind: StreamKind): string {
  return JSON.stringify([participantId, kind, streamId?.join()]);
}

function requireKey(result: number): number {
  if (result < 0) throw new KeyRefused(result === -RESULT_KID_TAKEN ? "kid-taken" : "invalid-key");
  return result;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
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
