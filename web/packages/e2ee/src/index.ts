export { ExternalE2EEKeyProvider, type E2EEKeyProviderOptions, type Policy } from "./key_provider";
export {
  FrameEncryption,
  type FrameEncryptionOptions,
  type IncomingStream,
  type ProtectedStream,
} from "./frame_encryption";
export {
  E2EEError,
  type E2EEErrorReason,
  type E2EEEvent,
  type E2EEReason,
  type E2EEState,
  type StreamCounts,
  type StreamKind,
} from "./states";
export { coverUnannounced } from "./unannounced";
export { requireSupport, transformPath, type TransformPath } from "./support";
