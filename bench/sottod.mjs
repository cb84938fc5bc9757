// A sottod for a benchmark: on ports that the system chooses, with a data folder of its own.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const START_TIMEOUT_MS = 10_000;

export function makeCertificate(folder) {
    const certificate = join(folder, "localhost.crt");
    const key = join(folder, "localhost.key");
    execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt",
        "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
        "-subj", "/CN=localhost"], { stdio: "ignore" });
    return { SOTTO_TLS_CERTIFICATE: certificate, SOTTO_TLS_KEY: key };
}

/** The caller's own SOTTO_… variables are not meant for this server. */
function environmentWith(settings) {
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith("SOTTO_"));
    return { ...Object.fromEntries(own), SOTTO_LISTEN_PORT: "0", SOTTO_ADMIN_PORT: "0",
        SOTTO_MEDIA_PORT: "0", ...settings };
}

export class Sottod {
    /** `settings(folder)` gives further SOTTO_… variables. */
    static async start(build, settings = () => ({})) {
        const server = new Sottod();
        server.folder = mkdtempSync(join(tmpdir(), "sotto-bench-"));
        server.child = spawn(join(build, "sottod"), ["--data", join(server.folder, "data")],
            { env: environmentWith(settings(server.folder)), stdio: ["ignore", "ignore", "pipe"] });
        server.closed = new Promise((done) => server.child.on("close", done));
        const record = await Promise.race([server.#readListening(), server.#giveUp()]);
        if (!record) {
            await server.stop();
            throw new Error(`sottod did not start: ${server.lastLine}`);
        }
        server.port = record.port;
        return server;
    }

    /** What it logs when it is ready; further lines are read and dropped. */
    #readListening() {
        return new Promise((found) => {
            createInterface({ input: this.child.stderr }).on("line", (line) => {
                this.lastLine = line;
                if (line.includes('"listening"')) found(JSON.parse(line));
            });
        });
    }

    #giveUp() {
        const late = new Promise((done) => setTimeout(done, START_TIMEOUT_MS).unref());
        return Promise.race([this.closed, late]).then(() => undefined);
    }

    /** CPU time in microseconds, of all its threads and of all but the control thread. */
    cpuUs() {
        const tasks = `/proc/${this.child.pid}/task`;
        const spent = (task) =>
            Number(readFileSync(`${tasks}/${task}/schedstat`, "utf8").split(" ")[0]) / 1000;
        const all = readdirSync(tasks).reduce((sum, task) => sum + spent(task), 0);
        return { all, media: all - spent(this.child.pid) };
    }

    /** A line of /proc/PID/status, such as VmRSS in KiB. */
    status(name) {
        const text = readFileSync(`/proc/${this.child.pid}/status`, "utf8");
        return Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1]);
    }

    async stop() {
        const timer = setTimeout(() => this.child.kill("SIGKILL"), 5000);
        this.child.kill("SIGTERM");
        await this.closed;
        clearTimeout(timer);
        rmSync(this.folder, { recursive: true, force: true });
    }
}
