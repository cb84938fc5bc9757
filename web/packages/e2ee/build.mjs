// Builds dist/: the worker with the C core inlined, the library with the worker inlined, the types.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
const wasmDir = process.env.SOTTO_WASM_DIR ?? resolve(here, "../../../build/wasm");

/** A Vite plugin that answers one import with text made here. */
function virtual(name, code) {
  const id = `\0${name}`;
  return {
    name,
    resolveId: (source) => (source === name ? id : undefined),
    load: (source) => (source === id ? code() : undefined),
  };
}

function base64(file) {
  return JSON.stringify(readFileSync(resolve(wasmDir, file)).toString("base64"));
}

const coreWasm = virtual(
  "virtual:core-wasm",
  () => `export const simd = ${base64("core_simd.wasm")};\nexport const scalar = ${base64("core_scalar.wasm")};\n`,
);

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

const worker = await bundle("src/worker/main.ts", "iife", [coreWasm]);
const library = await bundle("src/index.ts", "es", [
  virtual("virtual:worker-text", () => `export default ${JSON.stringify(worker)};\n`),
]);
execFileSync("tsc", ["-p", "tsconfig.build.json"], { cwd: here, stdio: "inherit" });
writeFileSync(resolve(here, "dist/worker.js"), worker);
writeFileSync(resolve(here, "dist/index.js"), library);
