// Whether messages about single streams and participants are such as the page sends them. It looks at what
// it is given first; whatever comes here all the same is dropped, and ends nothing else.

import { CHALLENGE_SIZE, copyBytes, copyExactly, isId, isKind, STREAM_ID_SIZE } from "../checks";
import type { ToWorker } from "../messages";

export function isWellFormed(message: ToWorker): boolean {
  switch (message.type) {
    case "streams":
    case "reuse":
      return isStreamOptions(message.options);
    case "join":
      return isChallenge(message.challenge);
    case "challenge":
      return isId(message.participantId) && isChallenge(message.challenge);
    case "liveness-answer":
      return isId(message.participantId) && copyBytes(message.answer, Infinity) !== undefined;
    case "forget":
      return isId(message.participantId);
    case "sif-trailer":
      return copyBytes(message.trailer, Infinity) !== undefined;
    default:
      return true;
  }
}

export function isStreamOptions(options: unknown): boolean {
  if (typeof options !== "object" || options === null) return false;
  const { operation, participantId, streamId, kind } = options as Record<string, unknown>;
  if (!isKind(kind)) return false;
  const isStreamId = copyExactly(streamId, STREAM_ID_SIZE) !== undefined;
  if (operation === "seal") return isStreamId;
  return operation === "open" && isId(participantId) && (isStreamId || streamId === undefined);
}

function isChallenge(challenge: unknown): boolean {
  return copyExactly(challenge, CHALLENGE_SIZE) !== undefined;
}
