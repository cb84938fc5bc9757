// What a meeting's worker is told of its key provider, and what is told of its keys.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { FrameEncryption } from "../src/frame_encryption";
import type { FrameEncryptionOptions } from "../src/frame_encryption_options";
import { type E2EEKeyProviderOptions, ExternalE2EEKeyProvider } from "../src/key_provider";
import type { HeldKey } from "../src/messages";
import { create, InProcessWorker, openPage, optionsOf } from "./page";

const made: FrameEncryption[] = [];

beforeEach(openPage);

afterEach(() => {
  for (const meeting of made.splice(0)) meeting.close();
  vi.unstubAllGlobals();
});

function enter(
  keyProvider: ExternalE2EEKeyProvider,
  more: Partial<FrameEncryptionOptions> = {},
): FrameEncryption {
  const meeting = create(optionsOf({ keyProvider, ...more }));
  made.push(meeting);
  return meeting;
}

const heard = () => InProcessWorker.last?.heard ?? [];

/** What another meeting in the room begins with, once it has its key. */
async function keysOfLater(keyProvider: ExternalE2EEKeyProvider): Promise<HeldKey[]> {
  const meeting = enter(keyProvider);
  await new Promise<unknown>((done) => keyProvider.on("setKey", done));
  return meeting.listKeys();
}

const raw = (byte: number) => new Uint8Array(32).fill(byte);
const named = { type: "init", roomId: "room", participantId: "alice" };

describe("the worker is told", () => {
  beforeEach(() => void vi.spyOn(console, "warn").mockImplementation(() => {}));
  afterEach(() => void vi.restoreAllMocks());

  test("every option of the key provider that concerns it, and what it is without", () => {
    enter(new ExternalE2EEKeyProvider());
    const usual = { suite: 4, policy: "required", passesUntilReady: false, ratchetWindow: 0 };
    expect(heard()[0]).toEqual({ ...named, ...usual, liveness: true });
    const chosen: E2EEKeyProviderOptions = {
      suite: 5,
      policy: "preferred",
      discardFrameWhenCryptorNotReady: false,
      ratchetWindowSize: 3,
      liveness: false,
    };
    enter(new ExternalE2EEKeyProvider(chosen));
    const rules = { suite: 5, policy: "preferred", passesUntilReady: true, ratchetWindow: 3 };
    expect(heard()[0]).toEqual({ ...named, ...rules, liveness: false });
  });

  test("those of the format livekit, and its core", async () => {
    const livekit = {
      sharedKey: false,
      ratchetSalt: "VideoSDKEncryptionRatchetSalt",
      ratchetWindowSize: 5,
      failureTolerance: 4,
      keyringSize: 7,
      keySize: 256,
    } as const;
    const keyProvider = new ExternalE2EEKeyProvider({ frameFormat: "livekit", ...livekit });
    await enter(keyProvider).ready;
    expect(heard()[0]).toMatchObject({ ...named, liveness: false, livekit });
    const types = heard().map(({ type }) => type);
    expect(types).toEqual(["init", "livekit-core"]);
  });
});

describe("a key", () => {
  test("that is ready is told, with whose it is and its code", async () => {
    const keyProvider = new ExternalE2EEKeyProvider();
    const [told, codes] = [vi.fn(), vi.fn()];
    keyProvider.on("setKey", told);
    const meeting = enter(keyProvider, { onSafetyCode: codes });
    await keyProvider.setSharedKey(raw(1));
    await keyProvider.setKey("bob", raw(2));
    const [shared, bobs] = await meeting.listKeys();
    const { kid, safetyCode } = shared!;
    expect(told.mock.calls).toEqual([
      [{ roomId: "room", kid, safetyCode }],
      [{ roomId: "room", participantId: "bob", kid: bobs?.kid, safetyCode: bobs?.safetyCode }],
    ]);
    expect(codes.mock.calls).toEqual([[safetyCode]]);
  });

  test("that only opens has no code that people compare", async () => {
    const keyProvider = new ExternalE2EEKeyProvider({ frameFormat: "livekit" });
    await keyProvider.setSharedKey(raw(1), 0);
    await keyProvider.setSharedKey(raw(2), 1);
    const codes = vi.fn();
    const meeting = enter(keyProvider, { onSafetyCode: codes });
    const told = vi.fn();
    keyProvider.on("setKey", told);
    await vi.waitFor(() => expect(told).toHaveBeenCalledTimes(2));
    const keys = await meeting.listKeys();
    const sealing = keys.find(({ seals }) => seals);
    expect(sealing?.kid).toBe(1);
    expect(codes.mock.calls).toEqual([[sealing?.safetyCode]]);
  });

  test("on its way is newer than a step of the one before", async () => {
    const keyProvider = new ExternalE2EEKeyProvider();
    const told = vi.fn();
    keyProvider.on("keyRatcheted", told);
    const first = enter(keyProvider);
    await keyProvider.setSharedKey(raw(1));
    await Promise.all([keyProvider.ratchetKey(), keyProvider.setSharedKey(raw(2))]);
    expect(told).toHaveBeenCalledTimes(1);
    const [{ secret } = { secret: undefined }] = (InProcessWorker.last?.told ?? []).filter(
      (message) => message.type === "key-ratcheted",
    );
    expect(secret).toEqual(new Uint8Array(32));
    const newest = (await first.listKeys()).map(({ kid }) => kid);
    const later = await keysOfLater(keyProvider);
    expect(later).toMatchObject([{ seals: true }]);
    expect(later[0]?.kid).not.toBe(told.mock.calls[0]?.[0].kid);
    expect(newest).toContain(later[0]?.kid);
  });

  test("that was ratcheted is what a later meeting in the room begins with", async () => {
    const keyProvider = new ExternalE2EEKeyProvider();
    const told = vi.fn();
    keyProvider.on("keyRatcheted", told);
    enter(keyProvider);
    await keyProvider.setSharedKey(raw(1));
    await keyProvider.ratchetKey();
    const later = await keysOfLater(keyProvider);
    expect(later.map(({ kid }) => kid)).toEqual([told.mock.calls[0]?.[0].kid]);
  });

  test("that comes when the meeting is over is wiped", async () => {
    const meeting = enter(new ExternalE2EEKeyProvider());
    meeting.close();
    const bytes = raw(7);
    await expect(meeting.receiveKey({ form: "raw", bytes })).rejects.toMatchObject({ reason: "left" });
    expect(bytes).toEqual(new Uint8Array(32));
  });
});
