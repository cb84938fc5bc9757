// One stream's way through the worker, with the real core; frames are plain objects.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { type E2EEKeyProviderOptions, ExternalE2EEKeyProvider } from "../src/key_provider";
import { Core } from "../src/worker/core";
import { createPipe, type EncodedFrame, type Pipe, type Rules } from "../src/worker/pipe";

const STREAM_ID = new Uint8Array(16).fill(3);
const VP8_KEY = [0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x08, 0x00, 0x08, 0x00, 1, 2, 3, 4];
const VP8_DELTA = [0x11, 0x02, 0x00, 9, 8, 7];

interface PlainFrame extends EncodedFrame {
  type?: "key" | "delta";
}

function video(type: "key" | "delta" = "delta", mimeType = "video/VP8"): PlainFrame {
  const bytes = type === "key" ? VP8_KEY : VP8_DELTA;
  return { data: Uint8Array.from(bytes).buffer, type, getMetadata: () => ({ mimeType }) };
}

function secret(number: number): Uint8Array {
  return new Uint8Array(32).fill(number);
}

let alice: Core;
let bob: Core;

beforeEach(async () => {
  [alice, bob] = [await Core.create("room", "alice", 4), await Core.create("room", "bob", 4)];
  bob.waiveLiveness();
});

const REQUIRED: Rules = { policy: "required", passesUntilReady: false };

function sealPipe(ask = vi.fn(), rules = REQUIRED): Pipe & { ask: typeof ask } {
  const options = { operation: "seal", pipe: 1, streamId: STREAM_ID, kind: "video" } as const;
  return { ...createPipe(alice, options, rules, ask), ask };
}

function openPipe(
  { isDeclared = true, ...rules }: Partial<Rules> & { isDeclared?: boolean } = {},
  ask = vi.fn(),
): Pipe & { ask: typeof ask } {
  const options = {
    operation: "open",
    pipe: 2,
    participantId: "alice",
    kind: "video",
    ...(isDeclared && { streamId: STREAM_ID }),
  } as const;
  return { ...createPipe(bob, options, { ...REQUIRED, ...rules }, ask), ask };
}

/** All frames through real streams, as in the worker; returns those that came out. */
async function through(frames: PlainFrame[], ...pipes: Pipe[]): Promise<PlainFrame[]> {
  let stream = new ReadableStream<PlainFrame>({
    start(controller) {
      for (const frame of frames) controller.enqueue(frame);
      controller.close();
    },
  });
  for (const pipe of pipes)
    stream = stream.pipeThrough(
      new TransformStream({
        transform: (frame, controller) => {
          if (pipe.handle(frame)) controller.enqueue(frame);
        },
      }),
    );
  const passed: PlainFrame[] = [];
  await stream.pipeTo(new WritableStream({ write: (frame) => void passed.push(frame) }));
  return passed;
}

function bytesOf(frames: PlainFrame[]): number[][] {
  return frames.map(({ data }) => [...new Uint8Array(data)]);
}

