// Where an app puts the keys, with VideoSDK's names and LiveKit's.

import { type Check, oneOf, optional, requireBoolean, requireFunction, requireOptions } from "./checks";
import { Emitter } from "./emitter";
import { copyOf, KeptKeys, type ProvidedKey } from "./kept_keys";
import {
  KEY_INDEX_MAX,
  type LivekitOptions,
  readLivekitOptions,
  refuseLivekitOptions,
  requireWhole,
} from "./livekit_options";
import type { HeldKey } from "./messages";
import { type Key, requireParticipantId, toProvidedKey } from "./provided_key";
import { E2EEError } from "./states";

/**
 * `required`: nothing in clear, in either direction. `preferred`: what is sent is sealed all the same,
 * and participants who declare no encryption are seen and heard in clear, until something sealed of
 * theirs has opened.
 */
export type Policy = "required" | "preferred";

/**
 * `sotto`: docs/frame-format.md. `livekit`: for meetings with clients of LiveKit or VideoSDK, with their
 * weaknesses; docs/livekit.md says which, and what is different here.
 */
export type FrameFormat = "sotto" | "livekit";

export interface E2EEKeyProviderOptions extends Partial<LivekitOptions> {
  /**
   * Default "sotto". The same for all members, and for the whole life of this provider. A passphrase
   * that was ever used in one format must not be used in the other.
   */
  frameFormat?: FrameFormat;
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
   * How many steps of `ratchetKey` others may be ahead: 0 (default) to 8, or 16 in the format "livekit".
   * The same for all members. Frames under a step of the window open, and this client takes that step too.
   */
  ratchetWindowSize?: number;
  /**
   * Whether others must answer a challenge before their streams open. Default true. False is for apps
   * whose signalling cannot carry challenges and answers: a server can then play an earlier call under
   * the same key as if it were of now. The format "livekit" has no challenges; `true` is refused there.
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
  ratchetKey(owner?: string, keyIndex?: number): Promise<void>;
  exportSecret(owner?: string): Promise<Uint8Array>;
  listKeys(): Promise<HeldKey[]>;
}

const RATCHET_WINDOW_MAX = 8;

/** What each option may be. Those of formats are looked at where the format is known. */
const OPTIONS = {
  frameFormat: optional(oneOf("sotto", "livekit")),
  discardFrameWhenCryptorNotReady: optional(requireBoolean),
  policy: optional(oneOf("required", "preferred")),
  suite: optional(oneOf(4, 5)),
  liveness: optional(requireBoolean),
  workerUrl: optional((name, value) => {
    // An object may be a URL, or what a policy of trusted types makes of one.
    if (typeof value !== "string" && (typeof value !== "object" || value === null))
      throw new TypeError(`${name} must be a text or a URL`);
  }),
  sharedKey: optional(requireBoolean),
  ratchetSalt: () => {},
  ratchetWindowSize: () => {},
  failureTolerance: () => {},
  keyringSize: () => {},
  keySize: () => {},
} satisfies Record<keyof E2EEKeyProviderOptions, Check>;

const EVENT_NAMES = ["setKey", "keyRatcheted"] satisfies (keyof KeyProviderEvents)[];

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

  #livekit: Readonly<LivekitOptions> | undefined;
  #kept = new KeptKeys();
  #receivers = new Set<KeyReceiver>();
  #events = new Emitter<KeyProviderEvents>();

  /** Throws a TypeError for options that there are none of, and for what they cannot be. */
  constructor(options: E2EEKeyProviderOptions = {}) {
    requireOptions("ExternalE2EEKeyProvider", options, OPTIONS);
    this.policy = options.policy ?? "required";
    this.suite = options.suite ?? 4;
    this.ratchetWindowSize = options.ratchetWindowSize ?? 0;
    this.liveness = options.liveness ?? options.frameFormat !== "livekit";
    this.workerUrl = options.workerUrl;
    this.discardFrameWhenCryptorNotReady = options.discardFrameWhenCryptorNotReady ?? true;
    if (options.frameFormat === "livekit") {
      if (options.suite !== undefined)
        throw new TypeError('suite is an option of frameFormat: "sotto"; here it is keySize');
      if (this.liveness) throw new TypeError('the format "livekit" has no liveness');
      this.#livekit = Object.freeze(readLivekitOptions(options));
    } else {
      refuseLivekitOptions(options);
      requireWhole("ratchetWindowSize", this.ratchetWindowSize, 0, RATCHET_WINDOW_MAX);
    }
  }

  /** Fixed for the life of the provider: one that held a key for the other format would give it away. */
  get frameFormat(): FrameFormat {
    return this.#livekit ? "livekit" : "sotto";
  }

  /** The options of the format "livekit"; undefined in the other. */
  get livekit(): Readonly<LivekitOptions> | undefined {
    return this.#livekit;
  }

