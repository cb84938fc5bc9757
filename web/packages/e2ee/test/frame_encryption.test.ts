// What a page can do wrong with FrameEncryption, and what signalling can bring it: told at once or ignored,
// and nothing else suffers.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { FrameEncryption } from "../src/frame_encryption";
import type { FrameEncryptionOptions } from "../src/frame_encryption_options";
import type { FromWorker } from "../src/messages";
import { E2EEError } from "../src/states";
import { create, InProcessWorker, openPage, optionsOf, thrownDuring, type Wrong } from "./page";

const LONG = "é".repeat(128);
const STREAM_ID = new Uint8Array(16).fill(1);
const stream = (change: object = {}) => ({
  participantId: "bob",
  kind: "video",
  streamId: STREAM_ID,
  ...change,
});

const made: FrameEncryption[] = [];
function begin(options?: FrameEncryptionOptions): FrameEncryption & Wrong {
  const encryption = create(options);
  made.push(encryption);
  return encryption;
}

beforeEach(openPage);

afterEach(() => {
  for (const encryption of made.splice(0)) encryption.close();
  vi.unstubAllGlobals();
});

function breakWorker(): void {
  InProcessWorker.last?.onerror?.({ message: "it broke", preventDefault() {} });
}

/** It still has a worker that answers, and takes streams. */
async function assertLives(encryption: FrameEncryption & Wrong): Promise<void> {
  encryption.protectReceiver(new RTCRtpReceiver(), stream());
  const { streamId } = encryption.protectSender(new RTCRtpSender(), "audio");
  const counts = () => encryption.counts();
  await vi.waitFor(async () =>
    expect(await counts()).toContainEqual(expect.objectContaining({ streamId, kind: "audio" })),
  );
  await expect(counts()).resolves.toContainEqual(expect.objectContaining({ streamId: STREAM_ID }));
}

describe("the constructor", () => {
  test.each([
    ["nothing", undefined, /options of FrameEncryption must be an object with keyProvider, roomId/],
    ["no option", {}, /keyProvider must be an ExternalE2EEKeyProvider/],
    ["a key provider that is none", { ...optionsOf(), keyProvider: {} }, /keyProvider must be/],
    ["no room", { ...optionsOf(), roomId: undefined }, /roomId must be a text of 1 to 255 bytes/],
    ["a room without a name", optionsOf({ roomId: "" }), /roomId must be/],
    ["an object as a room", { ...optionsOf(), roomId: { id: 1 } }, /roomId must be/],
    ["a number as a room", { ...optionsOf(), roomId: 7 }, /roomId must be/],
    ["a long room", optionsOf({ roomId: LONG }), /roomId must be/],
    ["half a character", optionsOf({ roomId: "\ud800" }), /roomId must be/],
    ["no participant", { ...optionsOf(), participantId: undefined }, /participantId must be a text/],
    ["a participant without a name", optionsOf({ participantId: "" }), /participantId must be/],
    ["a long participant", optionsOf({ participantId: LONG }), /participantId must be/],
    ["no onEvent", { ...optionsOf(), onEvent: undefined }, /onEvent must be a function/],
    ["no onFailure", { ...optionsOf(), onFailure: "fail" }, /onFailure must be a function/],
    ["no onKeyFrameWanted", { ...optionsOf(), onKeyFrameWanted: null }, /onKeyFrameWanted must/],
    ["words as onSafetyCode", { ...optionsOf(), onSafetyCode: "code" }, /onSafetyCode must be/],
    ["no onAnswer", { ...optionsOf(), onAnswer: undefined }, /onAnswer and onChallengeWanted/],
    ["a misspelt option", { ...optionsOf(), onSafetycode() {} }, /"onSafetycode"\. Was onSafetyCode/],
    ["an option too many", { ...optionsOf(), colour: 1 }, /no option "colour"\. There are keyPr/],
  ])("refuses %s", (_, options, message) => {
    InProcessWorker.last = undefined;
    const construct = () => new FrameEncryption(options as FrameEncryptionOptions);
    expect(construct).toThrow(TypeError);
    expect(construct).toThrow(message);
    expect(InProcessWorker.last, "a worker was left behind").toBeUndefined();
  });

  test("takes ids of 255 bytes", async () => {
    const id = "x".repeat(255);
    await begin(optionsOf({ roomId: id, participantId: id })).ready;
  });
});

