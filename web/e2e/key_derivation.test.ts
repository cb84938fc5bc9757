// A passphrase costs 600,000 rounds, in mid-call too: frames hardly wait for them, and the page not at all.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { assertNoPageErrors } from "./checks.ts";
import { Person } from "./person.ts";
import { buildSdkPage, SdkPage } from "./sdk_page.ts";
import { Server } from "./server.ts";

/** What half of all frames that come meanwhile wait at most; others may wait for the machine. */
const MEDIAN_MAX_MS = 4;
/** Turns that frames have at least while all rounds are done. */
const TURNS_MIN = 250;

declare global {
  /** In page and worker: how long whatever came between two of its turns took, in ms. */
  var sottoTurns: number[] | undefined;
}

interface Turns {
  /** All, and those between which something was done. */
  all: number;
  busy: number;
  /** Of the latter, in ms. */
  median: number;
  longest: number;
}

let server: Server;
let alice: Person;

before(async () => {
  server = await Server.start({ SOTTO_WEB_ROOT: await buildSdkPage() });
  alice = await Person.create("alice");
});

after(async () => {
  await alice?.close();
  await server?.stop();
});

/** Runs in page or worker: asks for a turn again and again, as frames do. */
function takeTurns(): void {
  const turns: number[] = [];
  globalThis.sottoTurns = turns;
  const { port1, port2 } = new MessageChannel();
  let last = performance.now();
  port1.onmessage = () => {
    const now = performance.now();
    turns.push(now - last);
    last = now;
    if (globalThis.sottoTurns === turns) port2.postMessage(null);
    else port1.close();
  };
  port2.postMessage(null);
}

function readTurns(): number[] {
  const turns = globalThis.sottoTurns ?? [];
  globalThis.sottoTurns = undefined;
  return turns;
}

/** An empty turn takes microseconds. */
function summarise(turns: number[]): Turns {
  const busy = turns.filter((turn) => turn > 0.2).toSorted((a, b) => a - b);
  const at = (share: number) => Number((busy[Math.floor(busy.length * share)] ?? 0).toFixed(1));
  return { all: turns.length, busy: busy.length, median: at(0.5), longest: at(0.9999) };
}

test("a passphrase in mid-call keeps frames waiting for a millisecond, and not the page", async (t) => {
  const page = await SdkPage.open(alice, server);
  const keys = await page.keyProvider();
  const meeting = await page.meeting({ roomId: await server.createRoom(), participantId: "a" }, keys);
  await meeting.evaluate(async (own) => {
    await own.join();
    await Promise.all([own.enableWebcam(), own.unmuteMic()]);
  });
  await keys.evaluate((own) => own.setSharedKey(new Uint8Array(32).fill(1)));
  const worker = alice.page.workers()[0];
  assert.ok(worker);

  async function during(deed: () => Promise<unknown>): Promise<{ worker: Turns; page: Turns }> {
    assert.ok(worker);
    await Promise.all([worker.evaluate(takeTurns), alice.page.evaluate(takeTurns)]);
    await deed();
    const [workers, pages] = await Promise.all([
      worker.evaluate(readTurns),
      alice.page.evaluate(readTurns),
    ]);
    return { worker: summarise(workers), page: summarise(pages) };
  }

  t.diagnostic(`without: ${JSON.stringify(await during(() => sleep(1000)))}`);
  const start = Date.now();
  const waits = await during(() => keys.evaluate((own) => own.setSharedKey("correct horse")));
  t.diagnostic(`with, for ${Date.now() - start} ms: ${JSON.stringify(waits)}`);
  assert.ok(waits.worker.busy >= TURNS_MIN, "the rounds are not done in small steps");
  assert.ok(waits.worker.median <= MEDIAN_MAX_MS, `frames wait ${waits.worker.median} ms`);
  assert.ok(waits.page.all >= TURNS_MIN, "the page stood still");
  const counts = await meeting.evaluate((own) => own.encryptionCounts());
  assert.ok(counts.every(({ passed }) => passed > 0));
  assertNoPageErrors(alice);
});
