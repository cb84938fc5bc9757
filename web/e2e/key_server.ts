// examples/key-server and sottod, started by the very commands of its README: on ports and with data of their
// own, and nothing else changed.

import { type ChildProcess, spawn } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { BUILD, freePort } from "./server.ts";

export const ROOT = resolve(import.meta.dirname, "../..");
const README = readFileSync(join(ROOT, "examples/key-server/README.md"), "utf8");
const START_TIMEOUT_MS = 10_000;

export interface Answer {
  status: number;
  text: string;
  headers: Record<string, string | string[] | undefined>;
}

export class KeyServer {
  readonly origin: string;
  readonly sottodUrl: string;
  readonly folder: string;
  readonly #adminUrl: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #running: ChildProcess[] = [];
  #log = "";

  private constructor(ports: number[]) {
    const [port, sottodPort, adminPort, mediaPort] = ports;
    this.origin = `https://localhost:${port}`;
    this.sottodUrl = `https://localhost:${sottodPort}`;
    this.#adminUrl = `http://127.0.0.1:${adminPort}`;
    this.folder = mkdtempSync(join(tmpdir(), "sotto-key-server-"));
    const { PATH, HOME } = process.env; // sottod refuses what begins with SOTTO_ and it does not know
    this.#environment = {
      PATH,
      HOME,
      SOTTO_LISTEN_PORT: String(sottodPort),
      SOTTO_ADMIN_PORT: String(adminPort),
      SOTTO_MEDIA_PORT: String(mediaPort),
      SOTTO_MEDIA_WORKERS: "1",
      SOTTO_LOG_LEVEL: "debug",
    };
  }

  /** `passwords` by name; the README adds the first two. */
  static async start(passwords: Record<string, string>): Promise<KeyServer> {
    const ports = [await freePort(), await freePort(), await freePort(), await freePort()];
    const server = new KeyServer(ports);
    try {
      await server.#run(passwords);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** What both servers have logged so far. */
  get log(): string {
    return this.#log;
  }

  /** For Chromium's command line: this certificate is trusted, and no other that is not signed. */
  get trust(): string {
    const { publicKey } = new X509Certificate(this.#certificate);
    const spki = publicKey.export({ type: "spki", format: "der" });
    const digest = createHash("sha256").update(spki).digest("base64");
    return `--ignore-certificate-errors-spki-list=${digest}`;
  }

  /** A POST as the page sends it, without a browser. */
  post(path: string, body: object, headers: Record<string, string> = {}): Promise<Answer> {
    return new Promise((done, fail) => {
      const options = {
        method: "POST",
        ca: this.#certificate,
        headers: { origin: this.origin, "content-type": "application/json", ...headers },
      };
      request(`${this.origin}${path}`, options, (response) => {
        let text = "";
        response.on("data", (data: Buffer) => (text += data.toString()));
        response.on("end", () =>
          done({ status: response.statusCode ?? 0, text, headers: response.headers }),
        );
      })
        .on("error", fail)
        .end(JSON.stringify(body));
    });
  }

  async stop(): Promise<void> {
    for (const child of this.#running) {
      if (child.exitCode !== null || child.signalCode !== null || !child.pid) continue;
      const exited = new Promise((done) => child.once("exit", done));
      // The shell and what it runs: the group that was made for it.
      process.kill(-child.pid, "SIGTERM");
      await exited;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #run(passwords: Record<string, string>): Promise<void> {
    const [prepare = "", addUsers = "", sottod = "", backend = "", ...none] = this.#commands();
    if (!backend || none.length > 0) throw new Error("the README has not four blocks of commands");
    await this.#finish(prepare);
    const adders = addUsers.trimEnd().split("\n");
    for (const [i, [name, password]] of Object.entries(passwords).entries()) {
      const command = adders[i] ?? adders[0]?.replace(/\w+$/, name) ?? "";
      if (!command.endsWith(` ${name}`)) throw new Error(`the README does not add ${name}`);
      await this.#finish(command, `${password}\n`);
    }
    this.#start(sottod);
    await this.#until(async () => (await fetch(`${this.#adminUrl}/readyz`)).ok);
    this.#start(backend);
    await this.#until(async () => this.#log.includes('"listening","origin"'));
  }

  /** The README's commands for this server's ports and folders. */
  #commands(): string[] {
    return [...README.matchAll(/```sh\n([^]*?)```/g)].map(([, code = ""]) =>
      code
        .replaceAll("https://localhost:8443", this.origin)
        .replaceAll("https://localhost:7880", this.sottodUrl)
        .replaceAll("build/sottod", join(BUILD, "sottod"))
        .replace(/(?<=[ =])data(?=[/\s])/g, this.folder),
    );
  }

  /** Runs a block to its end. */
  async #finish(code: string, input = ""): Promise<void> {
    const child = this.#spawn(code);
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (data: Buffer) => (output += data.toString()));
    child.stdin?.end(input);
    const status = await new Promise((done) => child.once("close", done));
    if (status !== 0) throw new Error(`${code}\nended with status ${String(status)}:\n${output}`);
  }

  #start(code: string): void {
    const child = this.#spawn(code);
    this.#running.push(child);
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (data: Buffer) => (this.#log += data.toString()));
  }

  #spawn(code: string): ChildProcess {
    return spawn("/bin/sh", ["-euc", code], {
      cwd: ROOT,
      env: this.#environment,
      stdio: "pipe",
      detached: true,
    });
  }

  get #certificate(): string {
    return readFileSync(join(this.folder, "cert.pem"), "utf8");
  }

  async #until(isReady: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + START_TIMEOUT_MS;
    while (!(await isReady().catch(() => false))) {
      const hasEnded = this.#running.some((child) => child.exitCode !== null);
      if (hasEnded || Date.now() > end) throw new Error(`a server did not start:\n${this.#log}`);
      await sleep(50);
    }
  }
}
