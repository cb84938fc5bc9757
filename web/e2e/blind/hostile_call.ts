// A sealed call on a server that is hostile in every way that a server can be to frames. What it
// decrypted of it is searched too, which is everything that it forwards.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { assertNoPageErrors, assertSight } from "../checks.ts";
import type { Person } from "../person.ts";
import { Call } from "./call.ts";
import { HostileServer, type Misdeed } from "./hostile_server.ts";
import { readMemory } from "./memory.ts";
import { Haystack } from "./needles.ts";
import { countOpened, drawTextKey, frameNeedles, keyNeedles } from "./secrets.ts";
import { absentRow, inSecondTry, plainRow, type Row } from "./table.ts";
import type { TapedFrame, TapedStream } from "./tape.ts";

const HONEST_MS = 3000;
const MEND_MAX_MS = 300;
/** What is on its way when the orders change has come by then, or after some more of it. */
const SETTLE_MS = 500;
const SETTLE_MAX_MS = 8000;
/** So many that those that were on their way are not all of them. */
const MOVING_PICTURES = 10;
/** Pictures that a client has opened and not decoded yet. */
const PENDING_PICTURES = 2;
/** Of one piece of sound. A browser reckons what it made up, and is off by less than one. */
const SAMPLES_PER_FRAME = 960;
/** One bad picture a second, and two or three bad pieces of sound. */
const PERIOD = 20;

export interface Phase {
  misdeed: Misdeed;
  period: number;
  ms: number;
  reason: string;
}

export const PHASES: Phase[] = [
  { misdeed: "alter", period: PERIOD, ms: 6000, reason: "tampered" },
  { misdeed: "swap", period: PERIOD, ms: 6000, reason: "tampered" },
  { misdeed: "clear", period: PERIOD, ms: 6000, reason: "not-sealed" },
  { misdeed: "replay", period: PERIOD, ms: 4000, reason: "replayed" },
  { misdeed: "alter", period: 1, ms: 2500, reason: "tampered" },
  { misdeed: "swap", period: 1, ms: 2500, reason: "tampered" },
  { misdeed: "clear", period: 1, ms: 2500, reason: "not-sealed" },
  { misdeed: "replay", period: 1, ms: 2500, reason: "replayed" },
];

/** Where key frames are asked for in signalling. */
export const LEGACY_PHASES: Phase[] = PHASES.filter(({ misdeed }) => misdeed === "alter");

/** Over what both open of each other. */
interface Totals {
  passed: number;
  /** By reason, replays among them. */
  dropped: Record<string, number>;
  pictures: number;
  samples: number;
  openedPictures: number;
}

async function readTotals(call: Call): Promise<Totals> {
  const totals: Totals = { passed: 0, dropped: {}, pictures: 0, samples: 0, openedPictures: 0 };
  const add = (reason: string, count: number) =>
    (totals.dropped[reason] = (totals.dropped[reason] ?? 0) + count);
  await call.each(async (party) => {
    const { frames, samples } = await party.decoded();
    totals.pictures += frames;
    totals.samples += samples;
    for (const counts of await party.counts()) {
      if (counts.participantId === party.participantId) continue;
      totals.passed += counts.passed;
      if (counts.kind === "video") totals.openedPictures += counts.passed;
      if (counts.replayed > 0) add("replayed", counts.replayed);
      for (const [reason, count] of Object.entries(counts.failed)) add(reason, count ?? 0);
    }
  });
  return totals;
}

function difference(before: Totals, after: Totals): Totals {
  const reasons = Object.entries(after.dropped)
    .map(([reason, count]) => [reason, count - (before.dropped[reason] ?? 0)] as const)
    .filter(([, count]) => count > 0);
  return {
    passed: after.passed - before.passed,
    dropped: Object.fromEntries(reasons),
    pictures: after.pictures - before.pictures,
    samples: after.samples - before.samples,
    openedPictures: after.openedPictures - before.openedPictures,
  };
}

/** From each dropped picture to the next key frame that opened, in ms; Infinity if none did. */
function mendTimes(frames: TapedFrame[]): number[] {
  return frames.flatMap(({ at, passedAt }, i) => {
    if (passedAt !== undefined) return [];
    const next = frames.slice(i + 1).find((each) => each.type === "key" && each.passedAt);
    return [(next?.passedAt ?? Infinity) - at];
  });
}

/**
 * Frames that went on to decoders, and how many of them are not byte for byte what the other's encoder
 * had made, or came more often than that.
 */
