// The streams of one core, whatever the format: what became of their frames, and what is told of it.

import type { E2EEEvent, E2EEReason, E2EEState, StreamCounts, StreamKind } from "../states";
import type { Codec } from "./codec";
import { RESULT, type RegionExports, type WasmModule } from "./module";

/** One sealer or opener. Without a handle the core has no room for it: nothing passes. */
export interface Stream {
  handle: number | undefined;
  participantId: string;
  /** Absent if the sender declares no encryption. */
  streamId: Uint8Array | undefined;
  kind: StreamKind;
  /** What was told of it by other means than the core's, and when; no reason: it is over. */
  told?: { reason: E2EEReason | undefined; at: number };
  /** The last event of the core's own. */
  coreState?: E2EEState;
}

/** A sealed or an opened frame, or why there is none. */
export type Outcome = ArrayBuffer | E2EEReason;

/** Before sealing; the core knows how much more it may be on the wire. */
export const FRAME_SIZE_MAX = 16 * 1024 * 1024;

/** As the core numbers them. */
export const CODECS: Record<Codec, number> = {
  opus: 1,
  red: 2,
  vp8: 3,
  vp9: 4,
  h264: 5,
  h265: 6,
  av1: 7,
};

export const KINDS: Record<StreamKind, number> = { audio: 1, video: 2, share: 3, shareAudio: 4 };

/** What modules of all formats have for streams. */
export interface StreamExports extends RegionExports {
  remove_stream(handle: number): number;
  poll_event(nowMs: number): number;
  read_totals(handle: number): number;
}

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
/** Sizes and codecs are looked at before: what the core refuses to seal is a frame by its content. */
export type SealRefusal = "frame-without-slice" | "frame-too-short";
const STATES: Record<number, E2EEState> = {
  1: "EncryptionSuccess",
  2: "EncryptionFailed",
  3: "DecryptionSuccess",
  4: "DecryptionFailed",
  5: "InternalError",
};

const EVENT_RECORD_SIZE = 40;
/** At most one event of a stream in this time. */
const EVENT_INTERVAL_MS = 1_000;
/** Where the key id of the last frame stands, behind a total for each result. */
const LAST_KID = RESULT.internal + 1;

/** Of a call that failed. */
export function reasonOf(result: number): E2EEReason {
  return REASONS[-result] ?? "cryptographic-library";
}

export class Streams {
  readonly localParticipantId: string;
  #module: WasmModule<StreamExports>;
  #sealReasons: Record<number, E2EEReason>;
  #byHandle = new Map<number, Stream>();
  /** Told by this side of the module alone. */
  #ownEvents: E2EEEvent[] = [];

  constructor(
    module: WasmModule<StreamExports>,
    localParticipantId: string,
    sealRefusal: SealRefusal,
  ) {
    this.#module = module;
    this.#sealReasons = { ...REASONS, [RESULT.invalid]: sealRefusal };
    this.localParticipantId = localParticipantId;
  }

  /** What a call that adds a stream returned. */
  remember(
    handle: number,
    participantId: string,
    streamId: Uint8Array | undefined,
    kind: StreamKind,
  ): Stream {
    if (handle < 0) return { handle: undefined, participantId, streamId, kind };
    const stream: Stream = { handle, participantId, streamId, kind };
    this.#byHandle.set(handle, stream);
    return stream;
  }

  get(handle: number): Stream | undefined {
    return this.#byHandle.get(handle);
  }

