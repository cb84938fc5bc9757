// Modules that are made when the package is built or tested: Vite plugins that answer one import each.

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const buildDir = resolve(process.env.SOTTO_BUILD_DIR ?? resolve(here, "../../../build"));
const wasmDir = resolve(process.env.SOTTO_WASM_DIR ?? resolve(buildDir, "wasm"));

/** Answers `import … from name` with the text that `code` returns. */
export function virtualModule(name, code) {
  const id = `\0${name}`;
  return {
    name,
    resolveId: (source) => (source === name ? id : undefined),
    load: (source) => (source === id ? code() : undefined),
  };
}

function base64(file) {
  const path = resolve(wasmDir, file);
  try {
    return JSON.stringify(readFileSync(path).toString("base64"));
  } catch {
    throw new Error(`${path} is missing: build the C first (make build), or name SOTTO_BUILD_DIR`);
  }
}

function bothVariants(module) {
  return virtualModule(
    `virtual:${module}-wasm`,
    () =>
      `export const simd = ${base64(`${module}_simd.wasm`)};\n` +
      `export const scalar = ${base64(`${module}_scalar.wasm`)};\n`,
  );
}

/** The C core in both variants, for each format. */
export const coreWasm = [bothVariants("core"), bothVariants("livekit")];
