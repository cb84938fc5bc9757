// What the signalling refuses, and that nobody else is disturbed by whoever tries: throughout this
// file two witnesses talk to each other, and at its end they must have missed nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { challenge, Connection, example, makeRoom, now, Participant, sealed, sign, startServer }
    from './signalling_client.mjs';
import { Client } from './websocket_client.mjs';

let server, roomId, talk;

class Talk {
    static async start() {
        const talk = new Talk();
        const room = await makeRoom(server);
        talk.from = await Participant.join(server, room, { participantId: 'from' });
        talk.to = await Participant.join(server, room, { participantId: 'to' });
        talk.count = talk.slowestMs = 0;
        talk.running = talk.run();
        return talk;
    }

    async run() {
        while (!this.isOver) {
            const begin = Date.now();
            this.count++;
            await this.from.call('message', { to: 'to', type: 'count', payload: `${this.count}` });
            this.slowestMs = Math.max(this.slowestMs, Date.now() - begin);
            await sleep(40);
        }
    }

    async stop() {
        this.isOver = true;
        await this.running;
        await this.to.settle();
        const heard = this.to.messages.filter(({ event }) => event === 'message')
            .map(({ data }) => Number(data.payload));
        assert.deepEqual(heard, Array.from({ length: this.count }, (_, i) => i + 1));
        assert.equal(this.from.connection.closeCode ?? this.to.connection.closeCode, undefined);
        console.log(`# ${this.count} messages, the slowest took ${this.slowestMs} ms`);
        assert.ok(this.slowestMs < 1000, `${this.slowestMs} ms`);
    }
}

before(async () => {
    server = await startServer();
    roomId = await makeRoom(server);
    talk = await Talk.start();
});
after(async () => {
    await talk.stop();
    assert.equal(await server.stop(), 0);
});

const good = (more = {}) => ({ token: sign(server), roomId, participantId: 'mallory',
    challenge: challenge(), ...more });

// The error of a refused join; the connection ends.
async function refusal(data) {
    const connection = await Connection.open(server);
    connection.send({ id: 1, method: 'join', data });
    const { error, id, seq } = await connection.find(() => true, JSON.stringify(data));
    assert.ok(error, `accepted: ${JSON.stringify(data).slice(0, 300)}`);
    assert.deepEqual([id, seq], [1, undefined]);
    assert.equal(await connection.code(), 1000);
    return error;
}

test('tokens that are not right are refused with their code', async () => {
    const other = await makeRoom(server);
    const [head, payload, signature] = sign(server).split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const table = [
        [4002, 'INVALID_TOKEN', undefined],
        [4002, 'INVALID_TOKEN', ''],
        [4002, 'INVALID_TOKEN', 7],
        [4002, 'INVALID_TOKEN', 'garbage'],
        [4002, 'INVALID_TOKEN', `Bearer ${sign(server)}`],
        [4002, 'INVALID_TOKEN', `${none}.${payload}.`],
        [4002, 'INVALID_TOKEN', `${none}.${payload}.${signature}`],
        [4002, 'INVALID_TOKEN', `${head}.${payload}.${signature.slice(1)}`],
        [4002, 'INVALID_TOKEN', sign(server, {}, { secret: 'x'.repeat(43) })],
        [4002, 'INVALID_TOKEN', sign(server, { exp: now() - 1 })],
        [4002, 'INVALID_TOKEN', sign(server, { exp: undefined })],
        [4002, 'INVALID_TOKEN', sign(server, { nbf: now() + 600 })],
        [4001, 'INVALID_API_KEY', sign(server, { apikey: 'another' })],
        [4008, 'INVALID_PERMISSIONS', sign(server, { permissions: [] })],
        [4008, 'INVALID_PERMISSIONS', sign(server, { permissions: ['allow_mod'] })],
        [4008, 'INVALID_PERMISSIONS', sign(server, { permissions: ['ask_join'] })],
        [4022, 'UNAUTHORIZED_MEETING_ID', sign(server, { version: 2, roomId: other })],
        [4023, 'UNAUTHORIZED_PARTCIPANT_ID', sign(server, { version: 2, participantId: 'alice' })],
        [4024, 'UNAUTHORIZED_ROLE', sign(server, { version: 2, roles: ['crawler'] })],
    ];
    for (const [code, name, token] of table) {
        const error = await refusal(good({ token }));
        assert.deepEqual([error.code, error.name], [code, name], String(token));
        assert.ok(!error.message.includes(payload.slice(0, 16)) && !/header/.test(error.message));
    }
    const scoped = { version: 2, roomId, participantId: 'mallory', roles: ['rtc'] };
    const mallory = await Participant.join(server, roomId,
        { participantId: 'mallory', claims: scoped });
    await mallory.leave();
    // Who may not enter a room does not learn whether it exists.
    const elsewhere = await refusal(good({ roomId: 'abcd-efgh-ijkl',
        token: sign(server, { version: 2, roomId }) }));
    assert.equal(elsewhere.code, 4022);
});

