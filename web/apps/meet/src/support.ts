// Whether this browser can take part at all.

import { requireSupport } from "@sotto/e2ee";

/** What is missing, in words for people; undefined if nothing is. */
export function whatIsMissing(): string | undefined {
  if (typeof RTCPeerConnection !== "function")
    return "This browser has no WebRTC, or it is switched off here: nothing could carry the call.";
  try {
    requireSupport();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
