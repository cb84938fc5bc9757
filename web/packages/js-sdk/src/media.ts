// The two WebRTC transports of a session, over mediasoup-client. Every sender and receiver gets its
// transform in the callback that runs before its first negotiation.

import { type FrameEncryption, FrameEncryption as Encryption, type StreamKind } from "@sotto/e2ee";
import { Device, type types } from "mediasoup-client";

import type { Connection } from "./connection";
import { clientErrors } from "./errors";
import { kindOf, sourceOf } from "./kinds";
import {
  type ConsumerInfo,
  fromBase64Url,
  type JoinAnswer,
  toBase64Url,
  type TransportInfo,
} from "./messages";

export const STREAM_ID_SIZE = 16;
const RESTART_DELAY_MS = 2000;

export interface MediaOptions {
  connection: Connection;
  encryption: FrameEncryption | undefined;
  onConsumerTrack: (info: ConsumerInfo, track: MediaStreamTrack) => void;
  onProducerEnded: (kind: StreamKind) => void;
  onError: (error: Error) => void;
}

export interface ProduceOptions {
  codec?: "VP8" | "VP9";
  maxBitrate?: number;
}

/** One producer, with the stream id under which its frames are sealed. */
interface Published {
  producer: types.Producer;
  streamId: Uint8Array | undefined;
}

export class Media {
  #options: MediaOptions;
  #device: Device;
  #send: types.Transport | undefined;
  #receive: types.Transport | undefined;
  #published = new Map<StreamKind, Published>();
  #consumers = new Map<string, types.Consumer>();
  #consuming: Promise<void> = Promise.resolve();
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

  /** Publishes a track; its frames are sealed from the first one on. Returns the producer's id. */
  async produce(kind: StreamKind, track: MediaStreamTrack, options: ProduceOptions = {}): Promise<string> {
    if (!this.#send) throw clientErrors.notJoined();
    const appData: Record<string, unknown> = { source: sourceOf[kind] };
    let streamId: Uint8Array | undefined;
    const producer = await this.#send.produce({
      track,
      appData,
      stopTracks: false,
      disableTrackOnPause: true,
      ...videoOptions(this.#device, track, options),
      onRtpSender: (sender) => {
        streamId = this.#options.encryption?.protectSender(sender, kind);
        if (streamId) appData.streamId = toBase64Url(streamId);
      },
    });
    if (this.#isClosed) throw clientErrors.left();
    this.#published.set(kind, { producer, streamId });
    const ended = () => this.#options.onProducerEnded(kind);
    producer.on("trackended", ended);
    return producer.id;
  }

  async closeProducer(kind: StreamKind): Promise<void> {
    const published = this.#published.get(kind);
    if (!published) return;
    this.#published.delete(kind);
    published.producer.close();
    if (published.streamId) this.#options.encryption?.releaseSender(published.streamId);
    await this.#options.connection.request("close-producer", { producerId: published.producer.id });
  }

  async pauseProducer(kind: StreamKind, isPaused: boolean): Promise<void> {
    const producer = this.#published.get(kind)?.producer;
    if (!producer) return;
    if (isPaused) producer.pause();
    else producer.resume();
    const method = isPaused ? "pause-producer" : "resume-producer";
    await this.#options.connection.request(method, { producerId: producer.id });
  }

  async replaceTrack(kind: StreamKind, track: MediaStreamTrack): Promise<void> {
    await this.#published.get(kind)?.producer.replaceTrack({ track });
  }

  /** Consumers are made one after the other, in the order in which the server named them. */
  consume(info: ConsumerInfo): void {
    this.#consuming = this.#consuming.then(() => this.#consume(info)).catch((error: Error) => {
      if (!this.#isClosed) this.#options.onError(error);
    });
  }

