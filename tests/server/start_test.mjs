// How sottod starts, refuses to start, and stops: command line, configuration, files, certificates.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import dgram from 'node:dgram';
import { chmodSync, existsSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync }
    from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import tls from 'node:tls';
import { Server, makeCertificate, makeFolder, programs, run, statusOf } from './server.mjs';

const folder = makeFolder();
after(() => rmSync(folder, { recursive: true, force: true }));
const data = join(folder, 'data');
const sottod = (args, environment) => run(programs.sottod, args, { SOTTO_DATA: data, ...environment });

function file(name, content) {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
}

// One line on standard error that begins with "sottod: " and matches; status 1.
function assertFault(result, pattern) {
    assert.equal(result.status, 1, result.error);
    assert.match(result.error, /^sottod: [^\n]+\n$/);
    assert.match(result.error, pattern);
    assert.doesNotMatch(result.error, /\bat 0x|Sanitizer/);
}

async function holdUdp() {
    const socket = dgram.createSocket('udp4');
    await new Promise((resolve) => { socket.bind(0, '127.0.0.1', resolve); });
    return socket;
}

function listenOn(port = 0) {
    return new Promise((resolve) => {
        const listener = net.createServer().listen(port, '127.0.0.1', () => resolve(listener));
    });
}

test('--version and --help answer, and what is not known is refused', async () => {
    assert.match((await sottod(['--version'])).out, /^sottod \d+\.\d+\.\d+\n$/);
    const help = await sottod(['--help']);
    assert.equal(help.status, 0);
    assert.match(help.out, /SOTTO_LISTEN_PORT/);
    assertFault(await sottod(['--verbose']), /--verbose/);
    assertFault(await sottod(['start']), /start/);
    assertFault(await sottod(['--config']), /--config/);
});

test('file, environment and command line override each other in this order', async () => {
    const config = file('order.yaml',
        'listen:\n  port: 1001\n  address: "::1"\nlimits: {rooms: 7}\ndata: /from/file\n' +
        'meet_token:\n  enabled: "on"\nallowed_origins: https://a.example\n');
    const print = async (args, environment) =>
        (await run(programs.sottod, ['--print-config', ...args], environment)).out;
    const plain = await print([], {});
    assert.match(plain, /^listen:\n  address: "127\.0\.0\.1"\n  port: 0$/m);
    assert.match(plain, /^  rooms: 100000$/m);
    const fromFile = await print(['--config', config], { SOTTO_LISTEN_PORT: '1001' });
    assert.match(fromFile, /^  address: "::1"\n  port: 1001$/m);
    assert.match(fromFile, /^  rooms: 7$/m);
    assert.match(fromFile, /^  enabled: on$/m);
    assert.match(fromFile, /^data: "\/from\/file"$/m);
    const all = await print(['--data', '/from/args'], { SOTTO_CONFIG: config,
        SOTTO_LIMITS_ROOMS: '8', SOTTO_DATA: '/from/environment', SOTTO_LISTEN_PORT: '9' });
    assert.match(all, /^  rooms: 8$/m);
    assert.match(all, /^  port: 9$/m);
    assert.match(all, /^data: "\/from\/args"$/m);
    const again = await print(['--config', file('printed.yaml', all)],
        { SOTTO_LISTEN_PORT: '9' });
    assert.equal(again, all.replace('/from/environment', '/from/args'));
});

test('a configuration that is not right is refused with key, reason and line', async () => {
    const config = (content) => ['--check', '--config', file('bad.yaml', content)];
    assertFault(await sottod(config('listen:\n  port: 1\n  prot: 2\n')), /line 3: .*prot/);
    assertFault(await sottod(config('lisen: {}\n')), /line 1: .*lisen/);
    assertFault(await sottod(config('listen: 7880\n')), /bad\.yaml/);
    assertFault(await sottod(config('listen:\n  port: many\n')), /listen\.port: must be a number/);
    assertFault(await sottod(config('admin:\n  port: 70000\n')), /admin\.port: .*65535/);
    assertFault(await sottod(config('log:\n  level: loud\n')), /log\.level: .*error, warn/);
    assertFault(await sottod(config('listen:\n  address: localhost\n')), /listen\.address: .*IPv4/);
    assertFault(await sottod(config('a: [\n')), /bad\.yaml/);
    assertFault(await sottod(['--config', join(folder, 'missing.yaml')]), /missing\.yaml/);
    assertFault(await sottod(['--config', folder]), /:/);
    assertFault(await sottod(['--check'], { SOTTO_LISTEN_PROT: '1' }), /SOTTO_LISTEN_PROT/);
    assertFault(await sottod(['--check'], { SOTTO_LISTEN_PORT: 'x' }), /listen\.port.*SOTTO_LISTEN_PORT/);
    assertFault(await sottod(['--check'], { SOTTO_LISTEN_PORT: '' }), /listen\.port/);
    assertFault(await sottod(['--check'], { SOTTO_DATA: 'x'.repeat(600) }), /data: longer/);
});