describe("a sender or receiver that is none", () => {
  const looksAlike = () => Object.create(RTCRtpSender.prototype) as object;
  test.each([
    ["a transceiver", () => ({ sender: new RTCRtpSender(), receiver: new RTCRtpReceiver() })],
    ["a track", () => ({ kind: "video", id: "1" })],
    ["the other one", (name: string) => new (name === "sender" ? RTCRtpReceiver : RTCRtpSender)()],
    ["what has its prototype", looksAlike],
    ["nothing", () => undefined],
  ])("is refused, and left alone: %s", async (_, createOwner) => {
    const encryption = begin();
    for (const name of ["sender", "receiver"]) {
      const owner = createOwner(name);
      const before = Object.keys(owner ?? {});
      const protect = () =>
        name === "sender"
          ? encryption.protectSender(owner, "video")
          : encryption.protectReceiver(owner, stream());
      expect(protect).toThrow(TypeError);
      expect(protect).toThrow(name === "sender" ? /an RTCRtpSender/ : /an RTCRtpReceiver/);
      expect(Object.keys(owner ?? {})).toEqual(before);
    }
    await assertLives(encryption);
  });

  test("is refused where the browser does not keep the transform", () => {
    const sender = new RTCRtpSender();
    Object.defineProperty(RTCRtpSender.prototype, "transform", { get: () => null, set() {} });
    const protect = () => begin().protectSender(sender, "video");
    expect(protect).toThrow(E2EEError);
    expect(protect).toThrow(/refused to transform a stream: the transform that was set is not there/);
  });

  test("a property in the transform's place does not hide that there is none", () => {
    const sender = new RTCRtpSender();
    Object.defineProperty(sender, "transform", { value: undefined, writable: true });
    begin().protectSender(sender, "video");
    expect(Reflect.get(RTCRtpSender.prototype, "transform", sender)).not.toBeNull();
  });
});

describe("a stream that is none", () => {
  test.each([
    ["nothing", undefined],
    ["no fields", {}],
    ["no participant", stream({ participantId: undefined })],
    ["an empty participant", stream({ participantId: "" })],
    ["a number as participant", stream({ participantId: 5 })],
    ["a long participant", stream({ participantId: LONG })],
    ["no kind", stream({ kind: undefined })],
    ["another kind", stream({ kind: "smell" })],
    ["a name of Object's as kind", stream({ kind: "constructor" })],
    ["a text as stream id", stream({ streamId: "0123456789abcdef" })],
    ["an empty text as stream id", stream({ streamId: "" })],
    ["null as stream id", stream({ streamId: null })],
    ["0 as stream id", stream({ streamId: 0 })],
    ["an array as stream id", stream({ streamId: Array.from(STREAM_ID) })],
    ["no bytes as stream id", stream({ streamId: new Uint8Array() })],
    ["15 bytes as stream id", stream({ streamId: STREAM_ID.subarray(1) })],
    ["16 floats as stream id", stream({ streamId: new Float32Array(16) })],
    ["something of 16 as stream id", stream({ streamId: { length: 16, byteLength: 16 } })],
  ])("is refused: %s", async (_, wrong) => {
    const onFailure = vi.fn();
    const encryption = begin(optionsOf({ onFailure }));
    expect(() => encryption.protectReceiver(new RTCRtpReceiver(), wrong)).toThrow(TypeError);
    await assertLives(encryption);
    expect(onFailure).not.toHaveBeenCalled();
  });

  test("says what is allowed", () => {
    const encryption = begin();
    const refused = (change: object) => () =>
      encryption.protectReceiver(new RTCRtpReceiver(), stream(change));
    expect(refused({ participantId: "" })).toThrow(/participantId must be a text of 1 to 255 bytes/);
    expect(refused({ kind: "smell" })).toThrow(/kind must be "audio", "video", "share" or "shareAudio"/);
    expect(refused({ streamId: "" })).toThrow(/streamId must be a Uint8Array of 16 bytes, or absent/);
    expect(() => encryption.protectSender(new RTCRtpSender(), "smell")).toThrow(/kind must be "audio"/);
  });

  test("that declares no encryption is taken", () => {
    begin().protectReceiver(new RTCRtpReceiver(), { participantId: "bob", kind: "audio" });
  });
});

describe("what signalling brings", () => {
  test("is ignored where it is malformed, and harms nothing", async () => {
    const onAnswer = vi.fn();
    const encryption = begin(optionsOf({ onAnswer }));
    await encryption.ready;
    const things = [undefined, null, "", 7, () => {}, {}, [], LONG, new Uint8Array(17)];
    for (const thing of [...things, new Uint8Array(7_000), new DataView(new ArrayBuffer(16))]) {
      encryption.receiveChallenge(thing, STREAM_ID);
      encryption.receiveAnswer(thing, STREAM_ID);
      encryption.forgetChallenge(thing);
      encryption.receiveChallenge("bob", thing);
      encryption.receiveAnswer("bob", thing);
    }
    encryption.receiveChallenge("bob", "0123456789abcdef");
    await assertLives(encryption);
    expect(onAnswer).not.toHaveBeenCalled();
  });

  test("is heeded where it is not", async () => {
    const options = optionsOf({ onAnswer: vi.fn() });
    const encryption = begin(options);
    await options.keyProvider.setSharedKey(STREAM_ID);
    encryption.receiveChallenge("bob", STREAM_ID);
    encryption.protectSender(new RTCRtpSender(), "audio");
    await vi.waitFor(() => expect(options.onAnswer).toHaveBeenCalled());
  });

  test("a trailer that is none is refused", async () => {
    const encryption = begin();
    for (const trailer of [undefined, "trailer", new Uint8Array(65)])
      expect(() => encryption.setSifTrailer(trailer)).toThrow(/Uint8Array of at most 64 bytes/);
    encryption.setSifTrailer(new Uint8Array(64));
    await assertLives(encryption);
  });
});

