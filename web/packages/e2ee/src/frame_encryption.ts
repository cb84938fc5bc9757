// One meeting's encryption, as the page sees it: owns the Worker, attaches transforms, reports states. It
// knows nothing of signalling: what others must be told goes over the app's own.

import { EncryptionWorker, type WorkerMessage } from "./encryption_worker";
import type {
  FrameEncryptionOptions,
  IncomingStream,
  ProtectedSender,
  ProtectedStream,
} from "./frame_encryption_options";
import type { ProvidedKey } from "./kept_keys";
import type { FrameFormat, KeyEvent, KeyReceiver } from "./key_provider";
import type { HeldKey, OpenOptions, SealOptions, StreamOptions } from "./messages";
import { Requests } from "./requests";
import {
  E2EEError,
  type E2EEErrorReason,
  type E2EEEvent,
  type StreamCounts,
  type StreamKind,
} from "./states";
import { requireSupport } from "./support";
import { sendKeyFrame, type StreamOwner, Transforms } from "./transforms";

const STREAM_ID_SIZE = 16;
const CHALLENGE_SIZE = 16;

interface Attached {
  owner: StreamOwner;
  options: StreamOptions;
  /** A receiver's. */
  stream: IncomingStream | undefined;
}

export class FrameEncryption implements KeyReceiver {
  /**
   * Settings of every RTCPeerConnection, beside the app's own. With them Chromium sends and shows
   * nothing that has no transform yet; without them its transforms may never run.
   */
  static readonly peerConnectionSettings: RTCConfiguration = {
    encodedInsertableStreams: true,
  } as RTCConfiguration;

  /** That of every stream of this meeting. */
  readonly frameFormat: FrameFormat;

  /** Resolves when the worker runs; rejects with an E2EEError that says why it does not. */
  readonly ready: Promise<void>;
  readonly roomId: string;

  #options: FrameEncryptionOptions;
  #worker: EncryptionWorker;
  #transforms: Transforms;
  #requests = new Requests((message, transfer) => this.#worker.post(message, transfer));
  #attached = new Map<number, Attached>();
  #challenge: Uint8Array | undefined;
  #nextPipe = 1;
  /** Why nothing works any more. */
  #end: E2EEError | undefined;

