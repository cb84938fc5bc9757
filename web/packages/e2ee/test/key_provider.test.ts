import { describe, expect, test, vi } from "vitest";

import type { ProvidedKey } from "../src/kept_keys";
import { type E2EEKeyProviderOptions, ExternalE2EEKeyProvider, type KeyReceiver } from "../src/key_provider";
import type { HeldKey } from "../src/messages";
import type { Key } from "../src/provided_key";
import { E2EEError } from "../src/states";

/** What a meeting is to the provider; notes what it is given. */
class Meeting implements KeyReceiver {
  readonly roomId: string;
  readonly keys: ProvidedKey[] = [];
  readonly calls: string[] = [];
  held: HeldKey[] = [];
  refusal: E2EEError | undefined;

  constructor(roomId = "room") {
    this.roomId = roomId;
  }

  async receiveKey(key: ProvidedKey, owner = "shared"): Promise<void> {
    this.keys.push(key);
    await this.#note(`set ${owner}`);
  }

  removeKey = (owner = "shared") => this.#note(`remove ${owner}`);
  ratchetKey = (owner = "shared") => this.#note(`ratchet ${owner}`);
  listKeys = async () => this.held;

  async exportSecret(owner = "shared"): Promise<Uint8Array> {
    await this.#note(`export ${owner}`);
    return new Uint8Array(32).fill(5);
  }

  async #note(call: string): Promise<void> {
    this.calls.push(call);
    if (this.refusal) throw this.refusal;
  }
}

function attached(provider: ExternalE2EEKeyProvider, roomId = "room"): Meeting {
  const meeting = new Meeting(roomId);
  provider.attach(meeting);
  return meeting;
}

const textOf = (key: ProvidedKey | undefined) => new TextDecoder().decode(key?.bytes);
const bytes = (size: number, value = 1) => new Uint8Array(size).fill(value);

describe("a shared key", () => {
  test("as a text reaches meetings that attach before and after it is set", async () => {
    const provider = new ExternalE2EEKeyProvider();
    const early = attached(provider);
    await provider.setSharedKey("spoken aloud");
    const late = attached(provider);
    for (const { keys, calls } of [early, late]) {
      expect(calls).toEqual(["set shared"]);
      expect(keys[0]?.form).toBe("text");
      expect(textOf(keys[0])).toBe("spoken aloud");
    }
  });

  test("of bytes is a raw key, whatever holds them, and is copied", async () => {
    const raw = new Uint8Array(20).map((_, i) => i);
    const forms = [raw.buffer, raw, new DataView(raw.buffer), new Uint16Array(raw.buffer)];
    for (const form of forms) {
      const provider = new ExternalE2EEKeyProvider();
      const { keys } = attached(provider);
      await provider.setSharedKey(form);
      expect(keys[0]?.form).toBe("raw");
      expect([...(keys[0]?.bytes ?? [])]).toEqual([...raw]);
      expect(keys[0]?.bytes.buffer).not.toBe(raw.buffer);
    }
  });

  test("of a view is its own part of the buffer", async () => {
    const provider = new ExternalE2EEKeyProvider();
    const { keys } = attached(provider);
    await provider.setSharedKey(new Uint8Array(64).map((_, i) => i).subarray(8, 24));
    expect(keys[0]?.bytes[0]).toBe(8);
    expect(keys[0]?.bytes).toHaveLength(16);
  });

  test("as a room secret is taken as it is", async () => {
    const provider = new ExternalE2EEKeyProvider();
    const { keys } = attached(provider);
    for (const roomSecret of [bytes(32, 7), bytes(32, 7).buffer])
      await provider.setSharedKey({ roomSecret });
    for (const key of keys) expect(key).toEqual({ form: "secret", bytes: bytes(32, 7) });
  });

  test.each([
    ["an empty text", "", /empty/],
    ["15 bytes", bytes(15), /at least 16 bytes; this one has 15/],
    ["a room secret of 31 bytes", { roomSecret: bytes(31) }, /has 32 bytes; this one has 31/],
    ["a room secret of 33 bytes", { roomSecret: bytes(33) }, /this one has 33/],
    ["a room secret that is a text", { roomSecret: "x" }, /string, an ArrayBuffer/],
    ["a number", 7, /string, an ArrayBuffer/],
    ["nothing", undefined, /string, an ArrayBuffer/],
    ["null", null, /string, an ArrayBuffer/],
  ])("that is %s is refused with a reason and changes nothing", async (_, key, words) => {
    const provider = new ExternalE2EEKeyProvider();
    const meeting = attached(provider);
    const error = await provider.setSharedKey(key as Key).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(E2EEError);
    expect(error).toMatchObject({ reason: "invalid-key", message: expect.stringMatching(words) });
    expect(meeting.calls).toEqual([]);
  });

  test("that is bad and not awaited does not end the program", async () => {
    void new ExternalE2EEKeyProvider().setSharedKey("");
    void new ExternalE2EEKeyProvider().setKey("", "key");
    void new ExternalE2EEKeyProvider().ratchetKey();
    await new Promise((resolve) => setTimeout(resolve, 20));
  });

  test("does not reach a meeting that was detached", async () => {
    const provider = new ExternalE2EEKeyProvider();
    const meeting = attached(provider);
    provider.detach(meeting);
    await provider.setSharedKey("later");
    expect(meeting.calls).toEqual([]);
  });

  test("that one of several meetings refuses rejects", async () => {
    const provider = new ExternalE2EEKeyProvider();
    const [good, bad] = [attached(provider), attached(provider)];
    bad.refusal = new E2EEError("kid-taken", "no");
    await expect(provider.setSharedKey("one")).rejects.toBe(bad.refusal);
    provider.detach(bad);
    await provider.setSharedKey("two");
    expect(good.keys).toHaveLength(2);
  });

  test("that was removed is for no meeting to come", async () => {
    const provider = new ExternalE2EEKeyProvider();
    const meeting = attached(provider);
    await provider.setSharedKey("one");
    await provider.setKey("bob", "two");
    await provider.removeSharedKey();
    expect(meeting.calls.at(-1)).toBe("remove shared");
    expect(attached(provider).calls).toEqual(["set bob"]);
  });
});

