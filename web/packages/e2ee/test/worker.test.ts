// The worker's messages with the real core: transforms that are set up, used again and given up, in whatever
// order the page's words and the browser's events come.

import { describe, expect, test, vi } from "vitest";

import type { StreamOptions } from "../src/messages";
import type { EncodedFrame } from "../src/worker/pipe";
import { copyOf, createWay, open, seal, sound, streamId, TestWorker, turn } from "./test_worker";

describe("a stream that is given up", () => {
  for (const [when, isReady] of [
    ["before the worker runs", false],
    ["while it runs", true],
  ] as const)
    test(`${when} and before its transform comes passes nothing, and leaves nothing`, async () => {
      const worker = new TestWorker();
      if (isReady) await worker.ready();
      const way = createWay(seal(1));
      worker.say({ type: "release", pipe: 1 });
      worker.transform(way);
      way.send();
      await worker.ready();
      await turn();
      expect(way.passed).toEqual([]);
      expect(await worker.counts()).toEqual([]);
    });

  test("with frames in flight passes none of them any more, and harms no other", async () => {
    const worker = await new TestWorker().ready();
    const [old, other] = [createWay(seal(1)), createWay(seal(2))];
    for (const way of [old, other]) worker.transform(way);
    await turn();
    for (let i = 0; i < 5; i++) for (const way of [old, other]) way.send();
    worker.say({ type: "release", pipe: 1 });
    const { length } = old.passed;
    expect(length).toBeLessThan(5);
    await turn();
    expect(old.passed.length).toBe(length);
    expect(other.passed).toHaveLength(5);
    expect(await worker.counts()).toMatchObject([{ streamId: streamId(2), passed: 5 }]);
  });

  test("after its sender was closed is no surprise to the worker", async () => {
    const worker = await new TestWorker().ready();
    const way = createWay(seal(1));
    worker.transform(way);
    way.close();
    await turn();
    worker.say({ type: "release", pipe: 1 });
    expect(await worker.counts()).toEqual([]);
  });
});

describe("streams of createEncodedStreams", () => {
  /** Of alice, under two stream ids. */
  async function sealedFrames(): Promise<[EncodedFrame[], EncodedFrame[]]> {
    const ways = [createWay(seal(1)), createWay(seal(2))] as const;
    const worker = await new TestWorker().ready();
    for (const way of ways) {
      worker.give(way);
      for (let i = 0; i < 4; i++) way.send();
    }
    await turn();
    return [ways[0].passed, ways[1].passed];
  }

  test("serve another stream from one frame to the next, and never the one before", async () => {
    const [first, second] = await sealedFrames();
    const worker = await new TestWorker("bob").ready();
    const way = createWay(open(1, 1));
    worker.give(way);
    way.send(copyOf(first[0]!));
    await turn();
    worker.say({ type: "reuse", first: 1, options: open(2, 2) });
    worker.say({ type: "release", pipe: 1 });
    await turn();
    for (const frame of [first[1]!, second[0]!, second[1]!]) way.send(copyOf(frame));
    await turn();
    expect(way.passed).toHaveLength(3);
    const counts = await worker.counts();
    expect(counts.map(({ passed, failed }) => [passed, failed])).toEqual([
      [1, {}],
      [2, { tampered: 1 }],
    ]);
    worker.say({ type: "release", pipe: 2 });
    way.send(copyOf(second[2]!));
    await turn();
    expect(way.passed).toHaveLength(3);
    worker.say({ type: "reuse", first: 1, options: open(3, 1) });
    await turn();
    way.send(copyOf(first[2]!));
    await turn();
    expect(way.passed).toHaveLength(4);
  });

  test("serve what was asked for last, also before the worker runs", async () => {
    const worker = new TestWorker();
    const way = createWay(seal(1));
    worker.give(way);
    for (let pipe = 2; pipe <= 5; pipe++) {
      worker.say({ type: "reuse", first: 1, options: seal(pipe) });
      worker.say({ type: "release", pipe: pipe - 1 });
    }
    await worker.ready();
    way.send();
    await turn();
    expect(way.passed).toHaveLength(1);
    expect(await worker.counts()).toMatchObject([{ streamId: streamId(5), passed: 1 }]);
  });

  test("under another participant's name open nothing", async () => {
    const [first] = await sealedFrames();
    const worker = await new TestWorker("bob").ready();
    const way = createWay(open(1, 1));
    worker.give(way);
    worker.say({ type: "reuse", first: 1, options: open(2, 1, "carol") });
    for (const frame of first) way.send(copyOf(frame));
    await turn();
    expect(way.passed).toEqual([]);
    expect(await worker.counts()).toMatchObject([
      { participantId: "alice", passed: 0 },
      { participantId: "carol", passed: 0, failed: { tampered: 4 } },
    ]);
  });
});

