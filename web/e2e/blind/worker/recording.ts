// The encryption worker with a tape that runs along: the shipped worker's own code, which gets tapped
// streams in place of the browser's. What is on the tape is fetched by the test over the debugger's
// pipe, and goes over no network. Only the tests build this; the packages contain nothing of it.

import type { StreamOptions, ToWorker } from "../../../packages/e2ee/src/messages";
import { run } from "../../../packages/e2ee/src/worker/main";
import type { Tape, TapedFrame, TapedStream } from "../tape";

interface Frame {
  data: ArrayBuffer;
  readonly type?: string;
}

interface Transformer {
  readonly readable: ReadableStream<Frame>;
  readonly writable: WritableStream<Frame>;
  readonly options: StreamOptions | { operation: "record"; kind: string };
}

interface Scope {
  onmessage: ((event: { data: ToWorker }) => void) | null;
  onrtctransform: ((event: { transformer: Transformer }) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
  sottoTape: Tape;
}

/** Of so many sealed frames one is kept. */
const WIRE_FRAME_PERIOD = 25;
/** A front and a header at their longest. */
const HEAD_SIZE = 19;

const scope = globalThis as unknown as Scope;
const tape: Tape = { streams: [], leakCount: 0 };
scope.sottoTape = tape;
let localParticipantId = "";

function toBase64(data: ArrayBuffer): string {
  const bytes = new Uint8Array(data);
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000)
    text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

function startTape(options: Transformer["options"]): TapedStream {
  const { operation, kind } = options;
  const streamId = "streamId" in options ? options.streamId : undefined;
  const stream: TapedStream = {
    operation,
    participantId: "participantId" in options ? options.participantId : localParticipantId,
    kind,
    streamId: streamId ? btoa(String.fromCharCode(...streamId)) : "",
    frames: [],
  };
  tape.streams.push(stream);
  return stream;
}

/** The two ends that the transform is given, in the place of the browser's. */
function tap({ readable, writable, options }: Transformer) {
  const stream = startTape(options);
  const isSealing = options.operation !== "open";
  const taped = new WeakMap<Frame, TapedFrame>();
  const out = new TransformStream<Frame, Frame>({
    transform(frame, controller) {
      const record = taped.get(frame);
      if (record) finish(record, frame);
      controller.enqueue(frame);
    },
  });
  const leaked = out.writable.getWriter();
  let leakCount = 0;
  let sealedCount = 0;

  function begin(frame: Frame): TapedFrame {
    const record: TapedFrame = {
      at: performance.now(),
      type: frame.type ?? "",
      size: frame.data.byteLength,
    };
    if (isSealing) record.clear = toBase64(frame.data);
    stream.frames.push(record);
    taped.set(frame, record);
    return record;
  }

  function finish(record: TapedFrame, frame: Frame): void {
    record.passedAt = performance.now();
    if (!isSealing) record.clear = toBase64(frame.data);
    if (!isSealing) return;
    if (sealedCount++ % WIRE_FRAME_PERIOD === 0) record.wire = toBase64(frame.data);
    const bytes = new Uint8Array(frame.data);
    record.head = btoa(String.fromCharCode(...bytes.subarray(0, HEAD_SIZE), ...bytes.subarray(-1)));
  }

  const tapped = readable.pipeThrough(
    new TransformStream<Frame, Frame>({
      async transform(frame, controller) {
        const record = begin(frame);
        if (!isSealing || leakCount >= tape.leakCount) return controller.enqueue(frame);
        leakCount++;
        record.isLeaked = true;
        await leaked.write(frame);
      },
    }),
  );
  const sink = new WritableStream<Frame>({ write: (frame) => leaked.write(frame) });
  out.readable.pipeTo(writable).catch(() => {}); // The sender or receiver was closed.
  return { readable: tapped, writable: sink };
}

function tapTransformer(transformer: Transformer): Transformer {
  const ends = tap(transformer);
  const methods = transformer as unknown as Record<string, (() => Promise<unknown>) | undefined>;
  const asked = Object.fromEntries(
    ["sendKeyFrameRequest", "generateKeyFrame"].flatMap((name) =>
      methods[name] ? [[name, () => methods[name]?.call(transformer)]] : [],
    ),
  );
  return { ...ends, ...asked, options: transformer.options };
}

function tapMessage(message: ToWorker): ToWorker {
  if (message.type === "init") localParticipantId = message.participantId;
  if (message.type !== "streams") return message;
  const transformer = { ...message, options: message.options } as unknown as Transformer;
  return { ...message, ...(tap(transformer) as unknown as typeof message) };
}

/** A sender without encryption: nothing happens to its frames but that they are taped. */
function record(transformer: Transformer): void {
  const { readable, writable } = tap(transformer);
  readable.pipeTo(writable).catch(() => {});
}

run({
  set onmessage(handler: (event: { data: ToWorker }) => void) {
    scope.onmessage = ({ data }) => handler({ data: tapMessage(data) });
  },
  set onrtctransform(handler: (event: { transformer: Transformer }) => void) {
    scope.onrtctransform = ({ transformer }) => {
      if (transformer.options.operation === "record") record(transformer);
      else handler({ transformer: tapTransformer(transformer) });
    };
  },
  postMessage: (message: unknown) => scope.postMessage(message),
  close: () => scope.close(),
} as unknown as Parameters<typeof run>[0]);
