// A Chromium without RTCRtpScriptTransform: the older createEncodedStreams do the same.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { assertCall, assertNoPageErrors, assertSees, assertSeesAndHearsNothing } from "./checks.ts";
import { removeScriptTransform } from "./page_scripts.ts";
import { Person } from "./person.ts";
import { Server } from "./server.ts";

describe("createEncodedStreams", () => {
  let server: Server;
  let alice: Person;
  let bob: Person;
  const sent: string[] = [];

  before(async () => {
    server = await Server.start();
    const options = { initScript: removeScriptTransform };
    [alice, bob] = await Promise.all([
      Person.create("alice", options),
      Person.create("bob", options),
    ]);
    bob.page.on("websocket", (socket) =>
      socket.on("framesent", ({ payload }) => sent.push(payload.toString())),
    );
  });

  after(async () => {
    await Promise.all([alice?.close(), bob?.close()]);
    await server?.stop();
  });

  test("a call with all its states", async () => {
    await bob.join(await alice.startMeeting(server.url));
    const path = await bob.page.evaluate(() => typeof RTCRtpScriptTransform);
    assert.equal(path, "undefined", "the other way was taken");
    await assertCall(alice, bob);
    for (const person of [alice, bob]) {
      for (const kind of ["audio", "video"] as const) {
        await person.waitForState(kind, "DecryptionSuccess");
        await person.waitForState(kind, "EncryptionSuccess", "camera", true);
      }
    }
    await alice.button("Share screen").click();
    await bob.waitForState("video", "DecryptionSuccess", "screen");
    await alice.button("Stop sharing").click();
    await bob.tile("screen").waitFor({ state: "detached" });
  });

  test("a wrong key, then the right one: the key frame is asked for over signalling", async () => {
    const [address = "", key = ""] = (await alice.copyLink()).split("#");
    await bob.button("Leave").click();
    await bob.join(address, "not the key");
    await bob.waitForState("video", "DecryptionFailed missing-key");
    await Promise.all([assertSeesAndHearsNothing(alice), assertSeesAndHearsNothing(bob)]);
    sent.length = 0;
    await bob.useKey(key);
    const took = await Promise.all([assertSees(bob, "alice"), assertSees(alice, "bob")]);
    assert.ok(Math.max(...took) < 1000, `the picture took ${took.join(" and ")} ms`);
    assert.ok(
      sent.some((text) => text.includes('"request-key-frame"')),
      "none was asked for",
    );
    assertNoPageErrors(alice, bob);
  });
});
