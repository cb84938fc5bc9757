// A participant as VideoSDK shows it: one object for as long as the meeting knows the id, whose properties
// are what is so now, or were so at the end.

import {
  type E2EEEvent,
  isOn,
  type Meeting as Core,
  MeetingError,
  type MeetingEvents,
  type Participant as State,
  type ParticipantMode,
  type StreamEncryption,
  type StreamKind,
  type StreamStats,
} from "@sotto/js-sdk";

import { type Stream, viewOf } from "./stream_view";

/** How one kind of stream is encrypted; absent before the first frame. */
export type E2EEStates = Partial<
  Record<StreamKind, Partial<StreamEncryption> & { isEncrypted: boolean }>
>;

export interface MediaStatus {
  kind: "audio" | "video";
  peerId: string;
  newStatus: boolean;
}

export interface ParticipantEvents {
  "stream-enabled": Stream;
  "stream-disabled": Stream;
  "media-status-changed": MediaStatus;
  "e2ee-state-change": Omit<E2EEEvent, "participantId" | "streamId">;
}

const EVENT_NAMES = new Set<string>([
  "stream-enabled",
  "stream-disabled",
  "media-status-changed",
  "e2ee-state-change",
] satisfies (keyof ParticipantEvents)[]);

const GONE: Omit<State, "id"> = {
  displayName: "",
  isLocal: false,
  mode: "SEND_AND_RECV",
  metaData: {},
  streams: {},
};

export class Participant {
  readonly id: string;
  #core: Core;
  #last: Omit<State, "id"> = GONE;
  /** By event, and by listener what ends it. */
  #listeners = new Map<string, Map<unknown, () => void>>();
  #e2eeStates: { of: State["streams"]; states: E2EEStates } | undefined;

  constructor(core: Core, id: string) {
    this.#core = core;
    this.id = id;
  }

  get displayName(): string {
    return this.#state.displayName;
  }

  get local(): boolean {
    return this.id === this.#core.state.participantId;
  }

  get mode(): ParticipantMode {
    return this.#state.mode;
  }

  get metaData(): Record<string, unknown> {
    return this.#state.metaData;
  }

  get micOn(): boolean {
    return isOn(this.#streams.audio);
  }

  get webcamOn(): boolean {
    return isOn(this.#streams.video);
  }

  get screenShareOn(): boolean {
    return isOn(this.#streams.share);
  }

  get screenShareAudioOn(): boolean {
    return isOn(this.#streams.shareAudio);
  }

  /** By stream id, those that can be seen or heard. */
  get streams(): Map<string, Stream> {
    const views = Object.values(this.#streams).map(viewOf);
    return new Map(views.flatMap((view) => (view ? [[view.id, view]] : [])));
  }

  /** Sotto's own. */
  get e2eeStates(): E2EEStates {
    const of = this.#streams;
    if (this.#e2eeStates?.of === of) return this.#e2eeStates.states;
    const states: E2EEStates = {};
    for (const stream of Object.values(of))
      states[stream.kind] = { isEncrypted: stream.isEncrypted, ...stream.encryption };
    this.#e2eeStates = { of, states };
    return states;
  }

  /** As they were at the end, for who asks only after it. */
  remember(last: State): void {
    this.#last = last;
  }

  stream(kind: StreamKind): Stream | null {
    return viewOf(this.#streams[kind]);
  }

  getAudioStats(): Promise<StreamStats[]> {
    return this.#stats("audio");
  }

  getVideoStats(): Promise<StreamStats[]> {
    return this.#stats("video");
  }

  getShareStats(): Promise<StreamStats[]> {
    return this.#stats("share");
  }

  getShareAudioStats(): Promise<StreamStats[]> {
    return this.#stats("shareAudio");
  }

  on<Name extends keyof ParticipantEvents>(
    name: Name,
    listener: (data: ParticipantEvents[Name]) => void,
  ): void {
    if (!EVENT_NAMES.has(name))
      throw new MeetingError(3073, "INVALID_PARAMETER", `A participant has no event '${name}'.`);
    this.off(name, listener);
    this.#listenersOf(name).set(listener, subscribe(this.#core, this.id, name, listener));
  }

  off<Name extends keyof ParticipantEvents>(
    name: Name,
    listener: (data: ParticipantEvents[Name]) => void,
  ): void {
    const listeners = this.#listenersOf(name);
    listeners.get(listener)?.();
    listeners.delete(listener);
  }

  #listenersOf(name: string): Map<unknown, () => void> {
    const listeners = this.#listeners.get(name) ?? new Map<unknown, () => void>();
    this.#listeners.set(name, listeners);
    return listeners;
  }

  get #streams(): State["streams"] {
    return this.#core.state.participants.get(this.id)?.streams ?? GONE.streams;
  }

  get #state(): Omit<State, "id"> {
    this.#last = this.#core.state.participants.get(this.id) ?? this.#last;
    return this.#last;
  }

  async #stats(kind: StreamKind): Promise<StreamStats[]> {
    const stats = await this.#core.streamStats(this.id, kind);
    return stats ? [stats] : [];
  }
}

/** Calls back for one participant's events; returns what ends it. */
export function subscribe<Name extends keyof ParticipantEvents>(
  core: Core,
  id: string,
  name: Name,
  listener: (data: ParticipantEvents[Name]) => void,
): () => void {
  const tell = listener as (data: unknown) => void;
  if (name === "e2ee-state-change")
    return core.events.on("e2ee-state-change", ({ participantId, streamId: _, ...event }) => {
      if (participantId === id) tell(event);
    });
  const wants = (isEnabled: boolean) =>
    name === "media-status-changed" || name === (isEnabled ? "stream-enabled" : "stream-disabled");
  const onStream =
    (isEnabled: boolean) => (data: MeetingEvents["stream-enabled" | "stream-disabled"]) => {
      const { participant, stream } = data;
      if (participant.id !== id || !wants(isEnabled)) return;
      if (name !== "media-status-changed") return tell(viewOf({ ...stream, paused: false }));
      if (stream.kind === "audio" || stream.kind === "video")
        tell({ kind: stream.kind, peerId: id, newStatus: isEnabled } satisfies MediaStatus);
    };
  const ends = [
    core.events.on("stream-enabled", onStream(true)),
    core.events.on("stream-disabled", onStream(false)),
  ];
  return () => ends.forEach((end) => end());
}
