// The Worker of one meeting: holds the keys and the core, and passes every frame through it.

import type { FromWorker, KeyForm, StreamOptions, ToWorker } from "../messages";
import { Core, KeyRefused, supportedVariant } from "./core";
import { Keys } from "./keys";
import { createPipe, type EncodedFrame, type Pipe, type Rules } from "./pipe";

/** What a worker has; the library of DOM types describes a page. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  onrtctransform: ((event: { transformer: Transformer }) => void) | null;
  postMessage(message: FromWorker): void;
  close(): void;
}

/** RTCRtpScriptTransformer; browsers differ in how it asks for key frames. */
interface Transformer {
  readonly readable: ReadableStream<EncodedFrame>;
  readonly writable: WritableStream<EncodedFrame>;
  readonly options: StreamOptions;
  sendKeyFrameRequest?: () => Promise<void>;
  generateKeyFrame?: () => Promise<unknown>;
}

type Init = Extract<ToWorker, { type: "init" }>;

/** What there is once the core runs. */
interface Started {
  core: Core;
  keys: Keys;
  rules: Rules;
}

const POLL_INTERVAL_MS = 200;

export function run(scope: WorkerScope): void {
  const post = (message: FromWorker) => scope.postMessage(message);
  const pipes = new Map<number, Pipe>();
  /** Streams that the page gave up before they came here. */
  const released = new Set<number>();
  let started: Promise<Started> = new Promise(() => {});
  let hasFailed = false;

  /** A core that broke its own rules is not asked again; the page ends this worker. */
  function fail(error: unknown): void {
    if (hasFailed) return;
    hasFailed = true;
    const words = `The encryption worker failed: ${wordsOf(error)}.`;
    post({ type: "failed", reason: "worker-failed", message: words });
  }

  async function start(init: Init): Promise<Started> {
    const { roomId, participantId, suite, policy, passesUntilReady } = init;
    const variant = supportedVariant();
    const core = await Core.create(roomId, participantId, suite, variant);
    const keys = new Keys(core);
    setInterval(() => poll(core, keys), POLL_INTERVAL_MS);
    post({ type: "ready", variant });
    return { core, keys, rules: { policy, passesUntilReady } };
  }

  function poll(core: Core, keys: Keys): void {
    if (hasFailed) return;
    try {
      keys.tick(performance.now());
      for (const event of core.pollEvents()) post({ type: "event", event });
    } catch (error) {
      fail(error);
    }
  }

  async function setKey(request: number, form: KeyForm, key: Uint8Array): Promise<void> {
    const { keys } = await started;
    try {
      post({ type: "key-set", request, ...(await keys.set(form, key)) });
      for (const pipe of pipes.values()) pipe.keyChanged();
    } catch (error) {
      if (!(error instanceof KeyRefused)) return fail(error);
      post({ type: "key-refused", request, reason: error.reason, message: error.message });
    }
  }

  async function count(request: number): Promise<void> {
    const { core } = await started;
    post({ type: "counts", request, streams: core.counts() });
  }

  /** Frames wait in the stream until the core runs; nothing passes without it. */
  async function connect(transformer: Transformer): Promise<void> {
    const { core, rules } = await started;
    const { options } = transformer;
    if (released.delete(options.pipe)) return;
    const pipe = createPipe(core, options, rules, () => askForKeyFrame(transformer, post));
    pipes.set(options.pipe, pipe);
    const transform = new TransformStream<EncodedFrame, EncodedFrame>({
      transform(frame, controller) {
        if (passes(pipe, frame)) controller.enqueue(frame);
      },
    });
    try {
      await transformer.readable.pipeThrough(transform).pipeTo(transformer.writable);
    } catch {
      // The sender or receiver was closed.
    }
    end(options.pipe);
  }

  function passes(pipe: Pipe, frame: EncodedFrame): boolean {
    if (hasFailed) return false;
    try {
      return pipe.handle(frame);
    } catch (error) {
      fail(error);
      return false;
    }
  }

  function end(number: number): boolean {
    pipes.get(number)?.end();
    return pipes.delete(number);
  }

  async function close(): Promise<void> {
    try {
      const { core } = await started;
      core.wipe();
    } finally {
      scope.close();
    }
  }

  scope.onmessage = ({ data }) => {
    switch (data.type) {
      case "init":
        started = start(data);
        started.catch((error: unknown) => {
          const reason = error instanceof RangeError ? "worker-failed" : "no-wasm";
          const message = `The encryption core did not start: ${wordsOf(error)}.`;
          post({ type: "failed", reason, message });
        });
        break;
      case "set-key":
        setKey(data.request, data.form, data.key).catch(() => {});
        break;
      case "streams":
        connect(data).catch(fail);
        break;
      case "release":
        if (!end(data.pipe)) released.add(data.pipe);
        break;
      case "count":
        count(data.request).catch(fail);
        break;
      case "ping":
        post({ type: "pong" });
        break;
      case "close":
        close().catch(() => {});
        break;
    }
  };

  scope.onrtctransform = ({ transformer }) => {
    connect(transformer).catch(fail);
  };
}

/** By the transform itself where the browser has that; the page knows other ways. */
function askForKeyFrame(transformer: Transformer, post: (message: FromWorker) => void): void {
  const { options } = transformer;
  const [ask, otherwise] =
    options.operation === "seal"
      ? (["generateKeyFrame", "key-frame-due"] as const)
      : (["sendKeyFrameRequest", "key-frame-wanted"] as const);
  const askPage = () => post({ type: otherwise, pipe: options.pipe });
  if (transformer[ask]) transformer[ask]().catch(askPage);
  else askPage();
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
