// The Worker of one meeting, watched: it must start in time, and give signs of life from then on.

import type { FromWorker, StreamOptions, ToWorker } from "./messages";
import { type E2EEError, type E2EEErrorReason, wordsOf } from "./states";
import { createWorker, placeOf, WORKER_HINT } from "./worker_source";

const START_TIMEOUT_MS = 10_000;
/** A browser says nothing when a worker dies, so it is asked for a sign of life. */
const PING_INTERVAL_MS = 1000;
/** Counted, not timed: a page that slept asks again before it takes the worker for dead. */
const PINGS_UNANSWERED_MAX = 5;
/** Time to wipe the keys before the worker is ended from outside. */
const CLOSE_TIMEOUT_MS = 1000;

type SignOfLife = Extract<FromWorker, { type: "ready" | "failed" | "pong" }>;
export type WorkerMessage = Exclude<FromWorker, SignOfLife>;

/** Neither is called once the worker was closed or ended. */
export interface WorkerListener {
  onMessage(message: WorkerMessage): void;
  /** It works no more, and is to be ended. */
  onFailure(reason: E2EEErrorReason, message: string): void;
}

export class EncryptionWorker {
  /** Resolves when the worker runs; rejects with what it was closed or ended with. */
  readonly ready: Promise<void>;

  #worker: Worker;
  #listener: WorkerListener | undefined;
  #start!: { resolve: () => void; reject: (error: E2EEError) => void };
  #timer: ReturnType<typeof setTimeout>;
  #hasStarted = false;
  #pingsUnanswered = 0;

  /** Throws an E2EEError where no Worker can be made. */
  constructor(url: string | URL | undefined, listener: WorkerListener) {
    this.ready = new Promise((resolve, reject) => (this.#start = { resolve, reject }));
    this.ready.catch(() => {}); // Who does not wait for it learns of a failure from the listener.
    this.#listener = listener;
    this.#worker = createWorker(url);
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#receive(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      if (this.#hasStarted)
        return this.#fail("worker-failed", `The encryption worker failed: ${event.message}`);
      const words = wordsOf(event.message || "it failed to load");
      const place = placeOf(url);
      this.#fail("no-worker", `The encryption worker${place} could not run: ${words}. ${WORKER_HINT}`);
    };
    this.#worker.onmessageerror = () =>
      this.#fail("worker-failed", "The encryption worker said something unreadable.");
    this.#timer = setTimeout(
      () =>
        this.#fail("worker-failed", `The encryption worker${placeOf(url)} did not start within 10 s.`),
      START_TIMEOUT_MS,
    );
  }

  post(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  createTransform(options: StreamOptions): RTCRtpScriptTransform {
    return new RTCRtpScriptTransform(this.#worker, options);
  }

  /** Ends the worker when it has wiped its keys. */
  close(error: E2EEError): void {
    this.post({ type: "close" });
    setTimeout(() => this.#worker.terminate(), CLOSE_TIMEOUT_MS);
    this.#stop(error);
  }

  /** Ends the worker at once. */
  terminate(error: E2EEError): void {
    this.#worker.terminate();
    this.#stop(error);
  }

  #stop(error: E2EEError): void {
    this.#listener = undefined;
    clearTimeout(this.#timer);
    this.#start.reject(error);
  }

  #fail(reason: E2EEErrorReason, message: string): void {
    this.#listener?.onFailure(reason, message);
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case "ready":
        return this.#started();
      case "failed":
        return this.#fail(message.reason, message.message);
      case "pong":
        this.#pingsUnanswered = 0;
        return;
      default:
        this.#listener?.onMessage(message);
    }
  }

  #started(): void {
    if (!this.#listener) return;
    this.#hasStarted = true;
    clearTimeout(this.#timer);
    this.#timer = setInterval(() => this.#ping(), PING_INTERVAL_MS);
    this.#start.resolve();
  }

  #ping(): void {
    if (this.#pingsUnanswered >= PINGS_UNANSWERED_MAX)
      this.#fail("worker-failed", "The encryption worker stopped answering.");
    else this.post({ type: "ping" });
    this.#pingsUnanswered++;
  }
}
