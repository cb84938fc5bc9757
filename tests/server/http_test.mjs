// sottod as a client on the network sees it: HTTP, REST, tokens, limits.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Server, makeFolder, makeWebRoot, statusOf } from './server.mjs';

let server, folder, key;
before(async () => {
    folder = makeFolder();
    const webRoot = makeWebRoot(folder);
    writeFileSync(join(webRoot, 'large.bin'), Buffer.alloc(30000000));
    server = await Server.start({ folder, webRoot,
        environment: { SOTTO_LIMITS_CONNECTIONS_PER_NETWORK: '400' } });
    key = server.credentials;
});
after(async () => assert.equal(await server.stop(), 0));

const encode = (value) => Buffer.from(
    typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);

function sign(claims, { header = { alg: 'HS256', typ: 'JWT' }, secret = key.secret,
    hash = 'sha256' } = {}) {
    const input = `${encode(header)}.${encode(claims)}`;
    return `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`;
}

const claims = (more = {}) => ({ apikey: key.apiKey, permissions: ['allow_join', 'allow_mod'],
    iat: now(), exp: now() + 600, ...more });

function rest(path, { token = sign(claims()), ...options } = {}) {
    return server.fetch(path, { ...options, headers: { authorization: token, ...options.headers } });
}

const post = (path, body, options = {}) => rest(path, { method: 'POST',
    body: Buffer.isBuffer(body) ? body : JSON.stringify(body), ...options });

test('a room is made, validated, found and listed in the shapes that VideoSDK documents', async () => {
    const made = await post('/v2/rooms', { customRoomId: 'team-standup', geoFence: 'eu' });
    assert.equal(made.status, 200);
    assert.equal(made.headers.get('access-control-allow-origin'), '*');
    const room = await made.json();
    assert.match(room.roomId, /^[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}$/);
    assert.match(room.id, /^[0-9a-f]{24}$/);
    assert.match(room.userId, /^[0-9a-f]{24}$/);
    assert.equal(room.customRoomId, 'team-standup');
    assert.equal(room.disabled, false);
    assert.equal(room.e2ee, 'preferred');
    assert.equal(new Date(room.createdAt).toISOString(), room.createdAt);
    assert.equal(room.links.get_room, `http://127.0.0.1:${server.port}/v2/rooms/${room.roomId}`);

    assert.deepEqual(await (await rest(`/v2/rooms/validate/${room.roomId}`)).json(), room);
    const found = await (await rest(`/v2/rooms/${room.roomId}`)).json();
    assert.deepEqual(found, { ...room, user: { id: room.userId } });
    assert.equal((await (await rest(`/v2/rooms/${room.id}`)).json()).roomId, room.roomId);

    const list = await (await rest('/v2/rooms?page=1&perPage=5&query=standup')).json();
    assert.deepEqual(list.pageInfo, { currentPage: 1, perPage: 5, lastPage: 1, total: 1 });
    assert.deepEqual(list.data, [room]);
});

test('a body is optional, and a custom id gives the same room again', async () => {
    const first = await rest('/v2/rooms', { method: 'POST' });
    assert.equal(first.status, 200);
    assert.equal('customRoomId' in await first.json(), false);
    const a = await (await post('/v2/rooms', { customRoomId: 'weekly', e2ee: 'required' })).json();
    const b = await (await post('/v2/rooms', { customRoomId: 'weekly' })).json();
    assert.equal(a.roomId, b.roomId);
    assert.equal(b.e2ee, 'required');
    assert.equal((await post('/v2/rooms', { customRoomId: 'weekly', e2ee: 'off' })).status, 409);
});

test('a deactivated room is no longer valid', async () => {
    const room = await (await post('/v2/rooms', {})).json();
    const gone = await (await post('/v2/rooms/deactivate', { roomId: room.roomId })).json();
    assert.equal(gone.disabled, true);
    const answer = await rest(`/v2/rooms/validate/${room.roomId}`);
    assert.equal(answer.status, 402);
    assert.match((await answer.json()).error, /deactivated/);
});

