// Bytes as text that needs no escaping anywhere (RFC 4648 section 5, without padding).

export function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

/** Undefined for anything that is not base64url, or not of exactly `size` bytes. */
export function fromBase64Url(text: string, size?: number): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return undefined;
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    // Bits behind the last byte must be zero, or two texts would be the same bytes.
    const isRightSize = size === undefined || bytes.length === size;
    return isRightSize && toBase64Url(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}
