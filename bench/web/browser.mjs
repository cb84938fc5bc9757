// What the benches in browsers have in common: bundles of the product's own sources, a server for them
// on loopback, and a Chromium.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { chromium } from "playwright-core";
import { build } from "vite";

/** The core of a build folder, in both variants, as the worker imports it. */
function coreWasm(buildFolder) {
    const name = "virtual:core-wasm";
    return {
        name,
        resolveId: (source) => (source === name ? `\0${name}` : undefined),
        load(source) {
            if (source !== `\0${name}`) return undefined;
            return ["simd", "scalar"].map((variant) => {
                const bytes = readFileSync(join(buildFolder, "wasm", `core_${variant}.wasm`));
                return `export const ${variant} = "${bytes.toString("base64")}";`;
            }).join("\n");
        },
    };
}

/** One script of everything that `entry` imports. */
export async function bundle(entry, buildFolder) {
    const [{ output }] = await build({
        configFile: false, logLevel: "warn", plugins: [coreWasm(buildFolder)],
        build: { target: "es2022", write: false, minify: true,
            lib: { entry, formats: ["iife"], name: "bench" } },
    });
    return output[0].code;
}

/** Isolated from other origins, so that the clock has 5 µs instead of 100. */
const ISOLATED = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
};

/**
 * Opens `/` of these scripts in a headless Chromium, gives the page to `use`, and ends both. Scripts are
 * by path; the page loads `/page.js` if there is one.
 */
export async function withPage(scripts, use, args = []) {
    const server = createServer(({ url }, response) => {
        const script = scripts[url];
        response.writeHead(200, { ...ISOLATED,
            "content-type": script === undefined ? "text/html" : "text/javascript" });
        const load = scripts["/page.js"] ? '<body><script src="/page.js"></script>' : "";
        response.end(script ?? `<!doctype html><title>bench</title>${load}`);
    });
    await new Promise((done) => server.listen(0, "127.0.0.1", done));
    const browser = await chromium.launch({
        executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
        args: ["--no-sandbox", ...args] });
    try {
        const page = await browser.newPage();
        await page.goto(`http://127.0.0.1:${server.address().port}/`);
        return await use(page, browser.version());
    } finally {
        await browser.close();
        server.close();
    }
}