test('bad bodies are answered with 400 and the name of the field', async () => {
    const deep = '{"webhook":'.repeat(40) + '1' + '}'.repeat(40);
    const cases = [['{', 'JSON'], ['[]', 'JSON'], ['null', 'JSON'], ['{"a":1}', 'a'],
        ['{"e2ee":true}', 'e2ee'], ['{"e2ee":"sometimes"}', 'e2ee'], ['{"E2EE":"off"}', 'E2EE'],
        ['{"customRoomId":7}', 'customRoomId'], ['{"customRoomId":""}', 'customRoomId'],
        ['{"customRoomId":"abcd-efgh-ijkl"}', 'customRoomId'],
        [`{"customRoomId":"${'x'.repeat(129)}"}`, 'customRoomId'],
        ['{"customRoomId":"a\\u0000b"}', 'JSON'], ['{"customRoomId":"a\\nb"}', 'customRoomId'],
        ['{"webhook":"https://x"}', 'webhook'], ['{"e2ee":"off","e2ee":"required"}', 'JSON'],
        [deep, 'JSON'], ['{"customRoomId":"\xff"}', null], ['[['.repeat(20000), 'JSON']];
    for (const [body, name] of cases) {
        const answer = await post('/v2/rooms', Buffer.from(body, 'latin1'), {});
        const text = body.slice(0, 40);
        assert.equal(answer.status, 400, text);
        if (name) assert.match((await answer.json()).error, new RegExp(name), text);
    }
    assert.equal((await post('/v2/rooms/deactivate', {})).status, 400);
    for (const query of ['page=0', 'page=-1', 'page=x', 'perPage=101', 'perPage=1e9', 'page=01'])
        assert.equal((await rest(`/v2/rooms?${query}`)).status, 400, query);
});

test('tokens that are not right are refused, each with its status and code', async () => {
    const good = sign(claims());
    const [head, payload, signature] = good.split('.');
    const table = [
        ['none', 401, 4002, ''],
        ['Bearer', 401, 4002, `Bearer ${good}`],
        ['alg none', 401, 4002, `${encode({ alg: 'none' })}.${payload}.`],
        ['alg None with signature', 401, 4002,
            sign(claims(), { header: { alg: 'None', typ: 'JWT' } })],
        ['HS384', 401, 4002, sign(claims(), { header: { alg: 'HS384' }, hash: 'sha384' })],
        ['HS512 said, HS256 done', 401, 4002, sign(claims(), { header: { alg: 'HS512' } })],
        ['wrong secret', 401, 4002, sign(claims(), { secret: 'x'.repeat(43) })],
        ['empty secret', 401, 4002, sign(claims(), { secret: '' })],
        ['kid with a path', 401, 4002, sign(claims(), { secret: '',
            header: { alg: 'HS256', kid: '../../../../dev/null' } })],
        ['truncated', 401, 4002, good.slice(0, -1)],
        ['no signature', 401, 4002, `${head}.${payload}`],
        ['fourth part', 401, 4002, `${good}.x`],
        ['padding', 401, 4002, `${good}=`],
        ['expired', 401, 4002, sign(claims({ exp: now() - 1 }))],
        ['no exp', 401, 4002, sign(claims({ exp: undefined }))],
        ['exp as text', 401, 4002, sign(claims({ exp: String(now() + 600) }))],
        ['not yet', 401, 4002, sign(claims({ nbf: now() + 300 }))],
        ['other key', 401, 4001, sign(claims({ apikey: 'other' }))],
        ['no permissions', 403, 4008, sign(claims({ permissions: undefined }))],
        ['unknown permission', 403, 4008, sign(claims({ permissions: ['root'] }))],
        ['knocking only', 403, 4008, sign(claims({ permissions: ['ask_join'] }))],
        ['rtc', 403, 4024, sign(claims({ version: 2, roles: ['rtc'] }))],
        ['one room', 403, 4022, sign(claims({ version: 2, roomId: 'abcd-efgh-ijkl' }))],
        ['9000 bytes', 401, 4002, sign(claims({ padding: 'x'.repeat(9000) }))],
    ];
    for (const [name, status, code, token] of table) {
        const answer = await post('/v2/rooms', {}, { token });
        assert.equal(answer.status, status, name);
        const error = await answer.json();
        assert.equal(error.statusCode, status, name);
        assert.equal(error.code, code, name);
        assert.equal(typeof error.error, 'string');
        assert.ok(!JSON.stringify(error).includes(payload.slice(0, 20)), name);
    }
    assert.equal((await post('/v2/rooms', {}, { token: good })).status, 200);
    const crawler = sign(claims({ version: 2, roles: ['crawler'], permissions: undefined }));
    assert.equal((await post('/v2/rooms', {}, { token: crawler })).status, 200);
});

