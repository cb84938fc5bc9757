// How a stay in a meeting ended, or why it did not begin, in words for people.

import { E2EEError, MeetingError } from "@sotto/js-sdk";

export interface Outcome {
  title: string;
  text: string;
  /** Something went wrong, or others decided it. */
  isUnexpected: boolean;
}

const REMOVED = 1002;
const ENDED = 1006;
const REPLACED = 1011;
const LOST = 1102;
const FULL = 4009;

/** After the meeting was joined; null is that the user left. */
export function outcomeOf(error: Error | null): Outcome {
  if (!error)
    return {
      title: "You left the meeting",
      text: "Rejoin uses the same key and devices. A reload of the page forgets the key.",
      isUnexpected: false,
    };
  return { ...titled(error), isUnexpected: true };
}

function titled(error: Error): { title: string; text: string } {
  const title = titleOf(error);
  if (title === "The meeting has ended")
    return { title, text: "It was ended for everybody. You can begin a new one." };
  if (error instanceof E2EEError)
    return { title, text: `${error.message} Rather than go on without encryption, the call ended.` };
  return { title, text: asSentence(error.message) };
}

function titleOf(error: Error): string {
  if (error instanceof E2EEError) return "The encryption stopped";
  switch (error instanceof MeetingError ? error.code : undefined) {
    case REMOVED:
      return "You were removed from the meeting";
    case ENDED:
      return "The meeting has ended";
    case REPLACED:
      return "You joined from somewhere else";
    case LOST:
      return "The connection was lost";
    default:
      return "The call broke off";
  }
}

/** Why joining failed; nothing if it was the user who broke it off. */
export function explainJoining(error: Error): string | undefined {
  if (error instanceof MeetingError && error.reason === "LEFT") return undefined;
  if (error instanceof MeetingError && error.code === FULL)
    return "This meeting is full. Try again when somebody has left.";
  return asSentence(error.message);
}

/** Servers write without a capital and a full stop. */
function asSentence(text: string): string {
  const capital = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
