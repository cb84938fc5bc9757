// Keys in the course of a meeting, with the real core and a clock that the test turns.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { HeldKey } from "../src/messages";
import { Core, type Stream } from "../src/worker/core";
import { Keys, NEW_KEY_DELAY_MS, SHARED } from "../src/worker/keys";

const STREAM_ID = new Uint8Array(16);
const OWN = new Uint8Array(16).fill(7);

interface Side {
  core: Core;
  keys: Keys;
  switches: number;
  ratcheted: { owner: string; kid: number; secret: Uint8Array }[];
}

let bob: Side;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  bob = await side("bob");
});

afterEach(() => vi.useRealTimers());

async function side(id: string, ratchetWindow = 0): Promise<Side> {
  const core = await Core.create("room", id, 4);
  core.waiveLiveness();
  const ratcheted: Side["ratcheted"] = [];
  const made = { core, ratcheted, switches: 0 };
  const keys = new Keys(core, ratchetWindow, {
    onSwitch: () => whole.switches++,
    onSwitched: () => {},
    onRatcheted: (owner, { kid }, secret) => ratcheted.push({ owner, kid, secret }),
  });
  const whole: Side = Object.assign(made, { keys });
  return whole;
}

function secret(number: number): Uint8Array {
  return new Uint8Array(32).fill(number);
}

function pass(durationMs: number, ...sides: Side[]): void {
  for (let passed = 0; passed < durationMs; passed += 200) {
    vi.advanceTimersByTime(200);
    for (const { keys } of sides) keys.tick(performance.now());
  }
}

let counter = 0;

/** A frame that alice sealed under a key, each with a counter of its own. */
async function sealedUnder(number: number, sealer = "alice"): Promise<ArrayBuffer> {
  const core = await Core.create("room", sealer, 4);
  await core.setKey("secret", secret(number));
  const stream = core.addSealer(STREAM_ID, "audio");
  for (let i = 0; i < counter; i++) core.seal(stream, "opus", new ArrayBuffer(9));
  counter++;
  return core.seal(stream, "opus", new ArrayBuffer(9)) as ArrayBuffer;
}

/** The key id of a frame that is sealed now; it stands behind the first byte. */
function sealedKid({ core }: Side, sealer: Stream): number {
  const sealed = core.seal(sealer, "opus", new ArrayBuffer(9)) as ArrayBuffer;
  return new DataView(sealed).getUint32(1);
}

const brief = ({ participantId, seals, isAhead }: HeldKey) =>
  [participantId ?? "shared", ...(seals ? ["seals"] : []), ...(isAhead ? ["ahead"] : [])].join(" ");

