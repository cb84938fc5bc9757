// What happened between two states of a meeting, as events with VideoSDK's names. Before the meeting is
// joined nobody else is there; whoever is there when it is joined comes in then.

import type { E2EEEvent, StreamKind } from "@sotto/e2ee";

import type { MeetingState, MeetingStatus, Participant, Stream } from "./state";

export interface LeaveReason {
  code: number;
  reason: string;
}

export interface MeetingEvents {
  "meeting-state-changed": { status: MeetingStatus };
  "meeting-joined": undefined;
  /** After it was joined: the participant left, was removed, or the connection did not come back. */
  "meeting-left": LeaveReason;
  "participant-joined": Participant;
  /** As they were at the end. */
  "participant-left": { participant: Participant } & LeaveReason;
  "speaker-changed": string | undefined;
  "presenter-changed": string | undefined;
  /** A track that can be seen or heard; also of the local participant. */
  "stream-enabled": { participant: Participant; stream: Stream & { track: MediaStreamTrack } };
  /** It was ended or muted, or another took its place. */
  "stream-disabled": { participant: Participant; stream: Stream };
  /** Also of a worker that failed: `InternalError` for every stream, before the meeting ends. */
  "e2ee-state-change": E2EEEvent;
  /** Something went wrong that the meeting survives. What ends it is in the state. */
  error: Error;
}

export type MeetingEvent = {
  [Name in keyof MeetingEvents]: { name: Name; data: MeetingEvents[Name] };
}[keyof MeetingEvents];

const KINDS: readonly StreamKind[] = ["audio", "video", "share", "shareAudio"];
const NOBODY: ReadonlyMap<string, Participant> = new Map();
const MANUAL_LEAVE: LeaveReason = { code: 1101, reason: "The meeting was left." };
const UNKNOWN: LeaveReason = { code: 1007, reason: "The participant left." };

/** `reasonOf` knows why somebody is not there any more. */
export function changesBetween(
  before: MeetingState,
  after: MeetingState,
  reasonOf: (participantId: string) => LeaveReason | undefined,
): MeetingEvent[] {
  const events: MeetingEvent[] = [];
  if (before.status !== after.status)
    events.push({ name: "meeting-state-changed", data: { status: after.status } });
  if (!isJoined(before) && isJoined(after))
    events.push({ name: "meeting-joined", data: undefined });
  events.push(...peopleChanges(before, after, reasonOf));
  if (before.activeSpeakerId !== after.activeSpeakerId)
    events.push({ name: "speaker-changed", data: after.activeSpeakerId });
  if (before.presenterId !== after.presenterId)
    events.push({ name: "presenter-changed", data: after.presenterId });
  if (isJoined(before) && !isJoined(after))
    events.push({ name: "meeting-left", data: leaveReasonOf(after.error) });
  return events;
}

/** Whether the stream can be seen or heard. */
export function isOn(stream: Stream | undefined): stream is Stream & { track: MediaStreamTrack } {
  return stream?.track !== undefined && !stream.paused;
}

export function isJoined({ status }: MeetingState): boolean {
  return status === "connected" || status === "reconnecting";
}

function peopleChanges(
  before: MeetingState,
  after: MeetingState,
  reasonOf: (participantId: string) => LeaveReason | undefined,
): MeetingEvent[] {
  const [were, are] = [others(before), others(after)];
  const events: MeetingEvent[] = [];
  const local = after.participants.get(after.participantId);
  if (local)
    events.push(...streamChanges(before.participants.get(before.participantId), local, local));
  if (were === are) return events;
  for (const [id, participant] of were) {
    if (are.has(id)) continue;
    events.push(...streamChanges(participant, undefined, participant));
    // They stay in the meeting that this client leaves.
    if (!isJoined(after)) continue;
    const why = reasonOf(id) ?? UNKNOWN;
    events.push({ name: "participant-left", data: { participant, ...why } });
  }
  for (const [id, participant] of are) {
    const known = were.get(id);
    if (!known) events.push({ name: "participant-joined", data: participant });
    events.push(...streamChanges(known, participant, participant));
  }
  return events;
}

function others(state: MeetingState): ReadonlyMap<string, Participant> {
  if (!isJoined(state)) return NOBODY;
  const { participants, participantId } = state;
  const cached = othersOf.get(participants);
  if (cached) return cached;
  const map = new Map(participants);
  map.delete(participantId);
  othersOf.set(participants, map);
  return map;
}

/** One map of others for each map of everybody, so that what is the same is seen to be. */
const othersOf = new WeakMap<ReadonlyMap<string, Participant>, ReadonlyMap<string, Participant>>();

function streamChanges(
  before: Participant | undefined,
  after: Participant | undefined,
  participant: Participant,
): MeetingEvent[] {
  if (before?.streams === after?.streams) return [];
  return KINDS.flatMap((kind) => {
    const [was, is] = [before?.streams[kind], after?.streams[kind]];
    const events: MeetingEvent[] = [];
    const isSame = isOn(was) && isOn(is) && was.track === is.track;
    if (isOn(was) && !isSame)
      events.push({ name: "stream-disabled", data: { participant, stream: was } });
    if (isOn(is) && !isSame)
      events.push({ name: "stream-enabled", data: { participant, stream: is } });
    return events;
  });
}

function leaveReasonOf(error: Error | undefined): LeaveReason {
  if (!error) return MANUAL_LEAVE;
  const code = "code" in error && typeof error.code === "number" ? error.code : UNKNOWN.code;
  return { code, reason: error.message };
}