describe("a participant's own key", () => {
  test("reaches every meeting, also later ones, beside the shared key", async () => {
    const provider = new ExternalE2EEKeyProvider();
    const early = attached(provider);
    await provider.setKey("alice", "hers");
    await provider.setSharedKey("everybody's");
    await provider.setKey("bob", bytes(16));
    await provider.setKey("alice", "hers again");
    expect(early.calls).toEqual(["set alice", "set shared", "set bob", "set alice"]);
    const late = attached(provider);
    expect(late.calls.toSorted()).toEqual(["set alice", "set bob", "set shared"]);
    expect(late.keys.map(textOf)).toContain("hers again");
    expect(late.keys.map(textOf)).not.toContain("hers");
  });

  test("is removed everywhere", async () => {
    const provider = new ExternalE2EEKeyProvider();
    await provider.setKey("alice", "hers");
    const meeting = attached(provider);
    await provider.removeKey("alice");
    expect(meeting.calls).toEqual(["set alice", "remove alice"]);
    expect(attached(provider).calls).toEqual([]);
  });

  test.each([[""], ["x".repeat(256)], ["ö".repeat(128)], [undefined], [7]])(
    "needs a participant id, which %j is not",
    async (id) => {
      const provider = new ExternalE2EEKeyProvider();
      const meeting = attached(provider);
      const wrong = id as string;
      for (const call of [provider.setKey(wrong, "key"), provider.removeKey(wrong)])
        await expect(call).rejects.toMatchObject({ reason: "invalid-participant" });
      if (id !== undefined)
        for (const call of [provider.ratchetKey(wrong), provider.exportSecret(wrong)])
          await expect(call).rejects.toMatchObject({ reason: "invalid-participant" });
      expect(meeting.calls).toEqual([]);
    },
  );
});

