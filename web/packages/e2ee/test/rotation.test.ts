// Changes of key in a call of several people, in virtual time: the worker's own parts over a network that
// delays and reorders frames. Everybody sets keys at other moments; nothing may be lost by it.

import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { StreamOptions } from "../src/messages";
import { Core } from "../src/worker/core";
import { Keys } from "../src/worker/keys";
import { createPipe, type EncodedFrame, type Pipe, type Rules } from "../src/worker/pipe";

const RULES: Rules = { policy: "required", passesUntilReady: false };
const KINDS = ["audio", "video"] as const;
type Kind = (typeof KINDS)[number];

/** A step of the clock, and between frames of each kind. */
const STEP_MS = 10;
const INTERVAL_MS = { audio: 20, video: 50 };
const TICK_MS = 200;
/** An encoder answers the wish for a key frame with one of the next frames. */
const KEY_FRAME_DELAY_MS = 100;

const VP8_KEY = [0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x08, 0x00, 0x08, 0x00, 1, 2, 3, 4];
const VP8_DELTA = [0x11, 0x02, 0x00, 9, 8, 7];

interface Arrival {
  at: number;
  to: Member;
  from: Member;
  kind: Kind;
  frame: EncodedFrame;
}

/** mulberry32 */
function randomFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) % limit;
  };
}

class Member {
  readonly name: string;
  readonly core: Core;
  readonly keys: Keys;
  readonly sending = new Map<Kind, Pipe>();
  readonly receiving = new Map<string, Pipe>();
  /** When this member's encoder is to make a key frame. */
  keyFrameAt = 0;
  /** Frames that came and did not open, by sender and kind, with the time. */
  readonly lost: { from: string; kind: Kind; at: number }[] = [];
  opened = 0;
  keyFrames = 0;

  private constructor(name: string, core: Core, ratchetWindow: number) {
    this.name = name;
    this.core = core;
    this.keys = new Keys(core, ratchetWindow, {
      onSwitch: () => this.sending.forEach((pipe) => pipe.keySwitches()),
      onSwitched: () => {},
      onRatcheted: () => {},
    });
    for (const kind of KINDS) {
      const options: StreamOptions = { operation: "seal", pipe: 0, streamId: idOf(name), kind };
      const ask = () => (this.keyFrameAt = performance.now() + KEY_FRAME_DELAY_MS);
      this.sending.set(kind, createPipe(core, options, RULES, ask));
    }
  }

  static async create(name: string, ratchetWindow: number): Promise<Member> {
    const core = await Core.create("room", name, 4);
    core.waiveLiveness();
    return new Member(name, core, ratchetWindow);
  }

  send(kind: Kind): EncodedFrame | undefined {
    const isKey = kind === "video" && performance.now() >= this.keyFrameAt;
    if (isKey) {
      this.keyFrameAt = Infinity;
      this.keyFrames++;
    }
    const data = Uint8Array.from(kind === "audio" ? [1, 2, 3] : isKey ? VP8_KEY : VP8_DELTA).buffer;
    const mimeType = kind === "audio" ? "audio/opus" : "video/VP8";
    const type = isKey ? "key" : "delta";
    const frame = { data, getMetadata: () => ({ mimeType }), ...(kind === "video" && { type }) };
    return this.sending.get(kind)?.handle(frame as EncodedFrame) ? (frame as EncodedFrame) : undefined;
  }

  receive(from: Member, kind: Kind, frame: EncodedFrame): void {
    const name = `${from.name} ${kind}`;
    const options: StreamOptions = {
      operation: "open",
      pipe: 0,
      participantId: from.name,
      streamId: idOf(from.name),
      kind,
    };
    const ask = () => (from.keyFrameAt = performance.now() + KEY_FRAME_DELAY_MS);
    const pipe = this.receiving.get(name) ?? createPipe(this.core, options, RULES, ask);
    this.receiving.set(name, pipe);
    if (pipe.handle({ ...frame, data: frame.data.slice(0) })) this.opened++;
    else this.lost.push({ from: from.name, kind, at: performance.now() });
  }
}