const tooLarge = { list: Array(1200).fill('metadata') };
const deep = (depth) => depth === 0 ? {} : { deeper: deep(depth - 1) };

test('fields of a join that are not right are refused by name', async () => {
    const table = [
        [3073, 'roomId', [undefined, null, 7, [], {}]],
        [4003, 'no such room', ['', 'abcd-efgh-ijkl', 'x'.repeat(500), "' or 1=1 --", 'ABCD']],
        [3073, 'participantId', [undefined, null, 7, ['alice']]],
        [4004, 'participantId', ['', 'x'.repeat(65), 'ä'.repeat(33), 'a\nb', 'a\x7fb', '\x1b[2J',
            'a\u0085b', '\x01']],
        [3073, 'displayName', [7, {}, true, 'x'.repeat(257), 'ä'.repeat(129), 'a\nb', '\x1b[31m',
            '\u009b31m']],
        [3073, 'mode', [7, '', 'send_and_recv', 'ADMIN', ['RECV_ONLY']]],
        [3073, 'metaData', [7, 'text', [], true, tooLarge]],
        [3073, 'challenge', [undefined, null, 7, '', challenge().slice(1), `${challenge()}A`,
            `${challenge()}==`, '+'.repeat(22), 'B'.repeat(22)]],
        [3073, 'e2ee', ['required', 7, {}, [], { policy: 'always' }, { policy: 7 },
            { policy: null }]],
    ];
    for (const [code, pattern, values] of table) {
        const field = pattern === 'no such room' ? 'roomId' : pattern;
        for (const value of values) {
            const error = await refusal(good({ [field]: value }));
            const text = `${field}: ${JSON.stringify(value)?.slice(0, 80)}`;
            assert.equal(error.code, code, text);
            assert.match(error.message, new RegExp(pattern), text);
        }
    }
});

test('odd but harmless values are passed on as they are', async () => {
    const witness = await Participant.join(server, roomId);
    for (const participantId of ['x'.repeat(64), 'ä'.repeat(32), '🎈', ' ', '../../etc/passwd',
        '"\\', '<script>alert(1)</script>', '__proto__', '%s%n', "'; drop table rooms; --",
        '{}', '0']) {
        const own = { participantId, displayName: participantId.repeat(2), mode: null,
            metaData: deep(10), e2ee: { policy: 'preferred', more: 1 }, unknown: [{}] };
        const odd = await Participant.join(server, roomId, own);
        assert.equal(odd.session.participantId, participantId);
        const seen = await witness.next('participant-joined');
        assert.deepEqual([seen.participantId, seen.displayName, seen.metaData, seen.mode],
            [participantId, own.displayName, own.metaData, 'SEND_AND_RECV']);
        await odd.leave();
        assert.equal((await witness.next('participant-left')).participantId, participantId);
    }
    await witness.leave();
});

