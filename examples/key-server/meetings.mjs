// Meetings, who is invited to them, and their keys. All of it is in memory alone: nothing to find on a
// disk or in a backup, and nothing left after a restart.

import { randomBytes } from "node:crypto";

import { Refusal } from "./refusal.mjs";

const KEY_SIZE = 32;
const LIFETIME_MS = 12 * 3600_000;
const PEOPLE_MAX = 50;
const MEETINGS_OF_ONE_MAX = 20;

export class Meetings {
  #now;
  /** @type {Map<string, {owner: string, people: string[], key: Buffer, ends: number}>} */
  #meetings = new Map();

  constructor(now = Date.now) {
    this.#now = now;
  }

  /** Returns the id, which is that of the room that `makeRoom` makes. The owner is in it too. */
  async create(owner, people, makeRoom) {
    this.#forgetOld();
    const own = [...this.#meetings.values()].filter((meeting) => meeting.owner === owner);
    if (own.length >= MEETINGS_OF_ONE_MAX) throw new Refusal(429, "You have too many meetings.");
    const invited = withOwner(owner, people);
    const id = await makeRoom();
    const ends = this.#now() + LIFETIME_MS;
    this.#meetings.set(id, { owner, people: invited, key: randomBytes(KEY_SIZE), ends });
    return id;
  }

  /** The key as it is now, and who else has it. For invited people only. */
  open(id, user) {
    const { people, key } = this.#find(id, user);
    return { people, key: key.toString("base64url") };
  }

  /** Who is invited from now on. If that takes somebody out, the others get another key. */
  setPeople(id, user, people) {
    const meeting = this.#find(id, user);
    if (meeting.owner !== user) throw new Refusal(403, "Only who made the meeting may do this.");
    const before = meeting.people;
    meeting.people = withOwner(meeting.owner, people);
    if (before.every((person) => meeting.people.includes(person))) return;
    meeting.key.fill(0);
    meeting.key = randomBytes(KEY_SIZE);
  }

  /** The same answer to somebody who is not invited and for a meeting that does not exist. */
  #find(id, user) {
    this.#forgetOld();
    const meeting = this.#meetings.get(id);
    if (!meeting?.people.includes(user))
      throw new Refusal(403, "You are not invited to this meeting.");
    return meeting;
  }

  #forgetOld() {
    for (const [id, { key, ends }] of this.#meetings) {
      if (this.#now() < ends) continue;
      key.fill(0);
      this.#meetings.delete(id);
    }
  }
}

function withOwner(owner, people) {
  const isList = Array.isArray(people) && people.length < PEOPLE_MAX;
  if (!isList || !people.every((person) => typeof person === "string"))
    throw new Refusal(400, `'people' is not a list of less than ${PEOPLE_MAX} names.`);
  return [...new Set([owner, ...people])];
}
