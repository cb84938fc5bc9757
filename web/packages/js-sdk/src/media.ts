// The two WebRTC transports of a session, over mediasoup-client. Every sender and receiver gets its
// transform in the callback that runs before its first negotiation.

import { FrameEncryption, prepareConnection, type ProtectedStream, type StreamKind } from "@sotto/e2ee";
import { Device, type types } from "mediasoup-client";

import { fromBase64Url, toBase64Url } from "./base64url";
import type { Connection } from "./connection";
import { clientErrors } from "./errors";
import { kindOf, sourceOf } from "./kinds";
import type { ConsumerInfo, JoinAnswer, TransportInfo } from "./messages";
import { parseIceParameters, parseProducerId, STREAM_ID_SIZE } from "./parse";

const RESTART_DELAY_MS = 2000;

export interface MediaOptions {
  connection: Connection;
  /** This client's own. */
  participantId: string;
  encryption: FrameEncryption | undefined;
  onConsumerTrack: (info: ConsumerInfo, track: MediaStreamTrack) => void;
  /** Frames are about to be sealed under this stream id; events will name it. */
  onProtected: (kind: StreamKind, streamId: string) => void;
  onError: (error: Error) => void;
}

export interface ProduceOptions {
  /** VP8 unless named, or where this browser cannot send the named one. */
  codec?: "VP8" | "VP9" | "H264" | "AV1";
  maxBitrate?: number;
  /** Layers of VP9 and AV1, as in WebRTC: "L3T3_KEY". Everybody receives all of them. */
  scalabilityMode?: string;
}

/** What is to be published of one kind. */
export interface LocalTrack {
  track: MediaStreamTrack;
  options: ProduceOptions;
  isPaused: boolean;
}

interface Published {
  producer: types.Producer;
  protection: ProtectedStream | undefined;
  /** What the server was told. */
  isPaused: boolean;
}

interface Subscription {
  info: ConsumerInfo;
  /** Absent while it is being set up. */
  consumer?: types.Consumer;
  protection?: ProtectedStream;
}

export class Media {
  #options: MediaOptions;
  #device: Device;
  #send: types.Transport | undefined;
  #receive: types.Transport | undefined;
  #published = new Map<StreamKind, Published>();
  #subscriptions = new Map<string, Subscription>();
  #subscribing: Promise<void> = Promise.resolve();
  #streamNumbers = new Map<string, number>();
  #isClosed = false;

  private constructor(options: MediaOptions, device: Device) {
    this.#options = options;
    this.#device = device;
  }

  /** Loads the device and makes the transports; nothing flows before `announce`. */
  static async create(answer: JoinAnswer, options: MediaOptions): Promise<Media> {
    const device = await createDevice();
    await device.load({ routerRtpCapabilities: answer.routerRtpCapabilities });
    const media = new Media(options, device);
    media.#send = media.#createTransport("send", answer.sendTransport);
    media.#receive = media.#createTransport("recv", answer.recvTransport);
    return media;
  }

  /** Tells the server what this browser can receive; consumers follow. */
  async announce(): Promise<void> {
    const { recvRtpCapabilities } = this.#device;
    await this.#options.connection.request("ready", { rtpCapabilities: recvRtpCapabilities });
  }

