// The policy "preferred", which only an app can choose: who does not encrypt is seen and labelled.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import type { Meeting } from "@sotto/js-sdk";
import type { JSHandle } from "playwright-core";

import { assertNoPageErrors, assertSight, mediaTotals } from "./checks.ts";
import { Person } from "./person.ts";
import { buildSdkPage, SdkPage } from "./sdk_page.ts";
import { Server } from "./server.ts";

describe('the policy "preferred"', () => {
  let server: Server;
  let alice: Person;
  let bob: Person;
  let alicePage: SdkPage;
  let bobPage: SdkPage;
  let roomId: string;

  before(async () => {
    server = await Server.start({ SOTTO_WEB_ROOT: await buildSdkPage() });
    [alice, bob] = await Promise.all([Person.create("alice"), Person.create("bob")]);
  });

  beforeEach(async () => {
    roomId = await server.createRoom("preferred");
    [alicePage, bobPage] = [await SdkPage.open(alice, server), await SdkPage.open(bob, server)];
  });

  after(async () => {
    await Promise.all([alice?.close(), bob?.close()]);
    await server?.stop();
  });

  const video = (meeting: JSHandle<Meeting>, id: string) =>
    meeting.evaluate((own, who) => own.state.participants.get(who)?.streams.video, id);

  test("somebody without encryption is seen and labelled, and sees nothing of who encrypts", async () => {
    const clear = await alicePage.joined({ roomId, participantId: "alice", isClear: true });
    const meeting = await bobPage.joined({ roomId, participantId: "bob", policy: "preferred" });
    await assertSight(bob, "alice", () => bobPage.look(meeting, "alice"));
    assert.equal((await video(meeting, "alice"))?.isEncrypted, false);
    assert.equal((await video(meeting, "bob"))?.isEncrypted, true);
    await bobPage.waitForState("bob video EncryptionSuccess");
    assert.equal((await video(clear, "bob"))?.isEncrypted, true);
    assert.equal(await alicePage.look(clear, "bob"), undefined);
    assert.equal((await mediaTotals(alice)).receivedPackets, 0, "sealed frames were fetched");
    assertNoPageErrors(alice, bob);
  });

  test("who once sent sealed frames is never taken in clear again", async () => {
    const meeting = await bobPage.joined({ roomId, participantId: "bob", policy: "preferred" });
    const sealed = await alicePage.joined({ roomId, participantId: "alice" });
    await assertSight(bob, "alice", () => bobPage.look(meeting, "alice"));
    await sealed.evaluate((own) => own.leave());
    await alicePage.joined({ roomId, participantId: "alice", isClear: true });
    await bobPage.waitForState("alice video DecryptionFailed not-sealed");
    const frames = (await mediaTotals(bob)).decodedFrames;
    await bob.until(
      () => mediaTotals(bob),
      ({ receivedPackets }) => receivedPackets > 100,
    );
    assert.equal(await bobPage.look(meeting, "alice"), undefined);
    assert.equal((await mediaTotals(bob)).decodedFrames, frames);
  });
});