async function codeAfter(text, join) {
    const connection = await Connection.open(server);
    if (join) {
        connection.send({ id: 1, method: 'join', data: good() });
        await connection.find(({ id }) => id === 1);
    }
    connection.send(text);
    const code = await connection.code();
    if (join) assert.equal(connection.messages.length, 1, text.slice(0, 80));
    return code;
}

test('what is no request ends the connection with 1002', async () => {
    const garbage = ['', '{', 'null', '[]', '7', '"text"', '{}', '{"id":1}{}', 'x'.repeat(1000),
        '{"id":"2","method":"leave"}', '{"id":2.0,"method":"leave"}', '{"id":null,"method":"x"}',
        '{"id":99999999999999999999,"method":"leave"}', '{"id":2,"id":2,"method":"leave"}',
        '{"id":2,"method":"leave","data":{"a":"\\ud800"}}',
        '{"id":2,"method":"leave","data":{"a":"\\u0000"}}', '[['.repeat(5000),
        `{"id":2,"method":"leave","data":${'{"a":'.repeat(40)}1${'}'.repeat(40)}}`];
    for (const text of garbage) {
        assert.equal(await codeAfter(text, true), 1002, text.slice(0, 80));
        assert.equal(await codeAfter(text, false), 1002, text.slice(0, 80));
    }
    for (const id of [0, -1, 3, 2 ** 53])
        assert.equal(await codeAfter(`{"id":${id},"method":"message"}`, true), 1002, `${id}`);
});

test('the first message is join or resume', async () => {
    for (const [id, method] of [[2, 'join'], [0, 'join'], [-1, 'join'], [1, 'resume'], [1, 'leave'],
        [1, 'end'], [1, 'produce'], [1, 'Join'], [1, 'join '], [1, 7]])
        assert.equal(await codeAfter(JSON.stringify({ id, method, data: good() }), false), 1002,
            `${id} ${method}`);
    assert.equal(await codeAfter('{"id":1,"method":"join","data":[]}', false), 1000);
    assert.equal(await codeAfter('{"id":1,"method":"join"}', false), 1000);
    assert.equal(await codeAfter('{"id":0,"method":"resume"}', false), 1000);
});

test('messages that are too large or no UTF-8 end the connection', async () => {
    const closing = async (join, payload) => {
        const client = await Client.open(server);
        if (join) {
            client.send(JSON.stringify({ id: 1, method: 'join', data: good() }));
            assert.match(await client.nextText(), /"sessionId"/);
        }
        client.send(payload);
        return client.closeCode();
    };
    const request = (size) => JSON.stringify({ id: 2, method: 'message', data: {} }).padEnd(size);
    assert.equal(await closing(false, Buffer.alloc(32769, ' ')), 1009);
    assert.equal(await closing(true, request(262145)), 1009);
    assert.equal(await closing(true, Buffer.from([0x7b, 0xff, 0xfe, 0x7d])), 1007);
    const client = await Client.open(server);
    client.send(JSON.stringify({ id: 1, method: 'join', data: good() }).padEnd(32768));
    assert.match(await client.nextText(), /"sessionId"/);
    client.send(request(262144));
    assert.match(await client.nextText(), /"code":3073/);
    client.raw.close();
});

