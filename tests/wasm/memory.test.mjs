// What the module's memory holds of a key: nothing that is not needed, and nothing after wipe.
import assert from 'node:assert/strict'
import { createHmac, hkdfSync } from 'node:crypto'
import { describe, test } from 'node:test'

import { Meeting, codecs, kinds } from './meeting.mjs'
import { Instance, Random, hex, variants, vectors } from './module.mjs'
import {
    asLanes, expandKey, finds, findsForm, findsRoundKey, forms, ghashForms,
} from './secrets.mjs'

// Every secret of a row of the frame vectors (docs/frame-format.md, RFC 9605).
function secretsOf(row) {
    const hash = row.suite === 4 ? 'sha256' : 'sha512'
    const streamKey = hex(row.stream_key_hex)
    const numbers = Buffer.alloc(10)
    numbers.writeBigUInt64BE(BigInt(row.kid), 0)
    numbers.writeUInt16BE(row.suite, 8)
    const label = Buffer.concat([Buffer.from('SFrame 1.0 Secret key '), numbers])
    const size = row.suite === 4 ? 16 : 32
    const aesKey = Buffer.from(hkdfSync(hash, streamKey, '', label, size))
    return {
        key: row.key_text ? Buffer.from(row.key_text.padEnd(16, '\0')) : hex(row.key_hex),
        roomSecret: hex(row.room_secret_hex),
        streamKey,
        sframeSecret: createHmac(hash, '').update(streamKey).digest(),
        aesKey,
        roundKeys: expandKey(aesKey),
        ghash: ghashForms(aesKey),
    }
}

// The same of an SFrame key of suite 1, 2 or 3 (RFC 9605, sections 4.4.2 and 4.5.1).
function secretsOfSuite1To3(suite, kid, baseKey) {
    const label = Buffer.concat([Buffer.from('SFrame 1.0 Secret key '), Buffer.alloc(10)])
    label[label.length - 3] = kid
    label[label.length - 1] = suite
    const key = Buffer.from(hkdfSync('sha256', baseKey, '', label, 48))
    return {
        sframeSecret: createHmac('sha256', '').update(baseKey).digest(),
        aesKey: key.subarray(0, 16),
        macKey: key.subarray(16),
    }
}

// A text key in suite 4 and a raw key in suite 5.
const rows = vectors('sotto_frames').vectors
    .filter(row => ['opus, text key', 'VP9, raw key, suite 5'].includes(row.name))

// The stream key of a stream of kind data, in hex (docs/frame-format.md, "Keys").
function dataKey(row, participant, id) {
    const lp = bytes => Buffer.concat([Buffer.of(0, bytes.length), bytes])
    const info = Buffer.concat([Buffer.from('sotto/1 stream'), lp(Buffer.from(row.room_id)),
        lp(Buffer.from(participant)), lp(id), Buffer.of(kinds.data, 1)])
    return createHmac('sha256', hex(row.room_secret_hex)).update(info).digest('hex')
}

function openAndSeal(meeting, row) {
    const id = hex(row.stream_id_hex)
    const sealer = meeting.addSealer(row.participant_id, id, kinds[row.kind])
    const opener = meeting.addOpener(row.participant_id, id, kinds[row.kind])
    assert.deepEqual(meeting.open(opener, hex(row.wire_hex)), hex(row.frame_hex))
    const sealed = meeting.seal(sealer, codecs[row.codec], hex(row.frame_hex))
    return { sealer, opener, sealed }
}

