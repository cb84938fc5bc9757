// The page of the blind calls: @sotto/js-sdk as it ships, and beside it the worker with the tape.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { build } from "vite";

import { buildSdkPage } from "../sdk_page.ts";
import { filesIn } from "./files.ts";

const E2EE = join(import.meta.dirname, "../../packages/e2ee");
export const WORKER_PATH = "/recording_worker.js";
/** What the worker with the tape calls it, and nothing that ships. */
export const TAPE_NAME = "sottoTape";

/** The folder that sottod serves. */
export async function buildBlindPage(): Promise<string> {
  const folder = await buildSdkPage();
  const path = join(folder, WORKER_PATH);
  if (!existsSync(path)) writeFileSync(path, await buildWorker());
  return folder;
}

async function buildWorker(): Promise<string> {
  const modules: string = join(E2EE, "virtual_modules.mjs");
  const { coreWasm } = await import(modules);
  const result = await build({
    configFile: false,
    logLevel: "error",
    plugins: [coreWasm],
    build: {
      target: "es2022",
      write: false,
      lib: {
        entry: join(import.meta.dirname, "worker/recording.ts"),
        formats: ["iife"],
        name: "sotto",
      },
    },
  });
  const [first] = Array.isArray(result) ? result : [result];
  if (!first || !("output" in first)) throw new Error("the worker was not built");
  return first.output[0].code;
}

/** Everything that ships: the packages, the app, the server. */
export function shippedFiles(buildDir: string): Buffer[] {
  const packages = ["dist/index.js", "dist/worker.js", "../js-sdk/dist/index.js"];
  return [
    ...packages.map((name) => readFileSync(join(E2EE, name))),
    ...filesIn(join(buildDir, "web")),
    readFileSync(join(buildDir, "sottod")),
  ];
}

/** The worker with the tape and the hostile server. */
export async function testFiles(buildDir: string): Promise<Buffer[]> {
  const worker = join(await buildBlindPage(), WORKER_PATH);
  return [readFileSync(worker), readFileSync(join(buildDir, "tests/sottod_hostile"))];
}
