import { beforeEach, expect, test, vi } from "vitest";

import { Core } from "../src/worker/core";
import { Keys, OLD_KEY_LIFETIME_MS } from "../src/worker/keys";

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
    keys.retire(performance.now());
    expect(core.open(opener, first)).toBeInstanceOf(ArrayBuffer);
    vi.advanceTimersByTime(1);
    keys.retire(performance.now());
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
    keys.retire(performance.now());
    const opener = core.addOpener("alice", STREAM_ID, "audio");
    expect(core.open(opener, await sealedUnder(1))).toBeInstanceOf(ArrayBuffer);
    expect(core.open(opener, await sealedUnder(2))).toBe("missing-key");
  } finally {
    vi.useRealTimers();
  }
});
