// The signalling of docs/signalling.md, as types.

import type { types } from "mediasoup-client";

import type { FrameFormat } from "@sotto/e2ee";

import type { ParticipantMode } from "./state";

export type Source = "microphone" | "camera" | "screen" | "screenAudio";

export type RoomPolicy = "required" | "preferred" | "off";

export interface EncryptionInfo {
  format: FrameFormat;
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
  metaData: Record<string, unknown>;
  /** 16 bytes in base64url. */
  challenge?: string;
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
  e2ee: RoomPolicy;
  resume: { token: string; timeoutMs: number };
  routerRtpCapabilities: types.RtpCapabilities;
  sendTransport?: TransportInfo;
  recvTransport?: TransportInfo;
  participants: ParticipantInfo[];
  activeSpeaker?: string;
}

export interface ConsumerInfo extends ProducerInfo {
  consumerId: string;
  participantId: string;
  rtpParameters: types.RtpParameters;
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

/** One message of the server, of which only the frame has been looked at. */
export type ServerMessage =
  | { type: "answer"; seq: number | undefined; id: number; data: unknown }
  | { type: "refusal"; seq: number | undefined; id: number; error: ServerError }
  | { type: "notification"; seq: number; event: string; data: unknown };

export interface ServerError {
  code: number;
  name: string;
  message: string;
}
