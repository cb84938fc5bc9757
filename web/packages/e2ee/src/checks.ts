// What apps hand in from JavaScript, where no compiler looked at it, and what signalling brought them.

import { STREAM_KINDS, type StreamKind } from "./states";

export const ID_SIZE_MAX = 255;
export const STREAM_ID_SIZE = 16;
export const CHALLENGE_SIZE = 16;

/** Throws a TypeError for what the option of this name cannot be. */
export type Check = (name: string, value: unknown) => void;

/** Of a room or a participant: half of a surrogate pair would be the same bytes as any other half. */
export function isId(value: unknown): value is string {
  if (typeof value !== "string" || value === "" || value.length > ID_SIZE_MAX) return false;
  return !/\p{Cs}/u.test(value) && new TextEncoder().encode(value).length <= ID_SIZE_MAX;
}

export function isKind(value: unknown): value is StreamKind {
  return STREAM_KINDS.includes(value as StreamKind);
}

/** A copy of a Uint8Array, of whatever frame of the page, that has at most so many bytes. */
export function copyBytes(value: unknown, most: number): Uint8Array | undefined {
  const name: unknown = Reflect.get(TYPED_ARRAY, Symbol.toStringTag, value);
  if (name !== "Uint8Array" || (value as Uint8Array).byteLength > most) return undefined;
  return new Uint8Array(value as Uint8Array);
}

/** Has a getter that says what a typed array is, and that nothing else can feign. */
const TYPED_ARRAY = Object.getPrototypeOf(Uint8Array.prototype) as object;

/** A copy of a Uint8Array of exactly so many bytes. */
export function copyExactly(value: unknown, size: number): Uint8Array | undefined {
  const bytes = copyBytes(value, size);
  return bytes?.length === size ? bytes : undefined;
}

/** Throws a TypeError for everything but a stream id and undefined, which says that there is none. */
export function readStreamId(value: unknown): Uint8Array | undefined {
  const bytes = copyExactly(value, STREAM_ID_SIZE);
  if (!bytes && value !== undefined)
    throw new TypeError(
      `streamId must be a Uint8Array of ${STREAM_ID_SIZE} bytes, or absent if no encryption is declared`,
    );
  return bytes;
}

export function requireId(name: string, value: unknown): asserts value is string {
  if (!isId(value))
    throw new TypeError(`${name} must be a text of 1 to ${ID_SIZE_MAX} bytes in UTF-8`);
}

export function requireFunction(name: string, value: unknown): void {
  if (typeof value !== "function") throw new TypeError(`${name} must be a function`);
}

export function requireBoolean(name: string, value: unknown): void {
  if (typeof value !== "boolean") throw new TypeError(`${name} must be true or false`);
}

export function oneOf(...allowed: readonly unknown[]): Check {
  return (name, value) => {
    if (allowed.includes(value)) return;
    const words = allowed.map((each) => JSON.stringify(each));
    throw new TypeError(`${name} must be ${words.slice(0, -1).join(", ")} or ${words.at(-1)}`);
  };
}

export function optional(check: Check): Check {
  return (name, value) => {
    if (value !== undefined) check(name, value);
  };
}

/** Throws a TypeError unless it is an object that has these options, and none of other names. */
export function requireOptions(owner: string, given: unknown, checks: Record<string, Check>): void {
  const names = Object.keys(checks);
  if (typeof given !== "object" || given === null)
    throw new TypeError(`The options of ${owner} must be an object with ${names.join(", ")}`);
  for (const name of Object.keys(given)) if (!names.includes(name)) refuseName(owner, name, names);
  for (const [name, check] of Object.entries(checks)) check(name, Reflect.get(given, name));
}

function refuseName(owner: string, name: string, names: string[]): never {
  const near = names.find((each) => lettersOf(each) === lettersOf(name));
  const advice = near ? `Was ${near} meant?` : `There are ${names.join(", ")}.`;
  throw new TypeError(`${owner} has no option ${JSON.stringify(name)}. ${advice}`);
}

/** The same for words of other cases, and of letters in another order. */
function lettersOf(word: string): string {
  return [...word.toLowerCase()].sort().join("");
}
