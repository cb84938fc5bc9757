// Meetings of @sotto/react-sdk that begin and end at every moment, in StrictMode.

import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { assertNoPageErrors, assertSendsNothing } from "./checks.ts";
import { describeWithEachReact, type ReactPage } from "./react_page.ts";
import { Server } from "./server.ts";

const ACTIONS = [
  "leave",
  "end",
  "unmuteMic",
  "muteMic",
  "toggleMic",
  "changeMic",
  "getMics",
  "enableWebcam",
  "disableWebcam",
  "toggleWebcam",
  "changeWebcam",
  "replaceWebcamStream",
  "getWebcams",
  "enableScreenShare",
  "disableScreenShare",
  "toggleScreenShare",
] as const;

describeWithEachReact("beginnings and ends", (setting) => {
  let alice: ReactPage;
  let bob: ReactPage;
  let roomId: string;

  before(() => {
    ({ alice, bob } = setting);
  });

  beforeEach(async () => {
    await Promise.all([alice.hide(), bob.hide()]);
    await Promise.all([alice.told(), bob.told()]);
    roomId = await setting.server.createRoom();
  });

  const peopleOf = (page: ReactPage) =>
    page.person.page.evaluate(() => [...harness.meeting.participants.keys()].join(" "));
  const sees = (page: ReactPage, people: string) =>
    page.person.until(
      () => peopleOf(page),
      (now) => now === people,
    );
  /** Every track that devices give from now on. */
  const watchDevices = (page: ReactPage) =>
    page.person.page.evaluateHandle(() => {
      const opened: MediaStreamTrack[] = [];
      const { mediaDevices } = navigator;
      const open = mediaDevices.getUserMedia.bind(mediaDevices);
      mediaDevices.getUserMedia = async (constraints) => {
        const stream = await open(constraints);
        opened.push(...stream.getTracks());
        return stream;
      };
      return opened;
    });

  test("what needs a meeting is refused before there is one, with VideoSDK's error", async () => {
    await alice.show({ roomId, joinWithoutUserInteraction: false });
    const before = await alice.person.page.evaluate(() => {
      const { isMeetingJoined, meetingState, participants, localParticipant } = harness.meeting;
      return [isMeetingJoined, meetingState, participants.size, localParticipant];
    });
    assert.deepEqual(before, [false, null, 0, null]);
    const errors = await alice.person.page.evaluate(async (names) => {
      const meeting = harness.meeting as unknown as Record<string, () => Promise<unknown>>;
      const results = names.map((name) => meeting[name]?.());
      // Nobody awaits these.
      for (const name of names) void meeting[name]?.();
      const settled = await Promise.allSettled(results);
      return settled.map((each) =>
        each.status === "rejected" ? `${each.reason.name} ${each.reason.code}` : "resolved",
      );
    }, ACTIONS);
    const error = "ERROR_ACTION_PERFORMED_BEFORE_MEETING_JOINED 3035";
    assert.deepEqual([...new Set(errors)], [error]);
    const told = await alice.told();
    assert.equal(told.length, 2 * ACTIONS.length);
    assert.deepEqual([...new Set(told)], [`onError ${error}`]);
    await alice.person.page.evaluate(() => harness.meeting.join());
    await alice.hears("onMeetingJoined");
    assertNoPageErrors(alice.person);
  });

  test("joining and leaving in quick succession ends as was asked last", async () => {
    await bob.show({ roomId });
    await alice.show({ roomId, joinWithoutUserInteraction: false });
    const opened = await watchDevices(alice);
    await alice.person.page.evaluate(async () => {
      const { meeting } = harness;
      for (const delay of [0, 5, 30, 80, 200]) {
        void meeting.join();
        if (delay > 0) await new Promise((done) => setTimeout(done, delay));
        void meeting.leave();
      }
    });
    await sees(bob, "bob");
    await assertSendsNothing(alice.person, 500);
    const states = await opened.evaluate((tracks) => tracks.map(({ readyState }) => readyState));
    assert.deepEqual([...new Set(states)], ["ended"]);
    await alice.person.page.evaluate(() => harness.meeting.join());
    await sees(bob, "bob alice");
    await Promise.all([alice.assertMeets("bob"), bob.assertMeets("alice")]);
    assert.deepEqual((await alice.told()).filter((each) => each.includes("onError")), []);
    assertNoPageErrors(alice.person, bob.person);
  });

  test("a provider that goes in mid-join leaves nobody in the room and no device open", async () => {
    const opened = await watchDevices(alice);
    for (const delay of [0, 10, 60, 150, 300]) {
      await alice.show({ roomId });
      await sleep(delay);
      await alice.hide();
    }
    // Its join may be called after it has gone.
    await alice.show({ roomId, joinWithoutUserInteraction: false });
    const outcome = await alice.person.page.evaluate(async () => {
      const { join } = harness.meeting;
      await harness.show(null);
      await new Promise((done) => setTimeout(done, 50));
      return join().catch(({ name, code }) => `${name} ${code}`);
    });
    assert.equal(outcome, "LEFT 3035");
    await bob.show({ roomId });
    await bob.hears("onMeetingJoined");
    await sees(bob, "bob");
    await assertSendsNothing(alice.person, 500);
    assert.equal(await peopleOf(bob), "bob");
    const states = await opened.evaluate((tracks) => tracks.map(({ readyState }) => readyState));
    assert.deepEqual(
      states.filter((state) => state !== "ended"),
      [],
    );
    assertNoPageErrors(alice.person, bob.person);
  });

  /** With a camera and a microphone of the app's own, which stay where a test finds them. */
  const showSynthesised = (page: ReactPage, options: { key?: string; joinsInEffect?: boolean }) =>
    page.person.page.evaluate(
      ({ token, meetingId, name, ...own }) => {
        const { kept, synthesise, react } = harness;
        kept.camera ??= synthesise({ colour: "#00ff00" });
        kept.microphone ??= synthesise({ tone: 2000 });
        const keyProvider = new react.ExternalE2EEKeyProvider();
        void keyProvider.setSharedKey("the key");
        return harness.show({
          ...own,
          token,
          keyProvider,
          joinWithoutUserInteraction: !own.joinsInEffect,
          config: {
            meetingId,
            name,
            participantId: name,
            customCameraVideoTrack: kept.camera as MediaStream,
            customMicrophoneAudioTrack: kept.microphone as MediaStream,
          },
        });
      },
      { token: setting.server.token(), meetingId: roomId, name: page.person.name, ...options },
    );
  const synthesised = { colour: [0, 255, 0] as [number, number, number], tone: 2000 };

  test("custom tracks survive effects that are repeated and a provider that is replaced", async () => {
    await alice.person.page.evaluate(() => (harness.kept = {}));
    const opened = await watchDevices(alice);
    await bob.show({ roomId });
    await showSynthesised(alice, { key: "1" });
    await bob.assertSynthesised("alice", synthesised);
    await showSynthesised(alice, { key: "2", joinsInEffect: true });
    await bob.hears("onParticipantLeft alice=alice 1101");
    await bob.assertSynthesised("alice", synthesised);
    assert.equal(await peopleOf(bob), "bob alice");
    await alice.person.page.evaluate(() => harness.meeting.leave());
    const states = await alice.person.page.evaluate(() =>
      Object.values(harness.kept).map((each) => (each as MediaStream).getTracks()[0]?.readyState),
    );
    assert.deepEqual(states, ["ended", "ended"]);
    // Whoever hid the room behind another picture is not shown by the camera now.
    await alice.told();
    await alice.person.page.evaluate(() => harness.meeting.join());
    const told = (await alice.told()).filter((each) => each.includes("onError"));
    assert.deepEqual(told, Array(2).fill("onError DEVICE_UNAVAILABLE 3040"));
    assert.equal(await opened.evaluate((tracks) => tracks.length), 0);
    assertNoPageErrors(alice.person, bob.person);
  });

  test("a provider replaced in mid-call, as the same participant", async () => {
    await bob.show({ roomId });
    await alice.show({ roomId, key: "1" });
    await bob.assertMeets("alice");
    await alice.show({ roomId, key: "2" });
    await alice.hears("onMeetingJoined");
    await Promise.all([alice.assertMeets("bob"), bob.assertMeets("alice")]);
    assert.deepEqual([await peopleOf(alice), await peopleOf(bob)], ["alice bob", "bob alice"]);
    assertNoPageErrors(alice.person, bob.person);
  });

  test("another meetingId in mid-call leaves the one meeting and joins the other", async () => {
    const [first, second] = [roomId, await setting.server.createRoom()];
    const token = setting.server.token();
    /** The token is a function, another one with every rendering. */
    const show = (meetingId: string) =>
      alice.person.page.evaluate(
        ([id, text]) =>
          harness.show({
            config: { meetingId: id, name: "alice", participantId: "alice" },
            token: () => text,
            keyProvider: harness.keys,
            reinitialiseMeetingOnConfigChange: true,
            joinWithoutUserInteraction: true,
          }),
        [meetingId, token] as const,
      );
    await bob.show({ roomId: second });
    await show(first);
    await alice.hears("onMeetingJoined");
    await show(first);
    await alice.told();
    await show(second);
    await alice.hears("onParticipantJoined bob=bob");
    const told = (await alice.told()).filter((each) => /onMeeting/.test(each));
    assert.deepEqual(told, [
      "onMeetingStateChanged DISCONNECTED",
      "onMeetingLeft 1101",
      "onMeetingStateChanged CONNECTING",
      "onMeetingStateChanged CONNECTED",
      "onMeetingJoined",
    ]);
    const ids = await alice.person.page.evaluate(() => harness.meeting.meetingId);
    assert.equal(ids, second);
    await bob.assertMeets("alice");
    assertNoPageErrors(alice.person, bob.person);
  });

  test("another server, as host:port and as a URL, which goes away and comes back", async () => {
    const other = await Server.start();
    try {
      const options = { roomId: await other.createRoom(), token: other.token() };
      await alice.show({ ...options, config: { signalingBaseUrl: `localhost:${other.port}` } });
      await bob.show({ ...options, config: { signalingBaseUrl: `${other.url}/` } });
      await Promise.all([alice.assertMeets("bob"), bob.assertMeets("alice")]);
      await alice.told();
      await other.kill();
      await alice.hears("onMeetingStateChanged RECONNECTING");
      const away = await alice.person.page.evaluate(() => {
        const { isMeetingJoined, meetingState, localParticipant } = harness.meeting;
        return [isMeetingJoined, meetingState, localParticipant?.id];
      });
      assert.deepEqual(away, [false, "RECONNECTING", "alice"]);
      await other.run();
      await alice.hears("onMeetingStateChanged CONNECTED");
      await alice.assertMeets("bob");
      const told = (await alice.told()).filter((each) => /onMeeting|onError/.test(each));
      assert.deepEqual(told, [
        "onMeetingStateChanged RECONNECTING",
        "onMeetingStateChanged CONNECTED",
      ]);
      await Promise.all([alice.hide(), bob.hide()]);
    } finally {
      await other.stop();
    }
    await alice.show({ roomId, config: { signalingBaseUrl: `localhost:${other.port}` } });
    await alice.hears("onError UNABLE_TO_JOIN 3047", "onMeetingStateChanged FAILED");
    assertNoPageErrors(alice.person, bob.person);
  });
});