describe("a callback that throws", () => {
  const boom = (name: string) => () => {
    throw new Error(name);
  };

  test("onEvent: onFailure is called all the same", async () => {
    const onFailure = vi.fn();
    const encryption = begin(optionsOf({ onEvent: boom("event"), onFailure }));
    await encryption.ready;
    for (const kind of ["audio", "video"]) encryption.protectSender(new RTCRtpSender(), kind);
    const thrown = await thrownDuring(async () => {
      expect(breakWorker).not.toThrow();
    });
    expect(onFailure).toHaveBeenCalledOnce();
    expect(thrown).toEqual(["event", "event"]);
  });

  test("onFailure: what was asked for is refused all the same", async () => {
    const encryption = begin(optionsOf({ onFailure: boom("failure") }));
    await encryption.ready;
    const thrown = await thrownDuring(async () => {
      const asked = encryption.counts();
      expect(breakWorker).not.toThrow();
      await expect(asked).rejects.toThrow(E2EEError);
    });
    expect(thrown).toEqual(["failure"]);
  });

  test("onSafetyCode: the key is set all the same, and removed", async () => {
    const options = optionsOf({ onSafetyCode: boom("code") });
    begin(options);
    const thrown = await thrownDuring(async () => {
      await options.keyProvider.setSharedKey(STREAM_ID);
      await options.keyProvider.ratchetKey();
      expect(await options.keyProvider.getKeys()).toHaveLength(2);
      await options.keyProvider.removeSharedKey();
    });
    expect(thrown).toEqual(["code", "code", "code"]);
  });

  test("what the worker wants to be told: it is heard on", async () => {
    const wanted = vi.fn(boom("key frame"));
    const liveness = { onAnswer: boom("answer"), onChallengeWanted: boom("challenge") };
    const encryption = begin(optionsOf({ ...liveness, onKeyFrameWanted: wanted }));
    await encryption.ready;
    encryption.drawChallenge();
    encryption.protectReceiver(new RTCRtpReceiver(), stream());
    const { last } = InProcessWorker;
    const messages: FromWorker[] = [
      { type: "liveness-answer", participantIds: ["bob"], answer: STREAM_ID },
      { type: "challenge-wanted", participantId: "bob" },
      { type: "key-frame-wanted", pipe: 1 },
    ];
    const thrown = await thrownDuring(() => {
      for (const data of messages) last?.onmessage?.({ data });
    });
    expect(thrown).toEqual(["answer", "challenge", "key frame"]);
    expect(wanted).toHaveBeenCalledWith(stream());
  });
});

describe("a second FrameEncryption", () => {
  const refusal = { reason: "no-transform", message: expect.stringContaining("Another FrameEncryption") };

  /** Of each a sender and a receiver that `first` holds, to be protected by whom is asked. */
  function hold(first: FrameEncryption & Wrong) {
    const [sender, receiver] = [new RTCRtpSender(), new RTCRtpReceiver()];
    const held = [first.protectSender(sender, "video"), first.protectReceiver(receiver, stream())];
    const take = (other: FrameEncryption & Wrong) => [
      () => other.protectSender(sender, "video"),
      () => other.protectReceiver(receiver, stream()),
    ];
    return { held, take };
  }

  test("does not get what the first one holds, and goes on", async () => {
    const [first, second] = [begin(), begin()];
    const { take } = hold(first);
    for (const protect of take(second)) expect(protect).toThrow(expect.objectContaining(refusal));
    for (const protect of take(first)) protect();
    for (const protect of take(second)) expect(protect).toThrow(E2EEError);
    await assertLives(first);
    await assertLives(second);
  });

  test("gets it when it is released, and not by an earlier release", () => {
    const [first, second] = [begin(), begin()];
    const { held, take } = hold(first);
    const again = take(first).map((protect) => protect());
    for (const { release } of held) release();
    for (const protect of take(second)) expect(protect).toThrow(E2EEError);
    for (const { release } of again) release();
    for (const protect of take(second)) protect();
    for (const { release } of again) release();
    for (const protect of take(first)) expect(protect).toThrow(E2EEError);
  });

  test("gets it when the first one is closed, or has failed", () => {
    for (const end of [(first: FrameEncryption) => first.close(), breakWorker]) {
      const first = begin();
      const { take } = hold(first);
      end(first);
      for (const protect of take(begin())) protect();
    }
  });
});
