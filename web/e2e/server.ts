// A real sottod for one test file, on ports and with data of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Where meson built. */
export const BUILD = resolve(
  process.env.SOTTO_BUILD_DIR ?? join(import.meta.dirname, "../../build"),
);

const START_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 5_000;

export type RoomPolicy = "required" | "preferred" | "off";

export class Server {
  readonly port: number;
  readonly url: string;
  readonly #environment: Record<string, string>;
  readonly #adminUrl: string;
  readonly folder: string;
  readonly #program: string;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #log = "";

  private constructor(ports: number[], environment: Record<string, string>, program: string) {
    this.#program = join(BUILD, program);
    const [port = 0, adminPort = 0, mediaPort = 0] = ports;
    this.port = port;
    this.url = `http://localhost:${port}`;
    this.#adminUrl = `http://127.0.0.1:${adminPort}`;
    this.folder = mkdtempSync(join(tmpdir(), "sotto-e2e-"));
    this.#environment = {
      SOTTO_LISTEN_PORT: String(port),
      SOTTO_ADMIN_PORT: String(adminPort),
      SOTTO_MEDIA_PORT: String(mediaPort),
      SOTTO_MEDIA_WORKERS: "1",
      ...environment,
    };
  }

  /** `program` is sottod or one that is it but for a test's own part, below the build folder. */
  static async start(
    environment: Record<string, string> = {},
    program = "sottod",
  ): Promise<Server> {
    const ports = [await freePort(), await freePort(), await freePort()];
    const server = new Server(ports, environment, program);
    await server.run();
    return server;
  }

  /** Everything it has logged so far. */
  get log(): string {
    return this.#log;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Runs it, or runs it again after `kill` with the rooms it had. */
  async run(): Promise<void> {
    if (!existsSync(this.#program))
      throw new Error(
        `${this.#program} is missing: run make build, or name the folder in SOTTO_BUILD_DIR`,
      );
    const child = spawn(this.#program, ["--data", this.folder], {
      env: this.#environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (data: Buffer) => (this.#log += data.toString()));
    this.#exited = new Promise((done) => child.once("exit", () => done()));

    const end = Date.now() + START_TIMEOUT_MS;
    while (!(await this.#isReady())) {
      if (child.exitCode !== null || Date.now() > end)
        throw new Error(`sottod did not start:\n${this.#log}`);
      await sleep(20);
    }
  }

  /** Ends it without a word to anybody. */
  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#exited;
  }

  async stop(): Promise<void> {
    this.#child?.kill("SIGTERM");
    const timer = setTimeout(() => this.#child?.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await this.#exited;
    clearTimeout(timer);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A token that allows everything, or as much as it is given. */
  token(permissions = ["allow_join", "allow_mod"]): string {
    const path = join(this.folder, "credentials.json");
    const { apiKey, secret } = JSON.parse(readFileSync(path, "utf8")) as Record<string, string>;
    const now = Math.floor(Date.now() / 1000);
    const claims = { apikey: apiKey, permissions, version: 2 };
    const parts = [
      { alg: "HS256", typ: "JWT" },
      { ...claims, iat: now, exp: now + 3600 },
    ];
    const text = parts
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    return `${text}.${createHmac("sha256", secret ?? "")
      .update(text)
      .digest("base64url")}`;
  }

  /** Returns the id of a new room. */
  async createRoom(e2ee: RoomPolicy = "required"): Promise<string> {
    const response = await fetch(`${this.url}/v2/rooms`, {
      method: "POST",
      headers: { authorization: this.token(), "content-type": "application/json" },
      body: JSON.stringify({ e2ee }),
    });
    const { roomId } = (await response.json()) as { roomId?: string };
    if (!roomId) throw new Error(`no room was made: status ${response.status}`);
    return roomId;
  }

  #isReady(): Promise<boolean> {
    return fetch(`${this.#adminUrl}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  }
}

export function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address ? address.port : 0;
      probe.close(() => done(port));
    });
  });
}
