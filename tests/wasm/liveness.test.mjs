// Answers to challenges, between two instances and against a reading of docs/frame-format.md that
// shares no code with them.
import assert from 'node:assert/strict'
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'

import { Meeting, codecs, kinds, streamId } from './meeting.mjs'
import { Random, hex, result, sottoRows, variants } from './module.mjs'

const secret = Buffer.alloc(32, 1)
const frame = Buffer.from('a frame of a few bytes')

const expand = (key, info, size) =>
    createHmac('sha256', key).update(info).update(Buffer.of(1)).digest().subarray(0, size)
const number = (value, size) => {
    const bytes = Buffer.alloc(size)
    bytes.writeUIntBE(value, Math.max(0, size - 6), Math.min(size, 6))
    return bytes
}
const lp = bytes => Buffer.concat([number(bytes.length, 2), bytes])

// The documented format, over node's own cryptography; suite 4.
class Reading {
    constructor(room, participant, id) {
        this.id = id
        this.kid = Buffer.from(expand(secret, 'sotto/1 kid', 4))
        this.kid[0] |= 0x80
        const info = Buffer.concat([Buffer.from('sotto/1 stream'), lp(Buffer.from(room)),
            lp(Buffer.from(participant)), lp(id), Buffer.of(kinds.data)])
        const suffix = Buffer.concat([Buffer.alloc(4), this.kid, number(4, 2)])
        const sframe = (what, size) => Buffer.from(hkdfSync('sha256', expand(secret, info, 32), '',
            Buffer.concat([Buffer.from(`SFrame 1.0 Secret ${what} `), suffix]), size))
        this.key = sframe('key', 16)
        this.salt = sframe('salt', 12)
    }

    nonce(counter) {
        const nonce = Buffer.from(this.salt)
        nonce[11] ^= counter
        return nonce
    }

    // What is authenticated of the message of type liveness with this counter, below 8.
    aad(counter) {
        return Buffer.concat([this.header(counter), Buffer.of(0xe0), lp(Buffer.from('liveness')),
            lp(Buffer.alloc(0)), Buffer.alloc(8), Buffer.of(1)])
    }

    header(counter) {
        return Buffer.concat([Buffer.of(0xb0 | counter), this.kid])
    }

    seal(counter, text) {
        const cipher = createCipheriv('aes-128-gcm', this.key, this.nonce(counter))
        cipher.setAAD(this.aad(counter))
        const sealed = Buffer.concat([cipher.update(text), cipher.final()])
        return Buffer.concat([this.id, this.header(counter), sealed, cipher.getAuthTag(),
            Buffer.of(0xe0)])
    }

    open(counter, message) {
        assert.deepEqual(message.subarray(0, 16), this.id)
        assert.deepEqual(message.subarray(16, 21), this.header(counter))
        assert.equal(message.at(-1), 0xe0)
        const decipher = createDecipheriv('aes-128-gcm', this.key, this.nonce(counter))
        decipher.setAAD(this.aad(counter))
        decipher.setAuthTag(message.subarray(-17, -1))
        return Buffer.concat([decipher.update(message.subarray(21, -17)), decipher.final()])
    }
}

const answerOf = (challenges, streams) => Buffer.concat([number(challenges.length, 2),
    ...challenges, Buffer.of(streams.length),
    ...streams.flatMap(({ id, kind, counter }) => [id, Buffer.of(kind), number(counter, 8)])])

// Alice sends video and data, bob needs her answers.
function twoSides(variant) {
    const [alice, bob] = [1, 2].map(() => new Meeting(variant, 'room', 4, { needsAnswers: true }))
    for (const side of [alice, bob]) assert.equal(side.setKey('secret', secret), 0)
    const sealer = alice.addSealer('alice', streamId(1), kinds.video)
    const data = alice.addSealer('alice', streamId(5), kinds.data)
    const opener = bob.addOpener('alice', streamId(1), kinds.video)
    const challenge = randomBytes(16)
    assert.equal(bob.setChallenge(challenge), 0)
    return { alice, bob, sealer, data, opener, challenge }
}

// What a row says of its streams, as openAnswer tells it.
const streamsOf = row => row.streams.map(({ stream_id_hex, kind, counter }) =>
    ({ streamId: hex(stream_id_hex), kind: kinds[kind], counter }))

// Seals a row's answer with sealers that arrived at its counters by sealing; nothing where a counter
// is a matter of minutes.
function sealRow(variant, row) {
    const streams = streamsOf(row)
    if (streams.some(({ counter }) => counter > 1 << 20)) return undefined
    const meeting = Meeting.ofRow(variant, row)
    const sealers = streams.map(({ streamId: id, kind, counter }) => {
        const sealer = meeting.addSealer(row.participant_id, id, kind)
        meeting.advance(sealer, counter)
        return sealer
    })
    const own = row.streams.findIndex(stream => stream.stream_id_hex === row.stream_id_hex)
    return meeting.sealAnswer(sealers[own], row.challenges_hex.map(hex))
}