describe("the ratchet", () => {
  test("goes on in every meeting, for the shared key or for a participant's", async () => {
    const provider = new ExternalE2EEKeyProvider();
    const meetings = [attached(provider, "a"), attached(provider, "b")];
    await provider.ratchetKey();
    await provider.ratchetKey("alice");
    for (const { calls } of meetings) expect(calls).toEqual(["ratchet shared", "ratchet alice"]);
  });

  test("and an export need a meeting, an export exactly one", async () => {
    const provider = new ExternalE2EEKeyProvider();
    await provider.setSharedKey("one");
    await expect(provider.ratchetKey()).rejects.toMatchObject({ reason: "no-meeting" });
    await expect(provider.exportSecret()).rejects.toMatchObject({ reason: "no-meeting" });
    attached(provider, "a");
    expect(await provider.exportSecret()).toEqual(bytes(32, 5));
    attached(provider, "b");
    await expect(provider.exportSecret()).rejects.toMatchObject({
      reason: "no-meeting",
      message: expect.stringMatching(/several meetings/),
    });
  });

  test("leaves the provider with what the key became, for that room alone", async () => {
    const provider = new ExternalE2EEKeyProvider();
    await provider.setSharedKey("the first");
    await provider.setKey("alice", "hers");
    const { keys } = attached(provider);
    const event = { roomId: "room", kid: 1, safetyCode: "" };
    provider.tellRatcheted(event, bytes(32, 1));
    provider.tellRatcheted(event, bytes(32, 2));
    const again = attached(provider);
    expect(again.keys).toContainEqual({ form: "secret", bytes: bytes(32, 2) });
    expect(again.calls.toSorted()).toEqual(["set alice", "set shared"]);
    expect(attached(provider, "another room").calls).toEqual(["set alice"]);
    expect(keys).toHaveLength(2);
    await provider.setSharedKey("the second");
    expect(attached(provider).keys.map(textOf)).toContain("the second");
    expect(attached(provider, "another room").keys.map(textOf)).toContain("the second");
  });

  test("of a key in whose place another one is on its way is not kept", async () => {
    const provider = new ExternalE2EEKeyProvider();
    await provider.setSharedKey("the newer one");
    provider.tellRatcheted({ roomId: "room", kid: 1, safetyCode: "" }, undefined);
    expect(attached(provider).keys.map(textOf)).toEqual(["the newer one"]);
  });

  test.each([[-1], [9], [1.5], [NaN], ["4"]])("has no window of %s steps", (ratchetWindowSize) => {
    const options = { ratchetWindowSize: ratchetWindowSize as number };
    expect(() => new ExternalE2EEKeyProvider(options)).toThrow(/0 to 8/);
  });
});

describe("what a provider tells", () => {
  test("are events by name, until their listener is taken away", async () => {
    const provider = new ExternalE2EEKeyProvider();
    const [set, ratcheted] = [vi.fn(), vi.fn()];
    const off = provider.on("setKey", set);
    provider.on("keyRatcheted", ratcheted);
    const event = { roomId: "room", participantId: "alice", kid: 1, safetyCode: "1" };
    provider.tellSet(event);
    provider.tellRatcheted(event, bytes(32));
    expect(set.mock.calls).toEqual([[event]]);
    expect(ratcheted.mock.calls).toEqual([[event]]);
    off();
    provider.off("keyRatcheted", ratcheted);
    provider.tellSet(event);
    provider.tellRatcheted(event, bytes(32));
    expect([set.mock.calls.length, ratcheted.mock.calls.length]).toEqual([1, 1]);
  });

  test("are the keys of all its meetings, with their rooms", async () => {
    const provider = new ExternalE2EEKeyProvider();
    const [a, b] = [attached(provider, "a"), attached(provider, "b")];
    const key = { kid: 1, safetyCode: "1", seals: true, isAhead: false };
    a.held = [key];
    b.held = [{ participantId: "alice", ...key }];
    expect(await provider.getKeys()).toEqual([
      { roomId: "a", ...key },
      { roomId: "b", participantId: "alice", ...key },
    ]);
  });

  test("is nothing of the keys that it keeps, in JSON or among its fields", async () => {
    const provider = new ExternalE2EEKeyProvider();
    await provider.setSharedKey("correct horse");
    await provider.setKey("alice", new TextEncoder().encode("a battery staple"));
    const seen = JSON.stringify(provider) + Object.values(provider).map(String).join();
    for (const word of ["horse", "staple", "97,32,98"]) expect(seen).not.toContain(word);
  });
});

