// One encrypted call over a plain RTCPeerConnection. What comes from the other side is used and not
// believed: if it lies, frames do not open.

import { FrameEncryption, prepareConnection } from "@sotto/e2ee";

export class Call {
  #encryption;
  #otherId;
  #media;
  #send;
  #challenge;
  #connection;
  #senders = [];
  #receivers = [];
  #last = Promise.resolve();

  /**
   * `send` carries an object to the other side, in order, and `receive` is given what comes from there.
   * After `onEnd` nothing is sent or played any more.
   */
  constructor({ encryption, otherId, media, iceServers = [], send, onTrack, onEnd }) {
    this.#encryption = encryption;
    this.#otherId = otherId;
    this.#media = media;
    this.#send = send;
    this.#challenge = Array.from(encryption.drawChallenge());
    this.#connection = new RTCPeerConnection({
      ...FrameEncryption.peerConnectionSettings,
      iceServers,
    });
    prepareConnection(this.#connection);
    this.#connection.onicecandidate = ({ candidate }) => {
      // After the description that is just being made: the other side can do nothing with it before.
      if (candidate) this.#inTurn(() => send({ type: "candidate", candidate: candidate.toJSON() }));
    };
    this.#connection.ontrack = ({ track }) => onTrack(track);
    this.#connection.onconnectionstatechange = () => {
      if (this.#connection.connectionState === "failed") this.#fail(new Error("No connection."));
    };
    this.onEnd = onEnd;
  }

  /** One of the two calls. Tracks of one stream are played together. */
  start() {
    this.#inTurn(async () => {
      const streams = [this.#media];
      for (const track of this.#media.getTracks())
        this.#seal(this.#connection.addTransceiver(track, { streams }).sender, track.kind);
      await this.#describe();
    });
  }

  receive(message) {
    this.#inTurn(() => this.#handle(message));
  }

  /** The encryption goes on: there may be another call. */
  close() {
    this.#connection.close();
    for (const { release } of [...this.#senders, ...this.#receivers]) release();
    this.#encryption.forgetChallenge(this.#otherId);
  }

  async #handle(message) {
    // The other side has this one's challenge with the first description, and answers it sealed.
    if (message.challenge)
      this.#encryption.receiveChallenge(this.#otherId, Uint8Array.from(message.challenge));
    if (message.type === "liveness")
      this.#encryption.receiveAnswer(this.#otherId, Uint8Array.from(message.message));
    if (message.type === "candidate") await this.#connection.addIceCandidate(message.candidate);
    if (message.type === "offer") await this.#takeOffer(message);
    if (message.type === "answer") {
      this.#openAll(message.streams); // Before anything can come.
      await this.#connection.setRemoteDescription({ type: "answer", sdp: message.sdp });
    }
    if (message.type === "key-frame") this.#senderOf(message.streamId)?.sendKeyFrame();
  }

  async #takeOffer({ sdp, streams }) {
    await this.#connection.setRemoteDescription({ type: "offer", sdp });
    this.#openAll(streams);
    for (const track of this.#media.getTracks()) {
      const transceiver = this.#connection
        .getTransceivers()
        .find(({ sender, receiver }) => !sender.track && receiver.track.kind === track.kind);
      if (!transceiver) continue;
      this.#seal(transceiver.sender, track.kind);
      transceiver.sender.setStreams(this.#media);
      transceiver.direction = "sendrecv";
      await transceiver.sender.replaceTrack(track);
    }
    await this.#describe();
  }

  /** Before the sender's first negotiation. */
  #seal(sender, kind) {
    this.#senders.push({ sender, ...this.#encryption.protectSender(sender, kind) });
  }

  /** Every receiver, also one of which the other side says nothing: then nothing of it opens. */
  #openAll(streams) {
    for (const { mid, receiver } of this.#connection.getTransceivers()) {
      const id = streams[mid];
      const stream = {
        participantId: this.#otherId,
        kind: /** @type {"audio" | "video"} */ (receiver.track.kind),
        ...(Array.isArray(id) && { streamId: Uint8Array.from(id) }),
      };
      this.#receivers.push(this.#encryption.protectReceiver(receiver, stream));
    }
  }

  /** An offer or an answer, and with it the stream ids: without them the other side has no keys. */
  async #describe() {
    await this.#connection.setLocalDescription();
    const { type, sdp } = this.#connection.localDescription;
    const streams = {};
    for (const { mid, sender } of this.#connection.getTransceivers()) {
      const own = this.#senders.find((each) => each.sender === sender);
      if (own) streams[mid] = Array.from(own.streamId);
    }
    this.#send({ type, sdp, streams, challenge: this.#challenge });
  }

  #senderOf(streamId) {
    return this.#senders.find((each) => String(each.streamId) === String(streamId));
  }

  /** One message after the other. Whatever goes wrong ends the call: nothing goes on unprotected. */
  #inTurn(step) {
    this.#last = this.#last.then(step).catch((error) => this.#fail(error));
  }

  #fail(error) {
    this.close();
    this.onEnd(error);
  }
}
