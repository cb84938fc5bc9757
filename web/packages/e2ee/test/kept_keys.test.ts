import { expect, test } from "vitest";

import { KeptKeys, type ProvidedKey } from "../src/kept_keys";

const raw = (value: number): ProvidedKey => ({ form: "raw", bytes: new Uint8Array(16).fill(value) });
const isWiped = ({ bytes }: ProvidedKey) => bytes.every((byte) => byte === 0);

test("each key is wiped when another takes its place, is removed or ratcheted", () => {
  const kept = new KeptKeys();
  const keys = [raw(1), raw(2), raw(3)] as const;
  kept.set(undefined, keys[0]);
  kept.set(undefined, keys[1]);
  expect(keys.map(isWiped)).toEqual([true, false, false]);
  const [first, second] = [new Uint8Array(32).fill(4), new Uint8Array(32).fill(5)];
  kept.ratchet("room", undefined, first);
  kept.set("alice", keys[2]);
  expect(keys.map(isWiped)).toEqual([true, true, false]);
  kept.ratchet("room", undefined, second);
  expect(first).toEqual(new Uint8Array(32));
  kept.remove("alice");
  expect(keys.map(isWiped)).toEqual([true, true, true]);
  kept.set(undefined, raw(6));
  expect(second).toEqual(new Uint8Array(32));
});

test("a room gets copies of its own", () => {
  const kept = new KeptKeys();
  kept.set(undefined, raw(1));
  const [given] = kept.forRoom("room");
  given?.key.bytes.fill(0);
  expect(kept.forRoom("room")).toEqual([{ owner: undefined, key: raw(1) }]);
});

test("what the ratchet made of keys in several rooms is kept apart, and wiped as a whole", () => {
  const kept = new KeptKeys();
  const secrets = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)] as const;
  kept.ratchet("a", undefined, secrets[0]);
  kept.ratchet("b", "alice", secrets[1]);
  expect(kept.forRoom("a").map(({ owner }) => owner)).toEqual([undefined]);
  expect(kept.forRoom("b").map(({ owner }) => owner)).toEqual(["alice"]);
  kept.wipe();
  expect(kept.forRoom("a")).toEqual([]);
  for (const secret of secrets) expect(secret).toEqual(new Uint8Array(32));
});

test("after a wipe nothing is kept of what the ratchet goes on to make, until a key is set", () => {
  const kept = new KeptKeys();
  kept.set(undefined, raw(1));
  kept.wipe();
  const secret = new Uint8Array(32).fill(1);
  kept.ratchet("room", undefined, secret);
  expect(secret).toEqual(new Uint8Array(32));
  expect(kept.forRoom("room")).toEqual([]);
  kept.set(undefined, raw(2));
  kept.ratchet("room", undefined, new Uint8Array(32).fill(2));
  expect(kept.forRoom("room")).toHaveLength(1);
});