test('fields of a request that are not right are refused by name', async () => {
    const alice = await Participant.join(server, roomId, { participantId: 'alice' });
    const transportId = alice.session.sendTransport.id;
    const { kind, rtpParameters } = example('produce-event.audio-opus.chromium156');
    const produce = { transportId, kind, rtpParameters, source: 'microphone' };
    const [codec] = rtpParameters.codecs;
    const fingerprints = (value) => ({ transportId, dtlsParameters: { fingerprints: value } });
    const ids = [undefined, null, 7, '', '0', '-1', '1x', 'x'.repeat(24), {},
        '18446744073709551616'];
    const without = (name) => ({ ...rtpParameters, [name]: undefined });
    const table = [
        ['ready', /^rtpCapabilities/, [{}, { rtpCapabilities: 7 }, { rtpCapabilities: {
            codecs: 'all' } }, { rtpCapabilities: { codecs: [{ mimeType: 7 }] } }]],
        ['connect-transport', /^transportId/, ids.map((id) => ({ transportId: id }))],
        ['connect-transport', /^dtlsParameters/, [{ transportId }, fingerprints([]),
            fingerprints('x'), fingerprints([7]),
            fingerprints([{ algorithm: 'sha-1', value: 'AB' }]),
            fingerprints([{ algorithm: 'sha-256', value: 'AB:CD' }])]],
        ['restart-ice', /^transportId/, ids.map((id) => ({ transportId: id }))],
        ['produce', /^transportId/, [...ids, alice.session.recvTransport.id]
            .map((id) => ({ ...produce, transportId: id }))],
        ['produce', /^kind/, [undefined, 7, '', 'data', 'AUDIO'].map((value) => ({ ...produce,
            kind: value }))],
        ['produce', /^source/, [undefined, 7, '', 'camera', 'toaster'].map((value) => ({ ...produce,
            source: value }))],
        ['produce', /^paused/, [1, 'yes', {}].map((paused) => ({ ...produce, paused }))],
        ['produce', /^encryption/, [7, 'sotto', {}, [], true, { format: 'sotto' },
            { ...sealed(), format: 'jitsi' }, { ...sealed(), streamId: 7 },
            { format: 'sotto', streamId: `${challenge()}=` }]
            .map((encryption) => ({ ...produce, encryption }))],
        ['produce', /^rtpParameters/, [undefined, null, 7, [], {}, without('codecs'),
            { ...rtpParameters, codecs: [] }, { ...rtpParameters, codecs: [{}] },
            { ...rtpParameters, codecs: [codec, codec, codec, codec, codec] },
            { ...rtpParameters, codecs: [{ ...codec, payloadType: 128 }] },
            { ...rtpParameters, codecs: [{ ...codec, mimeType: 'audio/opus\r\na=x' }] },
            { ...rtpParameters, encodings: [] }, { ...rtpParameters, encodings: [{}] },
            { ...rtpParameters, encodings: [{ ssrc: 0 }] },
            { ...rtpParameters, encodings: [{ ssrc: 5, rtx: { ssrc: 5 } }] },
            { ...rtpParameters, encodings: [{ ssrc: 2 ** 32 }] },
            { ...rtpParameters, mid: 'x'.repeat(17) }]
            .map((value) => ({ ...produce, rtpParameters: value }))],
        ['close-producer', /^producerId/, ids.map((id) => ({ producerId: id }))],
        ['pause-producer', /^producerId/, ids.map((id) => ({ producerId: id }))],
        ['resume-producer', /^producerId/, ids.map((id) => ({ producerId: id }))],
        ['close-consumer', /^consumerId/, [undefined, null, 7, '', 'x'.repeat(24)]
            .map((id) => ({ consumerId: id }))],
        ['message', /^type/, [undefined, 7, '', 'x'.repeat(33), 'a\nb']
            .map((type) => ({ type, payload: 'x' }))],
        ['message', /^payload/, [undefined, 7, {}, '', 'x'.repeat(16385)]
            .map((payload) => ({ type: 'chat', payload }))],
        ['message', /^to/, ['', 'nobody', 7, {}, ['alice']]
            .map((to) => ({ type: 'chat', payload: 'x', to }))],
        ['join', /^method/, [good()]], ['resume', /^method/, [{}]], ['', /^method/, [{}]],
        ['__proto__', /^method/, [{}]], [7, /^method/, [{}]], [undefined, /^method/, [{}]],
        ['leave', /^data/, [[], 7, 'x', true]], ['message', /^type/, [undefined, null]],
    ];
    for (const [method, pattern, values] of table) {
        for (const data of values) {
            const { error } = await alice.ask(method, data);
            const text = `${method} ${JSON.stringify(data)?.slice(0, 200)}`;
            assert.equal(error?.code, 3073, `${text}: ${error?.message}`);
            assert.match(error.message, pattern, text);
            await sleep(15); // below the rate limit
        }
    }
    await alice.ready();
    assert.equal(await alice.refused('ready', {}, /^ready/), 3073);
    await alice.leave();
});

