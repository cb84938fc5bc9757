// A lost connection (docs/signalling.md): nothing is lost, nothing happens twice, and who is really
// gone goes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeRoom, Participant, Proxy, startServer } from './signalling_client.mjs';
import { Client, close } from './websocket_client.mjs';

let server;
before(async () => { server = await startServer(); });
after(async () => assert.equal(await server.stop(), 0));

const audio = 'audio-opus.chromium156';
const video = 'video-vp8-single-noencodings.chromium156';

// Alice is in the room directly, Bob through a proxy.
async function meet(context) {
    const roomId = await makeRoom(server);
    const proxy = await Proxy.start(server);
    const alice = await Participant.join(server, roomId, { participantId: 'alice' });
    const bob = await Participant.join(server, roomId, { participantId: 'bob' }, proxy);
    await alice.next('participant-joined');
    await bob.ready();
    context.after(async () => {
        proxy.stop();
        await alice.leave();
    });
    return { roomId, proxy, alice, bob };
}

async function cut({ proxy, bob }) {
    proxy.cut();
    await bob.connection.closed;
}

test('what was missed is sent again, once, and the session goes on', async (context) => {
    const call = await meet(context);
    const { alice, bob } = call;
    await alice.produce(audio, 'microphone');
    await bob.next('producer-added');
    await bob.next('consumer-added');
    await cut(call);
    const { data: { id } } = await alice.produce(video, 'camera');
    await alice.call('pause-producer', { producerId: id });
    await alice.call('message', { type: 'chat', payload: 'are you there?' });
    const { data, seq } = await bob.resume();
    assert.deepEqual(data, { lastId: bob.lastId });
    assert.equal(seq, undefined);
    assert.equal((await bob.next('producer-added')).producer.producerId, id);
    assert.equal((await bob.next('consumer-added')).producerId, id);
    assert.equal((await bob.next('producer-paused')).producerId, id);
    assert.equal((await bob.next('message')).payload, 'are you there?');
    assert.deepEqual(bob.untaken, []);
    assert.ok((await bob.produce(audio, 'microphone')).data.id);
    await alice.next('producer-added');
    // Again and again, with nothing missed.
    for (let i = 0; i < 3; i++) {
        await cut(call);
        assert.equal((await bob.resume()).data.lastId, bob.lastId);
    }
    await bob.settle();
    await alice.settle();
    assert.deepEqual(bob.untaken, []);
    assert.deepEqual(alice.untaken, []); // nobody noticed
});

test('an answer that was lost comes again, and its request is not done twice', async (context) => {
    const call = await meet(context);
    const { proxy, alice, bob } = call;
    proxy.losesAnswers = true;
    const id = bob.request('message', { type: 'chat', payload: 'once' });
    assert.equal((await alice.next('message')).payload, 'once');
    await cut(call);
    assert.equal((await bob.resume()).data.lastId, id);
    assert.deepEqual((await bob.answerOf(id)).data, {});
    // A client that sends it again all the same is passed over.
    bob.connection.send({ id, method: 'message', data: { type: 'chat', payload: 'once' } });
    await bob.settle();
    await alice.settle();
    assert.deepEqual(alice.untaken, []);
    assert.equal(bob.messages.filter((message) => message.id === id).length, 1);
});

test('a request that was lost is sent again and done once', async (context) => {
    const call = await meet(context);
    const { proxy, alice, bob } = call;
    proxy.losesRequests = true;
    const id = bob.request('message', { type: 'chat', payload: 'late' });
    await sleep(50);
    await cut(call);
    assert.equal((await bob.resume()).data.lastId, id - 1);
    bob.connection.send({ id, method: 'message', data: { type: 'chat', payload: 'late' } });
    assert.deepEqual((await bob.answerOf(id)).data, {});
    assert.equal((await alice.next('message')).payload, 'late');
    await alice.settle();
    assert.deepEqual(alice.untaken, []);
});

test('the older connection is closed when the client resumes on a new one', async (context) => {
    const { alice, bob } = await meet(context);
    const before = bob.connection;
    await bob.resume();
    assert.equal(await before.code(), 1000);
    await alice.call('message', { type: 'chat', payload: 'still there' });
    assert.equal((await bob.next('message')).payload, 'still there');
    await alice.settle();
    assert.deepEqual(alice.untaken, []);
});

test('only who has the secret resumes, and a refusal disturbs nobody', async (context) => {
    const { alice, bob } = await meet(context);
    const { sessionId, resume: { token } } = bob.session;
    const other = alice.session.resume.token;
    const wrong = [{ token: other }, { token: '' }, { token: token.slice(1) }, { token: 7 },
        { token: `${token}A` }, { token: `${token.slice(0, -1)}!` }, { token: undefined },
        { sessionId: alice.session.sessionId }, { sessionId: sessionId.slice(1) },
        { sessionId: `${sessionId}0` }, { sessionId: 'f'.repeat(24) }, { sessionId: undefined },
        { sessionId: {} }, { seq: -1 }, { seq: 1000 }, { seq: 2 ** 53 }, { seq: '1' },
        { seq: 1.5 }, { seq: undefined }, { seq: null }];
    const { connection } = bob;
    for (const more of wrong) {
        const thief = Object.assign(Object.create(Participant.prototype), bob);
        const { error } = await thief.resume(more);
        assert.deepEqual([error.code, error.name], [4040, 'SESSION_ENDED'], JSON.stringify(more));
        assert.equal(await thief.connection.code(), 1000);
    }
    assert.equal(bob.connection, connection);
    await bob.settle();
    await alice.settle();
    assert.deepEqual(alice.untaken, []);
});

