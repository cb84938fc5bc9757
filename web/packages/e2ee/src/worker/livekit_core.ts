// The C core's module of the format "livekit" (wasm/livekit_exports.c) as TypeScript. One instance is one
// meeting.

import type { LivekitOptions } from "../livekit_options";
import type { E2EEEvent, StreamCounts, StreamKind } from "../states";
import { type Codec, codecOf } from "./codec";
import { LivekitCoreKeys } from "./livekit_core_keys";
import { encode, RESULT, supportedVariant, type Variant, WasmModule } from "./module";
import { OpenerUsers } from "./opener_users";
import type { EncodedFrame, FrameCore } from "./pipe";
import {
  CODECS,
  FRAME_SIZE_MAX,
  KINDS,
  nameOf,
  type Outcome,
  type Stream,
  type StreamExports,
  Streams,
} from "./streams";

export interface LivekitExports extends StreamExports {
  set_meeting(
    saltSize: number,
    keySize: number,
    ringSize: number,
    ratchetWindow: number,
    failureTolerance: number,
  ): number;
  set_trailer(size: number): number;
  set_key_raw(idSize: number, keySize: number, index: number, makesCurrent: number): number;
  begin_key_text(idSize: number, textSize: number, index: number, makesCurrent: number): number;
  work(rounds: number): number;
  is_waiting(idSize: number): number;
  list_keys(idSize: number): number;
  ratchet_key(idSize: number, index: number): number;
  use_key(idSize: number, index: number): number;
  forget_keys(idSize: number): number;
  end_previous(): number;
  poll_ratcheted(): number;
  add_sealer(idSize: number, kind: number): number;
  add_opener(idSize: number, kind: number): number;
  seal(
    handle: number,
    codec: number,
    isKeyFrame: number,
    ssrc: number,
    timestamp: number,
    size: number,
  ): number;
  open(handle: number, codec: number, isKeyFrame: number, size: number): number;
}

/** A picture whose codec is not known, as the core numbers it. */
const OTHER = 0;
const RANDOM_SIZE = 16;

export class LivekitCore implements FrameCore {
  readonly keys: LivekitCoreKeys;
  #module: WasmModule<LivekitExports>;
  #streams: Streams;
  /** Openers by stream. */
  #openers = new Map<string, number>();
  /** By the stream's name. */
  #users = new OpenerUsers<string>();
  #participantsHeard = new Set<string>();

  private constructor(module: WasmModule<LivekitExports>, participantId: string) {
    this.#module = module;
    this.#streams = new Streams(module, participantId, "frame-too-short");
    this.keys = new LivekitCoreKeys(module);
  }

  /**
   * From the module's variants in base64. Throws where WebAssembly is refused, and for options outside
   * what the core allows.
   */
  static async create(
    participantId: string,
    options: LivekitOptions,
    texts: Record<Variant, string>,
    variant: Variant = supportedVariant(),
  ): Promise<LivekitCore> {
    const module = await WasmModule.instantiate<LivekitExports>(texts[variant]);
    const { ratchetSalt, keySize, keyringSize, ratchetWindowSize, failureTolerance } = options;
    const salt = encode(ratchetSalt);
    if (
      !module.write(salt) ||
      module.exports.set_meeting(
        salt.length,
        keySize / 8,
        keyringSize,
        ratchetWindowSize,
        failureTolerance,
      ) < 0
    )
      throw new RangeError("an option of the format livekit is outside what is allowed");
    return new LivekitCore(module, participantId);
  }

  get localParticipantId(): string {
    return this.#streams.localParticipantId;
  }

  /** What frames end with that a LiveKit server injects: they are dropped. */
  setSifTrailer(trailer: Uint8Array): boolean {
    return this.#module.write(trailer) && this.#module.exports.set_trailer(trailer.length) === 0;
  }

  addSealer(streamId: Uint8Array, kind: StreamKind): Stream {
    const id = encode(this.localParticipantId);
    const random = crypto.getRandomValues(new Uint8Array(RANDOM_SIZE));
    const handle = this.#module.write(id, random)
      ? this.#module.exports.add_sealer(id.length, KINDS[kind])
      : -RESULT.tooSmall;
    return this.#streams.remember(handle, this.localParticipantId, streamId, kind);
  }

  removeSealer({ handle }: Stream): void {
    if (handle !== undefined) this.#streams.remove(handle);
  }

