// Two people in two Chromium profiles, and sottod between them.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { assertHears, assertSees, assertSeesAndHearsNothing, framesDecoded, rememberConnections } from "./checks.ts";
import { Person } from "./person.ts";
import { startProxy } from "./proxy.ts";
import { type Server, startServer } from "./server.ts";

describe("a call", () => {
  let server: Server;
  let alice: Person;
  let bob: Person;

  before(async () => {
    server = await startServer();
    [alice, bob] = await Promise.all([
      Person.create("alice", rememberConnections),
      Person.create("bob", rememberConnections),
    ]);
  });

  after(async () => {
    await Promise.all([alice?.close(), bob?.close()]);
    await server?.stop();
  });

  test("they see, hear and trust each other", async () => {
    const link = await alice.startMeeting(server.url);
    assert.match(link, /\/m\/[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}#[A-Za-z0-9_-]{43}$/);
    await bob.join(link);
    await Promise.all([assertSees(alice, "bob"), assertSees(bob, "alice")]);
    await Promise.all([assertHears(alice, "bob"), assertHears(bob, "alice")]);
    for (const person of [alice, bob]) {
      for (const kind of ["audio", "video"] as const) {
        await person.waitForState(kind, "DecryptionSuccess");
        await person.waitForState(kind, "EncryptionSuccess", "camera", true);
      }
    }
    const codes = await Promise.all(
      [alice, bob].map((person) => person.page.locator("[data-safety-code]").textContent()),
    );
    assert.match(codes[0] ?? "", /^\d{4} \d{4} \d{4}$/);
    assert.equal(codes[0], codes[1]);
    assert.ok(!alice.page.url().includes("#"), "the key is still in the address");
    assert.ok(!server.log().includes(link.split("#")[1] ?? ""), "the key is in the server's log");
  });

  test("a shared screen is seen, five times in quick succession", async () => {
    for (let turn = 1; turn <= 5; turn++) {
      await alice.button("Share screen").click();
      await bob.waitForState("video", "DecryptionSuccess", "screen");
      await alice.waitForState("video", "EncryptionSuccess", "screen", true);
      const sight = await bob.until(() => bob.look("screen"), (seen) => (seen?.width ?? 0) > 0);
      assert.ok(sight && sight.mark.some((channel) => channel > 20), `turn ${turn}: the screen is black`);
      await alice.button("Stop sharing").click();
      await bob.tile("screen").waitFor({ state: "detached" });
    }
    await assertSees(bob, "alice");
  });

  test("a reload of the sender recovers", async () => {
    const link = await alice.copyLink();
    await alice.page.goto("about:blank");
    await bob.until(() => bob.tile().count(), (count) => count === 0);
    await alice.join(link);
    await Promise.all([assertSees(bob, "alice"), assertSees(alice, "bob"), assertHears(bob, "alice")]);
  });

  test("a wrong key, no key, and the right one", async () => {
    const link = await alice.copyLink();
    const key = link.split("#")[1] ?? "";
    await bob.button("Leave").click();
    await bob.join(link.split("#")[0] ?? "", "not the key");
    await bob.waitForState("video", "DecryptionFailed missing-key");
    await bob.waitForState("audio", "DecryptionFailed missing-key");
    await alice.waitForState("video", "DecryptionFailed missing-key");
    await sleep(2000);
    await Promise.all([assertSeesAndHearsNothing(alice), assertSeesAndHearsNothing(bob)]);
    assert.equal((await framesDecoded(bob)).video, 0, "frames reached bob's decoder");

    await bob.useKey(key);
    const took = await Promise.all([assertSees(bob, "alice"), assertSees(alice, "bob")]);
    await Promise.all([assertHears(bob, "alice", 1500), assertHears(alice, "bob", 1500)]);
    assert.ok(Math.max(...took) < 1000, `the picture took ${took.join(" and ")} ms`);
  });

  test("somebody who goes away is gone within 10 s", async () => {
    const start = Date.now();
    await bob.page.close({ runBeforeUnload: false });
    await alice.until(() => alice.tile().count(), (count) => count === 0, 10_000);
    assert.ok(Date.now() - start < 10_000);
  });
});

describe("a bad network", () => {
  test("signalling is lost for 10 s: media goes on and the session resumes", async () => {
    const server = await startServer();
    const proxy = await startProxy(server.port);
    const people = await Promise.all([Person.create("alice"), Person.create("bob")]);
    const [alice, bob] = people;
    try {
      await bob.join(await alice.startMeeting(proxy.url));
      await assertSees(bob, "alice");
      proxy.cut();
      await alice.page.locator('[data-status="reconnecting"]').waitFor();
      const end = Date.now() + 10_000;
      while (Date.now() < end) await Promise.all([assertSees(bob, "alice", 500), assertSees(alice, "bob", 500)]);
      proxy.mend();
      for (const person of people) await person.page.locator('[data-status="connected"]').waitFor({ timeout: 5000 });
      assert.match(server.log(), /session_resumed/);
      assert.ok(!server.log().includes("participant_left"), "somebody was taken for gone");
      await alice.button("Stop camera").click();
      await bob.until(() => bob.look(), (sight) => sight === undefined);
    } finally {
      await Promise.all(people.map((person) => person.close()));
      proxy.stop();
      await server.stop();
    }
  });
});
