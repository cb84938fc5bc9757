// What a browser must be told so that frames go through the worker.

import type { EncryptionWorker } from "./encryption_worker";
import type { StreamOptions } from "./messages";
import type { TransformPath } from "./support";

export type StreamOwner = RTCRtpSender | RTCRtpReceiver;

/** RTCRtpSender and RTCRtpReceiver of Chromium's older way. */
interface EncodedStreamsOwner {
  createEncodedStreams(): { readable: ReadableStream; writable: WritableStream };
}

export class Transforms {
  #path: TransformPath;
  #worker: EncryptionWorker;
  /** Whose encoded streams the worker has, and under which pipe they came there. */
  #given = new WeakMap<StreamOwner, number>();

  constructor(path: TransformPath, worker: EncryptionWorker) {
    this.#path = path;
    this.#worker = worker;
  }

  /** In place of the one that was there. Throws what the browser throws when it refuses. */
  attach(owner: StreamOwner, options: StreamOptions): void {
    if (this.#path === "script-transform")
      owner.transform = this.#worker.createTransform(options);
    else this.#giveStreams(owner, options);
  }

  /** A browser makes them once for each owner. */
  #giveStreams(owner: StreamOwner, options: StreamOptions): void {
    const first = this.#given.get(owner);
    if (first !== undefined) return this.#worker.post({ type: "reuse", first, options });
    const { readable, writable } = (owner as unknown as EncodedStreamsOwner).createEncodedStreams();
    this.#worker.post({ type: "streams", options, readable, writable }, [readable, writable]);
    this.#given.set(owner, options.pipe);
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
