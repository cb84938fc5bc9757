// What the local participant shows and says. What is wanted takes effect here at once, whatever the
// network does: a track that is stopped or muted is so before any answer. The session of now follows,
// step by step, and a new session takes everything.

import type { StreamKind } from "@sotto/e2ee";

import { clientErrors } from "./errors";
import { sourceOf } from "./kinds";
import type { LocalTrack, Media, ProduceOptions } from "./media";
import type { Stream } from "./state";

export interface LocalTracksOptions {
  /** Of the session of now, once it takes tracks. */
  media: () => Media | undefined;
  isEncrypted: boolean;
  /** The stream as others are to see it, or none. */
  onChange: (kind: StreamKind, change: (before: Stream | undefined) => Stream | undefined) => void;
  /** A device went away; its stream is gone. Sharing that the user ended is no error. */
  onError: (error: Error) => void;
}

export interface OpenedTrack {
  kind: StreamKind;
  track: MediaStreamTrack;
  options?: ProduceOptions;
  isPaused?: boolean;
}

/** One start; muted or not as was asked for while it was under way. */
interface Turn {
  isPaused?: boolean;
}

interface Wanted extends LocalTrack {
  user: object;
}

export class LocalTracks {
  #options: LocalTracksOptions;
  #tracks = new Map<StreamKind, Wanted>();
  /** Publishing of each kind, one step after the other. */
  #steps = new Map<StreamKind, Promise<void>>();
  /** What is being opened of each kind; a later start or stop takes its place. */
  #opening = new Map<StreamKind, Turn>();
  /** Another one whenever everything was stopped. */
  #epoch = {};

  constructor(options: LocalTracksOptions) {
    this.#options = options;
  }

  /** There, or being opened. */
  isWanted(kind: StreamKind): boolean {
    return this.#tracks.has(kind) || this.#opening.has(kind);
  }

  get(kind: StreamKind): LocalTrack | undefined {
    return this.#tracks.get(kind);
  }

