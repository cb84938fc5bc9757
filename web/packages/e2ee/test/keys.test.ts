import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { Core, type Stream } from "../src/worker/core";
import { Keys, NEW_KEY_DELAY_MS, OLD_KEY_LIFETIME_MS } from "../src/worker/keys";

const STREAM_ID = new Uint8Array(16);

let core: Core;
let keys: Keys;

beforeEach(async () => {
  core = await Core.create("room", "bob", 4);
  keys = new Keys(core);
});

function secret(number: number): Uint8Array {
  return new Uint8Array(32).fill(number);
}

/** A frame that alice sealed under a key. */
async function sealedUnder(number: number): Promise<ArrayBuffer> {
  const alice = await Core.create("room", "alice", 4);
  await alice.setKey("secret", secret(number));
  // Another counter for each key, or the second frame would pass for a replay of the first.
  return alice.seal(alice.addSealer(STREAM_ID, "audio"), "opus", new ArrayBuffer(9)) as ArrayBuffer;
}

test("keys are set in the order in which they were asked for, however long each takes", async () => {
  const order: string[] = [];
  const text = new TextEncoder().encode("slow");
  const slow = keys.set("text", text).then(({ kid }) => (order.push("slow"), kid));
  const fast = keys.set("secret", secret(2)).then(({ kid }) => (order.push("fast"), kid));
  await Promise.all([slow, fast]);
  expect(order).toEqual(["slow", "fast"]);
  const again = await core.setKey("secret", secret(2));
  expect(again.kid).toBe(await fast);
});

test("a key that is refused does not hold up the next", async () => {
  const bad = keys.set("raw", new Uint8Array(3));
  const good = keys.set("secret", secret(1));
  await expect(bad).rejects.toThrow(/too short/);
  await expect(good).resolves.toMatchObject({ safetyCode: expect.any(String) });
});

test("an older key opens for 60 s more, and not after; the current one always", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    await keys.set("secret", secret(1));
    await keys.set("secret", secret(2));
    const opener = core.addOpener("alice", STREAM_ID, "audio");
    const [first, second] = [await sealedUnder(1), await sealedUnder(2)];
    vi.advanceTimersByTime(OLD_KEY_LIFETIME_MS - 1);
    keys.tick(performance.now());
    expect(core.open(opener, first)).toBeInstanceOf(ArrayBuffer);
    vi.advanceTimersByTime(1);
    keys.tick(performance.now());
    expect(core.open(opener, first)).toBe("missing-key");
    expect(core.open(opener, second)).toBeInstanceOf(ArrayBuffer);
  } finally {
    vi.useRealTimers();
  }
});

test("a key that is set again before its time is over stays", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    await keys.set("secret", secret(1));
    await keys.set("secret", secret(2));
    await keys.set("secret", secret(1));
    vi.advanceTimersByTime(OLD_KEY_LIFETIME_MS);
    keys.tick(performance.now());
    const opener = core.addOpener("alice", STREAM_ID, "audio");
    expect(core.open(opener, await sealedUnder(1))).toBeInstanceOf(ArrayBuffer);
    expect(core.open(opener, await sealedUnder(2))).toBe("missing-key");
  } finally {
    vi.useRealTimers();
  }
});

describe("a new key in mid-call", () => {
  const own = new Uint8Array(16).fill(7);

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    await keys.set("secret", secret(1));
  });

  afterEach(() => vi.useRealTimers());

  /** The key id of a frame that bob seals now; it stands behind the first byte. */
  function sealedKid(sealer: Stream): number {
    const sealed = core.seal(sealer, "opus", new ArrayBuffer(9)) as ArrayBuffer;
    return new DataView(sealed).getUint32(1);
  }

  test("opens at once and seals two seconds later", async () => {
    const sealer = core.addSealer(own, "audio");
    const opener = core.addOpener("alice", STREAM_ID, "audio");
    const before = sealedKid(sealer);
    const { kid } = await keys.set("secret", secret(2));
    vi.advanceTimersByTime(NEW_KEY_DELAY_MS - 1);
    keys.tick(performance.now());
    expect(sealedKid(sealer)).toBe(before);
    vi.advanceTimersByTime(1);
    keys.tick(performance.now());
    expect(sealedKid(sealer)).toBe(kid);
    expect(core.open(opener, await sealedUnder(2))).toBeInstanceOf(ArrayBuffer);
  });

  test("seals as soon as somebody else does", async () => {
    const sealer = core.addSealer(own, "audio");
    const opener = core.addOpener("alice", STREAM_ID, "audio");
    const before = sealedKid(sealer);
    const { kid } = await keys.set("secret", secret(2));
    keys.tick(performance.now());
    expect(sealedKid(sealer)).toBe(before);
    core.open(opener, await sealedUnder(2));
    keys.tick(performance.now());
    expect(sealedKid(sealer)).toBe(kid);
  });

  test("gives way to a newer one, and to the one that still seals", async () => {
    const sealer = core.addSealer(own, "audio");
    const before = sealedKid(sealer);
    await keys.set("secret", secret(2));
    await keys.set("secret", secret(1));
    vi.advanceTimersByTime(NEW_KEY_DELAY_MS);
    keys.tick(performance.now());
    expect(sealedKid(sealer)).toBe(before);
    await keys.set("secret", secret(2));
    const { kid } = await keys.set("secret", secret(3));
    vi.advanceTimersByTime(NEW_KEY_DELAY_MS);
    keys.tick(performance.now());
    expect(sealedKid(sealer)).toBe(kid);
  });

  test("a frame that is sealed while it comes in is still under the one before", async () => {
    const sealer = core.addSealer(own, "audio");
    const before = sealedKid(sealer);
    let isSet = false;
    const text = new TextEncoder().encode("said aloud");
    const setting = keys.set("text", text).then(() => (isSet = true));
    while (!isSet) {
      expect(sealedKid(sealer)).toBe(before);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    await setting;
    expect(sealedKid(sealer)).toBe(before);
  });
});

test("a text key that takes long goes on with the key that seals when it is there", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    const first = await keys.set("secret", secret(1));
    const second = await keys.set("secret", secret(2));
    const third = keys.set("text", new TextEncoder().encode("slow"));
    await new Promise((done) => setTimeout(done));
    vi.advanceTimersByTime(NEW_KEY_DELAY_MS);
    keys.tick(performance.now());
    await third;
    const sealer = core.addSealer(new Uint8Array(16).fill(5), "audio");
    core.seal(sealer, "opus", new ArrayBuffer(9));
    const { kid } = sealedKid(sealer);
    expect(kid).toBe(second.kid);
    expect(kid).not.toBe(first.kid);
  } finally {
    vi.useRealTimers();
  }
});

test("keys that follow one another quickly do not keep the first one sealing for ever", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    const { kid: first } = await keys.set("secret", secret(1));
    const sealer = core.addSealer(new Uint8Array(16).fill(6), "audio");
    for (let number = 2; number < 8; number++) {
      await keys.set("secret", secret(number));
      vi.advanceTimersByTime(1000);
      keys.tick(performance.now());
    }
    core.seal(sealer, "opus", new ArrayBuffer(9));
    expect(sealedKid(sealer).kid).not.toBe(first);
  } finally {
    vi.useRealTimers();
  }
});

/** The key id of the last frame that a sealer sealed, as its event tells. */
function sealedKid(sealer: Stream): { kid: number | undefined } {
  const events = core.pollEvents().filter(({ streamId }) => streamId === sealer.streamId);
  return { kid: events.at(-1)?.kid };
}