  closeConsumer(consumerId: string): void {
    this.#consuming = this.#consuming.then(() => {
      this.#consumers.get(consumerId)?.close();
      this.#consumers.delete(consumerId);
    });
  }

  async stats(): Promise<{ send: RTCStatsReport | undefined; receive: RTCStatsReport | undefined }> {
    return { send: await this.#send?.getStats(), receive: await this.#receive?.getStats() };
  }

  /** Of one incoming stream, by consumer. */
  async consumerStats(consumerId: string): Promise<RTCStatsReport | undefined> {
    return this.#consumers.get(consumerId)?.getStats();
  }

  close(): void {
    this.#isClosed = true;
    this.#send?.close();
    this.#receive?.close();
  }

  async #consume(info: ConsumerInfo): Promise<void> {
    if (!this.#receive || this.#isClosed) return;
    const { consumerId, participantId, source } = info;
    const kind = kindOf[source];
    const streamId = info.encryption && fromBase64Url(info.encryption.streamId, STREAM_ID_SIZE);
    const consumer = await this.#receive.consume({
      id: consumerId,
      producerId: info.producerId,
      kind: info.kind,
      rtpParameters: info.rtpParameters,
      streamId: this.#streamName(participantId, kind),
      onRtpReceiver: (receiver) =>
        this.#options.encryption?.protectReceiver(receiver, {
          consumerId,
          participantId,
          kind,
          ...(streamId && { streamId }),
        }),
    });
    if (this.#isClosed) return;
    this.#consumers.set(consumerId, consumer);
    this.#options.onConsumerTrack(info, consumer.track);
    await this.#options.connection.request("resume-consumer", { consumerId });
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

  #createTransport(direction: "send" | "recv", info: TransportInfo | undefined): types.Transport | undefined {
    if (!info) return undefined;
    const settings = this.#options.encryption && {
      additionalSettings: Encryption.peerConnectionSettings as Partial<RTCConfiguration>,
    };
    const options = { ...info, ...settings };
    const transport =
      direction === "send"
        ? this.#device.createSendTransport(options)
        : this.#device.createRecvTransport(options);
    const { connection } = this.#options;
    transport.on("connect", ({ dtlsParameters }, done, failed) => {
      connection.request("connect-transport", { transportId: info.id, dtlsParameters }).then(() => done(), failed);
    });
    transport.on("produce", ({ kind, rtpParameters, appData }, done, failed) => {
      const { source, streamId } = appData;
      const encryption = streamId && { encryption: { format: "sotto", streamId } };
      connection
        .request("produce", { transportId: info.id, kind, rtpParameters, source, ...(encryption || {}) })
        .then((data) => done(data as { id: string }), failed);
    });
    this.#watch(transport, info.id);
    return transport;
  }

  /** A path that breaks is mended by an ICE restart, again and again until it works or is closed. */
  #watch(transport: types.Transport, transportId: string): void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const restart = async () => {
      if (transport.closed) return;
      try {
        const data = await this.#options.connection.request("restart-ice", { transportId });
        await transport.restartIce(data as { iceParameters: types.IceParameters });
      } catch {
        // The session is over, or the transport is: both are told elsewhere.
      }
    };
    transport.on("connectionstatechange", (state) => {
      clearTimeout(timer);
      if (state === "failed") void restart();
      if (state === "disconnected") timer = setTimeout(() => void restart(), RESTART_DELAY_MS);
    });
  }
}

async function createDevice(): Promise<Device> {
  try {
    return await Device.factory();
  } catch (error) {
    throw clientErrors.unsupported(error);
  }
}

function videoOptions(
  device: Device,
  track: MediaStreamTrack,
  { codec = "VP8", maxBitrate }: ProduceOptions,
): Partial<types.ProducerOptions> {
  if (track.kind !== "video") return { codecOptions: { opusDtx: true, opusFec: true } };
  const wanted = device.sendRtpCapabilities.codecs?.find(
    ({ mimeType }) => mimeType.toLowerCase() === `video/${codec.toLowerCase()}`,
  );
  return {
    ...(wanted && { codec: wanted }),
    ...(maxBitrate && { encodings: [{ maxBitrate }] }),
    codecOptions: { videoGoogleStartBitrate: 1000 },
  };
}
