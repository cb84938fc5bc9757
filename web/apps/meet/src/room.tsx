// Below the meeting's provider: tells how the stay goes, and shows the call.

import { useMeeting } from "@sotto/react-sdk";
import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";

import { Call } from "./call/call";
import type { MeetingKey } from "./link";
import type { ChangeSettings, Settings } from "./settings";
import type { Notify } from "./ui/notices";
import type { Visit } from "./visit";

/** Which devices were on, for joining again. */
export interface Wanted {
  camera: boolean;
  microphone: boolean;
}

interface RoomProps {
  visit: Visit;
  settings: Settings;
  onSettings: ChangeSettings;
  onKey: (key: MeetingKey) => void;
  wanted: RefObject<Wanted>;
  notify: Notify;
}

export function Room({ visit, settings, onSettings, onKey, wanted, notify }: RoomProps) {
  /** Those who are there when one comes in do not come in themselves. */
  const isComingIn = useRef(false);
  const call = useMeeting({
    onMeetingJoined: () => {
      isComingIn.current = true;
      queueMicrotask(() => (isComingIn.current = false));
    },
    onParticipantJoined: ({ displayName }) => {
      if (!isComingIn.current) notify(`${displayName} joined.`);
    },
    onParticipantLeft: ({ displayName }) => {
      if (call.isMeetingJoined) notify(`${displayName} left.`);
    },
    onError: ({ message }) => {
      if (call.meetingState !== "FAILED") notify(message);
    },
  });
  const { meetingState, endedBy, localWebcamOn, localMicOn } = call;
  const { onJoined, onOver } = visit;

  useLayoutEffect(() => {
    if (meetingState === "CONNECTED") onJoined();
    if (meetingState === "FAILED" || meetingState === "DISCONNECTED") onOver(endedBy);
  }, [meetingState, endedBy, onJoined, onOver]);
  useEffect(() => {
    if (meetingState === "CONNECTED")
      wanted.current = { camera: localWebcamOn, microphone: localMicOn };
  }, [meetingState, localWebcamOn, localMicOn, wanted]);

  if (!visit.isInCall) return null;
  return <Call keyInUse={visit.link.key} {...{ settings, onSettings, onKey, notify }} />;
}