test("a wipe erases the keys for meetings to come, and leaves those that have them alone", async () => {
  const provider = new ExternalE2EEKeyProvider();
  const early = attached(provider);
  await provider.setSharedKey("spoken aloud");
  await provider.setKey("alice", "hers");
  provider.tellRatcheted({ roomId: "room", kid: 1, safetyCode: "" }, bytes(32, 9));
  provider.wipe();
  expect(attached(provider).calls).toEqual([]);
  for (const key of early.keys) expect(key.bytes.some((byte) => byte !== 0)).toBe(true);
});

test("required, suite 4, discarding and no window are the defaults", () => {
  const { policy, suite, discardFrameWhenCryptorNotReady, ratchetWindowSize } =
    new ExternalE2EEKeyProvider();
  expect({ policy, suite, discardFrameWhenCryptorNotReady, ratchetWindowSize }).toEqual({
    policy: "required",
    suite: 4,
    discardFrameWhenCryptorNotReady: true,
    ratchetWindowSize: 0,
  });
});

describe("options", () => {
  const construct = (options: object | null) => () =>
    new ExternalE2EEKeyProvider(options as E2EEKeyProviderOptions);

  test.each([
    [{ polciy: "preferred" }, /no option "polciy"\. Was policy meant\?/],
    [{ workerURL: "/worker.js" }, /"workerURL"\. Was workerUrl meant\?/],
    [{ keyRingSize: 16 }, /"keyRingSize"\. Was keyringSize meant\?/],
    [{ key: "words" }, /no option "key"\. There are frameFormat, .*workerUrl, /],
    [{ toString: "words" }, /no option "toString"/],
    [{ liveness: 0 }, /liveness must be true or false/],
    [{ liveness: "false" }, /liveness must be/],
    [{ liveness: null }, /liveness must be/],
    [{ discardFrameWhenCryptorNotReady: 0 }, /discardFrameWhenCryptorNotReady must be true or false/],
    [{ discardFrameWhenCryptorNotReady: "" }, /discardFrameWhenCryptorNotReady must be/],
    [{ sharedKey: 0 }, /sharedKey must be true or false/],
    [{ policy: "off" }, /policy must be "required" or "preferred"/],
    [{ suite: 3 }, /suite must be 4 or 5/],
    [{ suite: "4" }, /suite must be/],
    [{ frameFormat: "jitsi" }, /frameFormat must be "sotto" or "livekit"/],
    [{ workerUrl: 5 }, /workerUrl must be a text or a URL/],
    [{ workerUrl: null }, /workerUrl must be/],
    [null, /options of ExternalE2EEKeyProvider must be an object/],
    ["required", /must be an object/],
  ])("%o: refused", (options, message) => {
    expect(construct(options as object)).toThrow(TypeError);
    expect(construct(options as object)).toThrow(message);
  });

  test.each([
    [undefined],
    [{}],
    [{ discardFrameWhenCryptorNotReady: true }],
    [{ discardFrameWhenCryptorNotReady: false, policy: "preferred" }],
    [{ sharedKey: true, ratchetWindowSize: 0 }],
    [{ policy: undefined, liveness: undefined, workerUrl: undefined, frameFormat: undefined }],
    [{ workerUrl: "/worker.js" }],
    [{ workerUrl: new URL("https://app.example/worker.js"), liveness: false, suite: 5 }],
    [{ frameFormat: "livekit", ratchetSalt: "VideoSDKEncryptionRatchetSalt", keyringSize: 16 }],
  ])("%o: taken", (options) => {
    new ExternalE2EEKeyProvider(options as E2EEKeyProviderOptions);
  });
});

test("events that there are none of are refused, and listeners that are none", () => {
  const provider = new ExternalE2EEKeyProvider();
  for (const name of ["setkey", "ratchetRequest", "toString", undefined] as never[]) {
    expect(() => provider.on(name, () => {})).toThrow(/event must be "setKey" or "keyRatcheted"/);
    expect(() => provider.off(name, () => {})).toThrow(TypeError);
  }
  expect(() => provider.on("setKey", undefined as never)).toThrow(/listener must be a function/);
});
