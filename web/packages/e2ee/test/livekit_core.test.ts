// The core of the format "livekit" as the worker uses it, in both builds of the real WebAssembly.

import { describe, expect, test, vi } from "vitest";

import { readLivekitOptions } from "../src/livekit_options";
import * as texts from "../src/livekit_wasm";
import { KeyRefused } from "../src/worker/core_keys";
import { LivekitCore } from "../src/worker/livekit_core";
import { LivekitKeys } from "../src/worker/livekit_keys";
import { NEW_KEY_DELAY_MS } from "../src/worker/keys";
import { createPipe, type EncodedFrame } from "../src/worker/pipe";
import type { Stream } from "../src/worker/streams";

const STREAM_ID = new Uint8Array(16).fill(3);
const VP8_KEY = [0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x08, 0x00, 0x08, 0x00, 1, 2, 3, 4];

/** How long the key before a step opens what is under way, as docs/livekit.md says. */
const PREVIOUS_KEY_LIFETIME_MS = 10_000;

let timestamp = 0;

interface PlainFrame extends EncodedFrame {
  data: ArrayBuffer;
}

function frameOf(
  bytes: number[] = VP8_KEY,
  mimeType = "video/VP8",
  type: "key" | "delta" | undefined = "key",
  ssrc: number | null = 7,
): PlainFrame {
  const metadata = { mimeType, ...(ssrc !== null && { synchronizationSource: ssrc }) };
  return {
    data: Uint8Array.from(bytes).buffer,
    ...(type && { type }),
    timestamp: (timestamp += 3000),
    getMetadata: () => metadata,
  };
}

function key(number: number): Uint8Array {
  return new Uint8Array(32).fill(number);
}

interface Side {
  core: LivekitCore;
  keys: LivekitKeys;
  ratcheted: [string, number][];
}

async function side(id: string, options = {}, variant?: "simd" | "scalar"): Promise<Side> {
  const core = await LivekitCore.create(id, readLivekitOptions(options), texts, variant);
  const ratcheted: Side["ratcheted"] = [];
  const keys = new LivekitKeys(core, { onRatcheted: (owner, { kid }) => ratcheted.push([owner, kid]) });
  return { core, keys, ratcheted };
}

async function twoSides(options = {}) {
  const [alice, bob] = [await side("alice", options), await side("bob", options)];
  for (const { keys } of [alice, bob]) await keys.set("raw", key(1));
  const sealer = alice.core.addSealer(STREAM_ID, "video");
  const opener = bob.core.addOpener("alice", STREAM_ID, "video");
  const pass = () => through(alice, sealer, bob, opener);
  return { alice, bob, sealer, opener, pass };
}

/** What becomes of one frame: its bytes, or the reason. */
function through(from: Side, sealer: Stream, to: Side, opener: Stream, frame = frameOf()) {
  const sealed = from.core.sealFrame(sealer, frame);
  if (typeof sealed === "string") return sealed;
  const opened = to.core.openFrame(opener, { ...frame, data: sealed });
  return typeof opened === "string" ? opened : [...new Uint8Array(opened)];
}

describe.each(["simd", "scalar"] as const)("the %s core", (variant) => {
  test("seals and opens pictures and sound of every codec that LiveKit takes", async () => {
    const [alice, bob] = [await side("alice", {}, variant), await side("bob", {}, variant)];
    for (const { keys } of [alice, bob]) await keys.set("text", new TextEncoder().encode("pass"));
    const slice = [0, 0, 0, 1, 0x65, 0x88, 1, 2, 3, 4, 5, 6];
    for (const [kind, mimeType, bytes, type] of [
      ["audio", "audio/opus", [0xf8, 1, 2], undefined],
      ["shareAudio", "audio/red", [0x6f, 1, 2], undefined],
      ["audio", "audio/PCMU", [1, 2, 3], undefined],
      ["shareAudio", "audio/PCMU", [1, 2, 3], undefined],
      ["video", "video/VP8", VP8_KEY, "key"],
      ["share", "video/vp9", [0x82, 1], "delta"],
      ["video", "video/H264", slice, "key"],
      ["video", "video/H265", [0, 0, 0, 1, 0x26, ...slice.slice(5)], "key"],
      ["video", "video/x-unknown", slice, "delta"],
    ] as const) {
      const sealer = alice.core.addSealer(STREAM_ID, kind);
      const opener = bob.core.addOpener("alice", STREAM_ID, kind);
      const frame = frameOf([...bytes], mimeType, type);
      expect(through(alice, sealer, bob, opener, frame), mimeType).toEqual([...bytes]);
    }
  });
});