  /**
   * Shows tracks that the app gave or that are opened first, in place of those of the same kinds. They
   * are this class's then, and are let go of if this was overtaken by another start or a stop meanwhile.
   */
  async start(
    kind: StreamKind,
    source: OpenedTrack[] | (() => Promise<OpenedTrack[]>),
  ): Promise<void> {
    const epoch = this.#epoch;
    const turn: Turn = {};
    this.#opening.set(kind, turn);
    if (typeof source !== "function") for (const { track } of source) use(track, turn);
    const opened = await this.#opened(kind, turn, source);
    for (const { track } of opened) use(track, turn);
    if (this.#opening.get(kind) !== turn) {
      for (const { track } of opened) letGo(track, turn);
      if (epoch !== this.#epoch) throw clientErrors.left();
      return;
    }
    this.#opening.delete(kind);
    for (const each of opened) this.#set({ ...each, ...turn }, turn);
    const published = opened.map((each) => this.#publish(each.kind));
    // The sound of the screen before goes with it.
    const hasSound = opened.some((each) => each.kind === "shareAudio");
    if (kind === "share" && !hasSound) published.push(this.stop("shareAudio"));
    await Promise.all(published);
  }

  async #opened(
    kind: StreamKind,
    turn: object,
    source: OpenedTrack[] | (() => Promise<OpenedTrack[]>),
  ): Promise<OpenedTrack[]> {
    try {
      return await (typeof source === "function" ? source() : source);
    } catch (error) {
      // Nothing comes of this kind: it is not wanted any more, unless by somebody else.
      if (this.#opening.get(kind) === turn) this.#opening.delete(kind);
      throw error;
    }
  }

  /** Ends tracks and lets go of their devices. */
  async stop(...kinds: StreamKind[]): Promise<void> {
    for (const kind of kinds) {
      this.#opening.delete(kind);
      this.#forget(kind);
    }
    await Promise.all(kinds.map((kind) => this.#publish(kind)));
  }

  /** The device stays open and is silent, so that it is back at once. */
  async pause(kind: StreamKind, isPaused: boolean): Promise<void> {
    const turn = this.#opening.get(kind);
    if (turn) turn.isPaused = isPaused; // Or the device that opens now would be on air.
    const wanted = this.#tracks.get(kind);
    if (!wanted) return;
    this.#tracks.set(kind, { ...wanted, isPaused });
    wanted.track.enabled = !isPaused;
    this.#options.onChange(kind, (before) => before && { ...before, paused: isPaused });
    await this.#publish(kind);
  }

  /** Everything into a new session. What cannot be published is stopped and told as an error. */
  async publishAll(): Promise<void> {
    const published = [...this.#tracks.keys()].map((kind) => this.#publish(kind));
    await Promise.all(published.map((each) => each.catch(this.#options.onError)));
  }

  /** Stops every track, also those that are still being opened. */
  stopAll(): void {
    this.#epoch = {};
    this.#opening.clear();
    for (const kind of [...this.#tracks.keys()]) this.#forget(kind);
  }

  #set({ kind, track, options = {}, isPaused = false }: OpenedTrack, user: object): void {
    const before = this.#tracks.get(kind);
    if (before) letGo(before.track, before.user);
    this.#tracks.set(kind, { track, options, isPaused, user });
    track.enabled = !isPaused;
    track.addEventListener("ended", () => this.#ended(kind, track));
    const { isEncrypted } = this.#options;
    this.#options.onChange(kind, (stream) => ({
      ...(stream ?? { id: "", kind, isEncrypted }),
      track,
      paused: isPaused,
    }));
  }

  #forget(kind: StreamKind): void {
    const wanted = this.#tracks.get(kind);
    if (!wanted) return;
    letGo(wanted.track, wanted.user);
    this.#tracks.delete(kind);
    this.#options.onChange(kind, () => undefined);
  }

  /** The next step; whatever is wanted by then is what it publishes. */
  #publish(kind: StreamKind): Promise<void> {
    const before = this.#steps.get(kind) ?? Promise.resolve();
    const step = before.then(() => this.#step(kind));
    this.#steps.set(
      kind,
      step.catch(() => {}),
    );
    return step;
  }

  async #step(kind: StreamKind): Promise<void> {
    const media = this.#options.media();
    if (!media) return;
    const wanted = this.#tracks.get(kind);
    try {
      const id = await media.publish(kind, wanted);
      if (id !== undefined) this.#options.onChange(kind, (before) => before && { ...before, id });
    } catch (error) {
      // The next step, or the next session, has something else to publish.
      if (this.#options.media() !== media || this.#tracks.get(kind) !== wanted) return;
      this.#forget(kind);
      if (kind === "share") this.stop("shareAudio").catch(() => {}); // The error is told once.
      throw error;
    }
  }

  /** The device went away, or the user ended the sharing in the browser's own bar. */
  #ended(kind: StreamKind, track: MediaStreamTrack): void {
    if (this.#tracks.get(kind)?.track !== track) return;
    const isScreen = kind === "share" || kind === "shareAudio";
    if (!isScreen) this.#options.onError(clientErrors.trackEnded(sourceOf[kind]));
    const stopped = kind === "share" ? this.stop("share", "shareAudio") : this.stop(kind);
    stopped.catch(() => {}); // The session is over, and the stream with it.
  }
}

/**
 * Of each track those who use it. An app may give the same one twice: to two starts, of which the first
 * is overtaken, or to two meetings, of which the first is left. It ends with the last of them.
 */
const users = new WeakMap<MediaStreamTrack, Set<object>>();

function use(track: MediaStreamTrack, user: object): void {
  users.set(track, (users.get(track) ?? new Set()).add(user));
}

function letGo(track: MediaStreamTrack, user: object): void {
  const others = users.get(track);
  others?.delete(user);
  if (!others?.size) track.stop();
}
