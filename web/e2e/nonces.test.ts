// Nonces as browsers use them: the heads of all frames that one person seals, after a reload, in two tabs
// with the same passphrase, with streams that end and begin, and with keys that go and come back.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { ExternalE2EEKeyProvider, Meeting } from "@sotto/js-sdk";
import type { Page } from "playwright-core";

import { keyId, parseFrame, roomSecret, streamKeys } from "./blind/keys.ts";
import { buildBlindPage, WORKER_PATH } from "./blind/page.ts";
import type { TapedStream } from "./blind/tape.ts";
import { assertNoPageErrors } from "./checks.ts";
import { Person } from "./person.ts";
import { Server } from "./server.ts";
import { until } from "./until.ts";

const PASSPHRASE = "correct horse, said aloud";
const OTHER_KEY = Buffer.alloc(32, 7);
const ID = "alice";

declare global {
  /** Of the page. */
  var nonces: { provider: ExternalE2EEKeyProvider; meeting: Meeting };
}

let server: Server;
let alice: Person;
let roomId: string;

before(async () => {
  server = await Server.start({ SOTTO_WEB_ROOT: await buildBlindPage() });
  alice = await Person.create("alice");
  roomId = await server.createRoom();
});

after(async () => {
  await alice?.close();
  await server?.stop();
});

/** Joins in this page as ever: the same room, the same id, the same passphrase. */
async function join(page: Page): Promise<void> {
  await page.goto(server.url);
  await page.waitForFunction(() => typeof sdk === "object");
  await page.evaluate(
    async ({ passphrase, workerUrl, ...options }) => {
      const provider = new sdk.ExternalE2EEKeyProvider({ workerUrl });
      const meeting = new sdk.Meeting({ displayName: "alice", ...options, keyProvider: provider });
      globalThis.nonces = { provider, meeting };
      await provider.setSharedKey(passphrase);
      await meeting.join();
      await Promise.all([meeting.enableWebcam(), meeting.unmuteMic()]);
    },
    {
      roomId,
      participantId: ID,
      token: server.token(),
      passphrase: PASSPHRASE,
      workerUrl: WORKER_PATH,
    },
  );
}

/** What this page's worker has sealed, once each stream of now has so many frames more. */
async function tapeOf(page: Page, more = 15): Promise<TapedStream[]> {
  const before = await readTape(page);
  return until(
    "the tape",
    () => readTape(page),
    (streams) => {
      const flowing = streams.filter((stream, i) => sizeOf(stream) >= sizeOf(before[i]) + more);
      return flowing.length >= 2;
    },
    15_000,
  );
}

/** Waits until sound and at least one picture are sealed under this key. */
async function sealedUnder(page: Page, kid: number): Promise<void> {
  await until(
    "frames under the key",
    () => readTape(page),
    (streams) => streams.filter((stream) => kidsOf(stream).at(-1) === kid).length >= 2,
    15_000,
  );
}

/** Those that were sealed: before the passphrase is derived frames are dropped. */
const sizeOf = (stream: TapedStream | undefined) =>
  stream?.frames.filter(({ head }) => head !== undefined).length ?? 0;

async function readTape(page: Page): Promise<TapedStream[]> {
  const worker = page.workers().find((each) => each.url().endsWith(WORKER_PATH));
  assert.ok(worker, "there is no worker with a tape");
  return worker.evaluate(() =>
    sottoTape.streams.filter(({ operation }) => operation === "seal"),
  );
}

/** The names of all nonces: stream, key and counter. Fails if one comes twice. */
class Record {
  readonly nonces = new Set<string>();
  readonly streamIds = new Set<string>();
  readonly streamKeys = new Set<string>();
  /** Those that sealed anything. */
  readonly sealedStreamIds = new Set<string>();
  readonly secrets: Map<number, Buffer>;

  constructor(secrets: Buffer[]) {
    this.secrets = new Map(secrets.map((secret) => [keyId(secret), secret]));
  }

  /** All of a run that was never taped before. */
  add(run: string, streams: TapedStream[]): void {
    for (const { streamId, kind, frames } of streams) {
      assert.ok(!this.streamIds.has(streamId), `${run}: a stream id came twice`);
      this.streamIds.add(streamId);
      for (const { head } of frames) if (head) this.#addFrame(run, streamId, kind, head);
    }
  }

  #addFrame(run: string, streamId: string, kind: string, head: string): void {
    const { kid, counter } = parseFrame(Buffer.from(head, "base64"));
    const secret = this.secrets.get(kid);
    assert.ok(secret, `${run}: a frame is sealed under a key that nobody set`);
    const name = { participantId: ID, streamId: Buffer.from(streamId, "base64"), kind: kind as "audio" };
    const key = streamKeys(secret, roomId, name).key.toString("hex");
    const nonce = `${key} ${counter}`;
    assert.ok(!this.nonces.has(nonce), `${run}: counter ${counter} of a ${kind} came twice`);
    this.nonces.add(nonce);
    this.streamKeys.add(key);
    this.sealedStreamIds.add(streamId);
  }
}

test("no nonce comes twice, whatever one person does with the same passphrase", async (t) => {
  const record = new Record([roomSecret(PASSPHRASE, roomId), roomSecret(OTHER_KEY, roomId)]);
  const first = alice.page;
  await join(first);
  await tapeOf(first);
  // Another camera in the same stream, the stream anew, a screen; another key, and back to the first.
  await first.evaluate(async () => {
    const { meeting } = nonces;
    const [webcam] = await meeting.getWebcams();
    await meeting.changeWebcam(webcam?.deviceId ?? "");
  });
  const replaced = await tapeOf(first);
  assert.equal(replaced.length, 2, "another camera is the same stream");
  await first.evaluate(async (other) => {
    const { meeting, provider } = nonces;
    await meeting.disableWebcam();
    await Promise.all([meeting.enableWebcam(), meeting.enableScreenShare()]);
    await provider.setSharedKey(Uint8Array.from(other));
  }, [...OTHER_KEY]);
  await sealedUnder(first, keyId(roomSecret(OTHER_KEY, roomId)));
  await first.evaluate((text) => nonces.provider.setSharedKey(text), PASSPHRASE);
  await sealedUnder(first, keyId(roomSecret(PASSPHRASE, roomId)));
  const changed = await tapeOf(first);
  assert.ok(changed.length >= 4, "the camera anew is another stream");
  assert.equal(new Set(changed.flatMap(kidsOf)).size, 2, "both keys were used");
  record.add("the first tab", changed);

  const second = await alice.context.newPage();
  await join(second); // In the place of the first one, for the server.
  record.add("the second tab", await tapeOf(second));
  await first.reload();
  await join(first);
  record.add("after a reload", await tapeOf(first));
  await first.evaluate(async () => {
    nonces.meeting.leave();
    await nonces.meeting.join();
    await Promise.all([nonces.meeting.enableWebcam(), nonces.meeting.unmuteMic()]);
  });
  record.add("with another worker", await tapeOf(first));

  const { nonces: all, sealedStreamIds: sealed, streamKeys: keys } = record;
  t.diagnostic(`${all.size} nonces under ${keys.size} stream keys of ${sealed.size} streams`);
  assert.ok(all.size > 200);
  assert.ok(sealed.size >= 10, "a run was looked at before it sealed");
  assert.ok(keys.size > sealed.size, "no stream changed its key");
  assertNoPageErrors(alice);
});

function kidsOf({ frames }: TapedStream): number[] {
  return frames.flatMap(({ head }) => (head ? [parseFrame(Buffer.from(head, "base64")).kid] : []));
}