describe("frames that cannot be sealed", () => {
  test("say why", async () => {
    const { alice, sealer } = await twoSides();
    const other = alice.core.addSealer(new Uint8Array(16).fill(4), "video");
    const seal = (frame: PlainFrame) => alice.core.sealFrame(sealer, frame);
    expect(alice.core.sealFrame(other, frameOf(VP8_KEY, "video/AV1"))).toBe("codec-not-supported");
    expect(seal(frameOf(VP8_KEY, "video/VP8", "key", null))).toBe("ssrc-missing");
    const { data, getMetadata } = frameOf();
    expect(seal({ data, type: "key", getMetadata })).toBe("timestamp-missing");
    expect(seal(frameOf([0x10, 2]))).toBe("frame-too-short");
    expect(seal(frameOf([]))).toEqual(new ArrayBuffer(0));
    const events = alice.core.pollEvents().map(({ state, reason }) => [state, reason]);
    expect(events).toContainEqual(["InternalError", "ssrc-missing"]);
    expect(events).toContainEqual(["InternalError", "codec-not-supported"]);
  });

  test("for a while only are told, and so is that they pass again", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      const { alice, sealer } = await twoSides();
      const states = (mimeType: string, count: number) => {
        const told: string[] = [];
        for (let i = 0; i < count; i++) {
          alice.core.sealFrame(sealer, frameOf(VP8_KEY, mimeType));
          told.push(...alice.core.pollEvents().map(({ state, reason }) => `${state} ${reason ?? ""}`));
          vi.advanceTimersByTime(200);
        }
        return told;
      };
      expect(states("video/VP8", 10)).toEqual(["EncryptionSuccess "]);
      for (let round = 0; round < 2; round++) {
        expect(states("video/AV1", 10)).toEqual(["InternalError codec-not-supported"]);
        expect(states("video/VP8", 10)).toEqual(["EncryptionSuccess "]);
      }
      const mixed = [...Array(20)].flatMap((_, i) => states(i % 2 ? "video/VP8" : "video/AV1", 1));
      expect(mixed.length).toBeLessThanOrEqual(4);
    } finally {
      vi.useRealTimers();
    }
  });

  test("take the timestamp of the metadata where there is one", async () => {
    const { alice, bob, sealer, opener } = await twoSides();
    const frame = frameOf();
    const rtp = { ...frame.getMetadata(), rtpTimestamp: 0x01020304 };
    const sealed = alice.core.sealFrame(sealer, { ...frame, getMetadata: () => rtp });
    const bytes = new Uint8Array(sealed as ArrayBuffer);
    expect([...bytes.slice(-14, -6)]).toEqual([0, 0, 0, 7, 1, 2, 3, 4]);
    expect(bob.core.openFrame(opener, { ...frame, data: bytes.buffer })).toEqual(frame.data);
  });
});