describe("frames", () => {
  test("pass sealed, and come out as they went in", async () => {
    for (const core of [alice, bob]) await core.setKey("secret", secret(1));
    const [seal, open] = [sealPipe(), openPipe()];
    const sealed = await through([video("key"), video()], seal);
    expect(sealed).toHaveLength(2);
    for (const bytes of bytesOf(sealed)) {
      expect(bytes.slice(0, 3)).not.toEqual(bytes.slice(10, 13));
      expect(bytes.join()).not.toContain([1, 2, 3, 4].join());
    }
    expect(bytesOf(await through(sealed, open))).toEqual([VP8_KEY, VP8_DELTA]);
    expect(seal.ask).not.toHaveBeenCalled();
    expect(open.ask).not.toHaveBeenCalled();
  });

  test("are dropped without a key, in either direction", async () => {
    const sealed = await through([video("key"), video()], sealPipe());
    expect(sealed).toEqual([]);
    await alice.setKey("secret", secret(1));
    const good = await through(
      [video("key")],
      createPipe(alice, sealOptions(9), REQUIRED, vi.fn()),
    );
    expect(await through(good, openPipe())).toEqual([]);
  });

  test("of AV1 say on the wire whether they are key frames", async () => {
    for (const core of [alice, bob]) await core.setKey("secret", secret(1));
    const frames = [video("key", "video/AV1"), video("delta", "video/AV1")];
    const sealed = await through(frames, sealPipe());
    expect(bytesOf(sealed).map(([first]) => first)).toEqual([0x0a, 0x32]);
    expect(bytesOf(await through(sealed, openPipe()))).toEqual([VP8_KEY, VP8_DELTA]);
  });

  test("of a codec that cannot be sealed are dropped, and H.264 without a slice", async () => {
    await alice.setKey("secret", secret(1));
    for (const mimeType of ["video/H264", "video/H265", "video/H266", "constructor", ""])
      expect(await through([video("key", mimeType)], sealPipe())).toEqual([]);
  });

  test("in clear are dropped, also those of a sender that declares no encryption", async () => {
    await bob.setKey("secret", secret(1));
    expect(await through([video("key"), video()], openPipe())).toEqual([]);
    expect(await through([video("key")], openPipe({ isDeclared: false }))).toEqual([]);
    expect(await through([video("key")], openPipe({ policy: "preferred" }))).toEqual([]);
  });

  test("in clear pass where the app prefers that, until something sealed of theirs opened", async () => {
    for (const core of [alice, bob]) await core.setKey("secret", secret(1));
    const clear = openPipe({ policy: "preferred", isDeclared: false });
    expect(bytesOf(await through([video("key")], clear))).toEqual([VP8_KEY]);
    await through(await through([video("key")], sealPipe()), openPipe({ policy: "preferred" }));
    expect(await through([video("key")], clear)).toEqual([]);
    const another = openPipe({ policy: "preferred", isDeclared: false });
    expect(await through([video("key")], another)).toEqual([]);
  });

  test("are dropped once the stream has ended", async () => {
    for (const core of [alice, bob]) await core.setKey("secret", secret(1));
    const [seal, open] = [sealPipe(), openPipe()];
    const sealed = await through([video("key"), video("key")], seal);
    open.end();
    seal.end();
    expect(await through([video("key")], seal)).toEqual([]);
    expect(await through(sealed, open)).toEqual([]);
    seal.end();
    open.keyChanged();
    seal.keyChanged();
    expect(open.ask).not.toHaveBeenCalled();
  });
});

