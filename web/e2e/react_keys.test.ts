// Keys and policies with @sotto/react-sdk: what is set how and when, and what its states say.

import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";

import { assertNoPageErrors, assertSendsNothing } from "./checks.ts";
import { describeWithEachReact, type ReactPage } from "./react_page.ts";

const KINDS = ["audio", "video"] as const;

describeWithEachReact("keys", (setting) => {
  let alice: ReactPage;
  let bob: ReactPage;

  before(() => {
    ({ alice, bob } = setting);
  });

  beforeEach(async () => {
    await Promise.all([alice.hide(), bob.hide()]);
    await Promise.all([alice.told(), bob.told()]);
  });

  /** The state of this participant's camera and microphone. */
  const bothTold = (page: ReactPage, id: string, state: string) =>
    page.hears(...KINDS.map((kind) => `${id} onE2EEStateChanged ${kind} ${state}`));
  const codeOf = (page: ReactPage) =>
    page.person.page.evaluate(() => harness.meeting.safetyCode);
  const meetEachOther = () => Promise.all([alice.assertMeets("bob"), bob.assertMeets("alice")]);

  test("a key before or after joining, awaited or not, and again in every form", async () => {
    const roomId = await setting.server.createRoom();
    await alice.show({ roomId });
    await bob.show({ roomId, sharedKey: null });
    await bothTold(bob, "bob", "EncryptionFailed missing-key");
    await bothTold(bob, "alice", "DecryptionFailed missing-key");
    assert.equal(await codeOf(bob), null);
    await bob.person.page.evaluate(() => harness.keys.setSharedKey("the key"));
    assert.match((await codeOf(bob)) ?? "", /^\d{4} \d{4} \d{4}$/);
    await meetEachOther();
    await bothTold(alice, "bob", "DecryptionSuccess");
    await bothTold(bob, "alice", "DecryptionSuccess");

    // The same 32 bytes, as a buffer and as a part of a larger one.
    await Promise.all([alice.told(), bob.told()]);
    const before = await codeOf(alice);
    await alice.person.page.evaluate(() => {
      const bytes = new Uint8Array(32).map((_, i) => i);
      void harness.keys.setSharedKey(bytes.buffer);
      bytes.fill(0);
    });
    await bob.person.page.evaluate(() =>
      harness.keys.setSharedKey(new Uint8Array(64).map((_, i) => i - 16).subarray(16, 48)),
    );
    const raw = await alice.person.until(
      () => codeOf(alice),
      (code) => code !== before,
    );
    assert.equal(await codeOf(bob), raw);
    await bob.assertMeets("alice");
    await Promise.all([alice.told(), bob.told()]);

    const setOther = (page: ReactPage) =>
      page.person.page.evaluate(() => harness.keys.setSharedKey(new Uint8Array(16).fill(9)));
    await setOther(alice);
    await bothTold(bob, "alice", "DecryptionFailed missing-key");
    assert.equal((await alice.told()).some((each) => each.includes("Failed")), false);
    await setOther(bob);
    await bothTold(bob, "alice", "DecryptionSuccess");
    await bob.assertMeets("alice");

    // Again from the beginning, with the key awaited before there is a meeting.
    await alice.person.page.evaluate(() => harness.keys.setSharedKey("the key"));
    await Promise.all([bob.told(), bob.hide()]);
    await bob.show({ roomId, awaitsKey: true });
    await bob.assertMeets("alice");
    assertNoPageErrors(alice.person, bob.person);
  });

  test("without a key provider everything is in clear, and only the policy preferred takes it", async () => {
    const roomId = await setting.server.createRoom("preferred");
    await alice.show({ roomId, isClear: true });
    await bob.show({ roomId, isClear: true });
    await meetEachOther();
    const states = (page: ReactPage, id: string) =>
      page.person.page.evaluate((who) => {
        const { isE2EEEnabled, e2eeEnabled } = harness.meeting;
        const { video } = harness.participants[who]?.e2eeStates ?? {};
        return [isE2EEEnabled, e2eeEnabled, video?.isEncrypted, video?.state ?? null];
      }, id);
    assert.deepEqual(await states(alice, "bob"), [false, false, false, null]);
    assert.deepEqual([await codeOf(alice), await codeOf(bob)], [null, null]);
    for (const page of [alice, bob])
      assert.equal((await page.told()).some((each) => each.includes("E2EE")), false);

    await bob.hide();
    await alice.hears("onParticipantLeft bob=bob 1101");
    await bob.show({ roomId, keyOptions: { policy: "preferred" } });
    await bob.assertMeets("alice");
    await bothTold(bob, "bob", "EncryptionSuccess");
    assert.deepEqual(await states(bob, "alice"), [true, true, false, null]);
    assert.equal(await alice.look("bob"), undefined);
    const seen = await alice.person.page.evaluate(() => harness.participants.bob?.webcamStream);
    assert.equal(seen, null);
    assertNoPageErrors(alice.person, bob.person);
  });

  test("a key provider that comes late takes the meeting out of the clear", async () => {
    const roomId = await setting.server.createRoom("preferred");
    await bob.show({ roomId });
    await alice.show({ roomId, isClear: true, key: "one" });
    await bothTold(bob, "alice", "DecryptionFailed not-sealed");
    await alice.show({ roomId, key: "one" });
    await bothTold(alice, "alice", "EncryptionSuccess");
    await meetEachOther();
    assert.equal(await alice.person.page.evaluate(() => harness.meeting.isE2EEEnabled), true);
  });

  test("frames before the first key pass in clear where the app allows it twice, and say so", async () => {
    const roomId = await setting.server.createRoom("preferred");
    const keyOptions = { policy: "preferred", discardFrameWhenCryptorNotReady: false } as const;
    await alice.show({ roomId, keyOptions, sharedKey: null });
    await bob.show({ roomId, keyOptions, sharedKey: null });
    await meetEachOther();
    for (const [page, own, other] of [[alice, "alice", "bob"], [bob, "bob", "alice"]] as const) {
      await bothTold(page, own, "EncryptionFailed in-clear");
      await bothTold(page, other, "DecryptionFailed in-clear");
      assert.equal((await page.told()).some((each) => each.includes("Success")), false);
    }
    for (const page of [alice, bob])
      await page.person.page.evaluate(() => harness.keys.setSharedKey("the key"));
    await bothTold(alice, "alice", "EncryptionSuccess");
    await bothTold(bob, "bob", "EncryptionSuccess");
    await bothTold(alice, "bob", "DecryptionSuccess");
    await bothTold(bob, "alice", "DecryptionSuccess");
    await meetEachOther();
    assertNoPageErrors(alice.person, bob.person);
  });

  test("with the policy required nothing passes before the key, whatever the option", async () => {
    const roomId = await setting.server.createRoom("preferred");
    const keyOptions = { discardFrameWhenCryptorNotReady: false };
    await alice.show({ roomId, keyOptions, sharedKey: null });
    await bob.show({ roomId, keyOptions, sharedKey: null });
    await bothTold(alice, "alice", "EncryptionFailed missing-key");
    await bothTold(bob, "bob", "EncryptionFailed missing-key");
    await Promise.all([assertSendsNothing(alice.person), assertSendsNothing(bob.person)]);
    assert.equal(await bob.look("alice"), undefined);
    for (const page of [alice, bob])
      assert.equal((await page.told()).some((each) => each.includes("in-clear")), false);
  });
});
