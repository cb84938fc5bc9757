// Who answers whom and when, and what opens then; with the real core, between two or more clients.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { Core, type Stream } from "../src/worker/core";
import {
  ASK_INTERVAL_MS,
  BATCH_INTERVAL_MS,
  Liveness,
  PATIENCE_MS,
} from "../src/worker/liveness";

const VIDEO_ID = new Uint8Array(16).fill(1);
const AUDIO_ID = new Uint8Array(16).fill(2);

interface Sent {
  participantIds: string[];
  answer: Uint8Array;
}

function challenge(number: number): Uint8Array {
  return new Uint8Array(new Uint32Array([number, 7, 7, 7]).buffer);
}

function secret(number: number): Uint8Array {
  return new Uint8Array(32).fill(number);
}

class Client {
  readonly answers: Sent[] = [];
  readonly asked: string[] = [];
  readonly liveness: Liveness;

  private constructor(
    readonly id: string,
    readonly core: Core,
  ) {
    this.liveness = new Liveness(core, (message) => {
      if (message.type === "liveness-answer") this.answers.push(message);
      if (message.type === "challenge-wanted") this.asked.push(message.participantId);
    });
  }

  /** Joined with a challenge that is its number; `key` 0 is none. */
  static async create(id: string, number: number, key = 1): Promise<Client> {
    const client = new Client(id, await Core.create("room", id, 4));
    if (key) await client.core.setKey("secret", secret(key));
    client.liveness.join(challenge(number));
    return client;
  }

  send(streamId = VIDEO_ID, kind: "audio" | "video" = "video"): Stream {
    const stream = this.core.addSealer(streamId, kind);
    this.liveness.streamAdded();
    return stream;
  }

  seal(stream: Stream): ArrayBuffer {
    const sealed = this.core.seal(stream, "opus", new ArrayBuffer(9));
    if (typeof sealed === "string") throw new Error(sealed);
    return sealed;
  }

  async setKey(key: number): Promise<void> {
    await this.core.setKey("secret", secret(key));
    this.liveness.keyChanged();
  }

  hear(from: Client, answer = from.answers.at(-1)): boolean {
    return answer !== undefined && this.liveness.receiveAnswer(from.id, answer.answer);
  }
}

const opens = (client: Client, stream: Stream, sealed: ArrayBuffer) => {
  const outcome = client.core.open(stream, sealed);
  return typeof outcome === "string" ? outcome : "opened";
};

let alice: Client;
let bob: Client;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
  alice = await Client.create("alice", 1);
  bob = await Client.create("bob", 2);
});

afterEach(() => void vi.useRealTimers());