test('what belongs to others cannot be touched', async () => {
    const room = await makeRoom(server);
    const alice = await Participant.join(server, room, { participantId: 'alice' });
    const bob = await Participant.join(server, room, { participantId: 'bob' });
    await alice.next('participant-joined');
    const { data: { id } } = await alice.produce('audio-opus.chromium156', 'microphone');
    await bob.ready();
    await bob.next('producer-added');
    const { consumerId } = await bob.next('consumer-added');
    const mallory = await Participant.join(server, room, { participantId: 'mallory' });
    const outside = await Participant.join(server, roomId, { participantId: 'outside' });
    const { sendTransport, recvTransport } = alice.session;
    for (const each of [mallory, outside, bob]) {
        for (const method of ['close-producer', 'pause-producer', 'resume-producer'])
            assert.equal(await each.refused(method, { producerId: id }, /^producerId/), 3073);
        for (const transportId of [sendTransport.id, recvTransport.id]) {
            assert.equal(await each.refused('restart-ice', { transportId }, /^transportId/), 3073);
            assert.equal(await each.refused('connect-transport', { transportId },
                /^transportId/), 3073);
        }
    }
    for (const each of [alice, mallory, outside]) {
        // It could as well be a consumer that just ended: accepted, and nothing happens.
        for (const method of ['pause-consumer', 'close-consumer', 'request-key-frame'])
            assert.deepEqual(await each.call(method, { consumerId }), {});
    }
    await bob.next('participant-joined');
    await bob.settle();
    assert.deepEqual(bob.untaken, []);
    await alice.call('close-producer', { producerId: id });
    assert.equal((await bob.next('consumer-closed')).consumerId, consumerId);
    await Promise.all([alice, bob, mallory, outside].map((each) => each.leave()));
});

test('too many requests are refused, a flood is cut off, and the session survives', async () => {
    const mallory = await Participant.join(server, roomId);
    const ids = Array.from({ length: 300 }, () => mallory.request('pause-consumer',
        { consumerId: '1' }));
    const answers = await Promise.all(ids.map((id) => mallory.answerOf(id)));
    const refused = answers.filter(({ error }) => error);
    assert.ok(refused.length >= 60 && refused.length <= 101, `${refused.length} refused`);
    for (const { error } of refused)
        assert.deepEqual([error.code, error.name], [4290, 'TOO_MANY_REQUESTS']);
    await sleep(500);
    await mallory.call('pause-consumer', { consumerId: '1' });
    for (let i = 0; i < 1000; i++) mallory.request('pause-consumer', { consumerId: '1' });
    assert.equal(await mallory.connection.code(), 1008);
    const { lastId } = (await mallory.resume()).data;
    assert.ok(lastId < mallory.lastId);
    mallory.lastId = lastId;
    await sleep(1000);
    await mallory.call('pause-consumer', { consumerId: '1' });
    // What was taken already is not answered again, but it is counted.
    for (let i = 0; i < 1000; i++)
        mallory.connection.send({ id: 1, method: 'join', data: {} });
    assert.equal(await mallory.connection.code(), 1008);
});

