// Sotto's format "livekit" against LiveKit's own frame cryptor: what either seals opens in the other.

import { beforeAll, describe, expect, test, vi } from "vitest";

import { type LivekitOptions, readLivekitOptions } from "../src/livekit_options";
import * as texts from "../src/livekit_wasm";
import { LivekitCore } from "../src/worker/livekit_core";
import { LivekitKeys } from "../src/worker/livekit_keys";
import type { Stream } from "../src/worker/streams";
import { encodedFrame, LivekitClient, type PlainFrame } from "./livekit_oracle.mjs";

const SEED = 1;
const FRAMES_PER_KIND = 300;

/** mulberry32: LiveKit's own random numbers come from it too, so that a seed tells everything. */
let state = SEED;
function next(): number {
  state = (state + 0x6d2b79f5) | 0;
  let value = Math.imul(state ^ (state >>> 15), state | 1);
  value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
  return (value ^ (value >>> 14)) >>> 0;
}
const below = (limit: number) => next() % limit;
const pick = <T>(values: readonly T[]): T => values[below(values.length)] as T;
const bytes = (size: number) => Array.from({ length: size }, () => next() >>> 24);

/** Zeros and ones of start codes and escapes more often than chance has it. */
const zeroHeavy = (size: number) => bytes(size).map((byte) => (below(3) ? byte : below(4)));

const H264_TYPES = [0x67, 0x68, 0x06, 0x09, 0x41, 0x65, 0x61, 0x01, 0x0c];
const H265_TYPES = [0x40, 0x42, 0x44, 0x26, 0x02, 0x4e, 0x28, 0x2a, 0x00, 0x46, 0x12, 0x14, 0x20, 0x2c];

/** NAL units as encoders write them and as they should not, of 0 to 5 bytes among them. */
function nalUnits(types: number[]): number[] {
  const stream: number[] = below(12) === 0 ? bytes(below(3)) : [];
  for (let i = 1 + below(5); i > 0; i--) {
    const unit = zeroHeavy(pick([0, 1, 2, 3, 4, 5, 10, 40, 300]));
    if (unit.length > 0) unit[0] = pick(types);
    stream.push(...pick([[0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0, 1]]), ...unit);
  }
  return stream;
}

const hexOf = (data: number[]) => data.map((byte) => byte.toString(16).padStart(2, "0")).join("");

const any = () => bytes(pick([1, 2, 3, 9, 10, 11, 50, 500]));
const KINDS = [
  { name: "opus", kind: "audio", make: any },
  { name: "VP8", kind: "video", mimeType: "video/VP8", make: any },
  { name: "VP9", kind: "video", mimeType: "video/VP9", make: any },
  { name: "H.264", kind: "video", mimeType: "video/H264", make: () => nalUnits(H264_TYPES) },
  { name: "H.265", kind: "video", mimeType: "video/H265", make: () => nalUnits(H265_TYPES) },
  { name: "unknown, NAL units", kind: "video", make: () => nalUnits(pick([H264_TYPES, H265_TYPES])) },
  { name: "unknown", kind: "video", make: any },
] as const;

/** One client of each, with a stream of sound and one of pictures. */
class Pair {
  livekit: LivekitClient;
  #sealers: Record<"audio" | "video", Stream>;
  #openers: Record<"audio" | "video", Stream>;
  #timestamp = 1000;

  constructor(
    readonly core: LivekitCore,
    readonly keys: LivekitKeys,
    options: Partial<LivekitOptions>,
  ) {
    this.livekit = new LivekitClient(options);
    const seals = (kind: "audio" | "video") => core.addSealer(new Uint8Array(16), kind);
    const opens = (kind: "audio" | "video") => core.addOpener("livekit", undefined, kind);
    this.#sealers = { audio: seals("audio"), video: seals("video") };
    this.#openers = { audio: opens("audio"), video: opens("video") };
  }

  static async create(options: Partial<LivekitOptions> = {}): Promise<Pair> {
    const core = await LivekitCore.create("sotto", readLivekitOptions(options), texts);
    return new Pair(core, new LivekitKeys(core, { onRatcheted: () => {} }), options);
  }

  async setKey(key: string | Uint8Array, index: number): Promise<void> {
    const [form, copy] =
      typeof key === "string"
        ? (["text", new TextEncoder().encode(key)] as const)
        : (["raw", key.slice()] as const);
    await this.keys.set(form, copy, "", index);
    this.core.keys.use("", index);
    await this.livekit.setKey(typeof key === "string" ? key : key.slice().buffer, index);
  }

