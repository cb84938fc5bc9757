// The search itself, put to the test: everything that it must find is put somewhere, in every form.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";

import { readMemory } from "./memory.ts";
import { formsOf, Haystack, type Needle } from "./needles.ts";
import { startServer } from "./server.ts";
import { absentRow, plainRow, presentRow, type Row } from "./table.ts";

const NOISE_SIZE = 64;

/** As a table begins of a hash key whose first byte is 0 or 1. */
const ZEROS_FIRST: Needle[] = [7, 8, 9, 30, 31].map((count) => ({
  name: "zeros first",
  bytes: Buffer.concat([Buffer.alloc(count), Buffer.from([7]), randomBytes(count === 31 ? 0 : 16)]),
}));

/** Every form of every needle in turn, in noise, at places that no two have in common. */
export function plantedInNoise(given: Needle[]): Row[] {
  const needles = [...given, ...ZEROS_FIRST];
  const haystack = new Haystack(needles);
  let [planted, missed] = [0, 0];
  for (const { bytes } of needles)
    for (const form of formsOf(bytes)) {
      const lead = randomBytes(NOISE_SIZE + (planted % 8));
      const piece = Buffer.concat([lead, form.bytes, randomBytes(NOISE_SIZE)]);
      planted++;
      if (haystack.searchAll([piece]).found.size === 0) missed++;
    }
  const noise = haystack.searchAll([randomBytes(16 * 1024 * 1024)]);
  return [
    plainRow("control: every form of every needle", "planted in noise", `${planted} pieces`, {
      needles: `${needles.length}`,
      expected: "0 missed",
      found: `${missed} missed`,
      isGood: missed === 0 && planted > 0,
    }),
    absentRow("control: the same needles", "noise", noise),
  ];
}

/** As if somebody had configured sottod with the keys of a meeting. */
export async function plantedInEnvironment(needles: Needle[]): Promise<Row[]> {
  const texts = needles.map(({ bytes }, i) => {
    const forms = ["hex", "base64", "base64url"] as const;
    return bytes.toString(forms[i % forms.length]);
  });
  const server = await startServer({ PLANTED: texts.join(" ") });
  try {
    const report = new Haystack(needles).searchAll(readMemory(server.pid));
    return [
      presentRow("control: keys in the environment", "memory of sottod", report, needles.length),
    ];
  } finally {
    await server.stop();
  }
}

const HOLD_KEYS = `
  const { createCipheriv } = require("node:crypto");
  process.stdin.once("data", (keys) => {
    globalThis.held = [];
    for (let at = 0; at < keys.length; at += 16)
      held.push(createCipheriv("aes-128-gcm", keys.subarray(at, at + 16), Buffer.alloc(12)));
    keys.fill(0);
    console.log("ready");
  });
  setInterval(() => {}, 1000);
`;

/** What sottod would hold if it had the keys: OpenSSL with them, in a process of its own. */
export async function plantedInOpenSsl(needles: Needle[]): Promise<Row[]> {
  const keys = needles.filter(({ name }) => name === "SFrame key").map(({ bytes }) => bytes);
  const child = spawn(process.execPath, ["-e", HOLD_KEYS], { stdio: ["pipe", "pipe", "inherit"] });
  try {
    child.stdin.write(Buffer.concat(keys));
    await once(child.stdout, "data");
    const rounds = needles.filter(({ name }) => name.startsWith("AES round keys"));
    const report = new Haystack(rounds).searchAll(readMemory(child.pid ?? 0));
    return [presentRow("control: AES round keys", "memory of OpenSSL", report, 10 * keys.length)];
  } finally {
    child.kill("SIGKILL");
  }
}
