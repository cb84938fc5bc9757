import { defineConfig } from "vitest/config";

import { coreWasm } from "./virtual_modules.mjs";

export default defineConfig({ plugins: [coreWasm] });
