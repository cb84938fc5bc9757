export { callSafely, Emitter } from "./emitter";
export {
  ExternalE2EEKeyProvider,
  type E2EEKeyProviderOptions,
  type FrameFormat,
  type KeyEvent,
  type KeyInfo,
  type KeyProviderEvents,
  type Policy,
} from "./key_provider";
export type { LivekitOptions } from "./livekit_options";
export type { Key, KeyBytes } from "./provided_key";
export { FrameEncryption } from "./frame_encryption";
export type {
  FrameEncryptionOptions,
  IncomingStream,
  LivenessAnswer,
  ProtectedSender,
  ProtectedStream,
} from "./frame_encryption_options";
export {
  E2EEError,
  type E2EEErrorReason,
  type E2EEEvent,
  type E2EEReason,
  type E2EEState,
  type StreamCounts,
  type StreamKind,
} from "./states";
export { prepareConnection } from "./unannounced";
export { requireSupport, transformPath, type TransformPath } from "./support";
