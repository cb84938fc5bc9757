// What the blind calls run inside of their pages. Each function stands alone: it is sent as text.

import type { ExternalE2EEKeyProvider, Meeting } from "@sotto/js-sdk";

import type { Tape } from "./tape.ts";

declare global {
  /** Of the page. */
  var blind: {
    provider: ExternalE2EEKeyProvider | undefined;
    meeting: Meeting;
    states: string[];
    errors: string[];
    /** When pictures of the other came to the screen, on the page's clock. */
    pictures: number[];
  };
  /** Of the worker. */
  var sottoTape: Tape;
}

export interface JoinOptions {
  roomId: string;
  token: string;
  participantId: string;
  metaData: Record<string, string>;
  /** A text, or the bytes of a raw key; none is a meeting in clear. */
  key: string | number[] | undefined;
  workerUrl: string;
}

export async function joinMeeting(options: JoinOptions): Promise<void> {
  const { key, workerUrl, ...own } = options;
  const provider = key === undefined ? undefined : new sdk.ExternalE2EEKeyProvider({ workerUrl });
  if (key !== undefined)
    void provider?.setSharedKey(typeof key === "string" ? key : Uint8Array.from(key));
  const meeting = new sdk.Meeting({
    ...own,
    displayName: own.participantId,
    ...(provider && { keyProvider: provider }),
  });
  const [states, errors, pictures]: [string[], string[], number[]] = [[], [], []];
  globalThis.blind = { provider, meeting, states, errors, pictures };
  meeting.events.on("e2ee-state-change", ({ participantId, kind, state, reason = "" }) =>
    states.push(`${participantId} ${kind} ${state} ${reason}`.trim()),
  );
  meeting.events.on("error", ({ message }) => errors.push(message));
  await Promise.all([meeting.enableWebcam(), meeting.unmuteMic()]);
  await meeting.join();
}

/** Shows and plays the other, and notes every picture. False while there is nothing to show. */
export function watch(participantId: string): boolean {
  const streams = blind.meeting.state.participants.get(participantId)?.streams;
  if (!streams?.video?.track || !streams.audio?.track) return false;
  for (const [tag, track] of [
    ["video", streams.video.track],
    ["audio", streams.audio.track],
  ] as const) {
    const element = document.body.appendChild(document.createElement(tag));
    Object.assign(element, { autoplay: true, muted: tag === "video" });
    element.srcObject = new MediaStream([track]);
  }
  const video = document.querySelector("video");
  const note = (now: number) => {
    blind.pictures.push(now);
    video?.requestVideoFrameCallback(note);
  };
  video?.requestVideoFrameCallback(note);
  return true;
}

/** In clear and with a tape all the same: before the page's scripts, for pages that ask for it. */
export function tapeClearSenders(): void {
  if (location.search !== "?clear") return;
  let worker: Worker | undefined;
  const add = RTCPeerConnection.prototype.addTransceiver;
  RTCPeerConnection.prototype.addTransceiver = function (track, init) {
    const transceiver = add.call(this, track, init);
    if (typeof track === "string" || init?.direction !== "sendonly") return transceiver;
    worker ??= new Worker("/recording_worker.js");
    const options = { operation: "record", kind: track.kind };
    transceiver.sender.transform = new RTCRtpScriptTransform(worker, options);
    return transceiver;
  };
}

export interface Decoded {
  frames: number;
  samples: number;
}

/** What came out of the decoders, of sound without what was made up to fill gaps. */
export async function readDecoded(): Promise<Decoded> {
  const { sottoConnections = [] } = window as { sottoConnections?: RTCPeerConnection[] };
  const decoded = { frames: 0, samples: 0 };
  for (const connection of sottoConnections)
    for (const entry of (await connection.getStats()).values()) {
      if (entry.type !== "inbound-rtp") continue;
      decoded.frames += entry.framesDecoded ?? 0;
      decoded.samples += (entry.totalSamplesReceived ?? 0) - (entry.concealedSamples ?? 0);
    }
  return decoded;
}

/** Before the page's scripts: a browser that only has Chromium's older way. */
export function removeScriptTransform(): void {
  Reflect.deleteProperty(window, "RTCRtpScriptTransform");
}
