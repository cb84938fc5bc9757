// Where an app puts the keys, with VideoSDK's names and LiveKit's.

import { Emitter } from "./emitter";
import { copyOf, KeptKeys, type ProvidedKey } from "./kept_keys";
import type { HeldKey } from "./messages";
import { type Key, requireParticipantId, toProvidedKey } from "./provided_key";
import { E2EEError } from "./states";

/**
 * `required`: nothing in clear, in either direction. `preferred`: what is sent is sealed all the same,
 * and participants who declare no encryption are seen and heard in clear, until something sealed of
 * theirs has opened.
 */
export type Policy = "required" | "preferred";

export interface E2EEKeyProviderOptions {
  /**
   * Whether a frame that comes before this client has its first key is discarded. Default true. False
   * takes effect only with the policy "preferred": such frames then pass in clear, in both
   * directions, until the key is ready, and every stream says so with the reason `in-clear`.
   */
  discardFrameWhenCryptorNotReady?: boolean;
  /** Default "required". Only the app can relax it; the server never can. */
  policy?: Policy;
  /** 4: AES-128-GCM (default). 5: AES-256-GCM, which then refuses 4. */
  suite?: 4 | 5;
  /**
   * How many steps of `ratchetKey` others may be ahead: 0 (default) to 8. The same for all members. Frames
   * under a step of the window open, and this client takes that step too.
   */
  ratchetWindowSize?: number;
  /**
   * Whether others must answer a challenge before their streams open. Default true. False is for apps
   * whose signalling cannot carry challenges and answers: a server can then play an earlier call under
   * the same key as if it were of now.
   */
  liveness?: boolean;
  /** For a strict content-security policy: where the app serves `@sotto/e2ee/worker` itself. */
  workerUrl?: string | URL;
}

/** A key as people may see it: never with its bytes. */
export interface KeyEvent {
  roomId: string;
  /** Whose own it is; absent for the key that all members share. */
  participantId?: string;
  kid: number;
  safetyCode: string;
}

export interface KeyInfo extends HeldKey {
  roomId: string;
}

export interface KeyProviderEvents {
  /** A meeting has a key ready that it did not have, or had before: it opens from now on. */
  setKey: KeyEvent;
  /** The keys of a meeting went one step further or more, by `ratchetKey` or because others did. */
  keyRatcheted: KeyEvent;
}

/** What a provider gives its keys to: one meeting. Without an owner the shared keys are meant. */
export interface KeyReceiver {
  readonly roomId: string;
  /** The bytes are the receiver's, who wipes them. */
  receiveKey(key: ProvidedKey, owner?: string): Promise<void>;
  removeKey(owner?: string): Promise<void>;
  ratchetKey(owner?: string): Promise<void>;
  exportSecret(owner?: string): Promise<Uint8Array>;
  listKeys(): Promise<HeldKey[]>;
}

const RATCHET_WINDOW_MAX = 8;

/**
 * Holds the keys of a meeting's members. Set them before or after joining, and again in mid-call. A
 * string is a text key; bytes (at least 16) are a raw key. The app brings keys here on a path of its own;
 * they never go to the server. One provider may serve several meetings.
 *
 * What may be awaited may also be ignored: an app that does not await learns of failures by the states.
 */
export class ExternalE2EEKeyProvider {
  readonly policy: Policy;
  readonly suite: 4 | 5;
  readonly ratchetWindowSize: number;
  readonly liveness: boolean;
  readonly workerUrl: string | URL | undefined;
  readonly discardFrameWhenCryptorNotReady: boolean;

  #kept = new KeptKeys();
  #receivers = new Set<KeyReceiver>();
  #events = new Emitter<KeyProviderEvents>();

  constructor(options: E2EEKeyProviderOptions = {}) {
    this.policy = options.policy ?? "required";
    this.suite = options.suite ?? 4;
    this.ratchetWindowSize = options.ratchetWindowSize ?? 0;
    this.liveness = options.liveness ?? true;
    this.workerUrl = options.workerUrl;
    this.discardFrameWhenCryptorNotReady = options.discardFrameWhenCryptorNotReady ?? true;
    if (this.policy !== "required" && this.policy !== "preferred")
      throw new TypeError('policy must be "required" or "preferred"');
    if (this.suite !== 4 && this.suite !== 5) throw new TypeError("suite must be 4 or 5");
    const steps = this.ratchetWindowSize;
    if (!Number.isInteger(steps) || steps < 0 || steps > RATCHET_WINDOW_MAX)
      throw new TypeError(`ratchetWindowSize must be a whole number from 0 to ${RATCHET_WINDOW_MAX}`);
  }

