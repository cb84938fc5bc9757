// Memory of a sottod that waits: TLS on, two media workers, the web app served. Right after the
// start, and after a browser's worth of requests over TLS. Usage: node bench/idle_bench.mjs BUILD
import { existsSync, readdirSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { makeCertificate, Sottod } from "./sottod.mjs";
import { median, print } from "./statistics.mjs";

const RUNS = 3;
const SETTLE_MS = 1000;

const build = process.argv[2] ?? "build";
const webRoot = join(build, "web");

/** The paths of the web app, as far as the build has one. */
function paths() {
    if (!existsSync(join(webRoot, "index.html"))) return ["/"];
    const assets = readdirSync(join(webRoot, "assets")).map((name) => `/assets/${name}`);
    return ["/", ...assets];
}

function get(port, path) {
    return new Promise((done, failed) => {
        request({ host: "127.0.0.1", port, path, rejectUnauthorized: false }, (response) => {
            response.resume().on("end", done);
        }).on("error", failed).end();
    });
}

async function run() {
    const server = await Sottod.start(build, (folder) => ({ ...makeCertificate(folder),
        SOTTO_MEDIA_WORKERS: "2", SOTTO_WEB_ROOT: webRoot }));
    try {
        await sleep(SETTLE_MS);
        const idle = server.status("VmRSS");
        for (const path of paths()) await get(server.port, path);
        await sleep(SETTLE_MS);
        return { idle, served: server.status("VmRSS"), threads: server.status("Threads"),
            own: server.status("RssAnon") };
    } finally {
        await server.stop();
    }
}

const runs = [];
for (let i = 0; i < RUNS; i++) runs.push(await run());
print({ bench: "idle", rss_kib: median(runs.map(({ idle }) => idle)),
    rss_after_requests_kib: median(runs.map(({ served }) => served)),
    anonymous_kib: median(runs.map(({ own }) => own)), threads: runs[0].threads,
    requests: paths().length });
