// A meeting: its state in a store, and what can be done in it.

import {
  Emitter,
  type ExternalE2EEKeyProvider,
  FrameEncryption,
  type StreamCounts,
  type StreamKind,
} from "@sotto/e2ee";

import { toBase64Url } from "./base64url";
import { changesBetween, type LeaveReason, type MeetingEvents } from "./changes";
import { Connection } from "./connection";
import {
  listDevices,
  openDevice,
  openScreen,
  requireSecureOrigin,
  type ScreenTracks,
} from "./devices";
import { clientErrors, MeetingError, TOO_MANY_REQUESTS } from "./errors";
import { drawChallenge, heedLiveness, heedParticipant, sendLiveness } from "./liveness";
import { LocalTracks } from "./local_tracks";
import { Media, type ProduceOptions } from "./media";
import type { JoinAnswer, Notification } from "./messages";
import {
  applyNotification,
  encryptionChanged,
  isOffered,
  joined,
  left,
  localStream,
  trackArrived,
} from "./reduce";
import { signallingUrl } from "./signalling_url";
import { initialState, type MeetingState, type ParticipantMode } from "./state";
import { createStore, type Store } from "./store";
import { StreamMeter, type StreamStats } from "./stream_stats";

export interface MeetingOptions {
  /** From `POST /v2/rooms`. */
  roomId: string;
  /** Or where to get one, asked anew for every join, so that a rejoin hours later has a fresh one. */
  token: string | (() => string | Promise<string>);
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

const REJOIN_DELAYS_MS = [0, 500, 1000, 2000, 3000, 4000, 5000, 5000, 5000, 5000];
/** Everybody rejoins at once after a restart: a random part spreads them. */
const REJOIN_SPREAD_MS = 300;

/** One joining; a rejoin makes a new one. */
interface Session {
  connection: Connection;
  media: Media | undefined;
  /** Joined, and told the server what can be received: tracks may be published. */
  isReady: boolean;
}

export class Meeting {
  readonly store: Store<MeetingState>;
  readonly events = new Emitter<MeetingEvents>();

  #options: MeetingOptions & { participantId: string };
  #encryption: FrameEncryption | undefined;
  #session: Session | undefined;
  #tracks: LocalTracks;
  #meter = new StreamMeter();
  #joining: Promise<void> = Promise.resolve();
  /** Grows with every join, rejoin and end: what an earlier one still waits for is void. */
  #attempt = 0;
  #rejoinAfterMs = 0;
  /** Why somebody left, while it is being told. */
  #leaveReasons = new Map<string, LeaveReason>();

  constructor(options: MeetingOptions) {
    const participantId = options.participantId ?? drawId();
    this.#options = { ...options, participantId };
    const { roomId, displayName, mode = "SEND_AND_RECV", metaData = {}, keyProvider } = options;
    const local = { id: participantId, displayName, mode, metaData };
    this.store = createStore(initialState(roomId, local, keyProvider?.policy));
    this.#tellChanges();
    this.#tracks = new LocalTracks({
      media: () => (this.#session?.isReady ? this.#session.media : undefined),
      isEncrypted: keyProvider !== undefined,
      onChange: (kind, change) => this.store.setState((state) => localStream(state, kind, change)),
      onError: (error) => this.events.emit("error", error),
    });
  }

  get state(): MeetingState {
    return this.store.getState();
  }

  /**
   * Joins; rejects, and leaves nothing running, if that is impossible. Tracks given before are
   * published. While joined, or under way, it is the same joining.
   */
  join(): Promise<void> {
    const { status } = this.state;
    if (status === "connected" || status === "reconnecting") return Promise.resolve();
    if (status !== "connecting") this.#joining = this.#join();
    return this.#joining;
  }

  /** Ends this participant's part, also while it still joins. The same object can join again. */
  leave(): void {
    const connection = this.#session?.connection;
    connection?.request("leave").catch(() => {});
    this.#stop("left");
  }