describe("key frames", () => {
  test("are asked for by a sender when the key comes after frames were dropped", async () => {
    const seal = sealPipe();
    await through([video("key"), video()], seal);
    expect(seal.ask).not.toHaveBeenCalled();
    await alice.setKey("secret", secret(1));
    seal.keyChanged();
    expect(seal.ask).toHaveBeenCalledTimes(1);
  });

  test("are sent where a receiver's page wants one, not for sound and not after the end", () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const seal = sealPipe();
    seal.keyFrameWanted?.();
    seal.keyFrameWanted?.();
    expect(seal.ask).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(300);
    seal.keyFrameWanted?.();
    expect(seal.ask).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(300);
    seal.end();
    seal.keyFrameWanted?.();
    const sound = { operation: "seal", pipe: 3, streamId: STREAM_ID, kind: "audio" } as const;
    createPipe(alice, sound, REQUIRED, seal.ask).keyFrameWanted?.();
    expect(seal.ask).toHaveBeenCalledTimes(2);
    vi.useRealTimers();
  });

  test("are asked for by a receiver after a frame was dropped, until one came", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      for (const core of [alice, bob]) await core.setKey("secret", secret(1));
      const [seal, open] = [sealPipe(), openPipe()];
      const sealed = await through([video("key"), video(), video(), video(), video("key")], seal);
      new Uint8Array(sealed[1]!.data)[20]! ^= 1;
      await through(sealed.slice(0, 3), open);
      expect(open.ask).toHaveBeenCalledTimes(1);
      vi.advanceTimersByTime(299);
      await through(sealed.slice(3, 4), open);
      expect(open.ask).toHaveBeenCalledTimes(1);
      vi.advanceTimersByTime(1);
      await through(await through([video()], seal), open);
      expect(open.ask).toHaveBeenCalledTimes(2);
      vi.advanceTimersByTime(1000);
      await through(sealed.slice(4), open);
      await through(await through([video()], seal), open);
      expect(open.ask).toHaveBeenCalledTimes(2);
    } finally {
      vi.useRealTimers();
    }
  });

  test("are asked for where a stream begins with another frame: what was before is not there", async () => {
    for (const core of [alice, bob]) await core.setKey("secret", secret(1));
    const [seal, open] = [sealPipe(), openPipe()];
    await through(await through([video(), video()], seal), open);
    expect(seal.ask).toHaveBeenCalledTimes(1);
    expect(open.ask).toHaveBeenCalledTimes(1);
    open.keyChanged();
    await through(await through([video("key"), video()], seal), open);
    for (const pipe of [seal, open]) pipe.keyChanged();
    expect(seal.ask).toHaveBeenCalledTimes(1);
    expect(open.ask).toHaveBeenCalledTimes(1);
  });

  test("are not asked for while the key is missing, but as soon as it is there", async () => {
    await alice.setKey("secret", secret(1));
    const [seal, open] = [sealPipe(), openPipe()];
    await through(await through([video("key"), video(), video()], seal), open);
    expect(open.ask).not.toHaveBeenCalled();
    await bob.setKey("secret", secret(1));
    open.keyChanged();
    expect(open.ask).toHaveBeenCalledTimes(1);
  });

  test("are not asked for while the stream is not live, but as soon as its answer has come", async () => {
    bob = await Core.create("room", "bob", 4);
    for (const core of [alice, bob]) await core.setKey("secret", secret(1));
    const [seal, open] = [sealPipe(), openPipe()];
    await through(await through([video("key"), video(), video()], seal), open);
    expect(open.ask).not.toHaveBeenCalled();
    open.answered("carol");
    expect(open.ask).not.toHaveBeenCalled();
    open.answered("alice");
    expect(open.ask).toHaveBeenCalledTimes(1);
    open.end();
    open.answered("alice");
    expect(open.ask).toHaveBeenCalledTimes(1);
  });

  test("are not asked for because of replays, nor for sound", async () => {
    for (const core of [alice, bob]) await core.setKey("secret", secret(1));
    const [seal, open] = [sealPipe(), openPipe()];
    const sealed = await through([video("key")], seal);
    const copies = sealed.map((frame) => ({ ...frame, data: frame.data.slice(0) }));
    await through(sealed, open);
    expect(await through(copies, open)).toEqual([]);
    expect(open.ask).not.toHaveBeenCalled();
    const ask = vi.fn();
    const options = { operation: "open", pipe: 3, participantId: "alice", kind: "audio" } as const;
    const sound = createPipe(bob, options, REQUIRED, ask);
    await through([video(), video()], sound);
    sound.keyChanged();
    expect(ask).not.toHaveBeenCalled();
  });
});

function sealOptions(byte: number) {
  const streamId = new Uint8Array(16).fill(byte);
  return { operation: "seal", pipe: 4, streamId, kind: "video" } as const;
}

