// The Worker of one meeting: holds the keys and the core, and passes every frame through it.

import type { Answers, FromWorker, Request, StreamOptions, ToWorker } from "../messages";
import { wordsOf } from "../states";
import { Core } from "./core";
import { type KeyDescription, KeyRefused } from "./core_keys";
import { Keys, type KeyWatcher, type MeetingKeys, SHARED } from "./keys";
import { LivekitCore } from "./livekit_core";
import { LivekitKeys, type LivekitKeyWatcher } from "./livekit_keys";
import { Liveness } from "./liveness";
import { supportedVariant, type Variant } from "./module";
import { createPipe, type EncodedFrame, type Pipe, type Rules } from "./pipe";
import { isStreamOptions, isWellFormed } from "./well_formed";

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
type Signalling = Extract<ToWorker, { type: "join" | "challenge" | "liveness-answer" | "forget" }>;

/** What there is once the core runs. */
interface Started {
  core: Core | LivekitCore;
  keys: MeetingKeys;
  /** The format "livekit" has none. */
  liveness: Liveness | undefined;
  rules: Rules;
}

/** One transform's way through the worker, for the stream that it serves now. */
interface Passage {
  readonly transformer: Transformer;
  /** Without one, or with one that has ended, nothing passes. */
  pipe?: Pipe;
}

type LivekitTexts = Record<Variant, string>;

const POLL_INTERVAL_MS = 200;