  /** Throws an E2EEError where this browser cannot encrypt. */
  constructor(options: FrameEncryptionOptions) {
    const { roomId, participantId, keyProvider } = options;
    const { suite, policy, passesUntilReady, liveness, ratchetWindowSize } = keyProvider;
    if (liveness && !(options.onAnswer && options.onChallengeWanted))
      throw new TypeError("onAnswer and onChallengeWanted are missing, and liveness is not waived");
    this.#options = options;
    this.roomId = options.roomId;
    this.frameFormat = options.keyProvider.frameFormat;
    const path = requireSupport();
    this.#worker = new EncryptionWorker(keyProvider.workerUrl, {
      onMessage: (message) => this.#receive(message),
      onFailure: (reason, message) => void this.#fail(reason, message),
    });
    this.ready = this.#worker.ready;
    this.#transforms = new Transforms(path, this.#worker);
    if (passesUntilReady)
      console.warn("Sotto: until a key is ready, media passes in clear, as this app chose.");
    const { livekit } = keyProvider;
    const ratchetWindow = ratchetWindowSize;
    const format = livekit ? { livekit } : {};
    const rules = { suite, policy, passesUntilReady, liveness, ratchetWindow, ...format };
    if (livekit) this.#loadLivekit();
    this.#worker.post({ type: "init", roomId, participantId, ...rules });
    keyProvider.attach(this);
  }

  /**
   * Seals everything this sender sends, under a new stream id. To be called before its first
   * negotiation; another track in it stays under the same id. Called again, for a sender that is used
   * for something else, it begins another stream and releases the one before. Throws an E2EEError if
   * the sender is not protected; it must not send then.
   */
  protectSender(sender: RTCRtpSender, kind: StreamKind): ProtectedSender {
    const streamId = crypto.getRandomValues(new Uint8Array(STREAM_ID_SIZE));
    const pipe = this.#nextPipe++;
    const options: SealOptions = { operation: "seal", pipe, streamId, kind };
    const release = this.#attach(sender, options, undefined);
    const sendKeyFrame = () => {
      if (this.#attached.has(pipe)) this.#worker.post({ type: "send-key-frame", pipe });
    };
    return { streamId, release, sendKeyFrame };
  }

  /**
   * Opens everything this receiver receives. To be called as soon as there is a receiver: when the
   * promise of setRemoteDescription has resolved with an offer, and before setRemoteDescription with
   * an answer. Called again, for a receiver that gets another stream, it releases the one before: of
   * that one nothing opens here from then on. Throws if the receiver is not protected, an E2EEError or,
   * for a stream id that is none, a TypeError; it must not be played then.
   */
  protectReceiver(receiver: RTCRtpReceiver, stream: IncomingStream): ProtectedStream {
    const { participantId, kind, streamId } = stream;
    if (streamId && streamId.length !== STREAM_ID_SIZE)
      throw new TypeError(`A stream id has ${STREAM_ID_SIZE} bytes, not ${streamId.length}.`);
    const options: OpenOptions = {
      operation: "open",
      pipe: this.#nextPipe++,
      participantId,
      ...(streamId && { streamId }),
      kind,
    };
    return { streamId, release: this.#attach(receiver, options, stream) };
  }

  /**
   * To be called for each joining, and sent along with it: everybody who is there or comes later is to
   * pass it to `receiveChallenge`. Answers to earlier ones count no more, and what others challenged
   * before is forgotten, as the server tells it anew.
   */
  drawChallenge(): Uint8Array {
    this.#challenge = crypto.getRandomValues(new Uint8Array(CHALLENGE_SIZE));
    if (!this.#end) this.#worker.post({ type: "join", challenge: this.#challenge });
    return this.#challenge.slice();
  }

  /** Somebody else is here and challenges, 16 bytes; it is answered as soon as anything is sent. */
  receiveChallenge(participantId: string, challenge: Uint8Array): void {
    if (this.#end || challenge.length !== CHALLENGE_SIZE) return;
    this.#worker.post({ type: "challenge", participantId, challenge: challenge.slice() });
  }

  /** What came from somebody; it counts if it opens as theirs and answers this client's challenge. */
  receiveAnswer(participantId: string, message: Uint8Array): void {
    if (!this.#end) this.#worker.post({ type: "liveness-answer", participantId, answer: message.slice() });
  }

  /** Somebody has left: their challenge is not answered any more. */
  forgetChallenge(participantId: string): void {
    if (!this.#end) this.#worker.post({ type: "forget", participantId });
  }

  /** This and the next four are for the key provider, which has the methods that an app calls. */
  async receiveKey(
    { form, bytes, keyIndex, opensOnly }: ProvidedKey,
    owner?: string,
  ): Promise<void> {
    if (this.#end) {
      bytes.fill(0);
      throw this.#end;
    }
    const place = keyIndex === undefined ? {} : { keyIndex, ...(opensOnly && { opensOnly }) };
    const request = { type: "set-key", ...ownedBy(owner), ...place, form, key: bytes } as const;
    const key = await this.#requests.ask(request, [bytes.buffer]).catch((error: E2EEError) => {
      // A key that was on its way is not refused: this meeting has no use for it any more.
      if (error.reason !== "left") throw error;
    });
    if (!key) return;
    this.#options.keyProvider.tellSet(this.#keyEvent(owner, key));
    if (owner === undefined && !opensOnly) this.#options.onSafetyCode?.(key.safetyCode);
  }

  async removeKey(owner?: string): Promise<void> {
    if (this.#end) throw this.#end;
    await this.#requests.ask({ type: "remove-key", ...ownedBy(owner) });
    if (owner === undefined) this.#options.onSafetyCode?.(undefined);
  }

  async ratchetKey(owner?: string, keyIndex?: number): Promise<void> {
    if (this.#end) throw this.#end;
    const place = keyIndex === undefined ? {} : { keyIndex };
    await this.#requests.ask({ type: "ratchet-key", ...ownedBy(owner), ...place });
  }

  async exportSecret(owner?: string): Promise<Uint8Array> {
    if (this.#end) throw this.#end;
    return this.#requests.ask({ type: "export-secret", ...ownedBy(owner) });
  }

  async listKeys(): Promise<HeldKey[]> {
    if (this.#end) throw this.#end;
    return this.#requests.ask({ type: "list-keys" });
  }

  /**
   * For meetings in the format "livekit" on a LiveKit server: what the frames end with that the server
   * makes itself (`sif_trailer` of its JoinResponse). They are dropped, whatever is in them.
   */
  setSifTrailer(trailer: Uint8Array): void {
    if (!this.#end) this.#worker.post({ type: "sif-trailer", trailer: trailer.slice() });
  }

  /** How many frames of each stream passed or were dropped, and why. Rejects once nothing works. */
  async counts(): Promise<StreamCounts[]> {
    if (this.#end) throw this.#end;
    return this.#requests.ask({ type: "count" });
  }

  /** Wipes every key and ends the worker. Transforms that are still attached pass nothing. */
  close(): void {
    if (this.#end) return;
    const error = new E2EEError("left", "The meeting was left.");
    this.#worker.close(error);
    this.#stop(error);
  }

  #loadLivekit(): void {
    import("./livekit_wasm").then(
      ({ simd, scalar }) => {
        if (!this.#end) this.#worker.post({ type: "livekit-core", simd, scalar });
      },
      (error: unknown) => {
        const words = error instanceof Error ? error.message : String(error);
        this.#fail("no-wasm", `The core of the format "livekit" did not load: ${words}`);
      },
    );
  }

  #attach(
    owner: StreamOwner,
    options: StreamOptions,
    stream: IncomingStream | undefined,
  ): () => void {
    if (this.#end) throw this.#end;
    try {
      this.#transforms.attach(owner, options);
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      throw this.#fail(
        "no-transform",
        `The browser refused to transform a stream: ${words.replace(/\.$/, "")}. Each sender and receiver ` +
          "is of one FrameEncryption, in a connection made with its peerConnectionSettings.",
      );
    }
    for (const [pipe, { owner: other }] of this.#attached) if (other === owner) this.#release(pipe);
    this.#attached.set(options.pipe, { owner, options, stream });
    return () => this.#release(options.pipe);
  }

  #release(pipe: number): void {
    if (this.#attached.delete(pipe)) this.#worker.post({ type: "release", pipe });
  }

  #receive(message: WorkerMessage): void {
    switch (message.type) {
      case "answer":
        return this.#requests.answer(message.number, message.answer);
      case "refused":
        return this.#requests.refuse(
          message.number,
          new E2EEError(message.reason, message.message),
        );
      case "key-ratcheted":
        return this.#ratcheted(message);
      case "event":
        return this.#options.onEvent(message.event);
      case "liveness-answer": {
        const { participantIds, answer } = message;
        return this.#options.onAnswer?.({ participantIds, message: answer });
      }
      case "challenge-wanted": {
        const [{ participantId }, challenge] = [message, this.#challenge?.slice()];
        if (challenge) this.#options.onChallengeWanted?.({ participantId, challenge });
        return;
      }
      case "key-frame-wanted": {
        const stream = this.#attached.get(message.pipe)?.stream;
        if (stream) this.#options.onKeyFrameWanted(stream);
        return;
      }
      case "key-frame-due": {
        const owner = this.#attached.get(message.pipe)?.owner;
        if (owner) sendKeyFrame(owner as RTCRtpSender);
        return;
      }
    }
  }

  /** Another key of this owner's that is on its way to the worker is newer than this one. */
  #ratcheted({ owner, secret, ...key }: Extract<WorkerMessage, { type: "key-ratcheted" }>): void {
    const isOld = this.#requests.isSettingKey(owner, key.kid);
    if (isOld) secret?.fill(0);
    const event = this.#keyEvent(owner, key);
    this.#options.keyProvider.tellRatcheted(event, isOld ? "old" : secret);
    if (owner === undefined) this.#options.onSafetyCode?.(key.safetyCode);
  }

  #keyEvent(owner: string | undefined, key: { kid: number; safetyCode: string }): KeyEvent {
    const { kid, safetyCode } = key;
    const participant = owner === undefined ? {} : { participantId: owner };
    return { roomId: this.roomId, ...participant, kid, safetyCode };
  }

  #fail(reason: E2EEErrorReason, message: string): E2EEError {
    if (this.#end) return this.#end;
    const error = new E2EEError(reason, message);
    this.#worker.terminate(error);
    const silenced = [...this.#attached.values()];
    this.#stop(error);
    for (const { options } of silenced) this.#options.onEvent(this.#failureOf(options, reason));
    this.#options.onFailure(error);
    return error;
  }

  #failureOf(options: StreamOptions, reason: E2EEErrorReason): E2EEEvent {
    const { kind, streamId } = options;
    const isLocal = options.operation === "seal";
    return {
      participantId: isLocal ? this.#options.participantId : options.participantId,
      state: "InternalError",
      kind,
      reason,
      ...(streamId && { streamId }),
      count: 0,
      since: Date.now(),
    };
  }

  #stop(error: E2EEError): void {
    this.#end = error;
    this.#options.keyProvider.detach(this);
    this.#attached.clear();
    this.#requests.rejectAll(error);
  }
}

function ownedBy(owner: string | undefined): { owner?: string } {
  return owner === undefined ? {} : { owner };
}
