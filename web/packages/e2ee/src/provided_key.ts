// What apps may give as a key, checked and copied.

import { ID_SIZE_MAX, isId } from "./checks";
import type { ProvidedKey } from "./kept_keys";
import { E2EEError } from "./states";

export type KeyBytes = ArrayBuffer | ArrayBufferView;

/**
 * A text, at least 16 random bytes, or a room secret that `exportSecret` gave to another member of the
 * same room.
 */
export type Key = string | KeyBytes | { roomSecret: KeyBytes };

const RAW_KEY_SIZE_MIN = 16;
const ROOM_SECRET_SIZE = 32;

/** Throws an E2EEError. */
export function toProvidedKey(key: unknown): ProvidedKey {
  if (typeof key === "string") {
    if (key === "") throw new E2EEError("invalid-key", "The key is an empty text.");
    return { form: "text", bytes: new TextEncoder().encode(key) };
  }
  const bytes = copyBytes(key);
  if (bytes) return { form: "raw", bytes: requireRawSize(bytes) };
  const secret = isObject(key) ? copyBytes(key.roomSecret) : undefined;
  if (!secret)
    throw new E2EEError(
      "invalid-key",
      "A key is a string, an ArrayBuffer, a typed array, or one of the latter as roomSecret.",
    );
  if (secret.length !== ROOM_SECRET_SIZE)
    throw new E2EEError(
      "invalid-key",
      `A room secret has ${ROOM_SECRET_SIZE} bytes; this one has ${secret.length}.`,
    );
  return { form: "secret", bytes: secret };
}

/** Throws an E2EEError for what no participant is called. */
export function requireParticipantId(id: unknown): string {
  if (!isId(id))
    throw new E2EEError("invalid-participant", `A participant id is a text of 1 to ${ID_SIZE_MAX} bytes.`);
  return id;
}

function requireRawSize(bytes: Uint8Array): Uint8Array {
  if (bytes.length < RAW_KEY_SIZE_MIN)
    throw new E2EEError(
      "invalid-key",
      `A raw key has at least ${RAW_KEY_SIZE_MIN} bytes; this one has ${bytes.length}.`,
    );
  return bytes;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Also of a buffer that comes from another frame of the page, which `instanceof` does not know. */
function copyBytes(key: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(key))
    return new Uint8Array(key.buffer, key.byteOffset, key.byteLength).slice();
  if (Object.prototype.toString.call(key) === "[object ArrayBuffer]")
    return new Uint8Array(key as ArrayBuffer).slice();
  return undefined;
}
