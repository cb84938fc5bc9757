// The key provider's options reach the wire, and both ends have them: calls between Chromium, by both of its
// ways, and Firefox, where every frame is looked at before the worker opens it.

import assert from "node:assert/strict";
import { createDecipheriv, pbkdf2Sync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test, type TestContext } from "node:test";

import type { E2EEKeyProviderOptions, Meeting, StreamCounts } from "@sotto/js-sdk";

import { assertNoPageErrors, isMarkOf } from "./checks.ts";
import { FirefoxPerson } from "./firefox.ts";
import { removeScriptTransform } from "./page_scripts.ts";
import { Person } from "./person.ts";
import { buildSdkPage, SdkPage } from "./sdk_page.ts";
import { Server } from "./server.ts";

const KEY = "a key for two browsers";
/** As in firefox.test.ts. */
const COLOUR_TOLERANCE = 70;
const FRAMES_ENOUGH = 10;
const KEPT_ON_WIRE = 100;

/** Those of VideoSDK's clients, with another ring. */
const VIDEOSDK = {
  frameFormat: "livekit",
  ratchetSalt: "VideoSDKEncryptionRatchetSalt",
  keySize: 256,
  keyringSize: 4,
} as const;
/** Modulo the size of the ring it is 2. */
const KEY_INDEX = 6;

interface PageWindow {
  /** The first pictures that came, in base64. */
  sottoWire: string[];
  sottoChannel: BroadcastChannel;
}

/** Before the worker's script: what comes for it to open is told on a channel. */
const TAP = `{
  const channel = new BroadcastChannel("sotto-wire");
  const tap = () => new TransformStream({
    transform(frame, controller) {
      channel.postMessage(new Uint8Array(frame.data));
      controller.enqueue(frame);
    },
  });
  const tapped = (transformer) => ({
    readable: transformer.readable.pipeThrough(tap()),
    writable: transformer.writable,
    options: transformer.options,
    sendKeyFrameRequest: () => transformer.sendKeyFrameRequest(),
  });
  Object.defineProperty(self, "onrtctransform", {
    set: (listener) => addEventListener("rtctransform", ({ transformer }) => {
      const { operation, kind } = transformer.options;
      const isTapped = operation === "open" && kind === "video";
      listener({ transformer: isTapped ? tapped(transformer) : transformer });
    }),
  });
}\n`;
const WORKER = join(import.meta.dirname, "../packages/e2ee/dist/worker.js");

/** In Firefox's page: the address of the worker with the tap. */
function prepareTap(script: string, keptCount: number): string {
  const own = window as unknown as PageWindow;
  own.sottoChannel?.close();
  [own.sottoWire, own.sottoChannel] = [[], new BroadcastChannel("sotto-wire")];
  own.sottoChannel.onmessage = ({ data }) => {
    if (own.sottoWire.length < keptCount) own.sottoWire.push(btoa(String.fromCharCode(...data)));
  };
  return URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
}

/** In either page: what became of the frames of somebody's streams. */
async function readCounts(meeting: Meeting, id: string): Promise<StreamCounts[]> {
  const counts = await meeting.encryptionCounts();
  return counts.filter(({ participantId }) => participantId === id);
}

/** As docs/livekit.md has it, with a key of 256 bits; throws if it does not open. */
function openPicture(wire: Buffer): { keyIndex: number; picture: Buffer } {
  const key = pbkdf2Sync(KEY, VIDEOSDK.ratchetSalt, 100_000, VIDEOSDK.keySize / 8, "sha256");
  const [nonceSize, keyIndex = -1] = wire.subarray(-2);
  assert.equal(nonceSize, 12);
  const header = wire.subarray(0, (wire[0] ?? 0) & 1 ? 3 : 10); // of VP8
  const decipher = createDecipheriv("aes-256-gcm", key, wire.subarray(-14, -2));
  decipher.setAAD(header).setAuthTag(wire.subarray(-30, -14));
  const opened = decipher.update(wire.subarray(header.length, -30));
  return { keyIndex, picture: Buffer.concat([header, opened, decipher.final()]) };
}

