// What renders when with @sotto/react-sdk, and the devices.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { assertNoPageErrors } from "./checks.ts";
import { describeWithEachReact, type ReactPage } from "./react_page.ts";

describeWithEachReact("renderings", (setting) => {
  let alice: ReactPage;
  let bob: ReactPage;

  before(() => {
    ({ alice, bob } = setting);
  });

  const probe = (name: string) =>
    alice.person.page.locator(`[data-probe="${name}"]`).textContent();
  const shows = (name: string, text: string) =>
    alice.person.until(
      () => probe(name),
      (now) => now === text,
    );
  /** How often each probe rendered while this happened, once or more. */
  const renderedWhile = async (happens: () => Promise<unknown>) => {
    await alice.person.page.evaluate(() => {
      for (const name of Object.keys(harness.renders)) harness.renders[name] = 0;
    });
    await happens();
    const renders = await alice.person.page.evaluate(() => harness.renders);
    return Object.keys(renders).filter((name) => (renders[name] ?? 0) > 0);
  };

  test("a component renders when what it reads changes, and for nothing else", async () => {
    const roomId = await setting.server.createRoom();
    await alice.show({ roomId, hasProbes: true });
    await alice.hears("onMeetingJoined");
    await bob.show({ roomId });
    await bob.hears("onMeetingJoined");
    // Carol has no window of her own.
    await bob.person.page.evaluate(
      async ({ token, id }) => {
        const { sdk, keys: keyProvider, kept, synthesise } = harness;
        const options = { roomId: id, token, displayName: "carol", participantId: "carol" };
        const carol = new sdk.Meeting({ ...options, keyProvider });
        await carol.join();
        await carol.enableWebcam(synthesise({ colour: "#ff00ff" }));
        kept.carol = carol;
      },
      { token: setting.server.token(), id: roomId },
    );
    await shows("bob", "bob true true");
    await shows("people", "alice bob carol");
    await shows("microphone", "true");
    await shows("consumer", "true true");
    await alice.hears(
      "bob onE2EEStateChanged video DecryptionSuccess",
      "carol onE2EEStateChanged video DecryptionSuccess",
    );

    const onBob = async () => {
      await bob.person.page.evaluate(() => harness.meeting.disableWebcam());
      await shows("bob", "bob false true");
      await bob.person.page.evaluate(() => harness.meeting.enableWebcam());
      await shows("bob", "bob true true");
    };
    assert.deepEqual(await renderedWhile(onBob), ["bob"]);

    const carolAs = (isOn: boolean) =>
      alice.person.until(
        () => alice.person.page.evaluate(() => harness.participants.carol?.webcamOn),
        (now) => now === isOn,
      );
    const onCarol = async () => {
      await bob.person.page.evaluate(async () => {
        await (harness.kept.carol as InstanceType<typeof harness.sdk.Meeting>).disableWebcam();
      });
      await carolAs(false);
      await bob.person.page.evaluate(async () => {
        const { kept, synthesise, sdk } = harness;
        const carol = kept.carol as InstanceType<typeof sdk.Meeting>;
        await carol.enableWebcam(synthesise({ colour: "#ff00ff" }));
      });
      await carolAs(true);
    };
    assert.deepEqual(await renderedWhile(onCarol), []);

    const onOwn = async () => {
      await alice.person.page.evaluate(() => harness.meeting.toggleMic());
      await shows("microphone", "false");
    };
    assert.deepEqual(await renderedWhile(onOwn), ["microphone"]);

    const carolLeaves = async () => {
      await bob.person.page.evaluate(() =>
        (harness.kept.carol as InstanceType<typeof harness.sdk.Meeting>).leave(),
      );
      await shows("people", "alice bob");
    };
    assert.deepEqual(await renderedWhile(carolLeaves), ["people"]);
    await alice.hears("onParticipantLeft carol=carol 1101");

    // Players go on while what is around them renders, with other functions as their props.
    const isSame = await alice.person.page.evaluate(async () => {
      const sources = () =>
        [...document.querySelectorAll<HTMLMediaElement>('[data-id="bob"] video, [data-id="bob"] audio')]
          .map(({ srcObject }) => srcObject)
          .filter((source) => source !== null);
      const before = sources();
      await harness.render();
      return before.length === 2 && sources().every((source, i) => source === before[i]);
    });
    assert.equal(isSame, true);
    assertNoPageErrors(alice.person, bob.person);
  });

  test("devices, permissions, and devices that come and go", async () => {
    const { context } = alice.person;
    const isAllowed = () =>
      alice.person.page.evaluate(async () => [
        ...(await harness.media.checkPermissions("audio_video")).values(),
      ]);
    await context.clearPermissions();
    await context.grantPermissions(["clipboard-read"]);
    assert.deepEqual(await isAllowed(), [false, false, false]);
    await context.grantPermissions(["camera", "microphone"]);
    const { kinds, ...rest } = await alice.person.page.evaluate(async () => {
      const { media, react } = harness;
      const [cameras, microphones, all] = await Promise.all([
        media.getCameras(),
        media.getMicrophones(),
        media.getDevices(),
      ]);
      return {
        areCameras: cameras.length > 0 && cameras.every((each) => each instanceof react.CameraDeviceInfo),
        areMicrophones: microphones.every((each) => each instanceof react.MicrophoneDeviceInfo),
        kinds: [...new Set(all.map(({ kind }) => kind))],
        named: all.every(({ deviceId, label }) => deviceId !== "" && label !== ""),
        checked: [...(await media.checkPermissions())],
        asked: [...(await media.requestPermission("audio"))],
      };
    });
    assert.ok(kinds.includes("videoinput") && kinds.includes("audioinput"), kinds.join(" "));
    assert.deepEqual(rest, {
      areCameras: true,
      areMicrophones: true,
      named: true,
      checked: [["audio", true], ["video", true], ["audio_video", true]],
      asked: [["audio", true]],
    });
    await alice.told();
    await alice.person.page.evaluate(() =>
      navigator.mediaDevices.dispatchEvent(new Event("devicechange")),
    );
    await alice.hears("onDeviceChanged");
    assert.deepEqual(
      (await alice.told()).filter((each) => each.includes("Device")),
      ["onDeviceChanged"],
    );
  });
});
