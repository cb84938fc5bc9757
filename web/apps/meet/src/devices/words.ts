// What went wrong with a device, and what to do about it.

import type { TrackSource } from "@sotto/js-sdk";

const WAYS_ON: Record<string, string> = {
  NotFoundError: "Connect one, then switch it on here.",
  OverconstrainedError: "Choose another below, then switch it on here.",
  NotReadableError: "Close the other program, then switch it on here.",
};

/** The message of the error, and a way on where the message has none. */
export function explainDevice(error: Error): string {
  const name = error.cause instanceof DOMException ? error.cause.name : "";
  const wayOn = WAYS_ON[name];
  return wayOn ? `${error.message} ${wayOn}` : error.message;
}

export function wentAway(source: TrackSource): string {
  return `The ${source} went away. ${WAYS_ON.NotFoundError}`;
}
