// A sealed call as it is meant to be, with a change of key in its middle: nothing of it is anywhere.

import { setTimeout as sleep } from "node:timers/promises";

import type { Person } from "../person.ts";
import { BUILD } from "../server.ts";
import { Call, type Party } from "./call.ts";
import { filesIn } from "./files.ts";
import { readMemory, rendererProcesses } from "./memory.ts";
import { Haystack, type Needle, partOf, type Report } from "./needles.ts";
import { shippedFiles, TAPE_NAME, testFiles } from "./page.ts";
import { countOpened, drawRawKey, drawTextKey, frameNeedles, keyNeedles } from "./secrets.ts";
import { startServer } from "./server.ts";
import { absentRow, inSecondTry, plainRow, presentRow, type Row } from "./table.ts";

const CALM_MS = 3000;
const APART_MS = 1000;
/** By then both seal under the new key. */
const AFTER_CHANGE_MS = 2500;
const FREEZE_MAX_MS = 1000;

/** What a client must remember. The rest it wipes as soon as it was used. */
const IN_CLIENTS = [
  "text key",
  "room secret",
  "SFrame salt",
  "AES round keys, as the core's",
  "GHASH key, as the core's table",
  "frames of sound",
  "frames of pictures",
];

interface Dump {
  when: string;
  memory: Buffer[];
}

/** The longest time between two pictures around the change, on either side. */
async function readFreezes(call: Call): Promise<number[]> {
  return call.each((party) =>
    party.person.page.evaluate(() => {
      const gaps = blind.pictures.map((at, i) => at - (blind.pictures[i - 1] ?? at));
      return Math.round(Math.max(...gaps));
    }),
  );
}

async function changeKey(call: Call, onChange: () => void): Promise<number[]> {
  const key = drawRawKey();
  call.keys.push(key);
  const [alice, bob] = call.parties;
  await call.each((party) => party.person.page.evaluate(() => void blind.pictures.splice(0)));
  await sleep(500);
  const first = Date.now();
  await alice.setKey(key);
  onChange();
  await sleep(first + APART_MS - Date.now());
  await bob.setKey(key);
  await sleep(AFTER_CHANGE_MS);
  return readFreezes(call);
}

/** On a machine that does other things too it may need a second try. */
async function changeKeyInTime(call: Call, onChange: () => void): Promise<Row> {
  const first = changeRow(await changeKey(call, onChange));
  return first.isGood ? first : inSecondTry(changeRow(await changeKey(call, () => {})));
}

function changeRow(freezes: number[]): Row {
  return plainRow("key changed, 1 s apart", "pictures of both", "longest pause", {
    expected: `≤ ${FREEZE_MAX_MS} ms`,
    found: `${freezes.join(" and ")} ms`,
    isGood: Math.max(...freezes) <= FREEZE_MAX_MS,
    isTimed: true,
  });
}

function clientMemory(party: Party): Buffer[][] {
  return rendererProcesses(party.person.folder).map((pid) => readMemory(pid));
}

/** One row for each kind of needle: each is known to be findable where it is. */
function clientRows(haystack: Haystack, memory: Buffer[][]): Row[] {
  const report = haystack.searchAll(memory.flat());
  return IN_CLIENTS.map((name) =>
    presentRow(`control: ${name}`, "memory of a client", partOf(haystack, report, [name])),
  );
}

/** Nothing that only tests build is in what ships. */
async function shippedRows(): Promise<Row[]> {
  const names = [TAPE_NAME, "HOSTILE_ORDERS", "__wrap_sotto_meeting"];
  const haystack = new Haystack(names.map((name) => ({ name, bytes: Buffer.from(name) })));
  const search = (files: Buffer[]) => haystack.searchAll(files);
  return [
    absentRow("parts of this test", "packages, app, sottod", search(shippedFiles(BUILD))),
    presentRow("control: parts of this test", "what it builds", search(await testFiles(BUILD)), 3),
  ];
}

/** Rows of the call, and its keys for other searches. */
export async function sealedCall(
  people: [Person, Person],
): Promise<{ rows: Row[]; keys: Needle[] }> {
  const server = await startServer();
  const dumps: Dump[] = [];
  const dump = (when: string) => dumps.push({ when, memory: readMemory(server.pid) });
  try {
    const call = await Call.start(people, server, { key: drawTextKey() });
    dump("early");
    await sleep(CALM_MS);
    dump("late");
    const client = clientMemory(call.parties[0]);
    const change = await changeKeyInTime(call, () => dump("on key change"));
    dump("after key change");
    const streams = await call.sentStreams();
    await call.each((party) => party.leave());
    await sleep(500);
    dump("after leaving");

    const keys = keyNeedles(call, streams);
    const haystack = new Haystack([...keys, ...frameNeedles(streams)]);
    const search = (pieces: Buffer[]): Report => haystack.searchAll(pieces);
    const { opened, of } = countOpened(call, streams);
    const frameCount = streams.reduce((sum, { frames }) => sum + frames.length, 0);
    const rows = [
      plainRow("control: needles open what was sealed", "tapes of both", `${frameCount} frames`, {
        expected: String(of),
        found: String(opened),
        isGood: opened === of && of > 0,
      }),
      ...clientRows(haystack, client),
      ...dumps.map(({ when, memory }) =>
        absentRow("keys and frames", `memory of sottod, ${when}`, search(memory)),
      ),
      absentRow("keys and frames", "log of sottod (debug)", search([Buffer.from(server.log)])),
      absentRow(
        "keys and frames",
        "SQLite and all files of sottod",
        search(filesIn(server.folder)),
      ),
      absentRow("keys and frames", "WebSockets of both", search(call.signalling)),
      ...(await shippedRows()),
      change,
    ];
    return { rows, keys };
  } finally {
    await server.stop();
  }
}
