// The keys that the core holds. An owner is a participant with keys of its own, or "": the keys that
// all members share.

import type { KeyForm } from "../messages";
import type { KeyRefusal } from "../states";
import { type CoreModule, encode, type RegionExports, RESULT, type WasmModule } from "./module";
import { nextTask } from "./next_task";

export interface KeyDescription {
  kid: number;
  safetyCode: string;
}

export interface ListedKey extends KeyDescription {
  /** Of its owner's keys the one to seal with. */
  seals: boolean;
  /** Set last. */
  isNewest: boolean;
  /** A step of the ratchet that nobody is known to have taken. */
  isAhead: boolean;
}

/** Rounds between two frames: about a millisecond. */
const ROUNDS_PER_STEP = 2_000;
const KEY_RECORD_SIZE = 24;
const [SEALS, NEWEST, AHEAD] = [1, 2, 4];

const REFUSALS: Record<KeyRefusal, string> = {
  "invalid-key": "The key cannot be used: it is empty, or it has a wrong size.",
  "kid-taken": "Another key of this meeting has the same key id. Take another key.",
  "missing-key": "There is no key here to go on from. Set one first.",
  "no-room": "More than 256 participants have a stream or a key of their own: there is no room.",
};
const REFUSAL_OF: Record<number, KeyRefusal> = {
  [-RESULT.missingKey]: "missing-key",
  [-RESULT.kidTaken]: "kid-taken",
  [-RESULT.tooSmall]: "no-room",
};

/** What was asked for cannot be done with keys; the message is for people and names none. */
export class KeyRefused extends Error {
  constructor(readonly reason: KeyRefusal) {
    super(REFUSALS[reason]);
  }
}

export class CoreKeys {
  #module: CoreModule;
  #hasHadKey = false;

  constructor(module: CoreModule) {
    this.#module = module;
  }

  /** Whether a key was ever set here. */
  get hasHadKey(): boolean {
    return this.#hasHadKey;
  }

  /**
   * Sets an owner's newest key and wipes `key`. It opens from now on, and seals if none does yet. A text
   * key takes a good part of a second, in slices between frames; no other key may be set meanwhile.
   * Throws KeyRefused.
   */
  async set(form: KeyForm, key: Uint8Array, owner: string): Promise<KeyDescription> {
    const { exports } = this.#module;
    const id = encode(owner);
    const isWritten = this.#module.write(id, key);
    const size = key.length;
    key.fill(0);
    if (!isWritten) throw new KeyRefused("invalid-key");
    const begin = {
      text: exports.begin_key_text,
      raw: exports.set_key_raw,
      secret: exports.set_key_secret,
    };
    requireKey(begin[form](id.length, size));
    if (form === "text")
      while (requireKey(exports.step_key_text(ROUNDS_PER_STEP)) > 0) await nextTask();
    const newest = this.newest(owner);
    if (!newest) throw new KeyRefused("missing-key");
    this.#hasHadKey = true;
    return newest;
  }

  /** The next secret of the ratchet becomes the newest, as `set` does. Throws KeyRefused. */
  ratchet(owner: string): KeyDescription {
    requireKey(this.#module.exports.ratchet_key(this.#name(owner)));
    const newest = this.newest(owner);
    if (!newest) throw new KeyRefused("missing-key");
    return newest;
  }

  /** How many steps of the ratchet open before they were taken here; for keys that are set later. */
  setRatchetWindow(steps: number): void {
    this.#module.exports.set_ratchet_window(steps);
  }

  /** Seals under a key that is here already. */
  use(kid: number, owner: string): void {
    this.#module.exports.use_key(this.#name(owner), kid);
  }

  /** Erases an owner's keys. A participant has the shared ones then. */
  forget(owner: string): void {
    this.#module.exports.forget_keys(this.#name(owner));
  }

  /** Those that open now, in no order. */
  list(owner: string): ListedKey[] {
    return listKeys(this.#module, this.#module.exports.list_keys(this.#name(owner)));
  }

  newest(owner: string): KeyDescription | undefined {
    const key = this.list(owner).find(({ isNewest }) => isNewest);
    return key && { kid: key.kid, safetyCode: key.safetyCode };
  }

  /** The id of the key to seal with, of those of this owner. */
  sealingKid(owner: string): number | undefined {
    return this.list(owner).find(({ seals }) => seals)?.kid;
  }

  /** The newest secret itself, to be handed on; the bytes are the caller's. Throws KeyRefused. */
  exportSecret(owner: string): Uint8Array {
    const size = requireKey(this.#module.exports.export_secret(this.#name(owner)));
    return this.#module.takeOutput(size);
  }

  /** Returns the size of what it wrote. A name that is too long names nobody. */
  #name(owner: string): number {
    const id = encode(owner);
    this.#module.write(id);
    return id.length;
  }
}

/** What a call of the core that lists keys left behind, and returned as its size. */
export function listKeys(module: WasmModule<RegionExports>, size: number): ListedKey[] {
  if (size <= 0) return [];
  const records = module.output(size);
  return Array.from({ length: size / KEY_RECORD_SIZE }, (_, i) =>
    readKey(new DataView(records, i * KEY_RECORD_SIZE, KEY_RECORD_SIZE)),
  );
}

function readKey(record: DataView): ListedKey {
  const is = record.getUint32(4, true);
  return {
    kid: record.getUint32(0, true),
    safetyCode: new TextDecoder().decode(new Uint8Array(record.buffer, record.byteOffset + 8, 14)),
    seals: (is & SEALS) !== 0,
    isNewest: (is & NEWEST) !== 0,
    isAhead: (is & AHEAD) !== 0,
  };
}

/** Throws KeyRefused for a failure. */
export function requireKey(result: number): number {
  if (result < 0) throw new KeyRefused(REFUSAL_OF[result] ?? "invalid-key");
  return result;
}
