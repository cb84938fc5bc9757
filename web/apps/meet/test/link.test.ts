import { beforeAll, describe, expect, test } from "vitest";

import {
  keyToText,
  meetingLink,
  newKey,
  parseKey,
  parseKeyOrLink,
  parseLink,
  parseRoomOrLink,
} from "../src/link";

const RAW = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

beforeAll(() => {
  Object.assign(globalThis, { location: new URL("https://meet.example") });
});

describe("the key behind the #", () => {
  test("43 characters of base64url are 32 bytes", () => {
    expect(parseKey(RAW)).toEqual(Uint8Array.from({ length: 32 }, (_, i) => i));
  });

  test.each([
    ["42 characters", RAW.slice(1)],
    ["44 characters", `${RAW}A`],
    ["another alphabet", RAW.replace("A", "+")],
    ["stray bits at the end", `${RAW.slice(0, 42)}9`],
    ["a sentence", "correct horse battery staple"],
  ])("%s are a text key", (_, text) => {
    expect(parseKey(text)).toBe(text);
  });

  test("nothing is no key", () => {
    expect(parseKey("  ")).toBeUndefined();
  });
});

describe("a link", () => {
  test("goes both ways with a raw key and with a text key", () => {
    for (const key of [newKey(), "naïve #key with blanks"]) {
      const link = meetingLink("2kyv-gzay-64pg", key);
      expect(link.startsWith("https://meet.example/m/2kyv-gzay-64pg#")).toBe(true);
      expect(parseLink(link)).toEqual({ roomId: "2kyv-gzay-64pg", key });
      expect(parseKeyOrLink(link)).toEqual(key);
    }
  });

  test("with a new key has 43 characters behind the #", () => {
    expect(keyToText(newKey())).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  test("of another page names no room", () => {
    expect(parseLink("https://meet.example/about")).toEqual({ roomId: undefined, key: undefined });
  });

  test("without a key brings none", () => {
    expect(parseKeyOrLink("https://meet.example/m/2kyv-gzay-64pg")).toBeUndefined();
  });

  test("may lack its beginning", () => {
    const key = newKey();
    const bare = meetingLink("2kyv-gzay-64pg", key).replace("https://", "");
    expect(parseKeyOrLink(bare)).toEqual(key);
    expect(parseRoomOrLink(bare)).toEqual({ roomId: "2kyv-gzay-64pg", key, isElsewhere: false });
    expect(parseRoomOrLink(`https://other.example/m/a-b#${keyToText(key)}`).isElsewhere).toBe(true);
  });

  test("is asked for, and a key that is pasted there is no room", () => {
    const none = { roomId: undefined, key: undefined, isElsewhere: false };
    expect(parseRoomOrLink(keyToText(newKey()))).toEqual(none);
    expect(parseRoomOrLink("correct horse")).toEqual(none);
    expect(parseRoomOrLink(" 2kyv-gzay-64pg ").roomId).toBe("2kyv-gzay-64pg");
  });

  test("with a broken escape does not throw", () => {
    expect(parseLink("https://meet.example/m/a#%zz").key).toBe("%zz");
  });
});
