// The meeting of the provider above, for rendering.

import type { Meeting as Core } from "@sotto/js-sdk";

import { type MeetingCallbacks, useMeetingCallbacks } from "./callbacks";
import { useMeetingView } from "./meeting_context";
import { type Meeting, type MeetingStateName, STATE_NAMES } from "./meeting_view";
import type { Participant } from "./participant_view";
import { type Source, useTracked } from "./tracked";

type Actions = Pick<
  Meeting,
  | "join"
  | "leave"
  | "end"
  | "unmuteMic"
  | "muteMic"
  | "toggleMic"
  | "changeMic"
  | "getMics"
  | "enableWebcam"
  | "disableWebcam"
  | "toggleWebcam"
  | "changeWebcam"
  | "replaceWebcamStream"
  | "getWebcams"
  | "enableScreenShare"
  | "disableScreenShare"
  | "toggleScreenShare"
>;

export interface UseMeeting extends Actions {
  meeting: Meeting;
  meetingId: string;
  /** With the local one; empty before joining. */
  participants: ReadonlyMap<string, Participant>;
  /** Null before joining. */
  localParticipant: Participant | null;
  activeSpeakerId: string | null;
  /** Whose screen is shown. */
  presenterId: string | null;
  localMicOn: boolean;
  localWebcamOn: boolean;
  localScreenShareOn: boolean;
  /** False while reconnecting. */
  isMeetingJoined: boolean;
  selectedCameraDevice: { deviceId: string; label: string } | null;
  selectedMicrophoneDevice: { deviceId: string; label: string } | null;
  /** This client seals what it sends, and with the policy "required" opens nothing else. */
  isE2EEEnabled: boolean;
  e2eeEnabled: boolean;
  /** Sotto's own: null before the first joining. */
  meetingState: MeetingStateName | null;
  /** Sotto's own: three groups of four digits that people compare; null without a key. */
  safetyCode: string | null;
  /** Sotto's own: why the meeting ended by itself. */
  endedBy: Error | null;
}

/** Renders again when something that was read from it has changed, and for nothing else. */
export function useMeeting(callbacks?: MeetingCallbacks): UseMeeting {
  const meeting = useMeetingView();
  useMeetingCallbacks(meeting, callbacks);
  return useTracked(sourceOf(meeting));
}

const sources = new WeakMap<Core, Source<UseMeeting>>();

function sourceOf(meeting: Meeting): Source<UseMeeting> {
  const known = sources.get(meeting.core);
  if (known) return known;
  const source: Source<UseMeeting> = {
    subscribe: meeting.core.store.subscribe,
    readers: { ...stateReaders(meeting), ...actionReaders(meeting) },
  };
  sources.set(meeting.core, source);
  return source;
}

function stateReaders(meeting: Meeting): Source<Omit<UseMeeting, keyof Actions>>["readers"] {
  const { core } = meeting;
  const own = () => meeting.participant(core.state.participantId);
  return {
    meeting: () => meeting,
    meetingId: () => meeting.id,
    participants: () => meeting.participants,
    localParticipant: () => meeting.localParticipant,
    activeSpeakerId: () => meeting.activeSpeakerId,
    presenterId: () => meeting.activePresenterId,
    localMicOn: () => own().micOn,
    localWebcamOn: () => own().webcamOn,
    localScreenShareOn: () => own().screenShareOn,
    isMeetingJoined: () => core.state.status === "connected",
    selectedCameraDevice: () => meeting.selectedCameraDevice,
    selectedMicrophoneDevice: () => meeting.selectedMicrophoneDevice,
    isE2EEEnabled: () => meeting.isE2EEEnabled,
    e2eeEnabled: () => meeting.isE2EEEnabled,
    meetingState: () => STATE_NAMES[core.state.status] ?? null,
    safetyCode: () => meeting.safetyCode,
    endedBy: () => core.state.error ?? null,
  };
}

function actionReaders(meeting: Meeting): Source<Actions>["readers"] {
  return {
    join: () => meeting.join,
    leave: () => meeting.leave,
    end: () => meeting.end,
    unmuteMic: () => meeting.unmuteMic,
    muteMic: () => meeting.muteMic,
    toggleMic: () => meeting.toggleMic,
    changeMic: () => meeting.changeMic,
    getMics: () => meeting.getMics,
    enableWebcam: () => meeting.enableWebcam,
    disableWebcam: () => meeting.disableWebcam,
    toggleWebcam: () => meeting.toggleWebcam,
    changeWebcam: () => meeting.changeWebcam,
    replaceWebcamStream: () => meeting.replaceWebcamStream,
    getWebcams: () => meeting.getWebcams,
    enableScreenShare: () => meeting.enableScreenShare,
    disableScreenShare: () => meeting.disableScreenShare,
    toggleScreenShare: () => meeting.toggleScreenShare,
  };
}
