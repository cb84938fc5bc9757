// What a provider of the format "livekit" takes, keeps and hands on.

import { describe, expect, test } from "vitest";

import type { ProvidedKey } from "../src/kept_keys";
import {
  type E2EEKeyProviderOptions,
  ExternalE2EEKeyProvider,
  type KeyReceiver,
} from "../src/key_provider";

/** What a meeting is to the provider; notes what it is given. */
class Meeting implements KeyReceiver {
  readonly roomId = "room";
  readonly calls: string[] = [];

  async receiveKey(
    { form, bytes, keyIndex, opensOnly }: ProvidedKey,
    owner = "shared",
  ): Promise<void> {
    const value = form === "text" ? new TextDecoder().decode(bytes) : String(bytes[0]);
    this.calls.push(`${owner} ${keyIndex} ${form} ${value}${opensOnly ? " opens only" : ""}`);
  }

  async removeKey(owner = "shared"): Promise<void> {
    this.calls.push(`remove ${owner}`);
  }

  async ratchetKey(owner = "shared", keyIndex?: number): Promise<void> {
    this.calls.push(`ratchet ${owner} ${keyIndex}`);
  }

  exportSecret = async () => new Uint8Array(32);
  listKeys = async () => [];
}

function livekit(options: E2EEKeyProviderOptions = {}): ExternalE2EEKeyProvider {
  return new ExternalE2EEKeyProvider({ frameFormat: "livekit", ...options });
}

function attached(provider: ExternalE2EEKeyProvider): Meeting {
  const meeting = new Meeting();
  provider.attach(meeting);
  return meeting;
}

describe("options", () => {
  test("have the defaults of LiveKit's ExternalE2EEKeyProvider", () => {
    const provider = livekit();
    expect(provider.frameFormat).toBe("livekit");
    expect(provider.livekit).toEqual({
      sharedKey: true,
      ratchetSalt: "LKFrameEncryptionKey",
      ratchetWindowSize: 0,
      failureTolerance: -1,
      keyringSize: 16,
      keySize: 128,
    });
    expect(provider.policy).toBe("required");
    expect(provider.liveness).toBe(false);
    expect(new ExternalE2EEKeyProvider().liveness).toBe(true);
    expect(new ExternalE2EEKeyProvider().livekit).toBeUndefined();
    expect(new ExternalE2EEKeyProvider({ sharedKey: true }).frameFormat).toBe("sotto");
  });

  test("are taken over", () => {
    const ratchetSalt = "VideoSDKEncryptionRatchetSalt";
    const options = { ratchetSalt, ratchetWindowSize: 16, keyringSize: 256, keySize: 256 } as const;
    expect(livekit({ ...options, failureTolerance: 10, sharedKey: false }).livekit).toMatchObject(options);
  });

  test.each([
    [{ frameFormat: "jitsi" }],
    [{ frameFormat: "livekit", keySize: 192 }],
    [{ frameFormat: "livekit", keyringSize: 0 }],
    [{ frameFormat: "livekit", keyringSize: 257 }],
    [{ frameFormat: "livekit", ratchetWindowSize: 17 }],
    [{ frameFormat: "livekit", failureTolerance: -2 }],
    [{ frameFormat: "livekit", ratchetSalt: "x".repeat(257) }],
    [{ frameFormat: "livekit", ratchetSalt: 5 }],
    [{ frameFormat: "livekit", sharedKey: "yes" }],
    [{ frameFormat: "livekit", suite: 4 }],
    [{ frameFormat: "livekit", liveness: true }],
    [{ ratchetSalt: "LKFrameEncryptionKey" }],
    [{ keySize: 256 }],
    [{ keyringSize: 16 }],
    [{ failureTolerance: 10 }],
    [{ sharedKey: false }],
    [{ frameFormat: "sotto", ratchetWindowSize: 9 }],
  ])("that the format has no place for are refused: %o", (options) => {
    expect(() => new ExternalE2EEKeyProvider(options as E2EEKeyProviderOptions)).toThrow(TypeError);
  });

  test("do not change in the life of a provider", () => {
    const provider = livekit();
    expect(Object.isFrozen(provider.livekit)).toBe(true);
    expect(() => Object.assign(provider, { frameFormat: "sotto" })).toThrow(TypeError);
  });
});

describe("keys", () => {
  test("have a place in the ring, modulo its size, and reach meetings that come later", async () => {
    const provider = livekit({ keyringSize: 4 });
    const early = attached(provider);
    await provider.setSharedKey("zero");
    await provider.setSharedKey("one", 1);
    await provider.setSharedKey("one again", 5);
    await provider.setKey("alice", new Uint8Array(16).fill(7), 3);
    expect(early.calls).toEqual([
      "shared 0 text zero",
      "shared 1 text one",
      "shared 1 text one again",
      "alice 3 raw 7",
    ]);
    expect(attached(provider).calls).toEqual([
      "shared 1 text one again",
      "shared 0 text zero opens only",
      "alice 3 raw 7",
    ]);
    await provider.removeKey("alice");
    await provider.removeSharedKey();
    expect(attached(provider).calls).toEqual([]);
    expect(early.calls.slice(-2)).toEqual(["remove alice", "remove shared"]);
  });

  test("that were ratcheted are not given to meetings that come later", async () => {
    const provider = livekit();
    const meeting = attached(provider);
    await provider.setSharedKey("zero");
    await provider.setSharedKey("three", 3);
    await provider.ratchetKey(undefined, 19);
    await provider.ratchetKey("alice");
    expect(meeting.calls.slice(-2)).toEqual(["ratchet shared 3", "ratchet alice undefined"]);
    provider.tellRatcheted({ roomId: "room", kid: 3, safetyCode: "" }, undefined);
    expect(attached(provider).calls).toEqual(["shared 0 text zero opens only"]);
  });

  test("that took the place of a ratcheted one stay", async () => {
    const provider = livekit();
    attached(provider);
    await provider.setSharedKey("new");
    provider.tellRatcheted({ roomId: "room", kid: 0, safetyCode: "" }, "old");
    expect(attached(provider).calls).toEqual(["shared 0 text new"]);
  });

  test("are wiped", async () => {
    const provider = livekit();
    await provider.setSharedKey("zero", 2);
    provider.wipe();
    expect(attached(provider).calls).toEqual([]);
  });

  test("are refused in forms and places that there are not", async () => {
    const provider = livekit();
    const meeting = attached(provider);
    const refused = { reason: "invalid-key" };
    await expect(provider.setSharedKey({ roomSecret: new Uint8Array(32) })).rejects.toMatchObject(refused);
    await expect(provider.setSharedKey("")).rejects.toMatchObject(refused);
    await expect(provider.setSharedKey(new Uint8Array(15))).rejects.toMatchObject(refused);
    for (const index of [-1, 256, 1.5, Number.NaN])
      await expect(provider.setSharedKey("text", index)).rejects.toMatchObject(refused);
    await expect(provider.exportSecret()).rejects.toMatchObject({ reason: "missing-key" });
    const own = livekit({ sharedKey: false });
    await expect(own.setSharedKey("text")).rejects.toMatchObject(refused);
    await own.setKey("alice", "text");
    const other = new ExternalE2EEKeyProvider();
    await expect(other.setSharedKey("text", 0)).rejects.toMatchObject(refused);
    await expect(other.setKey("alice", "text", 0)).rejects.toMatchObject(refused);
    expect(meeting.calls).toEqual([]);
  });
});
