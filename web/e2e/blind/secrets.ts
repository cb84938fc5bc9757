// What is searched for after a call: its keys with all that follows from them, and what it said and
// showed.

import { randomBytes } from "node:crypto";

import { type Call, nameOf } from "./call.ts";
import { type AppKey, nextSecret, openFrame, secretsOfStream, streamKeys } from "./keys.ts";
import { type Needle, windowsOf } from "./needles.ts";
import type { TapedStream } from "./tape.ts";

const FRAMES_PER_STREAM = 150;

/** Like nothing that was ever written down anywhere. */
export function drawTextKey(): string {
  return `canary-${randomBytes(18).toString("base64url")}`;
}

export function drawRawKey(): Buffer {
  return randomBytes(32);
}

export function keyNeedles(call: Call, streams: TapedStream[]): Needle[] {
  const given = call.keys.map((key: AppKey) =>
    typeof key === "string"
      ? { name: "text key", bytes: Buffer.from(key) }
      : { name: "raw key", bytes: key },
  );
  const derived = call
    .secrets()
    .flatMap((secret) => [
      { name: "room secret", bytes: secret },
      { name: "next room secret", bytes: nextSecret(secret) },
      ...streams.flatMap((stream) =>
        secretsOfStream(streamKeys(secret, call.roomId, nameOf(stream))),
      ),
    ]);
  return [...given, ...derived];
}

export function frameNeedles(streams: TapedStream[]): Needle[] {
  return streams.flatMap(({ kind, frames }) => {
    const clear = frames.flatMap((frame) =>
      frame.clear === undefined ? [] : [Buffer.from(frame.clear, "base64")],
    );
    return windowsOf(
      kind === "audio" ? "frames of sound" : "frames of pictures",
      clear,
      FRAMES_PER_STREAM,
    );
  });
}

/** How many sealed frames the needles' keys open to what had been sealed, of how many. */
export function countOpened(call: Call, streams: TapedStream[]): { opened: number; of: number } {
  const secrets = call.secrets();
  const outcomes = streams.flatMap((stream) => {
    const keys = secrets.map((secret) => streamKeys(secret, call.roomId, nameOf(stream)));
    return stream.frames.flatMap(({ wire, clear }) => {
      if (wire === undefined || clear === undefined) return [];
      return [keys.some((each) => opensTo(each, wire, clear))];
    });
  });
  return { opened: outcomes.filter(Boolean).length, of: outcomes.length };
}

function opensTo(keys: Parameters<typeof openFrame>[0], wire: string, clear: string): boolean {
  try {
    return openFrame(keys, Buffer.from(wire, "base64")).equals(Buffer.from(clear, "base64"));
  } catch {
    return false;
  }
}
