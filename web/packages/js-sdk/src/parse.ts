// What a server says, looked at before anything is done with it: shapes, sizes, names. Nothing here
// makes it true; it only keeps a hostile server from crashing the page or writing into SDP.

import type { types } from "mediasoup-client";

import { fromBase64Url } from "./base64url";
import { kindOf, mediaKindOf } from "./kinds";
import type {
  EncryptionInfo,
  JoinAnswer,
  Notification,
  ParticipantInfo,
  ProducerInfo,
  RoomPolicy,
  ServerMessage,
  Source,
  TransportInfo,
} from "./messages";
import type { ParticipantMode } from "./state";

export const STREAM_ID_SIZE = 16;
export const CHALLENGE_SIZE = 16;

const MESSAGE_SIZE_MAX = 4 * 1024 * 1024;
const PARTICIPANTS_MAX = 1000;
/** Two of each source while one replaces the other. */
const PRODUCERS_MAX = 8;
const ID_SIZE_MAX = 64;
const TEXT_SIZE_MAX = 1000;
const PAYLOAD_SIZE_MAX = 16 * 1024;
const RECONNECT_DELAY_MS_MAX = 60_000;
const RESUME_TIMEOUT_MS_MAX = 600_000;
const MEDIA_DEPTH_MAX = 8;
const MEDIA_VALUES_MAX = 5000;

const POLICIES: readonly RoomPolicy[] = ["required", "preferred", "off"];
const MODES: readonly ParticipantMode[] = ["SEND_AND_RECV", "RECV_ONLY", "SIGNALLING_ONLY"];
const TRANSPORT_STATES = ["connected", "disconnected", "failed"] as const;

/** Names the field that is wrong. */
export class BadMessage extends Error {
  override readonly name = "BadMessage";
}

type Fields = Record<string, unknown>;

/** The frame of a message. Throws BadMessage. */
export function parseMessage(text: string): ServerMessage {
  if (text.length > MESSAGE_SIZE_MAX) throw new BadMessage("a message is too large");
  const message = fields(parseJson(text), "message");
  const { seq, id, event, data, error } = message;
  if (event !== undefined)
    return { type: "notification", seq: count(seq, "seq"), event: words(event, "event"), data };
  const frame = {
    seq: seq === undefined ? undefined : count(seq, "seq"),
    id: count(id, "id"),
  };
  if (error === undefined) return { type: "answer", ...frame, data };
  const { code, name, message: explanation } = fields(error, "error");
  return {
    type: "refusal",
    ...frame,
    error: {
      code: count(code, "error.code"),
      name: words(name, "error.name"),
      message: words(explanation, "error.message"),
    },
  };
}

export function parseJoinAnswer(answer: unknown): JoinAnswer {
  const data = fields(answer, "answer");
  const resume = fields(data.resume, "resume");
  const { sendTransport, recvTransport, activeSpeaker } = data;
  return {
    roomId: words(data.roomId, "roomId"),
    participantId: words(data.participantId, "participantId", ID_SIZE_MAX),
    sessionId: token(data.sessionId, "sessionId"),
    e2ee: oneOf(POLICIES, data.e2ee, "e2ee"),
    resume: {
      token: token(resume.token, "resume.token"),
      timeoutMs: Math.min(count(resume.timeoutMs, "resume.timeoutMs"), RESUME_TIMEOUT_MS_MAX),
    },
    routerRtpCapabilities: media(data.routerRtpCapabilities, "routerRtpCapabilities"),
    ...(sendTransport !== undefined && { sendTransport: parseTransport(sendTransport) }),
    ...(recvTransport !== undefined && { recvTransport: parseTransport(recvTransport) }),
    participants: list(data.participants, "participants", PARTICIPANTS_MAX).map(parseParticipant),
    ...(activeSpeaker !== undefined && { activeSpeaker: words(activeSpeaker, "activeSpeaker") }),
  };
}

/** Undefined for an event that this client does not know. Throws BadMessage. */
export function parseNotification(event: string, content: unknown): Notification | undefined {
  const data = fields(content, "data");
  switch (event) {
    case "participant-joined":
      return { event, data: parseParticipant(data) };
    case "participant-left":
      return { event, data: { participantId: participantIdOf(data), ...parseEnding(data) } };
    case "producer-added": {
      const producer = parseProducer(data.producer);
      return { event, data: { participantId: participantIdOf(data), producer } };
    }
    case "producer-paused":
    case "producer-resumed":
    case "producer-closed": {
      const producerId = token(data.producerId, "producerId");
      return { event, data: { participantId: participantIdOf(data), producerId } };
    }
    case "consumer-added": {
      const consumerId = token(data.consumerId, "consumerId");
      const rtpParameters = parseRtpParameters(data.rtpParameters);
      const participantId = participantIdOf(data);
      return { event, data: { ...parseProducer(data), consumerId, participantId, rtpParameters } };
    }
    case "consumer-closed":
      return { event, data: { consumerId: token(data.consumerId, "consumerId") } };
    case "transport-state": {
      const state = oneOf(TRANSPORT_STATES, data.state, "state");
      return { event, data: { transportId: token(data.transportId, "transportId"), state } };
    }
    case "active-speaker":
      if (data.participantId === undefined) return { event, data: {} };
      return { event, data: { participantId: participantIdOf(data) } };
    case "message": {
      const payload = words(data.payload, "payload", PAYLOAD_SIZE_MAX);
      const from = words(data.from, "from", ID_SIZE_MAX);
      return { event, data: { from, type: words(data.type, "type"), payload } };
    }
    case "removed":
      return { event, data: parseEnding(data) };
    case "server-closing": {
      const delay = count(data.reconnectAfterMs, "reconnectAfterMs");
      return { event, data: { reconnectAfterMs: Math.min(delay, RECONNECT_DELAY_MS_MAX) } };
    }
    default:
      return undefined;
  }
}

