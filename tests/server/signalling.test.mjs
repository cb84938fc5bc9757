// The signalling of docs/signalling.md as its clients see it: joining, media, messages, leaving.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { challenge, Connection, example, makeRoom, now, Participant, rest, sealed, sign,
    startServer, within } from './signalling_client.mjs';

let server;
before(async () => { server = await startServer(); });
after(async () => assert.equal(await server.stop(), 0));

const join = (roomId, more, options) => Participant.join(server, roomId, more, options);
const moderator = { permissions: ['allow_join', 'allow_mod'] };

function checkTransport(transport) {
    assert.match(transport.id, /^\d+$/);
    const { usernameFragment, password, iceLite } = transport.iceParameters;
    assert.match(usernameFragment, /^[A-Za-z0-9+/]{4,}$/);
    assert.match(password, /^[A-Za-z0-9+/]{22,}$/);
    assert.equal(iceLite, true);
    assert.ok(transport.iceCandidates.length > 0);
    let before = 2 ** 31;
    for (const candidate of transport.iceCandidates) {
        assert.equal(candidate.protocol, 'udp');
        assert.equal(candidate.type, 'host');
        assert.equal(candidate.address, candidate.ip);
        assert.ok(candidate.port > 0 && candidate.priority > 0 && candidate.priority < before);
        before = candidate.priority;
    }
    const { role, fingerprints: [{ algorithm, value }] } = transport.dtlsParameters;
    assert.equal(role, 'auto');
    assert.equal(algorithm, 'sha-256');
    assert.match(value, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
}

test('a join is answered with all that a client needs', async () => {
    const roomId = await makeRoom(server, { e2ee: 'required' });
    const alice = await join(roomId, { participantId: 'alice' });
    const { session } = alice;
    assert.equal(session.roomId, roomId);
    assert.equal(session.participantId, 'alice');
    assert.match(session.sessionId, /^[0-9a-f]{24}$/);
    assert.equal(session.e2ee, 'required');
    assert.match(session.resume.token, /^[A-Za-z0-9_-]{43}$/);
    assert.equal(session.resume.timeoutMs, 30000);
    assert.deepEqual(session.participants, []);
    assert.equal('activeSpeaker' in session, false);
    const names = session.routerRtpCapabilities.codecs.map(({ mimeType }) => mimeType);
    assert.deepEqual(names, ['audio/opus', 'video/VP8', 'video/rtx', 'video/VP9', 'video/rtx',
        'video/H264', 'video/rtx', 'video/AV1', 'video/rtx']);
    checkTransport(session.sendTransport);
    checkTransport(session.recvTransport);
    assert.notEqual(session.sendTransport.id, session.recvTransport.id);
    assert.notEqual(session.sendTransport.iceParameters.password,
        session.recvTransport.iceParameters.password);
    await alice.leave();
});

test('the mode decides which transports there are', async () => {
    const roomId = await makeRoom(server);
    const viewer = await join(roomId, { mode: 'RECV_ONLY' });
    assert.equal('sendTransport' in viewer.session, false);
    checkTransport(viewer.session.recvTransport);
    const bot = await join(roomId, { mode: 'SIGNALLING_ONLY' });
    assert.equal('sendTransport' in bot.session || 'recvTransport' in bot.session, false);
    assert.deepEqual(bot.session.participants.map(({ mode }) => mode), ['RECV_ONLY']);
    assert.equal((await viewer.next('participant-joined')).mode, 'SIGNALLING_ONLY');
    const speaker = await join(roomId);
    assert.equal((await speaker.produce('audio-opus.chromium156', 'microphone')).error, undefined);
    const transportId = viewer.session.recvTransport.id;
    const { kind, rtpParameters } = example('produce-event.audio-opus.chromium156');
    assert.equal(await viewer.refused('produce', { transportId, kind, rtpParameters,
        source: 'microphone' }, /transportId: must be that of sendTransport/), 3073);
    await bot.ready();
    await bot.settle();
    assert.deepEqual(bot.untaken, ['participant-joined', 'producer-added']);
    await Promise.all([viewer, bot, speaker].map((each) => each.leave()));
});

test('others see what a participant says of itself', async () => {
    const roomId = await makeRoom(server);
    const own = { participantId: 'alice', displayName: 'Alice Ä 🎈', metaData: { seat: [1, 2.5] },
        challenge: challenge(), e2ee: { policy: 'required' } };
    const bob = await join(roomId, { displayName: undefined });
    const alice = await join(roomId, own);
    const expected = { ...own, mode: 'SEND_AND_RECV', producers: [] };
    assert.deepEqual(await bob.next('participant-joined'), expected);
    const carol = await join(roomId);
    const seen = carol.session.participants.find(({ participantId }) => participantId === 'alice');
    assert.deepEqual(seen, expected);
    const other = carol.session.participants.find(({ participantId }) => participantId === bob.id);
    assert.equal(other.displayName, '');
    assert.deepEqual(other.e2ee, { policy: 'off' });
    assert.equal('metaData' in other, false);
    await Promise.all([alice, bob, carol].map((each) => each.leave()));
});

const chromium = { device: 'chromium156', audio: 'audio-opus.chromium156',
    video: 'video-vp8-single-noencodings.chromium156', screen: 'screen-vp9-L1T3.chromium156' };
const firefox = { device: 'firefox153', audio: 'audio-opus.firefox153',
    video: 'video-vp8-single-noencodings.firefox153', screen: 'screen-vp9-L1T3.firefox153' };

async function connect(participant, direction) {
    const fingerprint = Array(32).fill('AB').join(':');
    await participant.call('connect-transport', {
        transportId: participant.session[`${direction}Transport`].id,
        dtlsParameters: { role: 'client',
            fingerprints: [{ algorithm: 'sha-256', value: fingerprint }] } });
}

function checkConsumer(consumer, from, producerId, kind, encryption) {
    assert.match(consumer.consumerId, /^\d+$/);
    assert.equal(consumer.producerId, producerId);
    assert.equal(consumer.participantId, from);
    assert.equal(consumer.kind, kind);
    assert.deepEqual(consumer.encryption, encryption);
    const { mid, codecs, encodings, rtcp, headerExtensions } = consumer.rtpParameters;
    assert.match(mid, /^\d{1,8}$/);
    assert.equal(codecs.length, kind === 'audio' ? 1 : 2);
    assert.ok(codecs.every(({ mimeType }) => mimeType.startsWith(`${kind}/`)));
    assert.equal(encodings.length, 1);
    assert.ok(encodings[0].ssrc > 0);
    assert.equal(encodings[0].rtx?.ssrc, kind === 'video' ? encodings[0].ssrc + 1 : undefined);
    assert.ok(rtcp.cname.length > 0);
    assert.ok(headerExtensions.length > 0);
}

for (const [name, mine, theirs] of [['Chromium and Firefox', chromium, firefox],
    ['Firefox and Chromium', firefox, chromium]]) {
    test(`${name} meet: each sees the other's events, in order`, async () => {
        const roomId = await makeRoom(server);
        const alice = await join(roomId, { participantId: 'alice' });
        await alice.ready(mine.device);
        await connect(alice, 'send');
        const audio = await alice.produce(mine.audio, 'microphone',
            { encryption: { ...sealed(), format: 'livekit' } });
        const encryption = sealed();
        const video = await alice.produce(mine.video, 'camera', { encryption, paused: true });
        assert.match(audio.data.id, /^\d+$/);
        assert.notEqual(audio.data.id, video.data.id);

        const bob = await join(roomId, { participantId: 'bob' });
        const [{ producers }] = bob.session.participants;
        assert.deepEqual(producers.map(({ kind, source, paused }) => [kind, source, paused]).sort(),
            [['audio', 'microphone', false], ['video', 'camera', true]]);
        await bob.settle();
        assert.deepEqual(bob.untaken, []);
        await bob.ready(theirs.device);
        const consumers = [await bob.next('consumer-added'), await bob.next('consumer-added')]
            .sort((a, b) => a.kind < b.kind ? -1 : 1);
        checkConsumer(consumers[1], 'alice', video.data.id, 'video', encryption);
        assert.deepEqual(consumers.map(({ kind, source, paused }) => [kind, source, paused]),
            [['audio', 'microphone', false], ['video', 'camera', true]]);
        assert.notEqual(consumers[0].rtpParameters.mid, consumers[1].rtpParameters.mid);
        await connect(bob, 'recv');
        for (const { consumerId } of consumers) {
            for (const method of ['resume-consumer', 'request-key-frame', 'pause-consumer'])
                assert.deepEqual(await bob.call(method, { consumerId }), {});
        }

        const screen = (await bob.produce(theirs.screen, 'screen')).data.id;
        assert.equal((await alice.next('participant-joined')).participantId, 'bob');
        assert.deepEqual(await alice.next('producer-added'), { participantId: 'bob', producer: {
            producerId: screen, kind: 'video', source: 'screen', paused: false } });
        const consumer = await alice.next('consumer-added');
        checkConsumer(consumer, 'bob', screen, 'video', undefined);
        for (let i = 0; i < 2; i++) {
            await bob.call('pause-producer', { producerId: screen });
            await bob.call('pause-producer', { producerId: screen });
            await bob.call('resume-producer', { producerId: screen });
            const both = { participantId: 'bob', producerId: screen };
            assert.deepEqual(await alice.next('producer-paused'), both);
            assert.deepEqual(await alice.next('producer-resumed'), both);
        }
        await alice.call('close-producer', { producerId: audio.data.id });
        assert.equal((await bob.next('consumer-closed')).consumerId, consumers[0].consumerId);
        assert.equal((await bob.next('producer-closed')).producerId, audio.data.id);
        await bob.call('leave');
        assert.equal(await bob.connection.code(), 1000);
        assert.equal((await alice.next('consumer-closed')).consumerId, consumer.consumerId);
        assert.equal((await alice.next('producer-closed')).producerId, screen);
        assert.deepEqual(await alice.next('participant-left'),
            { participantId: 'bob', code: 1101, reason: 'left' });
        await alice.settle();
        assert.deepEqual(alice.untaken, []);
        await alice.leave();
    });
}

test('what browsers produce is taken as far as this version goes', async () => {
    const roomId = await makeRoom(server);
    const alice = await join(roomId);
    const taken = { 'audio-opus-default.chromium156': 'microphone',
        'audio-opus-nack.chromium156': 'microphone', 'audio-opus.firefox153': 'screenAudio',
        'video-vp8-single-noencodings.firefox153': 'camera',
        'video-vp9-svc-L3T3_KEY.chromium156': 'camera',
        'video-vp9-svc-L3T3_KEY.firefox153': 'screen', 'screen-vp9-L1T3.chromium156': 'screen',
        'video-av1.chromium156': 'camera', 'video-av1-svc.chromium156': 'camera',
        'video-h264.chromium156': 'camera' };
    for (const [name, source] of Object.entries(taken)) {
        const { data, error } = await alice.produce(name, source);
        assert.equal(error, undefined, `${name}: ${error?.message}`);
        await alice.call('close-producer', { producerId: data.id });
    }
    for (const name of ['video-vp8-simulcast3.chromium156', 'video-vp8-simulcast3.firefox153',
        'screen-vp8-simulcast2.chromium156', 'video-h264-simulcast2.chromium156']) {
        const { error } = await alice.produce(name, 'camera');
        assert.equal(error?.code, 3073, name);
        assert.match(error.message, /^rtpParameters: /);
    }
    await alice.leave();
});

test('connect-transport works once, restart-ice gives new secrets each time', async () => {
    const alice = await join(await makeRoom(server));
    await connect(alice, 'send');
    const transportId = alice.session.sendTransport.id;
    assert.equal(await alice.refused('connect-transport', { transportId },
        /transportId: is connected already/), 3073);
    const seen = new Set([alice.session.sendTransport.iceParameters.password]);
    for (let i = 0; i < 3; i++) {
        const { iceParameters } = await alice.call('restart-ice', { transportId });
        assert.match(iceParameters.usernameFragment, /^[A-Za-z0-9+/]{4,}$/);
        assert.equal(iceParameters.iceLite, true);
        seen.add(iceParameters.password);
    }
    assert.equal(seen.size, 4);
    await alice.leave();
});

test('a source has two producers at most, and an SSRC one', async () => {
    const alice = await join(await makeRoom(server));
    const { kind, rtpParameters } = example('produce-event.audio-opus.chromium156');
    const produce = (ssrc, source = 'microphone') => alice.ask('produce', {
        transportId: alice.session.sendTransport.id, kind, source,
        rtpParameters: { ...rtpParameters, encodings: [{ ssrc }] } });
    const first = (await produce(1001)).data.id;
    assert.match((await produce(1001)).error.message, /an SSRC is in use already/);
    assert.ok((await produce(1002)).data.id);
    const { error } = await produce(1003);
    assert.equal(error.code, 3073);
    assert.match(error.message, /^source: /);
    assert.ok((await produce(1003, 'screenAudio')).data.id);
    await alice.call('close-producer', { producerId: first });
    assert.ok((await produce(1001)).data.id);
    await alice.leave();
});

test('producing and closing again and again fills nothing up', async () => {
    const roomId = await makeRoom(server);
    const alice = await join(roomId);
    const bob = await join(roomId);
    await bob.ready();
    for (let i = 0; i < 70; i++) {
        const { data } = await alice.produce(chromium.video, 'camera');
        alice.request('close-producer', { producerId: data.id });
    }
    assert.ok((await alice.produce(chromium.video, 'camera')).data.id);
    await bob.settle();
    const mids = bob.messages.filter(({ event }) => event === 'consumer-added')
        .map(({ data }) => data.rtpParameters.mid);
    assert.ok(mids.length > 60);
    assert.equal(new Set(mids).size, mids.length);
    assert.ok(!server.log.some(({ event }) => event === 'media_command_refused'));
    await Promise.all([alice.leave(), bob.leave()]);
});

test('a room that requires encryption refuses a producer in clear', async () => {
    const roomId = await makeRoom(server, { e2ee: 'required' });
    const alice = await join(roomId);
    const bob = await join(roomId);
    const { error } = await alice.produce(chromium.audio, 'microphone');
    assert.deepEqual([error.code, error.name], [4041, 'ENCRYPTION_REQUIRED']);
    assert.equal((await alice.produce(chromium.audio, 'microphone', { encryption: null }))
        .error.code, 4041);
    await bob.settle();
    assert.deepEqual(bob.untaken, []);
    const encryption = sealed();
    assert.ok((await alice.produce(chromium.audio, 'microphone', { encryption })).data.id);
    assert.deepEqual((await bob.next('producer-added')).producer.encryption, encryption);
    await Promise.all([alice.leave(), bob.leave()]);
});

test('messages reach one or all, from whom the server says', async () => {
    const roomId = await makeRoom(server);
    const alice = await join(roomId, { participantId: 'alice' });
    const bob = await join(roomId, { participantId: 'bob' });
    const carol = await join(roomId, { participantId: 'carol' });
    const other = await join(await makeRoom(server), { participantId: 'other' });
    const largest = 'x'.repeat(16384);
    await alice.call('message', { type: 'chat', payload: largest, from: 'bob' });
    await alice.call('message', { type: 'note', payload: 'for bob', to: 'bob' });
    await bob.settle();
    await carol.settle();
    await bob.next('participant-joined');
    assert.deepEqual(await bob.next('message'), { from: 'alice', type: 'chat', payload: largest });
    assert.deepEqual(await bob.next('message'),
        { from: 'alice', type: 'note', payload: 'for bob' });
    assert.equal((await carol.next('message')).type, 'chat');
    await alice.settle();
    assert.deepEqual(carol.untaken, []);
    assert.ok(!alice.untaken.includes('message'));
    assert.equal(await alice.refused('message', { type: 'x', payload: 'x', to: 'other' },
        /^to: nobody/), 3073);
    await other.settle();
    assert.deepEqual(other.untaken, []);
    await Promise.all([alice, bob, carol, other].map((each) => each.leave()));
});

test('challenges and answers travel as they are, also to who was away meanwhile', async () => {
    const roomId = await makeRoom(server);
    const challenges = { alice: challenge(), bob: challenge() };
    const alice = await join(roomId, { participantId: 'alice', challenge: challenges.alice });
    const bob = await join(roomId, { participantId: 'bob', challenge: challenges.bob });
    assert.equal(bob.session.participants[0].challenge, challenges.alice);
    assert.equal((await alice.next('participant-joined')).challenge, challenges.bob);
    const carol = await join(roomId, { participantId: 'carol' });
    assert.deepEqual(carol.session.participants.map((each) => each.challenge).sort(),
        Object.values(challenges).sort());
    await alice.next('participant-joined');
    await bob.next('participant-joined');

    // The largest answer that there is (core/liveness.h), to one and then to all.
    const payload = Buffer.alloc(5699 + 42, 7).toString('base64url');
    await alice.call('message', { to: 'bob', type: 'liveness', payload });
    assert.deepEqual(await bob.next('message'), { from: 'alice', type: 'liveness', payload });
    bob.connection.socket.close(3000);
    await bob.connection.closed;
    await alice.call('message', { type: 'liveness', payload });
    assert.ok((await bob.resume()).data.lastId >= 1);
    for (const each of [bob, carol])
        assert.deepEqual(await each.next('message'), { from: 'alice', type: 'liveness', payload });
    await bob.call('message', { to: 'alice', type: 'challenge', payload: challenges.bob });
    assert.deepEqual(await alice.next('message'),
        { from: 'bob', type: 'challenge', payload: challenges.bob });
    await carol.settle();
    assert.deepEqual(carol.untaken, []);
    await Promise.all([alice, bob, carol].map((each) => each.leave()));
});

test('a second join of the same participant replaces the first', async () => {
    const roomId = await makeRoom(server);
    const bob = await join(roomId, { participantId: 'bob' });
    const first = await join(roomId, { participantId: 'alice' });
    await bob.next('participant-joined');
    assert.ok((await first.produce(chromium.audio, 'microphone')).data.id);
    const second = await join(roomId, { participantId: 'alice' });
    // Its messages begin with 1, which the participant checks, and the first one is the answer.
    assert.equal(second.messages[0].id, 1);
    assert.equal(second.session.participants.length, 1);
    assert.equal(second.session.participants[0].participantId, 'bob');
    assert.equal((await first.next('removed')).code, 1011);
    assert.equal(await first.connection.code(), 1000);
    await bob.next('producer-added');
    await bob.next('producer-closed');
    assert.equal((await bob.next('participant-left')).code, 1011);
    assert.equal((await bob.next('participant-joined')).participantId, 'alice');
    await second.settle();
    assert.deepEqual(second.untaken, []);
    await bob.leave();
    // Alone it is replaced as well, and the room stays the same.
    const third = await join(roomId, { participantId: 'alice' });
    assert.equal((await second.next('participant-left')).participantId, 'bob');
    assert.equal((await second.next('removed')).code, 1011);
    await third.settle();
    await third.leave();
});

test('the room is full at its limit, but not for who is in it', async () => {
    const small = await startServer({ SOTTO_LIMITS_PARTICIPANTS_PER_ROOM: '2' });
    const roomId = await makeRoom(small);
    const join = (participantId) => Participant.join(small, roomId, { participantId });
    const alice = await join('alice');
    const bob = await join('bob');
    await assert.rejects(join('carol'), { code: 4009 });
    const again = await join('alice');
    assert.equal((await alice.next('participant-joined')).participantId, 'bob');
    assert.equal((await alice.next('removed')).code, 1011);
    await assert.rejects(join('carol'), { code: 4009 });
    await bob.leave();
    const carol = await join('carol');
    assert.equal(carol.session.participants.length, 1);
    await Promise.all([again.leave(), carol.leave()]);
    assert.equal(await small.stop(), 0);
});

test('a moderator ends the meeting, and nobody else does', async () => {
    const roomId = await makeRoom(server);
    const alice = await join(roomId, { claims: moderator });
    const bob = await join(roomId);
    await alice.next('participant-joined');
    assert.equal(await bob.refused('end', {}, /allow_mod/), 4008);
    await alice.settle();
    assert.deepEqual(alice.untaken, []);
    alice.request('end');
    for (const each of [alice, bob]) {
        assert.deepEqual(await each.next('removed'),
            { code: 1006, reason: 'the meeting was ended' });
        assert.equal(await each.connection.code(), 1000);
    }
    assert.deepEqual((await bob.resume()).error.code, 4040);
    const carol = await join(roomId);
    assert.deepEqual(carol.session.participants, []);
    await carol.leave();
});

test('closing with 1000 ends a session at once', async () => {
    const roomId = await makeRoom(server);
    const alice = await join(roomId);
    const bob = await join(roomId);
    await alice.next('participant-joined');
    await bob.connection.close(1000);
    assert.equal((await alice.next('participant-left', 500)).code, 1101);
    assert.equal((await bob.resume()).error.code, 4040);
    await alice.leave();
});

test('a deactivated room takes nobody new and keeps who is inside', async () => {
    const roomId = await makeRoom(server);
    const alice = await join(roomId);
    await rest(server, '/v2/rooms/deactivate', { roomId });
    await assert.rejects(join(roomId), { code: 4052 });
    await alice.settle();
    await alice.leave();
});

test('a token is looked at when joining; the session goes on after it has expired', async () => {
    const roomId = await makeRoom(server);
    const alice = await join(roomId, { claims: { exp: now() + 2 } });
    await sleep(2100);
    assert.ok((await alice.produce(chromium.audio, 'microphone')).data.id);
    alice.connection.socket.close(3000);
    await alice.connection.closed;
    assert.ok((await alice.resume()).data.lastId >= 2);
    await alice.settle();
    await alice.leave();
    await assert.rejects(join(roomId, { claims: { exp: now() - 1 } }), { code: 4002 });
});

for (const [name, options, patient] of [['and waits for clients that leave', {}, false],
    ['and closes who stays', { SOTTO_LIMITS_DRAIN_TIMEOUT_S: '1' }, true]]) {
    test(`SIGTERM tells clients ${name}`, async () => {
        const stopping = await startServer(options);
        const roomId = await makeRoom(stopping);
        const alice = await Participant.join(stopping, roomId);
        const bob = await Participant.join(stopping, roomId);
        await alice.next('participant-joined');
        const idle = await Connection.open(stopping);
        const stopped = stopping.stop();
        for (const each of [alice, bob])
            assert.deepEqual(await each.next('server-closing'), { reconnectAfterMs: 2000 });
        await assert.rejects(Connection.open(stopping));
        idle.send({ id: 1, method: 'join', data: { token: sign(stopping), roomId,
            participantId: 'late', challenge: challenge() } });
        assert.equal(await idle.code(), 1013);
        if (patient) {
            assert.equal(await alice.connection.code(), 1001);
            assert.equal(await bob.connection.code(), 1001);
        } else {
            await alice.settle();
            await alice.leave();
            assert.equal((await bob.next('participant-left')).participantId, alice.id);
            await bob.leave();
        }
        assert.equal(await within(stopped, 3000, 'the end of the process'), 0);
    });
}

test('the log has ids and no secrets', async () => {
    const roomId = await makeRoom(server);
    const alice = await join(roomId, { participantId: 'log\u202eme', displayName: 'unheard-of' });
    const { resume, sendTransport } = alice.session;
    await alice.leave();
    await sleep(100);
    const all = JSON.stringify(server.log);
    for (const event of ['room_opened', 'participant_joined', 'participant_left', 'room_closed'])
        assert.ok(server.log.some((record) => record.event === event && record.room === roomId),
            event);
    for (const secret of [resume.token, sendTransport.iceParameters.password, server.keys.secret,
        'unheard-of', '\u202e', 'eyJ'])
        assert.ok(!all.includes(secret));
});