for (const variant of variants) {
    describe(variant, () => {
        test('making a key ready and wiping it leaves no form of it on the stack', () => {
            const instance = new Instance(`test_${variant}`)
            const key = new Random().bytes(200)
            const isGone = secret => {
                instance.memory.fill(0, instance.exports.input(), instance.exports.input() + 200)
                return !findsForm(instance, secret)
            }
            for (const hash of [0, 1]) {
                for (const size of [20, 64, 65, 128, 200]) {
                    instance.write(key)
                    assert.equal(instance.exports.hmac_init_and_wipe(hash, size), 0)
                    assert.ok(isGone(key), `HMAC, ${hash}, ${size} bytes`)
                }
            }
            for (const size of [16, 32]) {
                const aesKey = key.subarray(0, size)
                instance.write(aesKey)
                assert.ok(findsForm(instance, aesKey), 'the search finds what is there')
                assert.equal(instance.exports.aead_init(size), 0)
                assert.equal(instance.exports.aead_wipe(), 0)
                assert.ok(isGone(aesKey))
                assert.ok(!findsRoundKey(variant, instance, expandKey(aesKey)))
            }
        })

        test('SFrame in suites 1 to 3 leaves neither keys nor keystream', () => {
            const instance = new Instance(`test_${variant}`)
            const random = new Random()
            const header = Buffer.alloc(16)
            header[0] = 7 // the KID; the counter is 0
            for (const suite of [1, 2, 3]) {
                const baseKey = random.bytes(32)
                const plain = random.bytes(3000)
                instance.write(header, baseKey, plain)
                const size = instance.exports.sframe_seal(suite, 32, 0, plain.length)
                const sealed = instance.read(size)
                const { sframeSecret, aesKey, macKey } = secretsOfSuite1To3(suite, 7, baseKey)
                const isGone = (what, ...patterns) => {
                    const input = instance.exports.input()
                    instance.memory.fill(0, input, input + 4096)
                    assert.ok(!finds(instance, ...patterns), `suite ${suite}, ${what}`)
                }
                const check = () => {
                    isGone('base key', ...forms(baseKey))
                    isGone('SFrame secret', ...forms(sframeSecret))
                    isGone('AES key', ...forms(aesKey))
                    isGone('HMAC key', ...forms(macKey))
                    assert.ok(!findsRoundKey(variant, instance, expandKey(aesKey)))
                    for (let i = 0; i + 16 <= plain.length; i += 16)
                        isGone(`keystream ${i}`, Buffer.from(plain.subarray(i, i + 16)
                            .map((byte, j) => byte ^ sealed[1 + i + j])))
                }
                assert.equal(sealed[0], 0x70)
                assert.ok(finds(instance, plain.subarray(0, 16)), 'the search finds what is there')
                check()
                instance.write(baseKey, sealed)
                assert.equal(instance.exports.sframe_open(suite, 32, 0, size), plain.length)
                assert.deepEqual(instance.read(plain.length), plain)
                check()
            }
        })

        test('the key that was given is gone once the room secret is there', () => {
            assert.equal(rows.length, 2)
            for (const row of rows) {
                const meeting = Meeting.ofRow(variant, row)
                const { key, roomSecret } = secretsOf(row)
                assert.ok(finds(meeting, roomSecret), 'the search finds what is there')
                assert.ok(!findsForm(meeting, key))
                assert.ok(!finds(meeting, ...forms(roomSecret).slice(1)))
            }
        })

        test('steps of a derivation leave none but the keys in use', () => {
            for (const row of rows) {
                const meeting = Meeting.ofRow(variant, row)
                openAndSeal(meeting, row)
                const { streamKey, sframeSecret, aesKey, roundKeys } = secretsOf(row)
                for (const [round, key] of roundKeys.entries())
                    assert.ok(finds(meeting, asLanes(variant, key, round)), 'the search finds it')
                assert.ok(!findsForm(meeting, streamKey))
                assert.ok(!findsForm(meeting, sframeSecret))
                assert.ok(!findsForm(meeting, aesKey))
                assert.ok(!roundKeys.some(key => finds(meeting, key)))
            }
        })

        test('an answer that was opened leaves no key of its stream', () => {
            for (const row of rows) {
                const [alice, bob] = [Meeting.ofRow(variant, row), Meeting.ofRow(variant, row)]
                const id = Buffer.alloc(16, 5)
                const sealer = alice.addSealer('alice', id, kinds.data)
                const own = secretsOf({ ...row, stream_key_hex: dataKey(row, 'alice', id) })
                const answer = alice.sealAnswer(sealer, [Buffer.alloc(16)])
                assert.ok(findsRoundKey(variant, alice, own.roundKeys), 'the search finds what is there')
                bob.setChallenge(Buffer.alloc(16))
                assert.equal(bob.openAnswer('alice', answer).length, 1)
                assert.ok(!findsRoundKey(variant, bob, own.roundKeys))
                assert.ok(!finds(bob, ...own.ghash))
                for (const secret of [own.streamKey, own.sframeSecret, own.aesKey])
                    assert.ok(!findsForm(bob, secret))
            }
        })

        test('no keystream is left behind a frame', () => {
            const row = rows[0]
            const meeting = Meeting.ofRow(variant, row)
            const { sealer } = openAndSeal(meeting, row)
            const frame = Buffer.alloc(3000, 0x5a)
            const sealed = meeting.seal(sealer, codecs.opus, frame)
            const ciphertext = sealed.subarray(sealed.length - 3000 - 17, sealed.length - 17)
            const keystream = Buffer.from(ciphertext.map((byte, i) => byte ^ frame[i]))
            assert.ok(finds(meeting, ciphertext.subarray(0, 16)), 'the search finds what is there')
            for (let i = 0; i + 16 <= 3000; i += 16)
                assert.ok(!finds(meeting, keystream.subarray(i, i + 16)), `block ${i / 16}`)
        })

        test('a removed key takes the keys of its streams along', () => {
            for (const row of rows) {
                const meeting = Meeting.ofRow(variant, row)
                openAndSeal(meeting, row)
                assert.equal(meeting.forgetKeys(), 0)
                const { roomSecret, roundKeys } = secretsOf(row)
                assert.ok(!findsForm(meeting, roomSecret))
                assert.ok(!findsRoundKey(variant, meeting, roundKeys))
            }
        })

        test('a key that has ended, its steps and what was exported lie nowhere', () => {
            const meeting = Meeting.ofRow(variant, rows[0])
            openAndSeal(meeting, rows[0])
            assert.equal(meeting.exports.set_ratchet_window(2), 0)
            assert.equal(meeting.setKey('secret', Buffer.alloc(32, 7)), 0)
            const { roomSecret, roundKeys } = secretsOf(rows[0])
            assert.ok(findsForm(meeting, roomSecret), 'the search finds it')
            meeting.pass(0, 60_000)
            assert.ok(!findsForm(meeting, roomSecret))
            assert.ok(!findsRoundKey(variant, meeting, roundKeys))
            const exported = meeting.exportSecret()
            meeting.memory.fill(0, meeting.exports.output(), meeting.exports.output() + 32)
            assert.equal(meeting.setKey('secret', Buffer.alloc(32, 8)), 0)
            meeting.pass(60_200, 121_000)
            assert.ok(!findsForm(meeting, exported))
        })

        test('after wipe memory holds no key and no frame, and every handle has ended', () => {
            for (const row of rows) {
                const meeting = Meeting.ofRow(variant, row)
                const { sealer, opener, sealed } = openAndSeal(meeting, row)
                const { roundKeys, ghash, ...secrets } = secretsOf(row)
                assert.ok(findsRoundKey(variant, meeting, roundKeys) && finds(meeting, ...ghash))
                assert.equal(meeting.setKey('secret', Buffer.alloc(32, 7), 'somebody'), 0)
                assert.equal(meeting.beginTextKey('another text, unfinished'), 0)
                assert.ok(meeting.exports.step_key_text(10) > 0)
                assert.equal(meeting.exports.wipe(), 0)

                for (const [name, secret] of Object.entries(secrets))
                    assert.ok(!findsForm(meeting, secret), name)
                assert.ok(!findsRoundKey(variant, meeting, roundKeys))
                assert.ok(!finds(meeting, ...ghash))
                assert.ok(!findsForm(meeting, Buffer.alloc(32, 7)))
                assert.ok(!finds(meeting, sealed, hex(row.frame_hex), 'another text'))
                assert.ok(meeting.exports.seal(sealer, codecs.opus, 0, 1) < 0)
                assert.ok(meeting.exports.open(opener, 1) < 0)
                assert.ok(meeting.exports.step_key_text(10) < 0)
            }
        })

        test('a wiped instance holds the next meeting as a new one does', () => {
            const row = rows[1]
            const meeting = Meeting.ofRow(variant, row)
            openAndSeal(meeting, row)
            assert.equal(meeting.exports.wipe(), 0)
            assert.ok(meeting.describeKey() < 0)
            assert.equal(meeting.setMeeting(row.room_id, row.suite), 0)
            assert.equal(meeting.exports.waive_liveness(), 0)
            assert.equal(meeting.setKey('raw', hex(row.key_hex)), 0)
            openAndSeal(meeting, row)
            assert.deepEqual(meeting.pollEvents(0).map(event => event.state), [1, 3])
        })
    })
}
