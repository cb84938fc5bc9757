// In a page with @sotto/e2ee, without a server: plain peer connections whose senders and receivers are used
// again, and pictures of one colour each, so that what is shown says whose it is.

import type { FrameEncryption, IncomingStream, ProtectedSender, StreamCounts } from "@sotto/e2ee";

export type Colour = "red" | "green" | "blue";

/** One picture that was shown, and when on the page's clock, in ms. */
export interface Shown {
  colour: Colour;
  at: number;
}

/** One medium from a sender to a receiver, both protected. */
export interface Link {
  transceiver: RTCRtpTransceiver;
  sender: RTCRtpSender;
  receiver: RTCRtpReceiver;
  outgoing: ProtectedSender;
  /** Grows with each picture. */
  shown: Shown[];
}

/** Two connections: what one sends the other receives. */
export interface Line {
  sending: RTCPeerConnection;
  receiving: RTCPeerConnection;
  /** One medium more. `take` protects its receiver. */
  connect(
    from: Member,
    track: MediaStreamTrack,
    take: (receiver: RTCRtpReceiver, stream: IncomingStream) => unknown,
  ): Promise<Link>;
  negotiate(protect?: () => void): Promise<void>;
  /** Packets that came, and pictures that a decoder made of them. */
  totals(): Promise<{ packets: number; decoded: number }>;
}

/** One client: its encryption, and what that told, as "alice video InternalError worker-failed". */
export interface Member {
  id: "alice" | "bob" | "carol";
  encryption: FrameEncryption;
  states: string[];
  setKey(number: number): Promise<void>;
  take(receiver: RTCRtpReceiver, stream: IncomingStream): { release: () => void };
  counts(): Promise<StreamCounts[]>;
  /** Does one of the deeds that `prepareRaces` was given, inside of this client's worker. */
  doInWorker(name: string): void;
}

export interface Races {
  /** `Connection` may be of another frame of the page. */
  createLine(Connection?: typeof RTCPeerConnection): Line;
  /** Rejects with what is wrong where the worker does not run. */
  createMember(id: Member["id"], workerUrl?: string): Promise<Member>;
  createPicture(colour: Colour): MediaStreamTrack;
  /** Takes down what comes to a receiver, in base64, and lets nothing pass. */
  createTap(): { frames: string[]; take: (receiver: RTCRtpReceiver) => void };
  /**
   * Another client seals what this sender sends, which was `held` before. Chromium now and then lets the
   * worker before clear what the new one has just set up, if both live: then nothing is sent, and it is
   * set up again.
   */
  handOver(
    sender: RTCRtpSender,
    held: ProtectedSender,
    to: Member,
    track: MediaStreamTrack,
  ): Promise<ProtectedSender>;
  /** Until it is so; fails after 10 s with what `tell` says. */
  until(isSo: () => boolean | Promise<boolean>, tell?: () => unknown): Promise<void>;
  /** Until so many further pictures are shown, the last one in this colour. Returns after how many ms. */
  shows(link: Link, colour: Colour, count?: number): Promise<number>;
  sleep(ms: number): Promise<void>;
}

declare global {
  /** Of the page. */
  var races: Races;
}

