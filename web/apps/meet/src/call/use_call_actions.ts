// What the buttons and keys of a call do.

import { useMeeting } from "@sotto/react-sdk";

import { type MeetingKey, meetingLink } from "../link";
import type { Settings } from "../settings";
import type { Notify } from "../ui/notices";
import { useTakeDevice } from "./use_take_device";

export interface CallActions {
  canShare: boolean;
  toggleMic: () => void;
  toggleCamera: () => void;
  toggleScreen: () => void;
  togglePeople: () => void;
  copyLink: () => void;
  leave: () => void;
}

interface Options {
  keyInUse: MeetingKey | undefined;
  settings: Settings;
  notify: Notify;
  togglePeople: () => void;
  /** The clipboard was refused: the user copies it by hand. */
  onShowLink: () => void;
}

export function useCallActions(options: Options): CallActions {
  const { keyInUse, settings, notify, togglePeople, onShowLink } = options;
  const call = useMeeting();
  const takeDevice = useTakeDevice(notify);

  const copyLink = async () => {
    try {
      await navigator.clipboard.writeText(meetingLink(call.meetingId, keyInUse));
      notify(
        keyInUse === undefined
          ? "Link copied, without the key: there is none here yet."
          : "Link copied. Whoever has it can join and decrypt.",
      );
    } catch {
      onShowLink();
    }
  };

  // What fails is told by the meeting's error event.
  return {
    canShare: "getDisplayMedia" in navigator.mediaDevices,
    toggleMic: () => {
      // One that is open and muted comes back as it is.
      const isOpen = call.meeting.localParticipant?.e2eeStates.audio !== undefined;
      if (isOpen || settings.microphoneId === "") void call.toggleMic();
      else takeDevice("microphone", settings.microphoneId);
    },
    toggleCamera: () => {
      if (call.localWebcamOn || settings.cameraId === "") void call.toggleWebcam();
      else takeDevice("camera", settings.cameraId);
    },
    toggleScreen: () => void call.toggleScreenShare(),
    togglePeople,
    copyLink: () => void copyLink(),
    leave: () => void call.leave(),
  };
}
