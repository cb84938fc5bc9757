// How challenges and answers travel through sottod (docs/signalling.md, "Liveness"). What they mean is
// the encryption's business; here they are bytes.

import type { FrameEncryption, FrameEncryptionOptions } from "@sotto/e2ee";

import { fromBase64Url, toBase64Url } from "./base64url";
import type { Notification, ParticipantInfo } from "./messages";
import { CHALLENGE_SIZE } from "./parse";

const ANSWER_TYPE = "liveness";
const CHALLENGE_TYPE = "challenge";

/** What the encryption wants to be sent, as the data of `message` requests. */
export function sendLiveness(
  send: (data: Record<string, unknown>) => void,
): Pick<FrameEncryptionOptions, "onAnswer" | "onChallengeWanted"> {
  return {
    onAnswer: ({ participantIds, message }) => {
      const [to, ...others] = participantIds;
      const isForOne = others.length === 0;
      send({ type: ANSWER_TYPE, payload: toBase64Url(message), ...(isForOne && { to }) });
    },
    onChallengeWanted: ({ participantId, challenge }) =>
      send({ type: CHALLENGE_TYPE, payload: toBase64Url(challenge), to: participantId }),
  };
}

/** For the join: everybody who is there gets it with the participant, who comes later too. */
export function drawChallenge(encryption: FrameEncryption | undefined): string {
  const bytes = encryption?.drawChallenge() ?? crypto.getRandomValues(new Uint8Array(CHALLENGE_SIZE));
  return toBase64Url(bytes);
}

export function heedParticipant(
  encryption: FrameEncryption | undefined,
  { participantId, challenge }: Pick<ParticipantInfo, "participantId" | "challenge">,
): void {
  const bytes = challenge === undefined ? undefined : fromBase64Url(challenge, CHALLENGE_SIZE);
  if (bytes) encryption?.receiveChallenge(participantId, bytes);
}

/** What of a notification concerns liveness. */
export function heedLiveness(
  encryption: FrameEncryption | undefined,
  { event, data }: Notification,
): void {
  if (event === "participant-joined") heedParticipant(encryption, data);
  if (event === "participant-left") encryption?.forgetChallenge(data.participantId);
  if (event !== "message") return;
  if (data.type === CHALLENGE_TYPE)
    heedParticipant(encryption, { participantId: data.from, challenge: data.payload });
  const answer = data.type === ANSWER_TYPE ? fromBase64Url(data.payload) : undefined;
  if (answer) encryption?.receiveAnswer(data.from, answer);
}
