import { defineConfig } from "vitest/config";

import { coreWasm } from "./virtual_modules.mjs";

// Five seconds are few for 600,000 rounds of PBKDF2 on a machine that does other things too.
export default defineConfig({ plugins: [coreWasm], test: { testTimeout: 60_000 } });
