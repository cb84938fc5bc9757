// The row of buttons below the tiles.

import type { Meeting, MeetingState, Participant } from "@sotto/js-sdk";

import { useMeetingState } from "./use_meeting";

interface ControlsProps {
  meeting: Meeting;
  onNotice: (text: string) => void;
  children: React.ReactNode;
}

export function Controls({ meeting, onNotice, children }: ControlsProps) {
  const streams = useMeetingState(meeting, localStreams);
  const isMicOn = streams.audio !== undefined && !streams.audio.paused;
  const attempt = (action: Promise<void>) =>
    void action.catch((error: Error) => onNotice(error.message));
  return (
    <footer aria-label="Controls">
      <button onClick={() => attempt(meeting.toggleMic())}>{isMicOn ? "Mute" : "Unmute"}</button>
      <button onClick={() => attempt(meeting.toggleWebcam())}>
        {streams.video ? "Stop camera" : "Start camera"}
      </button>
      <button onClick={() => attempt(meeting.toggleScreenShare())}>
        {streams.share ? "Stop sharing" : "Share screen"}
      </button>
      {children}
    </footer>
  );
}

const NO_STREAMS: Participant["streams"] = {};

function localStreams(state: MeetingState): Participant["streams"] {
  return state.participants.get(state.participantId)?.streams ?? NO_STREAMS;
}
