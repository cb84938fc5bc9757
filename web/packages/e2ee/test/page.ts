// A page for FrameEncryption without a browser: the worker's own code runs in this process, and sender and
// receiver are what a page can see of them. How real ones behave is for web/e2e.

import { vi } from "vitest";

import { FrameEncryption } from "../src/frame_encryption";
import type { FrameEncryptionOptions } from "../src/frame_encryption_options";
import { type E2EEKeyProviderOptions, ExternalE2EEKeyProvider } from "../src/key_provider";
import type { FromWorker, StreamOptions, ToWorker } from "../src/messages";
import { run } from "../src/worker/main";

const queueMicrotaskOf = queueMicrotask;

type Scope = Parameters<typeof run>[0];

/** What is said to and by it is copied, as between threads, and comes in a later turn. */
export class InProcessWorker {
  static last: InProcessWorker | undefined;
  onmessage: ((event: { data: FromWorker }) => void) | undefined;
  onerror: ((event: { message: string; preventDefault(): void }) => void) | undefined;
  readonly scope: Scope;
  readonly heard: ToWorker[] = [];
  readonly told: FromWorker[] = [];

  constructor() {
    InProcessWorker.last = this;
    this.scope = {
      onmessage: null,
      onrtctransform: null,
      postMessage: (message) => this.say(message),
      close: () => {},
    };
    run(this.scope);
  }

  /** To the page. */
  say(message: FromWorker): void {
    const data = structuredClone(message);
    this.told.push(data);
    setTimeout(() => this.onmessage?.({ data }));
  }

  postMessage(message: ToWorker, transfer: Transferable[] = []): void {
    const data = structuredClone(message, { transfer });
    this.heard.push(structuredClone(data));
    setTimeout(() => this.scope.onmessage?.({ data } as MessageEvent<ToWorker>));
  }

  terminate(): void {
    this.onmessage = this.scope.onmessage = undefined as never;
  }
}

class Transform {
  constructor({ scope }: InProcessWorker, options: StreamOptions) {
    const [readable, writable] = [new ReadableStream(), new WritableStream()];
    const transformer = { readable, writable, options: structuredClone(options) };
    setTimeout(() => scope.onrtctransform?.({ transformer }));
  }
}

/** As a browser makes them: nothing but their own passes for one. */
function createOwnerClass() {
  return class {
    #track = null;
    #transform: unknown = null;
    get track() {
      return this.#track;
    }
    get transform() {
      return this.#transform;
    }
    set transform(transform) {
      this.#transform = transform;
    }
  };
}

/** Everything of a browser that is asked for. To be called before each test. */
export function openPage(): void {
  vi.stubGlobal("Worker", InProcessWorker);
  vi.stubGlobal("RTCRtpScriptTransform", Transform);
  vi.stubGlobal("RTCRtpSender", createOwnerClass());
  vi.stubGlobal("RTCRtpReceiver", createOwnerClass());
  vi.stubGlobal("location", new URL("https://app.example/call?room=1"));
}

/** What a page gives as wrong as it likes. */
export interface Wrong {
  protectSender(sender: unknown, kind: unknown): { streamId: Uint8Array; release: () => void };
  protectReceiver(receiver: unknown, stream: unknown): { release: () => void };
  receiveChallenge(participantId: unknown, challenge: unknown): void;
  receiveAnswer(participantId: unknown, message: unknown): void;
  forgetChallenge(participantId: unknown): void;
  setSifTrailer(trailer: unknown): void;
}

export function optionsOf(
  options: Partial<FrameEncryptionOptions> = {},
  provided: E2EEKeyProviderOptions = {},
): FrameEncryptionOptions {
  return {
    keyProvider: new ExternalE2EEKeyProvider(provided),
    roomId: "room",
    participantId: "alice",
    onEvent: vi.fn(),
    onFailure: vi.fn(),
    onKeyFrameWanted: vi.fn(),
    onSafetyCode: vi.fn(),
    onAnswer: vi.fn(),
    onChallengeWanted: vi.fn(),
    ...options,
  };
}

export function create(options = optionsOf()): FrameEncryption & Wrong {
  return new FrameEncryption(options) as FrameEncryption & Wrong;
}

/** What callbacks throw meanwhile, and what `action` throws itself. */
export async function thrownDuring(action: () => unknown): Promise<string[]> {
  const thrown: string[] = [];
  const note = (error: unknown) => void thrown.push((error as Error).message);
  const attempt = async (work: () => unknown) => Promise.resolve().then(work).catch(note);
  vi.stubGlobal("queueMicrotask", attempt);
  await attempt(action);
  await new Promise((done) => setTimeout(done, 10));
  vi.stubGlobal("queueMicrotask", queueMicrotaskOf);
  return thrown;
}
