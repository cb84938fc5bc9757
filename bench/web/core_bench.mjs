// What sealing and opening cost in a browser's Worker: starts a headless Chromium and prints what
// core_worker.mjs measured there. Usage: node bench/web/core_bench.mjs BUILD
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { chromium } from "playwright-core";
import { build } from "vite";

import { print } from "../statistics.mjs";

const wasmFolder = join(process.argv[2] ?? "build", "wasm");

const coreWasm = {
    name: "core-wasm",
    resolveId: (source) => (source === "virtual:core-wasm" ? "\0core-wasm" : undefined),
    load(source) {
        if (source !== "\0core-wasm") return undefined;
        return ["simd", "scalar"].map((variant) => {
            const bytes = readFileSync(join(wasmFolder, `core_${variant}.wasm`));
            return `export const ${variant} = "${bytes.toString("base64")}";`;
        }).join("\n");
    },
};

async function bundle(entry) {
    const [{ output }] = await build({ configFile: false, logLevel: "warn", plugins: [coreWasm],
        build: { target: "es2022", write: false, minify: true,
            lib: { entry, formats: ["iife"], name: "bench" } } });
    return output[0].code;
}

/** Isolated from other origins, so that the clock has 5 µs instead of 100. */
function serve(worker) {
    const headers = { "cross-origin-opener-policy": "same-origin",
        "cross-origin-embedder-policy": "require-corp" };
    const server = createServer(({ url }, response) => {
        const isWorker = url === "/worker.js";
        response.writeHead(200, { ...headers,
            "content-type": isWorker ? "text/javascript" : "text/html" });
        response.end(isWorker ? worker : "<!doctype html><title>bench</title>");
    });
    return new Promise((done) => server.listen(0, "127.0.0.1", () => done(server)));
}

function runWorker() {
    return new Promise((done, failed) => {
        const worker = new Worker("/worker.js");
        worker.onmessage = ({ data }) => (data.error ? failed(new Error(data.error)) : done(data));
        worker.onerror = ({ message }) => failed(new Error(message));
    });
}

const server = await serve(await bundle(join(import.meta.dirname, "core_worker.mjs")));
const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    const { records } = await page.evaluate(runWorker);
    for (const record of records) print({ ...record, browser: browser.version() });
} finally {
    await browser.close();
    server.close();
}
