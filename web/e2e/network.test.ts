// Signalling that breaks, and a server that goes away and comes back.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { assertCall, assertNoPageErrors, assertSees } from "./checks.ts";
import { Person } from "./person.ts";
import { Proxy } from "./proxy.ts";
import { Server } from "./server.ts";

const OUTAGE_MS = 10_000;

describe("a bad network", () => {
  let server: Server;
  let proxy: Proxy;
  let alice: Person;
  let bob: Person;

  before(async () => {
    [alice, bob] = await Promise.all([Person.create("alice"), Person.create("bob")]);
  });

  beforeEach(async () => {
    server = await Server.start();
    proxy = await Proxy.start(server.port);
    await bob.join(await alice.startMeeting(proxy.url));
    await assertCall(alice, bob);
  });

  afterEach(async () => {
    for (const person of [alice, bob]) await person.page.goto("about:blank");
    proxy.stop();
    await server.stop();
  });

  after(() => Promise.all([alice?.close(), bob?.close()]));

  const status = (person: Person, name: string, timeout = 5000) =>
    person.page.locator(`[data-status="${name}"]`).waitFor({ timeout });

  test("signalling is lost for 10 s: media goes on and the session resumes", async () => {
    proxy.cut();
    await status(alice, "reconnecting");
    const end = Date.now() + OUTAGE_MS;
    while (Date.now() < end)
      await Promise.all([assertSees(bob, "alice", 500), assertSees(alice, "bob", 500)]);
    proxy.mend();
    for (const person of [alice, bob]) await status(person, "connected");
    assert.match(server.log, /session_resumed/);
    assert.ok(!server.log.includes("participant_left"), "somebody was taken for gone");
    await alice.button("Stop camera").click();
    await bob.until(
      () => bob.look(),
      (sight) => sight === undefined,
    );
    assertNoPageErrors(alice, bob);
  });

  test("what is started and stopped while signalling is away is there when it is back", async () => {
    await alice.button("Stop camera").click();
    await bob.until(
      () => bob.look(),
      (sight) => sight === undefined,
    );
    proxy.cut();
    await status(alice, "reconnecting");
    await alice.button("Start camera").click();
    await alice.button("Share screen").click();
    await alice.button("Stop sharing").click();
    await alice.button("Share screen").click();
    await alice.button("Mute").click();
    proxy.mend();
    await status(alice, "connected");
    await assertSees(bob, "alice");
    await bob.waitForState("video", "DecryptionSuccess", "screen");
    await bob.waitForMuted();
    assertNoPageErrors(alice, bob);
  });

  test("the server is killed and comes back: everybody is there again, under the same key", async () => {
    const code = await alice.safetyCode();
    await server.kill();
    await status(alice, "reconnecting");
    await server.run();
    for (const person of [alice, bob]) await status(person, "connected", 20_000);
    await assertCall(alice, bob);
    for (const person of [alice, bob]) {
      assert.equal(await person.safetyCode(), code);
      await person.waitForState("video", "DecryptionSuccess");
      await person.waitForState("video", "EncryptionSuccess", "camera", true);
    }
    assertNoPageErrors(alice, bob);
  });
});
