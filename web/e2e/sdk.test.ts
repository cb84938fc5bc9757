// @sotto/js-sdk by itself: orders of events that no button of Sotto Meet leads to.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import type { Meeting } from "@sotto/js-sdk";
import type { JSHandle } from "playwright-core";

import { assertNoPageErrors, assertSendsNothing, assertSight, mediaTotals } from "./checks.ts";
import { Person } from "./person.ts";
import { buildSdkPage, SdkPage } from "./sdk_page.ts";
import { Server } from "./server.ts";

describe("the SDK", () => {
  let server: Server;
  let alice: Person;
  let bob: Person;
  let roomId: string;

  before(async () => {
    server = await Server.start({ SOTTO_WEB_ROOT: await buildSdkPage() });
    [alice, bob] = await Promise.all([Person.create("alice"), Person.create("bob")]);
  });

  beforeEach(async () => {
    roomId = await server.createRoom();
  });

  after(async () => {
    await Promise.all([alice?.close(), bob?.close()]);
    await server?.stop();
  });

  const status = (meeting: JSHandle<Meeting>) => meeting.evaluate((own) => own.state.status);
  const people = (meeting: JSHandle<Meeting>) =>
    meeting.evaluate((own) => [...own.state.participants.keys()]);

  test("the same participant id again replaces the older one", async () => {
    const [alicePage, bobPage] = [
      await SdkPage.open(alice, server),
      await SdkPage.open(bob, server),
    ];
    const older = await alicePage.joined({ roomId, participantId: "alice" });
    const watcher = await bobPage.joined({ roomId, participantId: "bob" });
    await assertSight(bob, "alice", () => bobPage.look(watcher, "alice"));
    const newer = await alicePage.joined({ roomId, participantId: "alice" });
    await alice.until(
      () => status(older),
      (now) => now === "left",
    );
    const reason = await older.evaluate((own) => (own.state.error as { code?: number }).code);
    assert.equal(reason, 1011);
    await assertSight(bob, "alice", () => bobPage.look(watcher, "alice"));
    assert.deepEqual(await people(watcher), ["bob", "alice"]);
    assert.equal(await status(newer), "connected");
    assertNoPageErrors(alice, bob);
  });

  test("one key provider serves two meetings; leaving one harms neither the other nor the key", async () => {
    const page = await SdkPage.open(alice, server);
    const other = await server.createRoom();
    const provider = await alice.page.evaluateHandle(() => new sdk.ExternalE2EEKeyProvider());
    const first = await page.meeting({ roomId, participantId: "a" }, provider);
    const second = await page.meeting({ roomId: other, participantId: "a" }, provider);
    for (const meeting of [first, second]) await meeting.evaluate((own) => own.join());
    const setting = provider.evaluate((own) => own.setSharedKey("one for both"));
    await first.evaluate((own) => own.leave());
    await setting;
    const code = await second.evaluate((own) => own.state.safetyCode);
    assert.match(code ?? "", /^\d{4} \d{4} \d{4}$/);
    await first.evaluate((own) => own.join());
    await alice.until(
      () => first.evaluate((own) => own.state.safetyCode),
      (now) => now !== undefined && now !== code,
    );
    assertNoPageErrors(alice);
  });

  test("a key set twice at once: the last one counts; a bad one changes nothing", async () => {
    const page = await SdkPage.open(alice, server);
    const provider = await alice.page.evaluateHandle(() => new sdk.ExternalE2EEKeyProvider());
    const meeting = await page.meeting({ roomId, participantId: "a" }, provider);
    const codes = await meeting.evaluate(async (own, keys) => {
      await own.join();
      const codeOf = () => own.state.safetyCode;
      await keys.setSharedKey("last");
      const alone = codeOf();
      await Promise.all([keys.setSharedKey("first"), keys.setSharedKey("last")]);
      const both = codeOf();
      const refused = await keys.setSharedKey(7 as never).catch(({ reason }) => reason as string);
      return { alone, both, refused, afterwards: codeOf() };
    }, provider);
    assert.deepEqual(codes, {
      alone: codes.alone,
      both: codes.alone,
      refused: "invalid-key",
      afterwards: codes.alone,
    });
  });

  test("leaving at any moment of a join ends it, and leaves nothing running", async () => {
    const page = await SdkPage.open(alice, server);
    for (const delay of [0, 1, 5, 20, 50, 100, 200]) {
      const meeting = await page.meeting({ roomId, participantId: "a" });
      const outcome = await meeting.evaluate(async (own, wait) => {
        await own.enableWebcam();
        const track = own.state.participants.get("a")?.streams.video?.track;
        const joining = own.join().then(
          () => "joined",
          ({ reason }) => reason as string,
        );
        await new Promise((done) => setTimeout(done, wait));
        own.leave();
        return [await joining, own.state.status, track?.readyState, own.state.participants.size];
      }, delay);
      assert.ok(
        ["LEFT", "joined"].includes(String(outcome[0])),
        `after ${delay} ms: ${outcome[0]}`,
      );
      assert.deepEqual(outcome.slice(1), ["left", "ended", 1], `after ${delay} ms`);
    }
    // None of them may turn up later.
    const watcher = await page.meeting({ roomId, participantId: "watcher" });
    await watcher.evaluate((own) => own.join());
    await alice.until(
      () => people(watcher),
      (ids) => ids.length === 1,
    );
    await assertSendsNothing(alice);
    assertNoPageErrors(alice);
  });

  test("joining again at once after leaving works, and the first join does not end the second", async () => {
    const page = await SdkPage.open(alice, server);
    const meeting = await page.meeting({ roomId, participantId: "a" });
    const outcome = await meeting.evaluate(async (own) => {
      const first = own.join().catch(({ reason }) => reason as string);
      own.leave();
      const second = own.join();
      await second;
      const both = own.join();
      await both;
      return [await first, own.state.status, own.state.isE2EEEnabled];
    });
    assert.deepEqual(outcome, ["LEFT", "connected", true]);
  });

  test("a device that opens after leaving is closed again", async () => {
    const page = await SdkPage.open(alice, server);
    const meeting = await page.meeting({ roomId, participantId: "a" });
    const outcome = await meeting.evaluate(async (own) => {
      await own.join();
      const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      const opened: MediaStreamTrack[] = [];
      navigator.mediaDevices.getUserMedia = async (constraints) => {
        const stream = await open(constraints);
        opened.push(...stream.getTracks());
        return stream;
      };
      const enabling = own.enableWebcam().catch(({ reason }) => reason as string);
      own.leave();
      return [await enabling, opened.map(({ readyState }) => readyState)];
    });
    assert.deepEqual(outcome, ["LEFT", ["ended"]]);
  });

  test("on and off in quick succession ends as was asked last", async () => {
    const [alicePage, bobPage] = [
      await SdkPage.open(alice, server),
      await SdkPage.open(bob, server),
    ];
    const meeting = await alicePage.joined({ roomId, participantId: "alice" });
    const watcher = await bobPage.joined({ roomId, participantId: "bob" });
    await meeting.evaluate(async (own) => {
      const actions = [];
      for (let i = 0; i < 10; i++) actions.push(own.disableWebcam(), own.enableWebcam());
      for (let i = 0; i < 10; i++) actions.push(own.muteMic(), own.unmuteMic());
      await Promise.all(actions);
    });
    await assertSight(bob, "alice", () => bobPage.look(watcher, "alice"));
    await meeting.evaluate(async (own) => {
      await Promise.all([own.enableWebcam(), own.disableWebcam(), own.muteMic()]);
    });
    const streams = () =>
      watcher.evaluate((own) => {
        const { audio, video } = own.state.participants.get("alice")?.streams ?? {};
        return { isMuted: audio?.paused, hasVideo: video !== undefined };
      });
    await bob.until(streams, ({ isMuted, hasVideo }) => isMuted === true && !hasVideo);
    const local = await meeting.evaluate(
      (own) => own.state.participants.get("alice")?.streams.video,
    );
    assert.equal(local, undefined);
    assertNoPageErrors(alice, bob);
  });

  test("another camera in mid-call keeps the stream; one that goes away ends it", async () => {
    const [alicePage, bobPage] = [
      await SdkPage.open(alice, server),
      await SdkPage.open(bob, server),
    ];
    const meeting = await alicePage.joined({ roomId, participantId: "alice" });
    const watcher = await bobPage.joined({ roomId, participantId: "bob" });
    await assertSight(bob, "alice", () => bobPage.look(watcher, "alice"));
    const idOf = () =>
      watcher.evaluate((own) => own.state.participants.get("alice")?.streams.video?.id);
    const before = await idOf();
    await meeting.evaluate(async (own) => {
      const [webcam] = await own.getWebcams();
      await own.changeWebcam(webcam?.deviceId ?? "");
    });
    await assertSight(bob, "alice", () => bobPage.look(watcher, "alice"));
    assert.equal(await idOf(), before);
    const errors = await meeting.evaluate((own) => {
      const messages: string[] = [];
      own.events.on("error", ({ message }) => messages.push(message));
      // What a browser does when a camera is pulled out.
      const track = own.state.participants.get("alice")?.streams.video?.track;
      track?.dispatchEvent(new Event("ended"));
      return messages;
    });
    assert.deepEqual(errors, ["The camera went away or was taken back."]);
    await bob.until(idOf, (id) => id === undefined);
  });

  test("sharing that ends in the browser's own bar ends for everybody, with its sound", async () => {
    const [alicePage, bobPage] = [
      await SdkPage.open(alice, server),
      await SdkPage.open(bob, server),
    ];
    const meeting = await alicePage.joined({ roomId, participantId: "alice" });
    const watcher = await bobPage.joined({ roomId, participantId: "bob" });
    await meeting.evaluate((own) => own.enableScreenShare());
    for (const kind of ["share", "shareAudio"])
      await bobPage.waitForState(`alice ${kind} DecryptionSuccess`);
    await meeting.evaluate((own) => {
      const track = own.state.participants.get("alice")?.streams.share?.track;
      track?.dispatchEvent(new Event("ended"));
    });
    const kinds = () =>
      watcher.evaluate((own) => Object.keys(own.state.participants.get("alice")?.streams ?? {}));
    await bob.until(kinds, (now) => now.sort().join() === "audio,video");
  });

  test("a worker that dies is told once for each stream, and why; another join mends it", async () => {
    const [alicePage, bobPage] = [
      await SdkPage.open(alice, server),
      await SdkPage.open(bob, server),
    ];
    const meeting = await alicePage.joined({ roomId, participantId: "alice" });
    const watcher = await bobPage.joined({ roomId, participantId: "bob" });
    await alicePage.waitForState("bob video DecryptionSuccess");
    await alicePage.waitForState("bob audio DecryptionSuccess");
    await alice.page
      .workers()[0]
      ?.evaluate(() => self.close())
      .catch(() => {});
    await alice.until(
      () => status(meeting),
      (now) => now === "failed",
    );
    const errors = (await alicePage.states()).filter((state) => state.includes("InternalError"));
    assert.deepEqual(errors.sort(), [
      "alice audio InternalError worker-failed",
      "alice video InternalError worker-failed",
      "bob audio InternalError worker-failed",
      "bob video InternalError worker-failed",
    ]);
    const error = await meeting.evaluate((own) => (own.state.error as { reason?: string }).reason);
    assert.equal(error, "worker-failed");
    await meeting.evaluate(async (own) => {
      await own.join();
      await own.enableWebcam();
    });
    await assertSight(bob, "alice", () => bobPage.look(watcher, "alice"));
    await assertSight(alice, "bob", () => alicePage.look(meeting, "bob"));
    assertNoPageErrors(alice, bob);
  });

  test("the camera a hundred times: streams that ended leave room for others", async () => {
    const [alicePage, bobPage] = [
      await SdkPage.open(alice, server),
      await SdkPage.open(bob, server),
    ];
    const meeting = await alicePage.joined({ roomId, participantId: "alice" });
    const watcher = await bobPage.joined({ roomId, participantId: "bob" });
    await meeting.evaluate(async (own) => {
      // Under the server's limit of 50 requests a second.
      for (let i = 0; i < 100; i++) {
        await own.disableWebcam();
        const canvas = document.createElement("canvas");
        canvas.getContext("2d");
        await own.enableWebcam(canvas.captureStream(1));
        await new Promise((done) => setTimeout(done, 50));
      }
      await own.disableWebcam();
      await own.enableWebcam();
    });
    await assertSight(bob, "alice", () => bobPage.look(watcher, "alice"));
    await alicePage.waitForState("alice video EncryptionSuccess");
    assert.ok((await mediaTotals(alice)).sentBytes > 0);
    assertNoPageErrors(alice, bob);
  });
});
