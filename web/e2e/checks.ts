// What a test asserts of a call, in one place.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { FRAME_COUNT, MARKS, type Person as Name, TONES } from "./media_files.ts";
import { type MediaTotals, readMediaTotals } from "./page_scripts.ts";
import type { Person, Sight } from "./person.ts";

/** Encoding and colour conversion shift a channel by less than this. */
const COLOUR_TOLERANCE = 40;
const TONE_TOLERANCE_HZ = 12;
const AUDIBLE_DB = -50;
const SILENT_DB = -90;

interface Sound {
  frequency: number;
  level: number;
}

export function isMarkOf(
  name: Name,
  sight: Sight | undefined,
  tolerance = COLOUR_TOLERANCE,
): boolean {
  if (!sight) return false;
  return MARKS[name].every((wanted, i) => Math.abs(wanted - (sight.mark[i] ?? 0)) < tolerance);
}

export function isToneOf(name: Name, { frequency, level }: Sound): boolean {
  return level > AUDIBLE_DB && Math.abs(frequency - TONES[name]) < TONE_TOLERANCE_HZ;
}

/** A picture of the camera of `name`, and it moves. Returns how long the first one took, in ms. */
export async function assertSight(
  viewer: Person,
  name: Name,
  look: () => Promise<Sight | undefined>,
  timeoutMs = 10_000,
): Promise<number> {
  const start = Date.now();
  const first = await viewer.until(look, (sight) => isMarkOf(name, sight), timeoutMs);
  const took = Date.now() - start;
  const hasMoved = (sight: Sight | undefined) => {
    const steps = ((sight?.time ?? 0) - (first?.time ?? 0) + FRAME_COUNT) % FRAME_COUNT;
    return isMarkOf(name, sight) && steps >= 4 && steps < FRAME_COUNT / 2;
  };
  await viewer.until(look, hasMoved, 3000);
  return took;
}

/** `viewer` sees the camera of `name` in the tile of the only other one. */
export function assertSees(viewer: Person, name: Name, timeoutMs?: number): Promise<number> {
  return assertSight(viewer, name, () => viewer.look(), timeoutMs);
}

/** The tone of `name`. Returns after how many ms at the latest it was there. */
export async function assertSound(
  listener: Person,
  name: Name,
  listen: () => Promise<Sound>,
  timeoutMs = 10_000,
): Promise<number> {
  const start = Date.now();
  await listener.until(listen, (sound) => isToneOf(name, sound), timeoutMs);
  return Date.now() - start;
}

/** `listener` hears the tone of `name` from the only other one. */
export function assertHears(listener: Person, name: Name, timeoutMs?: number): Promise<number> {
  return assertSound(listener, name, () => listener.listen(), timeoutMs);
}

/** Both see and hear each other. */
export async function assertCall(alice: Person, bob: Person): Promise<void> {
  await Promise.all([assertSees(alice, "bob"), assertSees(bob, "alice")]);
  await Promise.all([assertHears(alice, "bob"), assertHears(bob, "alice")]);
}

/** Packets come in, and in the whole time nothing of them reaches a decoder. */
export async function assertDecodesNothing(person: Person): Promise<void> {
  const before = await mediaTotals(person);
  const isEnough = ({ receivedPackets }: MediaTotals) =>
    receivedPackets > before.receivedPackets + 50;
  const after = await person.until(() => mediaTotals(person), isEnough);
  assert.equal(after.decodedFrames, before.decodedFrames, "frames reached a decoder");
  assert.equal(after.decodedSamples, before.decodedSamples, "sound reached a decoder");
}

/** Packets come in, and nothing has ever come out of them: no picture, no sound. */
export async function assertSeesAndHearsNothing(person: Person): Promise<void> {
  await assertDecodesNothing(person);
  assert.equal(await person.look(), undefined, "a picture came out");
  const { level } = await person.listen();
  assert.ok(level < SILENT_DB, `a sound of ${level} dB came out`);
}

/** Not one byte of media leaves the page while this waits. */
export async function assertSendsNothing(person: Person, forMs = 1000): Promise<void> {
  const before = await mediaTotals(person);
  await sleep(forMs);
  const after = await mediaTotals(person);
  assert.equal(after.sentBytes - before.sentBytes, 0, "media was sent");
}

export function mediaTotals(person: Person): Promise<MediaTotals> {
  return person.page.evaluate(readMediaTotals);
}

/** Nothing that is said in passing may be an uncaught error. */
export function assertNoPageErrors(...people: Person[]): void {
  for (const person of people)
    assert.deepEqual(person.pageErrors, [], `${person.name}'s page threw`);
}
