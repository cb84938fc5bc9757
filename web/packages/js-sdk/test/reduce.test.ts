import { describe, expect, test } from "vitest";

import type { JoinAnswer, Notification, ParticipantInfo } from "../src/messages";
import { applyNotification, encryptionChanged, joined, left, localStream } from "../src/reduce";
import { initialState, type MeetingState } from "../src/state";

const local = { id: "me", displayName: "Me", mode: "SEND_AND_RECV" as const, metaData: {} };

const bob: ParticipantInfo = {
  participantId: "bob",
  displayName: "Bob",
  mode: "SEND_AND_RECV",
  challenge: "",
  producers: [
    {
      producerId: "7",
      kind: "video",
      source: "camera",
      paused: false,
      encryption: { format: "sotto", streamId: "AAAAAAAAAAAAAAAAAAAAAA" },
    },
  ],
};

const answer = { participants: [bob], e2ee: "preferred" } as unknown as JoinAnswer;

function after(...notifications: Notification[]): MeetingState {
  let state = initialState("room", local, "required");
  state = { ...state, ...joined(state, answer) };
  for (const notification of notifications) state = { ...state, ...applyNotification(state, notification) };
  return state;
}

describe("a meeting's state", () => {
  test("has the local participant and, after joining, the others with their streams", () => {
    const state = after();
    expect([...state.participants.keys()]).toEqual(["me", "bob"]);
    expect(state.participants.get("bob")?.streams.video).toMatchObject({ id: "7", isEncrypted: true });
    expect(state.roomPolicy).toBe("preferred");
  });

  test("follows participants and producers", () => {
    const screen = { producerId: "9", kind: "video" as const, source: "screen" as const, paused: false };
    let state = after(
      { event: "producer-added", data: { participantId: "bob", producer: screen } },
      { event: "producer-paused", data: { participantId: "bob", producerId: "7" } },
    );
    expect(state.presenterId).toBe("bob");
    expect(state.participants.get("bob")?.streams.video?.paused).toBe(true);
    expect(state.participants.get("bob")?.streams.share?.isEncrypted).toBe(false);
    state = { ...state, ...applyNotification(state, { event: "active-speaker", data: { participantId: "bob" } }) };
    const gone: Notification = { event: "participant-left", data: { participantId: "bob", code: 1101, reason: "left" } };
    state = { ...state, ...applyNotification(state, gone) };
    expect([...state.participants.keys()]).toEqual(["me"]);
    expect(state.activeSpeakerId).toBeUndefined();
    expect(state.presenterId).toBeUndefined();
  });

  test("changes nothing for streams and people that are not there", () => {
    const before = after();
    const late: Notification = { event: "producer-closed", data: { participantId: "nobody", producerId: "1" } };
    expect({ ...before, ...applyNotification(before, late) }).toEqual(before);
    const stray: Notification = { event: "producer-closed", data: { participantId: "bob", producerId: "99" } };
    expect({ ...before, ...applyNotification(before, stray) }).toEqual(before);
  });

  test("takes encryption events to the stream of their kind", () => {
    const state = after();
    const event = { participantId: "bob", kind: "video" as const, count: 1, since: 0 };
    const change = encryptionChanged(state, { ...event, state: "DecryptionFailed", reason: "missing-key", kid: 5 });
    const encryption = change.participants?.get("bob")?.streams.video?.encryption;
    expect(encryption).toEqual({ state: "DecryptionFailed", reason: "missing-key", kid: 5 });
    expect(encryptionChanged(state, { ...event, kind: "share", state: "DecryptionSuccess" }).participants?.get("bob")).toBe(
      state.participants.get("bob"),
    );
  });

  test("makes the local participant the presenter while they share", () => {
    let state = after();
    state = { ...state, ...localStream(state, "share", { id: "1", kind: "share", paused: false, isEncrypted: true }) };
    expect(state.presenterId).toBe("me");
    state = { ...state, ...localStream(state, "share", undefined) };
    expect(state.presenterId).toBeUndefined();
  });

  test("keeps only the local participant after leaving", () => {
    const state = { ...after(), ...left(after()) };
    expect([...state.participants.keys()]).toEqual(["me"]);
    expect(state.isE2EEEnabled).toBe(false);
  });
});
