// The WebSocket layer as a client sees it: tests/server/websocket_host.c is the server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Server, makeCertificate, makeFolder, programs, statusOf } from './server.mjs';
import { Client, binary, close, frame, handshake, ping, pong, text } from './websocket_client.mjs';

let server;
before(async () => {
    server = await Server.start({ program: programs.websocketHost });
});
after(async () => {
    assert.equal(await server.stop(), 0);
    assert.match(server.output, /^end 0$/m);
});

async function admitted(options) {
    const client = await Client.open(server, options);
    client.send('admit');
    assert.equal(await client.nextText(), 'admitted');
    return client;
}

test('a handshake is answered with the subprotocol and without extensions', async () => {
    const client = await Client.open(server, {
        extra: 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n' });
    assert.match(client.head, /sec-websocket-protocol: sotto\.1/i);
    assert.doesNotMatch(client.head, /extensions/i);
    client.raw.close();
});

test('handshakes that are not right are refused with a reason', async () => {
    const cases = [
        [400, { protocol: '' }],
        [400, { protocol: 'chat' }],
        [400, { protocol: 'sotto-http, sotto.1x' }],
        [400, { key: 'short' }],
        [426, { version: '8' }],
        [404, { path: '/other' }],
        [404, { path: '/' }],
    ];
    for (const [status, options] of cases)
        assert.equal(await statusOf(server, handshake(options)), status, JSON.stringify(options));
    assert.equal(await statusOf(server, 'GET /signal HTTP/1.1\r\nHost: a\r\n\r\n'), 426);
    const post = handshake().replace('GET', 'POST');
    assert.equal(await statusOf(server, post), 400);
    const old = await server.connect().send('GET /signal HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n' +
        'Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n\r\n').ends();
    assert.doesNotMatch(old, /101/);
});

test('a client cannot choose the protocol that serves HTTP', async () => {
    const raw = server.connect().send(handshake({ protocol: 'sotto-http, sotto.1' }));
    const answer = await raw.ends();
    assert.doesNotMatch(answer, /sotto-http/);
});

test('messages come back whole, small and large, in one piece or many', async () => {
    const client = await admitted();
    for (const size of [0, 1, 125, 126, 127, 4095, 4096, 4097, 65535, 65536, 262144]) {
        const message = 'é'.repeat(size / 2) + (size % 2 ? 'x' : '');
        client.send(message);
        assert.equal(await client.nextText(), message);
    }
    client.send('fragm', text, { final: false }).send('ents ', 0, { final: false });
    client.send('between', ping).send('end', 0);
    assert.equal(await client.nextText(), 'fragments end');
    assert.equal((await client.next(pong)).payload.toString(), 'between');
    client.raw.close();
});

test('a message that comes byte by byte is put together', async () => {
    const client = await admitted();
    for (const byte of frame(text, 'slowly'))
        client.raw.send(Buffer.from([byte])), await sleep(2);
    assert.equal(await client.nextText(), 'slowly');
    client.raw.close();
});

test('a message sent right behind the handshake is not lost', async () => {
    const raw = server.connect();
    raw.send(Buffer.concat([Buffer.from(handshake()), frame(text, 'early')]));
    await raw.until((r) => r.text.includes('early'));
    raw.close();
});

test('what breaks the protocol ends the connection with the right code', async () => {
    const long = Buffer.alloc(126, 'x');
    const cases = [
        [1003, [frame(binary, 'bytes')]],
        [1007, [frame(text, Buffer.from([0xc3, 0x28]))]],
        [1002, [frame(text, 'x', { reserved: 0x40 })]],
        [1002, [frame(text, 'x', { reserved: 0x20 })]],
        [1002, [frame(3, 'x')]],
        [1002, [frame(11, 'x')]],
        [1002, [frame(0, 'no beginning')]],
        [1002, [frame(text, 'one', { final: false }), frame(text, 'two')]],
        [1002, [frame(ping, 'x', { final: false })]],
        [1006, [frame(ping, long, { form: 126 })]],
        [1009, [frame(text, Buffer.alloc(262145, 'x'))]],
        [1009, [frame(text, Buffer.alloc(200000, 'x'), { final: false }),
            frame(0, Buffer.alloc(62145, 'x'))]],
        [1008, [...Array(1100)].map((_, i) => frame(i ? 0 : text, '', { final: false }))],
    ];
    for (const [code, frames] of cases) {
        const client = await admitted();
        client.raw.send(Buffer.concat(frames));
        const got = await client.closeCode();
        assert.ok(got === code || got === 1006, `${got} instead of ${code}`);
        client.raw.close();
    }
});

test('a 64-bit length is refused before its payload comes', async () => {
    const client = await admitted();
    const head = Buffer.from([0x81, 0xff, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5]);
    client.raw.send(head);
    assert.ok([1009, 1006].includes(await client.closeCode()));
});

test('who is not admitted is sent away after five seconds and may say little', async () => {
    const begin = Date.now();
    const silent = await Client.open(server);
    const chatty = await Client.open(server);
    chatty.send(Buffer.alloc(40000, 'x'));
    assert.ok([1009, 1006].includes(await chatty.closeCode()));
    assert.equal(await silent.closeCode(8000), 1008);
    const waited = Date.now() - begin;
    assert.ok(waited > 4500 && waited < 7000, `${waited} ms`);
});

test('close codes reach both sides once', async () => {
    const client = await admitted();
    client.send('close 4007');
    assert.equal(await client.closeCode(), 4007);
    client.send(Buffer.from([0x0f, 0xa7]), close);
    await client.raw.ends();
    const leaving = await admitted();
    leaving.send(Buffer.from([0x03, 0xe9]), close);
    assert.equal(await leaving.closeCode(), 1001);
    leaving.raw.close();
    const vanishing = await admitted();
    vanishing.raw.close();
    await sleep(200);
    for (const code of [4007, 1001, 1006])
        assert.match(server.output, new RegExp(`^close \\d+ ${code}$`, 'm'));
});

test('a slow client is ended and the others get everything', async () => {
    const slow = await admitted();
    const quick = await admitted();
    slow.raw.socket.pause();
    for (let i = 0; i < 40 && await server.metric('sotto_websocket_slow_total') === 0; i++) {
        quick.send('flood');
        for (let j = 0; j < 8; j++)
            assert.equal((await quick.nextText()).length, 65536);
    }
    assert.equal(await server.metric('sotto_websocket_slow_total'), 1);
    quick.send('still here');
    assert.equal(await quick.nextText(), 'still here');
    slow.raw.close();
    quick.raw.close();
});

test('pings come while nothing else does, and a silent client is lost after eight seconds', async () => {
    const begin = Date.now();
    const alive = await admitted();
    const dead = await admitted();
    dead.answersPings = false;
    assert.ok(await alive.next(ping, 5000));
    await dead.raw.until((raw) => { dead.parse(); return raw.ended; }, 12000);
    const waited = Date.now() - begin;
    assert.ok(waited > 7000 && waited < 10500, `${waited} ms`);
    alive.parse();
    alive.send('alive');
    assert.equal(await alive.nextText(), 'alive');
    assert.ok(await server.metric('sotto_websockets') >= 1);
    alive.raw.close();
});

test('another thread wakes the loop, and timers fire', async () => {
    const client = await admitted();
    client.send('wake');
    assert.equal(await client.nextText(), 'woken');
    client.send('timer');
    const begin = Date.now();
    assert.equal(await client.nextText(), 'fired');
    assert.ok(Date.now() - begin >= 90);
    client.raw.close();
});

test('origins that are not on the list are refused', async () => {
    const strict = await Server.start({ program: programs.websocketHost,
        environment: { SOTTO_ALLOWED_ORIGINS: 'https://meet.example, https://b.example' } });
    const ask = (origin) => statusOf(strict, handshake({ extra: `Origin: ${origin}\r\n` }));
    assert.equal(await ask('https://meet.example'), 101);
    assert.equal(await ask('https://b.example'), 101);
    assert.equal(await ask('https://evil.example'), 403);
    assert.equal(await ask('null'), 403);
    assert.equal(await statusOf(strict, handshake()), 101);
    await strict.stop();
});

test('on SIGTERM clients are told, their sockets closed, and the server ends with 0', async () => {
    const other = await Server.start({ program: programs.websocketHost });
    const client = await Client.open(other);
    client.send('admit');
    await client.nextText();
    other.child.kill('SIGTERM');
    assert.equal(await client.nextText(), 'server-closing');
    assert.equal(await client.closeCode(), 1001);
    client.send(Buffer.from([0x03, 0xe9]), close);
    assert.equal(await other.closed, 0);
});

async function withStayingClient(drainTimeoutS) {
    const other = await Server.start({ program: programs.websocketHost,
        environment: { SOTTO_LIMITS_DRAIN_TIMEOUT_S: `${drainTimeoutS}` } });
    const client = await Client.open(other);
    client.send('admit').send('stay');
    await client.nextText();
    await sleep(50);
    other.child.kill('SIGTERM');
    assert.equal(await client.nextText(), 'server-closing');
    return { other, client };
}

test('a stop waits for clients that stay, refuses new ones, and ends them in the end', async () => {
    const begin = Date.now();
    const { other, client } = await withStayingClient(2);
    assert.equal((await other.admin('/readyz')).status, 503);
    assert.equal((await other.admin('/livez')).status, 200);
    assert.equal(await statusOf(other, handshake()), 503);
    client.send('still served');
    assert.equal(await client.nextText(), 'still served');
    assert.equal(await client.closeCode(), 1001);
    assert.equal(await other.closed, 0);
    const waited = Date.now() - begin;
    assert.ok(waited > 1900 && waited < 6000, `${waited} ms`);
});

test('a second signal ends the process at once', async () => {
    const { other, client } = await withStayingClient(60);
    other.child.kill('SIGINT');
    assert.equal(await other.closed, 1);
    client.raw.close();
});

test('WebSockets work over TLS', async () => {
    const folder = makeFolder();
    const { certificate, key } = makeCertificate(folder);
    const secure = await Server.start({ program: programs.websocketHost, folder,
        environment: { SOTTO_TLS_CERTIFICATE: certificate, SOTTO_TLS_KEY: key } });
    const client = await Client.open(secure, { connect: { secure: true } });
    client.send('admit');
    assert.equal(await client.nextText(), 'admitted');
    const large = 'y'.repeat(200000);
    client.send(large);
    assert.equal(await client.nextText(), large);
    client.raw.close();
    await secure.stop();
});