  /**
   * Makes what is published of one kind what is wanted; undefined is nothing. Returns the producer's
   * id. Calls for one kind must follow one another.
   */
  async publish(kind: StreamKind, wanted: LocalTrack | undefined): Promise<string | undefined> {
    if (this.#isClosed) throw clientErrors.left();
    const published = this.#published.get(kind);
    if (!wanted) {
      if (published) await this.#unpublish(kind, published);
      return undefined;
    }
    if (!published) return this.#produce(kind, wanted);
    const { producer } = published;
    if (producer.track !== wanted.track) await producer.replaceTrack({ track: wanted.track });
    await this.#setPaused(published, wanted.isPaused);
    return producer.id;
  }

  /** Consumers are made one after the other, so that a bad one harms no other. */
  consume(info: ConsumerInfo): void {
    // Who begins a new stream has ended the one of this kind before it.
    this.closeConsumersExcept(
      (other) => other.participantId !== info.participantId || other.source !== info.source,
    );
    this.closeConsumer(info.consumerId);
    const subscription: Subscription = { info };
    this.#subscriptions.set(info.consumerId, subscription);
    this.#subscribing = this.#subscribing
      .then(() => this.#subscribe(subscription))
      .catch((error: Error) => {
        if (this.#isClosed) return;
        this.closeConsumer(info.consumerId);
        this.#options.onError(error);
      });
  }

  /** Also one that is still being set up: then it ends as soon as it is. */
  closeConsumer(consumerId: string): void {
    const subscription = this.#subscriptions.get(consumerId);
    this.#subscriptions.delete(consumerId);
    subscription?.consumer?.close();
    subscription?.protection?.release();
  }

  closeConsumersExcept(isWanted: (info: ConsumerInfo) => boolean): void {
    for (const { info } of [...this.#subscriptions.values()])
      if (!isWanted(info)) this.closeConsumer(info.consumerId);
  }

  /** What the browser counts of one sender or receiver; undefined if there is none. */
  async streamReport(participantId: string, kind: StreamKind): Promise<unknown[] | undefined> {
    const report =
      participantId === this.#options.participantId
        ? await this.#published.get(kind)?.producer.getStats()
        : await this.#consumerOf(participantId, kind)?.getStats();
    return report && [...report.values()];
  }

  #consumerOf(participantId: string, kind: StreamKind): types.Consumer | undefined {
    return [...this.#subscriptions.values()].find(
      ({ info }) => info.participantId === participantId && kindOf[info.source] === kind,
    )?.consumer;
  }

  async stats(): Promise<{ send?: RTCStatsReport; receive?: RTCStatsReport }> {
    const [send, receive] = await Promise.all([this.#send?.getStats(), this.#receive?.getStats()]);
    return { ...(send && { send }), ...(receive && { receive }) };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#send?.close();
    this.#receive?.close();
    for (const { protection } of this.#published.values()) protection?.release();
    this.closeConsumersExcept(() => false);
  }

  async #produce(kind: StreamKind, { track, options, isPaused }: LocalTrack): Promise<string> {
    if (!this.#send) throw clientErrors.cannotSend();
    const { encryption } = this.#options;
    let protection: ProtectedStream | undefined;
    const appData = { source: sourceOf[kind], paused: isPaused };
    try {
      const producer = await this.#send.produce({
        track,
        appData,
        stopTracks: false,
        disableTrackOnPause: false,
        ...producerOptions(this.#device, track, options),
        onRtpSender: (sender) => {
          protection = this.#protectSender(sender, kind, appData);
        },
      });
      this.#published.set(kind, { producer, protection, isPaused });
      if (encryption && !protection) throw clientErrors.notProtected();
      if (this.#isClosed) throw clientErrors.left();
      return producer.id;
    } catch (error) {
      protection?.release();
      this.#published.get(kind)?.producer.close();
      this.#published.delete(kind);
      throw error;
    }
  }

  #protectSender(
    sender: RTCRtpSender,
    kind: StreamKind,
    appData: Record<string, unknown>,
  ): ProtectedStream | undefined {
    try {
      const protection = this.#options.encryption?.protectSender(sender, kind);
      if (!protection?.streamId) return undefined;
      const streamId = toBase64Url(protection.streamId);
      appData.streamId = streamId;
      this.#options.onProtected(kind, streamId);
      return protection;
    } catch (error) {
      // The sender stays in the peer connection, and a later negotiation would let it send.
      sender.replaceTrack(null).catch(() => {});
      throw error;
    }
  }

  async #unpublish(kind: StreamKind, { producer, protection }: Published): Promise<void> {
    this.#published.delete(kind);
    producer.close();
    protection?.release();
    await this.#options.connection.request("close-producer", { producerId: producer.id });
  }

  /** Only others are told: the track itself was silenced long before. */
  async #setPaused(published: Published, isPaused: boolean): Promise<void> {
    if (published.isPaused === isPaused) return;
    published.isPaused = isPaused;
    const method = isPaused ? "pause-producer" : "resume-producer";
    await this.#options.connection.request(method, { producerId: published.producer.id });
  }

  async #subscribe(subscription: Subscription): Promise<void> {
    const { info } = subscription;
    const { consumerId, participantId, source } = info;
    const { encryption, connection } = this.#options;
    const isWanted = () => this.#subscriptions.get(consumerId) === subscription;
    if (!this.#receive || !isWanted()) return;
    // Sealed frames are noise to a decoder.
    if (info.encryption && !encryption) return;
    const kind = kindOf[source];
    const consumer = await this.#receive.consume({
      id: consumerId,
      producerId: info.producerId,
      kind: info.kind,
      rtpParameters: info.rtpParameters,
      streamId: this.#streamName(participantId, kind),
      onRtpReceiver: (receiver) => {
        if (encryption)
          subscription.protection = encryption.protectReceiver(receiver, streamOf(info));
      },
    });
    subscription.consumer = consumer;
    if (!isWanted()) {
      consumer.close();
      subscription.protection?.release();
      return;
    }
    if (encryption && !subscription.protection) throw clientErrors.notProtected();
    this.#options.onConsumerTrack(info, consumer.track);
    connection.request("resume-consumer", { consumerId }).catch(() => {}); // The session is over.
  }

  /**
   * One name for camera and microphone keeps them in sync; the screen has its own. It stands in SDP,
   * so nothing of it is of others' choosing.
   */
  #streamName(participantId: string, kind: StreamKind): string {
    const number = this.#streamNumbers.get(participantId) ?? this.#streamNumbers.size + 1;
    this.#streamNumbers.set(participantId, number);
    return kind === "share" || kind === "shareAudio" ? `screen${number}` : `person${number}`;
  }

  #createTransport(
    direction: "send" | "recv",
    info: TransportInfo | undefined,
  ): types.Transport | undefined {
    if (!info) return undefined;
    const settings = this.#options.encryption && {
      additionalSettings: FrameEncryption.peerConnectionSettings,
    };
    const options = { ...info, ...settings };
    const transport =
      direction === "send"
        ? this.#device.createSendTransport(options)
        : this.#device.createRecvTransport(options);
    if (direction === "recv" && this.#options.encryption) closeGaps(transport);
    const { connection, encryption } = this.#options;
    transport.on("connect", ({ dtlsParameters }, done, failed) => {
      const data = { transportId: info.id, dtlsParameters };
      connection.request("connect-transport", data).then(() => done(), failed);
    });
    transport.on("produce", ({ kind, rtpParameters, appData }, done, failed) => {
      const { source, streamId, paused } = appData;
      const data = {
        transportId: info.id,
        kind,
        rtpParameters,
        source,
        ...(paused === true && { paused }),
        ...(streamId !== undefined && {
          encryption: { format: encryption?.frameFormat, streamId },
        }),
      };
      connection
        .request("produce", data)
        .then((answer) => done({ id: parseProducerId(answer) }))
        .catch(failed);
    });
    this.#watch(transport, info.id);
    return transport;
  }