describe("a malformed message about one stream", () => {
  const wrong = [undefined, null, "", "0123456789abcdef", {}, 7, new Uint8Array(15)];
  const noIds = wrong.filter((id) => typeof id !== "string" || id === "");

  test("ends neither the worker nor other streams, and nothing passes by it", async () => {
    const worker = await new TestWorker().ready();
    const way = createWay(seal(1));
    worker.transform(way);
    const malformed = [
      ...wrong,
      ...wrong.slice(1).map((id) => ({ ...open(2, 2), streamId: id })),
      ...wrong.map((id) => ({ ...seal(2), streamId: id })),
      ...noIds.map((id) => ({ ...open(2, 2), participantId: id })),
      { ...open(2, 2), kind: "smell" },
      { ...seal(2), kind: "toString" },
      { ...seal(2), operation: "smell" },
    ].map((options) => createWay(options as StreamOptions));
    for (const each of malformed) {
      worker.transform(each);
      worker.give(each);
      worker.say({ type: "reuse", first: 1, options: each.transformer.options });
      each.send();
    }
    await turn();
    way.send();
    await turn();
    for (const each of malformed) expect(each.passed).toEqual([]);
    expect(way.passed).toHaveLength(1);
    expect(worker.said.filter(({ type }) => type === "failed")).toEqual([]);
    expect(await worker.counts()).toMatchObject([{ streamId: streamId(1), passed: 1 }]);
  });

  test("nor does one about a participant", async () => {
    const worker = await new TestWorker("alice", { liveness: true }).ready();
    worker.transform(createWay(seal(1)));
    for (const thing of wrong as never[]) {
      worker.say({ type: "join", challenge: thing });
      worker.say({ type: "challenge", participantId: "bob", challenge: thing });
      worker.say({ type: "liveness-answer", participantId: "bob", answer: thing });
      worker.say({ type: "sif-trailer", trailer: thing });
    }
    for (const thing of noIds as never[]) {
      worker.say({ type: "challenge", participantId: thing, challenge: streamId(1) });
      worker.say({ type: "liveness-answer", participantId: thing, answer: streamId(1) });
      worker.say({ type: "forget", participantId: thing });
    }
    worker.say({ type: "challenge", participantId: "bob", challenge: streamId(1) });
    await turn();
    const said = worker.said.filter(({ type }) => type === "failed" || type === "liveness-answer");
    expect(said).toMatchObject([{ type: "liveness-answer", participantIds: ["bob"] }]);
  });
});

describe("a core that does not start", () => {
  const policy = "Content Security Policy directive: \"script-src 'self'\"";
  test.each([
    // As Chromium and Firefox say it.
    [`Refused to compile or instantiate WebAssembly module because 'unsafe-eval' is not … ${policy}.`],
    ["call to WebAssembly.instantiate() blocked by CSP"],
  ])("for a policy says what to allow: %s", async (words) => {
    vi.spyOn(WebAssembly, "instantiate").mockRejectedValue(new WebAssembly.CompileError(words));
    const worker = new TestWorker();
    while (worker.said.length === 0) await turn();
    vi.restoreAllMocks();
    const [{ reason, message } = {}] = worker.said as { reason?: string; message?: string }[];
    expect(reason).toBe("no-wasm");
    expect(message).toMatch(/Add 'wasm-unsafe-eval' to script-src, .* serves it\.$/);
    expect(message).not.toContain("'unsafe-eval'");
  });

  test("for anything else says that, as a sentence", async () => {
    vi.spyOn(WebAssembly, "instantiate").mockRejectedValue(new Error("Out of memory."));
    const worker = new TestWorker();
    while (worker.said.length === 0) await turn();
    vi.restoreAllMocks();
    expect(worker.said).toEqual([
      { type: "failed", reason: "no-wasm", message: "The encryption core did not start: Out of memory." },
    ]);
  });
});

test("after an exception in the core nothing passes, and it is told once", async () => {
  const worker = await new TestWorker().ready();
  const way = createWay(seal(1));
  worker.transform(way);
  await turn();
  way.send({ ...sound(), data: null as never });
  for (let i = 0; i < 3; i++) way.send();
  await turn();
  expect(way.passed).toEqual([]);
  expect(worker.all("failed")).toMatchObject([{ reason: "worker-failed", message: /worker failed: / }]);
});
