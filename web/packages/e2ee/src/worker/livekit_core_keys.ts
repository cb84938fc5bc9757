// The rings of keys that the core holds in the format "livekit". An owner is a participant with keys of
// its own, or "": the keys that all members share. A key id is a key index.

import type { KeyForm } from "../messages";
import { KeyRefused, type KeyDescription, listKeys, type ListedKey, requireKey } from "./core_keys";
import type { LivekitExports } from "./livekit_core";
import { encode, type WasmModule } from "./module";
import { nextTask } from "./next_task";

/** Rounds between two frames: about a millisecond. */
const ROUNDS_PER_STEP = 2_000;

/** A key that went a step of the ratchet forward, here or because a sender's frame said so. */
export interface Ratcheted {
  owner: string;
  index: number;
}

export class LivekitCoreKeys {
  #module: WasmModule<LivekitExports>;
  #hasHadKey = false;
  #isWorking = false;

  constructor(module: WasmModule<LivekitExports>) {
    this.#module = module;
  }

  /** Whether a key was ever set here. */
  get hasHadKey(): boolean {
    return this.#hasHadKey;
  }

  /**
   * Puts a key into an owner's ring and wipes `key`: a text by PBKDF2, in slices between frames, bytes by
   * HKDF. It seals from now on if none seals yet, unless it `opensOnly`. Throws KeyRefused.
   */
  async set(
    form: KeyForm,
    key: Uint8Array,
    owner: string,
    index: number,
    opensOnly = false,
  ): Promise<KeyDescription> {
    const { exports } = this.#module;
    const id = encode(owner);
    // What is written is erased by the call that reads it, so nothing is written for none.
    const isWritten = form !== "secret" && this.#module.write(id, key);
    const size = key.length;
    key.fill(0);
    if (!isWritten) throw new KeyRefused("invalid-key");
    const begin = form === "text" ? exports.begin_key_text : exports.set_key_raw;
    const seals = !opensOnly && this.current(owner) === undefined;
    requireKey(begin(id.length, size, index, Number(seals)));
    await this.#wait(owner);
    this.#hasHadKey = true;
    return this.#require(owner, index);
  }

  /** One step of the ratchet, forward only. Throws KeyRefused. */
  async ratchet(owner: string, index: number): Promise<KeyDescription> {
    requireKey(this.#module.exports.ratchet_key(this.#name(owner), index));
    await this.#wait(owner);
    return this.#require(owner, index);
  }

  /** Seals with a key that is here already. */
  use(owner: string, index: number): void {
    this.#module.exports.use_key(this.#name(owner), index);
  }

  /** Erases an owner's keys. A participant has the shared ones then. */
  forget(owner: string): void {
    this.#module.exports.forget_keys(this.#name(owner));
  }

  /** Of every place of the ring that has a key. */
  list(owner: string): ListedKey[] {
    return listKeys(this.#module, this.#module.exports.list_keys(this.#name(owner)));
  }

  /** The key index that seals, of this owner's. */
  current(owner: string): number | undefined {
    return this.list(owner).find(({ seals }) => seals)?.kid;
  }

  /** Of one place. */
  describe(owner: string, index: number): KeyDescription | undefined {
    const key = this.list(owner).find(({ kid }) => kid === index);
    return key && { kid: key.kid, safetyCode: key.safetyCode };
  }

  /** Ends the keys before the last step of the ratchet. */
  endPrevious(): void {
    this.#module.exports.end_previous();
  }

  /** What went forward since the last call. */
  pollRatcheted(): Ratcheted[] {
    const ratcheted: Ratcheted[] = [];
    for (let size; (size = this.#module.exports.poll_ratcheted()) > 0; ) {
      const record = this.#module.output(size);
      ratcheted.push({
        owner: new TextDecoder().decode(new Uint8Array(record, 4)),
        index: new DataView(record).getUint32(0, true),
      });
    }
    return ratcheted;
  }

  /** Derives whatever is to be derived, in slices; the windows of the ratchet among it. */
  async work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    try {
      while (requireWork(this.#module.exports.work(ROUNDS_PER_STEP))) await nextTask();
    } finally {
      this.#isWorking = false;
    }
  }

  /** Until what was asked for of this owner is there; what is left is done in time. */
  async #wait(owner: string): Promise<void> {
    while (this.#module.exports.is_waiting(this.#name(owner)) === 1) {
      requireWork(this.#module.exports.work(ROUNDS_PER_STEP));
      await nextTask();
    }
  }

  #require(owner: string, index: number): KeyDescription {
    const key = this.describe(owner, index);
    if (!key) throw new KeyRefused("missing-key");
    return key;
  }

  /** Returns the size of what it wrote. A name that is too long names nobody. */
  #name(owner: string): number {
    const id = encode(owner);
    this.#module.write(id);
    return id.length;
  }
}

/** The library fails: the core is not asked again. */
function requireWork(result: number): boolean {
  if (result < 0) throw new Error("the encryption core could not derive a key");
  return result > 0;
}
