// A call of alice and bob on one server, with everything written down that is to be searched later.

import type { StreamCounts } from "@sotto/js-sdk";

import type { Person } from "../person.ts";
import type { Server } from "../server.ts";
import { type AppKey, roomSecret, type StreamName } from "./keys.ts";
import { TAPE_NAME, WORKER_PATH } from "./page.ts";
import { type JoinOptions, joinMeeting, readDecoded, watch } from "./page_scripts.ts";
import type { TapedStream } from "./tape.ts";

export interface PartyOptions {
  roomId: string;
  key: AppKey | undefined;
  participantId?: string;
  metaData?: Record<string, string>;
}

/** One of the two, in front of the page. */
export class Party {
  readonly person: Person;
  readonly participantId: string;
  /** Everything that its WebSockets said and heard. */
  readonly signalling: Buffer[] = [];

  private constructor(person: Person, participantId: string) {
    this.person = person;
    this.participantId = participantId;
  }

  static async join(person: Person, server: Server, options: PartyOptions): Promise<Party> {
    const { roomId, key, participantId = person.name, metaData = {} } = options;
    const party = new Party(person, participantId);
    const { page } = person;
    page.removeAllListeners("websocket"); // Of a call before this one.
    page.on("websocket", (socket) => {
      for (const event of ["framesent", "framereceived"] as const)
        socket.on(event as "framesent", ({ payload }) =>
          party.signalling.push(Buffer.from(payload)),
        );
    });
    await page.goto("about:blank");
    await page.goto(`${server.url}/${key === undefined ? "?clear" : ""}`);
    await page.waitForFunction(() => typeof sdk === "object");
    const given: JoinOptions = {
      roomId,
      token: server.token(),
      participantId,
      metaData,
      key: typeof key === "object" ? [...key] : key,
      workerUrl: WORKER_PATH,
    };
    await page.evaluate(joinMeeting, given);
    return party;
  }

  async watch(other: Party): Promise<void> {
    await this.person.until(
      () => this.person.page.evaluate(watch, other.participantId),
      (isShown) => isShown,
    );
  }

  states(): Promise<string[]> {
    return this.person.page.evaluate(() => blind.states);
  }

  async waitForState(state: string): Promise<void> {
    await this.person.until(
      () => this.states(),
      (states) => states.includes(state),
    );
  }

  async setKey(key: AppKey): Promise<void> {
    await this.person.page.evaluate(
      async (given) => {
        const bytes = typeof given === "string" ? given : Uint8Array.from(given);
        await blind.provider?.setSharedKey(bytes);
      },
      typeof key === "object" ? [...key] : key,
    );
  }

  counts(): Promise<StreamCounts[]> {
    return this.person.page.evaluate(() => blind.meeting.encryptionCounts());
  }

  decoded() {
    return this.person.page.evaluate(readDecoded);
  }

  tape(operations: string[]): Promise<TapedStream[]> {
    return this.#worker().evaluate(
      (wanted) => sottoTape.streams.filter(({ operation }) => wanted.includes(operation)),
      operations,
    );
  }

  /** Forgets what came in so far. What went out stays, to be compared with. */
  async rewindTape(): Promise<void> {
    await this.#worker().evaluate(() => {
      for (const stream of sottoTape.streams) if (stream.operation === "open") stream.frames = [];
    });
  }

  async leakFrames(count: number): Promise<void> {
    await this.#worker().evaluate((wanted) => void (sottoTape.leakCount = wanted), count);
  }

  #worker() {
    const worker = this.person.page.workers().find((each) => each.url().endsWith(WORKER_PATH));
    if (!worker) throw new Error(`${this.participantId} has no worker with a ${TAPE_NAME}`);
    return worker;
  }

  async leave(): Promise<void> {
    await this.person.page.evaluate(() => blind.meeting.leave());
  }
}

export interface CallOptions {
  key: AppKey | undefined;
  /** Under another name, and with words about themselves. */
  alice?: Partial<PartyOptions>;
  roomId?: string;
}

/** Both joined, both see and hear each other's streams come. */
export class Call {
  readonly server: Server;
  readonly roomId: string;
  readonly parties: [Party, Party];
  /** Every key of the call so far. */
  readonly keys: AppKey[];

  private constructor(
    server: Server,
    roomId: string,
    parties: [Party, Party],
    key: AppKey | undefined,
  ) {
    this.server = server;
    this.roomId = roomId;
    this.parties = parties;
    this.keys = key === undefined ? [] : [key];
  }

  static async start(
    people: [Person, Person],
    server: Server,
    options: CallOptions,
  ): Promise<Call> {
    const { key } = options;
    const policy = key === undefined ? "off" : "required";
    const roomId = options.roomId ?? (await server.createRoom(policy));
    const parties = await Promise.all([
      Party.join(people[0], server, { roomId, key, ...options.alice }),
      Party.join(people[1], server, { roomId, key }),
    ]);
    const call = new Call(server, roomId, parties, key);
    await call.each((party, other) => party.watch(other));
    if (key !== undefined) await call.waitForOpening();
    return call;
  }

  async waitForOpening(): Promise<void> {
    await this.each(async (party, other) => {
      for (const kind of ["audio", "video"])
        await party.waitForState(`${other.participantId} ${kind} DecryptionSuccess`);
    });
  }

  async each<Result>(act: (party: Party, other: Party) => Promise<Result>): Promise<Result[]> {
    const [alice, bob] = this.parties;
    return Promise.all([act(alice, bob), act(bob, alice)]);
  }

  get signalling(): Buffer[] {
    return this.parties.flatMap((party) => party.signalling);
  }

  secrets(): Buffer[] {
    return this.keys.map((key) => roomSecret(key, this.roomId));
  }

  /** What each of the two sends. */
  async sentStreams(): Promise<TapedStream[]> {
    return (await this.each((party) => party.tape(["seal", "record"]))).flat();
  }

  /** What comes to each of the two, sealed. */
  async receivedStreams(): Promise<TapedStream[]> {
    return (await this.each((party) => party.tape(["open"]))).flat();
  }
}

export function nameOf({ participantId, streamId, kind }: TapedStream): StreamName {
  return {
    participantId,
    streamId: Buffer.from(streamId, "base64"),
    kind: kind as StreamName["kind"],
  };
}