  /**
   * Sets the key that all members share. Resolves when every meeting that uses this provider has it
   * ready; rejects with an E2EEError if it cannot be used. In place of another key it opens at once and
   * seals two seconds later, or as soon as somebody else goes over to it.
   */
  setSharedKey(key: Key): Promise<void> {
    return quietly(this.#set(key, undefined));
  }

  /**
   * Gives a participant a key of its own: its streams open and are sealed with no other from now on. With
   * the own participant id it is what this client seals with.
   */
  setKey(participantId: string, key: Key): Promise<void> {
    return quietly(this.#setOwn(participantId, key));
  }

  /** Erases the shared keys: nothing that needs one is sent, seen or heard until one is set. */
  removeSharedKey(): Promise<void> {
    return quietly(this.#remove(undefined));
  }

  /** Erases a participant's own keys, also those kept for it: the shared one counts for it again. */
  removeKey(participantId: string): Promise<void> {
    return quietly(this.#removeOwn(participantId));
  }

  /**
   * Makes the next key out of the newest one, one step forward and never back: who gets it later opens
   * nothing that was sent before. It keeps nobody out: who has the key before can make it too.
   */
  ratchetKey(participantId?: string): Promise<void> {
    return quietly(this.#ratchet(participantId));
  }

  /**
   * The newest secret as 32 bytes, to be given to somebody who joins the same room, who sets it as
   * `{ roomSecret }`. Handle it as a key. Rejects if this provider does not serve exactly one meeting.
   */
  async exportSecret(participantId?: string): Promise<Uint8Array> {
    const owner = ownerOf(participantId);
    const [receiver, ...others] = this.#requireMeeting();
    if (!receiver || others.length > 0)
      throw new E2EEError(
        "no-meeting",
        "This provider serves several meetings, each with a secret of its own. Use one for each.",
      );
    return receiver.exportSecret(owner);
  }

  /** The keys that open now in the meetings that use this provider, and which of them seals. */
  async getKeys(): Promise<KeyInfo[]> {
    const lists = [...this.#receivers].map(async (receiver) =>
      (await receiver.listKeys()).map((key) => ({ roomId: receiver.roomId, ...key })),
    );
    return (await Promise.all(lists)).flat();
  }

  /** Returns the function that ends it. */
  on<Name extends keyof KeyProviderEvents>(
    name: Name,
    listener: (event: KeyProviderEvents[Name]) => void,
  ): () => void {
    return this.#events.on(name, listener);
  }

  off<Name extends keyof KeyProviderEvents>(
    name: Name,
    listener: (event: KeyProviderEvents[Name]) => void,
  ): void {
    this.#events.off(name, listener);
  }

  /** Erases the keys that are kept for meetings still to come. Those that have them keep them. */
  wipe(): void {
    this.#kept.wipe();
  }

  /** Whether frames may pass in clear until there is a key: only where the app allows it twice. */
  get passesUntilReady(): boolean {
    return this.policy === "preferred" && !this.discardFrameWhenCryptorNotReady;
  }

  /** For `FrameEncryption`: gives it the keys that are there, and every later one. */
  attach(receiver: KeyReceiver): void {
    this.#receivers.add(receiver);
    for (const { owner, key } of this.#kept.forRoom(receiver.roomId))
      receiver.receiveKey(key, owner).catch(() => {});
  }

  detach(receiver: KeyReceiver): void {
    this.#receivers.delete(receiver);
  }

  /** For `FrameEncryption`: a meeting has a key ready. */
  tellSet(event: KeyEvent): void {
    this.#events.emit("setKey", event);
  }

  /** For `FrameEncryption`: with the secret that the meeting's key became, unless another is on its way. */
  tellRatcheted(event: KeyEvent, secret: Uint8Array | undefined): void {
    if (secret) this.#kept.ratchet(event.roomId, event.participantId, secret);
    this.#events.emit("keyRatcheted", event);
  }

  async #set(key: Key, owner?: string): Promise<void> {
    const provided = toProvidedKey(key);
    this.#kept.set(owner, provided);
    await this.#forAll((receiver) => receiver.receiveKey(copyOf(provided), owner));
  }

  async #setOwn(participantId: string, key: Key): Promise<void> {
    await this.#set(key, requireParticipantId(participantId));
  }

  async #remove(owner: string | undefined): Promise<void> {
    this.#kept.remove(owner);
    await this.#forAll((receiver) => receiver.removeKey(owner));
  }

  async #removeOwn(participantId: string): Promise<void> {
    await this.#remove(requireParticipantId(participantId));
  }

  async #ratchet(participantId: string | undefined): Promise<void> {
    const owner = ownerOf(participantId);
    this.#requireMeeting();
    await this.#forAll((receiver) => receiver.ratchetKey(owner));
  }

  async #forAll(action: (receiver: KeyReceiver) => Promise<void>): Promise<void> {
    await Promise.all([...this.#receivers].map(action));
  }

  #requireMeeting(): KeyReceiver[] {
    if (this.#receivers.size === 0)
      throw new E2EEError("no-meeting", "No meeting uses this key provider yet. Join one first.");
    return [...this.#receivers];
  }
}

function ownerOf(participantId: string | undefined): string | undefined {
  return participantId === undefined ? undefined : requireParticipantId(participantId);
}

/** An app that does not await it learns of it by the states. */
function quietly(promise: Promise<void>): Promise<void> {
  promise.catch(() => {});
  return promise;
}
