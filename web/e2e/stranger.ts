// Every name of @sotto/e2ee, as a stranger with strict TypeScript may use it. It is checked against the
// packed types, and never run.

import * as worker from "@sotto/e2ee/worker";
import {
  callSafely,
  E2EEError,
  type E2EEErrorReason,
  type E2EEEvent,
  type E2EEKeyProviderOptions,
  type E2EEReason,
  type E2EEState,
  Emitter,
  ExternalE2EEKeyProvider,
  FrameEncryption,
  type FrameEncryptionOptions,
  type IncomingStream,
  type LivenessAnswer,
  type Key,
  type KeyBytes,
  type KeyEvent,
  type KeyInfo,
  type KeyProviderEvents,
  type Policy,
  prepareConnection,
  type ProtectedSender,
  type ProtectedStream,
  requireSupport,
  type StreamCounts,
  type StreamKind,
  type TransformPath,
  transformPath,
} from "@sotto/e2ee";

/** The worker is a script and exports nothing. */
export const none: Record<string, never> = worker;

const options: E2EEKeyProviderOptions = {
  policy: "required" satisfies Policy,
  suite: 5,
  workerUrl: new URL("worker.js", "https://app.example"),
};
const keyProvider = new ExternalE2EEKeyProvider(options);
const bytes: KeyBytes = new Uint8Array(32);
const keys: Key[] = ["words", bytes, { roomSecret: bytes }];
const isSet: Promise<void[]> = Promise.all(keys.map((key) => keyProvider.setSharedKey(key)));
void keyProvider.setKey("bob", bytes);
const stop: () => void = keyProvider.on("keyRatcheted", ({ kid, safetyCode }: KeyEvent) =>
  console.log(kid.toFixed(), safetyCode.length),
);
const names: (keyof KeyProviderEvents)[] = ["setKey", "keyRatcheted"];
// @ts-expect-error There is no such option.
new ExternalE2EEKeyProvider({ polciy: "preferred" });
// @ts-expect-error A number is no key.
void keyProvider.setSharedKey(7);

function wordsOf({ participantId, state, kind, reason, streamId, count }: E2EEEvent): string {
  const known: [E2EEState, StreamKind, E2EEReason | undefined] = [state, kind, reason];
  return [participantId, ...known, streamId?.length.toFixed(), count.toFixed()].join();
}

const own: FrameEncryptionOptions = {
  keyProvider,
  roomId: "room",
  participantId: "alice",
  onEvent: (event) => console.log(wordsOf(event)),
  onFailure: ({ reason, message }) => console.log(reason satisfies E2EEErrorReason, message),
  onKeyFrameWanted: ({ streamId, consumerId }: IncomingStream) => console.log(streamId, consumerId),
  onSafetyCode: (code) => console.log(code?.length),
  onAnswer: ({ participantIds, message }: LivenessAnswer) =>
    console.log(participantIds.join(), message.length),
  onChallengeWanted: ({ participantId, challenge }) => console.log(participantId, challenge.length),
};

const said = new Emitter<{ word: string }>();
said.on("word", (word) => console.log(word.length));
callSafely(() => said.emit("word", "hello"));

const { onFailure: _, ...rest } = own;
// @ts-expect-error A failure must not go unnoticed.
export const careless: FrameEncryptionOptions = rest;

export async function both(
  sender: RTCRtpSender,
  receiver: RTCRtpReceiver,
): Promise<ProtectedStream> {
  const path: TransformPath = requireSupport();
  if (transformPath() !== path) throw new E2EEError("no-transform", "This cannot be.");
  prepareConnection(new RTCPeerConnection(FrameEncryption.peerConnectionSettings));
  prepareConnection(
    new RTCPeerConnection({ ...FrameEncryption.peerConnectionSettings, iceServers: [] }),
  );
  const encryption = new FrameEncryption(own);
  await Promise.all([encryption.ready, isSet]);
  const outgoing: ProtectedSender = encryption.protectSender(sender, "share");
  outgoing.sendKeyFrame();
  // @ts-expect-error There is no such kind.
  encryption.protectSender(sender, "smell");
  const counts: StreamCounts[] = await encryption.counts();
  for (const { passed, replayed, failed } of counts)
    console.log(passed + replayed, failed["tampered"]);
  const held: KeyInfo[] = await keyProvider.getKeys();
  console.log(held.map(({ roomId, participantId }) => [roomId, participantId]), names);
  stop();
  const { streamId } = outgoing;
  return encryption.protectReceiver(receiver, { participantId: "bob", kind: "audio", streamId });
}