  async ratchet(index: number): Promise<void> {
    await this.keys.ratchet("", index);
    await this.livekit.ratchet(index);
  }

  frame(data: number[], mimeType?: string, type?: "key" | "delta"): PlainFrame {
    this.#timestamp += pick([1, 960, 3000]);
    const frame = { data: Uint8Array.from(data), ssrc: 77, timestamp: this.#timestamp };
    return { ...frame, ...(mimeType && { mimeType }), ...(type && { type }) };
  }

  sealHere(frame: PlainFrame): Uint8Array | string {
    const stream = this.#sealers[frame.type ? "video" : "audio"];
    const sealed = this.core.sealFrame(stream, encodedFrame(frame));
    return typeof sealed === "string" ? sealed : new Uint8Array(sealed);
  }

  openHere(frame: PlainFrame): Uint8Array | string {
    const stream = this.#openers[frame.type ? "video" : "audio"];
    const opened = this.core.openFrame(stream, encodedFrame(frame));
    return typeof opened === "string" ? opened : new Uint8Array(opened);
  }

  /** LiveKit's stream breaks on frames that it cannot split; that is a refusal too. */
  sealThere(frame: PlainFrame): Promise<Uint8Array | undefined> {
    return this.livekit.seal(frame).catch(() => undefined);
  }

  openThere(frame: PlainFrame): Promise<Uint8Array | undefined> {
    return this.livekit.open(frame).catch(() => undefined);
  }
}

beforeAll(() => {
  console.log(`seed ${SEED}`);
  vi.spyOn(Math, "random").mockImplementation(() => next() / 2 ** 32);
  vi.spyOn(crypto, "getRandomValues").mockImplementation((array) => {
    new Uint8Array(array!.buffer).forEach((_, i, all) => (all[i] = next() >>> 24));
    return array;
  });
});

/** What became of random frames of one kind, each sealed on both sides and opened on both. */
async function exchange(pair: Pair, { kind, make, ...codec }: (typeof KINDS)[number], count: number) {
  const totals = { passed: 0, refused: 0, lostByLivekit: 0 };
  const mimeType = "mimeType" in codec ? codec.mimeType : undefined;
  for (let i = 0; i < count; i++) {
    const data = make();
    if (data.length === 0) continue;
    const frame = pair.frame(data, mimeType, kind === "video" ? pick(["key", "delta"]) : undefined);
    const [there, here] = [await pair.sealThere(frame), pair.sealHere(frame)];
    const words = `${frame.type ?? ""} ${hexOf(data)}`;
    if (there === undefined) {
      expect(here, words).toBe("frame-too-short");
      totals.refused++;
      continue;
    }
    expect(here, words).toBeInstanceOf(Uint8Array);
    const theirsThere = await pair.openThere({ ...frame, data: there });
    const theirsHere = pair.openHere({ ...frame, data: there });
    const oursThere = await pair.openThere({ ...frame, data: here as Uint8Array });
    const oursHere = pair.openHere({ ...frame, data: here as Uint8Array });
    // Where ciphertext looks like a NAL unit LiveKit loses frames of its own; never more than it.
    if (theirsThere) expect(theirsHere, words).toEqual(theirsThere);
    if (oursThere) expect(oursHere, words).toEqual(oursThere);
    if (theirsThere && oursThere) expect(theirsThere, words).toEqual(oursThere);
    if (theirsThere && oursThere) totals.passed++;
    else totals.lostByLivekit++;
  }
  return totals;
}

describe.each([
  ["PBKDF2", 128],
  ["PBKDF2", 256],
  ["HKDF", 128],
  ["HKDF", 256],
] as const)("%s, %i bits", (kdf, keySize) => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await Pair.create({ keySize });
    await pair.setKey(kdf === "PBKDF2" ? "a passphrase" : Uint8Array.from(bytes(32)), below(16));
  });

  test.each(KINDS)("$name", async (codec) => {
    const totals = await exchange(pair, codec, FRAMES_PER_KIND);
    expect(totals.passed).toBeGreaterThan(FRAMES_PER_KIND / 2);
    expect(totals.lostByLivekit).toBeLessThan(FRAMES_PER_KIND / 10);
  });

  test("every key index, ratcheted up to three times", async () => {
    const pair = await Pair.create({ keySize, keyringSize: 256 });
    const indexes = kdf === "PBKDF2" ? [0, 255] : Array.from({ length: 256 }, (_, i) => i);
    for (const index of indexes) {
      await pair.setKey(kdf === "PBKDF2" ? `passphrase ${index}` : Uint8Array.from(bytes(16)), index);
      for (let step = 0; step <= index % 4; step++) {
        if (step > 0) await pair.ratchet(index);
        const totals = await exchange(pair, KINDS[0], 2);
        expect(totals).toEqual({ passed: 2, refused: 0, lostByLivekit: 0 });
      }
    }
  }, 60_000);

  test("another salt, as VideoSDK's", async () => {
    const pair = await Pair.create({ keySize, ratchetSalt: "VideoSDKEncryptionRatchetSalt" });
    await pair.setKey(kdf === "PBKDF2" ? "<Secret_Key>" : Uint8Array.from(bytes(20)), 0);
    expect(await exchange(pair, KINDS[2], 20)).toMatchObject({ passed: 20 });
  });
});