  /**
   * How many frames of each stream were sealed, opened or dropped, and why. Empty without a key
   * provider or before the join.
   */
  async encryptionCounts(): Promise<StreamCounts[]> {
    return (await this.#encryption?.counts()) ?? [];
  }

  /** Ends the meeting for everybody; the token needs `allow_mod`. */
  async end(): Promise<void> {
    if (!this.#session) throw clientErrors.notJoined();
    await this.#session.connection.request("end");
  }

  /** Opens the microphone, or takes one that the app opened and that is the meeting's from now on. */
  async unmuteMic(source?: MediaStream | MediaStreamTrack): Promise<void> {
    if (!source && this.#tracks.get("audio")) return this.#tracks.pause("audio", false);
    await this.#startMic(source, false);
  }

  /** The microphone stays open and is silent, so that it is back at once. */
  async muteMic(): Promise<void> {
    await this.#tracks.pause("audio", true);
  }

  async toggleMic(): Promise<void> {
    const audio = this.#tracks.get("audio");
    if (!audio && this.#tracks.isWanted("audio")) return this.#tracks.stop("audio");
    await (audio && !audio.isPaused ? this.muteMic() : this.unmuteMic());
  }

  /** Another microphone, by device id or opened by the app. Choosing one says nothing: muted stays muted. */
  async changeMic(source: string | MediaStream | MediaStreamTrack): Promise<void> {
    const { isPaused = !this.#tracks.isWanted("audio") } = this.#tracks.get("audio") ?? {};
    await this.#startMic(source, isPaused);
  }

  async enableWebcam(
    source?: string | MediaStream | MediaStreamTrack,
    options: ProduceOptions = {},
  ): Promise<void> {
    const opened = (track: MediaStreamTrack) => [{ kind: "video" as const, track, options }];
    await this.#tracks.start(
      "video",
      isOpen(source)
        ? opened(trackOf(source, "video"))
        : async () => opened(await openDevice("camera", source)),
    );
  }

  /** The camera is switched off. */
  async disableWebcam(): Promise<void> {
    await this.#tracks.stop("video");
  }

  async toggleWebcam(): Promise<void> {
    await (this.#tracks.isWanted("video") ? this.disableWebcam() : this.enableWebcam());
  }

  /** Another camera, by device id or opened by the app. */
  async changeWebcam(source: string | MediaStream | MediaStreamTrack): Promise<void> {
    await this.enableWebcam(source);
  }

  /** With the sound, if the user shares it too. Needs a click of the user. */
  async enableScreenShare(source?: MediaStream, options: ProduceOptions = {}): Promise<void> {
    const opened = ({ video, audio }: ScreenTracks) => [
      { kind: "share" as const, track: video, options },
      ...(audio ? [{ kind: "shareAudio" as const, track: audio }] : []),
    ];
    await this.#tracks.start(
      "share",
      source
        ? opened({ video: trackOf(source, "video"), audio: source.getAudioTracks()[0] })
        : async () => opened(await openScreen()),
    );
  }

  async disableScreenShare(): Promise<void> {
    await this.#tracks.stop("share", "shareAudio");
  }

  async toggleScreenShare(): Promise<void> {
    await (this.#tracks.isWanted("share") ? this.disableScreenShare() : this.enableScreenShare());
  }

  getMics(): Promise<MediaDeviceInfo[]> {
    return listDevices("audioinput");
  }

  getWebcams(): Promise<MediaDeviceInfo[]> {
    return listDevices("videoinput");
  }

  /** Sending and receiving statistics of the browser; empty while not joined. */
  stats(): Promise<{ send?: RTCStatsReport; receive?: RTCStatsReport }> {
    return this.#session?.media?.stats() ?? Promise.resolve({});
  }

  /** How one stream fares; undefined while it does not flow. */
  async streamStats(participantId: string, kind: StreamKind): Promise<StreamStats | undefined> {
    const report = await this.#session?.media?.streamReport(participantId, kind);
    return report && this.#meter.read(`${participantId} ${kind}`, report);
  }

  async #startMic(
    source: string | MediaStream | MediaStreamTrack | undefined,
    isPaused: boolean,
  ): Promise<void> {
    const opened = (track: MediaStreamTrack) => [{ kind: "audio" as const, track, isPaused }];
    await this.#tracks.start(
      "audio",
      isOpen(source)
        ? opened(trackOf(source, "audio"))
        : async () => opened(await openDevice("microphone", source)),
    );
  }

  async #join(): Promise<void> {
    const attempt = ++this.#attempt;
    this.store.setState({ status: "connecting", error: undefined });
    try {
      requireSecureOrigin();
      await this.#startEncryption();
      this.#requireCurrent(attempt);
      await this.#openSession(attempt);
    } catch (error) {
      if (this.#attempt !== attempt) throw this.state.error ?? clientErrors.left();
      this.#stop("failed", error as Error);
      throw error;
    }
  }

  async #startEncryption(): Promise<void> {
    const { keyProvider, roomId, participantId } = this.#options;
    if (!keyProvider || this.#encryption) return;
    const encryption = new FrameEncryption({
      keyProvider,
      roomId,
      participantId,
      onEvent: (event) => {
        this.store.setState((state) => encryptionChanged(state, event));
        this.events.emit("e2ee-state-change", event);
      },
      onFailure: (error) => this.#stop("failed", error),
      onKeyFrameWanted: ({ consumerId }) => {
        this.#session?.connection.request("request-key-frame", { consumerId }).catch(() => {});
      },
      onSafetyCode: (safetyCode) => this.store.setState({ safetyCode }),
      ...sendLiveness((data) => {
        this.#session?.connection.request("message", data).catch(() => {}); // It is asked for again.
      }),
    });
    this.#encryption = encryption;
    await encryption.ready;
    if (this.#encryption === encryption) this.store.setState({ isE2EEEnabled: true });
  }

  /** Joins on a new connection, starts media and publishes what is to be published. */
  async #openSession(attempt: number): Promise<void> {
    const data = await this.#joinData();
    this.#requireCurrent(attempt);
    this.#closeSession();
    const connection: Connection = this.#createConnection(() => this.#session === session);
    const session: Session = { connection, media: undefined, isReady: false };
    this.#session = session;

    const answer = await connection.join(data);
    this.#requireCurrent(attempt);
    this.#checkAnswer(answer);
    for (const participant of answer.participants) heedParticipant(this.#encryption, participant);
    this.store.setState((state) => joined(state, answer));
    const media = await Media.create(answer, {
      connection,
      participantId: answer.participantId,
      encryption: this.#encryption,
      onConsumerTrack: (info, track) => {
        if (this.#session === session)
          this.store.setState((state) => trackArrived(state, info, track));
      },
      onProtected: (kind, streamId) =>
        this.store.setState((state) =>
          localStream(state, kind, (before) => {
            if (!before) return undefined;
            const { encryption: _, ...stream } = before;
            return { ...stream, streamId };
          }),
        ),
      onError: (error) => this.events.emit("error", error),
    });
    if (this.#attempt !== attempt) media.close();
    this.#requireCurrent(attempt);
    session.media = media;
    await media.announce();
    this.#requireCurrent(attempt);
    session.isReady = true;
    this.store.setState({ status: "connected", error: undefined });
    void this.#tracks.publishAll();
  }

  #createConnection(isCurrent: () => boolean): Connection {
    return new Connection({
      url: signallingUrl(this.#options.signalingBaseUrl),
      onNotification: (notification) => {
        if (isCurrent()) this.#handle(notification);
      },
      onOnline: (isOnline) => {
        if (isCurrent() && this.#session?.isReady)
          this.store.setState({ status: isOnline ? "connected" : "reconnecting" });
      },
      onLost: () => {
        // A joining that is still under way fails by itself.
        if (isCurrent() && this.#session?.isReady) void this.#rejoin();
      },
      onBadMessage: ({ message }) => this.events.emit("error", clientErrors.badMessage(message)),
    });
  }

  async #joinData(): Promise<Record<string, unknown>> {
    const { roomId, token, participantId, displayName, mode, metaData, keyProvider } =
      this.#options;
    return {
      roomId,
      token: typeof token === "function" ? await token() : token,
      participantId,
      displayName,
      ...(mode && { mode }),
      ...(metaData && { metaData }),
      challenge: drawChallenge(this.#encryption),
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

  /** The first subscription of the store, so events follow their state at once. */
  #tellChanges(): void {
    let before = this.state;
    this.store.subscribe(() => {
      const changes = changesBetween(before, this.state, (id) => this.#leaveReasons.get(id));
      before = this.state;
      for (const change of changes) this.events.emit(change.name, change.data as never);
    });
  }

  #handle(notification: Notification): void {
    const { event, data } = notification;
    const media = this.#session?.media;
    if (event === "participant-left")
      this.#leaveReasons.set(data.participantId, { code: data.code, reason: data.reason });
    heedLiveness(this.#encryption, notification);
    this.store.setState((state) => applyNotification(state, notification));
    switch (event) {
      case "participant-left":
      case "producer-added":
      case "producer-closed":
        media?.closeConsumersExcept((info) => isOffered(this.state, info));
        this.#leaveReasons.clear();
        break;
      case "consumer-added":
        if (isOffered(this.state, data)) media?.consume(data);
        break;
      case "consumer-closed":
        media?.closeConsumer(data.consumerId);
        break;
      case "removed":
        this.#stop("left", new MeetingError(data.code, "REMOVED", data.reason));
        break;
      case "server-closing":
        this.#rejoinAfterMs = data.reconnectAfterMs;
        break;
    }
  }

  /** A new session in place of one that cannot be resumed; tracks and the encryption live on. */
  async #rejoin(): Promise<void> {
    const attempt = ++this.#attempt;
    this.store.setState({ status: "reconnecting" });
    const first = this.#rejoinAfterMs;
    this.#rejoinAfterMs = 0;
    this.#closeSession();
    let lastError: Error = clientErrors.connectionLost();
    for (const [i, delay] of REJOIN_DELAYS_MS.entries()) {
      await sleep((i === 0 ? first : 0) + delay + Math.random() * REJOIN_SPREAD_MS);
      if (this.#attempt !== attempt) return;
      try {
        return await this.#openSession(attempt);
      } catch (error) {
        if (this.#attempt !== attempt) return;
        lastError = error as Error;
        if (!isWorthRetrying(lastError)) break;
      }
    }
    this.#stop("failed", lastError);
  }

  #requireCurrent(attempt: number): void {
    if (this.#attempt !== attempt) throw clientErrors.left();
  }

  #closeSession(): void {
    const session = this.#session;
    this.#session = undefined;
    session?.media?.close();
    session?.connection.close();
  }

  /** Everything stops, media and devices first; the state says why. */
  #stop(status: "left" | "failed", error?: Error): void {
    this.#attempt++;
    this.#closeSession();
    const encryption = this.#encryption;
    this.#encryption = undefined;
    encryption?.close();
    this.#tracks.stopAll();
    this.store.setState((state) => ({ ...left(state), status, error }));
  }
}

/** A server that is not there may come back; one that refuses goes on refusing. */
function isWorthRetrying(error: Error): boolean {
  if (!(error instanceof MeetingError)) return true;
  const { code } = error;
  return code === 3047 || code === 1102 || code === TOO_MANY_REQUESTS || code >= 5000;
}

/** `crypto.randomUUID` does not exist on insecure origins, which `join` explains in words. */
function drawId(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(12)));
}

function isOpen(source: unknown): source is MediaStream | MediaStreamTrack {
  return typeof source === "object" && source !== null;
}

function trackOf(
  source: MediaStream | MediaStreamTrack,
  kind: "audio" | "video",
): MediaStreamTrack {
  const tracks = "getTracks" in source ? source.getTracks() : [source];
  const track = tracks.find((each) => each.kind === kind);
  if (!track) throw clientErrors.invalid(`The stream has no ${kind} track.`);
  return track;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
