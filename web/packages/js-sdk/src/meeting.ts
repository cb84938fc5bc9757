// A meeting: its state in a store, and what can be done in it.

import {
  type E2EEEvent,
  type ExternalE2EEKeyProvider,
  FrameEncryption,
  type StreamKind,
} from "@sotto/e2ee";

import { Connection } from "./connection";
import { openDevice, openScreen, requireSecureOrigin } from "./devices";
import { Emitter } from "./emitter";
import { clientErrors, MeetingError } from "./errors";
import { Media, type ProduceOptions } from "./media";
import { type JoinAnswer, type Notification, toBase64Url } from "./messages";
import { applyNotification, encryptionChanged, joined, left, localStream, trackArrived } from "./reduce";
import { initialState, type MeetingState, type ParticipantMode } from "./state";
import { createStore, type Store } from "./store";

export interface MeetingOptions {
  /** From `POST /v2/rooms`. */
  roomId: string;
  token: string;
  displayName: string;
  /** Drawn at random if absent. Part of the key derivation. */
  participantId?: string;
  mode?: ParticipantMode;
  metaData?: Record<string, unknown>;
  /** With it, nothing leaves in clear, whatever the server says. */
  keyProvider?: ExternalE2EEKeyProvider;
  /** Host, host:port or URL of `sottod`. Default: where the page comes from. */
  signalingBaseUrl?: string;
}

export interface MeetingEvents {
  "e2ee-state-change": E2EEEvent;
  notification: Notification;
  error: Error;
}

const CHALLENGE_SIZE = 16;
const REJOIN_DELAYS_MS = [0, 500, 1000, 2000, 3000, 4000, 5000, 5000, 5000, 5000];

interface LocalTrack {
  track: MediaStreamTrack;
  options: ProduceOptions;
  isPaused: boolean;
}

/** One session with the server; a rejoin makes a new one. */
interface Session {
  connection: Connection;
  media: Media | undefined;
}

export class Meeting {
  readonly store: Store<MeetingState>;
  readonly events = new Emitter<MeetingEvents>();

  #options: MeetingOptions & { participantId: string };
  #encryption: FrameEncryption | undefined;
  #session: Session | undefined;
  #tracks = new Map<StreamKind, LocalTrack>();
  #queues = new Map<StreamKind, Promise<void>>();
  #rejoinAfterMs = 0;

  constructor(options: MeetingOptions) {
    const participantId = options.participantId ?? crypto.randomUUID();
    this.#options = { ...options, participantId };
    const { displayName, mode = "SEND_AND_RECV", metaData = {} } = options;
    const local = { id: participantId, displayName, mode, metaData };
    this.store = createStore(initialState(options.roomId, local, options.keyProvider?.policy));
  }

  get state(): MeetingState {
    return this.store.getState();
  }

  /** Joins; rejects, and leaves nothing running, if that is impossible. Tracks given before are published. */
  async join(): Promise<void> {
    const { status } = this.state;
    if (status !== "idle" && status !== "left" && status !== "failed") return;
    this.store.setState({ status: "connecting", error: undefined });
    try {
      requireSecureOrigin();
      await this.#startEncryption();
      await this.#openSession();
    } catch (error) {
      if (this.state.status === "connecting") this.#stop("failed", error as Error);
      throw error;
    }
  }

  /** Ends this participant's part. The same object can join again. */
  leave(): void {
    const connection = this.#session?.connection;
    connection?.request("leave").catch(() => {});
    this.#stop("left");
  }

  /** Ends the meeting for everybody; the token needs `allow_mod`. */
  async end(): Promise<void> {
    await this.#requireConnection().request("end");
  }