const idOf = (name: string) => new Uint8Array(16).fill(name.charCodeAt(0));

class Call {
  readonly members: Member[] = [];
  #underway: Arrival[] = [];
  #random: (limit: number) => number;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  async add(name: string, ratchetWindow = 0): Promise<Member> {
    const member = await Member.create(name, ratchetWindow);
    this.members.push(member);
    return member;
  }

  random(limit: number): number {
    return this.#random(limit);
  }

  /** Lets the call go on. `deeds` happen once their time has come, in milliseconds from now. */
  async run(durationMs: number, deeds: [number, () => unknown][] = []): Promise<void> {
    const start = performance.now();
    const due = deeds.toSorted(([a], [b]) => a - b);
    while (performance.now() < start + durationMs) {
      while (due[0] && performance.now() >= start + due[0][0]) await due.shift()?.[1]();
      const now = performance.now();
      for (const kind of KINDS) if (now % INTERVAL_MS[kind] === 0) this.#sendAll(kind);
      for (const arrival of this.#underway.filter(({ at }) => at <= now))
        arrival.to.receive(arrival.from, arrival.kind, arrival.frame);
      this.#underway = this.#underway.filter(({ at }) => at > now);
      if (now % TICK_MS === 0) for (const { keys } of this.members) keys.tick(now);
      vi.advanceTimersByTime(STEP_MS);
    }
  }

  /** Up to 400 ms on the way, each frame as long as it likes. */
  #sendAll(kind: Kind): void {
    for (const from of this.members) {
      const frame = from.send(kind);
      if (!frame) continue;
      for (const to of this.members)
        if (to !== from)
          this.#underway.push({
            at: performance.now() + 20 + this.random(380),
            to,
            from,
            kind,
            frame,
          });
    }
  }
}

const secret = (number: number) => new Uint8Array(32).fill(number);
const setAll = (call: Call, number: number, lateness: () => number) =>
  call.members.map(
    ({ keys }) => [lateness(), () => keys.set("secret", secret(number))] as [number, () => unknown],
  );

beforeEach(() => vi.useFakeTimers({ toFake: ["performance"], now: 0 }));
afterEach(() => vi.useRealTimers());

test.each([1, 2, 3, 4, 5])("nobody loses a frame when all set it within 1.5 s (seed %i)", async (seed) => {
  const call = new Call(seed);
  for (const name of ["alice", "bob", "carol"]) {
    const { keys } = await call.add(name);
    await keys.set("secret", secret(1));
  }
  await call.run(1000);
  for (const number of [2, 3, 1, 4])
    await call.run(6000, setAll(call, number, () => call.random(1500)));
  for (const { name, lost, opened, keys } of call.members) {
    expect(lost, name).toEqual([]);
    expect(opened).toBeGreaterThan(2 * 25 * 70 * 0.98);
    expect(keys.list().filter(({ seals }) => seals)).toEqual(
      call.members[0]?.keys.list().filter(({ seals }) => seals),
    );
  }
});

test.each([1, 2, 3])("pictures change their key with one key frame each (seed %i)", async (seed) => {
  const call = new Call(seed);
  for (const name of ["alice", "bob"]) await (await call.add(name)).keys.set("secret", secret(1));
  await call.run(1000);
  const before = call.members.map(({ keyFrames }) => keyFrames);
  const times = 5;
  for (let i = 0; i < times; i++)
    await call.run(6000, setAll(call, 2 + i, () => call.random(1500)));
  call.members.forEach(({ keyFrames }, i) => {
    expect(keyFrames - (before[i] ?? 0)).toBeGreaterThanOrEqual(times);
    expect(keyFrames - (before[i] ?? 0)).toBeLessThanOrEqual(2 * times);
  });
});

