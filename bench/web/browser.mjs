// What the benches in browsers have in common: bundles of the product's own sources, a server for them
// on loopback, and a browser.
import { createServer } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium } from "playwright-core";
import puppeteer from "puppeteer-core";
import { build } from "vite";

import { coreWasm } from "../../web/packages/e2ee/virtual_modules.mjs";

/** One script of everything that `entry` imports. */
export async function bundle(entry) {
    const [{ output }] = await build({
        configFile: false, logLevel: "warn", plugins: [coreWasm],
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

/** A page in the browser, the browser's version, and what ends both. */
async function openChromium(args) {
    const browser = await chromium.launch({
        executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
        args: ["--no-sandbox", ...args] });
    return [await browser.newPage(), `Chromium ${browser.version()}`, () => browser.close()];
}

/** Its clock is as fine as it has, isolated or not. */
async function openFirefox() {
    const folder = mkdtempSync(join(tmpdir(), "sotto-bench-"));
    const browser = await puppeteer.launch({
        browser: "firefox", executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
        userDataDir: folder, extraPrefsFirefox: { "privacy.reduceTimerPrecision": false } });
    const close = async () => {
        await browser.close();
        rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    };
    return [await browser.newPage(), await browser.version(), close];
}

/**
 * Opens `/` of these scripts in a headless browser, gives the page to `use`, and ends both. Scripts are
 * by path; the page loads `/page.js` if there is one.
 */
export async function withPage(scripts, use, args = [], open = openChromium) {
    const server = createServer(({ url }, response) => {
        const script = scripts[url];
        response.writeHead(200, { ...ISOLATED,
            "content-type": script === undefined ? "text/html" : "text/javascript" });
        const load = scripts["/page.js"] ? '<body><script src="/page.js"></script>' : "";
        response.end(script ?? `<!doctype html><title>bench</title>${load}`);
    });
    await new Promise((done) => server.listen(0, "127.0.0.1", done));
    const [page, version, close] = await open(args);
    try {
        await page.goto(`http://127.0.0.1:${server.address().port}/`);
        return await use(page, version);
    } finally {
        await close();
        server.close();
    }
}

/** The same in Firefox. */
export const withFirefoxPage = (scripts, use) => withPage(scripts, use, [], openFirefox);

/** Runs `/worker.js` of a page, which posts its records or an error. To be evaluated in the page. */
export function runWorker() {
    return new Promise((done, failed) => {
        const worker = new Worker("/worker.js");
        worker.onmessage = ({ data }) => (data.error ? failed(new Error(data.error)) : done(data));
        worker.onerror = ({ message }) => failed(new Error(message));
    });
}
