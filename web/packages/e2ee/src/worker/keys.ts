// The keys of one meeting in the course of time: set one after the other, used once others have them
// too, ratcheted. What is older ends by itself, in the core. An owner is as in core_keys.ts.

import type { HeldKey, KeyForm } from "../messages";
import type { Core } from "./core";
import type { KeyDescription } from "./core_keys";

/**
 * A new key opens at once and seals a little later: others, who got it a moment later, would see
 * nothing meanwhile. A stream that goes over to it shows that the time has come. One that begins under
 * it shows nothing: its sender may have no other key.
 */
export const NEW_KEY_DELAY_MS = 2_000;

/** The keys that all members share. */
export const SHARED = "";

/** A key that is to seal next. */
interface Next {
  kid: number;
  at: number;
  atLatest: number;
  /** What had opened before. */
  openedBefore: ReturnType<Core["openedByHandle"]>;
}

export interface KeyWatcher {
  /** This client is about to seal under another key: video may go on with the one before. */
  onSwitch(): void;
  /** It seals under it now. */
  onSwitched(): void;
  /** An owner's keys went a step further, here or first at somebody else's. `secret` is theirs. */
  onRatcheted(owner: string, key: KeyDescription, secret: Uint8Array): void;
}

/** What the page asks of a meeting's keys, whatever the format. `set` ends with two of "livekit" alone. */
export interface MeetingKeys {
  set(
    form: KeyForm,
    key: Uint8Array,
    owner?: string,
    index?: number,
    opensOnly?: boolean,
  ): Promise<KeyDescription>;
  remove(owner?: string): Promise<undefined>;
  ratchet(owner?: string, index?: number): Promise<undefined>;
  exportSecret(owner?: string): Promise<Uint8Array>;
  list(): HeldKey[];
  tick(now: number): void;
}

export class Keys implements MeetingKeys {
  #core: Core;
  #watcher: KeyWatcher;
  #ratchetWindow: number;
  #last: Promise<unknown> = Promise.resolve();
  /** The newest key of every owner. */
  #newest = new Map<string, number>();
  #next = new Map<string, Next>();

  constructor(core: Core, ratchetWindow: number, watcher: KeyWatcher) {
    this.#core = core;
    this.#ratchetWindow = ratchetWindow;
    this.#watcher = watcher;
    core.keys.setRatchetWindow(ratchetWindow);
  }

  /** The last one asked for is the last one set, however long each takes. Wipes `key`. */
  set(form: KeyForm, key: Uint8Array, owner = SHARED): Promise<KeyDescription> {
    return this.#inTurn(async () => {
      const description = await this.#core.keys.set(form, key, owner);
      this.#becomesNewest(owner, description.kid);
      return description;
    });
  }

  /** Erases an owner's keys; a participant has the shared ones then. */
  remove(owner = SHARED): Promise<undefined> {
    return this.#inTurn(() => {
      this.#core.keys.forget(owner);
      this.#newest.delete(owner);
      this.#next.delete(owner);
      return undefined;
    });
  }

  /** One step further; with a window it seals at once, because others have it already. */
  ratchet(owner = SHARED): Promise<undefined> {
    return this.#inTurn(() => {
      const { kid } = this.#core.keys.ratchet(owner);
      this.#becomesNewest(owner, kid);
      if (this.#ratchetWindow > 0) this.#use(owner, kid);
      this.#tellRatcheted(owner);
      return undefined;
    });
  }

  /** The newest secret itself; the bytes are the caller's. */
  exportSecret(owner = SHARED): Promise<Uint8Array> {
    return this.#inTurn(() => this.#core.keys.exportSecret(owner));
  }

  list(): HeldKey[] {
    const owners = [...new Set([SHARED, ...this.#newest.keys()])];
    return owners.flatMap((owner) =>
      this.#core.keys.list(owner).map(({ kid, safetyCode, seals, isAhead }) => ({
        ...(owner !== SHARED && { participantId: owner }),
        kid,
        safetyCode,
        seals: seals && owner === this.#sealingOwner,
        isAhead,
      })),
    );
  }

  /** Does what is due; to be called at least every 200 ms. */
  tick(now: number): void {
    if (this.#core.handleTimeout(now)) this.#followSteps();
    for (const [owner, next] of this.#next)
      if (now >= next.at || this.#isFollowedByOthers(next)) this.#use(owner, next.kid);
  }

  /** Whose keys this client seals with. */
  get #sealingOwner(): string {
    const { localParticipantId } = this.#core;
    return this.#newest.has(localParticipantId) ? localParticipantId : SHARED;
  }

  #inTurn<Result>(action: () => Result | Promise<Result>): Promise<Result> {
    const done = this.#last.then(action);
    this.#last = done.catch(() => {});
    return done;
  }

  /** It seals later where another one seals now. This client does not seal with others' keys. */
  #becomesNewest(owner: string, kid: number): void {
    this.#newest.set(owner, kid);
    const before = this.#next.get(owner);
    this.#next.delete(owner);
    if (kid === this.#core.keys.sealingKid(owner)) return;
    if (owner !== SHARED && owner !== this.#core.localParticipantId)
      return this.#core.keys.use(kid, owner);
    const now = performance.now();
    // Keys that follow one another quickly do not put it off for ever.
    const atLatest = before?.atLatest ?? now + 2 * NEW_KEY_DELAY_MS;
    const at = Math.min(now + NEW_KEY_DELAY_MS, atLatest);
    this.#next.set(owner, { kid, at, atLatest, openedBefore: this.#core.openedByHandle() });
  }

  #use(owner: string, kid: number): void {
    this.#next.delete(owner);
    const seals = owner === this.#sealingOwner;
    if (seals) this.#watcher.onSwitch();
    this.#core.keys.use(kid, owner);
    if (seals) this.#watcher.onSwitched();
  }

  /** Somebody went over to it; or is heard at last, where nobody was heard under the key of now. */
  #isFollowedByOthers({ kid, openedBefore }: Next): boolean {
    const isAlone = ![...openedBefore.values()].some(({ passed }) => passed > 0);
    return [...this.#core.openedByHandle()].some(([handle, now]) => {
      const before = openedBefore.get(handle);
      if (!before || now.passed === 0 || now.kid !== kid) return false;
      return isAlone || (before.passed > 0 && before.kid !== kid);
    });
  }

  /** Somebody seals under a step that was not taken here: so does this client from now on. */
  #followSteps(): void {
    for (const [owner, before] of this.#newest) {
      const newest = this.#core.keys.newest(owner);
      if (!newest || newest.kid === before) continue;
      this.#newest.set(owner, newest.kid);
      this.#use(owner, newest.kid);
      this.#tellRatcheted(owner);
    }
  }

  #tellRatcheted(owner: string): void {
    const newest = this.#core.keys.newest(owner);
    if (newest) this.#watcher.onRatcheted(owner, newest, this.#core.keys.exportSecret(owner));
  }
}
