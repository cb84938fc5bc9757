// The C core (wasm/exports.c) as TypeScript: its streams, and their frames. One instance is one meeting.

import { STREAM_ID_SIZE } from "../checks";
import type { KeyForm } from "../messages";
import type { E2EEEvent, E2EEReason, StreamCounts, StreamKind } from "../states";
import { type Codec, codecOf } from "./codec";
import { CoreKeys, type KeyDescription } from "./core_keys";
import {
  type CoreModule,
  encode,
  loadCore,
  RESULT,
  supportedVariant,
  type Variant,
} from "./module";
import { OpenerUsers } from "./opener_users";
import type { EncodedFrame, FrameCore } from "./pipe";
import {
  CODECS,
  FRAME_SIZE_MAX,
  KINDS,
  nameOf,
  type Outcome,
  reasonOf,
  type Stream,
  Streams,
} from "./streams";

export type { Stream } from "./streams";

const DATA_KIND = 5;
const LIVE_RECORD_SIZE = 32;
/** In one answer. */
export const CHALLENGES_MAX = 256;
/** A name under which nothing is sealed: whatever comes in clear does not open. */
const NO_STREAM_ID = new Uint8Array(STREAM_ID_SIZE);

export class Core implements FrameCore {
  readonly keys: CoreKeys;
  #module: CoreModule;
  #streams: Streams;
  /** By handle. */
  #users = new OpenerUsers<number>();
  /** Names of streams whose opener gave way: what it had opened is forgotten, so nothing opens again. */
  #spentNames = new Set<string>();
  #participantsHeard = new Set<string>();
  /** By participant, the names of streams that their latest answer named, and their next counters. */
  #live = new Map<string, Map<string, number>>();
  /** Whose frames were dropped because no answer had named their stream. */
  #notLive = new Set<string>();
  /** Seals answers; there is one as soon as anything is sent. */
  #dataSealer: number | undefined;

  private constructor(module: CoreModule, participantId: string) {
    this.#module = module;
    this.#streams = new Streams(module, participantId, "frame-without-slice");
    this.keys = new CoreKeys(module);
  }

  get localParticipantId(): string {
    return this.#streams.localParticipantId;
  }

  /** Throws where WebAssembly is refused, and for ids that no stream key can be made of. */
  static async create(
    roomId: string,
    participantId: string,
    suite: 4 | 5,
    variant: Variant = supportedVariant(),
  ): Promise<Core> {
    const module = await loadCore(variant);
    const room = encode(roomId);
    if (!module.write(room) || module.exports.set_meeting(room.length, suite) < 0)
      throw new RangeError("the room id is empty or longer than 255 bytes");
    return new Core(module, participantId);
  }

  /** Sets an owner's key, as `keys.set` does, and it seals from now on. */
  async setKey(form: KeyForm, key: Uint8Array, owner = ""): Promise<KeyDescription> {
    const description = await this.keys.set(form, key, owner);
    this.keys.use(description.kid, owner);
    return description;
  }

  /** Of each stream of others: how many frames opened, and under which key the last of them. */
  openedByHandle(): Map<number, { passed: number; kid: number }> {
    return this.#streams.openedByHandle();
  }

  /**
   * Ends older keys, and follows steps of the ratchet that others took first: true if there were any. To
   * be called at least every 200 ms.
   */
  handleTimeout(now: number): boolean {
    return this.#module.exports.handle_timeout(now) > 0;
  }

  /** Whether a sealer goes on with the key of now, until a call with false, whatever key is used. */
  holdKey({ handle }: Stream, holds: boolean): void {
    if (handle !== undefined) this.#module.exports.hold_key(handle, holds ? 1 : 0);
  }

  addSealer(streamId: Uint8Array, kind: StreamKind): Stream {
    const dataStreamId = crypto.getRandomValues(new Uint8Array(STREAM_ID_SIZE));
    this.#dataSealer ??= this.#addSealer(dataStreamId, DATA_KIND);
    const handle = this.#addSealer(streamId, KINDS[kind]);
    return this.#streams.remember(handle, this.localParticipantId, streamId, kind);
  }