async function flood(senders, count, payload) {
    const all = [];
    for (let i = 0; i < count; i++)
        all.push(senders[i % senders.length].call('message', { to: 'bob', type: 'chat', payload }));
    await Promise.all(all);
}

test('256 missed messages can be had again, 257 cannot', async (context) => {
    for (const count of [256, 257]) {
        const call = await meet(context);
        const { roomId, alice, bob } = call;
        const carol = await Participant.join(server, roomId);
        await bob.next('participant-joined');
        await bob.settle();
        await cut(call);
        await flood([alice, carol], count, 'x');
        const answer = await bob.resume();
        if (count === 256) {
            for (let i = 0; i < count; i++) await bob.next('message');
            assert.deepEqual(bob.untaken, []);
        } else {
            assert.equal(answer.error.code, 4040);
            const again = await Participant.join(server, roomId, { participantId: 'bob' });
            assert.equal(again.session.participants.length, 2);
            await again.leave();
        }
        await carol.leave();
    }
});

test('more than a mebibyte that was missed cannot be had again', async (context) => {
    const call = await meet(context);
    const { roomId, alice, bob } = call;
    const carol = await Participant.join(server, roomId);
    await bob.settle();
    await cut(call);
    await flood([alice, carol], 70, 'x'.repeat(16000));
    assert.equal((await bob.resume()).error.code, 4040);
    await carol.leave();
});

test('what does not fit into the send queue at once is not begun', async () => {
    const narrow = await startServer({ SOTTO_LIMITS_SEND_QUEUE_SIZE: '65536' });
    const roomId = await makeRoom(narrow);
    const proxy = await Proxy.start(narrow);
    const alice = await Participant.join(narrow, roomId);
    const bob = await Participant.join(narrow, roomId, { participantId: 'bob' }, proxy);
    await cut({ proxy, bob });
    await flood([alice], 3, 'x'.repeat(16000));
    const { data } = await bob.resume();
    assert.equal(data.lastId, 1);
    await bob.settle();
    await cut({ proxy, bob });
    await flood([alice], 5, 'x'.repeat(16000));
    assert.equal((await bob.resume()).error.code, 4040);
    proxy.stop();
    await alice.leave();
    assert.equal(await narrow.stop(), 0);
});

test('a session that ended cannot be resumed', async (context) => {
    const { roomId, alice, bob } = await meet(context);
    await bob.call('leave');
    await bob.connection.closed;
    assert.equal((await bob.resume()).error.code, 4040);
    const first = await Participant.join(server, roomId, { participantId: 'carol' });
    const second = await Participant.join(server, roomId, { participantId: 'carol' });
    await first.connection.closed;
    assert.equal((await first.resume()).error.code, 4040);
    await second.settle();
    await second.leave();
    await alice.settle();
});

test('a page that goes away says 1001 and is gone at once', async () => {
    const roomId = await makeRoom(server);
    const alice = await Participant.join(server, roomId);
    const raw = await Client.open(server);
    const bob = await Participant.join(server, roomId);
    const { sessionId, resume } = bob.session;
    raw.send(JSON.stringify({ id: 0, method: 'resume',
        data: { sessionId, token: resume.token, seq: 0 } }));
    assert.match(await raw.nextText(), /"lastId":1/);
    await alice.next('participant-joined');
    raw.send(Buffer.from([0x03, 0xe9]), close);
    const left = await alice.next('participant-left', 500);
    assert.deepEqual([left.participantId, left.code], [bob.id, 1101]);
    await alice.leave();
});

test('who does not come back and sends no media is gone within 10 s', async (context) => {
    const calls = await Promise.all([meet(context), meet(context), meet(context)]);
    const begin = Date.now();
    const [lost, frozen, returning] = calls;
    lost.proxy.cut();
    frozen.proxy.freeze();
    const gone = async ({ alice }) => {
        const left = await alice.next('participant-left', 12000);
        assert.deepEqual([left.participantId, left.code], ['bob', 1001]);
        return Date.now() - begin;
    };
    const [lostMs, frozenMs] = await Promise.all([gone(lost), gone(frozen), (async () => {
        // Even when the server has heard no media for long, a moment is left to come back.
        await sleep(6500);
        await cut(returning);
        await sleep(500);
        await returning.bob.resume();
    })()]);
    assert.ok(lostMs > 1000 && lostMs < 10000, `${lostMs} ms`);
    assert.ok(frozenMs > 5000 && frozenMs < 10000, `${frozenMs} ms`);
    console.log(`# gone after ${lostMs} ms (reset), ${frozenMs} ms (silent)`);
    await returning.alice.settle();
    assert.deepEqual(returning.alice.untaken, []);
});