describe("an answer", () => {
  test("goes out at once, and the stream opens from there on", () => {
    const sealer = alice.send();
    const early = alice.seal(sealer);
    const opener = bob.core.addOpener("alice", VIDEO_ID, "video");
    expect(opens(bob, opener, early)).toBe("not-live");
    alice.liveness.receiveChallenge("bob", challenge(2));
    expect(alice.answers.map(({ participantIds }) => participantIds)).toEqual([["bob"]]);
    const later = alice.seal(sealer);
    expect(bob.hear(alice)).toBe(true);
    expect(opens(bob, opener, early)).toBe("not-live");
    expect(opens(bob, opener, later)).toBe("opened");
    expect(opens(bob, opener, later)).toBe("replayed");
  });

  test("may come before the stream is subscribed to", () => {
    const sealer = alice.send();
    alice.seal(sealer);
    alice.liveness.receiveChallenge("bob", challenge(2));
    bob.hear(alice);
    const opener = bob.core.addOpener("alice", VIDEO_ID, "video");
    expect(opens(bob, opener, alice.seal(sealer))).toBe("opened");
    const another = bob.core.addOpener("alice", AUDIO_ID, "audio");
    expect(opens(bob, another, alice.seal(alice.send(AUDIO_ID, "audio")))).toBe("not-live");
  });

  test("is made anew under another key, for those who could not open the one before", async () => {
    const wrong = await Client.create("carol", 3, 2);
    const sealer = wrong.send();
    wrong.liveness.receiveChallenge("bob", challenge(2));
    expect(bob.hear(wrong)).toBe(false);
    await wrong.core.setKey("secret", secret(1));
    wrong.liveness.keySwitched();
    expect(bob.hear(wrong)).toBe(true);
    const opener = bob.core.addOpener("carol", VIDEO_ID, "video");
    expect(opens(bob, opener, wrong.seal(sealer))).toBe("opened");
  });

  test("to yesterday's challenge, of somebody else or under another kind opens nothing", () => {
    const sealer = alice.send();
    alice.liveness.receiveChallenge("bob", challenge(77));
    expect(bob.hear(alice)).toBe(false);
    alice.liveness.receiveChallenge("bob", challenge(2));
    vi.advanceTimersByTime(BATCH_INTERVAL_MS);
    const { answer } = alice.answers.at(-1) as Sent;
    expect(bob.liveness.receiveAnswer("carol", answer)).toBe(false);
    for (const opener of [
      bob.core.addOpener("alice", VIDEO_ID, "video"),
      bob.core.addOpener("alice", VIDEO_ID, "share"),
    ])
      expect(opens(bob, opener, alice.seal(sealer))).toBe("not-live");
    expect(bob.hear(alice)).toBe(true);
    const share = bob.core.addOpener("alice", VIDEO_ID, "share");
    expect(opens(bob, share, alice.seal(sealer))).toBe("not-live");
  });

  test("is forgotten when this client joins anew before it subscribed", () => {
    const sealer = alice.send();
    alice.liveness.receiveChallenge("bob", challenge(2));
    expect(bob.hear(alice)).toBe(true);
    bob.liveness.join(challenge(3));
    const opener = bob.core.addOpener("alice", VIDEO_ID, "video");
    expect(opens(bob, opener, alice.seal(sealer))).toBe("not-live");
  });

  test("counts no more once this client joined anew; what was live stays so", () => {
    const sealer = alice.send();
    alice.liveness.receiveChallenge("bob", challenge(2));
    const opener = bob.core.addOpener("alice", VIDEO_ID, "video");
    bob.hear(alice);
    const stale = alice.answers.at(-1);
    bob.liveness.join(challenge(3));
    expect(opens(bob, opener, alice.seal(sealer))).toBe("opened");
    expect(bob.hear(alice, stale)).toBe(false);
    const audio = alice.send(AUDIO_ID, "audio");
    expect(bob.hear(alice)).toBe(false);
    const unheard = bob.core.addOpener("alice", AUDIO_ID, "audio");
    expect(opens(bob, unheard, alice.seal(audio))).toBe("not-live");
    alice.liveness.receiveChallenge("bob", challenge(3));
    vi.advanceTimersByTime(BATCH_INTERVAL_MS);
    expect(bob.hear(alice)).toBe(true);
    expect(opens(bob, unheard, alice.seal(audio))).toBe("opened");
  });
});

