// What an app gives a FrameEncryption, what it is told, and what it gets for each stream.

import { type Check, optional, requireFunction, requireId, requireOptions } from "./checks";
import type { ExternalE2EEKeyProvider } from "./key_provider";
import type { E2EEError, E2EEEvent, StreamKind } from "./states";

export interface FrameEncryptionOptions {
  keyProvider: ExternalE2EEKeyProvider;
  /**
   * The same for all members, and part of every key: under another one nothing opens. 1 to 255 bytes
   * in UTF-8, like every participant's id.
   */
  roomId: string;
  /** This client's own id, different from all others' in the room. It chose both itself. */
  participantId: string;
  /** A stream's state has changed; what is shown of it is up to the app. */
  onEvent: (event: E2EEEvent) => void;
  /**
   * The worker is gone: every stream is silent from here on. Before it, every stream has had an
   * `InternalError` event. Told once.
   */
  onFailure: (error: E2EEError) => void;
  /**
   * This picture stands still until there is a key frame, and the browser cannot ask for one here
   * (only a Chromium without RTCRtpScriptTransform). The app asks the SFU for one, or tells the
   * sender's page, which calls `sendKeyFrame`. Told at most every 300 ms for each stream.
   */
  onKeyFrameWanted: (stream: IncomingStream) => void;
  /**
   * Of the newest key that all members share; undefined once there is none. Whoever has the same one in
   * the same room sees the same code.
   */
  onSafetyCode?: (code: string | undefined) => void;
  /**
   * Liveness: nothing of a stream opens before its sender answered this client's challenge, so that no
   * server can play an earlier call. Challenges and answers are no secrets; the app's signalling
   * carries them (see `drawChallenge`, `receiveChallenge`, `receiveAnswer`). The app sends this one to
   * `receiveAnswer` of those that it names. Needed unless the key provider's `liveness` is false.
   */
  onAnswer?: (answer: LivenessAnswer) => void;
  /**
   * Frames of somebody come in vain: the app sends them this client's challenge once more, for their
   * `receiveChallenge`. Needed as `onAnswer`.
   */
  onChallengeWanted?: (wanted: { participantId: string; challenge: Uint8Array }) => void;
}

const OPTIONS = {
  keyProvider(name, value) {
    // Of another copy of this package too: an app may have two.
    if (typeof (value as ExternalE2EEKeyProvider | undefined)?.attach !== "function")
      throw new TypeError(`${name} must be an ExternalE2EEKeyProvider`);
  },
  roomId: requireId,
  participantId: requireId,
  onEvent: requireFunction,
  onFailure: requireFunction,
  onKeyFrameWanted: requireFunction,
  onSafetyCode: optional(requireFunction),
  onAnswer: optional(requireFunction),
  onChallengeWanted: optional(requireFunction),
} satisfies Record<keyof FrameEncryptionOptions, Check>;

/** Throws a TypeError for what nobody can encrypt with. */
export function requireFrameEncryptionOptions(options: FrameEncryptionOptions): void {
  requireOptions("FrameEncryption", options, OPTIONS);
  const { keyProvider, onAnswer, onChallengeWanted } = options;
  if (keyProvider.liveness && !(onAnswer && onChallengeWanted))
    throw new TypeError("onAnswer and onChallengeWanted are missing, and liveness is not waived");
}

export interface LivenessAnswer {
  /** Whom it answers; others may get it too. */
  participantIds: string[];
  /** At most 6 kB. */
  message: Uint8Array;
}

/** What a receiver is told of a stream by signalling; it serves to find keys and is not believed. */
export interface IncomingStream {
  /** The sender's `participantId`. */
  participantId: string;
  kind: StreamKind;
  /** What `protectSender` gave the sender: 16 bytes. Absent if it declares no encryption. */
  streamId?: Uint8Array;
  /** An SFU's name for the stream, if it has one. It is kept for `onKeyFrameWanted` alone. */
  consumerId?: string;
}

/** A sender or receiver whose frames go through the worker. */
export interface ProtectedStream {
  /** Under which its frames are sealed; absent for a stream that declares no encryption. */
  streamId: Uint8Array | undefined;
  /** To be called when sender or receiver are not used any more: browsers do not tell the worker. */
  release: () => void;
}

export interface ProtectedSender extends ProtectedStream {
  /** Drawn at random. It goes to every receiver over the app's signalling and is no secret. */
  streamId: Uint8Array;
  /** Makes the encoder send a key frame, at most every 300 ms; nothing for sound. */
  sendKeyFrame: () => void;
}