test('a token for one room does not open another', async () => {
    const a = await (await post('/v2/rooms', {})).json();
    const b = await (await post('/v2/rooms', {})).json();
    const token = sign(claims({ version: 2, roomId: a.roomId }));
    assert.equal((await rest(`/v2/rooms/validate/${a.roomId}`, { token })).status, 200);
    for (const path of [`/v2/rooms/validate/${b.roomId}`, `/v2/rooms/${b.roomId}`,
        `/v2/rooms/${b.id}`, '/v2/rooms'])
        assert.equal((await rest(path, { token })).status, 403, path);
    assert.equal((await post('/v2/rooms/deactivate', { roomId: b.roomId }, { token })).status, 403);
});

test('only a moderator or a program deactivates a room, and a participant\'s token writes nothing',
    async () => {
        const { roomId } = await (await post('/v2/rooms', {})).json();
        const person = { version: 2, roomId, participantId: 'alice' };
        const plain = { permissions: ['allow_join'] };
        const crawler = { version: 2, roles: ['crawler'], permissions: undefined };
        const table = [
            ['a plain token', 403, 4008, plain],
            ['a plain token for the room', 403, 4008, { ...plain, version: 2, roomId }],
            ['a participant', 403, 4008, { ...plain, ...person }],
            ['a participant who moderates', 403, 4023, person],
            ['a participant of any room', 403, 4023, { ...person, roomId: undefined }],
            ['a moderator of another room', 403, 4022, { version: 2, roomId: 'abcd-efgh-ijkl' }],
            ['rtc', 403, 4024, { version: 2, roles: ['rtc'] }],
        ];
        const deactivate = (more) => post('/v2/rooms/deactivate', { roomId },
            { token: sign(claims(more)) });
        for (const [name, status, code, more] of table) {
            const answer = await deactivate(more);
            assert.deepEqual([answer.status, (await answer.json()).code], [status, code], name);
        }
        assert.equal((await rest(`/v2/rooms/validate/${roomId}`)).status, 200);
        const token = sign(claims({ ...person, roomId: undefined }));
        for (const answer of [await rest('/v2/rooms', { token }), await post('/v2/rooms', {}, { token }),
            await rest(`/v2/rooms/${roomId}`, { token })])
            assert.deepEqual([answer.status, (await answer.json()).code], [403, 4023]);
        assert.equal((await rest(`/v2/rooms/validate/${roomId}`, { token })).status, 200);
        assert.equal((await post('/v2/rooms', {}, { token: sign(claims(plain)) })).status, 200);
        assert.equal((await deactivate({ version: 2, roomId })).status, 200);
        assert.equal((await deactivate(crawler)).status, 200);
    });

