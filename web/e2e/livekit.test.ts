// Calls in the format "livekit", between two Chromiums through sottod.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import type { E2EEKeyProviderOptions, Meeting, StreamCounts } from "@sotto/js-sdk";
import type { JSHandle } from "playwright-core";

import { assertNoPageErrors, assertSight, assertSound } from "./checks.ts";
import { Person } from "./person.ts";
import { buildSdkPage, SdkPage } from "./sdk_page.ts";
import { Server } from "./server.ts";

const FRAMES_ENOUGH = 60;

const CODECS = [
  { codec: "VP8" },
  { codec: "VP9", scalabilityMode: "L3T3_KEY" },
  { codec: "H264" },
] as const;

interface Side {
  page: SdkPage;
  meeting: JSHandle<Meeting>;
}

/** What a meeting opened of alice's camera and microphone. */
async function readAlice(meeting: Meeting): Promise<StreamCounts[]> {
  const counts = await meeting.encryptionCounts();
  return counts.filter(({ participantId }) => participantId === "alice");
}

describe("the format livekit", () => {
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

  async function enter(
    person: Person,
    roomId: string,
    options: E2EEKeyProviderOptions = { frameFormat: "livekit" },
    key = "a passphrase",
  ): Promise<Side> {
    const page = await SdkPage.open(person, server);
    const provider = await page.keyProvider(options);
    const meeting = await page.meeting({ roomId, participantId: person.name }, provider);
    await provider.evaluate((own, text) => void own.setSharedKey(text), key);
    return { page, meeting };
  }

  for (const own of CODECS)
    test(`carries ${Object.values(own).join(" ")} and sound, and refuses no frame`, async (t) => {
      const roomId = await server.createRoom();
      const sending = await enter(alice, roomId);
      await sending.meeting.evaluate(async (meeting, codec) => {
        await Promise.all([meeting.enableWebcam(undefined, codec), meeting.unmuteMic()]);
        await meeting.join();
      }, own);
      const watching = await enter(bob, roomId);
      await watching.meeting.evaluate((meeting) => meeting.join());
      const took = await assertSight(bob, "alice", () => watching.page.look(watching.meeting, "alice"));
      await watching.page.play(watching.meeting, "alice");
      const counts = await bob.until(
        () => watching.meeting.evaluate(readAlice),
        (streams) => streams.length === 2 && streams.every(({ passed }) => passed > FRAMES_ENOUGH),
      );
      // A few may come before his key is there: it takes 100,000 rounds.
      for (const { failed } of counts)
        assert.deepEqual({ ...failed, "missing-key": 0 }, { "missing-key": 0 });
      await assertSound(bob, "alice", () => watching.page.listen());
      t.diagnostic(`picture after ${took} ms`);
      await watching.page.waitForState("alice video DecryptionSuccess");
      for (const { meeting } of [sending, watching]) await meeting.evaluate((end) => end.leave());
      assertNoPageErrors(alice, bob);
    });

  test("seals with the key set last, also for who joins afterwards", async () => {
    const roomId = await server.createRoom();
    const page = await SdkPage.open(alice, server);
    const provider = await page.keyProvider({ frameFormat: "livekit" });
    await provider.evaluate(async (own) => {
      await own.setSharedKey(new Uint8Array(16).fill(1), 0);
      await own.setSharedKey(new Uint8Array(16).fill(2), 1);
    });
    const meeting = await page.meeting({ roomId, participantId: "alice" }, provider);
    await meeting.evaluate((own) => own.join());
    const listKeys = () => provider.evaluate((own) => own.getKeys());
    const keys = await alice.until(listKeys, (list) => list.length === 2);
    assert.deepEqual(
      keys.map(({ kid, seals }) => [kid, seals]),
      [[0, false], [1, true]],
    );
    const code = await meeting.evaluate((own) => own.store.getState().safetyCode);
    assert.equal(code, keys[1]?.safetyCode);
    await meeting.evaluate((own) => own.leave());
  });

  test("opens nothing of the format sotto under the same passphrase, nor the other way round", async () => {
    const roomId = await server.createRoom();
    const [one, other] = [await enter(alice, roomId), await enter(bob, roomId, {})];
    for (const { meeting } of [one, other])
      await meeting.evaluate(async (own) => {
        await own.enableWebcam();
        await own.join();
      });
    await other.page.waitForState("alice video DecryptionFailed not-sealed");
    await one.page.waitForState("bob video DecryptionFailed not-sealed");
    for (const { page, meeting } of [one, other]) {
      assert.deepEqual((await page.states()).filter((state) => state.includes("DecryptionSuccess")), []);
      await meeting.evaluate((own) => own.leave());
    }
  });
});
