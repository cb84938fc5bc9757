export {
  E2EEError,
  type E2EEErrorReason,
  type E2EEEvent,
  type E2EEKeyProviderOptions,
  type E2EEReason,
  type E2EEState,
  ExternalE2EEKeyProvider,
  type Key,
  type KeyBytes,
  type KeyEvent,
  type KeyInfo,
  type KeyProviderEvents,
  type Policy,
  type StreamCounts,
  type StreamKind,
} from "@sotto/e2ee";

export {
  isJoined,
  isOn,
  type LeaveReason,
  type MeetingEvent,
  type MeetingEvents,
} from "./changes";
export {
  askFor,
  isAllowed,
  listDevices,
  openDevice,
  openScreen,
  type ScreenTracks,
  type TrackSource,
  watchDevices,
} from "./devices";
export { MeetingError } from "./errors";
export { Meeting, type MeetingOptions } from "./meeting";
export type { ProduceOptions } from "./media";
export type { RoomPolicy } from "./messages";
export type {
  MeetingState,
  MeetingStatus,
  Participant,
  ParticipantMode,
  Stream,
  StreamEncryption,
} from "./state";
export { createStore, type Store } from "./store";
export type { StreamStats } from "./stream_stats";