function compareTapes(sentStreams: TapedStream[], received: TapedStream[]) {
  const outcome = { passedOn: 0, strange: 0 };
  const sent = new Map<string, number>();
  for (const { participantId, kind, frames } of sentStreams)
    for (const { clear } of frames) count(sent, `${participantId} ${kind} ${clear}`, 1);
  for (const { participantId, kind, frames } of received)
    for (const { clear, passedAt } of frames) {
      // A frame of no bytes is padding, which the receiver's own browser makes up.
      if (passedAt === undefined || !clear) continue;
      outcome.passedOn++;
      if (count(sent, `${participantId} ${kind} ${clear}`, -1) < 0) outcome.strange++;
    }
  return outcome;
}

function count(counts: Map<string, number>, name: string, change: number): number {
  const now = (counts.get(name) ?? 0) + change;
  counts.set(name, now);
  return now;
}

function readMendTimes(received: TapedStream[]): number[] {
  return received
    .filter(({ kind }) => kind === "video")
    .flatMap(({ frames }) => mendTimes(frames))
    .sort((a, b) => a - b);
}

function mendRow(phase: Phase, times: number[]): Row {
  const [median, most] = [times[times.length >> 1] ?? 0, times.at(-1) ?? 0];
  return plainRow(
    `${phase.misdeed}: until a key frame opened`,
    "both",
    `${times.length} pictures dropped`,
    {
      expected: `≤ ${MEND_MAX_MS} ms`,
      found: `median ${Math.round(median)}, most ${Math.round(most)} ms`,
      isGood: times.length > 0 && most <= MEND_MAX_MS,
      isTimed: true,
    },
  );
}

/** The pictures are the other's and move again; after replays Chromium waits 3 s before it asks. */
async function assertMended(call: Call): Promise<void> {
  const before = await call.each((party) => party.decoded());
  await call.each(async (party, other) => {
    const { frames } = before[call.parties.indexOf(party)] ?? { frames: 0 };
    await party.person.until(
      () => party.decoded(),
      (decoded) => decoded.frames > frames + MOVING_PICTURES,
      SETTLE_MAX_MS,
    );
    await assertSight(party.person, other.person.name, () => party.person.lookAt("video"));
  });
}

/** Reads until the answer is good, or for as long as it may take on a busy machine. */
async function settle(call: Call, isSettled: (now: Totals, before: Totals) => boolean) {
  const end = Date.now() + SETTLE_MAX_MS;
  for (let before = await readTotals(call); ;) {
    await sleep(SETTLE_MS);
    const now = await readTotals(call);
    if (isSettled(now, before) || Date.now() > end) return now;
    before = now;
  }
}

/** Some bad frames among good ones: each is dropped and counted, everything else goes on. */
async function mixed(call: Call, hostile: HostileServer, phase: Phase): Promise<Row[]> {
  await call.each((party) => party.rewindTape());
  const [before, badBefore] = [await readTotals(call), hostile.orders.badFrameCount()];
  hostile.orders.give(phase.misdeed, phase.period);
  await sleep(phase.ms);
  hostile.orders.give("honest");
  const bad = hostile.orders.badFrameCount() - badBefore;
  const countedOf = (totals: Totals) => difference(before, totals).dropped[phase.reason] ?? 0;
  const change = difference(before, await settle(call, (now) => countedOf(now) >= bad));
  // In this order: what came in by the first was taped as sent before the second.
  const received = await call.receivedStreams();
  const { passedOn, strange } = compareTapes(await call.sentStreams(), received);
  const times = readMendTimes(received);
  const counted = change.dropped[phase.reason] ?? 0;
  const rows = [
    plainRow(
      `${phase.misdeed}, 1 in ${phase.period}`,
      "counted by both",
      `${change.passed} good frames`,
      {
        needles: `${bad} bad`,
        expected: `${bad} ${phase.reason}`,
        found: wordsOf(change.dropped),
        isGood: bad > 0 && counted === bad && Object.keys(change.dropped).length === 1,
      },
    ),
    plainRow(
      `${phase.misdeed}, 1 in ${phase.period}`,
      "passed on to decoders",
      `${passedOn} frames`,
      {
        needles: `${change.pictures} pictures decoded`,
        expected: "0 that the other did not send",
        found: String(strange),
        isGood:
          passedOn > 0 &&
          strange === 0 &&
          change.pictures > 0 &&
          change.pictures <= change.openedPictures + 2 * PENDING_PICTURES,
      },
    ),
  ];
  return phase.misdeed === "replay" ? rows : [...rows, mendRow(phase, times)];
}

