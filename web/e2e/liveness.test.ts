// What a server recorded of an earlier call, or of earlier minutes of this one, and plays to somebody who
// joins: under the right key, room, ids and numbers, and it does not open. The server is the hostile one of
// tests/hostile; in signalling, what it says to bob passes through this test.

import assert from "node:assert/strict";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import type { Meeting, StreamCounts } from "@sotto/js-sdk";
import type { JSHandle, WebSocketRoute } from "playwright-core";

import { HostileServer } from "./blind/hostile_server.ts";
import { CHROMIUM_WAYS } from "./browsers.ts";
import {
  assertDecodesNothing,
  assertNoPageErrors,
  assertSight,
  isMarkOf,
  mediaTotals,
} from "./checks.ts";
import { Person } from "./person.ts";
import { Proxy } from "./proxy.ts";
import { buildSdkPage, SdkPage } from "./sdk_page.ts";
import type { Server } from "./server.ts";

/** Of a message of the server. */
type Fields = Record<string, any>;

const RECORDED_MS = 6000;
const REPLAYED_MS = 2500;
/** Counted while so long is played: 50 frames of sound a second, and some pictures. */
const FRAMES_MIN = 100;
/** It is there before the first frame. */
const KEY = Array.from({ length: 16 }, (_, i) => i);
const KINDS = ["audio", "video"] as const;

