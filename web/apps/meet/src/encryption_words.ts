// How a tile's streams are encrypted, in words for people.

import type { Stream } from "@sotto/js-sdk";

export interface EncryptionWords {
  text: string;
  tone: "good" | "bad" | "waiting";
}

/** `DecryptionSuccess`, or with its reason `DecryptionFailed missing-key`. */
export function stateOf(stream: Stream | undefined): string | undefined {
  if (!stream?.encryption) return undefined;
  const { state, reason } = stream.encryption;
  return reason === undefined ? state : `${state} ${reason}`;
}

/** The worst of what is there. */
export function encryptionWords(...streams: (Stream | undefined)[]): EncryptionWords {
  const present = streams.filter((stream) => stream !== undefined);
  const states = present.flatMap(({ encryption }) => (encryption ? [encryption] : []));
  const failed = states.find(({ state }) => !state.endsWith("Success"));
  if (failed) return { text: failureWords(failed.state, failed.reason), tone: "bad" };
  if (present.some(({ isEncrypted }) => !isEncrypted))
    return { text: "Not encrypted", tone: "bad" };
  if (states.length > 0) return { text: "Encrypted", tone: "good" };
  return { text: present.length > 0 ? "Waiting" : "", tone: "waiting" };
}

function failureWords(state: string, reason: string | undefined): string {
  switch (reason) {
    case "missing-key":
      return state === "EncryptionFailed"
        ? "No key: nothing is sent"
        : "Uses a key that is not here";
    case "tampered":
      return "Wrong key, or altered on the way";
    case "not-sealed":
      return "Not encrypted: not shown";
    case "exhausted":
      return "Start it again: its key is used up";
    default:
      return `Encryption failed (${reason ?? "no reason given"})`;
  }
}
