// The keys that a provider keeps for meetings still to come. An owner is a participant with a key of its
// own, or undefined: the key that all members share.

import type { KeyForm } from "./messages";

/** A key as an app gives it. */
export interface ProvidedKey {
  form: KeyForm;
  bytes: Uint8Array;
}

type Owner = string | undefined;

export class KeptKeys {
  #given = new Map<Owner, ProvidedKey>();
  /** What the ratchet made of them, by room and owner. */
  #ratcheted = new Map<string, Map<Owner, ProvidedKey>>();
  /** Nothing is kept until a key is set again. */
  #isWiped = false;

  /** In place of everything of this owner; the bytes are owned from here on. */
  set(owner: Owner, key: ProvidedKey): void {
    this.remove(owner);
    this.#given.set(owner, key);
    this.#isWiped = false;
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

  /** Copies of those that a meeting in this room begins with. */
  forRoom(roomId: string): { owner: Owner; key: ProvidedKey }[] {
    const keys = new Map([...this.#given, ...(this.#ratcheted.get(roomId) ?? [])]);
    return [...keys].map(([owner, key]) => ({ owner, key: copyOf(key) }));
  }

  remove(owner: Owner): void {
    for (const keys of [this.#given, ...this.#ratcheted.values()]) drop(keys, owner);
  }

  wipe(): void {
    this.#isWiped = true;
    for (const keys of [this.#given, ...this.#ratcheted.values()])
      for (const owner of [...keys.keys()]) drop(keys, owner);
  }
}

export function copyOf({ form, bytes }: ProvidedKey): ProvidedKey {
  return { form, bytes: bytes.slice() };
}

function drop(keys: Map<Owner, ProvidedKey>, owner: Owner): void {
  keys.get(owner)?.bytes.fill(0);
  keys.delete(owner);
}