  all(): Stream[] {
    return [...this.#byHandle.values()];
  }

  /** Ends it, in the core too. */
  remove(handle: number): void {
    this.#module.exports.remove_stream(handle);
    this.#byHandle.delete(handle);
  }

  clear(): void {
    this.#byHandle.clear();
  }

  /** What the core made of a frame of this stream. */
  outcome(stream: Stream, result: number): Outcome {
    if (result >= 0) {
      if (stream.told?.reason !== undefined) this.#tellPassing(stream);
      return this.#module.output(result);
    }
    return this.#reasons(stream)[-result] ?? "cryptographic-library";
  }

  /** Puts a frame into the core's memory, or says why not. */
  take(stream: Stream, frame: ArrayBuffer): E2EEReason | undefined {
    if (stream.handle === undefined) return this.refuse(stream, "no-room-for-stream");
    if (!this.#module.write(new Uint8Array(frame))) return this.refuse(stream, "frame-too-large");
    return undefined;
  }

  /** What the core itself never saw and so cannot tell. */
  refuse(stream: Stream, reason: E2EEReason): E2EEReason {
    this.#tell(stream, "InternalError", reason);
    return reason;
  }

  /** A frame of this stream passes in clear, as the app allows until there is a key. True. */
  tellInClear(stream: Stream): true {
    const isLocal = stream.participantId === this.localParticipantId;
    this.#tell(stream, isLocal ? "EncryptionFailed" : "DecryptionFailed", "in-clear");
    return true;
  }

  /** Edges since the last call; to be called every few hundred milliseconds. */
  pollEvents(hasHadKey: boolean): E2EEEvent[] {
    const events = this.#ownEvents.splice(0);
    while (this.#module.exports.poll_event(performance.now()) === 1) {
      const record = new DataView(this.#module.output(EVENT_RECORD_SIZE));
      const event = this.#readEvent(record, hasHadKey);
      if (event) events.push(event);
    }
    return events;
  }

  /** Of every sealer, and of every opener, also of those that no receiver uses any more. */
  counts(): StreamCounts[] {
    return [...this.#byHandle].map(([handle, stream]) => {
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

  /** Of each stream of others: how many frames opened, and under which key the last of them. */
  openedByHandle(): Map<number, { passed: number; kid: number }> {
    const opened = new Map<number, { passed: number; kid: number }>();
    for (const [handle, { participantId }] of this.#byHandle) {
      if (participantId === this.localParticipantId) continue;
      const totals = this.#totals(handle);
      opened.set(handle, { passed: totals[RESULT.ok] ?? 0, kid: totals[LAST_KID] ?? 0 });
    }
    return opened;
  }

  /** Whether a frame of it was ever sealed or opened. */
  hasPassed(handle: number): boolean {
    return (this.#totals(handle)[RESULT.ok] ?? 0) > 0;
  }

  /** Frames by result, and behind them the key id of the last one that passed. */
  #totals(handle: number): Float64Array {
    const size = this.#module.exports.read_totals(handle);
    return new Float64Array(size > 0 ? this.#module.output(size) : new ArrayBuffer(0));
  }

  #readEvent(record: DataView, hasHadKey: boolean): E2EEEvent | undefined {
    const stream = this.#byHandle.get(record.getUint32(0, true));
    const state = STATES[record.getUint32(4, true)];
    if (!stream || !state) return undefined;
    stream.coreState = state;
    const reason = this.#reasons(stream)[record.getUint32(12, true)];
    // To the core they are not sealed; they passed all the same, and that was told.
    if (reason === "not-sealed" && stream.told?.reason === "in-clear" && !hasHadKey) return undefined;
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

  #reasons({ participantId }: Stream): Record<number, E2EEReason> {
    return participantId === this.localParticipantId ? this.#sealReasons : REASONS;
  }

  /** Frames pass that were refused. What the core did not see fail it does not see mended either. */
  #tellPassing(stream: Stream): void {
    const { told, coreState } = stream;
    const isMended = coreState === "EncryptionSuccess" || coreState === "DecryptionSuccess";
    if (told?.reason !== "in-clear" && isMended) this.#tell(stream, coreState, undefined);
  }

  #tell(stream: Stream, state: E2EEState, reason: E2EEReason | undefined): void {
    const [{ told }, at] = [stream, performance.now()];
    if (told && (told.reason === reason || at - told.at < EVENT_INTERVAL_MS)) return;
    stream.told = { reason, at };
    this.#ownEvents.push({
      ...describe(stream),
      state,
      ...(reason !== undefined && { reason }),
      count: 1,
      since: performance.timeOrigin + at,
    });
  }
}

function describe({ participantId, streamId, kind }: Stream) {
  return { participantId, kind, ...(streamId && { streamId }) };
}

/** One stream of one participant, as a key of maps. */
export function nameOf(
  participantId: string,
  streamId: Uint8Array | undefined,
  kind: StreamKind,
): string {
  return JSON.stringify([participantId, kind, streamId?.join()]);
}
