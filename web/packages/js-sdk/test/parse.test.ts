// A hostile server's messages, as far as their shape goes.

import { describe, expect, test } from "vitest";

import { BadMessage, parseJoinAnswer, parseMessage, parseNotification } from "../src/parse";

const streamId = "AAECAwQFBgcICQoLDA0ODw";
const producer = {
  producerId: "7",
  kind: "video",
  source: "camera",
  paused: false,
  encryption: { format: "sotto", streamId },
};
const participant = { participantId: "bob", displayName: "Bob", mode: "RECV_ONLY", producers: [] };
const transport = { id: "1", iceParameters: {}, iceCandidates: [], dtlsParameters: {} };
const answer = {
  roomId: "room",
  participantId: "me",
  sessionId: "0123",
  e2ee: "required",
  resume: { token: "abc", timeoutMs: 30_000 },
  routerRtpCapabilities: { codecs: [], headerExtensions: [] },
  sendTransport: transport,
  participants: [{ ...participant, producers: [producer] }],
};

/** The object with one field, named by its path, replaced; undefined takes it away. */
function having(object: object, path: string, value: unknown): unknown {
  const copy = structuredClone(object) as Record<string, any>;
  const names = path.split(".");
  const last = names.pop() ?? "";
  const target = names.reduce((inner, name) => inner[name], copy);
  if (value === undefined) delete target[last];
  else target[last] = value;
  return copy;
}

function nested(depth: number): unknown {
  return depth === 0 ? "end" : { inner: nested(depth - 1) };
}

describe("a message", () => {
  test.each([
    ['{"seq":3,"event":"x","data":{}}', { type: "notification", seq: 3, event: "x", data: {} }],
    ['{"seq":4,"id":2,"data":5}', { type: "answer", seq: 4, id: 2, data: 5 }],
    ['{"id":0,"data":{}}', { type: "answer", seq: undefined, id: 0, data: {} }],
  ])("%s is taken", (text, wanted) => {
    expect(parseMessage(text)).toEqual(wanted);
  });

  test.each([
    "",
    "[]",
    "null",
    "7",
    '"text"',
    "{",
    "{}",
    '{"event":"x"}',
    '{"seq":-1,"event":"x"}',
    '{"seq":1.5,"event":"x"}',
    '{"seq":1,"event":7}',
    '{"seq":1,"id":"1"}',
    '{"seq":"1","id":1}',
    '{"seq":1e300,"id":1}',
    '{"id":1,"error":null}',
    '{"id":1,"error":{"code":"1","name":"x","message":"x"}}',
    `{"id":1,"error":{"code":1,"name":"x","message":"${"x".repeat(2000)}"}}`,
    `"${"x".repeat(5_000_000)}"`,
  ])("%.40s is refused", (text) => {
    expect(() => parseMessage(text)).toThrow(BadMessage);
  });
});

