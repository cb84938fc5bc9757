// The hostile server (tests/hostile) and its orders, which may come in the middle of a call.

import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Server } from "../server.ts";
import { startServer } from "./server.ts";

export type Misdeed = "honest" | "alter" | "replay" | "swap" | "clear";

const SIZE = 16;
const COUNT_AT = 8;

/** The file that the server maps (tests/hostile/orders.h). */
export class Orders {
  readonly path: string;
  readonly #file: number;

  constructor(path: string) {
    this.path = path;
    writeFileSync(path, this.#encode("honest", 1), { mode: 0o600 });
    this.#file = openSync(path, "r+");
  }

  /** From now on, to every `period`th frame of each stream; 1 for all of them. */
  give(misdeed: Misdeed, period = 1): void {
    writeSync(this.#file, this.#encode(misdeed, period), 0, 2, 0);
  }

  /** How many bad frames were sent so far. */
  badFrameCount(): number {
    const count = Buffer.alloc(8);
    readSync(this.#file, count, 0, count.length, COUNT_AT);
    return Number(count.readBigUInt64LE());
  }

  close(): void {
    closeSync(this.#file);
  }

  #encode(misdeed: Misdeed, period: number): Buffer {
    const bytes = Buffer.alloc(SIZE);
    bytes.write(misdeed.charAt(0), 0);
    bytes[1] = period;
    return bytes;
  }
}

/** The server with its orders and what it recorded; to be removed when it has stopped. */
export class HostileServer {
  readonly folder = mkdtempSync(join(tmpdir(), "sotto-hostile-"));
  readonly orders = new Orders(join(this.folder, "orders"));
  readonly rtpPath = join(this.folder, "rtp");

  /** `clearPath` is what it recorded in an earlier call in clear. */
  start(clearPath = this.rtpPath, more: Record<string, string> = {}): Promise<Server> {
    const environment = {
      HOSTILE_ORDERS: this.orders.path,
      HOSTILE_RTP: this.rtpPath,
      HOSTILE_CLEAR: clearPath,
      ...more,
    };
    return startServer(environment, "tests/sottod_hostile");
  }

  /** Everything that it decrypted. */
  rtp(): Buffer[] {
    return existsSync(this.rtpPath) ? [readFileSync(this.rtpPath)] : [];
  }

  remove(): void {
    this.orders.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