  /** A path that breaks is mended by an ICE restart, again and again until it works or is closed. */
  #watch(transport: types.Transport, transportId: string): void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const restartIn = (delayMs: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => void restart(), delayMs);
    };
    const restart = async () => {
      if (transport.closed) return;
      try {
        const answer = await this.#options.connection.request("restart-ice", { transportId });
        await transport.restartIce(parseIceParameters(answer));
      } catch {
        // Refused, or the session is over; then the transport is closed, and this ends.
        restartIn(RESTART_DELAY_MS);
      }
    };
    transport.on("connectionstatechange", (state) => {
      clearTimeout(timer);
      if (state === "failed") restartIn(0);
      if (state === "disconnected") restartIn(RESTART_DELAY_MS);
    });
    transport.observer.on("close", () => clearTimeout(timer));
  }
}

/**
 * Leaves nothing of a receiving transport without a transform: neither SSRCs that nobody announced, nor
 * the video receiver that mediasoup-client would add to probe bandwidth with. It has no settings for
 * that, so this reaches into the one version that package.json names, and stops where it is another.
 */
function closeGaps(transport: types.Transport): void {
  const inner = transport as unknown as {
    _handler?: { _pc?: RTCPeerConnection };
    _probatorConsumerCreated?: boolean;
  };
  const connection = inner._handler?._pc;
  if (!connection || inner._probatorConsumerCreated !== false) throw clientErrors.notProtected();
  prepareConnection(connection);
  inner._probatorConsumerCreated = true;
}

function streamOf({ consumerId, participantId, source, encryption }: ConsumerInfo) {
  const streamId = encryption && fromBase64Url(encryption.streamId, STREAM_ID_SIZE);
  return { consumerId, participantId, kind: kindOf[source], ...(streamId && { streamId }) };
}

async function createDevice(): Promise<Device> {
  try {
    return await Device.factory();
  } catch (error) {
    throw clientErrors.unsupported(error);
  }
}

function producerOptions(
  device: Device,
  track: MediaStreamTrack,
  { codec = "VP8", maxBitrate, scalabilityMode }: ProduceOptions,
): Partial<types.ProducerOptions> {
  if (track.kind !== "video") return { codecOptions: { opusDtx: true, opusFec: true } };
  const wanted = device.sendRtpCapabilities.codecs?.find(
    ({ mimeType }) => mimeType.toLowerCase() === `video/${codec.toLowerCase()}`,
  );
  const encoding = {
    ...(maxBitrate && { maxBitrate }),
    ...(scalabilityMode && { scalabilityMode }),
  };
  return {
    ...(wanted && { codec: wanted }),
    ...(Object.keys(encoding).length > 0 && { encodings: [encoding] }),
    codecOptions: { videoGoogleStartBitrate: 1000 },
  };
}
