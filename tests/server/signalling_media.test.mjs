// Which addresses and ports of the media workers clients are told, and that these answer.
import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import dgram from 'node:dgram';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { makeRoom, Participant, startServer } from './signalling_client.mjs';

const COOKIE = Buffer.from([0x21, 0x12, 0xa4, 0x42]);
const BINDING_REQUEST = 0x0001, BINDING_SUCCESS = 0x0101;
const USERNAME = 0x0006, INTEGRITY = 0x0008, PRIORITY = 0x0024, CONTROLLING = 0x802a, PRINT = 0x8028;

function attribute(type, value) {
    const padded = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
    padded.writeUInt16BE(type);
    padded.writeUInt16BE(value.length, 2);
    value.copy(padded, 4);
    return padded;
}

// RFC 8489, sections 14.5 and 14.7: the length counts up to the attribute that is being made.
function extend(message, type, size, make) {
    message.writeUInt16BE(message.length - 20 + 4 + size, 2);
    return Buffer.concat([message, attribute(type, make(message))]);
}

// What a client checks a candidate with (RFC 8445, section 7.2.4).
function makeCheck({ usernameFragment, password }) {
    const head = Buffer.concat([Buffer.alloc(4), COOKIE, randomBytes(12)]);
    head.writeUInt16BE(BINDING_REQUEST);
    const check = Buffer.concat([head, attribute(USERNAME, Buffer.from(`${usernameFragment}:mine`)),
        attribute(PRIORITY, Buffer.from([0x6e, 0, 1, 0xff])), attribute(CONTROLLING, randomBytes(8))]);
    const signed = extend(check, INTEGRITY, 20,
        (message) => createHmac('sha1', password).update(message).digest());
    return extend(signed, PRINT, 4, (message) => {
        const value = Buffer.alloc(4);
        value.writeUInt32BE((crc32(message) ^ 0x5354554e) >>> 0);
        return value;
    });
}

// Whether a check of this transport is answered at that port.
async function answers(port, { iceParameters }) {
    const socket = dgram.createSocket('udp4');
    const check = makeCheck(iceParameters);
    let isAnswered = false;
    socket.on('message', (message) => {
        isAnswered ||= message.readUInt16BE() === BINDING_SUCCESS &&
            message.subarray(4, 20).equals(check.subarray(4, 20));
    });
    for (let i = 0; i < 10 && !isAnswered; i++) {
        socket.send(check, port, '127.0.0.1');
        await sleep(50);
    }
    socket.close();
    return isAnswered;
}

async function connect(participant, direction) {
    const value = Array(32).fill('AB').join(':');
    await participant.call('connect-transport', {
        transportId: participant.session[`${direction}Transport`].id,
        dtlsParameters: { role: 'client', fingerprints: [{ algorithm: 'sha-256', value }] } });
}

const portsOf = ({ iceCandidates }) => [...new Set(iceCandidates.map(({ port }) => port))];

test('rooms are spread over the workers, each with its port, and media comes in there', async () => {
    const server = await startServer({ SOTTO_MEDIA_WORKERS: '2' });
    const rooms = [await makeRoom(server), await makeRoom(server)];
    const people = [];
    for (const room of rooms)
        people.push(await Participant.join(server, room), await Participant.join(server, room));
    const ports = [];
    for (const person of people) {
        const { sendTransport, recvTransport } = person.session;
        assert.deepEqual(portsOf(sendTransport), portsOf(recvTransport));
        assert.equal(portsOf(sendTransport).length, 1);
        ports.push(...portsOf(sendTransport));
        await connect(person, 'send');
        await connect(person, 'recv');
    }
    // Who meets is on one worker.
    assert.deepEqual([ports[0], ports[2]], [ports[1], ports[3]]);
    assert.notEqual(ports[0], ports[2]);
    for (const [i, { session: { sendTransport, recvTransport } }] of people.entries()) {
        assert.equal(await answers(ports[i], sendTransport), true);
        assert.equal(await answers(ports[i], recvTransport), true);
        assert.equal(await answers(ports[(i + 2) % 4], sendTransport), false);
    }
    await Promise.all(people.map((person) => person.leave()));
    assert.equal(await server.stop(), 0);
});

for (const announced of ['203.0.113.10', '2001:db8::10']) {
    test(`candidates begin with the announced address ${announced} and end with 127.0.0.1`, async () => {
        const server = await startServer({ SOTTO_MEDIA_ANNOUNCED_ADDRESS: announced });
        const alice = await Participant.join(server, await makeRoom(server));
        for (const { iceCandidates } of [alice.session.sendTransport, alice.session.recvTransport]) {
            const addresses = iceCandidates.map(({ address }) => address);
            assert.equal(addresses[0], announced);
            assert.equal(addresses.at(-1), '127.0.0.1');
            assert.equal(new Set(addresses).size, addresses.length);
        }
        await alice.leave();
        assert.equal(await server.stop(), 0);
    });
}

test('127.0.0.1 is among the candidates when nothing is announced', async () => {
    const server = await startServer();
    const alice = await Participant.join(server, await makeRoom(server));
    const { iceCandidates } = alice.session.sendTransport;
    assert.equal(iceCandidates.at(-1).address, '127.0.0.1');
    await alice.leave();
    assert.equal(await server.stop(), 0);
});