test('--check finds every fault at once and makes nothing', async () => {
    const listener = await listenOn();
    const { port } = listener.address();
    const nowhere = join(folder, 'nowhere');
    const result = await sottod(['--check'], { SOTTO_LISTEN_PORT: `${port}`, SOTTO_DATA: nowhere,
        SOTTO_ADMIN_ADDRESS: '192.0.2.1', SOTTO_WEB_ROOT: join(folder, 'no-web'),
        SOTTO_TLS_CERTIFICATE: join(folder, 'no.crt'), SOTTO_TLS_KEY: join(folder, 'no.key') });
    listener.close();
    assert.equal(result.status, 1);
    const lines = result.error.trimEnd().split('\n');
    assert.equal(lines.length, 4, result.error);
    assert.match(result.error, new RegExp(`listen\\.port: 127\\.0\\.0\\.1 port ${port} is in use`));
    assert.match(result.error, /admin\.address: 192\.0\.2\.1/);
    assert.match(result.error, /web_root: .*no-web/);
    assert.match(result.error, /tls\.certificate: .*no\.crt/);
    assert.equal(existsSync(nowhere), false);
    assert.equal((await sottod(['--check'])).status, 0);
});

test('a port in use, equal ports and folders that cannot be are one line each', async () => {
    const listener = await listenOn();
    const port = `${listener.address().port}`;
    assertFault(await sottod([], { SOTTO_LISTEN_PORT: port }), /listen\.port: .*in use; stop/);
    assertFault(await sottod([], { SOTTO_ADMIN_PORT: port }), /admin\.port: .*in use/);
    listener.close();
    assertFault(await sottod([], { SOTTO_LISTEN_PORT: '7999', SOTTO_ADMIN_PORT: '7999' }),
        /admin\.port: the same/);
    assertFault(await sottod([], { SOTTO_WEB_ROOT: join(folder, 'no-web') }), /web_root: /);
    assertFault(await sottod([], { SOTTO_DATA: file('plain', '') }), /data: .*plain/);
    assertFault(await sottod([], { SOTTO_DATA: '/proc/sotto' }), /data: \/proc\/sotto/);
});

test('the start and --check say the same of the media ports', async () => {
    const both = async (environment, pattern) => {
        for (const args of [['--check'], []])
            assertFault(await sottod(args, environment), pattern);
    };
    // Workers take every address, so one that is in use anywhere counts, whatever listen.address is.
    const held = await holdUdp();
    const { port } = held.address();
    const inUse = new RegExp(`media\\.port: UDP port ${port} is in use; stop what uses it`);
    await both({ SOTTO_MEDIA_PORT: `${port}`, SOTTO_MEDIA_WORKERS: '1' }, inUse);
    await both({ SOTTO_MEDIA_PORT: `${port - 1}`, SOTTO_MEDIA_WORKERS: '2' }, inUse);
    await both({ SOTTO_MEDIA_PORT: `${port}`, SOTTO_MEDIA_WORKERS: '1',
        SOTTO_LISTEN_ADDRESS: '::1' }, inUse);
    held.close();
    await both({ SOTTO_MEDIA_PORT: '65473', SOTTO_MEDIA_WORKERS: '64' },
        /media\.port: 65473: each of the 64 workers takes a port/);
    await both({ SOTTO_MEDIA_WORKERS: '65' }, /media\.workers: must be a number from 0 to 64/);
});

