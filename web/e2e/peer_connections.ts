// In a page with @sotto/e2ee: two plain peer connections, one sends and one receives, without a
// server. Each function stands alone: it is sent to the page as text.

import type { FrameEncryption, StreamCounts } from "@sotto/e2ee";

export interface CallOptions {
  codec: string;
  /** Of H.264, those variants that have this in their format parameters. */
  format?: string;
  /** One for each layer of simulcast; one alone is no simulcast. */
  encodings: (RTCRtpEncodingParameters & { scalabilityMode?: string })[];
  /** What `makePicture` or `makeSound` left in the page. */
  source: "sottoPicture" | "sottoSound";
}

export interface Call {
  sender: RTCPeerConnection;
  receiver: RTCPeerConnection;
  seals: FrameEncryption;
  opens: FrameEncryption;
}

/** The fake camera, larger, so that an encoder makes three layers of it. */
export async function makePicture(): Promise<void> {
  const [width, height] = [1280, 720];
  const camera = document.createElement("video");
  camera.muted = true;
  camera.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
  await camera.play();
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas");
  setInterval(() => context.drawImage(camera, 0, 0, width, height), 50);
  Object.assign(window, { sottoPicture: canvas.captureStream(20) });
}

export async function makeSound(): Promise<void> {
  Object.assign(window, {
    sottoSound: await navigator.mediaDevices.getUserMedia({ audio: true }),
  });
}

/** Connects, with all transforms in place first; every layer is shown in a video of its name. */
export async function call({ codec, format, encodings, source }: CallOptions): Promise<Call> {
  const streamName = { participantId: "alice", kind: "video" } as const;
  const [track] = (window as unknown as Record<string, MediaStream>)[source]?.getTracks() ?? [];
  if (!track) throw new Error("no source");
  const encryptionOf = async (participantId: string) => {
    const keyProvider = new e2ee.ExternalE2EEKeyProvider({ liveness: false });
    const encryption = new e2ee.FrameEncryption({
      keyProvider,
      roomId: "room",
      participantId,
      onEvent: ({ state, reason = "" }) =>
        sottoStates.push(`${participantId} ${state} ${reason}`.trim()),
      onFailure: (error) => sottoStates.push(`${participantId} ${error.message}`),
      onKeyFrameWanted: () => {},
    });
    await encryption.ready;
    await keyProvider.setSharedKey(new Uint8Array(16).fill(7));
    return encryption;
  };
  const seals = await encryptionOf("alice");
  const opens = await encryptionOf("bob");
  const settings = e2ee.FrameEncryption.peerConnectionSettings;
  const [sender, receiver] = [new RTCPeerConnection(settings), new RTCPeerConnection(settings)];
  sender.onicecandidate = ({ candidate }) => void receiver.addIceCandidate(indexed(candidate));
  receiver.onicecandidate = ({ candidate }) => void sender.addIceCandidate(indexed(candidate));
  function indexed(candidate: RTCIceCandidate | null): RTCIceCandidateInit | undefined {
    return candidate ? { candidate: candidate.candidate, sdpMLineIndex: 0 } : undefined;
  }

  const transceiver = sender.addTransceiver(track, {
    direction: "sendonly",
    sendEncodings: encodings,
  });
  const { streamId } = seals.protectSender(transceiver.sender, "video");
  const all = RTCRtpReceiver.getCapabilities(track.kind)?.codecs ?? [];
  const isWanted = ({ mimeType, sdpFmtpLine = "" }: RTCRtpCodec) =>
    mimeType === codec && sdpFmtpLine.includes(format ?? "");
  const helpers = all.filter(({ mimeType }) => /\/(rtx|opus)$/.test(mimeType));
  const wanted = all.filter(isWanted);
  if (wanted.length === 0) throw new Error(`this browser has no ${codec}`);
  const others = helpers.filter((helper) => !wanted.includes(helper));
  transceiver.setCodecPreferences([...wanted, ...others]);

  receiver.ontrack = ({ transceiver: { receiver: incoming, mid } }) => {
    opens.protectReceiver(incoming, { ...streamName, streamId });
    const element = document.createElement(incoming.track.kind === "video" ? "video" : "audio");
    Object.assign(element, { className: `layer${mid}`, autoplay: true, muted: true });
    element.srcObject = new MediaStream([incoming.track]);
    document.body.append(element);
  };
  await sender.setLocalDescription();
  const names = encodings.flatMap(({ rid }) => rid ?? []);
  const isSimulcast = names.length > 1;
  const offer = sender.localDescription?.sdp ?? "";
  await receiver.setRemoteDescription({ type: "offer", sdp: isSimulcast ? split(offer) : offer });
  await receiver.setLocalDescription();
  const answer = receiver.localDescription?.sdp ?? "";
  await sender.setRemoteDescription({ type: "answer", sdp: isSimulcast ? join(answer) : answer });
  return { sender, receiver, seals, opens };

  // Browsers send simulcast and do not receive it. To the receiver each layer is a medium of its
  // own, told apart by what the sender takes for the name of a layer.
  function split(sdp: string): string {
    const [session = "", medium = ""] = sdp.split(/(?=^m=)/m);
    const own = medium
      .replace(/^a=(rid|simulcast|mid|msid|ssrc|ssrc-group):.*\r\n/gm, "")
      .replace(/^a=extmap:\d+ urn:ietf:params:rtp-hdrext:sdes:mid\r\n/m, "")
      .replace("sdes:rtp-stream-id", "sdes:mid");
    const media = names.map((name, i) => `${own}a=mid:${name}\r\na=msid:stream track${i}\r\n`);
    const group = `a=group:BUNDLE ${names.join(" ")}`;
    return session.replace(/^a=group:BUNDLE.*$/m, group) + media.join("");
  }

  function join(sdp: string): string {
    const [session = "", medium = ""] = sdp.split(/(?=^m=)/m);
    const layerName = /^a=extmap:(\d+) urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id/m;
    const [line = "", id = ""] = layerName.exec(offer) ?? [];
    const own = medium
      .replace(/^a=mid:.*$/m, `a=mid:${transceiver.mid}`)
      .replace(new RegExp(`^a=extmap:${id} .*$`, "m"), line);
    const rids = names.map((name) => `a=rid:${name} recv\r\n`).join("");
    return (
      session.replace(/^a=group:BUNDLE.*$/m, `a=group:BUNDLE ${transceiver.mid}`) +
      `${own}${rids}a=simulcast:recv ${names.join(";")}\r\n`
    );
  }
}