describe("a change of key", () => {
  let keys: number[];

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const [first, second] = [await alice.setKey("secret", secret(1)), await twoKeys()];
    keys = [first.kid, second.kid];
  });

  afterEach(() => vi.useRealTimers());

  /** The second one opens and does not seal yet. */
  const twoKeys = () => alice.keys.set("secret", secret(2), "");

  /** Which of the two a frame that alice's pipe seals now is under; it names it behind its front. */
  function sealedUnder(pipe: Pipe, frame = video()): number {
    const front = frame.type === "key" ? 10 : 3;
    if (!pipe.handle(frame)) return -1;
    return keys.indexOf(new DataView(frame.data).getUint32(front + 1));
  }

  function switchKey(pipe: Pipe): void {
    pipe.keySwitches();
    alice.keys.use(keys[1] ?? 0, "");
  }

  test("waits for the key frame that is asked for, and is not asked for again after it", () => {
    const pipe = sealPipe();
    expect(sealedUnder(pipe, video("key"))).toBe(0);
    switchKey(pipe);
    expect(pipe.ask).toHaveBeenCalledTimes(1);
    for (let i = 0; i < 8; i++) {
      expect(sealedUnder(pipe)).toBe(0);
      vi.advanceTimersByTime(50);
    }
    expect(pipe.ask).toHaveBeenCalledTimes(2);
    expect(sealedUnder(pipe, video("key"))).toBe(1);
    expect(sealedUnder(pipe)).toBe(1);
    vi.advanceTimersByTime(1000);
    expect(sealedUnder(pipe)).toBe(1);
    expect(pipe.ask).toHaveBeenCalledTimes(2);
  });

  test("does not wait longer than a second, however often keys change meanwhile", async () => {
    const pipe = sealPipe();
    sealedUnder(pipe, video("key"));
    switchKey(pipe);
    vi.advanceTimersByTime(900);
    expect(sealedUnder(pipe)).toBe(0);
    keys.push((await alice.keys.set("secret", secret(3), "")).kid);
    pipe.keySwitches();
    alice.keys.use(keys[2] ?? 0, "");
    expect(sealedUnder(pipe)).toBe(0);
    vi.advanceTimersByTime(100);
    expect(sealedUnder(pipe)).toBe(2);
  });

  test("does not wait where there are no pictures", () => {
    const options = { ...sealOptions(5), kind: "audio" } as const;
    const ask = vi.fn();
    const pipe = createPipe(alice, options, REQUIRED, ask);
    switchKey(pipe);
    const frame: EncodedFrame = {
      data: new ArrayBuffer(9),
      getMetadata: () => ({ mimeType: "audio/opus" }),
    };
    expect(pipe.handle(frame)).toBe(true);
    expect(new DataView(frame.data).getUint32(1)).toBe(keys[1]);
    expect(ask).not.toHaveBeenCalled();
  });

  test("of a stream that has ended asks for nothing", () => {
    const pipe = sealPipe();
    pipe.end();
    pipe.keySwitches();
    expect(pipe.ask).not.toHaveBeenCalled();
  });
});

describe("before there is a key, where the app lets frames pass", () => {
  const rules: Rules = { policy: "preferred", passesUntilReady: true };
  const told = (core: Core) => core.pollEvents().map(({ state, reason }) => `${state} ${reason}`);

  test("they pass in clear in both directions, and every stream says so once", async () => {
    const frames = await through([video("key"), video(), video()], sealPipe(vi.fn(), rules));
    expect(bytesOf(frames)).toEqual([VP8_KEY, VP8_DELTA, VP8_DELTA]);
    expect(told(alice)).toEqual(["EncryptionFailed in-clear"]);
    const open = openPipe(rules);
    expect(bytesOf(await through(frames, open))).toEqual([VP8_KEY, VP8_DELTA, VP8_DELTA]);
    expect(told(bob)).toEqual(["DecryptionFailed in-clear"]);
    expect(told(bob)).toEqual([]);
  });

  test("with the first key that is over for good", async () => {
    const [seal, open] = [sealPipe(vi.fn(), rules), openPipe(rules)];
    await through(await through([video("key")], seal), open);
    for (const core of [alice, bob]) await core.setKey("secret", secret(1));
    expect(bytesOf(await through([video("key")], open))).toEqual([]);
    const sealed = await through([video("key")], seal);
    expect(bytesOf(sealed)).not.toEqual([VP8_KEY]);
    expect(bytesOf(await through(sealed, open))).toEqual([VP8_KEY]);
    expect(told(bob).at(-1)).toBe("DecryptionSuccess undefined");
    alice.keys.forget("");
    expect(await through([video()], seal)).toEqual([]);
  });

  test("what others seal already does not reach a decoder", async () => {
    await alice.setKey("secret", secret(1));
    const sealed = await through([video("key")], sealPipe());
    expect(await through(sealed, openPipe(rules))).toEqual([]);
    expect(told(bob)).toEqual(["DecryptionFailed missing-key"]);
  });

  test("the policy required lets nothing pass", async () => {
    const provider = (options: E2EEKeyProviderOptions) =>
      new ExternalE2EEKeyProvider(options).passesUntilReady;
    expect(provider({ discardFrameWhenCryptorNotReady: false })).toBe(false);
    expect(provider({ policy: "preferred" })).toBe(false);
    expect(provider({ policy: "preferred", discardFrameWhenCryptorNotReady: false })).toBe(true);
    expect(await through([video("key")], sealPipe())).toEqual([]);
  });
});