test('TCP on a media port is nobody\'s concern', async () => {
    const listener = await listenOn();
    const environment = { SOTTO_MEDIA_PORT: `${listener.address().port}`, SOTTO_MEDIA_WORKERS: '1' };
    const checked = await sottod(['--check'], environment);
    assert.equal(checked.status, 0, checked.error);
    const server = await Server.start({ folder, data: join(folder, 'tcp'), environment });
    assert.equal(await server.stop(), 0);
    listener.close();
});

test('certificates that do not fit are refused by name', async () => {
    const good = makeCertificate(folder, 'good');
    const other = makeCertificate(folder, 'other');
    const ask = (certificate, key) => sottod([],
        { SOTTO_TLS_CERTIFICATE: certificate, SOTTO_TLS_KEY: key });
    assertFault(await ask(good.certificate, other.key), /tls\.key: .*other\.key/);
    assertFault(await ask(file('garbage.crt', 'no PEM'), good.key), /tls\.certificate: .*garbage/);
    assertFault(await ask(good.certificate, file('garbage.key', 'no PEM')), /tls\.key: .*garbage/);
    assertFault(await ask(good.certificate, ''), /tls\.key: missing/);
    assertFault(await ask('', good.key), /tls\.certificate: missing/);
    const expired = join(folder, 'expired.crt');
    const request = join(folder, 'expired.csr');
    execFileSync('openssl', ['req', '-new', '-key', good.key, '-out', request, '-subj', '/CN=a']);
    execFileSync('openssl', ['x509', '-req', '-in', request, '-signkey', good.key, '-out', expired,
        '-days', '-1'], { stdio: 'ignore' });
    assertFault(await ask(expired, good.key), /tls\.certificate: .*expired/);
});

