import { describe, expect, test } from "vitest";

import { ExternalE2EEKeyProvider, type SharedKey } from "../src/key_provider";
import { E2EEError } from "../src/states";

function receiver() {
  const keys: SharedKey[] = [];
  return { keys, receiveKey: async (key: SharedKey) => void keys.push(key) };
}

describe("ExternalE2EEKeyProvider", () => {
  test("a text key reaches receivers that attach before and after it is set", async () => {
    const provider = new ExternalE2EEKeyProvider();
    const [early, late] = [receiver(), receiver()];
    provider.attach(early);
    await provider.setSharedKey("spoken aloud");
    provider.attach(late);
    for (const { keys } of [early, late]) {
      expect(keys).toHaveLength(1);
      expect(keys[0]?.form).toBe("text");
      expect(new TextDecoder().decode(keys[0]?.bytes)).toBe("spoken aloud");
    }
  });

  test("bytes are a raw key, whatever holds them, and are copied", async () => {
    const bytes = new Uint8Array(20).map((_, i) => i);
    const forms = [bytes.buffer, bytes, new DataView(bytes.buffer), new Uint16Array(bytes.buffer)];
    for (const form of forms) {
      const provider = new ExternalE2EEKeyProvider();
      const { keys, receiveKey } = receiver();
      provider.attach({ receiveKey });
      await provider.setSharedKey(form);
      expect(keys[0]?.form).toBe("raw");
      expect([...(keys[0]?.bytes ?? [])]).toEqual([...bytes]);
      expect(keys[0]?.bytes.buffer).not.toBe(bytes.buffer);
    }
  });

  test("a view gives its own part of the buffer", async () => {
    const provider = new ExternalE2EEKeyProvider();
    const { keys, receiveKey } = receiver();
    provider.attach({ receiveKey });
    await provider.setSharedKey(new Uint8Array(64).map((_, i) => i).subarray(8, 24));
    expect(keys[0]?.bytes[0]).toBe(8);
    expect(keys[0]?.bytes).toHaveLength(16);
  });

  test.each([
    ["an empty text", ""],
    ["15 bytes", new Uint8Array(15)],
    ["a number", 7 as unknown as string],
    ["nothing", undefined as unknown as string],
  ])("%s is refused with a reason", async (_, key) => {
    const provider = new ExternalE2EEKeyProvider();
    await expect(provider.setSharedKey(key)).rejects.toBeInstanceOf(E2EEError);
    await expect(provider.setSharedKey(key)).rejects.toMatchObject({ reason: "invalid-key" });
  });

  test("a bad key that is not awaited does not end the program", async () => {
    void new ExternalE2EEKeyProvider().setSharedKey("");
    await new Promise((resolve) => setTimeout(resolve, 20));
  });

  test("a receiver that was detached gets no more keys", async () => {
    const provider = new ExternalE2EEKeyProvider();
    const { keys, ...rest } = receiver();
    provider.attach(rest);
    provider.detach(rest);
    await provider.setSharedKey("later");
    expect(keys).toHaveLength(0);
  });

  test("a wipe erases the key for receivers to come, and leaves those that have it alone", async () => {
    const provider = new ExternalE2EEKeyProvider();
    const [early, late] = [receiver(), receiver()];
    provider.attach(early);
    await provider.setSharedKey("spoken aloud");
    provider.wipe();
    provider.attach(late);
    expect(late.keys).toEqual([]);
    expect(early.keys[0]?.bytes.some((byte) => byte !== 0)).toBe(true);
  });

  test("the key of now is refused by none of several receivers, or it rejects", async () => {
    const provider = new ExternalE2EEKeyProvider();
    const refusal = new E2EEError("kid-taken", "no");
    const [good, bad] = [receiver(), { receiveKey: () => Promise.reject(refusal) }];
    provider.attach(good);
    provider.attach(bad);
    await expect(provider.setSharedKey("one")).rejects.toBe(refusal);
    provider.detach(bad);
    await provider.setSharedKey("two");
    expect(good.keys).toHaveLength(2);
  });

  test("required, suite 4 and discarding are the defaults", () => {
    const { policy, suite, discardFrameWhenCryptorNotReady } = new ExternalE2EEKeyProvider();
    expect({ policy, suite, discardFrameWhenCryptorNotReady }).toEqual({
      policy: "required",
      suite: 4,
      discardFrameWhenCryptorNotReady: true,
    });
  });

  test("options of other values are refused", () => {
    expect(() => new ExternalE2EEKeyProvider({ policy: "off" as "required" })).toThrow(/policy/);
    expect(() => new ExternalE2EEKeyProvider({ suite: 3 as 4 })).toThrow(/suite/);
  });
});
