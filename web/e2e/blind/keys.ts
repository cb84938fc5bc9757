// Every key of a meeting, made by an independent reading of docs/frame-format.md with the library of
// Node: what is searched for must not come from the code that is under suspicion.

import { createCipheriv, createDecipheriv, createHmac, hkdfSync, pbkdf2Sync } from "node:crypto";

export interface StreamName {
  participantId: string;
  streamId: Buffer;
  kind: "audio" | "video" | "share" | "shareAudio";
}

/** A key as the app gives it. */
export type AppKey = string | Buffer;

/** Something that must not be found, and what it is. */
export interface Secret {
  name: string;
  bytes: Buffer;
}

export interface StreamKeys {
  kid: number;
  baseKey: Buffer;
  key: Buffer;
  salt: Buffer;
}

const KINDS = { audio: 1, video: 2, share: 3, shareAudio: 4 };
const SUITE = 4;
const TAG_SIZE = 16;

function expand(secret: Buffer, info: Buffer | string, size: number): Buffer {
  const label = typeof info === "string" ? Buffer.from(info) : info;
  let [block, output] = [Buffer.alloc(0), Buffer.alloc(0)];
  for (let i = 1; output.length < size; i++) {
    block = createHmac("sha256", secret).update(block).update(label).update(Buffer.of(i)).digest();
    output = Buffer.concat([output, block]);
  }
  return output.subarray(0, size);
}

function lp(bytes: Buffer): Buffer {
  const size = Buffer.alloc(2);
  size.writeUInt16BE(bytes.length);
  return Buffer.concat([size, bytes]);
}

export function roomSecret(key: AppKey, roomId: string): Buffer {
  const label = typeof key === "string" ? "sotto/1 passphrase" : "sotto/1 raw";
  const salt = Buffer.from(`${label}\0${roomId}`);
  if (typeof key === "string") return pbkdf2Sync(key, salt, 600_000, 32, "sha256");
  return createHmac("sha256", salt).update(key).digest();
}

export function keyId(secret: Buffer): number {
  return (expand(secret, "sotto/1 kid", 4).readUInt32BE() | 0x80000000) >>> 0;
}

export function nextSecret(secret: Buffer): Buffer {
  return expand(secret, "sotto/1 ratchet", 32);
}

export function streamKeys(secret: Buffer, roomId: string, name: StreamName): StreamKeys {
  const info = [
    Buffer.from("sotto/1 stream"),
    lp(Buffer.from(roomId)),
    lp(Buffer.from(name.participantId)),
    lp(name.streamId),
    Buffer.of(KINDS[name.kind]),
  ];
  const kid = keyId(secret);
  const baseKey = expand(secret, Buffer.concat(info), 32);
  return {
    kid,
    baseKey,
    key: sframe(baseKey, "key", kid, 16),
    salt: sframe(baseKey, "salt", kid, 12),
  };
}

/** RFC 9605, section 4.4.2. */
function sframe(baseKey: Buffer, what: string, kid: number, size: number): Buffer {
  const info = Buffer.alloc(10);
  info.writeBigUInt64BE(BigInt(kid));
  info.writeUInt16BE(SUITE, 8);
  const label = Buffer.concat([Buffer.from(`SFrame 1.0 Secret ${what} `), info]);
  return Buffer.from(hkdfSync("sha256", baseKey, "", label, size));
}

/** The parts of a wire frame whose layout its mark names. */
function takeApart(wire: Buffer): { kept: Buffer; authenticated: Buffer; sframeBytes: Buffer } {
  const layout = (wire.at(-1) ?? 0) & 7;
  const kept = wire.subarray(0, layout === 1 ? ((wire[0] ?? 0) & 1 ? 3 : 10) : 0);
  if (layout < 2) return { kept, authenticated: kept, sframeBytes: wire.subarray(kept.length, -1) };
  if (layout === 4) {
    const sizeEnd = wire.findIndex((byte, i) => i > 0 && byte < 0x80) + 1;
    return { kept, authenticated: wire.subarray(0, 1), sframeBytes: wire.subarray(sizeEnd, -1) };
  }
  // No start code is in what is sealed: behind the last one stand two bytes of the slice.
  const sealedAt = wire.lastIndexOf(Buffer.of(0, 0, 0, 1)) + 6;
  const text = wire.subarray(sealedAt, -1).toString("latin1").replaceAll("\0\0\x03", "\0\0");
  return { kept, authenticated: kept, sframeBytes: Buffer.from(text, "latin1") };
}

/** What a sealed frame says in clear. */
export interface WireFrame {
  kid: number;
  counter: number;
  /** The beginning of the frame that is not sealed. */
  kept: Buffer;
  /** What of the front is authenticated. */
  authenticated: Buffer;
  header: Buffer;
  /** Ciphertext and tag. */
  sealed: Buffer;
  mark: Buffer;
}

/** Throws for a frame without a key id of this format. */
export function parseFrame(wire: Buffer): WireFrame {
  const mark = wire.subarray(-1);
  const { kept, authenticated, sframeBytes } = takeApart(wire);
  const config = sframeBytes[0] ?? 0;
  const kidSize = config & 0x80 ? ((config >> 4) & 7) + 1 : 0;
  const counterSize = config & 8 ? (config & 7) + 1 : 0;
  if (kidSize !== 4) throw new Error("no key id");
  const header = sframeBytes.subarray(0, 1 + kidSize + counterSize);
  const counter = counterSize ? header.readUIntBE(5, counterSize) : config & 7;
  const sealed = sframeBytes.subarray(header.length);
  const kid = header.readUInt32BE(1);
  return { kid, counter, kept, authenticated, header, sealed, mark };
}

