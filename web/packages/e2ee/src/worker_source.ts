// The Worker, from the text that the build inlined or from a URL that the app serves.

import workerText from "virtual:worker-text";

import { E2EEError, wordsOf } from "./states";

/** Long enough for any engine to have fetched the text. */
const BLOB_LIFETIME_MS = 60_000;

export const WORKER_HINT =
  "If the page has a content-security policy, serve @sotto/e2ee/worker yourself and give its address as " +
  "workerUrl to the key provider, or allow worker-src blob:.";

/** Throws an E2EEError where no Worker can be made. */
export function createWorker(url: string | URL | undefined): Worker {
  const options: WorkerOptions = { name: "sotto-e2ee" };
  try {
    if (url !== undefined) return new Worker(url, options);
    const blobUrl = URL.createObjectURL(new Blob([workerText], { type: "text/javascript" }));
    setTimeout(() => URL.revokeObjectURL(blobUrl), BLOB_LIFETIME_MS);
    return new Worker(blobUrl, options);
  } catch (error) {
    throw new E2EEError(
      "no-worker",
      `The encryption worker${placeOf(url)} was refused (${wordsOf(error)}). ${WORKER_HINT}`,
    );
  }
}

/** Where it is, in the words of an error: what an address ends with may be a secret. */
export function placeOf(url: string | URL | undefined): string {
  try {
    const { origin, pathname } = new URL(url ?? "", location.href);
    return url !== undefined && pathname.startsWith("/") ? ` at ${origin}${pathname}` : "";
  } catch {
    return ""; // It is no address: that is what the browser complains of.
  }
}
