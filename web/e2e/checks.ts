// What a test asserts of a call, in one place.

import assert from "node:assert/strict";

import { FRAME_COUNT, MARKS, type Person as Name, TONES } from "./media_files.ts";
import type { Person, Sight } from "./person.ts";

/** Encoding and colour conversion shift a channel by less than this. */
const COLOUR_TOLERANCE = 40;
const TONE_TOLERANCE_HZ = 12;
const AUDIBLE_DB = -50;

function isMarkOf(name: Name, sight: Sight | undefined): boolean {
  return (
    sight !== undefined &&
    MARKS[name].every((wanted, i) => Math.abs(wanted - (sight.mark[i] ?? 0)) < COLOUR_TOLERANCE)
  );
}

/** `viewer` sees the camera of `name`, and it moves. Returns how long the first picture took, in ms. */
export async function assertSees(viewer: Person, name: Name, timeoutMs = 10_000): Promise<number> {
  const start = Date.now();
  const first = await viewer.until(() => viewer.look(), (sight) => isMarkOf(name, sight), timeoutMs);
  const took = Date.now() - start;
  await viewer.until(
    () => viewer.look(),
    (sight) => {
      const steps = ((sight?.time ?? 0) - (first?.time ?? 0) + FRAME_COUNT) % FRAME_COUNT;
      return isMarkOf(name, sight) && steps >= 4 && steps < FRAME_COUNT / 2;
    },
    3000,
  );
  return took;
}

/** `listener` hears the tone of `name`. */
export async function assertHears(listener: Person, name: Name, timeoutMs = 10_000): Promise<void> {
  const isTone = ({ frequency, level }: { frequency: number; level: number }) =>
    level > AUDIBLE_DB && Math.abs(frequency - TONES[name]) < TONE_TOLERANCE_HZ;
  await listener.until(() => listener.listen(), isTone, timeoutMs);
}

/** Nothing of the other's media comes out: no picture at all, and silence. */
export async function assertSeesAndHearsNothing(person: Person): Promise<void> {
  assert.equal(await person.look(), undefined, "a picture came out");
  const { level } = await person.listen();
  assert.ok(level < -90, `a sound of ${level} dB came out`);
}

/** Frames that decoders of this page were given, over all incoming streams. */
export async function framesDecoded(person: Person): Promise<{ video: number; audio: number }> {
  return person.page.evaluate(async () => {
    const connections = (window as unknown as { sottoConnections?: RTCPeerConnection[] }).sottoConnections ?? [];
    let [video, audio] = [0, 0];
    for (const connection of connections) {
      for (const entry of (await connection.getStats()).values()) {
        if (entry.type !== "inbound-rtp") continue;
        if (entry.kind === "video") video += entry.framesDecoded ?? 0;
        else audio += entry.totalSamplesReceived - entry.concealedSamples || 0;
      }
    }
    return { video, audio };
  });
}

/** To be run before the page's scripts: keeps every connection where a test finds it. */
export function rememberConnections(): void {
  const connections: RTCPeerConnection[] = [];
  const Original = window.RTCPeerConnection;
  Object.assign(window, { sottoConnections: connections });
  window.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      connections.push(this);
    }
  };
}
