// docs/operating.md: its commands run as they stand there, and its tables say what the server does.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Server, programs, run } from './server.mjs';

const page = readFileSync(join(import.meta.dirname, '../../docs/operating.md'), 'utf8');

let server;
before(async () => { server = await Server.start(); });
after(async () => assert.equal(await server.stop(), 0));

// The blocks of a kind between one heading and the next.
function blocks(heading, kind) {
    const [, rest] = page.split(`\n## ${heading}\n`);
    const [section] = rest.split('\n## ');
    return [...section.matchAll(new RegExp(`\`\`\`${kind}\n([^]*?)\`\`\``, 'g'))].map(([, code]) => code);
}

// In Debian's plain shell, with nothing changed but where the server and its data are.
async function shell(code) {
    const here = code.replaceAll('~/.local/share/sotto', server.data)
        .replaceAll('http://localhost:7880', `http://127.0.0.1:${server.port}`);
    const { status, out, error } = await run('/bin/sh', ['-euc', here]);
    assert.equal(status, 0, error);
    return out;
}

const [signer, commands] = blocks('Rooms and tokens over REST', 'sh');
const sign = () => shell(`${signer}printf %s "$TOKEN"`);

test('the signer makes tokens that REST takes, and the commands work with them', async () => {
    assert.match(signer, /openssl/);
    const token = await sign();
    const payload = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
    assert.deepEqual(payload.permissions, ['allow_join', 'allow_mod']);
    assert.equal(payload.exp - payload.iat, 3600);
    const answer = await server.fetch('/v2/rooms', { headers: { authorization: token } });
    assert.equal(answer.status, 200);

    const [create, validate, ...none] = commands.trimEnd().split('\n');
    assert.deepEqual(none, []);
    const silent = (command) => command.replace('curl', 'curl --silent');
    const room = JSON.parse(await shell(`${signer}${silent(create)}`));
    assert.equal(room.e2ee, 'required');
    const found = await shell(
        signer + silent(validate).replace(/[a-z0-9]{4}(-[a-z0-9]{4}){2}/, room.roomId));
    assert.deepEqual(JSON.parse(found), room);
});

test('every call of the table exists', async () => {
    const calls = [...page.matchAll(/^\| `(GET|POST) (\/\S+)` \|/gm)].map(([, ...call]) => call);
    assert.equal(calls.length, 6);
    const headers = { authorization: await sign() };
    const made = await server.fetch('/v2/rooms', { method: 'POST', headers });
    const { roomId } = await made.json();
    for (const [method, path] of calls) {
        const body = path.endsWith('deactivate') ? JSON.stringify({ roomId }) : undefined;
        const answer = await server.fetch(path.replace(':roomId', roomId), { method, headers, body });
        assert.equal(answer.status, 200, `${method} ${path}`);
    }
});

test('every limit is on the page with its default, and no other', async () => {
    const { out } = await run(programs.sottod, ['--print-config']);
    const printed = [...out.match(/^limits:\n((?: {2}.*\n)*)/m)[1].matchAll(/^ {2}(\w+): (\d+)$/gm)]
        .map(([, name, value]) => [`limits.${name}`, value]);
    const told = [...page.matchAll(/^\| `(limits\.\w+)` \| (\d+) \|/gm)].map(([, ...row]) => row);
    assert.ok(printed.length > 5);
    assert.deepEqual(told.sort(), printed.sort());
});
