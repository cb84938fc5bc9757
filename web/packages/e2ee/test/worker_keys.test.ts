// The worker's messages with the real core: what a key that comes, changes or goes does to frames, and what
// answers do.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { readLivekitOptions } from "../src/livekit_options";
import * as livekitTexts from "../src/livekit_wasm";
import type { EncodedFrame } from "../src/worker/pipe";
import {
  copyOf,
  createWay,
  open,
  picture,
  seal,
  sound,
  TestWorker,
  turn,
  type Way,
} from "./test_worker";

/** How long a new key opens before it seals. */
const NEW_KEY_DELAY_MS = 2_000;
const POLL_INTERVAL_MS = 200;
const CHALLENGE = new Uint8Array(16).fill(9);

/** The key id of a sealed VP8 frame, behind what is in clear and a byte of its header. */
function kidOf({ data, type }: EncodedFrame): number {
  return new DataView(data).getUint32(type === "key" ? 11 : 4);
}

async function send(way: Way, ...frames: EncodedFrame[]): Promise<EncodedFrame[]> {
  const { length } = way.passed;
  for (const frame of frames) way.send(frame);
  await turn();
  return way.passed.slice(length);
}

/** Sealed by alice, under her stream 1. */
async function sealed(key = 1, ...frames: EncodedFrame[]): Promise<EncodedFrame[]> {
  const alice = await new TestWorker("alice", {}, key).ready();
  const way = createWay(seal(1, "video"));
  alice.transform(way);
  await turn();
  return send(way, ...frames);
}

describe("a second key", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["performance", "setInterval"] }));
  afterEach(() => void vi.useRealTimers());

  test("seals pictures from a key frame on, which is asked for, and sound at once", async () => {
    const worker = await new TestWorker().ready();
    const [video, audio] = [createWay(seal(1, "video")), createWay(seal(2))];
    for (const way of [video, audio]) worker.transform(way);
    await turn();
    const [first] = await send(video, picture("key"), picture("delta"));
    const before = kidOf(first!);
    await worker.setKey(2);
    vi.advanceTimersByTime(NEW_KEY_DELAY_MS - POLL_INTERVAL_MS);
    expect((await send(video, picture("delta"))).map(kidOf)).toEqual([before]);
    expect(video.keyFramesAsked).toBe(0);
    vi.advanceTimersByTime(2 * POLL_INTERVAL_MS);
    expect((await send(video, picture("delta"))).map(kidOf)).toEqual([before]);
    expect(video.keyFramesAsked).toBeGreaterThan(0);
    const [heard] = await send(audio, sound());
    const after = new DataView(heard!.data).getUint32(1);
    expect(after).not.toBe(before);
    const changed = await send(video, picture("key"), picture("delta"));
    expect(changed.map(kidOf)).toEqual([after, after]);
    expect(audio.keyFramesAsked).toBe(0);
  });

  test("answers again who challenged, once it seals", async () => {
    const worker = await new TestWorker("alice", { liveness: true }).ready();
    worker.say({ type: "challenge", participantId: "bob", challenge: CHALLENGE });
    worker.transform(createWay(seal(1)));
    await turn();
    expect(worker.all("liveness-answer")).toHaveLength(1);
    await worker.setKey(2);
    await turn();
    expect(worker.all("liveness-answer")).toHaveLength(1);
    vi.advanceTimersByTime(NEW_KEY_DELAY_MS + POLL_INTERVAL_MS);
    expect(worker.all("liveness-answer")).toHaveLength(2);
  });
});

test("a key that was missing makes a receiver ask for a key frame", async () => {
  const frames = await sealed(2, picture("key"), picture("delta"));
  const bob = await new TestWorker("bob").ready();
  const way = createWay(open(1, 1, "alice", "video"));
  bob.transform(way);
  await turn();
  expect(await send(way, ...frames.map(copyOf))).toEqual([]);
  expect(way.keyFramesAsked).toBe(0);
  await bob.setKey(2);
  expect(way.keyFramesAsked).toBe(1);
});