  #addSealer(streamId: Uint8Array, kind: number): number {
    const id = encode(this.localParticipantId);
    return this.#module.write(id, streamId)
      ? this.#module.exports.add_sealer(id.length, kind)
      : -RESULT.tooSmall;
  }

  /**
   * The same stream again gets the same opener, with what it remembers. Where there is no room an
   * opener that nobody uses gives way, and if it has opened anything, its stream never opens again.
   */
  addOpener(participantId: string, streamId: Uint8Array | undefined, kind: StreamKind): Stream {
    const id = encode(participantId);
    if (this.#spentNames.has(nameOf(participantId, streamId, kind)))
      return { handle: undefined, participantId, streamId, kind };
    let handle: number;
    do {
      handle = this.#module.write(id, streamId ?? NO_STREAM_ID)
        ? this.#module.exports.add_opener(id.length, KINDS[kind])
        : -RESULT.tooSmall;
    } while (handle === -RESULT.tooSmall && this.#retireOpener());
    if (handle >= 0) this.#users.add(handle);
    delete this.#streams.get(handle)?.told; // What was told of it was told of another subscription.
    const counter = this.#live.get(participantId)?.get(nameOf(participantId, streamId, kind));
    if (counter !== undefined) this.#module.exports.set_live(handle, counter);
    return this.#streams.get(handle) ?? this.#streams.remember(handle, participantId, streamId, kind);
  }

  /** Frames open without answers from here on: for apps whose signalling carries none. */
  waiveLiveness(): void {
    this.#module.exports.waive_liveness();
  }

  /** What answers must repeat from now on. Streams that have an opener and are live stay so. */
  setChallenge(challenge: Uint8Array): void {
    this.#live.clear();
    if (this.#module.write(challenge)) this.#module.exports.set_challenge();
  }

  /**
   * Answers others' challenges, at most CHALLENGES_MAX, for everything that is sent. Undefined while
   * nothing is, or while there is no key to seal with.
   */
  sealAnswer(challenges: Uint8Array[]): Uint8Array | undefined {
    if (this.#dataSealer === undefined || !this.#module.write(...challenges)) return undefined;
    const size = this.#module.exports.seal_answer(this.#dataSealer, challenges.length);
    return size < 0 ? undefined : new Uint8Array(this.#module.output(size));
  }

  /**
   * What an answer to this client's challenge names may open from now on; streams that it does not
   * name and that have no opener yet may not. Undefined, or why it counts for nothing.
   */
  openAnswer(participantId: string, answer: Uint8Array): E2EEReason | undefined {
    const id = encode(participantId);
    if (!this.#module.write(id, answer)) return "not-sealed";
    const count = this.#module.exports.open_answer(id.length, answer.length);
    if (count < 0) return reasonOf(count);
    const live = readLiveStreams(participantId, this.#module.output(count * LIVE_RECORD_SIZE));
    this.#live.set(participantId, live);
    this.#notLive.delete(participantId);
    for (const { handle, streamId, kind, ...stream } of this.#streams.all()) {
      if (stream.participantId !== participantId || handle === undefined) continue;
      const counter = live.get(nameOf(participantId, streamId, kind));
      if (counter !== undefined) this.#module.exports.set_live(handle, counter);
    }
    return undefined;
  }

  /** Somebody has left. What is live stays so: it remembers what was opened. */
  forgetAnswer(participantId: string): void {
    this.#live.delete(participantId);
    this.#notLive.delete(participantId);
  }

  /** Whose frames were dropped since the last call because no answer had named their stream. */
  takeNotLive(): string[] {
    const participantIds = [...this.#notLive];
    this.#notLive.clear();
    return participantIds;
  }

  /** A sealer ends, and its counter with it. */
  removeSealer({ handle }: Stream): void {
    if (handle !== undefined) this.#streams.remove(handle);
  }

  /** A receiver uses this opener no more; it stays, because it remembers what was opened. */
  releaseOpener({ handle }: Stream): void {
    if (handle !== undefined) this.#users.release(handle);
  }

  /** Whether a sealed frame of this participant has ever opened. */
  hasHeard(participantId: string): boolean {
    return this.#participantsHeard.has(participantId);
  }

  /** A frame of this stream passes in clear, as the app allows until there is a key. True. */
  tellInClear(stream: Stream): true {
    return this.#streams.tellInClear(stream);
  }

  sealFrame(stream: Stream, frame: EncodedFrame): Outcome {
    const codec = codecOf(frame.getMetadata().mimeType);
    return this.seal(stream, codec, frame.data, frame.type === "key");
  }

  openFrame(stream: Stream, frame: EncodedFrame): Outcome {
    return this.open(stream, frame.data);
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
    if (codec === undefined) return this.#streams.refuse(stream, "codec-not-supported");
    if (byteLength > FRAME_SIZE_MAX) return this.#streams.refuse(stream, "frame-too-large");
    const refusal = this.#streams.take(stream, frame);
    if (refusal !== undefined || stream.handle === undefined) return refusal ?? "not-ready";
    const { handle } = stream;
    const { exports } = this.#module;
    const result = exports.seal(handle, CODECS[codec], Number(isKeyFrame), byteLength);
    return this.#streams.outcome(stream, result);
  }

  open(stream: Stream, frame: ArrayBuffer): Outcome {
    if (frame.byteLength === 0) return frame;
    const refusal = this.#streams.take(stream, frame);
    if (refusal !== undefined || stream.handle === undefined) return refusal ?? "not-ready";
    const result = this.#module.exports.open(stream.handle, frame.byteLength);
    const outcome = this.#streams.outcome(stream, result);
    if (typeof outcome !== "string") this.#participantsHeard.add(stream.participantId);
    else if (outcome === "not-live") this.#notLive.add(stream.participantId);
    return outcome;
  }

  /** Edges since the last call; to be called every few hundred milliseconds. */
  pollEvents(): E2EEEvent[] {
    return this.#streams.pollEvents(this.keys.hasHadKey);
  }

  /** Of every sealer, and of every opener, also of those that no receiver uses any more. */
  counts(): StreamCounts[] {
    return this.#streams.counts();
  }

  /** Erases every key, stream and frame. Nothing passes from here on. */
  wipe(): void {
    this.#module.exports.wipe();
    this.#streams.clear();
    this.#users.clear();
    this.#live.clear();
    this.#dataSealer = undefined;
  }

  #retireOpener(): boolean {
    const handle = this.#users.takeIdle();
    const stream = handle === undefined ? undefined : this.#streams.get(handle);
    if (handle === undefined || !stream) return false;
    // A server can announce names without end, but none of them opens anything without the key.
    if (this.#streams.hasPassed(handle))
      this.#spentNames.add(nameOf(stream.participantId, stream.streamId, stream.kind));
    this.#streams.remove(handle);
    return true;
  }
}

/** By name, the counters of the streams of media in what the core wrote of an answer. */
function readLiveStreams(participantId: string, records: ArrayBuffer): Map<string, number> {
  const live = new Map<string, number>();
  const kinds = Object.keys(KINDS) as StreamKind[];
  for (let at = 0; at < records.byteLength; at += LIVE_RECORD_SIZE) {
    const view = new DataView(records, at, LIVE_RECORD_SIZE);
    const kind = kinds.find((each) => KINDS[each] === view.getUint32(16, true));
    const streamId = new Uint8Array(records, at, STREAM_ID_SIZE);
    if (kind) live.set(nameOf(participantId, streamId, kind), view.getFloat64(24, true));
  }
  return live;
}
