// One stream's way through the worker: sealed or opened frames pass, everything else is dropped.

import type { Policy } from "../key_provider";
import type { OpenOptions, SealOptions, StreamOptions } from "../messages";
import type { StreamKind } from "../states";
import type { Outcome, Stream } from "./streams";

/** What encoded frames have in common; audio frames have no type. */
export interface EncodedFrame {
  data: ArrayBuffer;
  readonly type?: "key" | "delta" | "empty";
  /** Of RTP; where there is one in the metadata, that one counts. */
  readonly timestamp?: number;
  getMetadata(): { mimeType?: string; synchronizationSource?: number; rtpTimestamp?: number };
}

/** What streams need of a core, of whatever format. */
export interface FrameCore {
  readonly keys: { readonly hasHadKey: boolean };
  addSealer(streamId: Uint8Array, kind: StreamKind): Stream;
  removeSealer(stream: Stream): void;
  addOpener(participantId: string, streamId: Uint8Array | undefined, kind: StreamKind): Stream;
  releaseOpener(stream: Stream): void;
  /** Whether a sealer goes on with the key of now, until a call with false, whatever key is used. */
  holdKey(stream: Stream, holds: boolean): void;
  /** Whether a sealed frame of this participant has ever opened. */
  hasHeard(participantId: string): boolean;
  /** A frame of this stream passes in clear, as the app allows until there is a key. True. */
  tellInClear(stream: Stream): true;
  sealFrame(stream: Stream, frame: EncodedFrame): Outcome;
  openFrame(stream: Stream, frame: EncodedFrame): Outcome;
}

/** How a stream asks for a key frame. It may be asked often, and acts at most every 300 ms. */
export type KeyFrameRequest = () => void;

const KEY_FRAME_INTERVAL_MS = 300;

/** How long video waits for the key frame with which it changes its key. */
const KEY_FRAME_WAIT_MS = 1_000;

/** What of this client's policy concerns frames. */
export interface Rules {
  policy: Policy;
  /** Frames may pass in clear until this client has its first key. */
  passesUntilReady: boolean;
}

export interface Pipe {
  /** Seals or opens the frame in place. False if it must not go on. */
  handle(frame: EncodedFrame): boolean;
  /** A key was set: whatever was dropped before may be mended now. */
  keyChanged(): void;
  /** Another key is about to seal. Pictures go on with the one of now until a key frame comes. */
  keySwitches(): void;
  /** Of a sender: a receiver can do nothing without a key frame, as its page says. */
  keyFrameWanted?(): void;
  /** So it is if this is the participant's stream: their answer has come. */
  answered(participantId: string): void;
  /** Gives up the sealer or opener; every further frame is dropped. */
  end(): void;
}

export function createPipe(
  core: FrameCore,
  options: StreamOptions,
  rules: Rules,
  askForKeyFrame: KeyFrameRequest,
): Pipe {
  const ask = throttle(askForKeyFrame);
  return options.operation === "seal"
    ? createSealPipe(core, options, rules, ask)
    : createOpenPipe(core, options, rules, ask);
}

function createSealPipe(
  core: FrameCore,
  options: SealOptions,
  { passesUntilReady }: Rules,
  ask: KeyFrameRequest,
): Pipe {
  const { streamId, kind } = options;
  const stream = core.addSealer(streamId, kind);
  const isPicture = kind === "video" || kind === "share";
  // Receivers lack a frame that was dropped here, and can do nothing without the next key frame. Nor
  // where a sender that sends already gets another stream: they lack all before it.
  let needsKeyFrame = false;
  let isFirst = isPicture;
  /** Until when the key before is held at most; undefined if none is. */
  let holdsUntil: number | undefined;
  let isOver = false;

  function letGoOfKey(): void {
    core.holdKey(stream, false);
    holdsUntil = undefined;
  }

  return {
    handle(frame) {
      if (isOver) return false;
      if (passesUntilReady && !core.keys.hasHadKey) return core.tellInClear(stream);
      if (holdsUntil !== undefined && (frame.type === "key" || performance.now() >= holdsUntil))
        letGoOfKey();
      const sealed = core.sealFrame(stream, frame);
      if (typeof sealed === "string") {
        needsKeyFrame = isPicture;
        return false;
      }
      frame.data = sealed;
      if (frame.type === "key") needsKeyFrame = false;
      else if (isFirst) needsKeyFrame = true;
      isFirst = false;
      if (needsKeyFrame || holdsUntil !== undefined) ask();
      return true;
    },
    keyChanged() {
      if (needsKeyFrame && !isOver) ask();
    },
    keySwitches() {
      if (!isPicture || isOver) return;
      core.holdKey(stream, true);
      holdsUntil ??= performance.now() + KEY_FRAME_WAIT_MS;
      ask();
    },
    keyFrameWanted() {
      if (isPicture && !isOver) ask();
    },
    answered() {},
    end() {
      if (!isOver) core.removeSealer(stream);
      isOver = true;
    },
  };
}

function createOpenPipe(
  core: FrameCore,
  options: OpenOptions,
  { policy, passesUntilReady }: Rules,
  ask: KeyFrameRequest,
): Pipe {
  const { participantId, streamId, kind } = options;
  const stream = core.addOpener(participantId, streamId, kind);
  const isPicture = kind === "video" || kind === "share";
  const mayBeClear = policy === "preferred" && streamId === undefined;
  // The decoder lacks a frame that was dropped here, or all before this stream's first one.
  let isBroken = false;
  let isFirst = isPicture;
  let isOver = false;

  return {
    handle(frame) {
      if (isOver) return false;
      // Who once sent sealed frames has a key and always seals: what is clear is not theirs.
      if (mayBeClear && !core.hasHeard(participantId)) return true;
      const opened = core.openFrame(stream, frame);
      if (opened === "replayed") return false;
      if (opened === "not-sealed" && passesUntilReady && !core.keys.hasHadKey)
        return core.tellInClear(stream);
      if (typeof opened === "string") {
        isBroken = isPicture;
        // Asked for when the key or the answer is there: what came before would be dropped too.
        if (isBroken && opened !== "missing-key" && opened !== "not-live") ask();
        return false;
      }
      frame.data = opened;
      if (frame.type === "key") isBroken = false;
      else if (isFirst) isBroken = true;
      isFirst = false;
      if (isBroken) ask();
      return true;
    },
    keyChanged() {
      if (isBroken && !isOver) ask();
    },
    keySwitches() {},
    answered(answeringId) {
      if (isBroken && !isOver && answeringId === participantId) ask();
    },
    end() {
      if (!isOver) core.releaseOpener(stream);
      isOver = true;
    },
  };
}

/** The first call at once, further ones at most every 300 ms. */
function throttle(action: () => void): () => void {
  let last = -Infinity;
  return () => {
    const now = performance.now();
    if (now - last < KEY_FRAME_INTERVAL_MS) return;
    last = now;
    action();
  };
}
