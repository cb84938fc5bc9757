// One stay in a meeting, as this app makes it.

import { ExternalE2EEKeyProvider, type MeetingConfig } from "@sotto/react-sdk";
import workerUrl from "@sotto/e2ee/worker?url";

import { requestToken } from "./api";
import type { MeetingKey } from "./link";

/** Tracks that the session takes over and stops. */
export interface Tracks {
  camera: MediaStreamTrack | undefined;
  microphone: MediaStreamTrack | undefined;
}

export interface Session {
  id: string;
  roomId: string;
  config: MeetingConfig;
  token: () => Promise<string>;
  keyProvider: ExternalE2EEKeyProvider;
}

export interface SessionOptions {
  roomId: string;
  name: string;
  key: MeetingKey | undefined;
  tracks: Tracks;
}

/** Every session of this app has a key provider, so nothing ever leaves in clear. */
export function createSession({ roomId, name, key, tracks }: SessionOptions): Session {
  const keyProvider = new ExternalE2EEKeyProvider({ workerUrl });
  if (key !== undefined) void keyProvider.setSharedKey(key);
  return {
    id: crypto.randomUUID(),
    roomId,
    config: {
      meetingId: roomId,
      name: name.trim() || "Guest",
      micEnabled: tracks.microphone !== undefined,
      webcamEnabled: tracks.camera !== undefined,
      customMicrophoneAudioTrack: streamOf(tracks.microphone),
      customCameraVideoTrack: streamOf(tracks.camera),
    },
    token: async () => (await requestToken(roomId)).token,
    keyProvider,
  };
}

function streamOf(track: MediaStreamTrack | undefined): MediaStream | null {
  return track ? new MediaStream([track]) : null;
}
