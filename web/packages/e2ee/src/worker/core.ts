// The C core (wasm/exports.c) as TypeScript: its streams, and their frames. One instance is one meeting.

import type { KeyForm } from "../messages";
import type { E2EEEvent, E2EEReason, E2EEState, StreamCounts, StreamKind } from "../states";
import type { Codec } from "./codec";
import { CoreKeys, type KeyDescription } from "./core_keys";
import { CoreModule, encode, RESULT, supportedVariant, type Variant } from "./module";

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

const REASONS: Record<number, E2EEReason> = {
  [RESULT.missingKey]: "missing-key",
  [RESULT.notReady]: "not-ready",
  [RESULT.exhausted]: "exhausted",
  [RESULT.tampered]: "tampered",
  [RESULT.notSealed]: "not-sealed",
  [RESULT.notLive]: "not-live",
  [RESULT.replayed]: "replayed",
  [RESULT.tooSmall]: "destination-too-small",
  [RESULT.invalid]: "invalid-argument",
  [RESULT.internal]: "cryptographic-library",
};
/** Codec and size are right when a frame comes to the core: what it refuses is H.264 or H.265. */
const SEAL_REASONS = { ...REASONS, [RESULT.invalid]: "frame-without-slice" };
const STATES: Record<number, E2EEState> = {
  1: "EncryptionSuccess",
  2: "EncryptionFailed",
  3: "DecryptionSuccess",
  4: "DecryptionFailed",
  5: "InternalError",
};
const KINDS: Record<StreamKind, number> = { audio: 1, video: 2, share: 3, shareAudio: 4 };
const DATA_KIND = 5;
const CODECS: Record<Codec, number> = {
  opus: 1,
  red: 2,
  vp8: 3,
  vp9: 4,
  h264: 5,
  h265: 6,
  av1: 7,
};

/** Before sealing; the core knows how much more it may be on the wire. */
const FRAME_SIZE_MAX = 16 * 1024 * 1024;
const EVENT_RECORD_SIZE = 40;
/** Where the key id of the last frame stands, behind a total for each result. */
const LAST_KID = RESULT.internal + 1;
const LIVE_RECORD_SIZE = 32;
const STREAM_ID_SIZE = 16;
/** In one answer. */
export const CHALLENGES_MAX = 256;
/** A name under which nothing is sealed: whatever comes in clear does not open. */
const NO_STREAM_ID = new Uint8Array(STREAM_ID_SIZE);

export class Core {
  readonly localParticipantId: string;
  readonly keys: CoreKeys;
  #module: CoreModule;
  /** By handle. */
  #streams = new Map<number, Stream>();
  /** Handles of openers that no receiver uses, the longest idle one first. */
  #idleOpeners = new Set<number>();
  /** Names of streams whose opener gave way: what it remembered is gone, so nothing opens again. */
  #spentNames = new Set<string>();
  #participantsHeard = new Set<string>();
  /** By participant, the names of streams that their latest answer named, and their next counters. */
  #live = new Map<string, Map<string, number>>();
  /** Whose frames were dropped because no answer had named their stream. */
  #notLive = new Set<string>();
  /** Seals answers; there is one as soon as anything is sent. */
  #dataSealer: number | undefined;
  #ownEvents: E2EEEvent[] = [];

  private constructor(module: CoreModule, participantId: string) {
    this.#module = module;
    this.keys = new CoreKeys(module);
    this.localParticipantId = participantId;
  }

  /** Throws where WebAssembly is refused, and for ids that no stream key can be made of. */
  static async create(
    roomId: string,
    participantId: string,
    suite: 4 | 5,
    variant: Variant = supportedVariant(),
  ): Promise<Core> {
    const module = await CoreModule.load(variant);
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
    const opened = new Map<number, { passed: number; kid: number }>();
    for (const [handle, { participantId }] of this.#streams) {
      if (participantId === this.localParticipantId) continue;
      const totals = this.#totals(handle);
      opened.set(handle, { passed: totals[RESULT.ok] ?? 0, kid: totals[LAST_KID] ?? 0 });
    }
    return opened;
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
    return this.#remember(handle, this.localParticipantId, streamId, kind);
  }