test('joins and resumes of one network are limited, and nobody in a room notices', async () => {
    const strict = await startServer({ SOTTO_LIMITS_JOINS_PER_NETWORK: '60' }); // 1 a second
    const room = await makeRoom(strict);
    const alice = await Participant.join(strict, room);
    const bob = await Participant.join(strict, room, { participantId: 'bob' });
    let refusal;
    let accepted = 2;
    const begin = Date.now();
    while (!refusal && accepted < 80) {
        try {
            await (await Participant.join(strict, room, { participantId: 'again' })).leave();
            accepted++;
        } catch (error) {
            refusal = error;
        }
    }
    const seconds = (Date.now() - begin) / 1000;
    assert.deepEqual([refusal?.code, refusal?.name], [4290, 'TOO_MANY_REQUESTS']);
    assert.ok(accepted >= 60 && accepted <= 61 + seconds, `${accepted} in ${seconds} s`);
    // Before anything is looked at, so a bad token is not told apart.
    await assert.rejects(Participant.join(strict, room, { claims: { exp: 1 } }), { code: 4290 });
    bob.connection.socket.close(3000);
    await bob.connection.closed;
    const { error } = await bob.resume();
    assert.equal(error.code, 4290);
    assert.equal(await bob.connection.code(), 1000);
    await alice.settle();
    await sleep(1500);
    assert.ok((await bob.resume()).data.lastId >= 1);
    await alice.call('message', { to: 'bob', type: 'x', payload: 'still here' });
    await bob.settle();
    assert.ok(bob.messages.some(({ data }) => data?.payload === 'still here'));
    assert.ok(await strict.metric('sotto_joins_limited_total') >= 3);
    assert.ok(strict.log.some(({ event, code }) => event === 'join_refused' && code === 4290));
    await Promise.all([alice.leave(), bob.leave()]);
    assert.equal(await strict.stop(), 0);
});

test('large requests count for more', async () => {
    const mallory = await Participant.join(server, roomId);
    const padding = 'x'.repeat(200000);
    const ids = Array.from({ length: 30 }, () => mallory.request('pause-consumer',
        { consumerId: '1', padding }));
    const answers = await Promise.all(ids.map((id) => mallory.answerOf(id)));
    const refused = answers.filter(({ error }) => error?.code === 4290);
    assert.ok(refused.length >= 8, `${refused.length} refused`);
    await mallory.leave();
});

test('a flood of challenges reaches the others as far as its sender may ask, and no further',
    async () => {
        const room = await makeRoom(server);
        const others = await Promise.all(Array.from({ length: 24 }, () =>
            Participant.join(server, room, { mode: 'RECV_ONLY' })));
        const mallory = await Participant.join(server, room);
        const begin = Date.now();
        const ids = Array.from({ length: 390 }, () => mallory.request('message',
            { type: 'challenge', payload: challenge() }));
        const answers = await Promise.all(ids.map((id) => mallory.answerOf(id)));
        const accepted = answers.filter(({ error }) => !error).length;
        const allowed = 200 + 50 * (Date.now() - begin) / 1000 + 1;
        assert.ok(accepted > 100 && accepted <= allowed, `${accepted} accepted`);
        for (const each of others) {
            await each.settle();
            const heard = each.messages.filter(({ data }) => data?.type === 'challenge');
            assert.equal(heard.length, accepted);
        }
        await Promise.all([mallory, ...others].map((each) => each.leave()));
    });

test('who makes the server write too much to others is refused', async () => {
    const room = await makeRoom(server);
    const others = await Promise.all(Array.from({ length: 24 }, () =>
        Participant.join(server, room, { mode: 'RECV_ONLY' })));
    const mallory = await Participant.join(server, room);
    let accepted = 0;
    let error;
    for (; !error && accepted < 95; accepted++)
        ({ error } = await mallory.ask('message', { type: 'x', payload: '\x01'.repeat(16384) }));
    assert.equal(error?.code, 4290, `${accepted} accepted`);
    assert.ok(accepted > 4);
    await sleep(200);
    // Others in the room may go on, and what nobody hears of is still possible.
    await others[0].settle();
    assert.equal(typeof (await mallory.call('restart-ice',
        { transportId: mallory.session.sendTransport.id })).iceParameters, 'object');
    await Promise.all([mallory, ...others].map((each) => each.leave()));
});
