// Every codec that the browsers here have, sealed, on its whole way: encoder, packets, decoder. With
// Sotto's server between two people; and without one, for what the server does not take yet: simulcast,
// layers of AV1, RED.

import assert from "node:assert/strict";
import { after, before, describe, test, type TestContext } from "node:test";

import type { StreamCounts } from "@sotto/e2ee";
import type { Meeting } from "@sotto/js-sdk";
import type { JSHandle } from "playwright-core";

import { assertNoPageErrors, assertSight, isMarkOf } from "./checks.ts";
import { FirefoxPerson } from "./firefox.ts";
import {
  call,
  type Call,
  type CallOptions,
  type Figures,
  hangUp,
  makePicture,
  makeSound,
  readFigures,
} from "./peer_connections.ts";
import { Person } from "./person.ts";
import { buildSdkPage, SdkPage } from "./sdk_page.ts";
import { Server } from "./server.ts";

const FRAMES_ENOUGH = 40;

type Codec = { codec: "VP8" | "VP9" | "H264" | "AV1"; scalabilityMode?: string };
const CODECS: Codec[] = [
  { codec: "VP8" },
  { codec: "VP9" },
  { codec: "VP9", scalabilityMode: "L3T3_KEY" },
  { codec: "VP9", scalabilityMode: "L1T3" },
  { codec: "H264" },
  { codec: "AV1" },
];

/** What came of the frames of alice's camera at a receiver, and in which codec they came. */
async function readCamera(own: Meeting) {
  const { receive } = await own.stats();
  const counts = await own.encryptionCounts(); // Afterwards: more frames open meanwhile.
  const inbound = [...(receive?.values() ?? [])].filter(
    ({ type, kind }) => type === "inbound-rtp" && kind === "video",
  );
  const latest = inbound.at(-1); // a subscription that ended is not among them
  const ofAlice = ({ participantId, kind }: StreamCounts) =>
    participantId === "alice" && kind === "video";
  return {
    opened: counts.filter(ofAlice),
    decoded: Number(latest?.framesDecoded ?? 0),
    codec: String(receive?.get(latest?.codecId)?.mimeType),
  };
}

/** A key that is there before the first frame: a text would take a second. */
async function meetingWithKey(page: SdkPage, roomId: string, participantId: string) {
  const provider = await page.person.page.evaluateHandle(async () => {
    const own = new sdk.ExternalE2EEKeyProvider();
    await own.setSharedKey(new Uint8Array(16).fill(5));
    return own;
  });
  return page.meeting({ roomId, participantId }, provider);
}

const figuresOf = (counts: StreamCounts | undefined) =>
  `${counts?.passed} opened, ${counts?.replayed} came twice`;

const nameOf = ({ codec, scalabilityMode = "" }: Codec) => `${codec} ${scalabilityMode}`.trim();

describe("through the server", () => {
  let server: Server;
  let alice: Person;
  let bob: Person;

  before(async () => {
    server = await Server.start({ SOTTO_WEB_ROOT: await buildSdkPage() });
    [alice, bob] = await Promise.all([Person.create("alice"), Person.create("bob")]);
  });

  after(async () => {
    await Promise.all([alice?.close(), bob?.close()]);
    await server?.stop();
  });

  for (const own of CODECS)
    test(`${nameOf(own)}: a picture at once, and no frame is refused`, async (t) => {
      const roomId = await server.createRoom();
      const [alicePage, bobPage] = [
        await SdkPage.open(alice, server),
        await SdkPage.open(bob, server),
      ];
      const sending = await meetingWithKey(alicePage, roomId, "alice");
      await sending.evaluate(async (meeting, options) => {
        await meeting.enableWebcam(undefined, options);
        await meeting.join();
      }, own);
      const watching = await meetingWithKey(bobPage, roomId, "bob");
      await watching.evaluate((meeting) => meeting.join());
      // His subscription begins with a key frame, which the server must have known for one.
      const took = await assertSight(bob, "alice", () => bobPage.look(watching, "alice"));
      const { opened, codec, decoded } = await bob.until(
        () => watching.evaluate(readCamera),
        (figures) => figures.decoded > FRAMES_ENOUGH,
      );
      const [counts] = opened;
      assert.equal(codec, `video/${own.codec}`);
      assert.equal(opened.length, 1);
      assert.deepEqual(counts?.failed, {});
      assert.ok((counts?.passed ?? 0) >= decoded, "more was decoded than opened");
      t.diagnostic(`picture after ${took} ms, ${figuresOf(counts)}, ${decoded} decoded`);
      for (const meeting of [sending, watching]) await meeting.evaluate((end) => end.leave());
      assertNoPageErrors(alice, bob);
    });
});

