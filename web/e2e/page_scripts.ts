// What tests run inside of pages. Each function stands alone: it is sent there as text.

/** Before the page's scripts: noise suppression would remove a steady tone. */
export function rawMicrophone(): void {
  const getUserMedia = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
  if (!getUserMedia) return;
  const raw = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  navigator.mediaDevices.getUserMedia = (constraints = {}) =>
    getUserMedia({
      ...constraints,
      ...(constraints.audio && { audio: { ...Object(constraints.audio), ...raw } }),
    });
}

/** Before the page's scripts: keeps every connection where a test finds it. */
export function rememberConnections(): void {
  const connections: RTCPeerConnection[] = [];
  const Original = window.RTCPeerConnection;
  Object.assign(window, { sottoConnections: connections });
  window.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      connections.push(this);
    }
    /** What a closed connection has sent stays countable. */
    override close() {
      const none = new Promise<RTCStatsReport>((done) =>
        setTimeout(() => done(new Map() as RTCStatsReport), 500),
      );
      const last = Promise.race([this.getStats(), none]); // Firefox may keep its answer.
      this.getStats = () => last;
      super.close();
    }
  };
}

export interface MediaTotals {
  sentBytes: number;
  receivedPackets: number;
  decodedFrames: number;
  /** Of audio that came from packets and was not made up to fill a gap. */
  decodedSamples: number;
}

/** Over all connections that the page has ever had. */
export async function readMediaTotals(): Promise<MediaTotals> {
  const { sottoConnections = [] } = window as { sottoConnections?: RTCPeerConnection[] };
  const totals = { sentBytes: 0, receivedPackets: 0, decodedFrames: 0, decodedSamples: 0 };
  for (const connection of sottoConnections) {
    for (const entry of (await connection.getStats()).values()) {
      if (entry.type === "outbound-rtp") totals.sentBytes += entry.bytesSent;
      if (entry.type !== "inbound-rtp") continue;
      totals.receivedPackets += entry.packetsReceived;
      totals.decodedFrames += entry.framesDecoded ?? 0;
      totals.decodedSamples += (entry.totalSamplesReceived ?? 0) - (entry.concealedSamples ?? 0);
    }
  }
  return totals;
}

/** The longest time between two pictures of each video element, in ms, from now on. */
export function watchPictures(): void {
  const pauses = new Map<string, number>();
  Object.assign(window, { sottoPauses: pauses });
  for (const video of document.querySelectorAll("video")) {
    let last = performance.now();
    const note = (now: number) => {
      const { sottoPauses } = window as { sottoPauses?: Map<string, number> };
      if (sottoPauses !== pauses) return;
      pauses.set(video.className, Math.max(pauses.get(video.className) ?? 0, now - last));
      last = now;
      video.requestVideoFrameCallback(note);
    };
    video.requestVideoFrameCallback(note);
  }
}

export interface PauseCounts {
  pictures: Record<string, number>;
  /** How much sound of each stream was ever made up to fill gaps, in ms. */
  filledMs: Record<string, number>;
}

export async function readPauses(): Promise<PauseCounts> {
  const { sottoPauses = [], sottoConnections = [] } = window as {
    sottoPauses?: Map<string, number>;
    sottoConnections?: RTCPeerConnection[];
  };
  const filledMs: Record<string, number> = {};
  for (const connection of sottoConnections)
    for (const entry of (await connection.getStats()).values())
      if (entry.type === "inbound-rtp" && entry.kind === "audio")
        filledMs[entry.ssrc] = (entry.concealedSamples ?? 0) / 48;
  return { pictures: Object.fromEntries(sottoPauses), filledMs };
}

/** Whether the browser keeps sound and picture together: it reckons when each is played. */
export async function areSynchronised(): Promise<boolean> {
  const { sottoConnections = [] } = window as { sottoConnections?: RTCPeerConnection[] };
  const times: unknown[] = [];
  for (const connection of sottoConnections)
    for (const entry of (await connection.getStats()).values())
      if (entry.type === "inbound-rtp") times.push(entry.estimatedPlayoutTimestamp);
  return times.length > 0 && times.every((time) => typeof time === "number");
}

export interface Points {
  selector: string;
  points: { x: number; y: number }[];
}

export function readColours({ selector, points }: Points) {
  const video = document.querySelector<HTMLVideoElement>(selector);
  if (!video || video.videoWidth === 0 || video.readyState < 2) return undefined;
  const canvas = document.createElement("canvas");
  const [width, height] = [(canvas.width = video.videoWidth), (canvas.height = video.videoHeight)];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return undefined;
  context.drawImage(video, 0, 0);
  const colours = points.map(({ x, y }) => {
    const { data } = context.getImageData(Math.floor(x * width), Math.floor(y * height), 1, 1);
    return [data[0] ?? 0, data[1] ?? 0, data[2] ?? 0] as [number, number, number];
  });
  return { width, colours };
}

/** -Infinity dB is silence. */
export async function readTone(selector: string): Promise<{ frequency: number; level: number }> {
  const audio = document.querySelector<HTMLAudioElement>(selector);
  const stream = audio?.srcObject;
  if (!(stream instanceof MediaStream) || stream.getAudioTracks().length === 0)
    return { frequency: 0, level: -Infinity };
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 8192;
  context.createMediaStreamSource(stream).connect(analyser);
  await new Promise((done) => setTimeout(done, 400));
  const levels = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(levels);
  let loudest = 0;
  levels.forEach((level, bin) => {
    if (level > (levels[loudest] ?? -Infinity)) loudest = bin;
  });
  const frequency = (loudest * context.sampleRate) / analyser.fftSize;
  const level = levels[loudest] ?? -Infinity;
  await context.close();
  return { frequency, level };
}

/** Before the page loads: leaves Chromium its older way, createEncodedStreams. */
export function removeScriptTransform(): void {
  Reflect.deleteProperty(window, "RTCRtpScriptTransform");
}
