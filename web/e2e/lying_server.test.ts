// A server that lies: to bob it says something else than the truth. He never sees or hears what was
// not sealed for him, nobody sends in clear because of it, and no page breaks.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import type { Meeting } from "@sotto/js-sdk";
import type { JSHandle } from "playwright-core";

import { assertNoPageErrors, assertSight, mediaTotals } from "./checks.ts";
import { Person } from "./person.ts";
import { buildSdkPage, SdkPage } from "./sdk_page.ts";
import { Server } from "./server.ts";

/** Of a message of the server. */
type Fields = Record<string, any>;

describe("a lying server", () => {
  let server: Server;
  let alice: Person;
  let bob: Person;
  let alicePage: SdkPage;
  let bobPage: SdkPage;
  let roomId: string;
  /** What the server's messages to bob become; nothing drops one. */
  let lie: (message: Fields) => Fields | undefined;
  /** Says this to bob, as the server's next message. */
  let say: (event: string, data: unknown) => void;

  before(async () => {
    server = await Server.start({ SOTTO_WEB_ROOT: await buildSdkPage() });
    [alice, bob] = await Promise.all([Person.create("alice"), Person.create("bob")]);
    await bob.page.routeWebSocket(/\/signal$/, (socket) => {
      const upstream = socket.connectToServer();
      let added = 0;
      socket.onMessage((text) => upstream.send(text));
      upstream.onMessage((text) => {
        const message = lie(JSON.parse(String(text)) as Fields);
        if (!message) return void added--;
        if (message.seq !== undefined) message.seq += added;
        socket.send(JSON.stringify(message));
        say = (event, data) => {
          added++;
          socket.send(JSON.stringify({ event, data, seq: message.seq + added }));
        };
      });
    });
  });

  beforeEach(async () => {
    lie = (message) => message;
    roomId = await server.createRoom("preferred");
    [alicePage, bobPage] = [await SdkPage.open(alice, server), await SdkPage.open(bob, server)];
  });

  afterEach(async () => {
    for (const person of [alice, bob]) await person.page.goto("about:blank");
    assertNoPageErrors(alice, bob);
  });

  after(async () => {
    await Promise.all([alice?.close(), bob?.close()]);
    await server?.stop();
  });

  /** Every producer, consumer and participant in a message. */
  function eachStream(message: Fields, change: (stream: Fields) => void): Fields {
    const data = message.data ?? {};
    for (const participant of data.participants ?? [data])
      for (const producer of participant.producers ?? []) change(producer);
    if (message.event === "producer-added") change(data.producer);
    if (message.event === "consumer-added") change(data);
    return message;
  }

  const seen = (meeting: JSHandle<Meeting>) => bobPage.look(meeting, "alice");

  async function assertNothingComesOut(meeting: JSHandle<Meeting>): Promise<void> {
    await assertNothingIsDecoded(meeting);
    assert.equal(await seen(meeting), undefined, "a picture came out");
  }

  async function assertNothingIsDecoded(meeting: JSHandle<Meeting>): Promise<void> {
    await bobPage.play(meeting, "alice");
    const { receivedPackets: before } = await mediaTotals(bob);
    await bob.until(
      () => mediaTotals(bob),
      ({ receivedPackets }) => receivedPackets > before + 50,
    );
    const { decodedFrames, decodedSamples } = await mediaTotals(bob);
    assert.deepEqual({ decodedFrames, decodedSamples }, { decodedFrames: 0, decodedSamples: 0 });
  }

  test("takes the mark of encryption away: nothing comes out", async () => {
    lie = (message) => eachStream(message, (stream) => delete stream.encryption);
    await alicePage.joined({ roomId, participantId: "alice" });
    const meeting = await bobPage.joined({ roomId, participantId: "bob" });
    await bobPage.waitForState("alice video DecryptionFailed not-live");
    await assertNothingComesOut(meeting);
  });

  test("passes media in clear off as encrypted: nothing comes out", async () => {
    const encryption = { format: "sotto", streamId: "AAECAwQFBgcICQoLDA0ODw" };
    lie = (message) => eachStream(message, (stream) => (stream.encryption = encryption));
    await alicePage.joined({ roomId, participantId: "alice", isClear: true });
    const meeting = await bobPage.joined({ roomId, participantId: "bob" });
    await bobPage.waitForState("alice video DecryptionFailed not-sealed");
    await assertNothingComesOut(meeting);
  });

  test("hands on media in clear as what it is: nothing comes out either", async () => {
    await alicePage.joined({ roomId, participantId: "alice", isClear: true });
    const meeting = await bobPage.joined({ roomId, participantId: "bob" });
    await bobPage.waitForState("alice audio DecryptionFailed not-sealed");
    await assertNothingComesOut(meeting);
    const stream = await meeting.evaluate(
      (own) => own.state.participants.get("alice")?.streams.video,
    );
    assert.equal(stream?.isEncrypted, false);
  });

  test("names other SSRCs than it sends: nothing comes out", async () => {
    lie = (message) => {
      for (const encoding of message.data?.rtpParameters?.encodings ?? []) {
        encoding.ssrc += 7;
        if (encoding.rtx) encoding.rtx.ssrc += 7;
      }
      return message;
    };
    await alicePage.joined({ roomId, participantId: "alice", isClear: true });
    const meeting = await bobPage.joined({ roomId, participantId: "bob" });
    for (const kind of ["video", "audio"])
      await bobPage.waitForState(`alice ${kind} DecryptionFailed not-sealed`);
    await assertNothingComesOut(meeting);
  });

  test("opens a section again by the same name, with other SSRCs: nothing comes out", async () => {
    const added: Fields[] = [];
    lie = (message) => {
      if (message.event === "consumer-added") added.push(structuredClone(message.data));
      return message;
    };
    await alicePage.joined({ roomId, participantId: "alice", isClear: true });
    const meeting = await bobPage.joined({ roomId, participantId: "bob" });
    for (const kind of ["video", "audio"])
      await bobPage.waitForState(`alice ${kind} DecryptionFailed not-sealed`);
    for (const consumer of added) {
      say("consumer-closed", { consumerId: consumer.consumerId });
      for (const encoding of consumer.rtpParameters.encodings) {
        encoding.ssrc += 7;
        if (encoding.rtx) encoding.rtx.ssrc += 7;
      }
      say("consumer-added", { ...consumer, consumerId: `${consumer.consumerId}9` });
    }
    await bob.page.evaluate(() => new Promise((done) => setTimeout(done, 500)));
    await assertNothingIsDecoded(meeting); // A track that has ended shows two black pixels.
  });

  test("every receiver has a transform, and there is none that nobody asked for", async () => {
    await alicePage.joined({ roomId, participantId: "alice" });
    const meeting = await bobPage.joined({ roomId, participantId: "bob" });
    await assertSight(bob, "alice", () => seen(meeting));
    const receivers = await bob.page.evaluate(() =>
      (window as unknown as { sottoConnections: RTCPeerConnection[] }).sottoConnections
        .flatMap((connection) => connection.getTransceivers())
        .filter(({ currentDirection }) => currentDirection?.includes("recv"))
        .map(({ receiver }) => `${receiver.track.kind} ${receiver.transform !== null}`)
        .sort(),
    );
    assert.deepEqual(receivers, ["audio true", "video true"]);
  });

  test("passes one participant's streams off as another's: nothing comes out", async () => {
    lie = (message) => JSON.parse(JSON.stringify(message).replaceAll('"mallory"', '"alice"'));
    await alicePage.joined({ roomId, participantId: "mallory" });
    const meeting = await bobPage.joined({ roomId, participantId: "bob" });
    await bobPage.waitForState("alice video DecryptionFailed not-live");
    await bobPage.waitForState("alice audio DecryptionFailed not-live");
    await assertNothingComesOut(meeting);
  });

  test("passes a camera off as a screen: nothing comes out", async () => {
    lie = (message) =>
      eachStream(message, (stream) => {
        if (stream.source === "camera") stream.source = "screen";
      });
    await alicePage.joined({ roomId, participantId: "alice" });
    await bobPage.joined({ roomId, participantId: "bob" });
    await bobPage.waitForState("alice share DecryptionFailed not-live");
    assert.equal((await mediaTotals(bob)).decodedFrames, 0);
  });

  test("says that the room is without encryption: bob seals all the same", async () => {
    lie = (message) => {
      if (message.data?.e2ee) message.data.e2ee = "off";
      return message;
    };
    const watcher = await alicePage.joined({ roomId, participantId: "alice" });
    await bobPage.joined({ roomId, participantId: "bob" });
    await assertSight(alice, "bob", () => alicePage.look(watcher, "bob"));
    await alicePage.waitForState("bob video DecryptionSuccess");
    await bobPage.waitForState("alice video DecryptionSuccess");
  });

  for (const [field, what] of [
    ["participantId", /another id/],
    ["roomId", /another room/],
  ] as const)
    test(`answers the join with another ${field}: bob does not join`, async () => {
      lie = (message) => {
        if (message.id === 1 && message.data) message.data[field] = "mallory";
        return message;
      };
      const meeting = await bobPage.meeting({ roomId, participantId: "bob" });
      const outcome = await meeting.evaluate((own) =>
        own.join().then(
          () => "joined",
          ({ message }) => message as string,
        ),
      );
      assert.match(outcome, what);
      assert.equal(await meeting.evaluate((own) => own.state.status), "failed");
    });

  test("hands bob's own streams back to him as his: they are not taken", async () => {
    lie = (message) => {
      const isConsumer = message.event === "consumer-added" || message.event === "producer-added";
      if (isConsumer) message.data.participantId = "bob";
      return message;
    };
    await alicePage.joined({ roomId, participantId: "alice" });
    const meeting = await bobPage.joined({ roomId, participantId: "bob" });
    await bobPage.waitForState("bob video EncryptionSuccess");
    const local = await meeting.evaluate((own) => ({
      isLocal: own.state.participants.get("bob")?.isLocal,
      kinds: Object.keys(own.state.participants.get("bob")?.streams ?? {}).sort(),
    }));
    assert.deepEqual(local, { isLocal: true, kinds: ["audio", "video"] });
    assert.equal((await mediaTotals(bob)).receivedPackets, 0);
  });

  test("talks nonsense: the call goes on and the page lives", async () => {
    await alicePage.joined({ roomId, participantId: "alice" });
    const meeting = await bobPage.joined({ roomId, participantId: "bob" });
    await assertSight(bob, "alice", () => seen(meeting));
    const rtpParameters = { codecs: [], mid: "0\r\na=evil:1", encodings: [{ ssrc: 1 }], rtcp: {} };
    const producer = { producerId: "9", kind: "video", source: "screen", paused: false };
    const nonsense: [string, unknown][] = [
      ["participant-joined", null],
      ["participant-joined", { participantId: "bob", producers: [], mode: "SEND_AND_RECV" }],
      ["participant-joined", { participantId: "x", mode: "SEND_AND_RECV", producers: "many" }],
      ["participant-joined", { participantId: "x".repeat(1e6), mode: "x", producers: [] }],
      ["participant-left", { participantId: "bob", code: 1, reason: "x" }],
      ["producer-added", { participantId: "alice", producer: { ...producer, source: "toString" } }],
      ["producer-added", { participantId: "alice", producer: { ...producer, producerId: "\r\n" } }],
      ["producer-added", { participantId: "alice", producer }],
      [
        "consumer-added",
        { ...producer, participantId: "alice", consumerId: "7\r\na=x", rtpParameters },
      ],
      ["consumer-added", { ...producer, participantId: "alice", consumerId: "7", rtpParameters }],
      [
        "consumer-added",
        { ...producer, participantId: "alice", consumerId: "7", rtpParameters: { encodings: 1 } },
      ],
      ["consumer-closed", { consumerId: "no such" }],
      ["consumer-closed", []],
      ["producer-closed", { participantId: "nobody", producerId: "1" }],
      ["transport-state", { transportId: 1, state: "melted" }],
      ["active-speaker", { participantId: 7 }],
      ["participant-joined", { participantId: "x", mode: "RECV_ONLY", producers: [], challenge: 7 }],
      ["message", { from: "alice", type: "challenge", payload: "AAEC" }],
      ["message", { from: "alice", type: "liveness", payload: "AAEC" }],
      ["message", { from: "nobody", type: "liveness", payload: "x".repeat(16_000) }],
      ["server-closing", { reconnectAfterMs: -1 }],
      ["removed", {}],
      ["no such event", {}],
      ["__proto__", {}],
    ];
    for (const [event, data] of nonsense) say(event, data);
    await assertSight(bob, "alice", () => seen(meeting));
    const state = await meeting.evaluate((own) => ({
      status: own.state.status,
      ids: [...own.state.participants.keys()],
      isLocal: own.state.participants.get("bob")?.isLocal,
    }));
    assert.deepEqual(state, { status: "connected", ids: ["bob", "alice"], isLocal: true });
  });

  test("closes consumers before they are there, and opens them twice", async () => {
    lie = (message) => {
      if (message.event === "consumer-added") {
        const { consumerId } = message.data;
        setTimeout(() => say("consumer-closed", { consumerId: `${consumerId}a` }), 0);
        setTimeout(() => say("consumer-closed", { consumerId }), 0);
      }
      return message;
    };
    await alicePage.joined({ roomId, participantId: "alice" });
    const meeting = await bobPage.joined({ roomId, participantId: "bob" });
    await bobPage.waitForState("bob video EncryptionSuccess");
    await bob.page.evaluate(() => new Promise((done) => setTimeout(done, 500)));
    assert.equal(await seen(meeting), undefined);
    assert.equal(await meeting.evaluate((own) => own.state.status), "connected");
  });
});
