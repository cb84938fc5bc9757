// The Worker of one meeting: holds the keys and the core, and passes every frame through it.

import type { FromWorker, KeyForm, StreamOptions, ToWorker } from "../messages";
import { Core, KeyRefused } from "./core";
import { createPipe, type EncodedFrame, type KeyFrameSource, type Pipe } from "./pipe";

/** What a worker has; the library of DOM types describes a page. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  onrtctransform: ((event: { transformer: Transformer }) => void) | null;
  postMessage(message: FromWorker): void;
  close(): void;
}

interface Transformer extends KeyFrameSource {
  readonly readable: ReadableStream<EncodedFrame>;
  readonly writable: WritableStream<EncodedFrame>;
  readonly options: StreamOptions;
}

const POLL_INTERVAL_MS = 200;

export function run(scope: WorkerScope): void {
  const post = (message: FromWorker) => scope.postMessage(message);
  let started: Promise<Core> | undefined;
  /** Keys are set one after the other; the last one asked for is the last one set. */
  let keys: Promise<unknown> = Promise.resolve();
  const pipes = new Set<Pipe>();

  async function start(message: Extract<ToWorker, { type: "init" }>): Promise<Core> {
    try {
      const core = await Core.create(message.roomId, message.participantId, message.suite);
      setInterval(() => tell(core), POLL_INTERVAL_MS);
      post({ type: "ready", variant: core.variant });
      return core;
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      post({ type: "failed", reason: "no-wasm", message: `The encryption core did not start: ${words}.` });
      throw error;
    }
  }

  function tell(core: Core): void {
    for (const event of core.pollEvents()) post({ type: "event", event });
  }

  async function setKey(request: number, form: KeyForm, key: Uint8Array): Promise<void> {
    const core = await started;
    if (!core) return;
    try {
      post({ type: "key-set", request, ...(await core.setKey(form, key)) });
      for (const pipe of pipes) pipe.keyChanged();
    } catch (error) {
      const reason = error instanceof KeyRefused ? error.reason : "invalid-key";
      post({ type: "key-refused", request, reason, message: (error as Error).message });
    }
  }

  /** Frames wait in the stream until the core runs; nothing passes without it. */
  async function connect(
    options: StreamOptions,
    readable: ReadableStream<EncodedFrame>,
    writable: WritableStream<EncodedFrame>,
    source: KeyFrameSource,
  ): Promise<void> {
    const core = await started;
    if (!core) return;
    const pipe = createPipe(core, options, source, post);
    pipes.add(pipe);
    const transform = new TransformStream<EncodedFrame, EncodedFrame>({ transform: pipe.transform });
    try {
      await readable.pipeThrough(transform).pipeTo(writable);
    } catch {
      // The sender or receiver was closed.
    } finally {
      pipes.delete(pipe);
      // A sealer ends with its stream. An opener stays: it remembers what was opened.
      if (options.operation === "seal" && pipe.handle !== undefined) core.removeStream(pipe.handle);
    }
  }

  scope.onmessage = ({ data }) => {
    switch (data.type) {
      case "init":
        started = start(data);
        started.catch(() => {});
        break;
      case "set-key":
        keys = keys.then(() => setKey(data.request, data.form, data.key)).catch(() => {});
        break;
      case "streams":
        connect(data.options, data.readable, data.writable, {}).catch(() => {});
        break;
      case "close":
        void started?.then((core) => core.wipe()).finally(() => scope.close());
        break;
    }
  };

  scope.onrtctransform = ({ transformer }) => {
    connect(transformer.options, transformer.readable, transformer.writable, transformer).catch(() => {});
  };
}

run(globalThis as unknown as WorkerScope);
