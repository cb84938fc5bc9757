// What sealing and opening cost in a browser's Worker: starts a headless Chromium and prints what
// core_worker.mjs measured there. Usage: SOTTO_WASM_DIR=build/wasm node bench/web/core_bench.mjs
import { join } from "node:path";

import { print } from "../statistics.mjs";
import { bundle, runWorker, withPage } from "./browser.mjs";

const worker = await bundle(join(import.meta.dirname, "core_worker.mjs"));
await withPage({ "/worker.js": worker }, async (page, browser) => {
    const { records } = await page.evaluate(runWorker);
    for (const record of records) print({ ...record, browser });
});