describe("challenges", () => {
  test("that follow the first within 200 ms are answered together", () => {
    alice.send();
    for (let i = 0; i < 75; i++) {
      alice.liveness.receiveChallenge(`joiner ${i}`, challenge(100 + i));
      vi.advanceTimersByTime(1);
    }
    expect(alice.answers).toHaveLength(1);
    vi.advanceTimersByTime(BATCH_INTERVAL_MS - 75);
    expect(alice.answers.map(({ participantIds }) => participantIds.length)).toEqual([1, 74]);
    vi.advanceTimersByTime(1000);
    expect(alice.answers).toHaveLength(2);
    bob.liveness.join(challenge(174));
    expect(bob.hear(alice)).toBe(true);
    alice.liveness.receiveChallenge("late", challenge(2000));
    expect(alice.answers).toHaveLength(3);
  });

  test("of more than one answer holds go into several", () => {
    for (let i = 0; i < 300; i++)
      alice.liveness.receiveChallenge(`joiner ${i}`, challenge(1000 + i));
    alice.send();
    expect(alice.answers.map(({ participantIds }) => participantIds.length)).toEqual([256, 44]);
    for (const number of [1000, 1255]) {
      bob.liveness.join(challenge(number));
      expect(bob.hear(alice, alice.answers[0])).toBe(true);
    }
    bob.liveness.join(challenge(1299));
    expect(bob.hear(alice, alice.answers[0])).toBe(false);
    expect(bob.hear(alice, alice.answers[1])).toBe(true);
  });

  test("of one participant, however many, cost five answers a second", () => {
    alice.send();
    for (let ms = 0; ms < 1000; ms++) {
      alice.liveness.receiveChallenge("mallory", challenge(ms));
      vi.advanceTimersByTime(1);
    }
    expect(alice.answers.length).toBeLessThanOrEqual(6);
    for (const { participantIds } of alice.answers) expect(participantIds).toEqual(["mallory"]);
  });

  test("of everybody who is here are answered again for each new stream, and at once", () => {
    for (const [i, id] of ["bob", "carol", "dave"].entries())
      alice.liveness.receiveChallenge(id, challenge(2 + i));
    expect(alice.answers).toEqual([]); // There was nothing to tell.
    const video = alice.send();
    alice.liveness.forget("dave");
    const audio = alice.send(AUDIO_ID, "audio");
    expect(alice.answers.map(({ participantIds }) => participantIds)).toEqual([
      ["bob", "carol", "dave"],
      ["bob", "carol"],
    ]);
    const openers = [
      bob.core.addOpener("alice", VIDEO_ID, "video"),
      bob.core.addOpener("alice", AUDIO_ID, "audio"),
    ];
    expect(bob.hear(alice)).toBe(true);
    [video, audio].forEach((sealer, i) =>
      expect(opens(bob, openers[i] as Stream, alice.seal(sealer))).toBe("opened"),
    );
  });

  test("of too many participants are not kept", () => {
    for (let i = 0; i < 3000; i++) alice.liveness.receiveChallenge(`${i}`, challenge(i));
    alice.send();
    const count = alice.answers.reduce((sum, { participantIds }) => sum + participantIds.length, 0);
    expect(count).toBe(1024);
  });
});

describe("a key that is late", () => {
  test("at the sender: the answer goes out with it", async () => {
    const sender = await Client.create("alice", 1, 0);
    sender.send();
    sender.liveness.receiveChallenge("bob", challenge(2));
    vi.advanceTimersByTime(1000);
    expect(sender.answers).toEqual([]);
    await sender.setKey(1);
    expect(sender.answers).toHaveLength(1);
    expect(bob.hear(sender)).toBe(true);
  });

  test("at the receiver: answers that came before count then", async () => {
    const receiver = await Client.create("bob", 2, 0);
    const sealer = alice.send();
    alice.liveness.receiveChallenge("bob", challenge(2));
    for (let i = 0; i < 3; i++) {
      alice.liveness.receiveChallenge("carol", challenge(50 + i));
      vi.advanceTimersByTime(BATCH_INTERVAL_MS);
    }
    const opener = receiver.core.addOpener("alice", VIDEO_ID, "video");
    expect(alice.answers).toHaveLength(4);
    for (const sent of alice.answers) expect(receiver.hear(alice, sent)).toBe(false);
    expect(opens(receiver, opener, alice.seal(sealer))).toBe("missing-key");
    await receiver.setKey(2);
    expect(opens(receiver, opener, alice.seal(sealer))).toBe("missing-key");
    await receiver.setKey(1);
    expect(opens(receiver, opener, alice.seal(sealer))).toBe("opened");
  });

  test("and never comes: with the next one, the answer is asked for again", async () => {
    const receiver = await Client.create("bob", 2, 2);
    const sealer = alice.send();
    alice.liveness.receiveChallenge("bob", challenge(2));
    expect(receiver.hear(alice)).toBe(false);
    await alice.setKey(2);
    const opener = receiver.core.addOpener("alice", VIDEO_ID, "video");
    for (let now = 0; now <= PATIENCE_MS; now += 200) {
      expect(opens(receiver, opener, alice.seal(sealer))).toBe("not-live");
      receiver.liveness.tick(now);
    }
    expect(receiver.asked).toEqual(["alice"]);
    vi.advanceTimersByTime(BATCH_INTERVAL_MS);
    alice.liveness.receiveChallenge("bob", challenge(2));
    expect(receiver.hear(alice)).toBe(true);
    expect(opens(receiver, opener, alice.seal(sealer))).toBe("opened");
  });

  test("answers that wait for it are few of each sender and in all", async () => {
    const receiver = await Client.create("bob", 2, 0);
    const sealer = alice.send();
    alice.liveness.receiveChallenge("bob", challenge(2));
    receiver.hear(alice);
    const [right] = alice.answers;
    for (let i = 0; i < 4; i++) {
      vi.advanceTimersByTime(BATCH_INTERVAL_MS);
      alice.liveness.receiveChallenge("carol", challenge(50 + i));
      receiver.hear(alice);
    }
    for (let i = 0; i < 300; i++) receiver.liveness.receiveAnswer(`${i}`, right!.answer);
    await receiver.setKey(1);
    const opener = receiver.core.addOpener("alice", VIDEO_ID, "video");
    expect(opens(receiver, opener, alice.seal(sealer))).toBe("not-live");
    expect(receiver.hear(alice, right)).toBe(true); // Frames come in vain, so it is asked for again.
    expect(opens(receiver, opener, alice.seal(sealer))).toBe("opened");
  });
});

