// What a meeting looks like at one moment. Every object here is replaced, never changed.

import type { E2EEReason, E2EEState, Policy, StreamKind } from "@sotto/e2ee";

import type { RoomPolicy } from "./messages";

export type MeetingStatus =
  "idle" | "connecting" | "connected" | "reconnecting" | "left" | "failed";

export type ParticipantMode = "SEND_AND_RECV" | "RECV_ONLY" | "SIGNALLING_ONLY";

/** The newest edge of one stream's encryption. */
export interface StreamEncryption {
  state: E2EEState;
  reason?: E2EEReason;
  kid?: number;
}

export interface Stream {
  /** The producer's id: a new one for every start of a camera, microphone or screen. */
  id: string;
  kind: StreamKind;
  /** Absent while the receiver is being set up, and for a stream that cannot be received. */
  track?: MediaStreamTrack;
  paused: boolean;
  /**
   * Whether only sealed frames pass. False is a stream in clear: with the policy "required" nothing
   * of it comes out, with "preferred" it does, and is to be labelled.
   */
  isEncrypted: boolean;
  /** Names the stream in events. */
  streamId?: string;
  /** How it fares; absent before the first frame. */
  encryption?: StreamEncryption;
}

export interface Participant {
  id: string;
  displayName: string;
  isLocal: boolean;
  mode: ParticipantMode;
  metaData: Record<string, unknown>;
  streams: Partial<Record<StreamKind, Stream>>;
}

export interface MeetingState {
  status: MeetingStatus;
  roomId: string;
  participantId: string;
  participants: ReadonlyMap<string, Participant>;
  activeSpeakerId: string | undefined;
  /** Whose screen is shown: who shared first and still does. */
  presenterId: string | undefined;
  /** This client seals what it sends and opens nothing else (policy "required"). */
  isE2EEEnabled: boolean;
  policy: Policy | undefined;
  /** What the server says of the room; only for display. */
  roomPolicy: RoomPolicy | undefined;
  /** Three groups of four digits that people compare; absent without a key. */
  safetyCode: string | undefined;
  /** Why the meeting ended by itself. */
  error: Error | undefined;
}

export function initialState(
  roomId: string,
  local: Omit<Participant, "isLocal" | "streams">,
  policy: Policy | undefined,
): MeetingState {
  return {
    status: "idle",
    roomId,
    participantId: local.id,
    participants: new Map([[local.id, { ...local, isLocal: true, streams: {} }]]),
    activeSpeakerId: undefined,
    presenterId: undefined,
    isE2EEEnabled: false,
    policy,
    roomPolicy: undefined,
    safetyCode: undefined,
    error: undefined,
  };
}

/** The state with one participant changed, or the same if they are not there. */
export function withParticipant(
  state: MeetingState,
  id: string,
  change: (participant: Participant) => Participant,
): Partial<MeetingState> {
  const participant = state.participants.get(id);
  if (!participant) return {};
  const changed = change(participant);
  if (changed === participant) return {};
  return { participants: new Map(state.participants).set(id, changed) };
}

/** The participant with one stream changed, added or, for undefined, removed. */
export function withStream(
  participant: Participant,
  kind: StreamKind,
  stream: Stream | undefined,
): Participant {
  const streams = { ...participant.streams };
  if (stream) streams[kind] = stream;
  else delete streams[kind];
  return { ...participant, streams };
}

export function streamById(participant: Participant, id: string): Stream | undefined {
  return Object.values(participant.streams).find((stream) => stream.id === id);
}

/** Whose screen to show: a presenter stays as long as they share. */
export function presenterOf(state: MeetingState): string | undefined {
  const shares = (id: string | undefined) =>
    id !== undefined && state.participants.get(id)?.streams.share;
  if (shares(state.presenterId)) return state.presenterId;
  return [...state.participants.keys()].find(shares);
}
