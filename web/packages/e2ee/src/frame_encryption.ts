// One meeting's encryption, as the page sees it: owns the Worker, attaches transforms, reports states. It
// knows nothing of signalling: what others must be told goes over the app's own.

import {
  CHALLENGE_SIZE,
  copyBytes,
  copyExactly,
  isId,
  oneOf,
  readStreamId,
  requireId,
  STREAM_ID_SIZE,
} from "./checks";
import { callSafely } from "./emitter";
import { EncryptionWorker, type WorkerMessage } from "./encryption_worker";
import {
  type FrameEncryptionOptions,
  type IncomingStream,
  type ProtectedSender,
  type ProtectedStream,
  requireFrameEncryptionOptions,
} from "./frame_encryption_options";
import type { ProvidedKey } from "./kept_keys";
import type { FrameFormat, KeyEvent, KeyReceiver } from "./key_provider";
import type { HeldKey, OpenOptions, SealOptions, StreamOptions } from "./messages";
import { Requests } from "./requests";
import {
  E2EEError,
  type E2EEErrorReason,
  type E2EEEvent,
  STREAM_KINDS,
  type StreamCounts,
  type StreamKind,
  wordsOf,
} from "./states";
import { requireSupport } from "./support";
import { sendKeyFrame, type StreamOwner, Transforms } from "./transforms";

/** More than any answer has. */
const ANSWER_SIZE_MAX = 6_000;
const SIF_TRAILER_SIZE_MAX = 64;

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

  /** Throws an E2EEError where this browser cannot encrypt, and a TypeError for wrong options. */
  constructor(options: FrameEncryptionOptions) {
    requireFrameEncryptionOptions(options);
    const { roomId, participantId, keyProvider } = options;
    const { suite, policy, passesUntilReady, liveness, ratchetWindowSize } = keyProvider;
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
   * for something else, it begins another stream and releases the one before. Throws if the sender is
   * not protected, which must not send then: a TypeError for what is no RTCRtpSender or no kind, and an
   * E2EEError for one of another FrameEncryption's, or where the browser refuses.
   */
  protectSender(sender: RTCRtpSender, kind: StreamKind): ProtectedSender {
    oneOf(...STREAM_KINDS)("kind", kind);
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
   * that one nothing opens here from then on. Throws if the receiver is not protected, which must not
   * be played then: a TypeError for what is no RTCRtpReceiver, participant id, kind or stream id, and
   * an E2EEError for a receiver of another FrameEncryption's, or where the browser refuses.
   */
  protectReceiver(receiver: RTCRtpReceiver, stream: IncomingStream): ProtectedStream {
    const { participantId, kind, streamId: givenId } = (stream ?? {}) as IncomingStream;
    requireId("participantId", participantId);
    oneOf(...STREAM_KINDS)("kind", kind);
    const streamId = readStreamId(givenId);
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

  /**
   * Somebody else is here and challenges, 16 bytes; it is answered as soon as anything is sent. What is
   * malformed is ignored, here and in the next two: it comes over signalling.
   */
  receiveChallenge(participantId: string, challenge: Uint8Array): void {
    const bytes = copyExactly(challenge, CHALLENGE_SIZE);
    if (!this.#end && bytes && isId(participantId))
      this.#worker.post({ type: "challenge", participantId, challenge: bytes });
  }

  /** What came from somebody; it counts if it opens as theirs and answers this client's challenge. */
  receiveAnswer(participantId: string, message: Uint8Array): void {
    const answer = copyBytes(message, ANSWER_SIZE_MAX);
    if (!this.#end && answer && isId(participantId))
      this.#worker.post({ type: "liveness-answer", participantId, answer });
  }

  /** Somebody has left: their challenge is not answered any more. */
  forgetChallenge(participantId: string): void {
    if (!this.#end && isId(participantId)) this.#worker.post({ type: "forget", participantId });
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
    if (!opensOnly) this.#tellSafetyCode(owner, key.safetyCode);
  }

  async removeKey(owner?: string): Promise<void> {
    if (this.#end) throw this.#end;
    await this.#requests.ask({ type: "remove-key", ...ownedBy(owner) });
    this.#tellSafetyCode(owner, undefined);
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
   * makes itself (`sif_trailer` of its JoinResponse), at most 64 bytes, else a TypeError. They are
   * dropped, whatever is in them.
   */
  setSifTrailer(trailer: Uint8Array): void {
    const bytes = copyBytes(trailer, SIF_TRAILER_SIZE_MAX);
    if (!bytes)
      throw new TypeError(`trailer must be a Uint8Array of at most ${SIF_TRAILER_SIZE_MAX} bytes`);
    if (!this.#end) this.#worker.post({ type: "sif-trailer", trailer: bytes });
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
      (error: unknown) =>
        void this.#fail("no-wasm", `The core of the format "livekit" did not load: ${wordsOf(error)}.`),
    );
  }

  #attach(
    owner: StreamOwner,
    options: StreamOptions,
    stream: IncomingStream | undefined,
  ): () => void {
    if (this.#end) throw this.#end;
    this.#transforms.requireFree(owner, options.operation);
    try {
      this.#transforms.attach(owner, options);
    } catch (error) {
      throw this.#fail(
        "no-transform",
        `The browser refused to transform a stream: ${wordsOf(error)}. Each sender and receiver is of ` +
          "one FrameEncryption, in a connection made with its peerConnectionSettings. In a browser " +
          "without RTCRtpScriptTransform another FrameEncryption, also after a failure, needs a new " +
          "RTCPeerConnection.",
      );
    }
    for (const [pipe, { owner: other }] of this.#attached) if (other === owner) this.#release(pipe);
    this.#attached.set(options.pipe, { owner, options, stream });
    return () => {
      if (this.#attached.has(options.pipe)) this.#transforms.free(owner);
      this.#release(options.pipe);
    };
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
        return this.#tellEvent(message.event);
      case "liveness-answer": {
        const { participantIds, answer } = message;
        return callSafely(() => this.#options.onAnswer?.({ participantIds, message: answer }));
      }
      case "challenge-wanted": {
        const [{ participantId }, challenge] = [message, this.#challenge?.slice()];
        if (challenge)
          callSafely(() => this.#options.onChallengeWanted?.({ participantId, challenge }));
        return;
      }
      case "key-frame-wanted": {
        const stream = this.#attached.get(message.pipe)?.stream;
        if (stream) callSafely(() => this.#options.onKeyFrameWanted(stream));
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
    this.#tellSafetyCode(owner, key.safetyCode);
  }

  /** Of keys that all members share. */
  #tellSafetyCode(owner: string | undefined, code: string | undefined): void {
    if (owner === undefined) callSafely(() => this.#options.onSafetyCode?.(code));
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
    for (const { options } of silenced) this.#tellEvent(this.#failureOf(options, reason));
    callSafely(() => this.#options.onFailure(error));
    return error;
  }

  #tellEvent(event: E2EEEvent): void {
    callSafely(() => this.#options.onEvent(event));
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
    for (const { owner } of this.#attached.values()) this.#transforms.free(owner);
    this.#attached.clear();
    this.#requests.rejectAll(error);
  }
}

function ownedBy(owner: string | undefined): { owner?: string } {
  return owner === undefined ? {} : { owner };
}
