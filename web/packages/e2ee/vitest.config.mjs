import { defineConfig } from "vitest/config";

import { coreWasm, virtualModule } from "./virtual_modules.mjs";

// Tests of the page run the worker's code in their own process: they need no text of it.
const noWorkerText = virtualModule("virtual:worker-text", () => 'export default "";');

// Five seconds are few for 600,000 rounds of PBKDF2 on a machine that does other things too.
export default defineConfig({ plugins: [...coreWasm, noWorkerText], test: { testTimeout: 60_000 } });
