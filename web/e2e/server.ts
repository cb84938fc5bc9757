// A real sottod for one test file, on ports of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const BUILD = resolve(process.env.SOTTO_BUILD_DIR ?? join(import.meta.dirname, "../../build"));

export interface Server {
  url: string;
  port: number;
  process: ChildProcess;
  /** What it has logged so far. */
  log: () => string;
  stop: () => Promise<void>;
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address ? address.port : 0;
      probe.close(() => done(port));
    });
  });
}

export async function startServer(environment: Record<string, string> = {}): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "sotto-e2e-"));
  const [port, adminPort, mediaPort] = [await freePort(), await freePort(), await freePort()];
  const child = spawn(join(BUILD, "sottod"), ["--data", folder], {
    env: {
      SOTTO_LISTEN_PORT: String(port),
      SOTTO_ADMIN_PORT: String(adminPort),
      SOTTO_MEDIA_PORT: String(mediaPort),
      SOTTO_MEDIA_WORKERS: "1",
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  child.stdout.on("data", (data: Buffer) => (log += data.toString()));
  child.stderr.on("data", (data: Buffer) => (log += data.toString()));
  const exited = new Promise<void>((done) => child.once("exit", () => done()));

  for (let attempt = 0; ; attempt++) {
    const isReady = await fetch(`http://127.0.0.1:${adminPort}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) break;
    if (attempt === 100 || child.exitCode !== null) throw new Error(`sottod did not start:\n${log}`);
    await sleep(50);
  }
  return {
    url: `http://localhost:${port}`,
    port,
    process: child,
    log: () => log,
    async stop() {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
      await exited;
      clearTimeout(timer);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
