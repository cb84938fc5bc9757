// One stream's way through the worker: frames in, sealed or opened frames out, everything else dropped.

import type { FromWorker, StreamOptions } from "../messages";
import type { Core, Outcome, StreamHandle } from "./core";
import { codecOf } from "./codec";

/** What encoded frames have in common; audio frames have no type. */
export interface EncodedFrame {
  data: ArrayBuffer;
  readonly type?: "key" | "delta" | "empty";
  getMetadata(): { mimeType?: string };
}

/** The parts of RTCRtpScriptTransformer by which a transform asks for key frames; browsers differ. */
export interface KeyFrameSource {
  sendKeyFrameRequest?: () => Promise<void>;
  generateKeyFrame?: () => Promise<unknown>;
}

const KEY_FRAME_INTERVAL_MS = 300;

export interface Pipe {
  readonly handle: StreamHandle | undefined;
  transform(frame: EncodedFrame, controller: TransformStreamDefaultController<EncodedFrame>): void;
  /** A key was set: whatever was dropped before may be mended now. */
  keyChanged(): void;
}

type Post = (message: FromWorker) => void;

/** Makes the pipe for one stream. A stream for which the core has no room drops every frame. */
export function createPipe(core: Core, options: StreamOptions, source: KeyFrameSource, post: Post): Pipe {
  return options.operation === "seal"
    ? createSealPipe(core, options.streamId, options, source, post)
    : createOpenPipe(core, options, source, post);
}

function createSealPipe(
  core: Core,
  streamId: Uint8Array,
  options: StreamOptions,
  source: KeyFrameSource,
  post: Post,
): Pipe {
  const handle = core.addSealer(streamId, options.kind);
  const isVideo = options.kind === "video" || options.kind === "share";
  let wantsKeyFrame = false;

  const requestKeyFrame = throttle(() => {
    if (source.generateKeyFrame) source.generateKeyFrame().catch(() => {});
    else post({ type: "key-frame-due", streamId });
  });

  return {
    handle,
    transform(frame, controller) {
      const codec = codecOf(frame.getMetadata().mimeType);
      const sealed = codec === undefined ? undefined : core.seal(handle, codec, frame.data);
      if (sealed === undefined) {
        wantsKeyFrame = isVideo;
        return;
      }
      frame.data = sealed;
      controller.enqueue(frame);
      if (frame.type === "key") wantsKeyFrame = false;
      if (wantsKeyFrame) requestKeyFrame();
    },
    keyChanged() {
      if (wantsKeyFrame) requestKeyFrame();
    },
  };
}

function createOpenPipe(
  core: Core,
  options: Extract<StreamOptions, { operation: "open" }>,
  source: KeyFrameSource,
  post: Post,
): Pipe {
  const { participantId, streamId, kind, allowClear, consumerId } = options;
  if (!streamId && allowClear) return { handle: undefined, transform: pass, keyChanged() {} };
  const handle = core.addOpener(participantId, streamId ?? new Uint8Array(16), kind);
  const isVideo = kind === "video" || kind === "share";

  const requestKeyFrame = throttle(() => {
    if (source.sendKeyFrameRequest)
      source.sendKeyFrameRequest().catch(() => post({ type: "key-frame-wanted", consumerId }));
    else post({ type: "key-frame-wanted", consumerId });
  });
  let isBroken = false;

  return {
    handle,
    transform(frame, controller) {
      const outcome: Outcome = core.open(handle, frame.data);
      if (outcome === "replayed") return;
      if (typeof outcome === "string") {
        isBroken = isVideo;
        if (isBroken && outcome !== "missing-key") requestKeyFrame();
        return;
      }
      frame.data = outcome;
      controller.enqueue(frame);
      if (frame.type === "key") isBroken = false;
      if (isBroken) requestKeyFrame();
    },
    keyChanged() {
      if (isBroken) requestKeyFrame();
    },
  };
}

function pass(frame: EncodedFrame, controller: TransformStreamDefaultController<EncodedFrame>): void {
  controller.enqueue(frame);
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
