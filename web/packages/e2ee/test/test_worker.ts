// The worker's script with the real core, in this thread: what the page says goes in, what it says is kept.

import type { FromWorker, StreamOptions, ToWorker } from "../src/messages";
import type { StreamCounts, StreamKind } from "../src/states";
import { run } from "../src/worker/main";
import type { EncodedFrame } from "../src/worker/pipe";

export const streamId = (number: number) => new Uint8Array(16).fill(number);
export const seal = (pipe: number, kind: StreamKind = "audio"): StreamOptions => ({
  operation: "seal",
  pipe,
  streamId: streamId(pipe),
  kind,
});
export const open = (
  pipe: number,
  number: number,
  participantId = "alice",
  kind: StreamKind = "audio",
): StreamOptions => ({
  operation: "open",
  pipe,
  participantId,
  streamId: streamId(number),
  kind,
});

export const turn = () => new Promise((done) => setTimeout(done));

export interface Way {
  send(frame?: EncodedFrame): void;
  passed: EncodedFrame[];
  /** How often its transform asked the browser for a key frame. */
  keyFramesAsked: number;
  transformer: { readable: ReadableStream; writable: WritableStream; options: StreamOptions };
  close(): void;
}

/** What a browser makes for one sender or receiver. */
export function createWay(options: StreamOptions): Way {
  let controller!: ReadableStreamDefaultController<EncodedFrame>;
  const readable = new ReadableStream<EncodedFrame>({ start: (given) => void (controller = given) });
  const passed: EncodedFrame[] = [];
  const writable = new WritableStream({ write: (frame) => void passed.push(frame) });
  const ask = async () => void way.keyFramesAsked++;
  const transformer = { readable, writable, options, generateKeyFrame: ask, sendKeyFrameRequest: ask };
  const way: Way = {
    send: (frame = sound()) => controller.enqueue(frame),
    passed,
    keyFramesAsked: 0,
    transformer,
    close: () => controller.close(),
  };
  return way;
}

export function sound(): EncodedFrame {
  return {
    data: Uint8Array.from([1, 2, 3, 4]).buffer,
    getMetadata: () => ({ mimeType: "audio/opus" }),
  };
}

/** Of VP8. */
export function picture(type: "key" | "delta"): EncodedFrame {
  const key = [0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x08, 0x00, 0x08, 0x00, 1, 2, 3, 4];
  const bytes = type === "key" ? key : [0x11, 0x02, 0x00, 9, 8, 7];
  return { data: Uint8Array.from(bytes).buffer, type, getMetadata: () => ({ mimeType: "video/VP8" }) };
}

export const copyOf = (frame: EncodedFrame): EncodedFrame => ({ ...frame, data: frame.data.slice(0) });

export type Init = Extract<ToWorker, { type: "init" }>;
type Said<Type> = Extract<FromWorker, { type: Type }>;

export class TestWorker {
  readonly said: FromWorker[] = [];
  isClosed = false;
  #scope: Parameters<typeof run>[0];
  #lastRequest = 1;

  /** With a key of secret bytes that are all `key`; 0 is none. */
  constructor(participantId = "alice", more: Partial<Init> = {}, key = 1) {
    this.#scope = {
      onmessage: null,
      onrtctransform: null,
      postMessage: (message) => this.said.push(message),
      close: () => (this.isClosed = true),
    };
    run(this.#scope);
    const rules = { suite: 4, policy: "required", passesUntilReady: false } as const;
    const format = { ratchetWindow: 0, liveness: false };
    this.say({ type: "init", roomId: "room", participantId, ...rules, ...format, ...more });
    if (key !== 0) this.#setKey(1, key, more.livekit ? "raw" : "secret");
  }

  say(data: ToWorker): void {
    this.#scope.onmessage?.({ data } as MessageEvent<ToWorker>);
  }

  /** As RTCRtpScriptTransform. */
  transform({ transformer }: Way): void {
    this.#scope.onrtctransform?.({ transformer });
  }

  /** As createEncodedStreams. */
  give({ transformer: { options, readable, writable } }: Way): void {
    this.say({ type: "streams", options, readable, writable });
  }

  /** Has answered what was asked last. */
  async ready(): Promise<this> {
    while (!this.all("answer").some(({ number }) => number === this.#lastRequest)) await turn();
    return this;
  }

  async setKey(key: number): Promise<void> {
    this.#setKey(++this.#lastRequest, key, "secret");
    await this.ready();
  }

  #setKey(number: number, key: number, form: "raw" | "secret"): void {
    const request = { type: "set-key", form, key: new Uint8Array(32).fill(key) } as const;
    this.say({ type: "request", number, request });
  }

  async counts(): Promise<StreamCounts[]> {
    this.say({ type: "request", number: ++this.#lastRequest, request: { type: "count" } });
    await this.ready();
    return this.all("answer").at(-1)?.answer as StreamCounts[];
  }

  /** Everything of a type that it has said. */
  all<Type extends FromWorker["type"]>(type: Type): Said<Type>[] {
    return this.said.filter((message): message is Said<Type> => message.type === type);
  }
}
