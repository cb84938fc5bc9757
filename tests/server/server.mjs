// Starts a server program on ports that the system chooses, in a data folder of its own, and stops it.
import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, writeFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const build = process.env.SOTTO_BUILD_DIR ?? 'build';
export const programs = {
    sottod: join(build, 'sottod'),
    websocketHost: join(build, 'tests', 'websocket_host'),
};

export function makeFolder() {
    return mkdtempSync(join(tmpdir(), 'sotto-test-'));
}

export function makeWebRoot(folder) {
    const root = join(folder, 'web');
    mkdirSync(join(root, 'assets'), { recursive: true });
    writeFileSync(join(root, 'index.html'), '<!doctype html><title>Sotto</title>');
    writeFileSync(join(root, 'app.mjs'), 'export const answer = 42;');
    writeFileSync(join(root, 'core.wasm'), Buffer.alloc(300000, 'w'));
    writeFileSync(join(root, 'assets', 'index-B1a2C3d4.js'), 'console.log(1);');
    writeFileSync(join(root, '.secret'), 'hidden');
    writeFileSync(join(folder, 'outside.txt'), 'outside');
    return root;
}

export function makeCertificate(folder, name = 'localhost') {
    const certificate = join(folder, `${name}.crt`);
    const key = join(folder, `${name}.key`);
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
        '-nodes', '-keyout', key, '-out', certificate, '-days', '2', '-subj', `/CN=${name}`,
        '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'], { stdio: 'ignore' });
    return { certificate, key };
}

function cleanEnvironment(extra) {
    const environment = Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !name.startsWith('SOTTO_')));
    return { ...environment, SOTTO_LISTEN_PORT: '0', SOTTO_ADMIN_PORT: '0', SOTTO_MEDIA_PORT: '0',
        ...extra };
}

// Runs a program to its end: {status, out, error}.
export async function run(program, args, environment = {}) {
    const child = spawn(program, args, { env: cleanEnvironment(environment) });
    let out = '', error = '';
    child.stdout.on('data', (data) => { out += data; });
    child.stderr.on('data', (data) => { error += data; });
    const status = await new Promise((resolve) => child.on('close', (code) => resolve(code)));
    return { status, out, error };
}

export class Server {
    static async start(options = {}) {
        const server = new Server();
        server.ownsFolder = !options.folder;
        server.folder = options.folder ?? makeFolder();
        server.data = options.data ?? join(server.folder, 'data');
        server.output = '';
        server.log = [];
        server.child = spawn(options.program ?? programs.sottod, options.args ?? [], {
            env: cleanEnvironment({ SOTTO_DATA: server.data, SOTTO_LOG_LEVEL: 'debug',
                SOTTO_WEB_ROOT: options.webRoot ?? '', ...options.environment }) });
        server.child.stdout.on('data', (data) => { server.output += data; });
        server.closed = new Promise((resolve) =>
            server.child.on('close', (code, signal) => resolve(code ?? signal)));
        await server.readLog();
        return server;
    }

    readLog() {
        let rest = '';
        return new Promise((resolve, reject) => {
            this.closed.then((code) => reject(new Error(`ended with ${code}: ${rest}`)));
            this.child.stderr.on('data', (data) => {
                rest += data;
                const lines = rest.split('\n');
                rest = lines.pop();
                for (const line of lines) {
                    const record = line.startsWith('{') ? JSON.parse(line) : { event: 'text', line };
                    this.log.push(record);
                    if (record.event !== 'listening') continue;
                    this.port = record.port;
                    this.adminPort = record.adminPort;
                    resolve();
                }
            });
        });
    }

    // Waits until the log has this event.
    async logs(event, timeoutMs = 5000) {
        for (const limit = Date.now() + timeoutMs; Date.now() < limit; await sleep(5))
            if (this.log.some((record) => record.event === event)) return;
        throw new Error(`${event} was not logged`);
    }

    get credentials() {
        return JSON.parse(execFileSync('cat', [join(this.data, 'credentials.json')]));
    }

    async stop(signal = 'SIGTERM') {
        this.child.kill(signal);
        const status = await this.closed;
        if (this.ownsFolder) rmSync(this.folder, { recursive: true, force: true });
        return status;
    }

    fetch(path, options = {}) {
        return fetch(`http://127.0.0.1:${this.port}${path}`, options);
    }

    admin(path) {
        return fetch(`http://127.0.0.1:${this.adminPort}${path}`);
    }

    async metric(name) {
        const text = await (await this.admin('/metrics')).text();
        return Number(text.match(new RegExp(`^${name} (-?\\d+)$`, 'm'))[1]);
    }

    connect(options = {}) {
        return new Raw(options.secure
            ? tls.connect({ port: this.port, host: '127.0.0.1', rejectUnauthorized: false,
                ...options })
            : net.connect({ port: this.port, host: '127.0.0.1', ...options }));
    }
}

// Bytes in, bytes out: for what no HTTP client would send.
export class Raw {
    constructor(socket) {
        this.socket = socket;
        this.received = Buffer.alloc(0);
        this.ended = false;
        socket.on('data', (data) => { this.received = Buffer.concat([this.received, data]); });
        this.end = new Promise((resolve) => {
            socket.on('close', () => { this.ended = true; resolve(); });
            socket.on('error', () => {});
        });
    }

    send(data) {
        this.socket.write(data);
        return this;
    }

    get text() {
        return this.received.toString('latin1');
    }

    // Waits until the condition holds or the peer ends.
    async until(condition, timeoutMs = 5000) {
        const limit = Date.now() + timeoutMs;
        while (!condition(this) && !this.ended) {
            if (Date.now() > limit) throw new Error(`nothing came: ${this.text.slice(0, 200)}`);
            await sleep(5);
        }
        return this;
    }

    async ends(timeoutMs = 5000) {
        await this.until((raw) => raw.ended, timeoutMs);
        return this.text;
    }

    close() {
        this.socket.destroy();
    }
}

// The status of a response that a raw connection gets for these bytes.
export async function statusOf(server, request, options) {
    const raw = server.connect(options).send(request);
    await raw.until((r) => r.text.includes('\r\n\r\n'));
    raw.close();
    return Number(raw.text.slice(9, 12)) || 0;
}