describe("keys", () => {
  test("are set in the order in which they were asked for, however long each takes", async () => {
    const order: string[] = [];
    const text = new TextEncoder().encode("slow");
    const slow = bob.keys.set("text", text).then(({ kid }) => (order.push("slow"), kid));
    const fast = bob.keys.set("secret", secret(2)).then(({ kid }) => (order.push("fast"), kid));
    await Promise.all([slow, fast]);
    expect(order).toEqual(["slow", "fast"]);
    expect(bob.core.keys.newest(SHARED)?.kid).toBe(await fast);
  });

  test("that are refused do not hold up the next", async () => {
    const bad = bob.keys.set("raw", new Uint8Array(3));
    const good = bob.keys.set("secret", secret(1));
    await expect(bad).rejects.toThrow(/wrong size/);
    await expect(good).resolves.toMatchObject({ safetyCode: expect.any(String) });
  });

  test("whose key id another one has are refused by that name, until that one is gone", async () => {
    // As those of tests/core/key_store_test.c: both are number 0x814e5b28.
    const [first, second] = [1448, 50114].map((number) => () => {
      const bytes = new Uint8Array(32);
      bytes.set([0x5e, 0xc4, 0xe7]);
      new DataView(bytes.buffer).setUint32(4, number, true);
      return bytes;
    }) as [() => Uint8Array, () => Uint8Array];
    const { kid } = await bob.keys.set("secret", first());
    const refused = { reason: "kid-taken", message: /Take another key/ };
    await expect(bob.keys.set("secret", second())).rejects.toMatchObject(refused);
    expect(bob.keys.list().map((key) => key.kid)).toEqual([kid]);
    await bob.keys.remove();
    await expect(bob.keys.set("secret", second())).resolves.toMatchObject({ kid });
  });

  test("that are older open for a minute more, and not after; the newest always", async () => {
    await bob.keys.set("secret", secret(1));
    await bob.keys.set("secret", secret(2));
    const opener = bob.core.addOpener("alice", STREAM_ID, "audio");
    pass(59_000, bob);
    expect(bob.core.open(opener, await sealedUnder(1))).toBeInstanceOf(ArrayBuffer);
    pass(1_000, bob);
    expect(bob.core.open(opener, await sealedUnder(1))).toBe("missing-key");
    expect(bob.core.open(opener, await sealedUnder(2))).toBeInstanceOf(ArrayBuffer);
  });

  test("that are older open for three seconds once the stream moved on", async () => {
    await bob.keys.set("secret", secret(1));
    await bob.keys.set("secret", secret(2));
    const opener = bob.core.addOpener("alice", STREAM_ID, "audio");
    bob.core.open(opener, await sealedUnder(2));
    pass(2_200, bob);
    expect(bob.core.open(opener, await sealedUnder(1))).toBeInstanceOf(ArrayBuffer);
    pass(800, bob);
    expect(bob.core.open(opener, await sealedUnder(1))).toBe("missing-key");
  });

  test("that are set again before their time is over stay", async () => {
    for (const number of [1, 2, 1]) await bob.keys.set("secret", secret(number));
    pass(60_000, bob);
    const opener = bob.core.addOpener("alice", STREAM_ID, "audio");
    expect(bob.core.open(opener, await sealedUnder(1))).toBeInstanceOf(ArrayBuffer);
    expect(bob.core.open(opener, await sealedUnder(2))).toBe("missing-key");
  });

  test("are listed by whose they are, with the one that seals, and no byte of theirs", async () => {
    await bob.keys.set("secret", secret(1));
    await bob.keys.set("secret", secret(2));
    await bob.keys.set("secret", secret(3), "alice");
    expect(bob.keys.list().map(brief)).toEqual(["shared seals", "shared", "alice"]);
    await bob.keys.set("secret", secret(4), "bob");
    expect(bob.keys.list().map(brief)).toEqual(["shared", "shared", "alice", "bob seals"]);
    await bob.keys.remove("bob");
    await bob.keys.remove("alice");
    expect(bob.keys.list().map(brief)).toEqual(["shared seals", "shared"]);
    await bob.keys.remove();
    expect(bob.keys.list()).toEqual([]);
  });
});