describe("streams", () => {
  test("count from a random number, which keeps those of one SSRC apart at one timestamp", async () => {
    const { alice } = await twoSides();
    const frame = frameOf();
    const wires = Array.from({ length: 4 }, () => {
      const sealer = alice.core.addSealer(STREAM_ID, "video");
      return new Uint8Array(alice.core.sealFrame(sealer, frame) as ArrayBuffer).join();
    });
    expect(new Set(wires).size).toBeGreaterThan(1);
  });

  test("open a frame once, whatever they are called and however often they are subscribed to", async () => {
    const { alice, bob, sealer, opener } = await twoSides();
    const frame = frameOf();
    const sealed = alice.core.sealFrame(sealer, frame) as ArrayBuffer;
    const again = () => ({ ...frame, data: sealed.slice(0) });
    expect(bob.core.openFrame(opener, again())).toEqual(frame.data);
    expect(bob.core.openFrame(opener, again())).toBe("replayed");
    bob.core.releaseOpener(opener);
    const renamed = bob.core.addOpener("alice", new Uint8Array(16).fill(9), "video");
    expect(bob.core.openFrame(renamed, again())).toBe("replayed");
    expect(bob.core.openFrame(bob.core.addOpener("mallory", undefined, "share"), again())).toBe("replayed");
    expect(bob.core.addOpener("alice", STREAM_ID, "video")).toBe(opener);
    expect(bob.core.counts()[0]).toMatchObject({ passed: 1, replayed: 1 });
  });

  test("without room take the place of those that nobody uses", async () => {
    const { bob, pass } = await twoSides();
    for (let i = 1; i < 1024; i++) bob.core.addOpener(`p${i}`, STREAM_ID, "audio");
    expect(bob.core.addOpener("late", STREAM_ID, "audio").handle).toBeUndefined();
    const opener = bob.core.addOpener("p7", STREAM_ID, "audio"); // Two receivers have it for a moment.
    bob.core.releaseOpener(opener);
    expect(bob.core.addOpener("late", STREAM_ID, "audio").handle).toBeUndefined();
    bob.core.releaseOpener(opener);
    expect(bob.core.addOpener("late", STREAM_ID, "audio").handle).toBeGreaterThan(0);
    expect(pass()).toEqual(VP8_KEY);
  });

  test("in clear are not sealed, whatever their sender says", async () => {
    const { bob } = await twoSides();
    const rules = { policy: "required", passesUntilReady: false } as const;
    const options = { operation: "open", pipe: 1, participantId: "carol", kind: "video" } as const;
    const pipe = createPipe(bob.core, options, rules, vi.fn());
    expect(pipe.handle(frameOf())).toBe(false);
    expect(bob.core.counts().at(-1)?.failed).toEqual({ "not-sealed": 1 });
  });

  test("tell the key index of what they could not open", async () => {
    const { alice, bob, sealer, opener } = await twoSides();
    await alice.keys.set("raw", key(2), "", 5);
    alice.core.keys.use("", 5);
    expect(through(alice, sealer, bob, opener)).toBe("missing-key");
    const told = { state: "DecryptionFailed", reason: "missing-key", kid: 5 };
    expect(bob.core.pollEvents()).toMatchObject([told]);
  });

  test("drop what a server injects", async () => {
    const { alice, bob, sealer, opener, pass } = await twoSides();
    const frame = frameOf();
    const sealed = alice.core.sealFrame(sealer, frame) as ArrayBuffer;
    expect(bob.core.setSifTrailer(new Uint8Array(sealed.slice(-8)))).toBe(true);
    expect(bob.core.openFrame(opener, { ...frame, data: sealed })).toBe("not-sealed");
    expect(pass()).toEqual(VP8_KEY);
    expect(bob.core.setSifTrailer(new Uint8Array(65))).toBe(false);
  });
});

