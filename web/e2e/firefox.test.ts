// Chromium and Firefox ESR in one call, through sottod: camera, microphone and screen, both ways.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import type { Meeting } from "@sotto/js-sdk";
import type { JSHandle as ChromiumHandle } from "playwright-core";
import type { JSHandle } from "puppeteer-core";

import { assertNoPageErrors, isMarkOf, isToneOf, mediaTotals } from "./checks.ts";
import { FirefoxPerson } from "./firefox.ts";
import { ROOT } from "./key_server.ts";
import { Person } from "./person.ts";
import { buildSdkPage, SdkPage } from "./sdk_page.ts";
import { Server } from "./server.ts";
import { StaticServer } from "./static_server.ts";

/** The two browsers differ in colour by this much without encryption too. */
const COLOUR_TOLERANCE = 70;
const KEY = "a key for two browsers";

describe("Chromium and Firefox", () => {
  let server: Server;
  let alice: Person;
  let bob: FirefoxPerson;
  let alicePage: SdkPage;
  let aliceMeeting: ChromiumHandle<Meeting>;
  let bobMeeting: JSHandle<Meeting>;
  let roomId: string;

  before(async () => {
    server = await Server.start({ SOTTO_WEB_ROOT: await buildSdkPage() });
    [alice, bob] = await Promise.all([
      Person.create("alice"),
      FirefoxPerson.create("bob", server),
    ]);
    roomId = await server.createRoom();
    alicePage = await SdkPage.open(alice, server);
    aliceMeeting = await alicePage.joined({ roomId, participantId: "alice", key: KEY });
    bobMeeting = await bob.join(roomId, KEY);
  });

  after(async () => {
    await Promise.all([alice?.close(), bob?.close()]);
    await server?.stop();
  });

  test("see each other's cameras move", async () => {
    for (const [look, until, name] of [
      [() => alicePage.look(aliceMeeting, "bob"), alice.until.bind(alice), "bob"],
      [() => bob.look(bobMeeting, "alice"), bob.until.bind(bob), "alice"],
    ] as const) {
      const first = await until(look, (sight) => isMarkOf(name, sight, COLOUR_TOLERANCE));
      await until(look, (sight) => sight !== undefined && sight.time !== first?.time);
    }
  });

  test("hear each other", async () => {
    await alicePage.play(aliceMeeting, "bob");
    await alice.until(
      () => alicePage.listen(),
      (sound) => isToneOf("bob", sound),
    );
    await bob.until(
      () => bob.listen(bobMeeting, "alice"),
      (sound) => isToneOf("alice", sound),
    );
  });

  test("say that everything was sealed and opened", async () => {
    for (const kind of ["audio", "video"]) {
      await alicePage.waitForState(`alice ${kind} EncryptionSuccess`);
      await alicePage.waitForState(`bob ${kind} DecryptionSuccess`);
      await bob.waitForState(`bob ${kind} EncryptionSuccess`);
      await bob.waitForState(`alice ${kind} DecryptionSuccess`);
    }
  });

  test("see each other's screens", async () => {
    await aliceMeeting.evaluate((meeting) => meeting.enableScreenShare());
    await bob.until(
      () => bob.look(bobMeeting, "alice", "share"),
      (sight) => (sight?.width ?? 0) > 0 && (sight?.mark ?? [0]).some((channel) => channel > 20),
    );
    await bob.waitForState("alice share DecryptionSuccess");
    await aliceMeeting.evaluate((meeting) => meeting.disableScreenShare());
    await bobMeeting.evaluate((meeting) =>
      meeting.enableScreenShare((window as unknown as { sottoSource: MediaStream }).sottoSource.clone()),
    );
    await alicePage.waitForState("bob share DecryptionSuccess");
    await alice.until(
      () => alicePage.look(aliceMeeting, "bob", "share"),
      (sight) => isMarkOf("bob", sight, COLOUR_TOLERANCE),
    );
  });

  test("open nothing under another key, and everything again under the right one", async () => {
    await bobMeeting.evaluate((meeting) => meeting.leave());
    bobMeeting = await bob.join(roomId, "another key");
    await bob.waitForState("alice video DecryptionFailed missing-key");
    await bob.waitForState("alice audio DecryptionFailed missing-key");
    const before = await bob.mediaTotals();
    await bob.until(
      () => bob.mediaTotals(),
      ({ receivedPackets }) => receivedPackets > before.receivedPackets + 50,
    );
    const after = await bob.mediaTotals();
    assert.equal(after.decodedFrames, before.decodedFrames, "frames reached a decoder");
    assert.equal(await bob.look(bobMeeting, "alice"), undefined, "a picture came out");

    await bobMeeting.evaluate((meeting) => meeting.leave());
    bobMeeting = await bob.join(roomId, KEY);
    await bob.until(
      () => bob.look(bobMeeting, "alice"),
      (sight) => isMarkOf("alice", sight, COLOUR_TOLERANCE),
    );
    assert.ok((await mediaTotals(alice)).decodedFrames > 0);
    assertNoPageErrors(alice);
    assert.deepEqual(bob.pageErrors, []);
  });

  test("two tabs of Firefox call each other over a plain RTCPeerConnection", async () => {
    const example = await StaticServer.start(join(ROOT, "examples/peer-connection/dist"));
    const browser = bob.page.browser();
    const tabs = [await browser.newPage(), await browser.newPage()];
    try {
      for (const tab of tabs) await tab.goto(`${example.url}/#${KEY}`);
      await bob.until(
        () => Promise.all(tabs.map((tab) => tab.evaluate(readTab))),
        (said) => said.every((each) => each === "DecryptionSuccess DecryptionSuccess, a picture"),
      );
    } finally {
      await Promise.all(tabs.map((tab) => tab.close()));
      await example.stop();
    }
  });

  test("Firefox opens nothing that comes under SSRCs other than announced", async () => {
    const liedTo = await FirefoxPerson.create("bob", server, announceOtherSsrcs);
    try {
      const clearRoom = await server.createRoom("preferred");
      const page = await SdkPage.open(alice, server);
      await page.joined({ roomId: clearRoom, participantId: "alice", isClear: true });
      const meeting = await liedTo.join(clearRoom, KEY);
      await liedTo.listen(meeting, "alice"); // Or its sound would not even be decoded.
      const { decodedFrames } = await liedTo.until(
        () => liedTo.mediaTotals(),
        ({ receivedPackets }) => receivedPackets > 50,
      );
      assert.equal(decodedFrames, 0, "frames reached a decoder");
      await liedTo.waitForState("alice video DecryptionFailed not-sealed");
      const { level } = await liedTo.listen(meeting, "alice");
      assert.ok(level < -90, `a sound of ${level} dB came out`);
    } finally {
      await liedTo.close();
    }
  });
});

/** What one tab of examples/peer-connection says and shows of the other. */
function readTab(): string {
  const [audio, video] = ["#other-audio", "#other-video"].map((id) =>
    document.querySelector(id)?.textContent?.trim(),
  );
  const width = document.querySelector<HTMLVideoElement>("#other")?.videoWidth ?? 0;
  return `${audio} ${video}, ${width > 0 ? "a picture" : "no picture"}`;
}

/** In the page, before its scripts: what the server says of SSRCs arrives as a lie. */
function announceOtherSsrcs(): void {
  const lie = (text: string) =>
    text.replace(/"ssrc":\s*(\d+)/g, (_, ssrc: string) => `"ssrc":${Number(ssrc) + 7}`);
  const setter = Object.getOwnPropertyDescriptor(WebSocket.prototype, "onmessage")?.set;
  Object.defineProperty(WebSocket.prototype, "onmessage", {
    set(listener: ((event: { data: string }) => void) | null) {
      const wrapped = listener && ((event: MessageEvent) => listener({ data: lie(event.data) }));
      setter?.call(this, wrapped);
    },
  });
}
