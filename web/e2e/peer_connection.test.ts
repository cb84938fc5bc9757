// examples/peer-connection: @sotto/e2ee with a plain RTCPeerConnection, in Chromium.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { openFrame, roomSecret, streamKeys } from "./blind/keys.ts";
import {
  assertDecodesNothing,
  assertNoPageErrors,
  assertSight,
  assertSound,
  isMarkOf,
  isToneOf,
} from "./checks.ts";
import { ROOT } from "./key_server.ts";
import { readTone } from "./page_scripts.ts";
import { Bridge, readWire, type WireFrame } from "./peer_pages.ts";
import { lookAt, Person } from "./person.ts";
import { StaticServer } from "./static_server.ts";
import { until } from "./until.ts";

const EXAMPLE = join(ROOT, "examples/peer-connection");
const ROOM_ID = "peer-connection-example";
const KEY = randomBytes(32);
const KEY_TEXT = KEY.toString("base64url");
const OTHER_KEY = randomBytes(32);
const WIRE_FRAMES = 40;

const HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:; style-src 'self'",
};

test("the how-to carries the call as it is in the example", () => {
  const page = readFileSync(join(ROOT, "docs/howto/encrypt-your-own-peer-connections.md"), "utf8");
  const blocks = [...page.matchAll(/```js\n([^]*?)```\n/g)].map(([, code]) => code);
  assert.ok(blocks.includes(readFileSync(join(EXAMPLE, "web/call.js"), "utf8")));
});

