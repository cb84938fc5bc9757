// The keys of one meeting: set one after the other, and retired when others took their place.

import type { KeyForm } from "../messages";
import type { Core, KeyDescription } from "./core";

/** An older key opens what is still on its way, and participants who are late with the new one. */
export const OLD_KEY_LIFETIME_MS = 60_000;

export class Keys {
  #core: Core;
  #last: Promise<unknown> = Promise.resolve();
  /** When each older key ends, by key id, as `performance.now()`. */
  #ends = new Map<number, number>();
  #currentKid: number | undefined;

  constructor(core: Core) {
    this.#core = core;
  }

  /** The last one asked for is the last one set, however long each takes. Wipes `key`. */
  set(form: KeyForm, key: Uint8Array): Promise<KeyDescription> {
    const done = this.#last.then(() => this.#set(form, key));
    this.#last = done.catch(() => {});
    return done;
  }

  /** Erases the keys whose time is over; to be called every few hundred milliseconds. */
  retire(now: number): void {
    for (const [kid, end] of this.#ends) {
      if (now < end) continue;
      this.#core.removeKey(kid);
      this.#ends.delete(kid);
    }
  }

  async #set(form: KeyForm, key: Uint8Array): Promise<KeyDescription> {
    const description = await this.#core.setKey(form, key);
    if (this.#currentKid !== undefined)
      this.#ends.set(this.#currentKid, performance.now() + OLD_KEY_LIFETIME_MS);
    this.#ends.delete(description.kid);
    this.#currentKid = description.kid;
    return description;
  }
}