/** RFC 9605, section 4.4.3. */
export function nonceOf({ salt }: StreamKeys, counter: number): Buffer {
  const nonce = Buffer.from(salt);
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ counter) >>> 0, 8);
  return nonce;
}

/** Opens a sealed frame; throws if the keys are not those that it was sealed with. */
export function openFrame(keys: StreamKeys, wire: Buffer): Buffer {
  const { kid, counter, kept, authenticated, header, sealed, mark } = parseFrame(wire);
  if (kid !== keys.kid) throw new Error("another key id");
  const nonce = nonceOf(keys, counter);
  const decipher = createDecipheriv("aes-128-gcm", keys.key, nonce, { authTagLength: TAG_SIZE });
  decipher.setAuthTag(sealed.subarray(-TAG_SIZE));
  decipher.setAAD(Buffer.concat([header, authenticated, mark]));
  return Buffer.concat([kept, decipher.update(sealed.subarray(0, -TAG_SIZE)), decipher.final()]);
}

function encryptBlock(key: Buffer, block: Buffer): Buffer {
  const cipher = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(block), cipher.final()]);
}

const SBOX = makeSbox();

function makeSbox(): number[] {
  const table = new Array<number>(256).fill(0x63);
  let [p, q] = [1, 1];
  do {
    p = (p ^ (p << 1) ^ (p & 0x80 ? 0x11b : 0)) & 0xff;
    q ^= q << 1;
    q ^= q << 2;
    q = (q ^ (q << 4)) & 0xff;
    if (q & 0x80) q ^= 0x09;
    const turned = [1, 2, 3, 4].reduce((sum, n) => sum ^ (q << n) ^ (q >> (8 - n)), q);
    table[p] = (turned & 0xff) ^ 0x63;
  } while (p !== 1);
  return table;
}

/** FIPS 197, section 5.2: the eleven round keys of AES-128. */
export function roundKeys(key: Buffer): Buffer[] {
  const words = [0, 4, 8, 12].map((at) => [...key.subarray(at, at + 4)]);
  let constant = 1;
  for (let i = 4; i < 44; i++) {
    let word = [...(words[i - 1] ?? [])];
    if (i % 4 === 0) {
      word = [...word.slice(1), ...word.slice(0, 1)].map((byte) => SBOX[byte] ?? 0);
      word[0] = (word[0] ?? 0) ^ constant;
      constant = (constant << 1) ^ (constant & 0x80 ? 0x11b : 0);
    }
    words.push(word.map((byte, row) => byte ^ (words[i - 4]?.[row] ?? 0)));
  }
  return Array.from({ length: 11 }, (_, i) => Buffer.from(words.slice(4 * i, 4 * i + 4).flat()));
}

/** As implementations without AES instructions keep them: words in the byte order of the machine. */
function asWords(roundKey: Buffer): Buffer {
  return Buffer.from(roundKey).swap32();
}

/** As the core keeps them in WebAssembly with SIMD (wasm/aes.h). */
function asLanes(roundKey: Buffer, round: number): Buffer {
  const lanes = Buffer.alloc(16);
  roundKey.forEach((byte, i) => {
    const [row, column] = [i % 4, i >> 2];
    lanes[4 * row + column] = byte ^ (round === 0 ? 0 : 0x63);
  });
  return lanes;
}

/** The first of the tables that the core makes of GCM's hash key with SIMD (wasm/ghash.h). */
function hashKeyTable(hashKey: Buffer): Buffer {
  const byteOf = (index: number, shift: number) =>
    ((((hashKey[index - 1] ?? 0) << 8) | (hashKey[index] ?? 0)) >> shift) & 0xff;
  const table = Buffer.alloc(17 * 16);
  for (let index = 0; index < 17; index++)
    for (let nibble = 0; nibble < 16; nibble++)
      for (let shift = 0; shift < 4; shift++)
        if (nibble & (8 >> shift)) {
          const at = index * 16 + nibble;
          table[at] = (table[at] ?? 0) ^ byteOf(index, shift);
        }
  return table;
}

/** Everything that follows from one room secret for one stream. */
export function secretsOfStream(keys: StreamKeys): Secret[] {
  const rounds = roundKeys(keys.key);
  const hashKey = encryptBlock(keys.key, Buffer.alloc(16));
  const extracted = createHmac("sha256", "").update(keys.baseKey).digest();
  return [
    { name: "stream key", bytes: keys.baseKey },
    { name: "SFrame secret", bytes: extracted },
    { name: "SFrame key", bytes: keys.key },
    { name: "SFrame salt", bytes: keys.salt },
    ...rounds.slice(1).map((bytes) => ({ name: "AES round keys", bytes })),
    ...rounds.map((bytes) => ({ name: "AES round keys, as words", bytes: asWords(bytes) })),
    ...rounds.map((bytes, i) => ({
      name: "AES round keys, as the core's",
      bytes: asLanes(bytes, i),
    })),
    { name: "GHASH key", bytes: hashKey },
    { name: "GHASH key, as the core's table", bytes: hashKeyTable(hashKey) },
  ];
}