describe("frames that come in vain", () => {
  test("make this client ask once more, after some patience and then every second", () => {
    const sealer = alice.send();
    const opener = bob.core.addOpener("alice", VIDEO_ID, "video");
    const asked: number[] = [];
    for (let now = 0; now < 5000; now += 200) {
      opens(bob, opener, alice.seal(sealer));
      bob.liveness.tick(now);
      if (bob.asked.length > asked.length) asked.push(now);
    }
    expect(asked).toEqual([PATIENCE_MS, 1400, 2400, 3400, 4400]);
    expect(ASK_INTERVAL_MS).toBe(1000);
    expect(new Set(bob.asked)).toEqual(new Set(["alice"]));
    alice.liveness.receiveChallenge("bob", challenge(2));
    bob.hear(alice);
    expect(opens(bob, opener, alice.seal(sealer))).toBe("opened");
    for (let now = 5000; now < 9000; now += 200) bob.liveness.tick(now);
    expect(bob.asked).toHaveLength(asked.length);
  });

  test("of a stream that becomes live soon enough ask nothing", () => {
    const sealer = alice.send();
    const opener = bob.core.addOpener("alice", VIDEO_ID, "video");
    opens(bob, opener, alice.seal(sealer));
    bob.liveness.tick(0);
    alice.liveness.receiveChallenge("bob", challenge(2));
    bob.hear(alice);
    for (let now = 200; now < 5000; now += 200) bob.liveness.tick(now);
    expect(bob.asked).toEqual([]);
  });

  test("also when they are rare", () => {
    const sealer = alice.send();
    const opener = bob.core.addOpener("alice", VIDEO_ID, "video");
    for (let now = 0; now < 3000; now += 200) {
      if (now % 1000 === 0) opens(bob, opener, alice.seal(sealer));
      bob.liveness.tick(now);
    }
    expect(bob.asked.length).toBeGreaterThan(0);
  });

  test("for want of a key ask nothing", async () => {
    const mallory = await Client.create("mallory", 5, 9);
    const sealer = mallory.send();
    const opener = bob.core.addOpener("mallory", VIDEO_ID, "video");
    for (let now = 0; now < 5000; now += 200) {
      expect(opens(bob, opener, mallory.seal(sealer))).toBe("missing-key");
      bob.liveness.tick(now);
    }
    expect(bob.asked).toEqual([]);
  });
});

test("who left and is back with other streams is heard again", () => {
  alice.send();
  alice.liveness.receiveChallenge("bob", challenge(2));
  bob.hear(alice);
  bob.liveness.forget("alice");
  const opener = bob.core.addOpener("alice", VIDEO_ID, "video");
  expect(opens(bob, opener, alice.seal(alice.send(AUDIO_ID, "audio")))).toBe("not-live");
  expect(bob.hear(alice)).toBe(true);
});