test('TLS is version 1.2 or later and speaks http/1.1 alone', async () => {
    const { certificate, key } = makeCertificate(folder, 'localhost');
    const server = await Server.start({ folder, data: join(folder, 'tls'),
        environment: { SOTTO_TLS_CERTIFICATE: certificate, SOTTO_TLS_KEY: key } });
    const shake = (options) => new Promise((resolve) => {
        const socket = tls.connect({ port: server.port, host: '127.0.0.1',
            rejectUnauthorized: false, ...options });
        socket.on('secureConnect', () => {
            resolve([socket.alpnProtocol, socket.getProtocol()]);
            socket.destroy();
        });
        socket.on('error', () => resolve(null));
    });
    assert.deepEqual(await shake({ ALPNProtocols: ['h2', 'http/1.1'] }), ['http/1.1', 'TLSv1.3']);
    assert.deepEqual(await shake({ ALPNProtocols: ['http/1.1'], maxVersion: 'TLSv1.2' }),
        ['http/1.1', 'TLSv1.2']);
    assert.notEqual((await shake({ ALPNProtocols: ['h2'] }))?.[0], 'h2');
    assert.equal(await shake({ maxVersion: 'TLSv1.1', minVersion: 'TLSv1',
        ciphers: 'DEFAULT@SECLEVEL=0' }), null);
    assert.equal(await statusOf(server, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', { secure: true }), 404);
    const wide = `GET / HTTP/1.1\r\nHost: a\r\nX-Padding: ${'x'.repeat(30000)}\r\n\r\n`;
    assert.equal(await statusOf(server, wide, { secure: true }), 431);
    const plain = await server.connect().send('GET / HTTP/1.1\r\nHost: a\r\n\r\n').ends();
    assert.doesNotMatch(plain, /200/);
    const rss = Number(readFileSync(`/proc/${server.child.pid}/status`, 'utf8')
        .match(/VmRSS:\s+(\d+)/)[1]);
    console.log(`# VmRSS with TLS, idle: ${rss} KiB`);

    const before = await fingerprint(server);
    makeCertificate(folder, 'localhost');
    server.child.kill('SIGHUP');
    await server.logs('certificate-reloaded');
    assert.notEqual(await fingerprint(server), before);
    writeFileSync(certificate, 'broken');
    server.child.kill('SIGHUP');
    await server.logs('certificate-not-reloaded');
    assert.ok(await fingerprint(server));
    assert.equal(await server.stop(), 0);
});

function fingerprint(server) {
    return new Promise((resolve, reject) => {
        const socket = tls.connect({ port: server.port, host: '127.0.0.1',
            rejectUnauthorized: false });
        socket.on('secureConnect', () => {
            resolve(socket.getPeerCertificate().fingerprint256);
            socket.destroy();
        });
        socket.on('error', reject);
    });
}

test('files are readable by their owner alone, whatever the umask', async () => {
    const place = join(folder, 'deep', 'er');
    const before = process.umask(0);
    const server = await Server.start({ folder, data: place });
    process.umask(before);
    await server.fetch('/meet/token', { method: 'POST' });
    assert.equal(statSync(place).mode & 0o777, 0o700);
    for (const name of ['credentials.json', 'sotto.db', 'sotto.db-wal', 'sotto.db-shm'])
        assert.equal(statSync(join(place, name)).mode & 0o777, 0o600, name);
    const { apiKey, secret } = server.credentials;
    assert.ok(apiKey.length >= 16 && secret.length >= 43);
    assert.equal(readFileSync(`/proc/${server.child.pid}/limits`, 'utf8')
        .match(/Max core file size\s+(\d+)/)[1], '0');
    await server.stop();
});

test('credentials that others can read, or that are not any, are refused', async () => {
    const place = join(folder, 'deep', 'er');
    const path = join(place, 'credentials.json');
    const content = readFileSync(path);
    const start = () => sottod([], { SOTTO_DATA: place });
    chmodSync(path, 0o644);
    assertFault(await start(), /credentials\.json: others may read it \(mode 0644\); run chmod 600/);
    assertFault(await sottod(['--check'], { SOTTO_DATA: place }), /credentials\.json: others/);
    chmodSync(path, 0o600);
    for (const bad of ['', '{', '{}', '{"apiKey":"k","secret":7}', '[]'])
        writeFileSync(path, bad), assertFault(await start(), /not an object with apiKey and secret/);
    writeFileSync(path, '{"apiKey":"k","secret":"short"}');
    assertFault(await start(), /shorter than 32 bytes/);
    rmSync(path);
    symlinkSync('/etc/passwd', path);
    assertFault(await start(), /credentials\.json/);
    rmSync(path);
    writeFileSync(path, content, { mode: 0o600 });
});

test('rooms and credentials outlive a restart, and a crash', async () => {
    const place = join(folder, 'kept');
    let server = await Server.start({ folder, data: place });
    const { roomId } = await (await server.fetch('/meet/token', { method: 'POST' })).json();
    const { secret } = server.credentials;
    assert.equal(await server.stop('SIGKILL'), 'SIGKILL');
    for (let i = 0; i < 2; i++) {
        server = await Server.start({ folder, data: place });
        assert.equal(server.credentials.secret, secret);
        const again = await server.fetch('/meet/token',
            { method: 'POST', body: JSON.stringify({ roomId }) });
        assert.equal((await again.json()).roomId, roomId);
        assert.equal(await server.stop(), 0);
    }
});

test('two servers do not share a data folder, and a broken store is named', async () => {
    const place = join(folder, 'shared');
    const server = await Server.start({ folder, data: place });
    assertFault(await sottod([], { SOTTO_DATA: place }), /data: .*another sottod/);
    await server.stop();
    writeFileSync(join(place, 'sotto.db'), 'this is no database, but it is long enough to be one');
    assertFault(await sottod([], { SOTTO_DATA: place }), /sotto\.db: .*restore or remove/);
});

test('a store of a newer server is left alone', async () => {
    const place = join(folder, 'newer');
    await (await Server.start({ folder, data: place })).stop();
    const path = join(place, 'sotto.db');
    const bytes = readFileSync(path);
    bytes.writeUInt32BE(99, 60); // user_version, as SQLite's file format has it
    writeFileSync(path, bytes);
    assertFault(await sottod([], { SOTTO_DATA: place }), /newer sottod/);
});

test('SIGTERM right after the start ends with 0, half a request notwithstanding', async () => {
    const server = await Server.start({ folder, data: join(folder, 'stop') });
    const waiting = server.connect().send('GET /v2 HTTP/1.1\r\n');
    const begin = Date.now();
    assert.equal(await server.stop(), 0);
    assert.ok(Date.now() - begin < 3000);
    waiting.close();
});