function openRow(variant, row, challenge) {
    const meeting = Meeting.ofRow(variant, row, { needsAnswers: true })
    assert.equal(meeting.setChallenge(challenge), 0)
    return meeting.openAnswer(row.participant_id, hex(row.wire_hex))
}

for (const variant of variants) {
    describe(variant, () => {
        test('the answers of the vectors are sealed and opened', () => {
            const rows = sottoRows('answers')
            const sealed = rows.map(row => sealRow(variant, row))
            for (const [i, row] of rows.entries()) {
                if (sealed[i]) assert.deepEqual(sealed[i], hex(row.wire_hex), row.name)
                for (const challenge of row.challenges_hex)
                    assert.deepEqual(openRow(variant, row, hex(challenge)), streamsOf(row), row.name)
                assert.equal(openRow(variant, row, Buffer.alloc(16)), result.notLive)
            }
            assert.equal(rows.length, 3)
            assert.equal(sealed.filter(answer => answer).length, 2)
        })

        test('what is no answer in the vectors is refused', () => {
            const rows = sottoRows('refused_answers')
            for (const row of rows)
                assert.equal(openRow(variant, row, hex(row.challenges_hex[0])), result.notSealed,
                    row.name)
            assert.equal(rows.length, 3)
        })

        test('nothing opens before an answer, and nothing from before it afterwards', () => {
            const { alice, bob, sealer, data, opener, challenge } = twoSides(variant)
            const earlier = alice.seal(sealer, codecs.vp9, frame)
            assert.equal(bob.open(opener, earlier), result.notLive)
            const answer = alice.sealAnswer(data, [challenge])
            const streams = bob.openAnswer('alice', answer)
            assert.deepEqual(streams, [
                { streamId: streamId(1), kind: kinds.video, counter: 1 },
                { streamId: streamId(5), kind: kinds.data, counter: 0 },
            ])
            const later = alice.seal(sealer, codecs.vp9, frame)
            assert.equal(bob.open(opener, later), result.notLive)
            assert.equal(bob.exports.set_live(opener, streams[0].counter), 0)
            assert.deepEqual(bob.open(opener, later), frame)
            assert.equal(bob.open(opener, earlier), result.notLive)
            assert.deepEqual(bob.totals(opener), { passed: 1, notLive: 3 })
        })

        test('an answer to another challenge, of somebody else or altered counts for nothing', () => {
            const { alice, bob, data, challenge } = twoSides(variant)
            const answer = alice.sealAnswer(data, [challenge])
            assert.equal(bob.openAnswer('carol', answer), result.tampered)
            for (let i = 0; i < answer.length; i++) {
                const altered = Buffer.from(answer)
                altered[i] ^= 1
                assert.ok(bob.openAnswer('alice', altered) < 0)
                assert.ok(bob.openAnswer('alice', answer.subarray(0, i)) < 0)
            }
            assert.equal(bob.openAnswer('', answer), result.invalid)
            assert.equal(bob.setChallenge(randomBytes(16)), 0)
            assert.equal(bob.openAnswer('alice', answer), result.notLive)
            assert.equal(bob.openAnswer('alice', alice.sealAnswer(data, [randomBytes(16)])),
                result.notLive)
        })

        test('answers of 1 to 256 challenges, and their bytes are as documented', () => {
            const { alice, bob, sealer, data, challenge } = twoSides(variant)
            const reading = new Reading('room', 'alice', streamId(5))
            const streams = counter => [{ id: streamId(1), kind: kinds.video, counter: 0 },
                { id: streamId(5), kind: kinds.data, counter }]
            for (const [counter, count] of [1, 2, 75, 255, 256].entries()) {
                const challenges = Array.from({ length: count - 1 }, () => randomBytes(16))
                challenges.push(challenge)
                const answer = alice.sealAnswer(data, challenges)
                assert.deepEqual(reading.open(counter, answer),
                    answerOf(challenges, streams(counter)))
                assert.equal(bob.openAnswer('alice', answer).length, 2)
            }
            for (const count of [0, 257, 0xffffffff])
                assert.equal(alice.exports.seal_answer(data, count), result.invalid)
            assert.equal(alice.exports.seal_answer(sealer, 1), result.invalid)
            for (const handle of [0, 77, -1])
                assert.equal(alice.exports.seal_answer(handle, 1), result.notReady)
        })

        test('what is sealed by the documentation alone opens; what is no answer does not', () => {
            const { bob, challenge } = twoSides(variant)
            const reading = new Reading('room', 'alice', streamId(9))
            const good = { id: streamId(3), kind: kinds.share, counter: 2 ** 32 }
            const open = text => bob.openAnswer('alice', reading.seal(3, text))
            assert.deepEqual(open(answerOf([challenge], [good])),
                [{ streamId: streamId(3), kind: kinds.share, counter: 2 ** 32 }])
            const text = answerOf([challenge], [good])
            for (let cut = 0; cut < text.length; cut++)
                assert.equal(open(text.subarray(0, cut)), result.notSealed)
            for (const bad of [Buffer.concat([text, Buffer.of(0)]), answerOf([], [good]),
                answerOf([challenge], []), answerOf([challenge], Array(65).fill(good)),
                answerOf(Array(257).fill(challenge), [good]),
                answerOf([challenge], [{ ...good, counter: 2 ** 32 + 1 }]),
                answerOf([challenge], [{ ...good, kind: 0 }]),
                answerOf([challenge], [{ ...good, kind: 6 }])])
                assert.equal(open(bad), result.notSealed)
        })

        test('64 streams are named, all that can be sent', () => {
            const { alice, bob, data, challenge } = twoSides(variant)
            for (let i = 0; i < 62; i++) assert.ok(alice.addSealer('alice', streamId(100 + i), 1) > 0)
            assert.equal(alice.addSealer('alice', streamId(99), 1), result.tooSmall)
            assert.equal(bob.openAnswer('alice', alice.sealAnswer(data, [challenge])).length, 64)
        })

        test('a participant with a key of its own answers with it and no other', () => {
            const { alice, bob, data, challenge } = twoSides(variant)
            const shared = alice.sealAnswer(data, [challenge])
            assert.equal(bob.setKey('secret', Buffer.alloc(32, 2), 'alice'), 0)
            assert.equal(bob.openAnswer('alice', shared), result.missingKey)
            assert.equal(alice.setKey('secret', Buffer.alloc(32, 2), 'alice'), 0)
            assert.equal(bob.openAnswer('alice', alice.sealAnswer(data, [challenge])).length, 2)
        })

        test('without a meeting, a challenge or a key nothing is answered', () => {
            const none = new Meeting(variant, null, 4, { needsAnswers: true })
            assert.equal(none.openAnswer('alice', randomBytes(60)), result.notReady)
            const { alice, data, challenge } = twoSides(variant)
            const answer = alice.sealAnswer(data, [challenge])
            const late = new Meeting(variant, 'room', 4, { needsAnswers: true })
            assert.equal(late.openAnswer('alice', answer), result.notLive)
            assert.equal(late.setChallenge(challenge), 0)
            assert.equal(late.openAnswer('alice', answer), result.missingKey)
            assert.equal(late.setKey('secret', secret), 0)
            assert.equal(late.openAnswer('alice', answer).length, 2)
            const keyless = new Meeting(variant)
            const own = keyless.addSealer('bob', streamId(1), kinds.data)
            assert.equal(keyless.sealAnswer(own, [challenge]), result.missingKey)
        })

        test('handles and counters outside what is allowed are refused', () => {
            const { bob, opener, sealer, alice } = twoSides(variant)
            for (const counter of [-1, NaN, Infinity, 2 ** 32 + 1])
                assert.equal(bob.exports.set_live(opener, counter), result.invalid)
            for (const handle of [0, 77, opener + 1])
                assert.equal(bob.exports.set_live(handle, 0), result.notReady)
            assert.equal(alice.exports.set_live(sealer, 0), result.notReady)
            for (const size of [(1 << 14) + 1, 0x7fffffff, -1]) {
                assert.equal(bob.exports.open_answer(1, size), result.invalid)
                assert.equal(bob.exports.open_answer(size, 60), result.invalid)
            }
        })

        test('random bytes never count', () => {
            const { bob } = twoSides(variant)
            const random = new Random()
            for (let i = 0; i < 2000; i++) {
                const bytes = random.bytes(random.below(6000))
                if (bytes.length > 0 && i % 2) bytes[bytes.length - 1] = 0xe0
                assert.ok(bob.openAnswer('alice', bytes) < 0)
            }
        })

        test('after a wipe a meeting needs answers again', () => {
            const meeting = new Meeting(variant)
            assert.equal(meeting.setChallenge(Buffer.alloc(16)), 0)
            meeting.exports.wipe()
            assert.equal(meeting.setMeeting('room', 4), 0)
            assert.equal(meeting.setKey('secret', secret), 0)
            const sealer = meeting.addSealer('alice', streamId(1), kinds.video)
            const opener = meeting.addOpener('alice', streamId(1), kinds.video)
            assert.equal(meeting.open(opener, meeting.seal(sealer, codecs.vp9, frame)),
                result.notLive)
            const data = meeting.addSealer('alice', streamId(2), kinds.data)
            assert.equal(meeting.openAnswer('alice', meeting.sealAnswer(data, [Buffer.alloc(16)])),
                result.notLive)
        })
    })
}