describe("between Chromium and Firefox", () => {
  /** Colours differ between the two without encryption too. */
  const TOLERANCE = 70;
  let server: Server;
  let alice: Person;
  let bob: FirefoxPerson;
  let alicePage: SdkPage;
  let aliceMeeting: JSHandle<Meeting>;
  let bobMeeting: Awaited<ReturnType<FirefoxPerson["join"]>>;

  before(async () => {
    server = await Server.start({ SOTTO_WEB_ROOT: await buildSdkPage() });
    [alice, bob] = await Promise.all([
      Person.create("alice"),
      FirefoxPerson.create("bob", server),
    ]);
    const roomId = await server.createRoom();
    alicePage = await SdkPage.open(alice, server);
    aliceMeeting = await alicePage.joined({ roomId, participantId: "alice", key: "key" });
    bobMeeting = await bob.join(roomId, "key");
    await bob.until(
      () => bob.look(bobMeeting, "alice"),
      (sight) => isMarkOf("alice", sight, TOLERANCE),
    );
  });

  after(async () => {
    await Promise.all([alice?.close(), bob?.close()]);
    await server?.stop();
  });

  for (const codec of ["VP9", "AV1"] as const)
    test(`${codec}, both ways`, async () => {
      // A camera that is on keeps its codec.
      await aliceMeeting.evaluate(
        async (own, wanted) => {
          await own.disableWebcam();
          await own.enableWebcam(undefined, wanted);
        },
        { codec },
      );
      await bobMeeting.evaluate(
        async (own, wanted) => {
          const page = window as unknown as { sottoSource: MediaStream };
          const [next] = page.sottoSource.getVideoTracks().map((track) => track.clone());
          if (!next) throw new Error("no source");
          page.sottoSource = new MediaStream([next.clone()]); // this one ends with the camera
          await own.disableWebcam();
          await own.enableWebcam(next, wanted);
        },
        { codec },
      );
      await bob.until(
        () => bobMeeting.evaluate(readCamera),
        (figures) => figures.codec === `video/${codec}` && figures.decoded > FRAMES_ENOUGH,
      );
      await bob.until(
        () => bob.look(bobMeeting, "alice"),
        (sight) => isMarkOf("alice", sight, TOLERANCE),
      );
      await alice.until(
        () => alicePage.look(aliceMeeting, "bob"),
        (sight) => isMarkOf("bob", sight, TOLERANCE),
      );
      for (const counts of [
        await aliceMeeting.evaluate((own) => own.encryptionCounts()),
        await bobMeeting.evaluate((own) => own.encryptionCounts()),
      ])
        for (const { failed } of counts)
          // The key is a text: it takes a second, and frames come before it is there.
          assert.deepEqual({ ...failed, "missing-key": 0 }, { "missing-key": 0 });
    });
});

