// Keys of one's own for each participant, in real browsers; and what a key provider tells of keys.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import type { ExternalE2EEKeyProvider, Meeting } from "@sotto/js-sdk";
import type { JSHandle } from "playwright-core";

import { nextSecret, roomSecret, secretsOfStream, streamKeys } from "./blind/keys.ts";
import { formsOf } from "./blind/needles.ts";
import { assertNoPageErrors, assertSight } from "./checks.ts";
import { Person } from "./person.ts";
import { buildSdkPage, SdkPage } from "./sdk_page.ts";
import { Server } from "./server.ts";

declare global {
  /** Of the page: everything that its key provider told, and what it threw. */
  var sottoTold: unknown[];
}

interface Side {
  page: SdkPage;
  keys: JSHandle<ExternalE2EEKeyProvider>;
  meeting: JSHandle<Meeting>;
}

/** Pieces of a secret that must not be found are so long. */
const PIECE_SIZE = 8;

describe("keys of one's own", () => {
  let server: Server;
  let people: Person[];
  let roomId: string;
  let alice: Side;
  let bob: Side;

  before(async () => {
    server = await Server.start({ SOTTO_WEB_ROOT: await buildSdkPage() });
    people = await Promise.all([Person.create("alice"), Person.create("bob")]);
  });

  beforeEach(async () => {
    roomId = await server.createRoom();
    [alice, bob] = (await Promise.all(people.map(open))) as [Side, Side];
  });

  after(async () => {
    await Promise.all(people.map((person) => person.close()));
    await server?.stop();
  });

  async function open(person: Person): Promise<Side> {
    const page = await SdkPage.open(person, server);
    const keys = await page.keyProvider({ ratchetWindowSize: 2 });
    await keys.evaluate((own) => {
      globalThis.sottoTold = [];
      for (const name of ["setKey", "keyRatcheted"] as const)
        own.on(name, (event) => sottoTold.push({ name, ...event }));
    });
    const meeting = await page.meeting({ roomId, participantId: person.name }, keys);
    return { page, keys, meeting };
  }

  async function join(...sides: Side[]): Promise<void> {
    for (const { meeting } of sides)
      await meeting.evaluate(async (own) => {
        await own.join();
        await Promise.all([own.enableWebcam(), own.unmuteMic()]);
      });
  }

  const share = ({ keys }: Side, key: Buffer | string) =>
    keys.evaluate(
      (own, given) => own.setSharedKey(typeof given === "string" ? given : Uint8Array.from(given)),
      typeof key === "string" ? key : [...key],
    );

  const give = ({ keys }: Side, id: string, key: Buffer) =>
    keys.evaluate((own, [to, bytes]) => own.setKey(to, Uint8Array.from(bytes)), [
      id,
      [...key],
    ] as const);

  const sees = (side: Side, whom: "alice" | "bob") =>
    assertSight(side.page.person, whom, () => side.page.look(side.meeting, whom));

  /** How many frames of somebody's streams did not open. */
  const droppedOf = ({ meeting }: Side, id: string) =>
    meeting.evaluate(
      async (own, whose) =>
        (await own.encryptionCounts())
          .filter(({ participantId }) => participantId === whose)
          .map(({ kind, failed }) => ({ kind, failed })),
      id,
    );

  const told = ({ page }: Side) => page.person.page.evaluate(() => sottoTold);

  test("open a participant with no other, beside the shared key of everybody else", async () => {
    const [shared, hers] = [randomBytes(16), randomBytes(16)];
    for (const side of [alice, bob]) await share(side, shared);
    await give(alice, "alice", hers);
    await join(alice, bob);
    await sees(alice, "bob");
    await bob.page.waitForState("alice video DecryptionFailed missing-key");
    assert.equal(await bob.page.look(bob.meeting, "alice"), undefined);

    await give(bob, "alice", hers);
    await sees(bob, "alice");
    // Another shared key changes nothing for her; another one of hers goes on like a shared one.
    const again = randomBytes(32);
    const dropped = await droppedOf(bob, "alice");
    await Promise.all([share(alice, randomBytes(16)), give(alice, "alice", again)]);
    await sleep(1000);
    await give(bob, "alice", again);
    await sleep(3500);
    await sees(bob, "alice");
    assert.deepEqual(await droppedOf(bob, "alice"), dropped, "the change of her key cost frames");
    const list = await bob.keys.evaluate((own) => own.getKeys());
    assert.ok(list.some(({ participantId, seals }) => participantId === "alice" && !seals));
    assert.ok(list.some(({ participantId, seals }) => participantId === undefined && seals));

    // Without it the shared key counts again, on both sides.
    const back = randomBytes(16);
    await Promise.all([alice, bob].map((side) => share(side, back)));
    await sleep(2500); // It seals.
    for (const { keys } of [alice, bob]) await keys.evaluate((own) => own.removeKey("alice"));
    await sees(bob, "alice");
    await sees(alice, "bob");
    assertNoPageErrors(...people);
  });

  test("and what the ratchet made of shared ones are there again after a rejoin", async () => {
    const codes = await alice.meeting.evaluate(
      async (own, [keys, given]) => {
        const newest = async () => {
          const list = (await keys.getKeys()).filter(({ isAhead }) => !isAhead);
          return list.map(({ participantId, safetyCode }) => `${participantId} ${safetyCode}`);
        };
        const rejoin = async () => {
          own.leave();
          await own.join();
          while ((await keys.getKeys()).length < 6) await new Promise((done) => setTimeout(done, 20));
          return newest();
        };
        await keys.setSharedKey(Uint8Array.from(given));
        await keys.setKey("bob", new Uint8Array(16).fill(1));
        await own.join();
        await keys.ratchetKey();
        const ratcheted = own.state.safetyCode;
        const again = await rejoin();
        // A step that is still under way does not put itself before a newer key.
        const [step, set] = [keys.ratchetKey(), keys.setSharedKey(new Uint8Array(16).fill(2))];
        await Promise.all([step, set]);
        return { ratcheted, again, newer: own.state.safetyCode, atLast: await rejoin() };
      },
      [alice.keys, [...randomBytes(16)]] as const,
    );
    const shared = (list: string[]) => list.filter((each) => each.startsWith("undefined"));
    assert.deepEqual(shared(codes.again), [`undefined ${codes.ratcheted}`]);
    assert.deepEqual(shared(codes.atLast), [`undefined ${codes.newer}`]);
    for (const list of [codes.again, codes.atLast]) assert.equal(list.length, 2);
    assertNoPageErrors(...people);
  });

  test("and shared ones are told by id and code, and nowhere by a byte of theirs", async () => {
    const keys = [randomBytes(16), randomBytes(24)] as const;
    const text = `said aloud ${randomBytes(6).toString("hex")}`;
    for (const side of [alice, bob]) {
      await share(side, text);
      await give(side, "alice", keys[0]);
    }
    await join(alice, bob);
    await sees(bob, "alice");
    for (const side of [alice, bob]) await share(side, keys[1]);
    await alice.keys.evaluate((own) => own.ratchetKey("alice"));
    await bob.page.person.until(
      () => told(bob),
      (events) => JSON.stringify(events).includes("keyRatcheted"),
    );
    const secret = await alice.keys.evaluate(async (own) => [...(await own.exportSecret("alice"))]);
    const refused = await alice.keys.evaluate(async (own, bytes) => {
      const calls = [
        () => own.setSharedKey({ roomSecret: Uint8Array.from([...bytes, 1]) }),
        () => own.setSharedKey(Uint8Array.from(bytes).subarray(0, 15)),
        () => own.setKey("", Uint8Array.from(bytes)),
        () => own.ratchetKey("nobody"),
        () => own.exportSecret("nobody"),
      ];
      const words: string[] = [];
      for (const call of calls)
        await call().catch((error: Error & { reason: string }) =>
          words.push(`${error.reason}: ${error.message} ${JSON.stringify(error)} ${error.stack}`),
        );
      return words;
    }, secret);
    assert.deepEqual(
      refused.map((each) => each.split(":")[0]),
      ["invalid-key", "invalid-key", "invalid-participant", "missing-key", "missing-key"],
    );

    const listed = await alice.keys.evaluate((own) => own.getKeys());
    assert.deepEqual(
      new Set(listed.map(({ participantId = "shared" }) => participantId)),
      new Set(["shared", "alice"]),
    );
    assert.equal(listed.filter(({ seals }) => seals).length, 1);
    const events = (await told(alice)) as { name: string; participantId?: string }[];
    assert.deepEqual(
      events.map(({ name, participantId = "shared" }) => `${name} ${participantId}`),
      ["setKey shared", "setKey alice", "setKey shared", "keyRatcheted alice"],
    );

    const secrets = [text, ...keys].map((key) => roomSecret(key, roomId));
    const ratcheted = nextSecret(roomSecret(keys[0], roomId));
    assert.deepEqual(Buffer.from(secret), ratcheted);
    const counts = await alice.meeting.evaluate((own) => own.encryptionCounts());
    const derived = [...secrets, ratcheted].flatMap((each) =>
      counts.flatMap(({ participantId, kind, streamId }) => {
        const name = { participantId, kind, streamId: Buffer.from(Object.values(streamId ?? {})) };
        return secretsOfStream(streamKeys(each, roomId, name)).map(({ bytes }) => bytes);
      }),
    );
    const hidden = [Buffer.from(text), ...keys, ...secrets, ratcheted, ...derived];
    const said = [
      JSON.stringify([events, await told(bob), listed, refused]),
      JSON.stringify(await bob.keys.evaluate((own) => own.getKeys())),
      await alice.keys.evaluate((own) => JSON.stringify([own, Object.entries(own), String(own)])),
      JSON.stringify(await alice.meeting.evaluate(readState)),
    ].join("\n");
    assert.deepEqual(hidden.filter((bytes) => isFound(bytes, said)).length, 0);
    // The search finds what is there, however it is written.
    for (const written of [[...ratcheted], ratcheted.toString("base64"), ratcheted.toString("hex")])
      assert.ok(isFound(ratcheted, `${said} ${JSON.stringify(written)}`));
    assertNoPageErrors(...people);
  });
});

/** Runs in the page: the state as text, with what is in its maps. */
function readState(own: Meeting): string {
  return JSON.stringify(own.state, (_, value) => (value instanceof Map ? [...value] : value));
}

/** Whether any piece of a secret stands there, in any encoding or as numbers. */
function isFound(secret: Buffer, text: string): boolean {
  for (let at = 0; at + PIECE_SIZE <= secret.length; at += PIECE_SIZE) {
    const piece = secret.subarray(at, at + PIECE_SIZE);
    const forms = formsOf(piece).map(({ bytes }) => bytes.toString("latin1"));
    if ([...forms, [...piece].join(), [...piece].join(", ")].some((form) => text.includes(form)))
      return true;
  }
  return false;
}