for (const [path, initScript] of CHROMIUM_WAYS)
  describe(`liveness, with ${path}`, () => {
    const hostile = new HostileServer();
    const yesterday = join(hostile.folder, "yesterday");
    const today = hostile.rtpPath;
    let servers: Record<"yesterday" | "today", Server>;
    let alice: Person;
    let bob: Person;
    /** What the server says to bob, as it was said. */
    let heard: Fields[];
    /** What it becomes, and what more is said behind it. */
    let lie: (message: Fields) => Fields[];

    before(async () => {
      const more = { SOTTO_WEB_ROOT: await buildSdkPage() };
      servers = {
        yesterday: await hostile.start(yesterday, more),
        today: await hostile.start(today, more),
      };
      const options = initScript ? { initScript } : {};
      [alice, bob] = await Promise.all([
        Person.create("alice", options),
        Person.create("bob", options),
      ]);
      await bob.page.routeWebSocket(/\/signal$/, overhear);
    });

    beforeEach(() => {
      heard = [];
      lie = (message) => [message];
    });

    afterEach(async () => {
      hostile.orders.give("honest");
      for (const person of [alice, bob]) await person.page.goto("about:blank");
      assertNoPageErrors(alice, bob);
    });

    after(async () => {
      await Promise.all([alice?.close(), bob?.close()]);
      await Promise.all(Object.values(servers ?? {}).map((server) => server.stop()));
      hostile.remove();
    });

    function overhear(socket: WebSocketRoute): void {
      const upstream = socket.connectToServer();
      let added = 0;
      socket.onMessage((text) => upstream.send(text));
      upstream.onMessage((text) => {
        heard.push(JSON.parse(String(text)) as Fields);
        lie(JSON.parse(String(text)) as Fields).forEach((message, i) => {
          if (i > 0) added++;
          if (message.seq !== undefined) message.seq += added;
          socket.send(JSON.stringify(message));
        });
      });
    }

    /** What is recorded begins here: the server plays the first stream of each kind. */
    function rewind(): void {
      writeFileSync(hostile.rtpPath, "");
    }

    /** Bob watches and sends nothing, so that the recording is of alice alone. */
    async function watch(page: SdkPage, roomId: string, liveness = true) {
      const meeting = await page.meeting({ roomId, participantId: "bob", key: KEY, liveness });
      await meeting.evaluate((own) => own.join());
      return meeting;
    }

    /** Alice is there, and her pictures are on their way. */
    async function start(server: Server, roomId: string, url?: string) {
      const alicePage = await SdkPage.open(alice, server, url);
      const bobPage = await SdkPage.open(bob, server);
      await alicePage.joined({ roomId, participantId: "alice", key: KEY });
      await alicePage.waitForState("alice video EncryptionSuccess");
      return bobPage;
    }

    async function alicesCounts(meeting: JSHandle<Meeting>): Promise<StreamCounts[]> {
      const counts = await meeting.evaluate((own) => own.encryptionCounts());
      return counts.filter(({ participantId }) => participantId === "alice");
    }

    async function until(meeting: JSHandle<Meeting>, isGood: (counts: StreamCounts[]) => boolean) {
      return bob.until(() => alicesCounts(meeting), isGood);
    }

    /** Frames come and not one of them opens, because none is of now; and it is told. */
    async function assertNothingIsLive(page: SdkPage, meeting: JSHandle<Meeting>): Promise<void> {
      await page.play(meeting, "alice");
      await sleep(REPLAYED_MS);
      await assertDecodesNothing(bob);
      const counts = await alicesCounts(meeting);
      assert.deepEqual(counts.map(({ kind }) => kind).sort(), [...KINDS]);
      for (const { passed, replayed, failed } of counts) {
        assert.deepEqual([passed, replayed, Object.keys(failed)], [0, 0, ["not-live"]]);
      }
      const dropped = counts.reduce((sum, { failed }) => sum + (failed["not-live"] ?? 0), 0);
      assert.ok(dropped >= FRAMES_MIN, `${dropped} frames came`);
      for (const kind of KINDS) await page.waitForState(`alice ${kind} DecryptionFailed not-live`);
      assert.equal(await page.look(meeting, "alice"), undefined, "a picture came out");
      const { decodedFrames, decodedSamples } = await mediaTotals(bob);
      assert.deepEqual({ decodedFrames, decodedSamples }, { decodedFrames: 0, decodedSamples: 0 });
    }

    /** The same frames without the check: they open and are shown. */
    async function assertIsFooled(page: SdkPage, meeting: JSHandle<Meeting>): Promise<void> {
      const counts = await until(meeting, (now) => now.every(({ passed }) => passed > 10));
      for (const { failed } of counts) assert.deepEqual(failed, {});
      const look = () => page.look(meeting, "alice");
      await bob.until(look, (sight) => isMarkOf("alice", sight));
    }

    test("a join among honest people shows no failure", async () => {
      const server = servers.today;
      const roomId = await server.createRoom();
      const bobPage = await start(server, roomId);
      const meeting = await watch(bobPage, roomId);
      await assertSight(bob, "alice", () => bobPage.look(meeting, "alice"));
      for (const kind of KINDS) await bobPage.waitForState(`alice ${kind} DecryptionSuccess`);
      const states = await bobPage.states();
      assert.deepEqual(states.filter((state) => /Failed|Error/.test(state)), []);
      // On a busy machine a first frame may overtake the answer, which nobody notices.
      for (const { failed } of await alicesCounts(meeting))
        assert.deepEqual({ ...failed, "not-live": 0 }, { "not-live": 0 });
    });

    describe("the call of yesterday", () => {
      let roomId: string;
      /** What bob heard in it: alice's answers, and the names of her streams. */
      let answers: Fields[];
      const encryptions = new Map<string, Fields>();

      before(async () => {
        const server = servers.yesterday;
        roomId = await server.createRoom("preferred");
        rewind();
        heard = [];
        lie = (message) => [message];
        const bobPage = await start(server, roomId);
        const meeting = await watch(bobPage, roomId);
        await assertSight(bob, "alice", () => bobPage.look(meeting, "alice"));
        await sleep(RECORDED_MS);
        for (const person of [alice, bob]) await person.page.goto("about:blank");
        copyFileSync(hostile.rtpPath, yesterday);
        answers = heard.filter(({ event, data }) => event === "message" && data.type === "liveness");
        for (const { event, data } of heard)
          if (event === "consumer-added") encryptions.set(data.source, data.encryption);
        assert.ok(answers.length > 0 && encryptions.size === 2);
      });

      /** Somebody without a key brings packets; alice is not there, and the server says she is. */
      async function playYesterday(liveness: boolean) {
        const server = servers.yesterday;
        lie = (message) => {
          const data = message.data ?? {};
          for (const { producers = [] } of data.participants ?? [data])
            for (const producer of producers) producer.encryption = encryptions.get(producer.source);
          if (message.event === "producer-added")
            data.producer.encryption = encryptions.get(data.producer.source);
          if (message.event === "consumer-added") data.encryption = encryptions.get(data.source);
          const more = message.id === 1 ? answers.map(({ event, data }) => ({ event, data })) : [];
          return [message, ...more.map((each) => ({ ...each, seq: message.seq }))];
        };
        const [alicePage, bobPage] = [
          await SdkPage.open(alice, server),
          await SdkPage.open(bob, server),
        ];
        hostile.orders.give("clear");
        await alicePage.joined({ roomId, participantId: "alice", isClear: true });
        return { bobPage, meeting: await watch(bobPage, roomId, liveness) };
      }

      test("does not open, with the answers of then", async () => {
        const { bobPage, meeting } = await playYesterday(true);
        await assertNothingIsLive(bobPage, meeting);
      });

      test("would open without liveness", async () => {
        const { bobPage, meeting } = await playYesterday(false);
        await assertIsFooled(bobPage, meeting);
      });
    });

    describe("earlier minutes, to who comes late", () => {
      async function playEarlier(liveness: boolean) {
        const server = servers.today;
        const roomId = await server.createRoom();
        rewind();
        const bobPage = await start(server, roomId);
        await sleep(RECORDED_MS);
        hostile.orders.give("clear");
        return { bobPage, meeting: await watch(bobPage, roomId, liveness) };
      }

      test("do not open; what is of now does", async () => {
        const { bobPage, meeting } = await playEarlier(true);
        await assertNothingIsLive(bobPage, meeting);
        hostile.orders.give("honest");
        await assertSight(bob, "alice", () => bobPage.look(meeting, "alice"));
      });

      test("would open without liveness", async () => {
        const { bobPage, meeting } = await playEarlier(false);
        await assertIsFooled(bobPage, meeting);
      });
    });

    test("who joins while the sender's signalling is away sees them when it is back", async () => {
      const server = servers.today;
      const roomId = await server.createRoom();
      const proxy = await Proxy.start(server.port);
      try {
        const bobPage = await start(server, roomId, proxy.url);
        proxy.cut();
        const meeting = await watch(bobPage, roomId);
        await assertNothingIsLive(bobPage, meeting);
        proxy.mend();
        await assertSight(bob, "alice", () => bobPage.look(meeting, "alice"));
        for (const kind of KINDS) await bobPage.waitForState(`alice ${kind} DecryptionSuccess`);
      } finally {
        proxy.stop();
      }
    });

    test("an answer that is lost is asked for again", async () => {
      const server = servers.today;
      const roomId = await server.createRoom();
      const bobPage = await start(server, roomId);
      let lost = 0;
      lie = (message) => {
        const isAnswer = message.event === "message" && message.data.type === "liveness";
        if (isAnswer && lost++ === 0) message.data.type = "lost";
        return [message];
      };
      const meeting = await watch(bobPage, roomId);
      await assertSight(bob, "alice", () => bobPage.look(meeting, "alice"));
      assert.ok(lost > 1);
    });
  });
