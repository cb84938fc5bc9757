// A meeting as this app makes it.

import { ExternalE2EEKeyProvider, Meeting } from "@sotto/js-sdk";
import workerUrl from "@sotto/e2ee/worker?url";

import type { MeetingKey } from "./link";
import type { LobbyChoice } from "./lobby";

export interface CreateOptions {
  roomId: string;
  token: string;
  name: string;
  choice: LobbyChoice;
}

/** Every meeting of this app has a key provider, so nothing ever leaves in clear. */
export function createMeeting({ roomId, token, name, choice }: CreateOptions) {
  const keyProvider = new ExternalE2EEKeyProvider({ workerUrl });
  const setKey = (key: MeetingKey) => {
    void keyProvider.setSharedKey(key);
  };
  if (choice.key !== undefined) setKey(choice.key);
  const meeting = new Meeting({ roomId, token, displayName: name.trim() || "Guest", keyProvider });
  if (choice.camera) void meeting.enableCamera(choice.camera);
  if (choice.microphone) void meeting.enableMicrophone(choice.microphone);
  return { meeting, setKey };
}