describe("both ends", () => {
  test("pass padding untouched", async () => {
    const pair = await Pair.create();
    await pair.setKey("a passphrase", 0);
    const padding = pair.frame([]);
    expect(await pair.sealThere(padding)).toEqual(new Uint8Array(0));
    expect(pair.sealHere(padding)).toEqual(new Uint8Array(0));
    expect(await pair.openThere(padding)).toEqual(new Uint8Array(0));
    expect(pair.openHere(padding)).toEqual(new Uint8Array(0));
  });

  test("refuse AV1", async () => {
    const pair = await Pair.create();
    await pair.setKey("a passphrase", 0);
    const frame = pair.frame([0x0a, 1, 2], "video/AV1", "key");
    expect(await pair.sealThere(frame)).toBeUndefined();
    expect(pair.sealHere(frame)).toBe("codec-not-supported");
  });

  test("follow a sender who ratchets: LiveKit one step, Sotto the whole window", async () => {
    const pair = await Pair.create({ ratchetWindowSize: 3 });
    await pair.setKey(Uint8Array.from(bytes(32)), 0);
    await pair.core.keys.work();
    const seal = async () => {
      const frame = pair.frame([0x78, 1, 2, 3]);
      return { frame, sealed: { ...frame, data: (await pair.sealThere(frame)) as Uint8Array } };
    };
    for (const steps of [1, 3]) {
      for (let i = 0; i < steps; i++) await pair.livekit.ratchet(0);
      const { frame, sealed } = await seal();
      expect(pair.openHere(sealed)).toEqual(frame.data);
      await pair.core.keys.work();
    }
    await pair.keys.ratchet();
    const frame = pair.frame([0x78, 1, 2, 3]);
    const sealed = pair.sealHere(frame) as Uint8Array;
    expect(await pair.openThere({ ...frame, data: sealed })).toEqual(frame.data);
  });

  test("differ where LiveKit opens a frame twice, and where it opens another spelling of it", async () => {
    const pair = await Pair.create();
    await pair.setKey("a passphrase", 0);
    const slice = [0, 0, 0, 1, 0x65, 0x88, 1, 2, 3, 4];
    let spelledTwice = 0;
    for (let i = 0; i < 50; i++) {
      const frame = { ...pair.frame(slice, "video/H264", "key"), ssrc: 1 };
      const sealed = { ...frame, data: (await pair.sealThere(frame)) as Uint8Array };
      expect(await pair.openThere(sealed)).toEqual(frame.data);
      expect(await pair.openThere(sealed)).toEqual(frame.data);
      // The last escape is taken out: what stood behind it is no start code, so LiveKit reads it too.
      const at = sealed.data.findLastIndex(
        (byte, i, all) => byte === 0 && all[i + 1] === 0 && all[i + 2] === 3,
      );
      const other = [...sealed.data.slice(0, at + 2), ...sealed.data.slice(at + 3)];
      const spelling = { ...sealed, data: Uint8Array.from(other) };
      if (await pair.openThere(spelling)) {
        spelledTwice++;
        expect(["tampered", "not-sealed"]).toContain(pair.openHere(spelling));
      }
      expect(pair.openHere(sealed)).toEqual(frame.data);
      expect(pair.openHere(sealed)).toBe("replayed");
    }
    expect(spelledTwice).toBeGreaterThan(0);
  });
});