  /**
   * The same stream again gets the same opener, with its counts. Where there is no room one that nobody
   * uses gives way. What was opened is remembered by the meeting, whatever becomes of openers.
   */
  addOpener(participantId: string, streamId: Uint8Array | undefined, kind: StreamKind): Stream {
    const name = nameOf(participantId, streamId, kind);
    const stream = this.#streams.get(this.#openers.get(name) ?? 0);
    if (stream) {
      this.#users.add(name);
      delete stream.told; // What was told of it was told of another subscription.
      return stream;
    }
    const id = encode(participantId);
    let handle: number;
    do {
      handle = this.#module.write(id)
        ? this.#module.exports.add_opener(id.length, KINDS[kind])
        : -RESULT.tooSmall;
    } while (handle === -RESULT.tooSmall && this.#retireOpener());
    if (handle > 0) {
      this.#openers.set(name, handle);
      this.#users.add(name);
    }
    return this.#streams.remember(handle, participantId, streamId, kind);
  }

  releaseOpener({ handle, participantId, streamId, kind }: Stream): void {
    if (handle !== undefined) this.#users.release(nameOf(participantId, streamId, kind));
  }

  /** Keys of the ring open side by side: nothing is held for a key frame. */
  holdKey(): void {}

  hasHeard(participantId: string): boolean {
    return this.#participantsHeard.has(participantId);
  }

  tellInClear(stream: Stream): true {
    return this.#streams.tellInClear(stream);
  }

  /** SSRC and timestamp make the nonce: a frame without them is not sealed. */
  sealFrame(stream: Stream, frame: EncodedFrame): Outcome {
    if (frame.data.byteLength === 0) return frame.data;
    const metadata = frame.getMetadata();
    const ssrc = metadata.synchronizationSource;
    const timestamp = metadata.rtpTimestamp ?? frame.timestamp;
    const codec = codecFor(stream.kind, metadata.mimeType);
    if (codec === "av1") return this.#streams.refuse(stream, "codec-not-supported");
    if (ssrc === undefined) return this.#streams.refuse(stream, "ssrc-missing");
    if (timestamp === undefined) return this.#streams.refuse(stream, "timestamp-missing");
    if (frame.data.byteLength > FRAME_SIZE_MAX)
      return this.#streams.refuse(stream, "frame-too-large");
    const refusal = this.#streams.take(stream, frame.data);
    if (refusal !== undefined || stream.handle === undefined) return refusal ?? "not-ready";
    const result = this.#module.exports.seal(
      stream.handle,
      numberOf(codec),
      Number(frame.type === "key"),
      ssrc,
      timestamp,
      frame.data.byteLength,
    );
    return this.#streams.outcome(stream, result);
  }

  openFrame(stream: Stream, frame: EncodedFrame): Outcome {
    if (frame.data.byteLength === 0) return frame.data;
    const codec = codecFor(stream.kind, frame.getMetadata().mimeType);
    if (codec === "av1") return this.#streams.refuse(stream, "codec-not-supported");
    const refusal = this.#streams.take(stream, frame.data);
    if (refusal !== undefined || stream.handle === undefined) return refusal ?? "not-ready";
    const result = this.#module.exports.open(
      stream.handle,
      numberOf(codec),
      Number(frame.type === "key"),
      frame.data.byteLength,
    );
    const outcome = this.#streams.outcome(stream, result);
    if (typeof outcome !== "string") this.#participantsHeard.add(stream.participantId);
    return outcome;
  }

  /** Edges since the last call; to be called every few hundred milliseconds. */
  pollEvents(): E2EEEvent[] {
    // The core names a key index plus one, because 0 is no name.
    return this.#streams
      .pollEvents(this.keys.hasHadKey)
      .map(({ kid, ...event }) => ({ ...event, ...(kid !== undefined && { kid: kid - 1 }) }));
  }

  counts(): StreamCounts[] {
    return this.#streams.counts();
  }

  /** Erases every key, stream and frame. Nothing passes from here on. */
  wipe(): void {
    this.#module.exports.wipe();
    this.#streams.clear();
    this.#openers.clear();
    this.#users.clear();
  }

  #retireOpener(): boolean {
    const name = this.#users.takeIdle();
    if (name === undefined) return false;
    this.#streams.remove(this.#openers.get(name) ?? 0);
    return this.#openers.delete(name);
  }
}

/** As LiveKit: all sound is one to it, and of a picture's codec the frame's own bytes decide. */
function codecFor(kind: StreamKind, mimeType: string | undefined): Codec | undefined {
  if (kind === "audio" || kind === "shareAudio") return "opus";
  return codecOf(mimeType);
}

function numberOf(codec: Codec | undefined): number {
  return codec === undefined ? OTHER : CODECS[codec];
}
