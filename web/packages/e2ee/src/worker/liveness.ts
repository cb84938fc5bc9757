// Answers to others' challenges, and others' answers to this client's own: what a server recorded
// earlier opens nothing (docs/frame-format.md, "Liveness").

import type { FromWorker } from "../messages";
import { CHALLENGES_MAX, type Core } from "./core";

/** The first challenge is answered at once, those that follow within this time together. */
export const BATCH_INTERVAL_MS = 200;

/** Media may overtake its answer by this much before the sender is asked for another one. */
export const PATIENCE_MS = 400;
/** Asked again and again while frames come in vain. */
export const ASK_INTERVAL_MS = 1_000;

/** Far more than a room holds: a server that lies must not fill the memory. */
const PARTICIPANTS_MAX = 1_024;

/** Answers that came before the key: of so many participants, and the latest of each. */
const UNOPENED_PARTICIPANTS_MAX = 256;
const UNOPENED_MAX = 4;
const UNOPENED_SIZE_MAX = 6_000;

export class Liveness {
  #core: Core;
  #post: (message: FromWorker) => void;
  /** Of those who are here. */
  #challenges = new Map<string, Uint8Array>();
  /** Whose challenge waits for an answer: for the batch, for a first stream or for a key. */
  #due = new Set<string>();
  #answeredAt = -Infinity;
  #batch: ReturnType<typeof setTimeout> | undefined;
  #unopened = new Map<string, Uint8Array[]>();
  /** When to ask those whose frames come in vain, as `performance.now()`. */
  #askAt = new Map<string, number>();

  constructor(core: Core, post: (message: FromWorker) => void) {
    this.#core = core;
    this.#post = post;
  }

  /** This client joins, for the first time or anew: who else is there will be told. */
  join(challenge: Uint8Array): void {
    this.#core.setChallenge(challenge);
    for (const all of [this.#challenges, this.#due, this.#unopened, this.#askAt]) all.clear();
  }

  receiveChallenge(participantId: string, challenge: Uint8Array): void {
    const isKnown = this.#challenges.has(participantId);
    if (!isKnown && this.#challenges.size >= PARTICIPANTS_MAX) return;
    this.#challenges.set(participantId, challenge);
    this.#due.add(participantId);
    const wait = this.#answeredAt + BATCH_INTERVAL_MS - performance.now();
    if (wait <= 0) this.#answer();
    else this.#batch ??= setTimeout(() => this.#answer(), wait);
  }

  /** They have left. */
  forget(participantId: string): void {
    for (const all of [this.#challenges, this.#due, this.#unopened, this.#askAt])
      all.delete(participantId);
    this.#core.forgetAnswer(participantId);
  }

  /** Everybody who is here must hear of the new stream before its first frame. */
  streamAdded(): void {
    for (const participantId of this.#challenges.keys()) this.#due.add(participantId);
    this.#answer();
  }

  /** Whether the participant's streams may open now. */
  receiveAnswer(participantId: string, answer: Uint8Array): boolean {
    const reason = this.#core.openAnswer(participantId, answer);
    if (reason === undefined) this.#unopened.delete(participantId);
    if (reason === "missing-key") this.#keep(participantId, answer);
    return reason === undefined;
  }

  /** A key was set: it may answer, and open answers, that waited for it. */
  keyChanged(): void {
    this.#answer();
    const unopened = [...this.#unopened];
    this.#unopened.clear();
    for (const [participantId, answers] of unopened)
      for (const answer of answers) this.receiveAnswer(participantId, answer);
  }

  /** Another key seals: who could not open an answer under the one before can open this. */
  keySwitched(): void {
    this.streamAdded();
  }

  /** Does what is due; to be called every few hundred milliseconds. */
  tick(now: number): void {
    for (const participantId of this.#core.takeNotLive()) {
      const at = this.#askAt.get(participantId) ?? now + PATIENCE_MS;
      if (now >= at) this.#post({ type: "challenge-wanted", participantId });
      this.#askAt.set(participantId, now >= at ? now + ASK_INTERVAL_MS : at);
    }
    for (const [participantId, at] of this.#askAt)
      if (now >= at + ASK_INTERVAL_MS) this.#askAt.delete(participantId);
  }

  #answer(): void {
    clearTimeout(this.#batch);
    this.#batch = undefined;
    while (this.#due.size > 0) {
      const participantIds = [...this.#due].slice(0, CHALLENGES_MAX);
      const challenges = participantIds.map((id) => this.#challenges.get(id) as Uint8Array);
      const answer = this.#core.sealAnswer(challenges);
      if (!answer) return; // It goes out with the first stream, or as soon as there is a key.
      for (const participantId of participantIds) this.#due.delete(participantId);
      this.#answeredAt = performance.now();
      this.#post({ type: "liveness-answer", participantIds, answer });
    }
  }

  #keep(participantId: string, answer: Uint8Array): void {
    if (answer.length > UNOPENED_SIZE_MAX) return;
    const kept = [...(this.#unopened.get(participantId) ?? []), answer].slice(-UNOPENED_MAX);
    this.#unopened.delete(participantId);
    this.#unopened.set(participantId, kept);
    const [oldest] = this.#unopened.keys();
    if (oldest !== undefined && this.#unopened.size > UNOPENED_PARTICIPANTS_MAX)
      this.#unopened.delete(oldest);
  }
}
