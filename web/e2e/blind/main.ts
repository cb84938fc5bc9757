// Whether the server is blind, and what a hostile one gains: searches, lies, and one table.
// Exits with 1 if anything was found that must not be, or a control was not.

import assert from "node:assert/strict";

import { Person } from "../person.ts";
import { clearCall, clearHostileCall, leakyCall, leakyWorkerCall } from "./controls.ts";
import { hostileCall, LEGACY_PHASES, PHASES } from "./hostile_call.ts";
import { HostileServer } from "./hostile_server.ts";
import { lyingServer } from "./lying_server.ts";
import { removeScriptTransform, tapeClearSenders } from "./page_scripts.ts";
import { plantedInEnvironment, plantedInNoise, plantedInOpenSsl } from "./planted.ts";
import { sealedCall } from "./sealed_call.ts";
import { printTable, type Row } from "./table.ts";
import { vectorRow } from "./vectors.ts";

async function withPeople(
  initScript: () => void,
  act: (people: [Person, Person]) => Promise<void>,
): Promise<void> {
  const options = { initScript };
  const people = await Promise.all([
    Person.create("alice", options),
    Person.create("bob", options),
  ]);
  try {
    await act(people);
  } finally {
    await Promise.all(people.map((person) => person.close()));
  }
}

const rows: Row[] = [];
const start = Date.now();
const note = (more: Row[], name: string) => {
  rows.push(...more);
  console.error(`${((Date.now() - start) / 1000).toFixed(0).padStart(4)} s  ${name}`);
};
const clear = new HostileServer();
try {
  note([vectorRow()], "vectors");
  await withPeople(tapeClearSenders, async (people) => {
    const sealed = await sealedCall(people);
    note(sealed.rows, "a sealed call");
    note(plantedInNoise(sealed.keys), "keys in noise");
    note(await plantedInOpenSsl(sealed.keys), "keys in OpenSSL");
    note(await plantedInEnvironment(sealed.keys), "keys in the environment");
    note(await leakyCall(people), "a client that leaks");
    note(await leakyWorkerCall(people), "a worker that leaks");
    note(await clearCall(people), "a call in clear");
    note(await clearHostileCall(people, clear), "a call in clear on a hostile server");
    const options = { clearPath: clear.rtpPath, phases: PHASES, clients: "" };
    note(await hostileCall(people, options), "a sealed call on a hostile server");
  });
  await withPeople(removeScriptTransform, async (people) => {
    const options = { clearPath: clear.rtpPath, phases: LEGACY_PHASES, clients: " (legacy)" };
    note(await hostileCall(people, options), "the same without RTCRtpScriptTransform");
    for (const { page } of people)
      assert.equal(await page.evaluate(() => typeof RTCRtpScriptTransform), "undefined");
  });
  note(await lyingServer(), "lies in signalling");
} finally {
  clear.remove();
}
console.log(printTable(rows));
if (!rows.every(({ isGood }) => isGood)) process.exitCode = 1;
