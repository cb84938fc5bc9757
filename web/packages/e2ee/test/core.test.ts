// The core as the worker uses it, in both builds of the real WebAssembly.

import { describe, expect, test, vi } from "vitest";

import { Core, type Stream } from "../src/worker/core";
import { KeyRefused } from "../src/worker/core_keys";
import { supportedVariant } from "../src/worker/module";

const ROOM = "2kyv-gzay-64pg";
const STREAM_ID = Uint8Array.from({ length: 16 }, (_, i) => i);

function secret(number: number): Uint8Array {
  return new Uint8Array(32).fill(number);
}

function frameOf(size: number): ArrayBuffer {
  return Uint8Array.from({ length: size }, (_, i) => i * 7).buffer;
}

function opened(core: Core, stream: Stream, sealed: ArrayBuffer | string): Uint8Array | string {
  const outcome = core.open(stream, sealed as ArrayBuffer);
  return typeof outcome === "string" ? outcome : new Uint8Array(outcome);
}

describe.each(["simd", "scalar"] as const)("the %s core", (variant) => {
  /** One that needs no answers; they are the business of liveness.test.ts. */
  async function create(participantId: string, roomId = ROOM, suite: 4 | 5 = 4): Promise<Core> {
    const core = await Core.create(roomId, participantId, suite, variant);
    core.waiveLiveness();
    return core;
  }

  async function twoSides(suite: 4 | 5 = 4) {
    const [alice, bob] = [await create("alice", ROOM, suite), await create("bob", ROOM, suite)];
    for (const core of [alice, bob]) await core.setKey("secret", secret(1));
    const sealer = alice.addSealer(STREAM_ID, "video");
    const opener = bob.addOpener("alice", STREAM_ID, "video");
    return { alice, bob, sealer, opener };
  }

  test.each([[1], [10], [100], [1_200], [20_000]])("seals and opens %i bytes", async (size) => {
    const { alice, bob, sealer, opener } = await twoSides();
    const frame = frameOf(size);
    const sealed = alice.seal(sealer, "vp8", frame) as ArrayBuffer;
    expect(sealed.byteLength).toBeGreaterThan(size + 16);
    expect(new Uint8Array(frame)).toEqual(new Uint8Array(frameOf(size)));
    expect(opened(bob, opener, sealed)).toEqual(new Uint8Array(frame));
    expect(opened(bob, opener, sealed)).toBe("replayed");
  });

  test("opens nothing that was altered, of another stream or not sealed", async () => {
    const { alice, bob, sealer, opener } = await twoSides();
    const sealed = alice.seal(sealer, "opus", frameOf(100)) as ArrayBuffer;
    const altered = sealed.slice(0);
    new Uint8Array(altered)[50]! ^= 1;
    expect(opened(bob, opener, altered)).toBe("tampered");
    expect(opened(bob, bob.addOpener("alice", STREAM_ID, "share"), sealed)).toBe("tampered");
    expect(opened(bob, bob.addOpener("mallory", STREAM_ID, "video"), sealed)).toBe("tampered");
    expect(opened(bob, bob.addOpener("alice", undefined, "video"), sealed)).toBe("tampered");
    expect(opened(bob, opener, frameOf(100))).toBe("not-sealed");
    expect(opened(bob, opener, sealed)).toEqual(new Uint8Array(frameOf(100)));
  });

  test("counts what became of each stream's frames, by reason", async () => {
    const { alice, bob, sealer, opener } = await twoSides();
    bob.addSealer(STREAM_ID, "audio");
    const sealed = alice.seal(sealer, "opus", frameOf(100)) as ArrayBuffer;
    const altered = sealed.slice(0);
    new Uint8Array(altered)[50]! ^= 1;
    for (const wire of [altered, frameOf(100), altered, sealed, sealed]) bob.open(opener, wire);
    await alice.setKey("secret", secret(2));
    bob.open(opener, alice.seal(sealer, "opus", frameOf(9)) as ArrayBuffer);
    bob.releaseOpener(opener);
    const failed = { "missing-key": 1, "not-sealed": 1, tampered: 2 };
    expect(bob.counts()).toEqual([
      {
        participantId: "alice",
        kind: "video",
        streamId: STREAM_ID,
        passed: 1,
        replayed: 1,
        failed,
      },
      {
        participantId: "bob",
        kind: "audio",
        streamId: STREAM_ID,
        passed: 0,
        replayed: 0,
        failed: {},
      },
    ]);
    expect(alice.counts()[0]).toMatchObject({ participantId: "alice", passed: 2 });
    bob.wipe();
    expect(bob.counts()).toEqual([]);
  });

  test("suite 5 refuses suite 4", async () => {
    const { alice, sealer } = await twoSides();
    const sealed = alice.seal(sealer, "opus", frameOf(100)) as ArrayBuffer;
    const { bob, opener } = await twoSides(5);
    expect(opened(bob, opener, sealed)).toBe("not-sealed");
  });

  test("a frame of no bytes passes both ways, with or without a key", async () => {
    const core = await create("alice");
    const nothing = new ArrayBuffer(0);
    expect(core.seal(core.addSealer(STREAM_ID, "audio"), "opus", nothing)).toBe(nothing);
    expect(core.open(core.addOpener("bob", STREAM_ID, "audio"), nothing)).toBe(nothing);
    expect(core.pollEvents()).toEqual([]);
  });

  test("without a key nothing is sealed", async () => {
    const core = await create("alice");
    const sealer = core.addSealer(STREAM_ID, "audio");
    expect(core.seal(sealer, "opus", frameOf(100))).toBe("missing-key");
    await core.setKey("secret", secret(1));
    expect(core.seal(sealer, "opus", frameOf(100))).toBeInstanceOf(ArrayBuffer);
  });

  test("a text key is derived in slices, while frames pass under the key before it", async () => {
    const { alice, bob, sealer, opener } = await twoSides();
    let isSet = false;
    const setting = alice.setKey("text", new TextEncoder().encode("said aloud"));
    void setting.then(() => (isSet = true));
    let passed = 0;
    while (!isSet) {
      const sealed = alice.seal(sealer, "opus", frameOf(100)) as ArrayBuffer;
      if (opened(bob, opener, sealed) instanceof Uint8Array) passed++;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(passed).toBeGreaterThan(5);
    const { kid } = await setting;
    expect(opened(bob, opener, alice.seal(sealer, "opus", frameOf(9)))).toBe("missing-key");
    expect(await bob.setKey("text", new TextEncoder().encode("said aloud"))).toEqual(await setting);
    const sealed = alice.seal(sealer, "opus", frameOf(9));
    expect(opened(bob, opener, sealed)).toEqual(new Uint8Array(frameOf(9)));
    expect(kid).toBeGreaterThanOrEqual(2 ** 31);
  });

  test("keys have codes that people compare, and are wiped from the caller's bytes", async () => {
    const core = await create("alice", "abcd-efgh-ijkl");
    const text = new TextEncoder().encode("correct horse");
    const description = await core.setKey("text", text);
    expect(description.safetyCode).toBe("0588 1739 8659");
    const raw = new Uint8Array(16).fill(9);
    await core.setKey("raw", raw);
    expect([...text, ...raw].every((byte) => byte === 0)).toBe(true);
  });

  test.each([
    ["text", new Uint8Array(0)],
    ["raw", new Uint8Array(15)],
    ["secret", new Uint8Array(31)],
    ["secret", new Uint8Array(33)],
    ["text", new Uint8Array(48 * 1024 * 1024)],
  ] as const)("a %s key of a wrong size is refused", async (form, key) => {
    const core = await create("alice");
    await expect(core.setKey(form, key)).rejects.toBeInstanceOf(KeyRefused);
    const good = await core.setKey("secret", secret(1));
    expect(good.safetyCode).toMatch(/^\d{4} \d{4} \d{4}$/);
  });

  test("keys that were erased open nothing any more, and nobody has a key for them", async () => {
    const { alice, bob, sealer, opener } = await twoSides();
    await bob.setKey("secret", secret(2));
    const sealed = () => alice.seal(sealer, "opus", frameOf(10));
    expect(opened(bob, opener, sealed())).toBeInstanceOf(Uint8Array);
    bob.keys.forget("");
    expect(opened(bob, opener, sealed())).toBe("missing-key");
    expect(bob.keys.list("")).toEqual([]);
    expect(bob.keys.hasHadKey).toBe(true);
  });

  test("a participant with a key of its own is opened and sealed with no other", async () => {
    const { alice, bob, sealer, opener } = await twoSides();
    const sealed = () => alice.seal(sealer, "opus", frameOf(10));
    await bob.setKey("secret", secret(2), "alice");
    expect(opened(bob, opener, sealed())).toBe("missing-key");
    await alice.setKey("secret", secret(2), "alice");
    expect(opened(bob, opener, sealed())).toBeInstanceOf(Uint8Array);
    await bob.setKey("secret", secret(3));
    expect(opened(bob, opener, sealed())).toBeInstanceOf(Uint8Array);
    alice.keys.forget("alice");
    expect(opened(bob, opener, sealed())).toBe("missing-key");
    bob.keys.forget("alice");
    expect(opened(bob, opener, sealed())).toBeInstanceOf(Uint8Array);
  });

  test("nothing to ratchet and to export is said in words, and so is one participant too many", async () => {
    const core = await create("alice");
    for (const owner of ["", "bob"]) {
      expect(() => core.keys.ratchet(owner)).toThrow(/Set one first/);
      expect(() => core.keys.exportSecret(owner)).toThrow(KeyRefused);
    }
    for (let i = 0; i < 256; i++) await core.setKey("secret", secret(1), `p${i}`);
    await expect(core.setKey("secret", secret(1), "one more")).rejects.toMatchObject({
      reason: "no-room",
    });
    await expect(core.setKey("secret", secret(1), "x".repeat(256))).rejects.toThrow(KeyRefused);
  });

  test("an exported secret is that of the newest key", async () => {
    const { alice, bob, sealer, opener } = await twoSides();
    expect(alice.keys.exportSecret("")).toEqual(secret(1));
    const { kid } = alice.keys.ratchet("");
    const handedOn = alice.keys.exportSecret("");
    expect(handedOn).not.toEqual(secret(1));
    expect((await bob.setKey("secret", handedOn)).kid).toBe(kid);
    alice.keys.use(kid, "");
    const sealed = alice.seal(sealer, "opus", frameOf(9));
    expect(opened(bob, opener, sealed)).toBeInstanceOf(Uint8Array);
  });

  test("a frame of 5 MB passes; one above 16 MiB is refused and told once", async () => {
    const { alice, bob, sealer, opener } = await twoSides();
    const frame = frameOf(5_000_000);
    const sealed = alice.seal(sealer, "vp9", frame);
    const [before, after] = [new Uint8Array(frame), opened(bob, opener, sealed) as Uint8Array];
    expect(after.length === before.length && after.every((byte, i) => byte === before[i])).toBe(
      true,
    );
    bob.pollEvents();
    const huge = new ArrayBuffer(16 * 1024 * 1024 + 1);
    for (let i = 0; i < 3; i++) expect(alice.seal(sealer, "h264", huge)).toBe("frame-too-large");
    expect(alice.pollEvents()).toMatchObject([
      { state: "InternalError", reason: "frame-too-large" },
      { state: "EncryptionSuccess" },
    ]);
    // On the wire H.264 may be larger; what is larger than all that is not even looked at.
    expect(opened(bob, opener, huge)).toBe("not-sealed");
    const beyond = new ArrayBuffer(46_137_384);
    for (let i = 0; i < 3; i++) expect(bob.open(opener, beyond)).toBe("frame-too-large");
    expect(bob.pollEvents()).toMatchObject([{ state: "InternalError", reason: "frame-too-large" }]);
    expect(opened(bob, opener, alice.seal(sealer, "vp9", frameOf(10)))).toBeInstanceOf(Uint8Array);
  });

  test("frames of every codec open without their codec, AV1 as key or delta frame", async () => {
    const { alice, bob, sealer, opener } = await twoSides();
    const other = [0x10, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
    const frames = [
      { codec: "opus", bytes: other, front: [] },
      { codec: "red", bytes: other, front: [] },
      { codec: "vp8", bytes: other, front: other.slice(0, 10) },
      { codec: "vp9", bytes: other, front: [] },
      {
        codec: "h264",
        bytes: [0, 0, 0, 1, 0x67, 0x42, 0, 0, 1, 0x65, 0x88, 0, 0, 3, 1],
        front: [0, 0, 0, 1, 0x67, 0x42, 0, 0, 0, 1, 0x65, 0x88],
      },
      {
        codec: "h265",
        bytes: [0, 0, 1, 0x40, 1, 0, 0, 0, 1, 0x26, 1, 0x80],
        front: [0, 0, 0, 1, 0x40, 1, 0, 0, 0, 1, 0x26, 1],
      },
      { codec: "av1", bytes: other, front: [0x0a, 33] },
    ] as const;
    for (const { codec, bytes, front } of frames) {
      const frame = Uint8Array.from(bytes).buffer;
      const sealed = alice.seal(sealer, codec, frame, true) as ArrayBuffer;
      expect([...new Uint8Array(sealed, 0, front.length)]).toEqual(front);
      expect([...(opened(bob, opener, sealed) as Uint8Array)]).toEqual(bytes);
    }
    const delta = alice.seal(sealer, "av1", frameOf(5)) as ArrayBuffer;
    expect(new Uint8Array(delta)[0]).toBe(0x32);
  });

  test("a picture without a slice is refused by that name", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      const { alice, sealer } = await twoSides();
      const parameterSets = Uint8Array.of(0, 0, 0, 1, 0x67, 0x42, 0, 0, 0, 1, 0x68, 0xce);
      for (const codec of ["h264", "h265"] as const)
        expect(alice.seal(sealer, codec, parameterSets.buffer, true)).toBe("frame-without-slice");
      expect(alice.pollEvents()).toMatchObject([
        { state: "InternalError", reason: "frame-without-slice" },
      ]);
      expect(alice.counts()).toMatchObject([{ failed: { "frame-without-slice": 2 } }]);
    } finally {
      vi.useRealTimers();
    }
  });

  test("a codec that nobody knows is refused and told once", async () => {
    const { alice, sealer } = await twoSides();
    for (let i = 0; i < 3; i++)
      expect(alice.seal(sealer, undefined, frameOf(10))).toBe("codec-not-supported");
    expect(alice.pollEvents()).toMatchObject([
      { participantId: "alice", kind: "video", state: "InternalError", streamId: STREAM_ID },
    ]);
  });

  test("edges are told once, with whose stream it is", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      const { alice, bob, sealer, opener } = await twoSides();
      const poll = (core: Core) => (vi.advanceTimersByTime(1100), core.pollEvents());
      for (let i = 0; i < 3; i++) bob.open(opener, alice.seal(sealer, "vp8", frameOf(50)) as never);
      expect(poll(alice)).toMatchObject([{ participantId: "alice", state: "EncryptionSuccess" }]);
      const [event] = poll(bob);
      expect(event).toMatchObject({ participantId: "alice", kind: "video", count: 3 });
      expect(event).toMatchObject({ state: "DecryptionSuccess", streamId: STREAM_ID });
      expect(event?.reason).toBeUndefined();
      expect(poll(bob)).toEqual([]);
      await alice.setKey("secret", secret(2));
      const failures = [];
      for (let i = 0; i < 4; i++) {
        bob.open(opener, alice.seal(sealer, "vp8", frameOf(50)) as never);
        failures.push(...poll(bob));
      }
      expect(failures).toMatchObject([{ state: "DecryptionFailed", reason: "missing-key" }]);
    } finally {
      vi.useRealTimers();
    }
  });

  test("the same stream again gets the opener that remembers; a sealer begins only once", async () => {
    const { alice, bob, sealer, opener } = await twoSides();
    const sealed = alice.seal(sealer, "opus", frameOf(10));
    opened(bob, opener, sealed);
    bob.releaseOpener(opener);
    const again = bob.addOpener("alice", STREAM_ID, "video");
    expect(again).toBe(opener);
    expect(opened(bob, again, sealed)).toBe("replayed");
    const twin = alice.addSealer(STREAM_ID, "video");
    expect(alice.seal(twin, "opus", frameOf(10))).toBe("no-room-for-stream");
  });

  test("a sealer that was removed seals nothing", async () => {
    const { alice, sealer } = await twoSides();
    alice.removeSealer(sealer);
    expect(alice.seal(sealer, "opus", frameOf(10))).toBe("not-ready");
    alice.removeSealer(sealer);
  });

  test("when openers run out an idle one gives way, and its stream never opens again", async () => {
    const { alice, bob, sealer, opener } = await twoSides();
    const sealed = alice.seal(sealer, "opus", frameOf(10));
    opened(bob, opener, sealed);
    const idOf = (i: number) => new Uint8Array(new Uint32Array([i, 1, 1, 1]).buffer);
    const openers = Array.from({ length: 1023 }, (_, i) =>
      bob.addOpener("alice", idOf(i), "video"),
    );
    expect(openers.every(({ handle }) => handle !== undefined)).toBe(true);
    const tooMany = bob.addOpener("alice", idOf(5000), "video");
    expect(bob.open(tooMany, frameOf(10))).toBe("no-room-for-stream");
    expect(bob.pollEvents().at(0)).toMatchObject({ state: "InternalError" });

    expect(bob.addOpener("alice", STREAM_ID, "video")).toBe(opener); // Two receivers have it for a moment.
    bob.releaseOpener(opener);
    expect(bob.addOpener("alice", idOf(5000), "video").handle).toBeUndefined();
    bob.releaseOpener(opener);
    const next = bob.addOpener("alice", idOf(5000), "video");
    expect(bob.open(next, frameOf(10))).toBe("not-sealed");
    const old = bob.addOpener("alice", STREAM_ID, "video");
    expect(opened(bob, old, sealed)).toBe("no-room-for-stream");
    bob.releaseOpener(next);
    expect(bob.addOpener("alice", STREAM_ID, "video").handle).toBeUndefined();
    // One that opened nothing has nothing to forget.
    expect(bob.addOpener("alice", idOf(5001), "video").handle).toBeDefined();
    bob.releaseOpener(openers[0] as Stream);
    expect(bob.addOpener("alice", idOf(5000), "video").handle).toBeDefined();
  });

  test("names that no stream key can be made of give streams that pass nothing", async () => {
    const { bob } = await twoSides();
    for (const id of ["", "x".repeat(256), "x".repeat(100_000)])
      expect(bob.open(bob.addOpener(id, STREAM_ID, "audio"), frameOf(30))).toBe(
        "no-room-for-stream",
      );
    await expect(create("alice", "")).rejects.toThrow(/room id/);
    await expect(create("alice", "x".repeat(300_000))).rejects.toThrow(/room id/);
  });

  test("only what opened counts as heard", async () => {
    const { alice, bob, sealer, opener } = await twoSides();
    bob.open(opener, frameOf(100));
    expect(bob.hasHeard("alice")).toBe(false);
    bob.open(opener, alice.seal(sealer, "opus", frameOf(10)) as ArrayBuffer);
    expect(bob.hasHeard("alice")).toBe(true);
  });

  test("after a wipe nothing passes", async () => {
    const { alice, bob, sealer, opener } = await twoSides();
    const sealed = alice.seal(sealer, "opus", frameOf(10));
    alice.wipe();
    bob.wipe();
    expect(alice.seal(sealer, "opus", frameOf(10))).toBe("not-ready");
    expect(opened(bob, opener, sealed)).toBe("not-ready");
    await expect(alice.setKey("secret", secret(1))).rejects.toBeInstanceOf(KeyRefused);
  });
});

test("this engine has SIMD, so both builds are used somewhere", () => {
  expect(supportedVariant()).toBe("simd");
});