describe("an answer to a join", () => {
  test("is taken with what is known of it", () => {
    const parsed = parseJoinAnswer({ ...answer, surprise: 1 });
    expect(parsed).toMatchObject({ roomId: "room", participants: [{ producers: [producer] }] });
    expect(parsed).not.toHaveProperty("surprise");
    expect(parsed).not.toHaveProperty("recvTransport");
  });

  test("that gives sessions a long life gives them ten minutes", () => {
    const long = having(answer, "resume.timeoutMs", 1e15);
    expect(parseJoinAnswer(long).resume.timeoutMs).toBe(600_000);
  });

  test.each([
    ["roomId", 7],
    ["participantId", "x".repeat(65)],
    ["sessionId", "a b"],
    ["sessionId", undefined],
    ["e2ee", "maybe"],
    ["e2ee", "constructor"],
    ["resume", undefined],
    ["resume.token", { toString: 1 }],
    ["resume.timeoutMs", "soon"],
    ["routerRtpCapabilities", undefined],
    ["routerRtpCapabilities.codecs", ["audio/opus\r\na=evil"]],
    ["routerRtpCapabilities.headerExtensions", [{ "uri\n": 1 }]],
    ["routerRtpCapabilities.codecs", nested(20)],
    ["routerRtpCapabilities.codecs", Array.from({ length: 10_000 }, () => 1)],
    ["sendTransport", null],
    ["sendTransport.id", "1\n"],
    ["sendTransport.iceParameters", { password: "a\u0000b" }],
    ["sendTransport.iceCandidates", {}],
    ["participants", {}],
    ["participants", Array.from({ length: 1001 }, () => participant)],
    ["participants.0", null],
    ["participants.0.participantId", ""],
    ["participants.0.mode", "ADMIN"],
    ["participants.0.metaData", "text"],
    ["participants.0.displayName", "x".repeat(2000)],
    ["participants.0.challenge", null],
    ["participants.0.challenge", "AAEC"],
    ["participants.0.challenge", `${streamId}A`],
    ["participants.0.producers", Array.from({ length: 9 }, () => producer)],
    ["participants.0.producers.0.producerId", 7],
    ["participants.0.producers.0.source", "__proto__"],
    ["participants.0.producers.0.source", "toString"],
    ["participants.0.producers.0.kind", "audio"],
    ["participants.0.producers.0.encryption", null],
    ["participants.0.producers.0.encryption.format", "other"],
    ["participants.0.producers.0.encryption.streamId", "AAEC"],
    ["participants.0.producers.0.encryption.streamId", `${streamId}=`],
  ])("with %s as %j is refused", (path, value) => {
    expect(() => parseJoinAnswer(having(answer, path, value))).toThrow(BadMessage);
  });
});

describe("a notification", () => {
  test.each([
    ["participant-joined", participant],
    ["participant-joined", { ...participant, challenge: streamId }],
    ["participant-left", { participantId: "bob", code: 1101, reason: "left" }],
    ["producer-added", { participantId: "bob", producer }],
    ["producer-closed", { participantId: "bob", producerId: "7" }],
    ["consumer-added", { ...producer, consumerId: "8", participantId: "bob", rtpParameters: {} }],
    ["consumer-closed", { consumerId: "8" }],
    ["transport-state", { transportId: "1", state: "failed" }],
    ["active-speaker", { participantId: "bob" }],
    ["active-speaker", {}],
    ["message", { from: "bob", type: "x", payload: "y" }],
    ["removed", { code: 1011, reason: "again" }],
  ])("%s is taken", (event, data) => {
    expect(parseNotification(event, data)).toMatchObject({ event, data });
  });

  test("of a server that wants to be left alone for a year waits a minute", () => {
    expect(parseNotification("server-closing", { reconnectAfterMs: 3e10 })).toEqual({
      event: "server-closing",
      data: { reconnectAfterMs: 60_000 },
    });
  });

  test("that is not known is passed over", () => {
    expect(parseNotification("__proto__", {})).toBeUndefined();
    expect(parseNotification("later", { some: "thing" })).toBeUndefined();
  });

  test.each([
    ["consumer-added", { consumerId: "8 8" }],
    ["consumer-added", { consumerId: "8\r\na=x" }],
    ["consumer-added", { rtpParameters: { mid: "0\r\na=x" } }],
    ["consumer-added", { rtpParameters: { mid: 0 } }],
    ["consumer-added", { rtpParameters: { mid: "" } }],
    ["consumer-added", { rtpParameters: "none" }],
    ["consumer-added", { encryption: {} }],
    ["consumer-added", { encryption: { format: "jitsi", streamId } }],
    ["producer-added", { producer: null }],
    ["producer-paused", { producerId: [] }],
    ["participant-left", { code: "x", reason: "left" }],
    ["active-speaker", { participantId: 7 }],
    ["message", { from: "bob", type: "x", payload: "y".repeat(20_000) }],
    ["server-closing", { reconnectAfterMs: -5 }],
    ["removed", null],
  ])("%s with %j is refused", (event, data) => {
    const good = { ...producer, consumerId: "8", participantId: "bob", rtpParameters: {} };
    const whole = data === null ? null : { ...good, ...data };
    expect(() => parseNotification(event, whole)).toThrow(BadMessage);
  });
});
