// What broke others: senders and receivers that are used again, streams that change hands or codec while
// frames flow, encryption on and off within milliseconds, workers that die.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import type { StreamCounts } from "@sotto/e2ee";

import { openFrame, parseFrame, roomSecret, streamKeys } from "./blind/keys.ts";
import { inEachBrowser } from "./browsers.ts";
import {
  changeCodec,
  changeHands,
  endWorkers,
  hurry,
  startCalls,
  useAgain,
  useAgainOnWire,
  type WireStream,
  watchEnd,
} from "./race_scenes.ts";
import { prepareRaces } from "./races.ts";

/** A picture that stands still longer than this is noticed. */
const PAUSE_MS_MAX = 1000;

/** What became of the frames of each participant's streams of each kind. */
function sumUp(counts: StreamCounts[]): Record<string, Record<string, number>> {
  const sums: Record<string, Record<string, number>> = {};
  for (const { participantId, kind, passed, failed } of counts) {
    const sum = (sums[`${participantId} ${kind}`] ??= { passed: 0 });
    for (const [what, count] of Object.entries({ passed, ...failed }))
      if (count) sum[what] = (sum[what] ?? 0) + count;
  }
  return sums;
}

/** What somebody does to a running worker from inside of it. */
const ends: [string, () => void, RegExp][] = [
  ["is ended", () => self.close(), /stopped answering/],
  ["throws", () => void setTimeout(() => Reflect.apply(Map, 0, [])), /worker failed: (Uncaught )?TypeError/],
  [
    "has no memory left for a frame",
    () => {
      const kept: ArrayBuffer[] = []; // Nobody writes to it: it takes addresses alone.
      Uint8Array.prototype.slice = () => {
        for (;;) kept.push(new ArrayBuffer(2 ** 33));
      };
    },
    /worker failed: (Array buffer allocation failed|out of memory)/,
  ],
  [
    "breaks in its core",
    () => {
      Uint8Array.prototype.set = () => {
        throw new WebAssembly.RuntimeError("memory access out of bounds");
      };
    },
    /worker failed: memory access out of bounds/,
  ],
];

const DEEDS = Object.fromEntries(ends.map(([what, end]) => [what, String(end)]));

