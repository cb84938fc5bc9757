export {
  E2EEError,
  type E2EEErrorReason,
  type E2EEEvent,
  type E2EEKeyProviderOptions,
  type E2EEReason,
  type E2EEState,
  ExternalE2EEKeyProvider,
  type Policy,
  type StreamKind,
} from "@sotto/e2ee";

export { openDevice, openScreen, type ScreenTracks, type TrackSource } from "./devices";
export { MeetingError } from "./errors";
export { Meeting, type MeetingEvents, type MeetingOptions } from "./meeting";
export type { ProduceOptions } from "./media";
export type { Notification, RoomPolicy } from "./messages";
export type {
  MeetingState,
  MeetingStatus,
  Participant,
  ParticipantMode,
  Stream,
  StreamEncryption,
} from "./state";
export { createStore, type Store } from "./store";
