// The Worker, from the text that the build inlined or from a URL that the app serves.

import workerText from "virtual:worker-text";

import { E2EEError } from "./states";

/** Throws an E2EEError where no Worker can be made. */
export function createWorker(url: string | URL | undefined): Worker {
  try {
    if (url !== undefined) return new Worker(url, { name: "sotto-e2ee" });
    const blobUrl = URL.createObjectURL(new Blob([workerText], { type: "text/javascript" }));
    try {
      return new Worker(blobUrl, { name: "sotto-e2ee" });
    } finally {
      // The engine fetches the URL before it can be revoked in a later task.
      setTimeout(() => URL.revokeObjectURL(blobUrl), 60_000);
    }
  } catch (error) {
    throw new E2EEError(
      "no-worker",
      `The encryption worker was refused (${error instanceof Error ? error.message : String(error)}). ` +
        "If the page has a content-security policy, allow worker-src blob: or give workerUrl.",
    );
  }
}
