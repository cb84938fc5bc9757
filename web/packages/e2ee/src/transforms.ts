// What a browser must be told so that frames go through the worker.

import type { EncryptionWorker } from "./encryption_worker";
import type { StreamOptions } from "./messages";
import { E2EEError } from "./states";
import type { TransformPath } from "./support";

export type StreamOwner = RTCRtpSender | RTCRtpReceiver;

type Operation = StreamOptions["operation"];

/** RTCRtpSender and RTCRtpReceiver of Chromium's older way. */
interface EncodedStreamsOwner {
  createEncodedStreams(): { readable: ReadableStream; writable: WritableStream };
}

/** Through which worker the frames of each sender and receiver go. */
const holders = new WeakMap<StreamOwner, Transforms>();

export class Transforms {
  #path: TransformPath;
  #worker: EncryptionWorker;
  /** Whose encoded streams the worker has, and under which pipe they came there. */
  #given = new WeakMap<StreamOwner, number>();

  constructor(path: TransformPath, worker: EncryptionWorker) {
    this.#path = path;
    this.#worker = worker;
  }

  /** Throws a TypeError for what is no such owner, an E2EEError for one that is another worker's. */
  requireFree(owner: StreamOwner, operation: Operation): void {
    requireOwner(owner, operation);
    if ((holders.get(owner) ?? this) !== this)
      throw new E2EEError(
        "no-transform",
        "Another FrameEncryption holds this sender or receiver. Release it there, or close that one.",
      );
  }

  /** In place of the one that was there. Throws what the browser throws when it refuses. */
  attach(owner: StreamOwner, options: StreamOptions): void {
    if (this.#path === "script-transform") this.#setTransform(owner, options);
    else this.#giveStreams(owner, options);
    holders.set(owner, this);
  }

  /** From now on it may be another worker's. */
  free(owner: StreamOwner): void {
    holders.delete(owner);
  }

  /** By what the browser itself has, whatever the object may have in its place. */
  #setTransform(owner: StreamOwner, options: StreamOptions): void {
    const prototype = prototypeOf(options.operation);
    const transform = this.#worker.createTransform(options);
    Reflect.set(prototype, "transform", transform, owner);
    if (Reflect.get(prototype, "transform", owner) !== transform)
      throw new Error("the transform that was set is not there");
  }

  /** A browser makes them once for each owner. */
  #giveStreams(owner: StreamOwner, options: StreamOptions): void {
    const first = this.#given.get(owner);
    if (first !== undefined) return this.#worker.post({ type: "reuse", first, options });
    const { createEncodedStreams } = prototypeOf(options.operation) as unknown as EncodedStreamsOwner;
    const { readable, writable } = createEncodedStreams.call(owner);
    this.#worker.post({ type: "streams", options, readable, writable }, [readable, writable]);
    this.#given.set(owner, options.pipe);
  }
}

function prototypeOf(operation: Operation): StreamOwner {
  return operation === "seal" ? RTCRtpSender.prototype : RTCRtpReceiver.prototype;
}

/** A getter of the browser's own throws for everything that is none, whatever it looks like. */
function requireOwner(owner: unknown, operation: Operation): void {
  try {
    Reflect.get(prototypeOf(operation), "track", owner);
  } catch {
    throw new TypeError(
      operation === "seal"
        ? "protectSender must be given an RTCRtpSender, such as the sender of a transceiver"
        : "protectReceiver must be given an RTCRtpReceiver, such as the receiver of a transceiver",
    );
  }
}

/** Makes a sender's encoder send a key frame. Firefox cannot do that here, but in the transform. */
export function sendKeyFrame(sender: RTCRtpSender): void {
  if (!sender.track) return;
  const parameters = sender.getParameters();
  const encodingOptions = parameters.encodings.map(() => ({ keyFrame: true }));
  const setParameters = sender.setParameters.bind(sender) as (
    parameters: RTCRtpSendParameters,
    options: { encodingOptions: { keyFrame: boolean }[] },
  ) => Promise<void>;
  // A sender that is just being closed refuses; its receivers are going away too.
  setParameters(parameters, { encodingOptions }).catch(() => {});
}