/** In the page: makes `races`. What may be done to workers is given as the text of functions, by name. */
export function prepareRaces(deeds: Record<string, string>): void {
  const COLOURS = { red: [220, 30, 30], green: [30, 200, 30], blue: [30, 30, 220] } as const;
  const [WIDTH, HEIGHT, FRAME_RATE] = [320, 180, 40];
  const ROOM_ID = "room";
  const sleep = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

  let lastWorker: Worker | undefined;
  globalThis.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      lastWorker = this;
    }
  };
  // Only some browsers let a test reach into a worker, so its script is told beforehand what to do.
  const createUrl = URL.createObjectURL.bind(URL);
  const table = Object.entries(deeds).map(([name, deed]) => `${JSON.stringify(name)}: ${deed}`);
  const listener = `addEventListener("message", ({ data }) => ({ ${table.join()} })[data.deed]?.());\n`;
  URL.createObjectURL = (object) => {
    const isScript = object instanceof Blob && object.type === "text/javascript";
    return createUrl(isScript ? new Blob([listener, object], { type: object.type }) : object);
  };

  function createPicture(colour: Colour): MediaStreamTrack {
    const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
    const context = canvas.getContext("2d");
    const [track] = canvas.captureStream(FRAME_RATE).getVideoTracks();
    if (!context || !track) throw new Error("no picture");
    let time = 0;
    setInterval(() => {
      context.fillStyle = `rgb(${COLOURS[colour].join(" ")})`;
      context.fillRect(0, 0, WIDTH, HEIGHT);
      context.fillStyle = "white"; // It moves, or nothing is encoded.
      context.fillRect((time++ * 7) % WIDTH, 0, 9, 30);
    }, 1000 / FRAME_RATE);
    return track;
  }

  async function describe(connection: RTCPeerConnection): Promise<RTCSessionDescriptionInit> {
    await connection.setLocalDescription();
    // With everything stopped there is nothing to gather for.
    const isClosed = () => connection.getTransceivers().every(({ direction }) => direction === "stopped");
    await until(() => connection.iceGatheringState === "complete" || isClosed());
    return connection.localDescription ?? { type: "offer" };
  }

  function createLine(Connection = RTCPeerConnection): Line {
    const create = () => {
      const connection = new Connection(e2ee.FrameEncryption.peerConnectionSettings);
      e2ee.prepareConnection(connection);
      return connection;
    };
    const [sending, receiving] = [create(), create()];
    async function negotiate(protect = () => {}) {
      await receiving.setRemoteDescription(await describe(sending));
      protect();
      await sending.setRemoteDescription(await describe(receiving));
    }
    const connect: Line["connect"] = async (from, track, take) => {
      const transceiver = sending.addTransceiver(track, { direction: "sendonly" });
      const { sender } = transceiver;
      const outgoing = from.encryption.protectSender(sender, "video");
      const stream = { participantId: from.id, kind: "video", streamId: outgoing.streamId } as const;
      let link: Link | undefined;
      await negotiate(() => {
        const { receiver } = receiving.getTransceivers().at(-1) ?? {};
        if (!receiver) return;
        take(receiver, stream);
        link = { transceiver, sender, receiver, outgoing, shown: watch(receiver) };
      });
      if (!link) throw new Error("no receiver");
      return link;
    };
    async function totals() {
      const sums = { packets: 0, decoded: 0 };
      for (const entry of (await receiving.getStats()).values()) {
        if (entry.type !== "inbound-rtp") continue;
        sums.packets += entry.packetsReceived ?? 0;
        sums.decoded += entry.framesDecoded ?? 0;
      }
      return sums;
    }
    return { sending, receiving, negotiate, connect, totals };
  }

  async function createMember(id: Member["id"], workerUrl?: string): Promise<Member> {
    const address = workerUrl === undefined ? {} : { workerUrl };
    const keyProvider = new e2ee.ExternalE2EEKeyProvider({ liveness: false, ...address });
    const states: string[] = [];
    const encryption = new e2ee.FrameEncryption({
      keyProvider,
      roomId: ROOM_ID,
      participantId: id,
      onEvent: ({ participantId, kind, state, reason = "" }) =>
        states.push(`${participantId} ${kind} ${state} ${reason}`.trim()),
      onFailure: ({ message }) => states.push(message),
      onKeyFrameWanted: () => {},
    });
    const setKey = (number: number) => keyProvider.setSharedKey(new Uint8Array(16).fill(number));
    const worker = lastWorker;
    await Promise.all([encryption.ready, setKey(1)]);
    return {
      id,
      encryption,
      states,
      setKey,
      take: (receiver, stream) => encryption.protectReceiver(receiver, stream),
      counts: () => encryption.counts(),
      doInWorker: (deed) => worker?.postMessage({ deed }),
    };
  }

  const handOver: Races["handOver"] = async (sender, held, to, track) => {
    await sender.replaceTrack(null); // Or who was there before would still seal one of the new pictures.
    held.release();
    // Not only a first frame or two, behind which it may still be cleared.
    const isSealing = async () => (await to.counts()).some(({ passed }) => passed >= 5);
    for (let i = 0; i < 5; i++) {
      const outgoing = to.encryption.protectSender(sender, "video");
      await sender.replaceTrack(track);
      for (let wait = 0; wait < 60; wait++, await sleep(10)) if (await isSealing()) return outgoing;
    }
    throw new Error(`${to.id} seals nothing`);
  };

  function createTap() {
    const code = `onrtctransform = async ({ transformer }) => {
      for await (const { data } of transformer.readable) postMessage(new Uint8Array(data));
    }`;
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    const [worker, frames] = [new Worker(url), new Array<string>()];
    worker.onmessage = ({ data }) => frames.push(btoa(String.fromCharCode(...data)));
    const take = (receiver: RTCRtpReceiver) => {
      receiver.transform = new RTCRtpScriptTransform(worker);
    };
    return { frames, take };
  }

  function watch(receiver: RTCRtpReceiver): Shown[] {
    const shown: Shown[] = [];
    const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const video = Object.assign(document.createElement("video"), { muted: true, autoplay: true });
    video.srcObject = new MediaStream([receiver.track]);
    document.body.append(video);
    const note = (at: number) => {
      context?.drawImage(video, 0, 0, 1, 1);
      const [red = 0, green = 0, blue = 0] = context?.getImageData(0, 0, 1, 1).data ?? [];
      const most = Math.max(red, green, blue);
      shown.push({ colour: most === red ? "red" : most === green ? "green" : "blue", at });
      video.requestVideoFrameCallback(note);
    };
    video.requestVideoFrameCallback(note);
    return shown;
  }

  async function until(isSo: () => boolean | Promise<boolean>, tell: () => unknown = () => isSo) {
    for (const end = performance.now() + 10_000; !(await isSo()); await sleep(10))
      if (performance.now() > end) throw new Error(`not within 10 s: ${JSON.stringify(await tell())}`);
  }

  async function shows({ shown }: Link, colour: Colour, count = 10): Promise<number> {
    const [start, from] = [performance.now(), shown.length];
    const colours = () => shown.slice(from).filter((each) => each.colour === colour);
    await until(() => colours().length >= count, () => [colour, shown.slice(from)]);
    return (colours()[0]?.at ?? 0) - start;
  }

  globalThis.races = {
    createLine,
    createMember,
    createPicture,
    createTap,
    handOver,
    until,
    shows,
    sleep,
  };
}
