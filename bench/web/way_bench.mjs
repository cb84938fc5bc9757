// What end-to-end encryption adds to a frame's way through the browser: from where it enters the
// worker to where it leaves it, and from its last packet to the screen, in a sealed call and a clear
// one at the same time; beside them a call whose frames go through a worker that does nothing, which is
// the browser's own part. Usage:
// SOTTO_WASM_DIR=build/wasm node bench/web/way_bench.mjs
import { join } from "node:path";

import { median, percentile, print } from "../statistics.mjs";
import { bundle, withPage } from "./browser.mjs";

const FRAME_COUNT = 1000;

const script = (name) => bundle(join(import.meta.dirname, name));
const handOn = "onrtctransform = ({ transformer }) => transformer.readable.pipeTo(transformer.writable)";
const scripts = {
    "/page.js": await script("way_page.mjs"),
    "/worker.js": await script("../../web/packages/e2ee/src/worker/entry.ts"),
    "/stamping_worker.js": await script("way_worker.mjs"),
    "/hand_on.js": handOn,
};

await withPage(scripts, async (page, browser) => {
    page.on("pageerror", (error) => { throw error; });
    const measured = await page.evaluate((count) => globalThis.measure(count), FRAME_COUNT);
    const { waits: { sealed, clear, handedOn }, ways } = measured;
    for (const operation of ["seal", "open"])
        print({ bench: "worker", operation, frames: ways[operation].length,
            median_us: median(ways[operation]), p99_us: percentile(ways[operation], 0.99),
            browser });
    print({ bench: "present", frames: sealed.length, sealed_ms: median(sealed),
        clear_ms: median(clear), handed_on_ms: median(handedOn),
        difference_ms: median(sealed) - median(clear), browser });
}, ["--autoplay-policy=no-user-gesture-required"]);
