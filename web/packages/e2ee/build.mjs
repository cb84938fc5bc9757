// Builds dist/: the worker with the C core inlined, the library with the worker inlined, the types.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "vite";

import { coreWasm, virtualModule } from "./virtual_modules.mjs";

const here = dirname(fileURLToPath(import.meta.url));

function bundle(entry, format, plugins) {
  return build({
    configFile: false,
    logLevel: "warn",
    plugins,
    build: {
      target: "es2022",
      write: false,
      minify: true,
      lib: { entry: resolve(here, entry), formats: [format], name: "sotto" },
    },
  }).then(([{ output }]) => output[0].code);
}

const worker = await bundle("src/worker/entry.ts", "iife", [coreWasm]);
const library = await bundle("src/index.ts", "es", [
  virtualModule("virtual:worker-text", () => `export default ${JSON.stringify(worker)};\n`),
]);
execFileSync("tsc", ["-p", "tsconfig.build.json"], { cwd: here, stdio: "inherit" });
writeFileSync(resolve(here, "dist/worker.js"), worker);
writeFileSync(resolve(here, "dist/index.js"), library);