export interface Figures {
  /** Of each layer that was received: its name, and decoded frames or samples. */
  layers: { mid: string; decoded: number; width: number }[];
  /** Of each layer that was sent. */
  codecs: string[];
  scalabilityModes: string[];
  bytesPerPacket: number;
  sealed: StreamCounts[];
  opened: StreamCounts[];
}

export async function readFigures({ sender, receiver, seals, opens }: Call): Promise<Figures> {
  const [received, sent] = [await receiver.getStats(), await sender.getStats()];
  const layers: Figures["layers"] = [];
  for (const entry of received.values())
    if (entry.type === "inbound-rtp")
      layers.push({
        mid: String(entry.mid),
        decoded: entry.framesDecoded ?? entry.totalSamplesReceived - entry.concealedSamples,
        width: entry.frameWidth ?? 0,
      });
  const outbound = [...sent.values()].filter(({ type }) => type === "outbound-rtp");
  return {
    layers,
    codecs: outbound.map(({ codecId }) => String(sent.get(codecId)?.mimeType)),
    bytesPerPacket: (outbound[0]?.bytesSent ?? 0) / (outbound[0]?.packetsSent ?? 1),
    scalabilityModes: outbound.flatMap(({ scalabilityMode }) => scalabilityMode ?? []),
    sealed: await seals.counts(),
    opened: await opens.counts(),
  };
}

export function hangUp({ sender, receiver, seals, opens }: Call): void {
  for (const end of [sender, receiver, seals, opens]) end.close();
  document.querySelectorAll('[class^="layer"]').forEach((element) => element.remove());
}
