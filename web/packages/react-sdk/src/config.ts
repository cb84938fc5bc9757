// What an app gives a MeetingProvider, with VideoSDK's names, and what Sotto makes of it.

import {
  type ExternalE2EEKeyProvider,
  MeetingError,
  type MeetingOptions,
  type ParticipantMode,
} from "@sotto/js-sdk";

export interface MeetingConfig {
  meetingId: string;
  name?: string;
  /** Default true: the microphone is opened and published on joining. */
  micEnabled?: boolean;
  /** Default true, as for the microphone. */
  webcamEnabled?: boolean;
  /** Drawn at random if absent. Part of the key derivation. */
  participantId?: string;
  /** `CONFERENCE` and `VIEWER` are VideoSDK's older names of the first and the last. */
  mode?: ParticipantMode | "CONFERENCE" | "VIEWER";
  /** The server and everybody in the meeting see it. */
  metaData?: object;
  /** Host, host:port or URL of the server. Default: where the page comes from. */
  signalingBaseUrl?: string;
  /**
   * Used in place of the camera, and the meeting's from then on: leaving stops it. One that has ended is
   * told by `onError`, and no other camera is opened in its place.
   */
  customCameraVideoTrack?: MediaStream | null;
  customMicrophoneAudioTrack?: MediaStream | null;
  /** VideoSDK's further settings are accepted and have no effect yet. */
  [further: string]: unknown;
}

const MODES: Record<string, ParticipantMode> = {
  SEND_AND_RECV: "SEND_AND_RECV",
  RECV_ONLY: "RECV_ONLY",
  SIGNALLING_ONLY: "SIGNALLING_ONLY",
  CONFERENCE: "SEND_AND_RECV",
  VIEWER: "SIGNALLING_ONLY",
};

const NAME_DEFAULT = "Guest";

/** Throws a MeetingError for what cannot become a meeting. */
export function toMeetingOptions(
  config: MeetingConfig,
  token: string | (() => string | Promise<string>),
  keyProvider: ExternalE2EEKeyProvider | null | undefined,
): MeetingOptions {
  const { meetingId, name, participantId, metaData, signalingBaseUrl } = config;
  const mode = config.mode ?? "SEND_AND_RECV";
  if (!token) throw invalid("'token' is empty: pass the token of your backend to MeetingProvider.");
  if (!meetingId)
    throw invalid("'meetingId' is empty: pass the id of a room, as POST /v2/rooms returns it.");
  const known = Object.hasOwn(MODES, mode) ? MODES[mode] : undefined;
  if (!known) throw new MeetingError(3067, "INVALID_MODE", `There is no mode '${mode}'.`);
  if (metaData != null && !isPlain(metaData))
    throw invalid("'metaData' is not an object.");
  if (keyProvider && typeof keyProvider.setSharedKey !== "function")
    throw invalid("'keyProvider' is not an ExternalE2EEKeyProvider.");
  return {
    roomId: meetingId,
    token,
    displayName: name || NAME_DEFAULT,
    mode: known,
    ...(participantId && { participantId: String(participantId) }),
    ...(metaData != null && { metaData: metaData as Record<string, unknown> }),
    ...(keyProvider && { keyProvider }),
    ...(signalingBaseUrl && { signalingBaseUrl }),
  };
}

function isPlain(value: unknown): boolean {
  return typeof value === "object" && !Array.isArray(value);
}

function invalid(message: string): MeetingError {
  return new MeetingError(3073, "INVALID_PARAMETER", message);
}