  /**
   * Sets the key that all members share. Resolves when every meeting that uses this provider has it
   * ready; rejects with an E2EEError if it cannot be used. In place of another key it opens at once and
   * seals two seconds later, or as soon as somebody else goes over to it.
   *
   * In the format "livekit" keys have places of their own, 0 unless `keyIndex` says otherwise. A key in the
   * place of another ends that one at once.
   */
  setSharedKey(key: Key, keyIndex?: number): Promise<void> {
    return quietly(this.#setShared(key, keyIndex));
  }

  /**
   * Gives a participant a key of its own: its streams open and are sealed with no other from now on. With
   * the own participant id it is what this client seals with.
   */
  setKey(participantId: string, key: Key, keyIndex?: number): Promise<void> {
    return quietly(this.#setOwn(participantId, key, keyIndex));
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
   * nothing that was sent before. It keeps nobody out: who has the key before can make it too. In the
   * format "livekit" it is the key set last, or the one of `keyIndex`; it seals from then on.
   */
  ratchetKey(participantId?: string, keyIndex?: number): Promise<void> {
    return quietly(this.#ratchet(participantId, keyIndex));
  }

  /**
   * The newest secret as 32 bytes, to be given to somebody who joins the same room, who sets it as
   * `{ roomSecret }`. Handle it as a key. Rejects if this provider does not serve exactly one meeting.
   */
  async exportSecret(participantId?: string): Promise<Uint8Array> {
    const owner = ownerOf(participantId);
    if (this.#livekit)
      throw new E2EEError("missing-key", 'The format "livekit" has no secret to hand on.');
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

  /** Returns the function that ends it. Throws a TypeError for other events. */
  on<Name extends keyof KeyProviderEvents>(
    name: Name,
    listener: (event: KeyProviderEvents[Name]) => void,
  ): () => void {
    oneOf(...EVENT_NAMES)("the name of the event", name);
    requireFunction("the listener", listener);
    return this.#events.on(name, listener);
  }

  off<Name extends keyof KeyProviderEvents>(
    name: Name,
    listener: (event: KeyProviderEvents[Name]) => void,
  ): void {
    oneOf(...EVENT_NAMES)("the name of the event", name);
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

  /**
   * For `FrameEncryption`: with the secret that the meeting's key became, where the format has one; "old" if
   * another key is on its way to take its place.
   */
  tellRatcheted(event: KeyEvent, secret: Uint8Array | "old" | undefined): void {
    const { roomId, participantId, kid } = event;
    if (secret === undefined) this.#kept.forget(participantId, kid);
    else if (secret !== "old") this.#kept.ratchet(roomId, participantId, secret);
    this.#events.emit("keyRatcheted", event);
  }

  async #set(key: Key, owner: string | undefined, keyIndex: number | undefined): Promise<void> {
    const place = this.#placeOf(keyIndex);
    const provided = toProvidedKey(key);
    if (this.#livekit) {
      if (provided.form === "secret")
        throw new E2EEError("invalid-key", 'The format "livekit" has no room secrets.');
      provided.keyIndex = place ?? 0;
    }
    this.#kept.set(owner, provided);
    await this.#forAll((receiver) => receiver.receiveKey(copyOf(provided), owner));
  }

  async #setShared(key: Key, keyIndex: number | undefined): Promise<void> {
    if (this.#livekit?.sharedKey === false)
      throw new E2EEError("invalid-key", "This provider has sharedKey: false. Use setKey.");
    await this.#set(key, undefined, keyIndex);
  }

  async #setOwn(participantId: string, key: Key, keyIndex: number | undefined): Promise<void> {
    await this.#set(key, requireParticipantId(participantId), keyIndex);
  }

  /** In the ring, as LiveKit counts: modulo its size. */
  #placeOf(keyIndex: number | undefined): number | undefined {
    if (keyIndex === undefined) return undefined;
    if (!this.#livekit)
      throw new E2EEError("invalid-key", 'Keys have an index in the format "livekit" alone.');
    if (!Number.isInteger(keyIndex) || keyIndex < 0 || keyIndex > KEY_INDEX_MAX)
      throw new E2EEError("invalid-key", `A key index is a number from 0 to ${KEY_INDEX_MAX}.`);
    return keyIndex % this.#livekit.keyringSize;
  }

  async #remove(owner: string | undefined): Promise<void> {
    this.#kept.remove(owner);
    await this.#forAll((receiver) => receiver.removeKey(owner));
  }

  async #removeOwn(participantId: string): Promise<void> {
    await this.#remove(requireParticipantId(participantId));
  }

  async #ratchet(
    participantId: string | undefined,
    keyIndex: number | undefined,
  ): Promise<void> {
    const owner = ownerOf(participantId);
    const place = this.#placeOf(keyIndex);
    this.#requireMeeting();
    await this.#forAll((receiver) => receiver.ratchetKey(owner, place));
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
