// A participant as the signalling sees one (docs/signalling.md), over node's own WebSocket, and
// what the tests need around it: rooms, tokens, and a TCP proxy that can break.
import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { Server } from './server.mjs';

const vectors = join(import.meta.dirname, '../vectors/mediasoup-client');
export const example = (name) => JSON.parse(readFileSync(join(vectors, `${name}.json`)));

export const startServer = (environment = {}, options = {}) => Server.start({
    program: join(process.env.SOTTO_BUILD_DIR ?? 'build', 'sottod'),
    environment: { SOTTO_LIMITS_CONNECTIONS_PER_NETWORK: '1000', SOTTO_MEDIA_WORKERS: '1',
        ...environment }, ...options });

const encode = (value) => Buffer.from(
    typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
export const now = () => Math.floor(Date.now() / 1000);

export function sign(server, more = {}, { header = { alg: 'HS256', typ: 'JWT' }, secret } = {}) {
    const { apiKey, secret: own } = server.keys ??= server.credentials;
    const claims = { apikey: apiKey, permissions: ['allow_join'], iat: now(), exp: now() + 600,
        ...more };
    const input = `${encode(header)}.${encode(claims)}`;
    return `${input}.${createHmac('sha256', secret ?? own).update(input).digest('base64url')}`;
}

export async function rest(server, path, body) {
    const answer = await server.fetch(path, { method: 'POST', body: JSON.stringify(body),
        headers: { authorization: sign(server, { permissions: ['allow_join', 'allow_mod'] }) } });
    assert.equal(answer.status, 200);
    return answer.json();
}

export const makeRoom = async (server, options = {}) =>
    (await rest(server, '/v2/rooms', options)).roomId;

export const challenge = () => randomBytes(16).toString('base64url');
export const sealed = () => ({ format: 'sotto', streamId: challenge() });

export function within(promise, timeoutMs, what) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`${what}: not within ${timeoutMs} ms`)),
            timeoutMs);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// Promises of what comes later, looked at again whenever something has happened.
class Waiting {
    constructor() {
        this.waiters = [];
    }

    look() {
        this.waiters = this.waiters.filter((waiter) => !waiter());
    }

    // What `get` gives as soon as it is not undefined; rejects when `isOver` says so.
    until(get, isOver, what, timeoutMs) {
        return within(new Promise((resolve, reject) => {
            const waiter = () => {
                const value = get();
                if (value !== undefined) resolve(value);
                else if (isOver()) reject(new Error(`${what}: the connection is closed`));
                return value !== undefined || isOver();
            };
            if (!waiter()) this.waiters.push(waiter);
        }), timeoutMs, what);
    }
}

// One connection. `messages` has all that came, in order, unless somebody else takes them.
export class Connection {
    static async open(server, { port = server.port, take } = {}) {
        const connection = new Connection();
        const socket = new WebSocket(`ws://127.0.0.1:${port}/signal`, 'sotto.1');
        const waiting = new Waiting();
        Object.assign(connection, { socket, waiting, messages: [] });
        connection.closed = new Promise((resolve) => {
            socket.onclose = ({ code }) => {
                connection.closeCode = code;
                resolve(code);
                waiting.look();
            };
        });
        socket.onmessage = ({ data }) => {
            const message = JSON.parse(data);
            if (take) take(message);
            else connection.messages.push(message);
            waiting.look();
        };
        await new Promise((resolve, reject) => {
            socket.onopen = resolve;
            socket.onerror = () => reject(new Error('the connection was refused'));
        });
        socket.onerror = () => {};
        return connection;
    }

    send(message) {
        this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    }

    // The first message that fits, whether it was there already or not.
    find(fits, what = 'a message', timeoutMs = 5000) {
        return this.waiting.until(() => this.messages.find(fits),
            () => this.closeCode !== undefined, what, timeoutMs);
    }

    // The close code; what is sent before it is in `messages`.
    code(timeoutMs = 5000) {
        return within(this.closed, timeoutMs, 'a close code');
    }

    close(code = 1000) {
        this.socket.close(code);
        return this.closed;
    }
}

// A session over one connection or several. Every message of the server must have the next number.
export class Participant {
    static async join(server, roomId, more = {}, options = {}) {
        const participant = new Participant();
        const { claims, ...fields } = more;
        Object.assign(participant, { server, roomId, id: fields.participantId ?? challenge(),
            lastId: 0, lastSeq: 0, taken: 0, messages: [], waiting: new Waiting(), options });
        const data = { token: sign(server, claims), roomId, participantId: participant.id,
            displayName: 'Somebody', challenge: challenge(), ...fields };
        await participant.open();
        const answer = await participant.ask('join', data);
        if (answer.error) throw Object.assign(new Error(answer.error.message), answer.error);
        participant.session = answer.data;
        return participant;
    }