/** What a producer is answered with. */
export function parseProducerId(answer: unknown): string {
  return token(fields(answer, "answer").id, "id");
}

/** What a restart of ICE is answered with. */
export function parseIceParameters(answer: unknown): { iceParameters: never } {
  return { iceParameters: media(fields(answer, "answer").iceParameters, "iceParameters") as never };
}

/** What a resumed session is answered with: the last request that the server took. */
export function parseLastId(answer: unknown): number {
  return count(fields(answer, "answer").lastId, "lastId");
}

function parseParticipant(value: unknown): ParticipantInfo {
  const data = fields(value, "participant");
  const { displayName = "", mode, metaData = {}, challenge, producers } = data;
  const isChallenge =
    typeof challenge === "string" && fromBase64Url(challenge, CHALLENGE_SIZE) !== undefined;
  if (challenge !== undefined && !isChallenge) throw new BadMessage("challenge: is not 16 bytes");
  return {
    participantId: participantIdOf(data),
    displayName: words(displayName, "displayName"),
    mode: oneOf(MODES, mode, "mode"),
    metaData: fields(metaData, "metaData"),
    ...(isChallenge && { challenge }),
    producers: list(producers, "producers", PRODUCERS_MAX).map(parseProducer),
  };
}

function parseProducer(value: unknown): ProducerInfo {
  const { producerId, kind, source, paused, encryption } = fields(value, "producer");
  if (typeof source !== "string" || !Object.hasOwn(kindOf, source))
    throw new BadMessage("source: is unknown");
  if (kind !== mediaKindOf[source as Source]) throw new BadMessage("kind: is not that of source");
  return {
    producerId: token(producerId, "producerId"),
    kind: mediaKindOf[source as Source],
    source: source as Source,
    paused: paused === true,
    ...(encryption !== undefined && { encryption: parseEncryption(encryption) }),
  };
}

/** A mid that SDP has no place for would leave a receiver in it that nobody looks after. */
function parseRtpParameters(value: unknown): types.RtpParameters {
  const parameters = media<types.RtpParameters>(value, "rtpParameters");
  if (parameters.mid !== undefined) token(parameters.mid, "mid");
  return parameters;
}

/** What is there but wrong is refused: it must not pass for a stream that declares nothing. */
function parseEncryption(value: unknown): EncryptionInfo {
  const { format, streamId } = fields(value, "encryption");
  const isStreamId =
    typeof streamId === "string" && fromBase64Url(streamId, STREAM_ID_SIZE) !== undefined;
  if ((format !== "sotto" && format !== "livekit") || !isStreamId)
    throw new BadMessage("encryption: is of no format that is known here");
  return { format, streamId };
}

function parseTransport(value: unknown): TransportInfo {
  const { id, iceParameters, iceCandidates, dtlsParameters } = fields(value, "transport");
  return {
    id: token(id, "transport.id"),
    iceParameters: media(iceParameters, "iceParameters") as never,
    iceCandidates: media(list(iceCandidates, "iceCandidates", 64), "iceCandidates") as never,
    dtlsParameters: media(dtlsParameters, "dtlsParameters") as never,
  };
}

function parseEnding({ code, reason }: Fields): { code: number; reason: string } {
  return { code: count(code, "code"), reason: words(reason, "reason") };
}

function participantIdOf({ participantId }: Fields): string {
  const id = words(participantId, "participantId", ID_SIZE_MAX);
  if (id === "") throw new BadMessage("participantId: is empty");
  return id;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadMessage("a message is not JSON");
  }
}

function fields(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new BadMessage(`${what}: is not an object`);
  return value as Fields;
}

function list(value: unknown, what: string, countMax: number): unknown[] {
  if (!Array.isArray(value) || value.length > countMax)
    throw new BadMessage(`${what}: is not a list of at most ${countMax}`);
  return value;
}

function words(value: unknown, what: string, sizeMax = TEXT_SIZE_MAX): string {
  if (typeof value !== "string" || value.length > sizeMax)
    throw new BadMessage(`${what}: is not a text of at most ${sizeMax} characters`);
  return value;
}

/** A name that the server gave and that may come to stand in SDP. */
function token(value: unknown, what: string): string {
  if (typeof value !== "string" || !/^[A-Za-z0-9_-]{1,128}$/.test(value))
    throw new BadMessage(`${what}: is not a name`);
  return value;
}

function count(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw new BadMessage(`${what}: is not a count`);
  return value;
}

function oneOf<Name extends string>(names: readonly Name[], value: unknown, what: string): Name {
  const name = names.find((each) => each === value);
  if (name === undefined) throw new BadMessage(`${what}: is unknown`);
  return name;
}

/**
 * Parameters that mediasoup-client looks at and writes into SDP: here only that no text of theirs can
 * end a line of it, and that there is an end to them.
 */
function media<Shape extends object>(value: unknown, what: string): Shape {
  if (typeof value !== "object" || value === null) throw new BadMessage(`${what}: is missing`);
  let valuesLeft = MEDIA_VALUES_MAX;
  const check = (part: unknown, depth: number): void => {
    if (--valuesLeft < 0 || depth > MEDIA_DEPTH_MAX) throw new BadMessage(`${what}: is too large`);
    if (typeof part === "string") {
      if (!/^[\x20-\x7e]{0,500}$/.test(part)) throw new BadMessage(`${what}: has a strange text`);
    } else if (typeof part === "object" && part !== null) {
      for (const [name, inner] of Object.entries(part)) {
        check(name, depth);
        check(inner, depth + 1);
      }
    }
  };
  check(value, 0);
  return value as Shape;
}
