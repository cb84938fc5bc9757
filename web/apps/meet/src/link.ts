// The meeting's link: /m/<room>#<key>. Browsers do not send what stands behind the #.

const RAW_KEY_SIZE = 32;

export type MeetingKey = string | Uint8Array;

export function newKey(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(RAW_KEY_SIZE));
}

/** 43 characters of base64url are a raw key of 32 bytes; any other text is a text key; empty is none. */
export function parseKey(text: string): MeetingKey | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  return fromBase64Url(trimmed) ?? trimmed;
}

/** What people paste into the key field: the whole link, or the key alone. */
export function parseKeyOrLink(text: string): MeetingKey | undefined {
  const trimmed = text.trim();
  if (/^https?:\/\//.test(trimmed)) return parseKey(decodeFragment(trimmed.slice(trimmed.indexOf("#") + 1 || trimmed.length)));
  return parseKey(trimmed);
}

export function keyToText(key: MeetingKey): string {
  return typeof key === "string" ? key : toBase64Url(key);
}

export function meetingLink(roomId: string, key: MeetingKey | undefined): string {
  const url = new URL(`/m/${encodeURIComponent(roomId)}`, location.origin);
  if (key !== undefined) url.hash = typeof key === "string" ? encodeURIComponent(key) : toBase64Url(key);
  return url.href;
}

/** The room of an address, and the key behind its #. */
export function parseLink(href: string): { roomId: string | undefined; key: MeetingKey | undefined } {
  const url = new URL(href, location.origin);
  const match = /^\/m\/([^/]+)\/?$/.exec(url.pathname);
  return {
    roomId: match?.[1] === undefined ? undefined : decodeURIComponent(match[1]),
    key: parseKey(decodeFragment(url.hash.slice(1))),
  };
}

/** Reads this page's address and takes the key out of it and out of the history. */
export function takeLink(): ReturnType<typeof parseLink> {
  const link = parseLink(location.href);
  if (location.hash !== "") history.replaceState(history.state, "", location.pathname + location.search);
  return link;
}

function decodeFragment(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

function fromBase64Url(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]{43}$/.test(text)) return undefined;
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  // The last character carries 2 bits that must be zero, or two texts would be one key.
  return bytes.length === RAW_KEY_SIZE && toBase64Url(bytes) === text ? bytes : undefined;
}
