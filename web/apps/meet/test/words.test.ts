import { E2EEError, MeetingError } from "@sotto/js-sdk";
import { describe, expect, test } from "vitest";

import { usesAnotherKey, wordsOf, worstOf } from "../src/call/encryption_words";
import { explainJoining, outcomeOf } from "../src/outcome";
import { parseSettings } from "../src/settings";

const good = { isEncrypted: true, state: "DecryptionSuccess" } as const;
const other = { isEncrypted: true, state: "DecryptionFailed", reason: "missing-key" } as const;

describe("how a stream is encrypted", () => {
  test.each([
    [good, "Encrypted", "good"],
    [{ isEncrypted: true, state: "EncryptionSuccess" }, "Encrypted", "good"],
    [{ isEncrypted: true }, "Encrypted, nothing yet", "waiting"],
    [{ isEncrypted: false }, "Not encrypted: not shown", "bad"],
    [{ isEncrypted: false, state: "DecryptionSuccess" }, "Not encrypted", "bad"],
    [other, "Uses another key", "bad"],
    [{ ...other, state: "EncryptionFailed" }, "No key: nothing is sent", "bad"],
    [{ ...other, reason: "tampered" }, "Wrong key, or altered on the way", "bad"],
    [{ ...other, reason: "unheard-of" }, "Encryption failed (unheard-of)", "bad"],
  ] as const)("%o", (encryption, text, tone) => {
    expect(wordsOf(encryption)).toEqual({ text, tone });
  });

  test("of several, the worst", () => {
    expect(worstOf([good, other, undefined])?.tone).toBe("bad");
    expect(worstOf([{ isEncrypted: true }, good])?.tone).toBe("good");
    expect(worstOf([undefined])).toBeUndefined();
  });

  test("another key is one that opens nothing here", () => {
    expect(usesAnotherKey(other)).toBe(true);
    expect(usesAnotherKey({ ...other, reason: "tampered" })).toBe(false);
    expect(usesAnotherKey(undefined)).toBe(false);
  });
});

describe("how a stay ended", () => {
  test.each([
    [null, "You left the meeting"],
    [new MeetingError(1006, "REMOVED", "the meeting was ended"), "The meeting has ended"],
    [new MeetingError(1002, "REMOVED", "removed"), "You were removed from the meeting"],
    [new MeetingError(1102, "CONNECTION_LOST", "lost"), "The connection was lost"],
    [new E2EEError("worker-failed", "The worker stopped."), "The encryption stopped"],
    [new Error("boom"), "The call broke off"],
  ])("%s", (error, title) => {
    expect(outcomeOf(error).title).toBe(title);
    expect(outcomeOf(error).isUnexpected).toBe(error !== null);
  });

  test("why joining failed is a sentence; breaking it off is none", () => {
    expect(explainJoining(new Error("room not found"))).toBe("Room not found.");
    expect(explainJoining(new MeetingError(4009, "FULL", "full"))).toMatch(/full/);
    expect(explainJoining(new MeetingError(3035, "LEFT", "left"))).toBeUndefined();
  });
});

describe("what is remembered", () => {
  test("is taken only if it is text of a known name", () => {
    const text = JSON.stringify({ name: "Alice", cameraId: 7, key: "secret" });
    expect(parseSettings(text)).toEqual({
      name: "Alice",
      cameraId: "",
      microphoneId: "",
      speakerId: "",
    });
  });

  test.each([null, "", "null", "[", "7"])("may be anything: %s", (text) => {
    expect(parseSettings(text).name).toBe("");
  });
});
