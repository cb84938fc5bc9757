import type { FrameEncryption } from "@sotto/e2ee";
import { describe, expect, test } from "vitest";

import { drawChallenge, heedLiveness, heedParticipant, sendLiveness } from "../src/liveness";
import type { Notification } from "../src/messages";

const challenge = "AAECAwQFBgcICQoLDA0ODw";
const bytes = Uint8Array.from({ length: 16 }, (_, i) => i);

/** What the encryption is told, in words: only this side of it is of interest here. */
function listen() {
  const told: unknown[][] = [];
  const tell =
    (name: string) =>
    (...what: unknown[]) =>
      void told.push([name, ...what]);
  const encryption = {
    drawChallenge: () => bytes,
    receiveChallenge: tell("challenge"),
    receiveAnswer: tell("answer"),
    forgetChallenge: tell("forget"),
  } as unknown as FrameEncryption;
  return { told, encryption };
}

describe("what the encryption wants sent", () => {
  const sent: unknown[] = [];
  const { onAnswer, onChallengeWanted } = sendLiveness((data) => sent.push(data));

  test("goes to one who is answered alone, else to everybody; challenges go to one", () => {
    onAnswer?.({ participantIds: ["bob"], message: bytes });
    onAnswer?.({ participantIds: ["bob", "carol"], message: bytes });
    onChallengeWanted?.({ participantId: "bob", challenge: bytes });
    expect(sent).toEqual([
      { type: "liveness", payload: challenge, to: "bob" },
      { type: "liveness", payload: challenge },
      { type: "challenge", payload: challenge, to: "bob" },
    ]);
  });

  test("fits into a message, however many it answers", () => {
    onAnswer?.({ participantIds: [], message: new Uint8Array(5699 + 42) });
    expect((sent.at(-1) as { payload: string }).payload.length).toBeLessThan(16_384);
  });
});

test("a join has a challenge with and without encryption, another each time without", () => {
  expect(drawChallenge(listen().encryption)).toBe(challenge);
  expect(drawChallenge(undefined)).toMatch(/^[A-Za-z0-9_-]{22}$/);
  expect(drawChallenge(undefined)).not.toBe(drawChallenge(undefined));
});

describe("what the server says", () => {
  const participant = {
    displayName: "",
    mode: "RECV_ONLY" as const,
    metaData: {},
    producers: [],
    participantId: "bob",
  };
  const message = (type: string, payload: string): Notification => ({
    event: "message",
    data: { from: "bob", type, payload },
  });

  test.each<[Notification, unknown[] | undefined]>([
    [
      { event: "participant-joined", data: { ...participant, challenge } },
      ["challenge", "bob", bytes],
    ],
    [{ event: "participant-joined", data: participant }, undefined],
    [
      { event: "participant-left", data: { participantId: "bob", code: 1, reason: "" } },
      ["forget", "bob"],
    ],
    [message("challenge", challenge), ["challenge", "bob", bytes]],
    [message("challenge", "AAEC"), undefined],
    [message("challenge", ""), undefined],
    [message("liveness", "AAEC"), ["answer", "bob", Uint8Array.of(0, 1, 2)]],
    [message("liveness", "no base64!"), undefined],
    [message("chat", challenge), undefined],
  ])("%j is handed on, or not", (notification, wanted) => {
    const { told, encryption } = listen();
    heedLiveness(encryption, notification);
    expect(told).toEqual(wanted ? [wanted] : []);
    heedLiveness(undefined, notification);
  });

  test("of those who are there when it joins, challenges", () => {
    const { told, encryption } = listen();
    heedParticipant(encryption, { ...participant, challenge });
    heedParticipant(encryption, participant);
    expect(told).toEqual([["challenge", "bob", bytes]]);
  });
});
