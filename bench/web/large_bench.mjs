// Whether large frames take less time through WebCrypto than through the core, from readable to
// writable in the worker: in Chromium and in Firefox by themselves, and in Chromium in a call, where
// encoder and decoder have the caches and the processors. Usage:
// SOTTO_WASM_DIR=build/wasm node bench/web/large_bench.mjs
import { join } from "node:path";

import { median, percentile, print } from "../statistics.mjs";
import { bundle, runWorker, withFirefoxPage, withPage } from "./browser.mjs";

/** The sizes are those that the frames have then. */
const PICTURES = [
    { size: 12_000, width: 640, height: 360, framesPerSecond: 20, kbps: 2200 },
    { size: 50_000, width: 960, height: 540, framesPerSecond: 20, kbps: 8500 },
    { size: 100_000, width: 1280, height: 720, framesPerSecond: 15, kbps: 13_000 },
];
const SECONDS = 8;

const script = (name) => bundle(join(import.meta.dirname, name));
const alone = { "/worker.js": await script("large_worker.mjs") };
const inCall = {
    "/page.js": await script("large_call_page.mjs"),
    "/worker.js": await script("large_call_worker.mjs"),
};

function printCall(records, size, browser) {
    for (const by of ["core", "WebCrypto"]) {
        const record = { bench: "call", by, size };
        for (const operation of ["seal", "open"]) {
            const frames = records.filter((each) => each.operation === operation && each.by === by);
            const times = frames.map(({ us }) => us);
            record[`${operation}_us`] = Math.round(median(times));
            record[`${operation}_p95_us`] = Math.round(percentile(times, 0.95));
            record[`${operation}_bytes`] = median(frames.map((each) => each.size));
            record[`${operation}_frames`] = frames.length;
        }
        print({ ...record, browser });
    }
}

for (const open of [withPage, withFirefoxPage])
    await open(alone, async (page, browser) => {
        const { records } = await page.evaluate(runWorker);
        for (const record of records) print({ ...record, browser });
    });
for (const { size, ...picture } of PICTURES)
    await withPage(inCall, async (page, browser) => {
        const records = await page.evaluate((asked) => globalThis.measure(asked),
            { ...picture, seconds: SECONDS });
        printCall(records, size, browser);
    });