test.each([1, 2, 3])("who joins with the new key alone costs nobody a frame (seed %i)", async (seed) => {
  const call = new Call(seed);
  for (const name of ["alice", "bob"]) await (await call.add(name)).keys.set("secret", secret(1));
  await call.run(1000);
  let joinedAt = 0;
  const join = async () => {
    joinedAt = performance.now();
    await (await call.add("carol")).keys.set("secret", secret(2));
  };
  await call.run(5000, [...setAll(call, 2, () => call.random(1500)), [call.random(1500), join]]);
  const [alice, bob, carol] = call.members;
  // But for what she says before they have the key at all.
  const lost = [...(alice?.lost ?? []), ...(bob?.lost ?? [])];
  expect(lost.filter(({ from }) => from !== "carol")).toEqual([]);
  // Until the others go over, and their pictures come to a key frame.
  expect(carol?.lost).not.toEqual([]);
  const lastLoss = Math.max(...(carol?.lost ?? []).map(({ at }) => at));
  expect(lastLoss - joinedAt).toBeLessThan(2000 + 1500 + KEY_FRAME_DELAY_MS + 400);
  expect(carol?.opened).toBeGreaterThan(200);
});

test("who is later than the new key waits loses what comes until then, and nothing after", async () => {
  const call = new Call(8);
  for (const name of ["alice", "bob"]) await (await call.add(name)).keys.set("secret", secret(1));
  const [alice, bob] = call.members;
  await call.run(1000);
  await call.run(8000, [
    [0, () => alice?.keys.set("secret", secret(2))],
    [3000, () => bob?.keys.set("secret", secret(2))],
  ]);
  const times = (bob?.lost ?? []).map(({ at }) => at - 1000);
  expect(Math.min(...times)).toBeGreaterThan(2000);
  expect(Math.max(...times)).toBeLessThan(3000);
  expect(alice?.lost).toEqual([]);
});

test.each([1, 2, 3])("steps of the ratchet at any moment lose nothing (seed %i)", async (seed) => {
  const call = new Call(seed);
  for (const name of ["alice", "bob", "carol"])
    await (await call.add(name, 4)).keys.set("secret", secret(1));
  await call.run(1000);
  for (let round = 0; round < 4; round++) {
    const steps = call.members.map(
      ({ keys }) => [call.random(4000), () => keys.ratchet()] as [number, () => unknown],
    );
    await call.run(6000, steps);
  }
  for (const { name, lost } of call.members) expect(lost, name).toEqual([]);
  const newest = call.members.map(({ core }) => core.keys.newest("")?.kid);
  expect(new Set(newest).size).toBe(1);
});

test("who left opens nothing of what follows, and injects nothing once the old key has ended", async () => {
  const call = new Call(9);
  for (const name of ["alice", "bob", "mallory"])
    await (await call.add(name)).keys.set("secret", secret(1));
  const [alice, bob, mallory] = call.members as [Member, Member, Member];
  await call.run(1000);
  // Mallory keeps receiving, as a server that is his friend can arrange, and is given no key.
  await call.run(
    3000,
    [alice, bob].map(({ keys }) => [0, () => keys.set("secret", secret(2))]),
  );
  const opened = mallory.opened;
  expect(opened).toBeGreaterThan(0);
  await call.run(3000);
  expect(mallory.opened).toBe(opened);
  // In alice's name, under the old key: of her stream, which moved on, and of one that never did.
  const forger = await Core.create("room", "alice", 4);
  await forger.setKey("secret", secret(1));
  const forge = (streamId: Uint8Array) => {
    const sealer = forger.addSealer(streamId, "audio");
    const sealed = [...Array(4000)].map(() => forger.seal(sealer, "opus", new ArrayBuffer(3)));
    forger.removeSealer(sealer);
    return sealed.at(-1) as ArrayBuffer;
  };
  const open = (streamId: Uint8Array) =>
    bob.core.open(bob.core.addOpener("alice", streamId, "audio"), forge(streamId));
  const other = new Uint8Array(16).fill(99);
  expect(open(idOf("alice"))).toBe("missing-key");
  expect(open(other)).toBeInstanceOf(ArrayBuffer); // for a minute he still can
  await call.run(55_000);
  expect(open(new Uint8Array(16).fill(98))).toBe("missing-key");
});
