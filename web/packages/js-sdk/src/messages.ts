// The signalling of docs/signalling.md, as types.

import type { types } from "mediasoup-client";

import type { ParticipantMode } from "./state";

export type Source = "microphone" | "camera" | "screen" | "screenAudio";

export interface EncryptionInfo {
  format: "sotto";
  /** 16 bytes in base64url. */
  streamId: string;
}

export interface ProducerInfo {
  producerId: string;
  kind: "audio" | "video";
  source: Source;
  paused: boolean;
  encryption?: EncryptionInfo;
}

export interface ParticipantInfo {
  participantId: string;
  displayName: string;
  mode: ParticipantMode;
  metaData?: Record<string, unknown>;
  challenge: string;
  producers: ProducerInfo[];
}

export interface TransportInfo {
  id: string;
  iceParameters: types.IceParameters;
  iceCandidates: types.IceCandidate[];
  dtlsParameters: types.DtlsParameters;
}

export interface JoinAnswer {
  roomId: string;
  participantId: string;
  sessionId: string;
  e2ee: "required" | "preferred" | "off";
  resume: { token: string; timeoutMs: number };
  routerRtpCapabilities: types.RtpCapabilities;
  sendTransport?: TransportInfo;
  recvTransport?: TransportInfo;
  participants: ParticipantInfo[];
  activeSpeaker?: string;
}

export interface ConsumerInfo {
  consumerId: string;
  producerId: string;
  participantId: string;
  kind: "audio" | "video";
  rtpParameters: types.RtpParameters;
  source: Source;
  paused: boolean;
  encryption?: EncryptionInfo;
}

export type Notification =
  | { event: "participant-joined"; data: ParticipantInfo }
  | { event: "participant-left"; data: { participantId: string; code: number; reason: string } }
  | { event: "producer-added"; data: { participantId: string; producer: ProducerInfo } }
  | {
      event: "producer-paused" | "producer-resumed" | "producer-closed";
      data: { participantId: string; producerId: string };
    }
  | { event: "consumer-added"; data: ConsumerInfo }
  | { event: "consumer-closed"; data: { consumerId: string } }
  | {
      event: "transport-state";
      data: { transportId: string; state: "connected" | "disconnected" | "failed" };
    }
  | { event: "active-speaker"; data: { participantId?: string } }
  | { event: "message"; data: { from: string; type: string; payload: string } }
  | { event: "removed"; data: { code: number; reason: string } }
  | { event: "server-closing"; data: { reconnectAfterMs: number } };

export type ServerMessage =
  | { seq?: number; id: number; data?: unknown; error?: { code: number; name: string; message: string } }
  | ({ seq: number } & Notification);

export function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

/** Undefined for anything that is not base64url of exactly `size` bytes. */
export function fromBase64Url(text: string, size: number): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return undefined;
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    return bytes.length === size && toBase64Url(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}
