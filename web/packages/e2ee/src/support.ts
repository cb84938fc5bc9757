// What this browser offers for transforming encoded frames.

import { E2EEError } from "./states";

export type TransformPath = "script-transform" | "encoded-streams";

/** The standard's transform where it exists, Chromium's older streams elsewhere. */
export function transformPath(): TransformPath | undefined {
  if (typeof RTCRtpScriptTransform === "function") return "script-transform";
  if (typeof RTCRtpSender === "function" && "createEncodedStreams" in RTCRtpSender.prototype)
    return "encoded-streams";
  return undefined;
}

/** Throws an E2EEError that says what is missing; returns the way frames will be transformed. */
export function requireSupport(): TransformPath {
  if (typeof Worker !== "function")
    throw new E2EEError("no-worker", "This browser has no Web Workers; encryption runs in one.");
  if (typeof WebAssembly !== "object")
    throw new E2EEError(
      "no-wasm",
      "WebAssembly is switched off here. Allow it, or use another browser: encryption needs it.",
    );
  const path = transformPath();
  if (!path)
    throw new E2EEError(
      "no-transform",
      "This browser cannot transform encoded media. Use a current Chromium, Firefox or Safari.",
    );
  return path;
}
