// How one stream fares, in VideoSDK's terms, from what the browser counts.

export interface StreamStats {
  /** kbit/s since it was read last; 0 the first time. */
  bitrate: number;
  /** Milliseconds there and back; absent before the first report from the other end. */
  rtt?: number;
  /** Milliseconds. */
  jitter?: number;
  codec: string;
  totalPackets: number;
  packetsLost: number;
  /** Of a picture. */
  size?: { width: number; height: number; framerate: number };
  /** What holds the sender back: `none`, `cpu`, `bandwidth` or `other`. */
  limitation?: string;
  /** Of sound: gaps that were filled, and samples that were taken out or put in to keep pace. */
  concealmentEvents?: number;
  insertedSamplesForDecelaration?: number;
  removedSamplesForAccelaration?: number;
}

/** Fields of RTCStats that are read here; browsers give what they have. */
type Entry = Record<string, unknown> & { type: string };

interface Sample {
  bytes: number;
  timestamp: number;
}

/** Remembers what each stream had counted, to tell its rate. */
export class StreamMeter {
  #samples = new Map<string, Sample>();

  /** `report` is that of one sender or receiver. Undefined if it carries no RTP yet. */
  read(name: string, report: Iterable<unknown>): StreamStats | undefined {
    const entries = [...report] as Entry[];
    const rtp = entries.find(({ type }) => type === "inbound-rtp" || type === "outbound-rtp");
    if (!rtp) return undefined;
    const isInbound = rtp.type === "inbound-rtp";
    const remote = entries.find(({ type }) => type === "remote-inbound-rtp");
    const pair = entries.find((each) => each.type === "candidate-pair" && each.nominated === true);
    const codec = entries.find(({ id }) => id === rtp.codecId);
    const bytes = number(isInbound ? rtp.bytesReceived : rtp.bytesSent) ?? 0;
    const rtt = number(remote?.roundTripTime) ?? number(pair?.currentRoundTripTime);
    const jitter = number(isInbound ? rtp.jitter : remote?.jitter);
    return {
      bitrate: this.#rate(name, { bytes, timestamp: number(rtp.timestamp) ?? 0 }),
      ...(rtt !== undefined && { rtt: rtt * 1000 }),
      ...(jitter !== undefined && { jitter: jitter * 1000 }),
      codec: String(codec?.mimeType ?? "").replace(/^.*\//, ""),
      totalPackets: number(isInbound ? rtp.packetsReceived : rtp.packetsSent) ?? 0,
      packetsLost: number(isInbound ? rtp.packetsLost : remote?.packetsLost) ?? 0,
      ...(rtp.kind === "video" ? pictureOf(rtp) : soundOf(rtp)),
    };
  }

  #rate(name: string, now: Sample): number {
    const before = this.#samples.get(name);
    this.#samples.set(name, now);
    if (!before || now.timestamp <= before.timestamp || now.bytes < before.bytes) return 0;
    return ((now.bytes - before.bytes) * 8) / (now.timestamp - before.timestamp);
  }
}

function pictureOf(rtp: Entry): Partial<StreamStats> {
  const [width, height] = [number(rtp.frameWidth), number(rtp.frameHeight)];
  const framerate = number(rtp.framesPerSecond) ?? 0;
  const limitation = rtp.qualityLimitationReason;
  return {
    ...(width !== undefined && height !== undefined && { size: { width, height, framerate } }),
    ...(typeof limitation === "string" && { limitation }),
  };
}

function soundOf(rtp: Entry): Partial<StreamStats> {
  if (rtp.type !== "inbound-rtp") return {};
  return {
    concealmentEvents: number(rtp.concealmentEvents) ?? 0,
    insertedSamplesForDecelaration: number(rtp.insertedSamplesForDeceleration) ?? 0,
    removedSamplesForAccelaration: number(rtp.removedSamplesForAcceleration) ?? 0,
  };
}

function number(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
