import { describe, expect, test } from "vitest";

import { fromBase64Url } from "../src/base64url";
import type { ConsumerInfo, JoinAnswer, Notification, ParticipantInfo } from "../src/messages";
import {
  applyNotification,
  encryptionChanged,
  isOffered,
  joined,
  left,
  localStream,
} from "../src/reduce";
import { initialState, type MeetingState, type Stream } from "../src/state";

const local = { id: "me", displayName: "Me", mode: "SEND_AND_RECV" as const, metaData: {} };
const streamId = "AAECAwQFBgcICQoLDA0ODw";

const bob: ParticipantInfo = {
  participantId: "bob",
  displayName: "Bob",
  mode: "SEND_AND_RECV",
  metaData: {},
  producers: [
    {
      producerId: "7",
      kind: "video",
      source: "camera",
      paused: false,
      encryption: { format: "sotto", streamId },
    },
  ],
};

const answer = { participants: [bob], e2ee: "preferred" } as unknown as JoinAnswer;

function then(state: MeetingState, notification: Notification): MeetingState {
  return { ...state, ...applyNotification(state, notification) };
}

function after(...notifications: Notification[]): MeetingState {
  const state = initialState("room", local, "required");
  return notifications.reduce(then, { ...state, ...joined(state, answer) });
}

const screen = { producerId: "9", kind: "video", source: "screen", paused: false } as const;
const failure = {
  participantId: "bob",
  kind: "video",
  state: "DecryptionFailed",
  reason: "missing-key",
  kid: 5,
  count: 1,
  since: 0,
} as const;
const ofBob = { ...failure, streamId: fromBase64Url(streamId, 16) as Uint8Array };

describe("a meeting's state", () => {
  test("has the local participant and, after joining, the others with their streams", () => {
    const state = after();
    expect([...state.participants.keys()]).toEqual(["me", "bob"]);
    const video = state.participants.get("bob")?.streams.video;
    expect(video).toMatchObject({ id: "7", isEncrypted: true, streamId });
    expect(state.roomPolicy).toBe("preferred");
  });

  test("follows participants and producers", () => {
    let state = after(
      { event: "producer-added", data: { participantId: "bob", producer: screen } },
      { event: "producer-paused", data: { participantId: "bob", producerId: "7" } },
    );
    expect(state.presenterId).toBe("bob");
    expect(state.participants.get("bob")?.streams.video?.paused).toBe(true);
    expect(state.participants.get("bob")?.streams.share?.isEncrypted).toBe(false);
    state = then(state, { event: "active-speaker", data: { participantId: "bob" } });
    const data = { participantId: "bob", code: 1101, reason: "left" };
    state = then(state, { event: "participant-left", data });
    expect([...state.participants.keys()]).toEqual(["me"]);
    expect(state.activeSpeakerId).toBeUndefined();
    expect(state.presenterId).toBeUndefined();
  });

  test("changes nothing for streams and people that are not there", () => {
    const before = after();
    for (const [participantId, producerId] of [
      ["nobody", "1"],
      ["bob", "99"],
    ] as const)
      expect(
        then(before, { event: "producer-closed", data: { participantId, producerId } }),
      ).toEqual(before);
    expect(
      applyNotification(before, { event: "consumer-closed", data: { consumerId: "1" } }),
    ).toEqual({});
  });

  test("believes nobody about the local participant but who speaks", () => {
    const before = after();
    const me = { ...bob, participantId: "me" };
    const claims: Notification[] = [
      { event: "participant-joined", data: me },
      { event: "participant-left", data: { participantId: "me", code: 1, reason: "" } },
      { event: "producer-added", data: { participantId: "me", producer: screen } },
    ];
    for (const claim of claims) expect(then(before, claim)).toEqual(before);
    const twice = { ...before, ...joined(before, { ...answer, participants: [bob, me] }) };
    expect(twice.participants.get("me")?.isLocal).toBe(true);
    expect(twice.participants.get("me")?.streams).toEqual({});
  });

  test("takes encryption events to the stream that they name", () => {
    const state = after();
    const encryption = encryptionChanged(state, ofBob).participants?.get("bob")?.streams.video;
    expect(encryption?.encryption).toEqual({
      state: "DecryptionFailed",
      reason: "missing-key",
      kid: 5,
    });
    for (const event of [
      { ...ofBob, kind: "share" as const },
      { ...ofBob, streamId: new Uint8Array(16) },
      { ...ofBob, participantId: "nobody" },
      failure,
    ])
      expect(encryptionChanged(state, event)).toEqual({});
  });

  test("keeps over a rejoin how a stream fares, and forgets its track", () => {
    const track = {} as MediaStreamTrack;
    const before = after();
    const told = { ...before, ...encryptionChanged(before, ofBob) };
    const video = told.participants.get("bob")?.streams.video as Stream;
    video.track = track;
    const again = joined(told, answer).participants?.get("bob")?.streams.video;
    expect(again?.encryption).toEqual(video.encryption);
    expect(again).not.toHaveProperty("track");
    const other = structuredClone(bob);
    other.producers[0]!.encryption!.streamId = "BBECAwQFBgcICQoLDA0ODw";
    const another = joined(told, { ...answer, participants: [other] }).participants;
    expect(another?.get("bob")?.streams.video).not.toHaveProperty("encryption");
  });

  test("knows which consumers are of streams that are there", () => {
    const state = after();
    const info: ConsumerInfo = {
      ...bob.producers[0]!,
      consumerId: "1",
      participantId: "bob",
      rtpParameters: { codecs: [] },
    };
    expect(isOffered(state, info)).toBe(true);
    const { encryption: _, ...bare } = info;
    for (const other of [
      { ...info, participantId: "me" },
      { ...info, participantId: "nobody" },
      { ...info, producerId: "8" },
      { ...info, source: "screen" as const },
      bare,
    ])
      expect(isOffered(state, other)).toBe(false);
  });

  test("makes the local participant the presenter while they share", () => {
    let state = after();
    const share: Stream = { id: "1", kind: "share", paused: false, isEncrypted: true };
    state = { ...state, ...localStream(state, "share", () => share) };
    expect(state.presenterId).toBe("me");
    state = { ...state, ...localStream(state, "share", () => undefined) };
    expect(state.presenterId).toBeUndefined();
  });

  test("keeps only the local participant after leaving", () => {
    const state = { ...after(), ...left(after()) };
    expect([...state.participants.keys()]).toEqual(["me"]);
    expect(state.isE2EEEnabled).toBe(false);
  });

  test("has an end to the participants that a server can invent", () => {
    let state = after();
    for (let i = 0; i < 1100; i++) {
      const data = { ...bob, participantId: `x${i}` };
      state = then(state, { event: "participant-joined", data });
    }
    expect(state.participants.size).toBe(1000);
  });
});
