// A meeting as this app makes it.

import { ExternalE2EEKeyProvider, Meeting } from "@sotto/js-sdk";
import workerUrl from "@sotto/e2ee/worker?url";

import { requestToken } from "./api";
import type { MeetingKey } from "./link";
import type { LobbyChoice } from "./lobby";

export interface CreateOptions {
  roomId: string;
  name: string;
  choice: LobbyChoice;
}

export interface Running {
  meeting: Meeting;
  setKey: (key: MeetingKey) => void;
  /** Leaves, and erases the key here. */
  end: () => void;
}

/** Every meeting of this app has a key provider, so nothing ever leaves in clear. */
export function createMeeting({ roomId, name, choice }: CreateOptions): Running {
  const keyProvider = new ExternalE2EEKeyProvider({ workerUrl });
  const meeting = new Meeting({
    roomId,
    token: async () => (await requestToken(roomId)).token,
    displayName: name.trim() || "Guest",
    keyProvider,
  });
  // Copies, because the lobby ends its own tracks. Failures are told in the call.
  const report = (error: Error) => meeting.events.emit("error", error);
  const setKey = (key: MeetingKey) => void keyProvider.setSharedKey(key).catch(report);
  if (choice.key !== undefined) setKey(choice.key);
  if (choice.camera) meeting.enableWebcam(choice.camera.clone()).catch(report);
  if (choice.microphone) meeting.unmuteMic(choice.microphone.clone()).catch(report);
  return {
    meeting,
    setKey,
    end() {
      meeting.leave();
      keyProvider.wipe();
    },
  };
}
