// Calls of which something must be found: only then does it mean anything that elsewhere nothing is.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import type { Person } from "../person.ts";
import type { Server } from "../server.ts";
import { Call } from "./call.ts";
import { filesIn } from "./files.ts";
import { HostileServer } from "./hostile_server.ts";
import { nextSecret, roomSecret } from "./keys.ts";
import { readMemory } from "./memory.ts";
import { Haystack } from "./needles.ts";
import { drawTextKey, frameNeedles } from "./secrets.ts";
import { startServer } from "./server.ts";
import { absentRow, plainRow, presentRow, type Row } from "./table.ts";

const CLEAR_MS = 4000;

/** E2EE off on sottod itself: what people say and show is in its memory. */
export async function clearCall(people: [Person, Person]): Promise<Row[]> {
  const server = await startServer();
  try {
    const call = await Call.start(people, server, { key: undefined });
    await sleep(CLEAR_MS);
    const memory = readMemory(server.pid);
    const haystack = new Haystack(frameNeedles(await call.sentStreams()));
    const report = haystack.searchAll(memory);
    return [
      presentRow(
        "control: frames, E2EE off",
        "memory of sottod",
        report,
        Math.ceil(report.needleCount / 4),
      ),
    ];
  } finally {
    await server.stop();
  }
}

/**
 * E2EE off on the hostile server: the same is in the RTP that it decrypts. And what it records there
 * and sends in the place of other frames is decoded, so that it is known to be good.
 */
export async function clearHostileCall(
  people: [Person, Person],
  hostile: HostileServer,
): Promise<Row[]> {
  const server = await hostile.start();
  try {
    const call = await Call.start(people, server, { key: undefined });
    await sleep(CLEAR_MS);
    const haystack = new Haystack(frameNeedles(await call.sentStreams()));
    const report = haystack.searchAll(hostile.rtp());
    hostile.orders.give("clear");
    await sleep(1000);
    const before = await call.each((party) => party.decoded());
    await sleep(1500);
    const after = await call.each((party) => party.decoded());
    const pictures = after.map(({ frames }, i) => frames - (before[i]?.frames ?? 0));
    return [
      presentRow(
        "control: frames, E2EE off",
        "RTP and RTCP, decrypted",
        report,
        Math.ceil(report.needleCount / 2),
      ),
      plainRow("control: frames in clear, E2EE off", "decoded by both", "all frames replaced", {
        expected: "> 0 pictures each",
        found: `${pictures.join(" and ")} pictures`,
        isGood: pictures.every((count) => count > 0),
      }),
    ];
  } finally {
    await server.stop();
  }
}

/** Over REST, under a name of the app's own. */
async function createNamedRoom(server: Server, customRoomId: string): Promise<string> {
  const response = await fetch(`${server.url}/v2/rooms`, {
    method: "POST",
    headers: { authorization: server.token(), "content-type": "application/json" },
    body: JSON.stringify({ customRoomId, e2ee: "required" }),
  });
  const { roomId } = (await response.json()) as { roomId?: string };
  if (!roomId) throw new Error(`no room was made: status ${response.status}`);
  return roomId;
}

/** A client that gives its keys away, wherever it may say something. */
export async function leakyCall(people: [Person, Person]): Promise<Row[]> {
  const server = await startServer();
  const key = drawTextKey();
  try {
    const roomId = await createNamedRoom(server, key);
    const secret = roomSecret(key, roomId);
    const next = nextSecret(secret);
    const metaData = { key, secret: secret.toString("hex"), next: next.toString("base64url") };
    const alice = { participantId: key, metaData };
    const call = await Call.start(people, server, { key, roomId, alice });
    const memory = readMemory(server.pid);
    const haystack = new Haystack([
      { name: "text key", bytes: Buffer.from(key) },
      { name: "room secret", bytes: secret },
      { name: "next room secret", bytes: next },
    ]);
    const row = (where: string, pieces: Buffer[], expected: number) =>
      presentRow("control: a client leaks", where, haystack.searchAll(pieces), expected);
    return [
      row("memory of sottod: metadata", memory, 3),
      row("WebSockets of both: metadata", call.signalling, 3),
      row("log of sottod: participant id", [Buffer.from(server.log)], 1),
      row("SQLite: custom room id", filesIn(server.folder), 1),
    ];
  } finally {
    await server.stop();
  }
}

/** A worker that lets two frames of each stream out as they are. */
export async function leakyWorkerCall(people: [Person, Person]): Promise<Row[]> {
  const hostile = new HostileServer();
  const server = await hostile.start();
  try {
    const call = await Call.start(people, server, { key: drawTextKey() });
    await call.each((party) => party.leakFrames(2));
    await sleep(1000);
    const streams = await call.sentStreams();
    const leaked = streams.map((stream) => ({
      ...stream,
      frames: stream.frames.filter(({ isLeaked }) => isLeaked),
    }));
    const haystack = new Haystack(frameNeedles(leaked));
    const report = haystack.searchAll(hostile.rtp());
    const least = Math.ceil(report.needleCount / 2);
    assert.ok(!absentRow("", "", report).isGood, "such a leak would not fail the table");
    return [
      presentRow("control: a worker leaks 8 frames", "RTP and RTCP, decrypted", report, least),
    ];
  } finally {
    await server.stop();
    hostile.remove();
  }
}