describe("between two peer connections", () => {
  let server: Server;
  let alice: Person;

  before(async () => {
    server = await Server.start({ SOTTO_WEB_ROOT: await buildSdkPage() });
    alice = await Person.create("alice");
    await SdkPage.open(alice, server);
    await alice.page.evaluate(makePicture);
    await alice.page.evaluate(makeSound);
  });

  after(async () => {
    await alice?.close();
    await server?.stop();
  });

  async function run(
    t: TestContext,
    options: CallOptions,
    isEnough: (figures: Figures) => boolean,
  ): Promise<{ figures: Figures; end: () => Promise<void> }> {
    const handle: JSHandle<Call> = await alice.page.evaluateHandle(call, options);
    const ask = () => alice.page.evaluate(readFigures, handle);
    const figures = await alice.until(ask, isEnough, 30_000);
    const [sealed, opened] = [figures.sealed[0], figures.opened[0]];
    assert.deepEqual([sealed?.failed, opened?.failed], [{}, {}]);
    assert.ok((sealed?.passed ?? 0) >= (opened?.passed ?? Infinity), "more was opened than sealed");
    t.diagnostic(`${sealed?.passed} sealed, ${figuresOf(opened)}`);
    return { figures, end: () => alice.page.evaluate(hangUp, handle) };
  }

  const LAYERS = ["q", "h", "f"];
  const simulcast = (extra: object = {}) =>
    LAYERS.map((rid, i) => ({ rid, scaleResolutionDownBy: 4 / 2 ** i, ...extra }));

  for (const { codec, format, encodings } of [
    { codec: "video/VP8", encodings: simulcast() },
    { codec: "video/VP9", encodings: simulcast({ scalabilityMode: "L1T3" }) },
    { codec: "video/H264", format: "packetization-mode=1", encodings: simulcast() },
    { codec: "video/AV1", encodings: simulcast({ scalabilityMode: "L1T1" }) },
  ])
    test(`${codec}, three layers of simulcast`, async (t) => {
      const isEnough = ({ layers }: Figures) =>
        layers.length === 3 && layers.every(({ decoded }) => decoded > FRAMES_ENOUGH);
      const source = "sottoPicture" as const;
      const options = { codec, ...(format && { format }), encodings, source };
      const { figures, end } = await run(t, options, isEnough);
      assert.deepEqual(figures.codecs, [codec, codec, codec]);
      const widths = figures.layers.map(({ mid, width }) => [mid, width]);
      assert.deepEqual(Object.fromEntries(widths), { q: 320, h: 640, f: 1280 });
      for (const rid of LAYERS)
        await assertSight(alice, "alice", () => alice.lookAt(`video.layer${rid}`));
      await end();
    });

  for (const { codec, format, mode } of [
    { codec: "video/VP9", mode: "L3T3_KEY" },
    { codec: "video/VP9", mode: "L3T3" },
    { codec: "video/VP9", mode: "L1T3" },
    { codec: "video/AV1", mode: "L2T2" },
    { codec: "video/AV1", mode: "L3T3_KEY" },
    { codec: "video/H264", mode: "L1T3", format: "packetization-mode=1" },
  ])
    test(`${codec} in ${mode}`, async (t) => {
      const options: CallOptions = {
        codec,
        ...(format && { format }),
        encodings: [{ scalabilityMode: mode }],
        source: "sottoPicture",
      };
      const { figures, end } = await run(
        t,
        options,
        ({ layers }) => (layers[0]?.decoded ?? 0) > FRAMES_ENOUGH,
      );
      assert.deepEqual([figures.codecs, figures.scalabilityModes], [[codec], [mode]]);
      // The decoder of many layers makes one picture of them; with one the encoder may begin small.
      if (!mode.startsWith("L1")) assert.equal(figures.layers[0]?.width, 1280);
      await assertSight(alice, "alice", () => alice.lookAt("video[class^=layer]"));
      await end();
    });

  test("Opus, and RED around it as one frame", async (t) => {
    const sizes: number[] = [];
    for (const codec of ["audio/opus", "audio/red"]) {
      const options: CallOptions = { codec, encodings: [{}], source: "sottoSound" };
      const isEnough = ({ layers }: Figures) => (layers[0]?.decoded ?? 0) > 96_000;
      const { figures, end } = await run(t, options, isEnough);
      sizes.push(figures.bytesPerPacket);
      await end();
    }
    // The browser names Opus for both: RED shows by carrying every piece of sound twice.
    const [opus = 0, red = 0] = sizes;
    assert.ok(red > 1.4 * opus, `${opus} and ${red} bytes a packet`);
  });
});