describe("keys", () => {
  test("of a ring open side by side, and a new one seals two seconds later", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      const { alice, bob, pass } = await twoSides();
      const sealing = () => alice.core.keys.current("");
      await alice.keys.set("raw", key(2), "", 3);
      expect(sealing()).toBe(0);
      await bob.keys.set("raw", key(2), "", 3);
      vi.advanceTimersByTime(NEW_KEY_DELAY_MS - 1);
      alice.keys.tick(performance.now());
      expect(sealing()).toBe(0);
      expect(pass()).toEqual(VP8_KEY);
      vi.advanceTimersByTime(1);
      alice.keys.tick(performance.now());
      expect(sealing()).toBe(3);
      expect(pass()).toEqual(VP8_KEY);
    } finally {
      vi.useRealTimers();
    }
  });

  test("set last are those that a step of the ratchet goes on from, also before they seal", async () => {
    const { alice } = await twoSides();
    await alice.keys.set("raw", key(2), "", 3);
    await alice.keys.ratchet();
    expect(alice.ratcheted).toEqual([["", 3]]);
    expect(alice.core.keys.current("")).toBe(3);
  });

  test("that only open never seal, in whatever place and turn they come", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      const { alice, bob, sealer, opener } = await twoSides();
      alice.core.keys.forget("");
      for (const index of [0, 3]) await alice.keys.set("raw", key(1), "", index, true);
      vi.advanceTimersByTime(NEW_KEY_DELAY_MS);
      alice.keys.tick(performance.now());
      expect(through(alice, sealer, bob, opener)).toBe("missing-key");
      const bobs = bob.core.addSealer(STREAM_ID, "video");
      const fromBob = alice.core.addOpener("bob", STREAM_ID, "video");
      expect(through(bob, bobs, alice, fromBob)).toEqual(VP8_KEY);
      await alice.keys.set("raw", key(2), "", 5);
      expect(alice.core.keys.current("")).toBe(5);
    } finally {
      vi.useRealTimers();
    }
  });

  test("in the place of the one that seals seal at once", async () => {
    const { alice, bob, pass } = await twoSides();
    await alice.keys.set("raw", key(2));
    expect(pass()).toBe("tampered");
    await bob.keys.set("raw", key(2));
    expect(pass()).toEqual(VP8_KEY);
  });

  test("of a participant's own count for it alone, until they are removed", async () => {
    const { alice, bob, pass } = await twoSides();
    await bob.keys.set("raw", key(9), "alice");
    expect(pass()).toBe("tampered");
    await alice.keys.set("raw", key(9), "alice");
    expect(pass()).toEqual(VP8_KEY);
    expect(alice.keys.list()).toMatchObject([
      { kid: 0, seals: false },
      { participantId: "alice", kid: 0, seals: true },
    ]);
    expect(alice.keys.list()[1]?.safetyCode).toBe(bob.keys.list()[1]?.safetyCode);
    for (const { keys } of [alice, bob]) await keys.remove("alice");
    expect(pass()).toEqual(VP8_KEY);
  });

  test("that were ratcheted by the sender are followed within the window, and it is told", async () => {
    const { alice, bob, sealer, opener } = await twoSides({ ratchetWindowSize: 3 });
    await bob.core.keys.work();
    for (let i = 0; i < 2; i++) await alice.keys.ratchet();
    expect(alice.ratcheted).toEqual([["", 0], ["", 0]]);
    expect(through(alice, sealer, bob, opener)).toEqual(VP8_KEY);
    bob.keys.tick(performance.now());
    expect(bob.ratcheted).toEqual([["", 0]]);
    expect(bob.keys.list()[0]?.safetyCode).toBe(alice.keys.list()[0]?.safetyCode);
  });

  test("before a step end a while after it", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      const { alice, bob, sealer, opener } = await twoSides();
      const early = frameOf();
      const sealed = alice.core.sealFrame(sealer, early) as ArrayBuffer;
      const late = frameOf();
      const lateSealed = alice.core.sealFrame(sealer, late) as ArrayBuffer;
      await bob.keys.ratchet();
      vi.advanceTimersByTime(PREVIOUS_KEY_LIFETIME_MS - 1);
      bob.keys.tick(performance.now());
      expect(bob.core.openFrame(opener, { ...early, data: sealed })).toEqual(early.data);
      vi.advanceTimersByTime(1);
      bob.keys.tick(performance.now());
      expect(bob.core.openFrame(opener, { ...late, data: lateSealed })).toBe("tampered");
    } finally {
      vi.useRealTimers();
    }
  });

  test("of a text are ratcheted in slices, without a window too", async () => {
    const [alice, bob] = [await side("alice"), await side("bob")];
    for (const { keys } of [alice, bob]) {
      await keys.set("text", new TextEncoder().encode("a passphrase"), "", 2);
      await keys.ratchet();
    }
    const sealer = alice.core.addSealer(STREAM_ID, "video");
    const opener = bob.core.addOpener("alice", STREAM_ID, "video");
    expect(through(alice, sealer, bob, opener)).toEqual(VP8_KEY);
  });

  test("are refused where there are none to go on from, and in a form that the format has not", async () => {
    const { keys } = await side("alice");
    await expect(keys.ratchet()).rejects.toThrow(KeyRefused);
    await expect(keys.ratchet("", 3)).rejects.toThrow(KeyRefused);
    await expect(keys.set("secret", key(1))).rejects.toThrow(KeyRefused);
    await expect(keys.set("raw", new Uint8Array(0))).rejects.toThrow(KeyRefused);
    await expect(keys.exportSecret()).rejects.toThrow(KeyRefused);
    expect(keys.list()).toEqual([]);
  });

  test("that are refused do not stay in the module's memory", async () => {
    const instantiate = vi.spyOn(WebAssembly, "instantiate");
    const { keys } = await side("alice");
    const made = (await instantiate.mock.results[0]?.value) as WebAssembly.WebAssemblyInstantiatedSource;
    instantiate.mockRestore();
    const body = Uint8Array.from({ length: 32 }, (_, i) => 0xa0 ^ (i * 7));
    await expect(keys.set("secret", body.slice())).rejects.toThrow(KeyRefused);
    const memory = new Uint8Array((made.instance.exports["memory"] as WebAssembly.Memory).buffer);
    expect(memory.some((_, at) => body.every((byte, i) => memory[at + i] === byte))).toBe(false);
  });

  test("are wiped with everything else", async () => {
    const { alice, sealer, pass } = await twoSides();
    expect(pass()).toEqual(VP8_KEY);
    alice.core.wipe();
    expect(alice.core.sealFrame(sealer, frameOf())).toBe("not-ready");
    expect(alice.keys.list()).toEqual([]);
  });
});
