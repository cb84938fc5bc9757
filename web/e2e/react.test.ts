// @sotto/react-sdk as an app uses it: a call between two, what callbacks say of it, and every action.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { assertNoPageErrors } from "./checks.ts";
import { describeWithEachReact, type ReactPage } from "./react_page.ts";

/** Without what comes when it comes: who speaks, and how frames fare. */
const inOrder = (told: string[]) => told.filter((each) => !/onSpeaker|onE2EE/.test(each));

describeWithEachReact("a call", (setting) => {
  let roomId: string;
  let alice: ReactPage;
  let bob: ReactPage;

  before(async () => {
    ({ alice, bob } = setting);
    roomId = await setting.server.createRoom();
  });

  test("they see and hear each other, and callbacks say what happens once and in order", async () => {
    await alice.show({ roomId, config: { metaData: { team: "red" } } });
    await alice.hears("onMeetingJoined");
    await bob.show({ roomId });
    await Promise.all([alice.assertMeets("bob"), bob.assertMeets("alice")]);
    for (const [page, own, other] of [[alice, "alice", "bob"], [bob, "bob", "alice"]] as const) {
      for (const kind of ["audio", "video"])
        await page.hears(
          `${own} onE2EEStateChanged ${kind} EncryptionSuccess`,
          `${other} onE2EEStateChanged ${kind} DecryptionSuccess`,
        );
      const told = inOrder(await page.told()).filter((each) => !each.startsWith(`${own} `));
      assert.deepEqual(told.slice(0, 5), [
        "onMeetingStateChanged CONNECTING",
        "onMeetingStateChanged CONNECTED",
        `onEntryResponded ${own} allowed`,
        "onMeetingJoined",
        `onParticipantJoined ${other}=${other}`,
      ]);
      const streams = ["audio", "video"].flatMap((kind) => [
        `${other} onStreamEnabled ${kind}`,
        `${other} onMediaStatusChanged ${kind} ${other} true`,
      ]);
      assert.deepEqual(told.slice(5).sort(), streams.sort());
    }
  });

  test("hooks say what is so", async () => {
    const readings = await alice.person.page.evaluate(() => {
      const { meeting, participants } = harness;
      const { alice: own, bob: other } = participants;
      return {
        flags: [meeting.isE2EEEnabled, meeting.e2eeEnabled, meeting.meeting.isE2EEEnabled],
        ids: [meeting.meetingId, meeting.meeting.id, meeting.localParticipant?.id],
        people: [...meeting.participants.keys()],
        on: [meeting.localMicOn, meeting.localWebcamOn, meeting.localScreenShareOn],
        states: [meeting.isMeetingJoined, meeting.meetingState, meeting.endedBy],
        presenterId: meeting.presenterId,
        camera: meeting.selectedCameraDevice?.label ?? "",
        own: [own?.displayName, own?.isLocal, own?.mode, own?.metaData],
        other: [other?.displayName, other?.isLocal, other?.micOn, other?.webcamOn],
        share: [other?.screenShareOn, other?.screenShareStream, other?.screenShareAudioStream],
        kinds: [other?.webcamStream?.kind, other?.micStream?.kind],
        e2ee: other?.e2eeStates.video?.state,
        safetyCode: meeting.safetyCode,
      };
    });
    const { camera, safetyCode, ...rest } = readings;
    assert.deepEqual(rest, {
      flags: [true, true, true],
      ids: [roomId, roomId, "alice"],
      people: ["alice", "bob"],
      on: [true, true, false],
      states: [true, "CONNECTED", null],
      presenterId: null,
      own: ["alice", true, "SEND_AND_RECV", { team: "red" }],
      other: ["bob", false, true, true],
      share: [false, null, null],
      kinds: ["video", "audio"],
      e2ee: "DecryptionSuccess",
    });
    assert.notEqual(camera, "");
    const ofBob = await bob.person.page.evaluate(() => harness.meeting.safetyCode);
    assert.equal(safetyCode, ofBob);
    assert.match(safetyCode ?? "", /^\d{4} \d{4} \d{4}$/);
  });

  test("statistics have figures", async () => {
    const [video, audio, own] = await alice.person.page.evaluate(async () => {
      const { alice: local, bob: remote } = harness.participants;
      const read = () =>
        Promise.all([remote?.getVideoStats(), remote?.getAudioStats(), local?.getVideoStats()]);
      await read();
      await new Promise((done) => setTimeout(done, 500));
      return (await read()).map((each) => each?.[0]);
    });
    for (const stats of [video, audio, own]) {
      assert.ok(stats && stats.bitrate > 1 && stats.totalPackets > 10, JSON.stringify(stats));
      assert.equal(stats.codec, stats === audio ? "opus" : "VP8");
    }
    for (const stats of [video, own]) assert.ok(stats?.size && stats.size.width >= 160);
    const none = await alice.person.page.evaluate(() => harness.participants.bob?.getShareStats());
    assert.deepEqual(none, []);
  });

  test("microphone and camera off and on, by every method", async () => {
    await bob.told();
    const [muted, hidden, on] = ["false true", "true false", "true true"];
    for (const [action, flags] of [
      ["muteMic", muted],
      ["unmuteMic", on],
      ["toggleMic", muted],
      ["toggleMic", on],
      ["disableWebcam", hidden],
      ["enableWebcam", on],
      ["toggleWebcam", hidden],
      ["toggleWebcam", on],
    ] as const) {
      const own = await alice.person.page.evaluate(async (name) => {
        await harness.meeting[name]();
        return [harness.meeting.localMicOn, harness.meeting.localWebcamOn].join(" ");
      }, action);
      assert.equal(own, flags, action);
      const seen = () =>
        bob.person.page.evaluate(() => {
          const { micOn, webcamOn } = harness.participants.alice ?? {};
          return [micOn, webcamOn].join(" ");
        });
      await bob.person.until(seen, (now) => now === flags);
    }
    await bob.assertMeets("alice");
    const told = inOrder(await bob.told()).filter((each) => !each.includes("onMedia"));
    const times = (count: number, kind: string) =>
      Array.from({ length: count }, () => [
        `alice onStreamDisabled ${kind}`,
        `alice onStreamEnabled ${kind}`,
      ]).flat();
    assert.deepEqual(told, [...times(2, "audio"), ...times(2, "video")]);
  });

  test("who speaks is told", async () => {
    const speaks = async (speaker: ReactPage, listener: ReactPage) => {
      await listener.person.page.evaluate(() => harness.meeting.muteMic());
      await speaker.person.page.evaluate(() => harness.meeting.unmuteMic());
      const id = speaker.person.name;
      for (const page of [speaker, listener]) {
        const states = () =>
          page.person.page.evaluate(
            (who) => [
              harness.meeting.activeSpeakerId,
              harness.participants[who]?.isActiveSpeaker,
            ],
            id,
          );
        await page.person.until(states, ([now, isOn]) => now === id && isOn === true);
      }
    };
    await speaks(alice, bob);
    await Promise.all([alice.told(), bob.told()]);
    await speaks(bob, alice);
    await Promise.all([alice.hears("onSpeakerChanged bob"), bob.hears("onSpeakerChanged bob")]);
    await alice.person.page.evaluate(() => harness.meeting.unmuteMic());
  });

  test("other devices, by id and as streams of the app", async () => {
    const ids = await alice.person.page.evaluate(async () => {
      const { meeting } = harness;
      const [webcams, mics] = await Promise.all([meeting.getWebcams(), meeting.getMics()]);
      await meeting.changeWebcam(webcams[0]?.deviceId ?? "");
      await meeting.changeMic(mics.at(-1)?.deviceId ?? "");
      const { selectedCameraDevice, selectedMicrophoneDevice } = harness.meeting;
      return [
        [webcams[0]?.deviceId, selectedCameraDevice?.deviceId],
        [mics.at(-1)?.deviceId, selectedMicrophoneDevice?.deviceId],
      ];
    });
    for (const [wanted, selected] of ids) assert.equal(selected, wanted);
    await bob.assertMeets("alice");
    await alice.person.page.evaluate(async () => {
      const { meeting, synthesise } = harness;
      await meeting.changeWebcam(synthesise({ colour: "#00ff00" }));
      await meeting.changeMic(synthesise({ tone: 2000 }));
    });
    await bob.assertSynthesised("alice", { colour: [0, 255, 0], tone: 2000 });
    await alice.person.page.evaluate(async () => {
      const { meeting } = harness;
      const [[webcam], [mic]] = await Promise.all([meeting.getWebcams(), meeting.getMics()]);
      await meeting.changeWebcam(webcam?.deviceId ?? "");
      await meeting.changeMic(mic?.deviceId ?? "");
    });
    await bob.assertMeets("alice");
  });

  test("a screen with its sound: the browser's, and a stream of the app", async () => {
    await Promise.all([alice.told(), bob.told()]);
    await alice.person.page.evaluate(() => harness.meeting.enableScreenShare());
    for (const page of [alice, bob]) await page.hears("onPresenterChanged alice");
    await alice.hears("alice onE2EEStateChanged share EncryptionSuccess");
    await bob.hears("alice onE2EEStateChanged share DecryptionSuccess");
    const state = () =>
      bob.person.page.evaluate(() => {
        const { screenShareOn, screenShareAudioOn } = harness.participants.alice ?? {};
        return [harness.meeting.presenterId, screenShareOn, screenShareAudioOn].map(String).join(" ");
      });
    await bob.person.until(state, (now) => now === "alice true true");
    const local = await alice.person.page.evaluate(() => harness.meeting.localScreenShareOn);
    assert.equal(local, true);
    await alice.person.page.evaluate(() => harness.meeting.disableScreenShare());
    for (const page of [alice, bob]) await page.hears("onPresenterChanged null");
    await bob.person.until(state, (now) => now === "null false false");
    await alice.person.page.evaluate(() => {
      const { meeting, synthesise } = harness;
      return meeting.toggleScreenShare(synthesise({ colour: "#c0c000", tone: 3000 }));
    });
    await bob.assertSynthesised("alice", { colour: [192, 192, 0], tone: 3000, isScreen: true });
    await bob.hears("alice onE2EEStateChanged shareAudio DecryptionSuccess");
    await alice.person.page.evaluate(() => harness.meeting.toggleScreenShare());
    await bob.person.until(state, (now) => now === "null false false");
    assert.deepEqual(
      inOrder(await bob.told()).filter((each) => each.startsWith("onPresenter")),
      ["alice", "null", "alice", "null"].map((id) => `onPresenterChanged ${id}`),
    );
  });

  test("leaving, and ending for everybody, which needs the permission", async () => {
    await alice.told();
    await bob.person.page.evaluate(() => harness.meeting.leave());
    await alice.hears("onParticipantLeft bob=bob 1101");
    const told = inOrder(await alice.told());
    assert.equal(told.pop(), "onParticipantLeft bob=bob 1101");
    assert.deepEqual(told.sort(), [
      "bob onMediaStatusChanged audio bob false",
      "bob onMediaStatusChanged video bob false",
      "bob onStreamDisabled audio",
      "bob onStreamDisabled video",
    ]);
    const left = (await bob.told()).filter((each) => /onMeeting|onParticipant/.test(each));
    assert.deepEqual(left, ["onMeetingStateChanged DISCONNECTED", "onMeetingLeft 1101"]);

    await bob.show({ roomId, key: "2", token: setting.server.token(["allow_join"]) });
    await bob.hears("onMeetingJoined");
    const refused = await bob.person.page.evaluate(() =>
      harness.meeting.end().catch(({ name, code }) => `${name} ${code}`),
    );
    assert.equal(refused, "INVALID_PERMISSIONS 4008");
    await bob.hears("onError INVALID_PERMISSIONS 4008");
    await alice.person.page.evaluate(() => harness.meeting.end());
    for (const page of [alice, bob]) await page.hears("onMeetingLeft 1006");
    const after = await alice.person.page.evaluate(() => {
      const { participants, localParticipant, isMeetingJoined, localMicOn } = harness.meeting;
      return [participants.size, localParticipant, isMeetingJoined, localMicOn];
    });
    assert.deepEqual(after, [0, null, false, false]);
    assertNoPageErrors(alice.person, bob.person);
  });
});