describe("two browsers with a plain RTCPeerConnection", () => {
  let server: StaticServer;
  let alice: Person;
  let bob: Person;
  let bridge: Bridge;

  before(async () => {
    server = await StaticServer.start(join(EXAMPLE, "dist"), HEADERS);
    [alice, bob] = await Promise.all([Person.create("alice"), Person.create("bob")]);
    bridge = await Bridge.between(alice, bob);
  });

  beforeEach(() => bridge.reset());

  afterEach(async () => {
    for (const { page } of [alice, bob]) await page.goto("about:blank");
    assertNoPageErrors(alice, bob);
  });

  after(async () => {
    await Promise.all([alice?.close(), bob?.close()]);
    await server?.stop();
  });

  /** The page is open, and whoever comes after this is called by it. */
  async function open({ name, page }: Person, { change = "", key = KEY_TEXT } = {}): Promise<void> {
    await page.goto(`${server.url}/${change}#${key}`);
    await until(name, async () => bridge.said(name, "hello"), Boolean, 10_000);
    await page.waitForFunction(() => document.querySelector("#safety-code")?.textContent !== "");
  }

  const look = (person: Person) => person.lookAt("#other");
  const listen = (person: Person) => person.page.evaluate(readTone, "#other");
  const sees = (person: Person, name: "alice" | "bob", ms?: number) =>
    assertSight(person, name, () => look(person), ms);
  const hears = (person: Person, name: "alice" | "bob") =>
    assertSound(person, name, () => listen(person));
  const bothSeeAndHear = () =>
    Promise.all([sees(alice, "bob"), sees(bob, "alice"), hears(alice, "bob"), hears(bob, "alice")]);

  async function useKey(person: Person, key: Buffer): Promise<void> {
    await person.page.locator("#key").fill(key.toString("base64url"));
    await person.button("Use this key").click();
  }

  async function waitForText({ page }: Person, id: string, text: string): Promise<void> {
    await page.locator(`#${id}`).getByText(text).waitFor({ timeout: 10_000 });
  }

  async function waitForStates(person: Person, whose: string, state: string): Promise<void> {
    for (const kind of ["audio", "video"]) await waitForText(person, `${whose}-${kind}`, state);
  }

  async function assertNothingComesOut(person: Person): Promise<void> {
    await assertDecodesNothing(person);
    assert.equal(await look(person), undefined, "a picture came out");
    assert.equal((await listen(person)).level, -Infinity, "a sound came out");
  }

  test("see and hear each other, sealed, with sound and picture as one stream", async () => {
    await open(alice);
    await open(bob);
    await bothSeeAndHear();
    for (const person of [alice, bob]) {
      await waitForStates(person, "own", "EncryptionSuccess");
      await waitForStates(person, "other", "DecryptionSuccess");
    }
    const codes = [alice, bob].map(({ page }) => page.locator("#safety-code").textContent());
    const [code, sameCode] = await Promise.all(codes);
    assert.match(code ?? "", /^\d{4} \d{4} \d{4}$/);
    assert.equal(code, sameCode);
    // One of them made the offer and one the answer; both play together what is announced as one stream.
    for (const { page } of [alice, bob]) assert.deepEqual(await page.evaluate(readStreams), [1, 2]);
    const said = JSON.stringify(bridge.log);
    assert.ok(!said.includes(KEY_TEXT), "the key went over signalling");
  });

  test("with another key nothing comes out, and the right one mends it", async () => {
    await open(alice);
    await open(bob, { key: OTHER_KEY.toString("base64url") });
    for (const person of [alice, bob]) {
      await waitForStates(person, "other", "DecryptionFailed missing-key");
      await assertNothingComesOut(person);
    }
    await useKey(bob, KEY);
    await bothSeeAndHear();
    for (const person of [alice, bob]) await waitForStates(person, "other", "DecryptionSuccess");
  });

  test("what is on the wire opens with the key, with no other one, and shows nothing", async () => {
    await open(alice);
    await open(bob, { change: "?tap" });
    const isEnough = (frames: WireFrame[]) =>
      ["audio", "video"].every((kind) => frames.filter((each) => each.kind === kind).length >= WIRE_FRAMES);
    const frames = await bob.until(() => bob.page.evaluate(readWire), isEnough);
    assert.equal(countOpened(frames, KEY), frames.length);
    assert.equal(countOpened(frames, OTHER_KEY), 0);
    assert.ok(!isMarkOf("alice", await look(bob)), "the picture can be seen");
    assert.ok(!isToneOf("alice", await listen(bob)), "the sound can be heard");
  });

  /** How many open under the keys of the streams that alice announced. */
  function countOpened(frames: WireFrame[], key: Buffer): number {
    const { from = "", streams = {} } = bridge.said("alice", "offer") ?? {};
    const secret = roomSecret(key, ROOM_ID);
    const keysOf = (kind: "audio" | "video", streamId: number[] = []) =>
      streamKeys(secret, ROOM_ID, { participantId: from, streamId: Buffer.from(streamId), kind });
    const [audio, video] = Object.values(streams);
    const keys = { audio: keysOf("audio", audio), video: keysOf("video", video) };
    return frames.filter(({ kind, data }) => {
      try {
        return openFrame(keys[kind], Buffer.from(data, "base64")).length > 0;
      } catch {
        return false;
      }
    }).length;
  }

  /** Who is there first calls. */
  for (const [what, isFirst] of [
    ["answers", false],
    ["calls", true],
  ] as const)
    test(`bob ${what} with media in clear that he announced otherwise: nothing comes out`, async () => {
      bridge.lie = (message, name) => {
        if (name === "bob" && message.sdp) message.sdp = withOtherSsrcs(message.sdp);
      };
      if (!isFirst) await open(alice);
      await open(bob, { change: "?clear" });
      if (isFirst) await open(alice);
      await waitForStates(alice, "other", "DecryptionFailed not-sealed");
      await assertNothingComesOut(alice);
      assert.ok(bridge.said("bob", isFirst ? "offer" : "answer"), "the other one called");
    });

  test("stream ids that are swapped or taken away open nothing", async () => {
    bridge.lie = (message, name) => {
      const [[first, id] = ["", []], [second, otherId] = ["", []]] = Object.entries(message.streams ?? {});
      if (name === "bob" && message.streams) message.streams = {};
      else if (message.streams) message.streams = { [first]: otherId, [second]: id };
    };
    await open(alice);
    await open(bob);
    for (const person of [alice, bob]) {
      await waitForStates(person, "other", "DecryptionFailed not-live");
      await assertNothingComesOut(person);
    }
  });

  test("a stream id that is none ends the call", async () => {
    bridge.lie = ({ streams = {} }, name) => {
      if (name === "bob") for (const id of Object.values(streams)) id.pop();
    };
    await open(alice);
    await open(bob);
    await waitForText(alice, "message", "streamId must be a Uint8Array of 16 bytes");
    assert.equal(await look(alice), undefined);
  });

  test("without RTCRtpScriptTransform the key frame is asked for over signalling", async () => {
    await open(alice, { change: "?legacy" });
    await open(bob, { change: "?legacy" });
    await bothSeeAndHear();
    await useKey(bob, OTHER_KEY);
    await waitForText(alice, "other-video", "DecryptionFailed missing-key");
    assert.equal(bridge.said("alice", "key-frame"), undefined);
    const last = await look(alice);
    const start = Date.now();
    await useKey(alice, OTHER_KEY);
    await alice.until(
      () => look(alice),
      (sight) => sight?.time !== last?.time,
    );
    // By itself Chromium asks three seconds after the last picture.
    assert.ok(Date.now() - start < 1000, `the picture took ${Date.now() - start} ms`);
    assert.ok(bridge.said("alice", "key-frame"), "none was asked for");
  });

  test("two tabs find each other, also after one is loaded again", async () => {
    await alice.page.goto(`${server.url}/?tabs`);
    const link = await alice.page.waitForFunction(
      () => document.querySelector<HTMLAnchorElement>("#second-tab")?.href,
    );
    const address = await link.jsonValue();
    assert.match(address ?? "", /#[\w-]{43}$/);
    const second = await alice.context.newPage();
    const bothSee = () =>
      Promise.all(
        [alice.page, second].map((page) =>
          assertSight(alice, "alice", () => lookAt(page, "#other")),
        ),
      );
    await second.goto(address ?? "");
    await bothSee();
    await second.reload();
    await bothSee();
    await second.close();
    await waitForText(alice, "message", "The other tab is closed.");
  });
});

/** Of what the other side sends: how many streams, and in how many sections with SSRCs they are. */
function readStreams(): number[] {
  const { sottoConnections = [] } = window as { sottoConnections?: RTCPeerConnection[] };
  const sdp = sottoConnections.at(-1)?.currentRemoteDescription?.sdp ?? "";
  const sections = sdp.split(/^m=/m).slice(1).filter((each) => each.includes("a=ssrc:"));
  const names = sections.map((section) => /a=msid:(\S+)/.exec(section)?.[1]);
  return [new Set(names).size, sections.length];
}

/** Announces what nobody sends. */
function withOtherSsrcs(sdp: string): string {
  return sdp.replace(/^a=ssrc.*$/gm, (line) =>
    line.replace(/\b\d{3,10}\b/g, (ssrc) => String((Number(ssrc) + 7) % 2 ** 32)),
  );
}
