// The meeting's link: /m/<room>#<key>. Browsers do not send what stands behind the #.

const RAW_KEY_SIZE = 32;

export type MeetingKey = string | Uint8Array;

export interface Link {
  roomId: string | undefined;
  key: MeetingKey | undefined;
}

export function newKey(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(RAW_KEY_SIZE));
}

/** 43 characters of base64url are a raw key of 32 bytes; other text is a text key; empty is none. */
export function parseKey(text: string): MeetingKey | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  return fromBase64Url(trimmed) ?? trimmed;
}

/** What people paste into the key field: the whole link, or the key alone. */
export function parseKeyOrLink(text: string): MeetingKey | undefined {
  const url = toUrl(text);
  return url === undefined ? parseKey(text) : parseLink(url).key;
}

/**
 * What people paste into the link field: a link of this server, or a room id. Not a key: as a room id it
 * would come to stand in the address and go to the server.
 */
export function parseRoomOrLink(text: string): Link & { isElsewhere: boolean } {
  const url = toUrl(text);
  if (url === undefined) {
    const id = text.trim();
    const isRoom = !/\s/.test(id) && fromBase64Url(id) === undefined;
    return { ...parseLink(isRoom ? `/m/${id}` : "/"), isElsewhere: false };
  }
  const isElsewhere = URL.canParse(url) && new URL(url).host !== location.host;
  return { ...parseLink(url), isElsewhere };
}

export function keyToText(key: MeetingKey): string {
  return typeof key === "string" ? key : toBase64Url(key);
}

export function roomPath(roomId: string): string {
  return `/m/${encodeURIComponent(roomId)}`;
}

export function meetingLink(roomId: string, key: MeetingKey | undefined): string {
  const url = new URL(roomPath(roomId), location.origin);
  if (key !== undefined)
    url.hash = typeof key === "string" ? encodeURIComponent(key) : toBase64Url(key);
  return url.href;
}

/** The room of an address, and the key behind its #. */
export function parseLink(href: string): Link {
  if (!URL.canParse(href, location.origin)) return { roomId: undefined, key: undefined };
  const url = new URL(href, location.origin);
  const room = /^\/m\/([^/]+)\/?$/.exec(url.pathname)?.[1];
  return {
    roomId: room === undefined ? undefined : unescape(room),
    key: parseKey(unescape(url.hash.slice(1))),
  };
}

/** Reads this page's address and takes the key out of it and out of the history. */
export function takeLink(): Link {
  const link = parseLink(location.href);
  if (location.href.includes("#"))
    history.replaceState(history.state, "", location.pathname + location.search);
  return link;
}

/** The text as an address, also of a link whose beginning was left out; undefined if it is none. */
function toUrl(text: string): string | undefined {
  const trimmed = text.trim();
  if (/^https?:\/\//i.test(trimmed)) return trimmed;
  return /^[^\s/#]+\/m\/[^\s/#]+/.test(trimmed) ? `${location.protocol}//${trimmed}` : undefined;
}

/** Percent escapes undone; as it is where they are broken. */
function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
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
