// Builds dist/: the worker with the C core inlined, the library with the worker inlined, beside it the core
// of the format "livekit", which few load, and the types. And puts the licence where npm packs it.

import { execFileSync } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "vite";

import { coreWasm, virtualModule } from "./virtual_modules.mjs";

const here = dirname(fileURLToPath(import.meta.url));

/** The files of it by name, the entry's own first. */
function bundle(entry, format, plugins) {
  return build({
    configFile: false,
    logLevel: "warn",
    plugins,
    build: {
      target: "es2022",
      write: false,
      minify: true,
      lib: { entry: resolve(here, entry), formats: [format], name: "sotto", fileName: () => "index.js" },
      rolldownOptions: { output: { chunkFileNames: "[name].js" } },
    },
  }).then(([{ output }]) => output);
}

/** Types name each other's files in full: as Node and browsers resolve modules, nothing else is found. */
function nameFiles(folder) {
  for (const name of readdirSync(folder)) {
    const path = resolve(folder, name);
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace(/(?<= from ")(\.\/\w+)(?=";)/g, "$1.js"));
  }
}

const [{ code: worker }] = await bundle("src/worker/entry.ts", "iife", [coreWasm]);
const library = await bundle("src/index.ts", "es", [
  coreWasm,
  virtualModule("virtual:worker-text", () => `export default ${JSON.stringify(worker)};\n`),
]);
rmSync(resolve(here, "dist"), { recursive: true, force: true });
execFileSync("tsc", ["-p", "tsconfig.build.json"], { cwd: here, stdio: "inherit" });
nameFiles(resolve(here, "dist"));
writeFileSync(resolve(here, "dist/worker.js"), worker);
writeFileSync(resolve(here, "dist/worker.d.ts"), "/** A script for `new Worker`. */\nexport {};\n");
for (const { fileName, code } of library) writeFileSync(resolve(here, "dist", fileName), code);
copyFileSync(resolve(here, "../../../LICENSE"), resolve(here, "LICENSE"));
