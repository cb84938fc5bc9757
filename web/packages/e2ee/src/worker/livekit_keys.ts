// The keys of one meeting in the format "livekit" in the course of time. They are named by key index, and
// those of a ring open side by side for as long as they stand in their places. An owner is as in
// core_keys.ts.

import type { HeldKey, KeyForm } from "../messages";
import { KeyRefused, type KeyDescription } from "./core_keys";
import { type MeetingKeys, NEW_KEY_DELAY_MS, SHARED } from "./keys";
import type { LivekitCore } from "./livekit_core";

/** A step of the ratchet leaves the key before it for frames that are on their way. */
export const PREVIOUS_KEY_LIFETIME_MS = 10_000;

export interface LivekitKeyWatcher {
  /** A key of an owner's ring went a step further, here or first at somebody else's. */
  onRatcheted(owner: string, key: KeyDescription): void;
}

export class LivekitKeys implements MeetingKeys {
  #core: LivekitCore;
  #watcher: LivekitKeyWatcher;
  #last: Promise<unknown> = Promise.resolve();
  #owners = new Set<string>();
  /** Which key of an owner seals next, and when. */
  #next = new Map<string, { index: number; at: number }>();
  #endPreviousAt = Infinity;

  constructor(core: LivekitCore, watcher: LivekitKeyWatcher) {
    this.#core = core;
    this.#watcher = watcher;
  }

  /**
   * The last one asked for is the last one set, however long each takes. Wipes `key`. Beside another key it
   * opens at once and seals a little later, as others get it a moment later; in place of the one that
   * seals it does both at once, as nothing else is left. With `opensOnly` it never seals.
   */
  set(
    form: KeyForm,
    key: Uint8Array,
    owner = SHARED,
    index = 0,
    opensOnly = false,
  ): Promise<KeyDescription> {
    return this.#inTurn(async () => {
      const description = await this.#core.keys.set(form, key, owner, index, opensOnly);
      this.#owners.add(owner);
      if (opensOnly) return description;
      this.#next.delete(owner);
      if (this.#core.keys.current(owner) !== index)
        this.#next.set(owner, { index, at: performance.now() + NEW_KEY_DELAY_MS });
      this.#work();
      return description;
    });
  }

  /** Erases an owner's keys; a participant has the shared ones then. */
  remove(owner = SHARED): Promise<undefined> {
    return this.#inTurn(() => {
      this.#core.keys.forget(owner);
      this.#owners.delete(owner);
      this.#next.delete(owner);
      return undefined;
    });
  }

  /** One step further, with the key set last or that of an index, which seals from then on. */
  ratchet(owner = SHARED, index?: number): Promise<undefined> {
    return this.#inTurn(async () => {
      const place = index ?? this.#next.get(owner)?.index ?? this.#core.keys.current(owner);
      if (place === undefined) throw new KeyRefused("missing-key");
      await this.#core.keys.ratchet(owner, place);
      this.#core.keys.use(owner, place);
      this.#next.delete(owner);
      this.#tellRatcheted();
      return undefined;
    });
  }

  /** The format has no form in which a key could be handed on. */
  exportSecret(): Promise<Uint8Array> {
    return Promise.reject(new KeyRefused("missing-key"));
  }

  list(): HeldKey[] {
    return [...new Set([SHARED, ...this.#owners])].flatMap((owner) =>
      this.#core.keys.list(owner).map(({ kid, safetyCode, seals }) => ({
        ...(owner !== SHARED && { participantId: owner }),
        kid,
        safetyCode,
        seals: seals && owner === this.#sealingOwner,
        isAhead: false,
      })),
    );
  }

  /** Does what is due; to be called at least every 200 ms. */
  tick(now: number): void {
    this.#tellRatcheted();
    for (const [owner, { index, at }] of this.#next) {
      if (now < at) continue;
      this.#core.keys.use(owner, index);
      this.#next.delete(owner);
    }
    if (now < this.#endPreviousAt) return;
    this.#core.keys.endPrevious();
    this.#endPreviousAt = Infinity;
  }

  /** Whose keys this client seals with. */
  get #sealingOwner(): string {
    const { localParticipantId } = this.#core;
    return this.#owners.has(localParticipantId) ? localParticipantId : SHARED;
  }

  /** Also of steps that a sender took first; the window behind them is made ready again. */
  #tellRatcheted(): void {
    for (const { owner, index } of this.#core.keys.pollRatcheted()) {
      this.#endPreviousAt = performance.now() + PREVIOUS_KEY_LIFETIME_MS;
      const key = this.#core.keys.describe(owner, index);
      if (key) this.#watcher.onRatcheted(owner, key);
      this.#work();
    }
  }

  /** A failure comes out where somebody waits for a key. */
  #work(): void {
    this.#core.keys.work().catch(() => {});
  }

  #inTurn<Result>(action: () => Result | Promise<Result>): Promise<Result> {
    const done = this.#last.then(action);
    this.#last = done.catch(() => {});
    return done;
  }
}
