// The keys that a provider keeps for meetings still to come. An owner is a participant with a key of its
// own, or undefined: the key that all members share.

import type { KeyForm } from "./messages";

/** A key as an app gives it. */
export interface ProvidedKey {
  form: KeyForm;
  bytes: Uint8Array;
  /** Its place in the ring, in the format "livekit" alone. */
  keyIndex?: number;
  /** In a ring another key was set after it: it seals nothing, whether or not that one is there. */
  opensOnly?: boolean;
}

type Owner = string | undefined;

export class KeptKeys {
  #given = new Map<Owner, ProvidedKey>();
  /** Of the format "livekit", by owner and key index. */
  #rings = new Map<Owner, Map<number, ProvidedKey>>();
  /** Of each ring the key index that was set last. */
  #newest = new Map<Owner, number>();
  /** What the ratchet made of them, by room and owner. */
  #ratcheted = new Map<string, Map<Owner, ProvidedKey>>();
  /** Nothing is kept until a key is set again. */
  #isWiped = false;

  /**
   * In place of everything of this owner, or of what had its key index; the bytes are owned from here on.
   */
  set(owner: Owner, key: ProvidedKey): void {
    this.#isWiped = false;
    if (key.keyIndex === undefined) {
      this.remove(owner);
      this.#given.set(owner, key);
      return;
    }
    const ring = this.#rings.get(owner) ?? new Map<number, ProvidedKey>();
    drop(ring, key.keyIndex);
    this.#rings.set(owner, ring.set(key.keyIndex, key));
    this.#newest.set(owner, key.keyIndex);
  }

  /**
   * After a step of the ratchet: a key of a ring that is of no use any more. Was it the one set last, then
   * nothing that is kept seals until another is set: those before it may be others' too.
   */
  forget(owner: Owner, keyIndex: number): void {
    drop(this.#rings.get(owner) ?? new Map<number, ProvidedKey>(), keyIndex);
  }

  /**
   * After a step of the ratchet a room goes on from this secret, and the key that it began with is gone: it
   * would open what was sent before. Other rooms need their key to be set again.
   */
  ratchet(roomId: string, owner: Owner, secret: Uint8Array): void {
    drop(this.#given, owner);
    if (this.#isWiped) return void secret.fill(0);
    const room = this.#ratcheted.get(roomId) ?? new Map<Owner, ProvidedKey>();
    drop(room, owner);
    this.#ratcheted.set(roomId, room.set(owner, { form: "secret", bytes: secret }));
  }

  /** Copies of those that a meeting in this room begins with; of a ring first the one that seals. */
  forRoom(roomId: string): { owner: Owner; key: ProvidedKey }[] {
    const keys = new Map([...this.#given, ...(this.#ratcheted.get(roomId) ?? [])]);
    const rings = [...this.#rings].flatMap(([owner, ring]) =>
      [...ring.values()].reverse().map((key) => {
        const opensOnly = key.keyIndex !== this.#newest.get(owner);
        return [owner, opensOnly ? { ...key, opensOnly } : key] as const;
      }),
    );
    return [...keys, ...rings].map(([owner, key]) => ({ owner, key: copyOf(key) }));
  }

  remove(owner: Owner): void {
    for (const keys of [this.#given, ...this.#ratcheted.values()]) drop(keys, owner);
    dropAll(this.#rings.get(owner));
    this.#rings.delete(owner);
    this.#newest.delete(owner);
  }

  wipe(): void {
    this.#isWiped = true;
    for (const keys of [this.#given, ...this.#ratcheted.values()]) dropAll(keys);
    for (const ring of this.#rings.values()) dropAll(ring);
  }
}

export function copyOf(key: ProvidedKey): ProvidedKey {
  return { ...key, bytes: key.bytes.slice() };
}

function drop<Name>(keys: Map<Name, ProvidedKey>, name: Name): void {
  keys.get(name)?.bytes.fill(0);
  keys.delete(name);
}

function dropAll<Name>(keys: Map<Name, ProvidedKey> | undefined): void {
  if (keys) for (const name of [...keys.keys()]) drop(keys, name);
}
