// Where an app puts the key, with VideoSDK's names.

import type { KeyForm } from "./messages";
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
  /** For a strict content-security policy: where the app serves `@sotto/e2ee/worker` itself. */
  workerUrl?: string | URL;
}

/** A key as it is handed to a meeting; the bytes are the receiver's, who wipes them. */
export interface SharedKey {
  form: KeyForm;
  bytes: Uint8Array;
}

/** What a provider gives its key to. */
export interface KeyReceiver {
  receiveKey(key: SharedKey): Promise<void>;
}

const RAW_KEY_SIZE_MIN = 16;

/**
 * Holds the key that the members of a meeting share. Set it before or after joining, and again in
 * mid-call. A string is a text key; bytes (at least 16) are a raw key. The app brings the key here on a
 * path of its own; it never goes to the server. One provider may serve several meetings.
 */
export class ExternalE2EEKeyProvider {
  readonly policy: Policy;
  readonly suite: 4 | 5;
  readonly workerUrl: string | URL | undefined;
  readonly discardFrameWhenCryptorNotReady: boolean;

  #key: SharedKey | undefined;
  #receivers = new Set<KeyReceiver>();

  constructor(options: E2EEKeyProviderOptions = {}) {
    this.policy = options.policy ?? "required";
    this.suite = options.suite ?? 4;
    this.workerUrl = options.workerUrl;
    this.discardFrameWhenCryptorNotReady = options.discardFrameWhenCryptorNotReady ?? true;
    if (this.policy !== "required" && this.policy !== "preferred")
      throw new TypeError('policy must be "required" or "preferred"');
    if (this.suite !== 4 && this.suite !== 5) throw new TypeError("suite must be 4 or 5");
  }

  /**
   * Resolves when every meeting that uses this provider has the key ready; rejects with an E2EEError
   * if the key cannot be used. It may be awaited or not. In place of another key it opens at once and
   * seals two seconds later, or as soon as somebody else seals under it.
   */
  setSharedKey(key: string | ArrayBuffer | ArrayBufferView): Promise<void> {
    const promise = this.#setSharedKey(key);
    promise.catch(() => {}); // An app that does not await it learns of it by the states.
    return promise;
  }

  /** Erases the key that is kept for meetings still to come. Those that have it keep it. */
  wipe(): void {
    this.#key?.bytes.fill(0);
    this.#key = undefined;
  }

  async #setSharedKey(key: string | ArrayBuffer | ArrayBufferView): Promise<void> {
    const shared = toSharedKey(key);
    this.wipe();
    this.#key = shared;
    await Promise.all([...this.#receivers].map((receiver) => receiver.receiveKey(copy(shared))));
  }

  /** Whether frames may pass in clear until there is a key: only where the app allows it twice. */
  get passesUntilReady(): boolean {
    return this.policy === "preferred" && !this.discardFrameWhenCryptorNotReady;
  }

  /** For `FrameEncryption`: gives it the key that is there, and every later one. */
  attach(receiver: KeyReceiver): void {
    this.#receivers.add(receiver);
    if (this.#key) receiver.receiveKey(copy(this.#key)).catch(() => {});
  }

  detach(receiver: KeyReceiver): void {
    this.#receivers.delete(receiver);
  }
}

function copy(key: SharedKey): SharedKey {
  return { form: key.form, bytes: key.bytes.slice() };
}

function toSharedKey(key: unknown): SharedKey {
  if (typeof key === "string") {
    if (key === "") throw new E2EEError("invalid-key", "The key is an empty text.");
    return { form: "text", bytes: new TextEncoder().encode(key) };
  }
  const bytes = copyBytes(key);
  if (!bytes)
    throw new E2EEError("invalid-key", "A key is a string, an ArrayBuffer or a typed array.");
  if (bytes.length < RAW_KEY_SIZE_MIN)
    throw new E2EEError(
      "invalid-key",
      `A raw key has at least ${RAW_KEY_SIZE_MIN} bytes; this one has ${bytes.length}.`,
    );
  return { form: "raw", bytes };
}

/** Also of a buffer that comes from another frame of the page, which `instanceof` does not know. */
function copyBytes(key: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(key))
    return new Uint8Array(key.buffer, key.byteOffset, key.byteLength).slice();
  if (Object.prototype.toString.call(key) === "[object ArrayBuffer]")
    return new Uint8Array(key as ArrayBuffer).slice();
  return undefined;
}