describe("answers", () => {
  test("come with the first stream", async () => {
    const alice = await new TestWorker("alice", { liveness: true }).ready();
    alice.say({ type: "challenge", participantId: "bob", challenge: CHALLENGE });
    await turn();
    expect(alice.all("liveness-answer")).toEqual([]);
    alice.transform(createWay(seal(1)));
    await turn();
    expect(alice.all("liveness-answer")).toMatchObject([{ participantIds: ["bob"] }]);
  });

  test("come with the first key", async () => {
    const alice = new TestWorker("alice", { liveness: true }, 0);
    alice.transform(createWay(seal(1)));
    alice.say({ type: "challenge", participantId: "bob", challenge: CHALLENGE });
    await turn();
    expect(alice.all("liveness-answer")).toEqual([]);
    await alice.setKey(1);
    await turn();
    expect(alice.all("liveness-answer")).toMatchObject([{ participantIds: ["bob"] }]);
  });

  test("let frames through, and the receiver that dropped some asks for a key frame", async () => {
    const alice = await new TestWorker("alice", { liveness: true }).ready();
    const bob = await new TestWorker("bob", { liveness: true }).ready();
    const [sending, receiving] = [createWay(seal(1, "video")), createWay(open(1, 1, "alice", "video"))];
    alice.transform(sending);
    bob.transform(receiving);
    bob.say({ type: "join", challenge: CHALLENGE });
    expect(await send(receiving, ...(await send(sending, picture("key"))))).toEqual([]);
    expect(receiving.keyFramesAsked).toBe(0);
    alice.say({ type: "challenge", participantId: "bob", challenge: CHALLENGE });
    await turn();
    const [{ answer } = { answer: new Uint8Array() }] = alice.all("liveness-answer");
    bob.say({ type: "liveness-answer", participantId: "alice", answer });
    await turn();
    expect(receiving.keyFramesAsked).toBe(1);
    expect(await send(receiving, ...(await send(sending, picture("key"))))).toHaveLength(1);
  });
});

describe("the core of the worker's meeting", () => {
  /** Where what is in it can be looked for. */
  async function withMemory(create: () => TestWorker) {
    const instantiate = vi.spyOn(WebAssembly, "instantiate");
    const worker = await create().ready();
    const made = (await instantiate.mock.results[0]?.value) as WebAssembly.WebAssemblyInstantiatedSource;
    instantiate.mockRestore();
    return { worker, memory: made.instance.exports["memory"] as WebAssembly.Memory };
  }

  test("is wiped before the worker ends", async () => {
    const { worker, memory } = await withMemory(() => new TestWorker("alice", {}, 0xa7));
    const isKey = (bytes: Uint8Array) => bytes.length === 32 && bytes.every((byte) => byte === 0xa7);
    const bytes = () => new Uint8Array(memory.buffer);
    const holdsKey = () => bytes().some((_, at, all) => isKey(all.subarray(at, at + 32)));
    expect(holdsKey()).toBe(true);
    worker.say({ type: "close" });
    while (!worker.isClosed) await turn();
    expect(holdsKey()).toBe(false);
  });

  test("has the suite that the page chose", async () => {
    for (const [suite, mark] of [
      [4, 0],
      [5, 8],
    ] as const) {
      const worker = await new TestWorker("alice", { suite }).ready();
      const way = createWay(seal(1));
      worker.transform(way);
      await turn();
      const [frame] = await send(way, sound());
      expect(new Uint8Array(frame!.data).at(-1)! & 8).toBe(mark);
    }
  });

  test("of the format livekit drops what the server's frames end with", async () => {
    const rtp = { synchronizationSource: 7, rtpTimestamp: 3 };
    const frame = { ...sound(), getMetadata: () => ({ mimeType: "audio/opus", ...rtp }) };
    const create = (id: string) => {
      const worker = new TestWorker(id, { livekit: readLivekitOptions({}) });
      worker.say({ type: "livekit-core", ...livekitTexts });
      return worker.ready();
    };
    const [alice, bob, carol] = [await create("alice"), await create("bob"), await create("carol")];
    const sending = createWay(seal(1));
    alice.transform(sending);
    await turn();
    const [wire] = await send(sending, frame);
    bob.say({ type: "sif-trailer", trailer: new Uint8Array(wire!.data.slice(-6)) });
    for (const [worker, count] of [
      [bob, 0],
      [carol, 1],
    ] as const) {
      const receiving = createWay(open(1, 1));
      worker.transform(receiving);
      await turn();
      expect(await send(receiving, copyOf(wire!))).toHaveLength(count);
    }
    expect(await bob.counts()).toMatchObject([{ passed: 0, failed: { "not-sealed": 1 } }]);
  });
});
