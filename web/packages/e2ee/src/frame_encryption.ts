// One meeting's encryption, as the page sees it: owns the Worker, attaches transforms, reports states.

import type { ExternalE2EEKeyProvider, KeyReceiver, SharedKey } from "./key_provider";
import type { FromWorker, StreamOptions, ToWorker } from "./messages";
import { E2EEError, type E2EEEvent, type StreamKind } from "./states";
import { requireSupport, type TransformPath } from "./support";
import { createWorker } from "./worker_source";

const STREAM_ID_SIZE = 16;
const START_TIMEOUT_MS = 10_000;

export interface FrameEncryptionOptions {
  keyProvider: ExternalE2EEKeyProvider;
  /** The ids that this client itself chose; they are part of every stream key. */
  roomId: string;
  participantId: string;
  onEvent: (event: E2EEEvent) => void;
  /** The worker is gone: every stream is silent from here on. */
  onFailure: (error: E2EEError) => void;
  /** The browser cannot ask by itself: the app asks the sender of this consumer for a key frame. */
  onKeyFrameWanted: (consumerId: string) => void;
  onKeySet?: (key: { kid: number; safetyCode: string }) => void;
}

/** What a receiver is told about a stream by signalling; nothing of it is believed but for finding keys. */
export interface IncomingStream {
  consumerId: string;
  participantId: string;
  kind: StreamKind;
  /** 16 bytes, absent if the sender declares no encryption. */
  streamId?: Uint8Array;
}

interface Pending {
  resolve: () => void;
  reject: (error: E2EEError) => void;
}

/** RTCRtpSender and RTCRtpReceiver of Chromium's older way. */
interface EncodedStreamsOwner {
  createEncodedStreams(): { readable: ReadableStream; writable: WritableStream };
}

export class FrameEncryption implements KeyReceiver {
  /** Settings that every RTCPeerConnection must be made with: without a transform nothing is sent. */
  static readonly peerConnectionSettings = { encodedInsertableStreams: true } as const;

  /** Resolves when the worker runs; rejects with an E2EEError that says why it does not. */
  readonly ready: Promise<void>;

  #options: FrameEncryptionOptions;
  #path: TransformPath;
  #worker: Worker;
  #requests = new Map<number, Pending>();
  #nextRequest = 1;
  #started!: Pending;
  #senders = new Map<string, RTCRtpSender>();
  #failure: E2EEError | undefined;
  #closed = false;

  /** Throws an E2EEError where this browser cannot encrypt. */
  constructor(options: FrameEncryptionOptions) {
    this.#options = options;
    this.#path = requireSupport();
    this.#worker = createWorker(options.keyProvider.workerUrl);
    this.ready = new Promise((resolve, reject) => (this.#started = { resolve, reject }));
    this.ready.catch(() => {});
    const timer = setTimeout(
      () => this.#fail("worker-failed", "The encryption worker did not start within 10 s."),
      START_TIMEOUT_MS,
    );
    this.ready.then(
      () => clearTimeout(timer),
      () => clearTimeout(timer),
    );
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#receive(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#fail("no-worker", `The encryption worker could not run: ${event.message || "it failed to load"}.`);
    };
    const { roomId, participantId, keyProvider } = options;
    this.#post({ type: "init", roomId, participantId, suite: keyProvider.suite });
    keyProvider.attach(this);
  }

  /** Seals everything this sender sends. To be called before its first negotiation; returns the stream id. */
  protectSender(sender: RTCRtpSender, kind: StreamKind): Uint8Array {
    this.#requireRunning();
    const streamId = crypto.getRandomValues(new Uint8Array(STREAM_ID_SIZE));
    this.#senders.set(streamId.join(), sender);
    this.#transform(sender, { operation: "seal", streamId, kind });
    return streamId;
  }

  /** Opens everything this receiver receives. To be called before its first negotiation. */
  protectReceiver(receiver: RTCRtpReceiver, stream: IncomingStream): void {
    this.#requireRunning();
    const allowClear = this.#options.keyProvider.policy === "preferred" && !stream.streamId;
    this.#transform(receiver, { operation: "open", ...stream, allowClear });
  }

  /** Forgets a sender whose producer was closed. */
  releaseSender(streamId: Uint8Array): void {
    this.#senders.delete(streamId.join());
  }

  receiveKey({ form, bytes }: SharedKey): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    const request = this.#nextRequest++;
    const promise = new Promise<void>((resolve, reject) => this.#requests.set(request, { resolve, reject }));
    this.#post({ type: "set-key", request, form, key: bytes }, [bytes.buffer]);
    return promise;
  }

  /** Ends the worker and with it every key. Transforms that are still attached pass nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.keyProvider.detach(this);
    this.#post({ type: "close" });
    this.#worker.terminate();
    this.#rejectAll(new E2EEError("worker-failed", "The meeting was left."));
  }

  #requireRunning(): void {
    if (this.#failure) throw this.#failure;
    if (this.#closed) throw new E2EEError("worker-failed", "The meeting was left.");
  }

  #transform(owner: RTCRtpSender | RTCRtpReceiver, options: StreamOptions): void {
    if (this.#path === "script-transform") {
      owner.transform = new RTCRtpScriptTransform(this.#worker, options);
      return;
    }
    const { readable, writable } = (owner as unknown as EncodedStreamsOwner).createEncodedStreams();
    this.#post({ type: "streams", options, readable, writable }, [readable, writable]);
  }

  #post(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case "ready":
        return this.#started.resolve();
      case "failed":
        return this.#fail(message.reason, message.message);
      case "key-set":
        this.#options.onKeySet?.({ kid: message.kid, safetyCode: message.safetyCode });
        return this.#settle(message.request)?.resolve();
      case "key-refused":
        return this.#settle(message.request)?.reject(new E2EEError(message.reason, message.message));
      case "event":
        return this.#options.onEvent(message.event);
      case "key-frame-wanted":
        return this.#options.onKeyFrameWanted(message.consumerId);
      case "key-frame-due":
        return this.#sendKeyFrame(message.streamId);
    }
  }

  #settle(request: number): Pending | undefined {
    const pending = this.#requests.get(request);
    this.#requests.delete(request);
    return pending;
  }

  /** Frames were dropped for want of a key: receivers need a key frame now. Firefox makes one in the worker. */
  #sendKeyFrame(streamId: Uint8Array): void {
    const sender = this.#senders.get(streamId.join());
    if (!sender?.track) return;
    const parameters = sender.getParameters();
    const encodingOptions = parameters.encodings.map(() => ({ keyFrame: true }));
    const setParameters = sender.setParameters.bind(sender) as (
      parameters: RTCRtpSendParameters,
      options: { encodingOptions: { keyFrame: boolean }[] },
    ) => Promise<void>;
    // A sender that is just being closed refuses; its receivers are going away too.
    setParameters(parameters, { encodingOptions }).catch(() => {});
  }

  #fail(reason: E2EEError["reason"], message: string): void {
    if (this.#failure || this.#closed) return;
    this.#failure = new E2EEError(reason, message);
    this.#worker.terminate();
    this.#started.reject(this.#failure);
    this.#rejectAll(this.#failure);
    this.#options.onFailure(this.#failure);
  }

  #rejectAll(error: E2EEError): void {
    this.#started.reject(error);
    for (const pending of this.#requests.values()) pending.reject(error);
    this.#requests.clear();
  }
}
