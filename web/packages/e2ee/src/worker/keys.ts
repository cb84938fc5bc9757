// The keys of one meeting: set one after the other, and retired when others took their place.

import type { KeyForm } from "../messages";
import type { Core, KeyDescription } from "./core";

/**
 * A new key opens at once and seals a little later: others, who got it a moment later, would see
 * nothing meanwhile. Whoever seals under it already shows that the time has come.
 */
export const NEW_KEY_DELAY_MS = 2_000;

/** An older key opens what is still on its way, and participants who are late with the new one. */
export const OLD_KEY_LIFETIME_MS = 60_000;

export class Keys {
  #core: Core;
  #last: Promise<unknown> = Promise.resolve();
  /** When each older key ends, by key id, as `performance.now()`. */
  #ends = new Map<number, number>();
  /** The one that seals. */
  #currentKid: number | undefined;
  /** The one that is to seal next, and from when on. */
  #next: { kid: number; at: number; atLatest: number } | undefined;

  constructor(core: Core) {
    this.#core = core;
  }

  /** The last one asked for is the last one set, however long each takes. Wipes `key`. */
  set(form: KeyForm, key: Uint8Array): Promise<KeyDescription> {
    const done = this.#last.then(() => this.#set(form, key));
    this.#last = done.catch(() => {});
    return done;
  }

  /** Does what is due; to be called every few hundred milliseconds. */
  tick(now: number): void {
    const next = this.#next;
    if (next && (now >= next.at || this.#core.isUsedByOthers(next.kid))) {
      this.#core.useKey(next.kid);
      this.#currentKid = next.kid;
      this.#next = undefined;
    }
    for (const [kid, end] of this.#ends) {
      if (now < end) continue;
      this.#core.removeKey(kid);
      this.#ends.delete(kid);
    }
  }

  async #set(form: KeyForm, key: Uint8Array): Promise<KeyDescription> {
    const description = await this.#core.setKey(form, key, () => this.#currentKid);
    const { kid } = description;
    const now = performance.now();
    for (const older of [this.#currentKid, this.#next?.kid])
      if (older !== undefined && !this.#ends.has(older))
        this.#ends.set(older, now + OLD_KEY_LIFETIME_MS);
    this.#ends.delete(kid);
    this.#currentKid ??= kid;
    // Keys that follow one another quickly do not put it off for ever.
    const atLatest = this.#next?.atLatest ?? now + 2 * NEW_KEY_DELAY_MS;
    const at = Math.min(now + NEW_KEY_DELAY_MS, atLatest);
    this.#next = kid === this.#currentKid ? undefined : { kid, at, atLatest };
    return description;
  }
}
