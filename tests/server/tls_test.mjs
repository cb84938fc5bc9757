// Clients that hold a TLS connection and say nothing, or too slowly.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import { Server, makeCertificate, makeFolder, statusOf } from './server.mjs';

const LIMIT_MS = 10000; // SOTTO_HTTP_HEAD_TIMEOUT_MS

let server;
before(async () => {
    const folder = makeFolder();
    const { certificate, key } = makeCertificate(folder);
    server = await Server.start({ folder,
        environment: { SOTTO_TLS_CERTIFICATE: certificate, SOTTO_TLS_KEY: key } });
    server.ownsFolder = true;
});
after(async () => assert.equal(await server.stop(), 0));

// The first bytes that a client sends.
function makeClientHello() {
    return new Promise((resolve) => {
        const socket = new Duplex({ read() {}, write: (data) => resolve(data) });
        tls.connect({ socket, rejectUnauthorized: false }).on('error', () => {});
    });
}

async function dribble(raw, bytes) {
    for (let i = 0; i < bytes.length && !raw.ended; i++) {
        raw.send(bytes.subarray(i, i + 1));
        await sleep(300);
    }
}

test('TLS connections that get nowhere end after ten seconds, while others are served', async () => {
    const hello = await makeClientHello();
    assert.ok(hello.length > 100);
    const begin = Date.now();
    const kinds = {
        'nothing at all': server.connect(),
        'half a ClientHello': server.connect().send(hello.subarray(0, 60)),
        'a ClientHello byte by byte': server.connect(),
        'a ClientHello and nothing more': server.connect().send(hello),
        'a handshake and nothing more': server.connect({ secure: true }),
        'a head byte by byte': server.connect({ secure: true }),
        'half a body': server.connect({ secure: true }).send(
            'POST /meet/token HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{'),
    };
    void dribble(kinds['a ClientHello byte by byte'], hello);
    void dribble(kinds['a head byte by byte'], Buffer.from(`GET / HTTP/1.1\r\nX: ${'x'.repeat(200)}`));
    const lived = {};
    for (const [name, raw] of Object.entries(kinds))
        raw.end.then(() => { lived[name] = Date.now() - begin; });
    const isOver = () => Object.keys(lived).length === Object.keys(kinds).length;
    while (!isOver() && Date.now() - begin < 25000) {
        const asked = Date.now();
        assert.equal(await statusOf(server, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', { secure: true }), 404);
        assert.ok(Date.now() - asked < 1000);
        await sleep(500);
    }
    for (const raw of Object.values(kinds)) raw.close();
    console.log(`# ${JSON.stringify(lived)}`);
    for (const name of Object.keys(kinds))
        assert.ok(lived[name] > LIMIT_MS - 1000 && lived[name] < LIMIT_MS + 2000,
            `${name}: ${lived[name]} ms`);
    assert.ok(await server.metric('sotto_http_timeouts_total') > 0);
});