describe("a new key in mid-call", () => {
  let sealer: Stream;
  let before: number;

  beforeEach(async () => {
    sealer = bob.core.addSealer(OWN, "audio");
    await bob.keys.set("secret", secret(1));
    before = sealedKid(bob, sealer);
  });

  test("opens at once and seals two seconds later", async () => {
    const opener = bob.core.addOpener("alice", STREAM_ID, "audio");
    const { kid } = await bob.keys.set("secret", secret(2));
    pass(NEW_KEY_DELAY_MS - 200, bob);
    expect(sealedKid(bob, sealer)).toBe(before);
    expect(bob.switches).toBe(0);
    pass(200, bob);
    expect(sealedKid(bob, sealer)).toBe(kid);
    expect(bob.switches).toBe(1);
    expect(bob.core.open(opener, await sealedUnder(2))).toBeInstanceOf(ArrayBuffer);
  });

  test("seals as soon as somebody else goes over to it", async () => {
    const opener = bob.core.addOpener("alice", STREAM_ID, "audio");
    bob.core.open(opener, await sealedUnder(1));
    const { kid } = await bob.keys.set("secret", secret(2));
    pass(200, bob);
    expect(sealedKid(bob, sealer)).toBe(before);
    bob.core.open(opener, await sealedUnder(2));
    pass(200, bob);
    expect(sealedKid(bob, sealer)).toBe(kid);
  });

  test("seals at once in place of a wrong one, under which nobody was heard", async () => {
    const opener = bob.core.addOpener("alice", STREAM_ID, "audio");
    bob.core.open(opener, await sealedUnder(2));
    const { kid } = await bob.keys.set("secret", secret(2));
    bob.core.open(opener, await sealedUnder(2));
    pass(200, bob);
    expect(sealedKid(bob, sealer)).toBe(kid);
  });

  test("does not seal sooner because of somebody who joins under it", async () => {
    const { kid } = await bob.keys.set("secret", secret(2));
    const opener = bob.core.addOpener("alice", STREAM_ID, "audio");
    bob.core.open(opener, await sealedUnder(2));
    pass(NEW_KEY_DELAY_MS - 200, bob);
    expect(sealedKid(bob, sealer)).toBe(before);
    pass(200, bob);
    expect(sealedKid(bob, sealer)).toBe(kid);
  });

  test("does not seal sooner because of frames of long ago", async () => {
    const opener = bob.core.addOpener("alice", STREAM_ID, "audio");
    bob.core.open(opener, await sealedUnder(1));
    const { kid: second } = await bob.keys.set("secret", secret(2));
    pass(NEW_KEY_DELAY_MS, bob);
    await bob.keys.set("secret", secret(1));
    bob.core.open(opener, await sealedUnder(1)); // who never went over to the second
    pass(NEW_KEY_DELAY_MS - 200, bob);
    expect(sealedKid(bob, sealer)).toBe(second);
    pass(200, bob);
    expect(sealedKid(bob, sealer)).toBe(before);
  });

  test("gives way to a newer one, and to the one that still seals", async () => {
    await bob.keys.set("secret", secret(2));
    await bob.keys.set("secret", secret(1));
    pass(NEW_KEY_DELAY_MS, bob);
    expect(sealedKid(bob, sealer)).toBe(before);
    await bob.keys.set("secret", secret(2));
    const { kid } = await bob.keys.set("secret", secret(3));
    pass(NEW_KEY_DELAY_MS, bob);
    expect(sealedKid(bob, sealer)).toBe(kid);
  });

  test("a frame that is sealed while it comes in is still under the one before", async () => {
    let isSet = false;
    const text = new TextEncoder().encode("said aloud");
    const setting = bob.keys.set("text", text).then(() => (isSet = true));
    while (!isSet) {
      expect(sealedKid(bob, sealer)).toBe(before);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    await setting;
    expect(sealedKid(bob, sealer)).toBe(before);
  });

  test("goes on with the key that seals when it is there, also if it took long", async () => {
    const second = await bob.keys.set("secret", secret(2));
    const third = bob.keys.set("text", new TextEncoder().encode("slow"));
    await new Promise((done) => setTimeout(done));
    pass(NEW_KEY_DELAY_MS, bob);
    await third;
    expect(sealedKid(bob, sealer)).toBe(second.kid);
  });

  test("keys that follow one another quickly do not keep the first one sealing for ever", async () => {
    for (let number = 2; number < 8; number++) {
      await bob.keys.set("secret", secret(number));
      pass(1000, bob);
    }
    expect(sealedKid(bob, sealer)).not.toBe(before);
  });

  test("of one's own seals at once the first time, and later like a shared one", async () => {
    const { kid: first } = await bob.keys.set("secret", secret(5), "bob");
    expect(sealedKid(bob, sealer)).toBe(first);
    await bob.keys.set("secret", secret(2));
    const { kid: second } = await bob.keys.set("secret", secret(6), "bob");
    expect(sealedKid(bob, sealer)).toBe(first);
    pass(NEW_KEY_DELAY_MS, bob);
    expect(sealedKid(bob, sealer)).toBe(second);
    expect(bob.switches).toBe(1);
    await bob.keys.remove("bob");
    expect(sealedKid(bob, sealer)).toBe(bob.core.keys.newest(SHARED)?.kid);
  });
});

describe("a step of the ratchet", () => {
  async function pair(ratchetWindow: number) {
    const sides = [await side("alice", ratchetWindow), await side("bob", ratchetWindow)] as const;
    for (const { keys } of sides) await keys.set("secret", secret(1));
    const [alice, other] = sides;
    const sealer = alice.core.addSealer(STREAM_ID, "audio");
    const opener = other.core.addOpener("alice", STREAM_ID, "audio");
    const send = () =>
      other.core.open(
        opener,
        alice.core.seal(sealer, "opus", new ArrayBuffer(9)) as ArrayBuffer,
      );
    return { alice, bob: other, sealer, opener, send };
  }

  test("without a window seals two seconds later, like a key that is set", async () => {
    const { alice, bob: other, send } = await pair(0);
    const before = alice.core.keys.sealingKid(SHARED);
    await alice.keys.ratchet();
    expect(alice.ratcheted).toHaveLength(1);
    expect(alice.core.keys.sealingKid(SHARED)).toBe(before);
    pass(NEW_KEY_DELAY_MS, alice, other);
    expect(send()).toBe("missing-key");
    await other.keys.ratchet();
    expect(send()).toBeInstanceOf(ArrayBuffer);
  });

  test("with a window seals at once; who receives it follows once and seals under it too", async () => {
    const { alice, bob: other, send } = await pair(2);
    const own = other.core.addSealer(OWN, "audio");
    await alice.keys.ratchet();
    expect(send()).toBeInstanceOf(ArrayBuffer);
    pass(200, alice, other);
    expect(other.ratcheted).toMatchObject([{ owner: SHARED, kid: alice.ratcheted[0]?.kid }]);
    expect(other.ratcheted[0]?.secret).toEqual(alice.ratcheted[0]?.secret);
    expect(sealedKid(other, own)).toBe(alice.ratcheted[0]?.kid);
    expect(other.switches).toBe(1);
    expect(send()).toBeInstanceOf(ArrayBuffer);
    pass(2000, alice, other);
    expect(other.ratcheted).toHaveLength(1);
  });

  test("that everybody takes by themselves is one step for each", async () => {
    const { alice, bob: other, send } = await pair(2);
    await Promise.all([alice.keys.ratchet(), other.keys.ratchet()]);
    expect(send()).toBeInstanceOf(ArrayBuffer);
    pass(2000, alice, other);
    expect([alice.ratcheted.length, other.ratcheted.length]).toEqual([1, 1]);
    expect(other.core.keys.newest(SHARED)).toEqual(alice.core.keys.newest(SHARED));
    expect(alice.keys.list().map(brief)).toEqual([
      "shared",
      "shared seals",
      "shared ahead",
      "shared ahead",
    ]);
  });

  test("of a participant's own key is that owner's alone", async () => {
    const { alice, bob: other, send } = await pair(1);
    for (const { keys } of [alice, other]) await keys.set("secret", secret(9), "alice");
    await alice.keys.ratchet("alice");
    expect(send()).toBeInstanceOf(ArrayBuffer);
    pass(200, alice, other);
    expect(other.ratcheted).toMatchObject([{ owner: "alice" }]);
    expect(other.switches).toBe(0);
    await expect(other.keys.ratchet("carol")).rejects.toMatchObject({ reason: "missing-key" });
  });

  test("hands a joiner what follows and nothing before", async () => {
    const { alice, sealer } = await pair(0);
    const seal = () => alice.core.seal(sealer, "opus", new ArrayBuffer(9)) as ArrayBuffer;
    const earlier = seal();
    await alice.keys.ratchet();
    const carol = await side("carol");
    await carol.keys.set("secret", await alice.keys.exportSecret());
    pass(NEW_KEY_DELAY_MS, alice, carol);
    const opener = carol.core.addOpener("alice", STREAM_ID, "audio");
    expect(carol.core.open(opener, earlier)).toBe("missing-key");
    expect(carol.core.open(opener, seal())).toBeInstanceOf(ArrayBuffer);
    await expect(alice.keys.exportSecret("bob")).rejects.toMatchObject({ reason: "missing-key" });
  });
});
