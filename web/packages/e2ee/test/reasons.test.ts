// Which reason is told for which fault, as the README and the how-to for plain peer connections have it;
// with the real core.

import { describe, expect, test } from "vitest";

import type { StreamKind } from "../src/states";
import { Core } from "../src/worker/core";

const STREAM_ID = new Uint8Array(16).fill(1);
const OTHER_STREAM_ID = new Uint8Array(16).fill(2);
const CHALLENGE = new Uint8Array(16).fill(9);
const secret = (number: number) => new Uint8Array(32).fill(number);

interface Fault {
  room?: string;
  key?: number;
  participantId?: string;
  kind?: StreamKind;
  streamId?: Uint8Array | undefined;
  isAltered?: boolean;
  isClear?: boolean;
  isUnanswered?: boolean;
}

/** What bob says of a frame that alice sealed, where something is otherwise with him. */
async function reasonOf(fault: Fault, liveness: boolean): Promise<string> {
  const alice = await Core.create("room", "alice", 4);
  const bob = await Core.create(fault.room ?? "room", "bob", 4);
  await alice.setKey("raw", secret(1));
  await bob.setKey("raw", secret(fault.key ?? 1));
  if (!liveness) bob.waiveLiveness();
  bob.setChallenge(CHALLENGE);
  const sealer = alice.addSealer(STREAM_ID, "video");
  alice.addSealer(OTHER_STREAM_ID, "video");
  const { participantId = "alice", kind = "video" } = fault;
  const streamId = "streamId" in fault ? fault.streamId : STREAM_ID;
  const answer = alice.sealAnswer([CHALLENGE]);
  if (answer && !fault.isUnanswered) bob.openAnswer("alice", answer);
  const opener = bob.addOpener(participantId, streamId, kind);
  const sealed = fault.isClear
    ? new ArrayBuffer(40)
    : alice.seal(sealer, "vp8", Uint8Array.from([0x11, 2, 0, 9, 8, 7]).buffer);
  if (typeof sealed === "string") throw new Error(sealed);
  if (fault.isAltered) alter(new Uint8Array(sealed));
  const outcome = bob.open(opener, sealed);
  return typeof outcome === "string" ? outcome : "opens";
}

/** A byte of what is sealed. */
function alter(frame: Uint8Array): void {
  frame[frame.length - 12]! ^= 1;
}

describe("a frame", () => {
  test.each<[string, Fault, string, string]>([
    ["as it is", {}, "opens", "opens"],
    ["under another key", { key: 2 }, "missing-key", "missing-key"],
    ["of another room", { room: "hall" }, "missing-key", "missing-key"],
    ["of another participant", { participantId: "carol" }, "not-live", "tampered"],
    ["of another kind", { kind: "share" }, "not-live", "tampered"],
    ["of a stream that the sender does not have", { streamId: CHALLENGE }, "not-live", "tampered"],
    ["of another stream of the sender's", { streamId: OTHER_STREAM_ID }, "tampered", "tampered"],
    ["of a stream without an id", { streamId: undefined }, "not-live", "tampered"],
    ["whose sender did not answer", { isUnanswered: true }, "not-live", "opens"],
    ["that was altered", { isAltered: true }, "tampered", "tampered"],
    ["in clear", { isClear: true }, "not-sealed", "not-sealed"],
  ])("%s: with liveness and without", async (_, fault, withLiveness, without) => {
    expect(await reasonOf(fault, true)).toBe(withLiveness);
    expect(await reasonOf(fault, false)).toBe(without);
  });
});