  async enableMicrophone(track?: MediaStreamTrack, deviceId?: string): Promise<void> {
    await this.#serially("audio", async () => {
      if (this.#tracks.get("audio")?.isPaused && !track && deviceId === undefined) return this.#setPaused(false);
      await this.#publish("audio", track ?? (await openDevice("microphone", deviceId)), {});
    });
  }

  /** The microphone stays open and is silent, so that it is back at once. */
  async disableMicrophone(): Promise<void> {
    await this.#serially("audio", () => this.#setPaused(true));
  }

  async enableCamera(track?: MediaStreamTrack, options: ProduceOptions = {}, deviceId?: string): Promise<void> {
    await this.#serially("video", async () => {
      await this.#publish("video", track ?? (await openDevice("camera", deviceId)), options);
    });
  }

  /** The camera is switched off. */
  async disableCamera(): Promise<void> {
    await this.#serially("video", () => this.#unpublish("video"));
  }

  async enableScreenShare(options: ProduceOptions = {}): Promise<void> {
    await this.#serially("share", async () => {
      const { video, audio } = await openScreen();
      await this.#publish("share", video, options);
      if (audio) await this.#publish("shareAudio", audio, {});
    });
  }

  async disableScreenShare(): Promise<void> {
    await this.#serially("share", async () => {
      await this.#unpublish("share");
      await this.#unpublish("shareAudio");
    });
  }

  /** Receiving and sending statistics of the browser. */
  stats(): Promise<{ send: RTCStatsReport | undefined; receive: RTCStatsReport | undefined } | undefined> {
    return this.#session?.media?.stats() ?? Promise.resolve(undefined);
  }

  async #startEncryption(): Promise<void> {
    const { keyProvider, roomId, participantId } = this.#options;
    if (!keyProvider || this.#encryption) return;
    this.#encryption = new FrameEncryption({
      keyProvider,
      roomId,
      participantId,
      onEvent: (event) => {
        this.store.setState((state) => encryptionChanged(state, event));
        this.events.emit("e2ee-state-change", event);
      },
      onFailure: (error) => this.#stop("failed", error),
      onKeyFrameWanted: (consumerId) => {
        this.#session?.connection.request("request-key-frame", { consumerId }).catch(() => {});
      },
      onKeySet: ({ safetyCode }) => this.store.setState({ safetyCode }),
    });
    await this.#encryption.ready;
    this.store.setState({ isE2EEEnabled: true });
  }

  /** Joins on a new connection, starts media and publishes what is to be published. */
  async #openSession(): Promise<void> {
    const session: Session = { media: undefined, connection: this.#createConnection(() => session) };
    this.#closeSession();
    this.#session = session;

    const answer = await session.connection.join(this.#joinData());
    this.#requireCurrent(session);
    this.#checkAnswer(answer);
    this.store.setState((state) => joined(state, answer));
    session.media = await Media.create(answer, {
      connection: session.connection,
      encryption: this.#encryption,
      onConsumerTrack: (info, track) => {
        if (this.#session === session) this.store.setState((state) => trackArrived(state, info, track));
      },
      onProducerEnded: (kind) => void this.#trackEnded(kind),
      onError: (error) => this.events.emit("error", error),
    });
    this.#requireCurrent(session);
    await session.media.announce();
    for (const [kind, published] of this.#tracks) await this.#produce(kind, published);
    this.#requireCurrent(session);
    this.store.setState({ status: "connected", error: undefined });
  }

  #createConnection(session: () => Session): Connection {
    const isCurrent = () => this.#session === session();
    return new Connection({
      url: signallingUrl(this.#options.signalingBaseUrl),
      onNotification: (notification) => {
        if (isCurrent()) this.#handle(notification);
      },
      onOnline: (isOnline) => {
        if (isCurrent()) this.store.setState({ status: isOnline ? "connected" : "reconnecting" });
      },
      onLost: () => {
        if (isCurrent()) void this.#rejoin();
      },
    });
  }

  #joinData(): Record<string, unknown> {
    const { roomId, token, participantId, displayName, mode, metaData, keyProvider } = this.#options;
    return {
      roomId,
      token,
      participantId,
      displayName,
      ...(mode && { mode }),
      ...(metaData && { metaData }),
      challenge: toBase64Url(crypto.getRandomValues(new Uint8Array(CHALLENGE_SIZE))),
      e2ee: { policy: keyProvider?.policy ?? "off" },
    };
  }

  /** The ids are part of every key: a server that changes them would change whose stream is whose. */
  #checkAnswer(answer: JoinAnswer): void {
    const { roomId, participantId } = this.#options;
    if (answer.roomId !== roomId) throw clientErrors.badAnswer("it names another room");
    if (answer.participantId !== participantId)
      throw clientErrors.badAnswer("it gives this participant another id");
  }

  #handle(notification: Notification): void {
    const media = this.#session?.media;
    this.store.setState((state) => applyNotification(state, notification));
    switch (notification.event) {
      case "consumer-added":
        media?.consume(notification.data);
        break;
      case "consumer-closed":
        media?.closeConsumer(notification.data.consumerId);
        break;
      case "removed":
        this.#removed(notification.data.code, notification.data.reason);
        break;
      case "server-closing":
        this.#rejoinAfterMs = notification.data.reconnectAfterMs;
        break;
    }
    this.events.emit("notification", notification);
  }

  #removed(code: number, reason: string): void {
    this.#stop("left", new MeetingError(code, "REMOVED", reason));
  }

  /** A new session in place of one that cannot be resumed; local tracks and the encryption live on. */
  async #rejoin(): Promise<void> {
    this.store.setState({ status: "reconnecting" });
    const first = this.#rejoinAfterMs;
    this.#rejoinAfterMs = 0;
    this.#closeSession();
    let lastError: Error = clientErrors.connectionLost();
    for (const delay of REJOIN_DELAYS_MS) {
      // Everybody rejoins at once after a restart: a random part spreads them.
      await sleep(first + delay + Math.random() * 300);
      if (this.state.status !== "reconnecting") return;
      try {
        await this.#openSession();
        return;
      } catch (error) {
        lastError = error as Error;
        if (!isWorthRetrying(lastError)) break;
      }
    }
    if (this.state.status === "reconnecting") this.#stop("failed", lastError);
  }

  /** Publishes a track, or puts it in place of the one that is there. */
  async #publish(kind: StreamKind, track: MediaStreamTrack, options: ProduceOptions): Promise<void> {
    const before = this.#tracks.get(kind);
    const published = { track, options, isPaused: false };
    this.#tracks.set(kind, published);
    if (before) {
      await this.#session?.media?.replaceTrack(kind, track);
      if (before.track !== track) before.track.stop();
      this.store.setState((state) => localStream(state, kind, { track }));
      if (before.isPaused) await this.#setPaused(false);
      return;
    }
    if (this.state.status === "connected") await this.#produce(kind, published);
    else this.store.setState((state) => localStream(state, kind, { id: "", kind, track, paused: false, isEncrypted: false }));
  }

  async #produce(kind: StreamKind, { track, options, isPaused }: LocalTrack): Promise<void> {
    const media = this.#session?.media;
    if (!media) return;
    try {
      const id = await media.produce(kind, track, options);
      const isEncrypted = this.#encryption !== undefined;
      this.store.setState((state) => localStream(state, kind, { id, kind, track, paused: isPaused, isEncrypted }));
      if (isPaused) await media.pauseProducer(kind, true);
    } catch (error) {
      this.#forget(kind);
      throw error;
    }
  }

  async #unpublish(kind: StreamKind): Promise<void> {
    if (!this.#tracks.has(kind)) return;
    this.#forget(kind);
    await this.#session?.media?.closeProducer(kind);
  }

  #forget(kind: StreamKind): void {
    this.#tracks.get(kind)?.track.stop();
    this.#tracks.delete(kind);
    this.store.setState((state) => localStream(state, kind, undefined));
  }

  async #setPaused(isPaused: boolean): Promise<void> {
    const published = this.#tracks.get("audio");
    if (!published) return;
    published.isPaused = isPaused;
    this.store.setState((state) => localStream(state, "audio", { paused: isPaused }));
    await this.#session?.media?.pauseProducer("audio", isPaused);
  }

  /** The device went away, or the user ended the sharing in the browser's own bar. */
  async #trackEnded(kind: StreamKind): Promise<void> {
    await this.#serially(kind === "shareAudio" ? "share" : kind, async () => {
      await this.#unpublish(kind);
      if (kind === "share") await this.#unpublish("shareAudio");
    }).catch(() => {});
  }

  /** Starts and stops of one kind happen one after the other, however quickly they are asked for. */
  #serially(kind: StreamKind, action: () => Promise<void>): Promise<void> {
    const before = this.#queues.get(kind) ?? Promise.resolve();
    const after = before.then(action, action);
    this.#queues.set(kind, after.catch(() => {}));
    return after;
  }

  #requireConnection(): Connection {
    if (!this.#session) throw clientErrors.notJoined();
    return this.#session.connection;
  }

  #requireCurrent(session: Session): void {
    if (this.#session !== session) throw clientErrors.left();
  }

  #closeSession(): void {
    const session = this.#session;
    this.#session = undefined;
    session?.media?.close();
    session?.connection.close();
  }

  /** Everything stops; a state without it says why. */
  #stop(status: "left" | "failed", error?: Error): void {
    this.#closeSession();
    this.#encryption?.close();
    this.#encryption = undefined;
    for (const kind of [...this.#tracks.keys()]) this.#forget(kind);
    this.store.setState((state) => ({ ...left(state), status, error }));
  }
}

/** A server that is not there may come back; one that refuses goes on refusing. */
function isWorthRetrying(error: Error): boolean {
  return !(error instanceof MeetingError) || error.code === 3047 || error.code === 1102 || error.code >= 5000;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** `wss://host/signal` from a host, host:port or URL; default the page's origin. */
export function signallingUrl(base: string | undefined): string {
  const isUrl = base !== undefined && /^(https?|wss?):\/\//.test(base);
  const url = new URL(isUrl ? base : base === undefined ? location.origin : `${location.protocol}//${base}`);
  url.protocol = url.protocol === "https:" || url.protocol === "wss:" ? "wss:" : "ws:";
  url.pathname = `${url.pathname.replace(/\/$/, "")}/signal`;
  url.search = url.hash = "";
  return url.href;
}