  #addSealer(streamId: Uint8Array, kind: number): number {
    const id = encode(this.localParticipantId);
    return this.#module.write(id, streamId)
      ? this.#module.exports.add_sealer(id.length, kind)
      : -RESULT.tooSmall;
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
      handle = this.#module.write(id, streamId ?? NO_STREAM_ID)
        ? this.#module.exports.add_opener(id.length, KINDS[kind])
        : -RESULT.tooSmall;
    } while (handle === -RESULT.tooSmall && this.#retireOpener());
    this.#idleOpeners.delete(handle);
    delete this.#streams.get(handle)?.told; // What was told of it was told of another subscription.
    const counter = this.#live.get(participantId)?.get(nameOf(participantId, streamId, kind));
    if (counter !== undefined) this.#module.exports.set_live(handle, counter);
    return this.#streams.get(handle) ?? this.#remember(handle, participantId, streamId, kind);
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
    if (count < 0) return REASONS[-count] ?? "cryptographic-library";
    const live = readLiveStreams(participantId, this.#module.output(count * LIVE_RECORD_SIZE));
    this.#live.set(participantId, live);
    this.#notLive.delete(participantId);
    for (const [handle, stream] of this.#streams) {
      if (stream.participantId !== participantId) continue;
      const counter = live.get(nameOf(participantId, stream.streamId, stream.kind));
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
    if (handle === undefined) return;
    this.#module.exports.remove_stream(handle);
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
    const { exports } = this.#module;
    const result = exports.seal(handle, CODECS[codec], Number(isKeyFrame), byteLength);
    return this.#outcome(stream, result);
  }

  open(stream: Stream, frame: ArrayBuffer): Outcome {
    if (frame.byteLength === 0) return frame;
    const refusal = this.#take(stream, frame);
    if (refusal !== undefined || stream.handle === undefined) return refusal ?? "not-ready";
    const result = this.#module.exports.open(stream.handle, frame.byteLength);
    const outcome = this.#outcome(stream, result);
    if (typeof outcome !== "string") this.#participantsHeard.add(stream.participantId);
    else if (outcome === "not-live") this.#notLive.add(stream.participantId);
    return outcome;
  }

  /** Edges since the last call; to be called every few hundred milliseconds. */
  pollEvents(): E2EEEvent[] {
    const events = this.#ownEvents.splice(0);
    while (this.#module.exports.poll_event(performance.now()) === 1) {
      const event = this.#readEvent(new DataView(this.#module.output(EVENT_RECORD_SIZE)));
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
        if (result !== RESULT.replayed && reason !== undefined && count > 0) failed[reason] = count;
      });
      const [passed = 0, replayed = 0] = [totals[RESULT.ok], totals[RESULT.replayed]];
      return { ...describe(stream), passed, replayed, failed };
    });
  }

  /** Erases every key, stream and frame. Nothing passes from here on. */
  wipe(): void {
    this.#module.exports.wipe();
    this.#streams.clear();
    this.#idleOpeners.clear();
    this.#live.clear();
    this.#dataSealer = undefined;
  }

  /** Frames by result, and behind them the key id of the last one that passed. */
  #totals(handle: number): Float64Array {
    const size = this.#module.exports.read_totals(handle);
    return new Float64Array(size > 0 ? this.#module.output(size) : new ArrayBuffer(0));
  }

  #readEvent(record: DataView): E2EEEvent | undefined {
    const stream = this.#streams.get(record.getUint32(0, true));
    const state = STATES[record.getUint32(4, true)];
    if (!stream || !state) return undefined;
    const reason = this.#reasons(stream)[record.getUint32(12, true)];
    // To the core they are not sealed; they passed all the same, and that was told.
    if (reason === "not-sealed" && stream.told === "in-clear" && !this.keys.hasHadKey) return undefined;
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
    this.#module.exports.remove_stream(handle);
    this.#idleOpeners.delete(handle);
    this.#streams.delete(handle);
    this.#spentNames.add(nameOf(stream.participantId, stream.streamId, stream.kind));
    return true;
  }

  /** Puts a frame into the core's memory, or says why not. */
  #take(stream: Stream, frame: ArrayBuffer): E2EEReason | undefined {
    if (stream.handle === undefined) return this.#refuse(stream, "no-room-for-stream");
    if (!this.#module.write(new Uint8Array(frame))) return this.#refuse(stream, "frame-too-large");
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
    if (result >= 0) return this.#module.output(result);
    return this.#reasons(stream)[-result] ?? "cryptographic-library";
  }

  #reasons({ participantId }: Stream): Record<number, E2EEReason> {
    return participantId === this.localParticipantId ? SEAL_REASONS : REASONS;
  }
}

function describe({ participantId, streamId, kind }: Stream) {
  return { participantId, kind, ...(streamId && { streamId }) };
}

function nameOf(participantId: string, streamId: Uint8Array | undefined, kind: StreamKind): string {
  return JSON.stringify([participantId, kind, streamId?.join()]);
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