export function run(scope: WorkerScope): void {
  const post = (message: FromWorker) => scope.postMessage(message);
  const pipes = new Map<number, Pipe>();
  /** Streams that the page gave up before they came here. */
  const released = new Set<number>();
  /** Of createEncodedStreams: a sender or receiver has those alone. By the pipe that they came with. */
  const passages = new Map<number, Passage>();
  let started: Promise<Started> = new Promise(() => {});
  let takeLivekit!: (texts: LivekitTexts) => void;
  const livekitTexts = new Promise<LivekitTexts>((resolve) => (takeLivekit = resolve));
  let hasFailed = false;

  /** A core that broke its own rules is not asked again; the page ends this worker. */
  function fail(error: unknown): void {
    if (hasFailed) return;
    hasFailed = true;
    const words = `The encryption worker failed: ${wordsOf(error)}.`;
    post({ type: "failed", reason: "worker-failed", message: words });
  }

  async function start(init: Init): Promise<Started> {
    const { policy, passesUntilReady } = init;
    const variant = supportedVariant();
    const { core, keys } = await createCore(init, livekitTexts, variant, {
      onSwitch() {
        for (const pipe of pipes.values()) pipe.keySwitches();
      },
      onSwitched: () => liveness?.keySwitched(),
      onRatcheted: (owner: string, key: KeyDescription, secret?: Uint8Array) =>
        post({
          type: "key-ratcheted",
          ...(owner !== SHARED && { owner }),
          ...key,
          ...(secret && { secret }),
        }),
    });
    const liveness = core instanceof Core ? new Liveness(core, post) : undefined;
    const parts = { core, keys, liveness, rules: { policy, passesUntilReady } };
    setInterval(() => poll(parts), POLL_INTERVAL_MS);
    post({ type: "ready", variant });
    return parts;
  }

  function poll({ core, keys, liveness }: Started): void {
    if (hasFailed) return;
    try {
      keys.tick(performance.now());
      liveness?.tick(performance.now());
      for (const event of core.pollEvents()) post({ type: "event", event });
    } catch (error) {
      fail(error);
    }
  }

  async function answer(number: number, request: Request): Promise<void> {
    const { core, keys, liveness } = await started;
    try {
      post({ type: "answer", number, answer: await perform(request, core, keys) });
      liveness?.keyChanged();
      // What was dropped for want of a key may be mended now.
      for (const pipe of pipes.values()) pipe.keyChanged();
    } catch (error) {
      if (!(error instanceof KeyRefused)) return fail(error);
      post({ type: "refused", number, reason: error.reason, message: error.message });
    }
  }

  async function handleSignalling(data: Signalling): Promise<void> {
    const { liveness } = await started;
    if (!liveness) return;
    switch (data.type) {
      case "join":
        return liveness.join(data.challenge);
      case "challenge":
        return liveness.receiveChallenge(data.participantId, data.challenge);
      case "forget":
        return liveness.forget(data.participantId);
      case "liveness-answer":
        if (!liveness.receiveAnswer(data.participantId, data.answer)) return;
        for (const pipe of pipes.values()) pipe.answered(data.participantId);
    }
  }

  /** Frames wait in the stream until the core runs; nothing passes without it. */
  async function connect(passage: Passage): Promise<void> {
    const { readable, writable, options } = passage.transformer;
    await serve(passage, options);
    const writer = writable.getWriter();
    // One stream less than with a TransformStream, whose hops take longer than the encryption.
    const sink = new WritableStream<EncodedFrame>({
      write: (frame) => (passes(passage, frame) ? writer.write(frame) : undefined),
      close: () => writer.close(),
      abort: (reason) => writer.abort(reason),
    });
    try {
      await readable.pipeTo(sink);
    } catch {
      // The sender or receiver was closed.
    }
    passage.pipe?.end();
    passages.delete(options.pipe);
  }

  /** From now on its frames are this stream's and no other's. */
  async function serve(passage: Passage, options: StreamOptions): Promise<void> {
    const { core, liveness, rules } = await started;
    passage.pipe?.end();
    delete passage.pipe;
    if (released.delete(options.pipe)) return;
    const ask = () => askForKeyFrame(passage.transformer, options, post);
    passage.pipe = createPipe(core, options, rules, ask);
    pipes.set(options.pipe, passage.pipe);
    if (options.operation === "seal") liveness?.streamAdded();
  }

  function passes({ pipe }: Passage, frame: EncodedFrame): boolean {
    if (hasFailed || !pipe) return false;
    try {
      return pipe.handle(frame);
    } catch (error) {
      fail(error);
      return false;
    }
  }

  /** False for a stream that has not come here yet. */
  function end(number: number): boolean {
    pipes.get(number)?.end();
    return pipes.delete(number);
  }

  function reuse(first: number, options: StreamOptions): void {
    const passage = passages.get(first);
    if (passage) serve(passage, options).catch(fail);
  }

  async function close(): Promise<void> {
    try {
      const { core } = await started;
      core.wipe();
    } finally {
      scope.close();
    }
  }

  async function setSifTrailer(trailer: Uint8Array): Promise<void> {
    const { core } = await started;
    if (core instanceof LivekitCore) core.setSifTrailer(trailer);
  }

  scope.onmessage = ({ data }) => {
    if (!isWellFormed(data)) return;
    switch (data.type) {
      case "init":
        started = start(data);
        started.catch((error: unknown) => {
          const reason = error instanceof RangeError ? "worker-failed" : "no-wasm";
          const message = `The encryption core did not start: ${startWordsOf(error)}.`;
          post({ type: "failed", reason, message });
        });
        break;
      case "request":
        answer(data.number, data.request).catch(() => {});
        break;
      case "streams": {
        const passage: Passage = { transformer: data };
        passages.set(data.options.pipe, passage);
        connect(passage).catch(fail);
        break;
      }
      case "reuse":
        reuse(data.first, data.options);
        break;
      case "livekit-core":
        takeLivekit(data);
        break;
      case "sif-trailer":
        setSifTrailer(data.trailer).catch(fail);
        break;
      case "release":
        if (!end(data.pipe)) released.add(data.pipe);
        break;
      case "send-key-frame":
        pipes.get(data.pipe)?.keyFrameWanted?.();
        break;
      case "join":
      case "challenge":
      case "liveness-answer":
      case "forget":
        handleSignalling(data).catch(fail);
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
    if (isStreamOptions(transformer.options)) connect({ transformer }).catch(fail);
  };
}

/** The core of the meeting's one format, and its keys. */
async function createCore(
  { roomId, participantId, suite, ratchetWindow, liveness, livekit }: Init,
  livekitTexts: Promise<LivekitTexts>,
  variant: Variant,
  watcher: KeyWatcher & LivekitKeyWatcher,
): Promise<Pick<Started, "core" | "keys">> {
  if (livekit) {
    const core = await LivekitCore.create(participantId, livekit, await livekitTexts, variant);
    return { core, keys: new LivekitKeys(core, watcher) };
  }
  const core = await Core.create(roomId, participantId, suite, variant);
  if (!liveness) core.waiveLiveness();
  return { core, keys: new Keys(core, ratchetWindow, watcher) };
}

function perform(
  request: Request,
  core: Started["core"],
  keys: MeetingKeys,
): Promise<Answers[keyof Answers]> | Answers[keyof Answers] {
  switch (request.type) {
    case "set-key":
      return keys.set(
        request.form,
        request.key,
        request.owner,
        request.keyIndex,
        request.opensOnly,
      );
    case "remove-key":
      return keys.remove(request.owner);
    case "ratchet-key":
      return keys.ratchet(request.owner, request.keyIndex);
    case "export-secret":
      return keys.exportSecret(request.owner);
    case "list-keys":
      return keys.list();
    case "count":
      return core.counts();
  }
}

/** By the transform itself where the browser has that; the page knows other ways. */
function askForKeyFrame(
  transformer: Transformer,
  options: StreamOptions,
  post: (message: FromWorker) => void,
): void {
  const [ask, otherwise] =
    options.operation === "seal"
      ? (["generateKeyFrame", "key-frame-due"] as const)
      : (["sendKeyFrameRequest", "key-frame-wanted"] as const);
  const askPage = () => post({ type: otherwise, pipe: options.pipe });
  if (transformer[ask]) transformer[ask]().catch(askPage);
  else askPage();
}

/** What browsers say of policies names what was needed before there was a word for WebAssembly alone. */
function startWordsOf(error: unknown): string {
  const words = wordsOf(error);
  if (!/content security policy|\bCSP\b/i.test(words)) return words;
  return (
    "the content-security policy does not allow WebAssembly. Add 'wasm-unsafe-eval' to script-src, in " +
    "the policy of the page, or of the worker's script if the app serves it"
  );
}
