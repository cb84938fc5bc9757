// One participant of the meeting, for rendering. An id that is not there is one who sends nothing.

import type { ParticipantMode } from "@sotto/js-sdk";

import { type ParticipantCallbacks, useParticipantCallbacks } from "./callbacks";
import { useMeetingView } from "./meeting_context";
import type { Meeting } from "./meeting_view";
import type { E2EEStates, Participant } from "./participant_view";
import type { Stream } from "./stream_view";
import { type Source, useTracked } from "./tracked";

type Statistics = Pick<
  Participant,
  "getAudioStats" | "getVideoStats" | "getShareStats" | "getShareAudioStats"
>;

export interface UseParticipant extends Statistics {
  participant: Participant;
  displayName: string;
  metaData: Record<string, unknown>;
  mode: ParticipantMode;
  isLocal: boolean;
  isActiveSpeaker: boolean;
  webcamOn: boolean;
  micOn: boolean;
  screenShareOn: boolean;
  screenShareAudioOn: boolean;
  /** Null while it is off, muted or not there yet; the same object for the same track. */
  webcamStream: Stream | null;
  micStream: Stream | null;
  screenShareStream: Stream | null;
  screenShareAudioStream: Stream | null;
  /** Sotto's own: how each kind of stream is encrypted, as `onE2EEStateChanged` last said. */
  e2eeStates: E2EEStates;
}

/** Renders again when something that was read from it has changed, and for nothing else. */
export function useParticipant(
  participantId: string,
  callbacks?: ParticipantCallbacks,
): UseParticipant {
  const meeting = useMeetingView();
  useParticipantCallbacks(meeting, participantId, callbacks);
  return useTracked(sourceOf(meeting, participantId));
}

const sources = new WeakMap<Participant, Source<UseParticipant>>();

function sourceOf(meeting: Meeting, id: string): Source<UseParticipant> {
  const participant = meeting.participant(id);
  const known = sources.get(participant);
  if (known) return known;
  const source: Source<UseParticipant> = {
    subscribe: meeting.core.store.subscribe,
    readers: readersOf(meeting, participant),
  };
  sources.set(participant, source);
  return source;
}

function readersOf(meeting: Meeting, participant: Participant): Source<UseParticipant>["readers"] {
  const getAudioStats = () => participant.getAudioStats();
  const getVideoStats = () => participant.getVideoStats();
  const getShareStats = () => participant.getShareStats();
  const getShareAudioStats = () => participant.getShareAudioStats();
  return {
    participant: () => participant,
    displayName: () => participant.displayName,
    metaData: () => participant.metaData,
    mode: () => participant.mode,
    isLocal: () => participant.local,
    isActiveSpeaker: () => meeting.activeSpeakerId === participant.id,
    webcamOn: () => participant.webcamOn,
    micOn: () => participant.micOn,
    screenShareOn: () => participant.screenShareOn,
    screenShareAudioOn: () => participant.screenShareAudioOn,
    webcamStream: () => participant.stream("video"),
    micStream: () => participant.stream("audio"),
    screenShareStream: () => participant.stream("share"),
    screenShareAudioStream: () => participant.stream("shareAudio"),
    e2eeStates: () => participant.e2eeStates,
    getAudioStats: () => getAudioStats,
    getVideoStats: () => getVideoStats,
    getShareStats: () => getShareStats,
    getShareAudioStats: () => getShareAudioStats,
  };
}
