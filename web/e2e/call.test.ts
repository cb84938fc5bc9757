// Two people in two Chromium profiles, and sottod between them.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { assertCall, assertHears, assertNoPageErrors, assertSees } from "./checks.ts";
import { areSynchronised } from "./page_scripts.ts";
import { Person } from "./person.ts";
import { Server } from "./server.ts";

describe("a call", () => {
  let server: Server;
  let alice: Person;
  let bob: Person;

  before(async () => {
    server = await Server.start();
    [alice, bob] = await Promise.all([Person.create("alice"), Person.create("bob")]);
  });

  after(async () => {
    await Promise.all([alice?.close(), bob?.close()]);
    await server?.stop();
  });

  test("they see, hear and trust each other", async () => {
    const link = await alice.startMeeting(server.url);
    assert.match(link, /\/m\/[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}#[A-Za-z0-9_-]{43}$/);
    await bob.join(link);
    await assertCall(alice, bob);
    for (const person of [alice, bob]) {
      for (const kind of ["audio", "video"] as const) {
        await person.waitForState(kind, "DecryptionSuccess");
        await person.waitForState(kind, "EncryptionSuccess", "camera", true);
      }
    }
    const codes = [await alice.safetyCode(), await bob.safetyCode()];
    assert.match(codes[0] ?? "", /^\d{4} \d{4} \d{4}$/);
    assert.equal(codes[0], codes[1]);
  });

  test("sound and picture are kept together", async () => {
    for (const person of [alice, bob])
      await person.until(() => person.page.evaluate(areSynchronised), Boolean, 20_000);
  });

  test("a shared screen is seen with its sound, five times in quick succession", async () => {
    for (let turn = 1; turn <= 5; turn++) {
      await alice.button("Share screen").click();
      for (const kind of ["video", "audio"] as const) {
        await bob.waitForState(kind, "DecryptionSuccess", "screen");
        await alice.waitForState(kind, "EncryptionSuccess", "screen", true);
      }
      const sight = await bob.until(
        () => bob.look("screen"),
        (seen) => (seen?.width ?? 0) > 0,
      );
      assert.ok(sight && sight.mark.some((channel) => channel > 20), `turn ${turn}: it is black`);
      await alice.button("Stop sharing").click();
      await bob.tile("screen").waitFor({ state: "detached" });
    }
    await assertSees(bob, "alice");
  });

  test("a camera switched off and on, and a microphone muted and back", async () => {
    await alice.button("Stop camera").click();
    await bob.until(
      () => bob.look(),
      (sight) => sight === undefined,
    );
    await alice.button("Mute").click();
    await bob.waitForMuted();
    await bob.until(
      () => bob.listen(),
      ({ level }) => level < -90,
    );
    await alice.button("Start camera").click();
    await alice.button("Unmute").click();
    await Promise.all([assertSees(bob, "alice"), assertHears(bob, "alice")]);
  });

  test("a reload of the sender recovers", async () => {
    const link = await alice.copyLink();
    await alice.page.reload();
    await bob.until(
      () => bob.tile().count(),
      (count) => count === 0,
    );
    await alice.join(link);
    await assertCall(alice, bob);
  });

  test("leaving gives devices back, and joining again finds the other one", async () => {
    const link = await bob.copyLink();
    await bob.button("Leave").click();
    await bob.page.locator('[data-page="left"]').waitFor();
    await alice.until(
      () => alice.tile().count(),
      (count) => count === 0,
    );
    await bob.rejoin();
    assert.equal(await bob.copyLink(), link);
    await assertCall(alice, bob);
    assertNoPageErrors(alice, bob);
  });
});
