import { describe, expect, test } from "vitest";

import { changesBetween, type LeaveReason, type MeetingEvent } from "../src/changes";
import { MeetingError } from "../src/errors";
import { initialState, type MeetingState, type Participant, type Stream } from "../src/state";

const tracks = new Map<string, MediaStreamTrack>();
/** The same one for the same id. */
function track(id: string): MediaStreamTrack {
  const known = tracks.get(id) ?? ({ id } as MediaStreamTrack);
  tracks.set(id, known);
  return known;
}
const stream = (over: Partial<Stream> = {}): Stream => ({
  id: "1",
  kind: "video",
  paused: false,
  isEncrypted: true,
  ...over,
});
const person = (id: string, streams: Participant["streams"] = {}): Participant => ({
  id,
  displayName: id,
  isLocal: id === "me",
  mode: "SEND_AND_RECV",
  metaData: {},
  streams,
});
const start = initialState("room", person("me"), "required");

function stateWith(over: Partial<MeetingState>, ...people: Participant[]): MeetingState {
  const everybody = people.some(({ id }) => id === "me") ? people : [person("me"), ...people];
  return { ...start, ...over, participants: new Map(everybody.map((each) => [each.id, each])) };
}

function told(before: MeetingState, after: MeetingState, reason?: LeaveReason): string[] {
  return changesBetween(before, after, () => reason).map(summary);
}

function summary({ name, data }: MeetingEvent): string {
  if (data && typeof data === "object" && "participant" in data) {
    const rest = "stream" in data ? data.stream.track?.id : data.code;
    return `${name} ${data.participant.id} ${rest}`;
  }
  if (data && typeof data === "object" && "status" in data) return `${name} ${data.status}`;
  if (data && typeof data === "object" && "code" in data) return `${name} ${data.code}`;
  return data && typeof data === "object" && "id" in data ? `${name} ${data.id}` : `${name} ${data}`;
}

describe("changes", () => {
  test("who is there when the meeting is joined comes in after it", () => {
    const bob = person("bob", { video: stream({ track: track("v") }) });
    const waiting = stateWith({ status: "connecting" }, bob);
    expect(told(start, waiting)).toEqual(["meeting-state-changed connecting"]);
    expect(told(waiting, { ...waiting, status: "connected" })).toEqual([
      "meeting-state-changed connected",
      "meeting-joined undefined",
      "participant-joined bob",
      "stream-enabled bob v",
    ]);
  });

  test("a stream is on with a track that is not muted", () => {
    const steps: Participant["streams"][] = [
      {},
      { video: stream() },
      { video: stream({ track: track("a") }) },
      { video: stream({ track: track("a"), encryption: { state: "DecryptionSuccess" } }) },
      { video: stream({ track: track("a"), paused: true }) },
      { video: stream({ track: track("a") }) },
      { video: stream({ track: track("b") }) },
      {},
    ];
    const states = steps.map((each) => stateWith({ status: "connected" }, person("bob", each)));
    const events = states.slice(1).map((state, i) => told(states[i] ?? state, state));
    expect(events).toEqual([
      [],
      ["stream-enabled bob a"],
      [],
      ["stream-disabled bob a"],
      ["stream-enabled bob a"],
      ["stream-disabled bob a", "stream-enabled bob b"],
      ["stream-disabled bob b"],
    ]);
  });

  test("who leaves takes their streams along, with the reason", () => {
    const bob = person("bob", { audio: stream({ kind: "audio", track: track("m") }) });
    const [with2, without] = [
      stateWith({ status: "connected" }, bob),
      stateWith({ status: "connected" }),
    ];
    expect(told(with2, without, { code: 1001, reason: "lost" })).toEqual([
      "stream-disabled bob m",
      "participant-left bob 1001",
    ]);
    expect(told(with2, without)).toEqual(["stream-disabled bob m", "participant-left bob 1007"]);
  });

  test("reconnecting is no leaving, and says only who came and went", () => {
    const before = stateWith({ status: "connected" }, person("bob"), person("carol"));
    const lost = { ...before, status: "reconnecting" as const };
    expect(told(before, lost)).toEqual(["meeting-state-changed reconnecting"]);
    const back = stateWith({ status: "reconnecting" }, person("carol"), person("dave"));
    expect(told(lost, back)).toEqual(["participant-left bob 1007", "participant-joined dave"]);
    expect(told(back, { ...back, status: "connected" })).toEqual([
      "meeting-state-changed connected",
    ]);
  });

  test("the end has VideoSDK's code, or the error's", () => {
    const inside = stateWith({ status: "connected", activeSpeakerId: "bob" }, person("bob"));
    const outside = stateWith({ status: "left" });
    expect(told(inside, outside)).toEqual([
      "meeting-state-changed left",
      "speaker-changed undefined",
      "meeting-left 1101",
    ]);
    const error = new MeetingError(1006, "REMOVED", "The meeting was ended.");
    expect(told(inside, { ...outside, error }).at(-1)).toBe("meeting-left 1006");
    expect(told(stateWith({ status: "connecting" }), outside)).toEqual([
      "meeting-state-changed left",
    ]);
  });

  test("the local participant's streams, also before the meeting is joined", () => {
    const on = stateWith({}, person("me", { video: stream({ track: track("own") }) }));
    expect(told(start, on)).toEqual(["stream-enabled me own"]);
    expect(told(on, start)).toEqual(["stream-disabled me own"]);
  });
});
