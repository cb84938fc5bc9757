export {
  ExternalE2EEKeyProvider,
  type E2EEKeyProviderOptions,
  type Key,
  type KeyBytes,
  type KeyEvent,
  type KeyInfo,
  type KeyProviderEvents,
  type Policy,
} from "@sotto/js-sdk";

export { AudioPlayer, type AudioPlayerProps } from "./audio_player";
export type { MeetingCallbacks, ParticipantCallbacks } from "./callbacks";
export type { MeetingConfig } from "./config";
export { Constants } from "./constants";
export { MeetingConsumer, type MeetingConsumerProps } from "./meeting_consumer";
export { MeetingProvider, type MeetingProviderProps } from "./meeting_provider";
export type { Meeting, MeetingStateName } from "./meeting_view";
export type { E2EEStates, MediaStatus, Participant, ParticipantEvents } from "./participant_view";
export type { Stream } from "./stream_view";
export {
  CameraDeviceInfo,
  DeviceInfo,
  MicrophoneDeviceInfo,
  PlaybackDeviceInfo,
} from "./device_info";
export { type UseMeeting, useMeeting } from "./use_meeting";
export { type Permission, type UseMediaDevice, useMediaDevice } from "./use_media_device";
export { type UseParticipant, useParticipant } from "./use_participant";
export { VideoPlayer, type VideoPlayerProps } from "./video_player";