test('unknown rooms and paths are 404, wrong methods 405, both in JSON', async () => {
    for (const path of ['/v2', '/v2/', '/v2/nothing', '/v2/rooms/', '/v2/rooms/a/b',
        '/v2/rooms/validate/', '/v2/rooms/abcd-efgh-ijkl', '/v2/rooms/validate/..%2f..%2f',
        `/v2/rooms/${'x'.repeat(500)}`, "/v2/rooms/' or 1=1 --"]) {
        const answer = await rest(path);
        assert.equal(answer.status, 404, path);
        assert.equal(typeof (await answer.json()).error, 'string', path);
    }
    for (const [path, method, allow] of [['/v2/rooms', 'DELETE', 'GET, POST, OPTIONS'],
        ['/v2/rooms', 'PATCH', 'GET, POST, OPTIONS'],
        ['/v2/rooms/deactivate', 'PUT', 'POST, OPTIONS'],
        ['/v2/rooms/validate/x', 'POST', 'GET, OPTIONS'], ['/meet/token', 'GET', 'POST']]) {
        const answer = await server.fetch(path, { method });
        assert.equal(answer.status, 405, `${method} ${path}`);
        assert.equal(answer.headers.get('allow'), allow);
        assert.equal((await answer.json()).statusCode, 405);
    }
});

test('OPTIONS answers a preflight, HEAD gives the head alone', async () => {
    const preflight = await server.fetch('/v2/rooms', { method: 'OPTIONS', headers: {
        origin: 'https://app.example', 'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type' } });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get('access-control-allow-origin'), '*');
    assert.match(preflight.headers.get('access-control-allow-headers'), /authorization/);
    const head = await server.fetch('/core.wasm', { method: 'HEAD' });
    assert.equal(head.headers.get('content-length'), '300000');
    assert.equal((await head.arrayBuffer()).byteLength, 0);
    const raw = await server.connect().send(
        'HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n').ends();
    assert.ok(raw.endsWith('\r\n\r\n'));
});

test('the web app is served with its types, caches and a policy', async () => {
    for (const path of ['/', '/m/abcd-efgh-ijkl', '/m/x?y=1', '/index.html']) {
        const page = await server.fetch(path);
        assert.equal(page.status, 200, path);
        assert.match(page.headers.get('content-type'), /^text\/html/);
        assert.equal(page.headers.get('cache-control'), 'no-cache');
        const policy = page.headers.get('content-security-policy');
        assert.match(policy, /default-src 'none'; script-src 'self' 'wasm-unsafe-eval';/);
        assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'/);
        assert.equal(page.headers.get('referrer-policy'), 'no-referrer');
        assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
        assert.equal(page.headers.get('cross-origin-opener-policy'), 'same-origin');
        assert.match(page.headers.get('permissions-policy'), /camera=\(self\)/);
        assert.equal(page.headers.get('server'), null);
        assert.match(await page.text(), /Sotto/);
    }
    const type = async (path) => (await server.fetch(path)).headers.get('content-type');
    assert.equal(await type('/app.mjs'), 'text/javascript; charset=utf-8');
    assert.equal(await type('/core.wasm'), 'application/wasm');
    const asset = await server.fetch('/assets/index-B1a2C3d4.js');
    assert.match(asset.headers.get('cache-control'), /immutable/);
    const again = await server.fetch('/app.mjs', { headers: {
        'if-none-match': (await server.fetch('/app.mjs')).headers.get('etag') } });
    assert.equal(again.status, 304);
    const wasm = Buffer.from(await (await server.fetch('/core.wasm')).arrayBuffer());
    assert.ok(wasm.equals(Buffer.alloc(300000, 'w')));
});