inEachBrowser((page) => page.evaluate(prepareRaces, DEEDS), (stage, name) => {
  const hasScriptTransform = !name.includes("createEncodedStreams");

  test("a sender for other tracks, for a screen, and its place for somebody else", async (t) => {
    const { took, media, own, opened, states } = await stage.page.evaluate(useAgain);
    assertPauses(t, took);
    assert.equal(media, 1, "bob's stream has another place");
    const sums = sumUp(opened);
    assert.deepEqual(Object.keys(sums), ["alice video", "alice share", "bob video"]);
    // At most a few frames were under way when she was told.
    for (const { passed = 0, tampered = 0, ...others } of Object.values(sums)) {
      assert.ok(passed >= 10 && tampered <= 3, `${passed} opened, ${tampered} did not`);
      assert.deepEqual(others, {});
    }
    assert.deepEqual(own.map((counts) => Object.keys(sumUp(counts))), [[], ["bob video"]]);
    assert.equal(states[0], "alice video DecryptionSuccess");
    assert.ok(states.includes("bob video DecryptionSuccess"));
    assert.ok(!states.some((state) => state.includes("InternalError")), states.join());
  });

  test("150 times on and off in less than a second, with other keys meanwhile", async (t) => {
    const { took, within, sealed, opened, rest } = await stage.page.evaluate(hurry);
    assertPauses(t, took);
    t.diagnostic(`150 times in ${Math.round(within)} ms`);
    assert.deepEqual(Object.keys(sumUp(sealed)), ["alice video"]);
    assert.equal(sealed.length, 1, "streams that ended are still there");
    assert.equal(opened.length, 151);
    for (const { failed } of opened) assert.equal(failed["not-sealed"], undefined, "a frame in clear");
    assert.ok((opened.at(-1)?.passed ?? 0) >= 10, "the last stream is not the one that plays");
    assert.deepEqual(rest, { before: rest.before, after: rest.before, sealed: [] });
  });

  if (hasScriptTransform)
    test("a receiver that changes hands never shows one for the other", async (t) => {
      const { took, wrong, opened } = await stage.page.evaluate(changeHands);
      assertPauses(t, took);
      assert.equal(wrong, 0, "pictures of somebody else");
      const sums = sumUp(opened);
      t.diagnostic(JSON.stringify(sums));
      assert.deepEqual(Object.keys(sums), ["alice video", "bob video"]);
      for (const { passed = 0, tampered = 0, ...others } of Object.values(sums)) {
        assert.ok(passed > 20 && tampered > 0, `${passed} opened, ${tampered} did not`);
        assert.deepEqual(others, {});
      }
    });

  if (name !== "Firefox")
    test("from VP8 to VP9, H.264, AV1 and back, and every frame opens", async (t) => {
      const { took, opened, sealed, states } = await stage.page.evaluate(changeCodec);
      assertPauses(t, took);
      const [{ passed = 0, failed } = {}] = opened;
      assert.deepEqual([failed, sealed[0]?.failed], [{}, {}]);
      assert.ok(passed >= 70 && passed <= (sealed[0]?.passed ?? 0));
      assert.deepEqual(states, ["alice video DecryptionSuccess"]);
    });

  if (name === "Chromium") {
    test("on the wire all is sealed as its stream's, and no counter comes again", async (t) => {
      const { names, frames } = await stage.page.evaluate(useAgainOnWire);
      const places = readPlaces(names, [...new Set(frames)]);
      t.diagnostic(`${places.length} frames`);
      places.forEach(({ stream, counter }, i) => {
        const last = places[i - 1];
        if (last?.stream === stream) assert.equal(counter, last.counter + 1);
        else assert.ok(counter === 0 && stream > (last?.stream ?? -1), `frame ${i} of stream ${stream}`);
      });
      for (const stream of [0, names.length - 2, names.length - 1])
        assert.ok(places.filter((each) => each.stream === stream).length >= 12, `stream ${stream}`);
    });
  }

  for (const [what, , message] of ends)
    test(`a worker that ${what}: said, silent, and mended by a new start`, async (t) => {
      await stage.page.evaluate(startCalls);
      await stage.page.evaluate(endWorkers, what);
      const results = await stage.page.evaluate(watchEnd);
      for (const { name, before, after, further, states, took, refusal, ...frames } of results) {
        assertPauses(t, [took]);
        assert.match(states.at(-1) ?? "", message);
        assert.equal(states.at(-2), "alice video InternalError worker-failed");
        assert.deepEqual([after.decoded, further], [before.decoded, 0], "something was shown");
        if (name === "sender") assert.equal(after.packets, before.packets, "something was sent");
        assert.deepEqual(frames, { inClear: 0, garbled: 0 }, "frames passed unopened or unsealed");
        assert.match(refusal, hasScriptTransform ? /^$/ : /needs a new RTCPeerConnection/);
      }
    });
});

/** Under which of the streams each frame opens, and its counter there. None may open under none. */
function readPlaces(
  names: WireStream[],
  frames: string[],
): { stream: number; counter: number }[] {
  const secret = roomSecret(Buffer.alloc(16, 1), "room");
  const keys = names.map((each) =>
    streamKeys(secret, "room", { ...each, streamId: Buffer.from(each.streamId) }),
  );
  return frames.map((text, i) => {
    const wire = Buffer.from(text, "base64");
    const stream = keys.findIndex((each) => {
      try {
        return openFrame(each, wire).length > 0;
      } catch {
        return false;
      }
    });
    assert.notEqual(stream, -1, `frame ${i} is sealed as nobody's`);
    return { stream, counter: parseFrame(wire).counter };
  });
}

function assertPauses(t: TestContext, took: number[]): void {
  t.diagnostic(`pictures after ${took.map(Math.round).join(", ")} ms`);
  for (const ms of took) assert.ok(ms < PAUSE_MS_MAX, `the picture took ${ms} ms`);
}
