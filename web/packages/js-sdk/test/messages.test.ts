import { describe, expect, test } from "vitest";

import { fromBase64Url, toBase64Url } from "../src/base64url";
import { signallingUrl } from "../src/signalling_url";

describe("base64url", () => {
  test("goes both ways for every byte", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(fromBase64Url(toBase64Url(bytes), 256)).toEqual(bytes);
  });

  test("takes any number of bytes where none is asked for", () => {
    for (const size of [0, 1, 2, 3, 5000])
      expect(fromBase64Url(toBase64Url(new Uint8Array(size).fill(7)))).toHaveLength(size);
    for (const text of ["A", "AB", "AA=", "A A"]) expect(fromBase64Url(text)).toBeUndefined();
  });

  test.each([["AAAA="], ["AA+A"], ["AAA"], ["AAAAA"], ["Zh"], ["A A="]])(
    "%s is not 3 bytes",
    (text) => {
      expect(fromBase64Url(text, 3)).toBeUndefined();
    },
  );
});

test.each([
  ["meet.example.org", "https://page.example", "wss://meet.example.org/signal"],
  ["meet.example.org:7880", "http://page.example", "ws://meet.example.org:7880/signal"],
  ["https://meet.example.org/sotto/", "http://page.example", "wss://meet.example.org/sotto/signal"],
  ["http://localhost:7880", "https://page.example", "ws://localhost:7880/signal"],
  [undefined, "https://page.example:8443", "wss://page.example:8443/signal"],
])("%s on %s is %s", (base, page, wanted) => {
  Object.assign(globalThis, { location: new URL(page) });
  expect(signallingUrl(base)).toBe(wanted);
});