describe("options of the key provider, with Firefox at one end and at the other", () => {
  let server: Server;
  let bob: FirefoxPerson;
  let alices: Record<"script transforms" | "createEncodedStreams", Person>;

  before(async () => {
    server = await Server.start({ SOTTO_WEB_ROOT: await buildSdkPage() });
    const [firefox, usual, older] = await Promise.all([
      FirefoxPerson.create("bob", server),
      Person.create("alice"),
      Person.create("alice", { initScript: removeScriptTransform }),
    ]);
    [bob, alices] = [firefox, { "script transforms": usual, createEncodedStreams: older }];
  });

  after(async () => {
    await Promise.all([bob, ...Object.values(alices ?? {})].map((person) => person?.close()));
    await server?.stop();
  });

  /** They see each other; returns alice's pictures as they came from the wire. */
  async function call(
    t: TestContext,
    alice: Person,
    options: E2EEKeyProviderOptions,
    keyIndex?: number,
  ): Promise<Buffer[]> {
    const roomId = await server.createRoom();
    const script = TAP + readFileSync(WORKER, "utf8");
    const workerUrl = await bob.page.evaluate(prepareTap, script, KEPT_ON_WIRE);
    const place = keyIndex === undefined ? {} : { keyIndex };
    const bobs = await bob.join(roomId, KEY, { options: { ...options, workerUrl }, ...place });
    const page = await SdkPage.open(alice, server);
    const provider = await page.keyProvider(options);
    await provider.evaluate((own, { key, index }) => own.setSharedKey(key, index), {
      key: KEY,
      index: keyIndex,
    });
    const hers = await page.meeting({ roomId, participantId: "alice" }, provider);
    await hers.evaluate(async (own) => {
      await own.enableWebcam();
      await own.join();
    });
    await Promise.all([
      alice.until(() => page.look(hers, "bob"), (sight) => isMarkOf("bob", sight, COLOUR_TOLERANCE)),
      bob.until(() => bob.look(bobs, "alice"), (sight) => isMarkOf("alice", sight, COLOUR_TOLERANCE)),
    ]);
    const isEnough = (streams: StreamCounts[]) =>
      streams.some(({ kind, passed }) => kind === "video" && passed > FRAMES_ENOUGH);
    const counts = [
      ...(await alice.until(() => hers.evaluate(readCounts, "bob"), isEnough)),
      ...(await bob.until(() => bobs.evaluate(readCounts, "alice"), isEnough)),
    ];
    // Before a key or an answer is there a few may come.
    for (const { failed } of counts)
      assert.deepEqual({ ...failed, "missing-key": 0, "not-live": 0 }, { "missing-key": 0, "not-live": 0 });
    const wire = await bob.page.evaluate(() => (window as unknown as PageWindow).sottoWire);
    t.diagnostic(`${wire.length} pictures on the wire`);
    assert.ok(wire.length >= FRAMES_ENOUGH);
    await hers.evaluate((own) => own.leave());
    await bobs.evaluate((own) => own.leave());
    assertNoPageErrors(alice);
    assert.deepEqual(bob.pageErrors, []);
    return wire.map((text) => Buffer.from(text, "base64"));
  }

  for (const path of ["script transforms", "createEncodedStreams"] as const)
    test(`VideoSDK's salt, 256 bits, another ring and place in it; ${path}`, async (t) => {
      for (const wire of await call(t, alices[path], VIDEOSDK, KEY_INDEX)) {
        const { keyIndex, picture } = openPicture(wire);
        assert.equal(keyIndex, KEY_INDEX % VIDEOSDK.keyringSize);
        assert.ok(picture.length > 3);
      }
    });

  test("suite 5", async (t) => {
    const frames = await call(t, alices["script transforms"], { suite: 5 });
    for (const wire of frames) assert.equal(wire.at(-1), 0xe0 + 8 + 1);
  });
});