    async open() {
        const connection = await Connection.open(this.server, { ...this.options,
            take: (message) => { if (connection === this.connection) this.receive(message); } });
        this.connection = connection;
        connection.closed.then(() => this.waiting.look());
    }

    receive(message) {
        if (message.id === 0) {
            this.resumed = message;
        } else if (message.error && this.lastSeq === 0) { // outside of any session: a refused join
            this.messages.push(message);
        } else {
            assert.equal(message.seq, this.lastSeq + 1, JSON.stringify(message));
            this.lastSeq = message.seq;
            this.messages.push(message);
        }
        this.waiting.look();
    }

    until(get, what, timeoutMs = 5000) {
        const { connection } = this;
        return this.waiting.until(get, () => connection.closeCode !== undefined, what, timeoutMs);
    }

    request(method, data = {}) {
        this.connection.send({ id: ++this.lastId, method, data });
        return this.lastId;
    }

    answerOf(id, timeoutMs) {
        return this.until(() => this.messages.find((message) => message.id === id),
            `the answer of ${id}`, timeoutMs);
    }

    // The whole answer.
    ask(method, data) {
        return this.answerOf(this.request(method, data));
    }

    // The answer's data.
    async call(method, data) {
        const answer = await this.ask(method, data);
        assert.equal(answer.error, undefined, `${method}: ${answer.error?.message}`);
        return answer.data;
    }

    // The code of the error that the request gets; its text must match.
    async refused(method, data, pattern = /./) {
        const { error } = await this.ask(method, data);
        assert.ok(error, `${method} ${JSON.stringify(data).slice(0, 200)} was accepted`);
        assert.match(error.message, pattern, JSON.stringify(data).slice(0, 200));
        return error.code;
    }

    // The next notification that was not taken yet, in order; it must be this event.
    async next(event, timeoutMs) {
        const isNew = (message) => message.event && message.seq > this.taken;
        const message = await this.until(() => this.messages.find(isNew), event, timeoutMs);
        this.taken = message.seq;
        assert.equal(message.event, event, JSON.stringify(message));
        return message.data;
    }

    // Notifications that were not taken yet.
    get untaken() {
        return this.messages.filter((message) => message.event && message.seq > this.taken)
            .map((message) => message.event);
    }

    // Everything that the server had to say so far has come after this.
    async settle() {
        await this.call('message', { to: this.id, type: 'settle', payload: `${this.lastId}` });
        this.messages = this.messages.filter(
            ({ event, data }) => event !== 'message' || data.type !== 'settle');
    }

    produce(name, source, more = {}) {
        const { kind, rtpParameters } = example(`produce-event.${name}`);
        return this.ask('produce', { transportId: this.session.sendTransport.id, kind,
            rtpParameters, source, ...more });
    }

    ready(device = 'chromium156') {
        return this.call('ready',
            { rtpCapabilities: example(`device-recv-rtp-capabilities.${device}`) });
    }

    // Comes back on a new connection; gives the answer.
    async resume(more = {}) {
        const { sessionId, resume } = this.session;
        this.resumed = undefined;
        await this.open();
        this.connection.send({ id: 0, method: 'resume',
            data: { sessionId, token: resume.token, seq: this.lastSeq, ...more } });
        return this.until(() => this.resumed, 'the answer of resume');
    }

    leave() {
        return this.connection.close();
    }
}

// A TCP proxy in front of the server whose connections can break in every way.
export class Proxy {
    static async start(server) {
        const proxy = new Proxy();
        proxy.pairs = new Set();
        proxy.listener = net.createServer((client) => proxy.connect(client, server.port));
        await new Promise((resolve) => { proxy.listener.listen(0, '127.0.0.1', resolve); });
        proxy.port = proxy.listener.address().port;
        return proxy;
    }

    connect(client, port) {
        const upstream = net.connect(port, '127.0.0.1');
        const pair = { client, upstream };
        this.pairs.add(pair);
        client.on('data', (data) => { if (!this.losesRequests) upstream.write(data); });
        upstream.on('data', (data) => { if (!this.losesAnswers) client.write(data); });
        for (const [one, other] of [[client, upstream], [upstream, client]]) {
            one.on('error', () => {});
            one.on('close', () => {
                if (this.isSilent) return;
                this.pairs.delete(pair);
                other.destroy();
            });
        }
    }

    // Ends the connections without a close frame.
    cut() {
        for (const { client, upstream } of this.pairs) {
            upstream.resetAndDestroy();
            client.destroy();
        }
        this.losesRequests = this.losesAnswers = false;
    }

    // From now on neither side hears anything of the other.
    freeze() {
        this.losesRequests = this.losesAnswers = this.isSilent = true;
    }

    stop() {
        this.isSilent = false;
        this.cut();
        this.listener.close();
    }
}