/** What was only too slow, on a machine that does other things too, is tried once more. */
async function mixedInTime(call: Call, hostile: HostileServer, phase: Phase): Promise<Row[]> {
  const rows = await mixed(call, hostile, phase);
  const bad = rows.filter(({ isGood }) => !isGood);
  if (bad.length === 0 || !bad.every(({ isTimed }) => isTimed)) return rows;
  return (await mixed(call, hostile, phase)).map(inSecondTry);
}

function wordsOf(dropped: Record<string, number>): string {
  const words = Object.entries(dropped).map(([reason, count]) => `${count} ${reason}`);
  return words.join(", ") || "0";
}

/** Nothing but bad frames: nothing opens, nothing is decoded, and it is told why. */
async function whole(call: Call, hostile: HostileServer, phase: Phase): Promise<Row[]> {
  hostile.orders.give(phase.misdeed, 1);
  const isSilent = (now: Totals, earlier: Totals) =>
    now.passed === earlier.passed &&
    now.pictures === earlier.pictures &&
    now.samples < earlier.samples + SAMPLES_PER_FRAME;
  const before = await settle(call, isSilent);
  const badBefore = hostile.orders.badFrameCount();
  await sleep(phase.ms);
  const bad = hostile.orders.badFrameCount() - badBefore;
  const change = difference(before, await readTotals(call));
  const isTold = await areAllTold(call, phase.reason);
  hostile.orders.give("honest");
  await assertMended(call);
  const counted = change.dropped[phase.reason] ?? 0;
  const told = phase.reason === "replayed" ? "" : ", told";
  const pieces = Math.max(0, Math.floor(change.samples / SAMPLES_PER_FRAME));
  return [
    plainRow(`${phase.misdeed}, all frames`, "counted by both", `${change.passed} good frames`, {
      needles: `${bad} bad`,
      expected: `all ${phase.reason}${told}`,
      found: `${wordsOf(change.dropped)}${isTold ? told : ""}`,
      isGood: change.passed === 0 && counted > bad * 0.8 && (isTold || told === ""),
    }),
    plainRow(`${phase.misdeed}, all frames`, "decoded by both", `${bad} bad frames`, {
      expected: "0 pictures, 0 pieces of sound",
      found: `${change.pictures} pictures, ${pieces} pieces of sound`,
      isGood: change.pictures === 0 && pieces === 0,
    }),
  ];
}

/** Whether both were told so of both streams, and nothing else since. */
async function areAllTold(call: Call, reason: string): Promise<boolean> {
  const told = await call.each(async (party, other) => {
    const states = await party.states();
    return ["audio", "video"].every((kind) => {
      const prefix = `${other.participantId} ${kind} `;
      const last = states.filter((state) => state.startsWith(prefix)).at(-1);
      return last === `${prefix}DecryptionFailed ${reason}`;
    });
  });
  return told.every(Boolean);
}

export interface HostileCallOptions {
  /** A recording of an earlier call in clear. */
  clearPath: string;
  phases: Phase[];
  /** What the rows are to say of the clients. */
  clients: string;
}

export async function hostileCall(
  people: [Person, Person],
  { clearPath, phases, clients }: HostileCallOptions,
): Promise<Row[]> {
  const hostile = new HostileServer();
  const server = await hostile.start(clearPath);
  try {
    const call = await Call.start(people, server, { key: drawTextKey() });
    await sleep(HONEST_MS);
    const memory = readMemory(server.pid);
    const streams = await call.sentStreams();
    const rows: Row[] = [];
    for (const phase of phases)
      rows.push(...(await (phase.period > 1 ? mixedInTime : whole)(call, hostile, phase)));
    assertNoPageErrors(...people);
    const { opened, of } = countOpened(call, streams);
    assert.equal(opened, of, "the needles are not the keys of this call");
    const haystack = new Haystack([...keyNeedles(call, streams), ...frameNeedles(streams)]);
    return [
      absentRow("keys and frames", "RTP and RTCP, decrypted", haystack.searchAll(hostile.rtp())),
      absentRow("keys and frames", "memory of a hostile sottod", haystack.searchAll(memory)),
      absentRow("keys and frames", "WebSockets of both", haystack.searchAll(call.signalling)),
      ...rows,
    ].map((row) => ({ ...row, what: `${row.what}${clients}` }));
  } finally {
    await server.stop();
    hostile.remove();
  }
}