test('nothing outside the web root and nothing hidden is served', async () => {
    for (const path of ['/../outside.txt', '/..%2foutside.txt', '/%2e%2e/outside.txt',
        '/assets/../../outside.txt', '/assets/..%2f..%2foutside.txt', '/..\\outside.txt',
        '/%2e%2e%5coutside.txt', '//etc/passwd', '/etc/passwd', '/.secret', '/./.secret',
        '/assets', '/assets/', '/m', '/%252e%252e/outside.txt', '/..;/outside.txt',
        '/index.html/', '/index.html%20', '/INDEX.HTML']) {
        const status = await statusOf(server,
            `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
        assert.equal(status, 404, path);
    }
    const zero = await server.connect().send('GET /index.html%00.png HTTP/1.1\r\nHost: a\r\n\r\n')
        .ends();
    assert.doesNotMatch(zero, / 200 /);
    assert.equal((await server.fetch('/index.html', { method: 'POST' })).status, 405);
});

test('admin paths exist on the admin listener only, whatever Host says', async () => {
    for (const path of ['/livez', '/readyz', '/metrics', '/debug', '/admin'])
        for (const host of ['a', `127.0.0.1:${server.adminPort}`, 'admin', 'listen'])
            assert.equal(await statusOf(server,
                `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`), 404, path);
    assert.equal(await (await server.admin('/livez')).text(), 'live\n');
    assert.equal((await server.admin('/readyz')).status, 200);
    assert.equal((await server.admin('/v2/rooms')).status, 404);
    assert.equal((await server.admin('/')).status, 404);
    const metrics = await (await server.admin('/metrics')).text();
    assert.match(metrics, /^# TYPE sotto_http_requests_total counter$/m);
    for (const line of metrics.trimEnd().split('\n'))
        assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? -?\d+(\.\d+)?)$/);
});

test('heads over 16 KiB are 431, bodies over 64 KiB 413', async () => {
    const head = (size) => `GET / HTTP/1.1\r\nHost: a\r\nX-Padding: ${'x'.repeat(size)}\r\n\r\n`;
    assert.equal(await statusOf(server, head(15000)), 200);
    for (const size of [16400, 20000, 60000])
        assert.equal(await statusOf(server, head(size)), 431, `${size}`);
    const many = Array.from({ length: 40 }, (_, i) => `X-Field-${i}: ${'y'.repeat(450)}\r\n`);
    assert.equal(await statusOf(server,
        `GET / HTTP/1.1\r\nHost: a\r\n${many.join('')}\r\n`), 431);
    // Beyond what libwebsockets can hold the connection just ends.
    assert.doesNotMatch(await server.connect().send(head(200000)).ends(), / 200 /);
    const body = (size) => post('/v2/rooms', { webhook: { a: 'x'.repeat(size) } });
    assert.equal((await body(65000)).status, 200);
    assert.equal((await body(66000)).status, 413);
    assert.equal(await statusOf(server, 'POST /v2/rooms HTTP/1.1\r\nHost: a\r\n' +
        'Content-Length: 99999999999999999999999\r\n\r\n'), 400);
});

test('requests that could be read in two ways are refused and end the connection', async () => {
    const ask = async (lines) => {
        const answer = await server.connect().send(
            `POST /v2/rooms HTTP/1.1\r\nHost: a\r\n${lines}\r\n{}`).ends();
        return Number(answer.slice(9, 12)) || 0;
    };
    assert.equal(await ask('Transfer-Encoding: chunked\r\n'), 411);
    assert.equal(await ask('Transfer-Encoding: chunked\r\nContent-Length: 2\r\n'), 400);
    assert.equal(await ask('Content-Length: 2\r\nContent-Length: 3\r\n'), 400);
    assert.equal(await ask('Content-Length: 2, 2\r\n'), 400);
    assert.equal(await ask('Content-Length: +2\r\n'), 400);
    assert.equal(await ask('Content-Length: -2\r\n'), 400);
    assert.equal(await ask('Content-Length: 0x2\r\n'), 400);
    assert.equal(await ask('Host: b\r\nContent-Length: 2\r\n'), 400);
    assert.equal(await statusOf(server, 'GET / HTTP/1.1\r\n\r\n'), 400);
    for (const line of ['CONNECT / HTTP/1.1', 'PRI * HTTP/2.0', '\x16\x03\x01\x02', 'GET /', 'x'])
        assert.doesNotMatch(await server.connect().send(`${line}\r\nHost: a\r\n\r\n`).ends(12000),
            /^HTTP\/1.1 200/, line);
});

test('a connection carries one request, and what follows is not looked at', async () => {
    const get = (path) => `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n`;
    const answer = await server.connect().send(get('/nope') + get('/app.mjs')).ends();
    assert.match(answer, /^HTTP\/1\.1 404/);
    assert.match(answer, /\r\nconnection: close\r\n/i);
    assert.equal(answer.match(/HTTP\/1\.1/g).length, 1);
});

test('bytes behind a body do not hold up the server', async () => {
    const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
    const body = 'POST /v2/rooms HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}';
    for (const bytes of [get + body + 'x', get + body + get, body + body, get + get + body + body,
        get + body.replace('POST', 'PUT') + 'x', get + body.replace('POST', 'GET') + get,
        get + body.replace('2', '1')]) {
        const raw = server.connect().send(bytes);
        await sleep(30);
        const asked = Date.now();
        assert.equal((await server.fetch('/')).status, 200, bytes);
        assert.ok(Date.now() - asked < 1000, bytes);
        raw.close();
    }
    assert.equal(await statusOf(server, body), 401);
});

test('who sends more and takes the answer slowly does not keep the server busy', async () => {
    const ticks = () => {
        const stat = readFileSync(`/proc/${server.child.pid}/stat`, 'utf8').split(' ');
        return Number(stat[13]) + Number(stat[14]);
    };
    const ask = (more) => {
        const raw = server.connect();
        raw.socket.pause();
        return raw.send(`GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n${more}`);
    };
    const patient = ask('');
    await sleep(1500);
    const busy = [ask('x'), ask('GET / HTTP/1.1\r\n\r\n'), ask('')];
    await sleep(200);
    busy[2].send('y');
    await sleep(2000);
    const before = ticks();
    await sleep(1000);
    assert.ok(ticks() - before < 20, `${ticks() - before} of 100 ticks`);
    patient.socket.resume();
    await patient.until((raw) => raw.received.length >= 30000000, 20000);
    for (const raw of busy) raw.close();
});

test('slow heads and bodies are cut off while others are served', async () => {
    const begin = Date.now();
    const slow = Array.from({ length: 20 }, () => server.connect());
    const half = server.connect().send('POST /v2/rooms HTTP/1.1\r\nHost: a\r\n' +
        'Content-Length: 100\r\n\r\n{');
    const text = `GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ${'x'.repeat(100)}`;
    let sent = 0;
    while (slow.some((raw) => !raw.ended) && Date.now() - begin < 20000) {
        for (const raw of slow)
            if (!raw.ended) raw.send(text[sent % text.length]);
        sent++;
        const asked = Date.now();
        assert.equal((await server.fetch('/')).status, 200);
        assert.ok(Date.now() - asked < 1000);
        await sleep(700);
    }
    const waited = Date.now() - begin;
    assert.ok(slow.every((raw) => raw.ended), 'all were cut off');
    assert.ok(waited > 8000 && waited < 16000, `${waited} ms`);
    await half.ends(12000);
    assert.ok(await server.metric('sotto_http_timeouts_total') >= 1);
});

test('idle connections of one network are bounded, and go after a while', async () => {
    const begin = Date.now();
    const idle = Array.from({ length: 1000 }, () => server.connect());
    await sleep(1500);
    const open = idle.filter((raw) => !raw.ended).length;
    assert.ok(open <= 400 && open > 300, `${open} are open`);
    assert.ok(await server.metric('sotto_http_refused_total') >= 500);
    assert.equal((await server.admin('/livez')).status, 200);
    for (const raw of idle)
        await raw.ends(20000);
    assert.ok(Date.now() - begin < 16000);
    assert.equal((await server.fetch('/')).status, 200);
});

test('POST /meet/token serves this machine, checks the room and is rate-limited', async () => {
    const ask = (body = '{}', headers = {}) => server.fetch('/meet/token',
        { method: 'POST', body, headers });
    const first = await ask();
    assert.equal(first.status, 200);
    assert.equal(first.headers.get('access-control-allow-origin'), null);
    const { roomId, token } = await first.json();
    const payload = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
    assert.equal(payload.roomId, roomId);
    assert.deepEqual(payload.permissions, ['allow_join']);
    assert.equal(payload.exp - payload.iat, 3600);
    assert.equal((await (await ask(JSON.stringify({ roomId }))).json()).roomId, roomId);
    assert.equal((await ask('{"roomId":"abcd-efgh-ijkl"}')).status, 404);
    assert.equal((await ask('{"roomId":7}')).status, 400);
    assert.equal((await ask('[')).status, 400);
    const self = `http://127.0.0.1:${server.port}`;
    assert.equal((await ask('{}', { origin: self })).status, 200);
    assert.equal((await ask('{}', { origin: 'https://evil.example' })).status, 403);
    assert.equal((await ask('{}', { origin: 'null' })).status, 403);
    assert.equal((await ask('{}', { 'x-forwarded-for': '127.0.0.1' })).status, 403);
    const rebound = 'POST /meet/token HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 2\r\n\r\n{}';
    assert.equal(await statusOf(server, rebound), 403);
    // What nginx makes of a stranger's request when it is told no more than proxy_pass.
    const direct = `POST /meet/token HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n` +
        'Connection: close\r\nContent-Length: 2\r\n\r\n{}';
    assert.equal(await statusOf(server, direct), 200);
    assert.equal(await statusOf(server, direct.replace('HTTP/1.1', 'HTTP/1.0')), 403);
    for (const field of ['Forwarded: for=192.0.2.1', 'Via: 1.1 proxy', 'X-Real-IP: 192.0.2.1',
        'X-Forwarded-Host: a.example', 'X-Forwarded-Proto: https'])
        assert.equal(await statusOf(server, direct.replace('\r\n', `\r\n${field}\r\n`)), 403, field);
    let limited;
    for (let i = 0; i < 80 && limited?.status !== 429; i++) limited = await ask();
    assert.equal(limited.status, 429);
    assert.ok(Number(limited.headers.get('retry-after')) >= 1);
});

test('POST /meet/token is off where others can reach the server', async () => {
    const open = await Server.start({ environment: { SOTTO_LISTEN_ADDRESS: '0.0.0.0' } });
    assert.equal((await open.fetch('/meet/token', { method: 'POST' })).status, 403);
    await open.stop();
    const allowed = await Server.start({ environment: { SOTTO_LISTEN_ADDRESS: '0.0.0.0',
        SOTTO_MEET_TOKEN_ENABLED: 'on' } });
    assert.equal((await allowed.fetch('/meet/token', { method: 'POST' })).status, 200);
    await allowed.stop();
});

test('curl-like requests work: Expect, no body, old HTTP', async () => {
    const token = sign(claims());
    // It waits a second for a 100, which never comes, and then sends the body.
    const patient = server.connect().send(`POST /v2/rooms HTTP/1.1\r\nHost: a\r\n` +
        `Authorization: ${token}\r\nContent-Length: 19\r\nExpect: 100-continue\r\n\r\n`);
    await sleep(1000);
    assert.equal(patient.text, '');
    assert.match(await patient.send('{"e2ee":"required"}').ends(), /^HTTP\/1\.1 200[^]*"required"/);
    assert.equal(await statusOf(server,
        `POST /v2/rooms HTTP/1.1\r\nHost: a\r\nAuthorization: ${token}\r\n\r\n`), 200);
    const old = await server.connect().send(
        `GET / HTTP/1.0\r\nHost: a\r\n\r\n`).ends();
    assert.match(old, /^HTTP\/1\.1 200/);
    assert.match(old, /connection: close/i);
});

test('the log is JSON without tokens', () => {
    assert.ok(server.log.length > 0);
    for (const record of server.log) {
        assert.match(record.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, JSON.stringify(record));
        assert.ok(record.level && record.event);
    }
    const all = JSON.stringify(server.log);
    assert.ok(!all.includes(key.secret) && !all.includes('eyJ'));
});
