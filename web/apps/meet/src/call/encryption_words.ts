// How streams are encrypted, in words for people.

import type { E2EEStates } from "@sotto/react-sdk";

export type Kind = keyof E2EEStates;
export type Encryption = NonNullable<E2EEStates[Kind]>;

export interface EncryptionWords {
  text: string;
  tone: "good" | "bad" | "waiting";
}

/** `DecryptionSuccess`, or with its reason `DecryptionFailed missing-key`. */
export function stateOf(encryption: Encryption | undefined): string | undefined {
  if (!encryption?.state) return undefined;
  const { state, reason } = encryption;
  return reason === undefined ? state : `${state} ${reason}`;
}

export function wordsOf({ isEncrypted, state, reason }: Encryption): EncryptionWords {
  if (state?.endsWith("Success") && isEncrypted) return { text: "Encrypted", tone: "good" };
  if (state?.endsWith("Success")) return { text: "Not encrypted", tone: "bad" };
  if (state) return { text: failureWords(state, reason), tone: "bad" };
  return isEncrypted
    ? { text: "Encrypted, nothing yet", tone: "waiting" }
    : { text: "Not encrypted: not shown", tone: "bad" };
}

/** The worst of several; nothing of none. */
export function worstOf(encryptions: (Encryption | undefined)[]): EncryptionWords | undefined {
  const words = encryptions.flatMap((each) => (each ? [wordsOf(each)] : []));
  for (const tone of ["bad", "good"] as const) {
    const found = words.find((each) => each.tone === tone);
    if (found) return found;
  }
  return words[0];
}

/** Somebody seals with a key that is not the one in use here. */
export function usesAnotherKey(encryption: Encryption | undefined): boolean {
  return encryption?.state === "DecryptionFailed" && encryption.reason === "missing-key";
}

function failureWords(state: string, reason: string | undefined): string {
  switch (reason) {
    case "missing-key":
      return state === "EncryptionFailed" ? "No key: nothing is sent" : "Uses another key";
    case "tampered":
      return "Wrong key, or altered on the way";
    case "not-sealed":
      return "Not encrypted: not shown";
    case "not-live":
      return "Not of this moment: not shown";
    case "not-ready":
      return "The encryption is starting";
    case "exhausted":
      return "Start it again: its key is used up";
    default:
      return `Encryption failed (${reason ?? "no reason given"})`;
  }
}
