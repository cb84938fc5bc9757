// The module of the format "livekit": vectors both ways, the ring, text keys in slices, limits.
import assert from 'node:assert/strict'
import { hkdfSync, pbkdf2Sync } from 'node:crypto'
import { describe, test } from 'node:test'

import { LivekitMeeting, describeRow, meetingOfRow } from './livekit_meeting.mjs'
import { kinds } from './meeting.mjs'
import { Random, hex, moduleBytes, result, variants, vectors } from './module.mjs'
import { expandKey, finds, findsForm, findsRoundKey, ghashForms } from './secrets.mjs'

const documentedExports = [
    'memory', 'reserve', 'input', 'output', 'set_meeting', 'set_trailer', 'set_key_raw',
    'begin_key_text', 'work', 'is_waiting', 'list_keys', 'ratchet_key', 'use_key', 'forget_keys',
    'end_previous', 'poll_ratcheted', 'add_sealer', 'add_opener', 'remove_stream', 'seal', 'open',
    'poll_event', 'read_totals', 'wipe',
]

const key = number => Buffer.alloc(32, number)
const frame = Buffer.from('a frame of a few bytes')
const sound = timestamp => ({ codec: 'opus', isKeyFrame: false, ssrc: 1, timestamp })

function twoSides(variant, options = {}) {
    const sides = { alice: new LivekitMeeting(variant, options), bob: new LivekitMeeting(variant, options) }
    for (const side of [sides.alice, sides.bob]) assert.equal(side.setKey(key(1)), 0)
    sides.sealer = sides.alice.addSealer()
    sides.opener = sides.bob.addOpener()
    assert.ok(sides.sealer > 0 && sides.opener > 0)
    return sides
}

function checkRow(variant, row) {
    const meeting = meetingOfRow(variant, row)
    const described = describeRow(row)
    const sealer = meeting.addSealer('alice', kinds.video, row.send_count)
    const wire = hex(row.encrypted_frame_hex)
    const opened = hex(row.decrypted_by_livekit_hex ?? row.plaintext_frame_hex)
    assert.deepEqual(meeting.seal(sealer, described, hex(row.plaintext_frame_hex)), wire)
    const opener = meeting.addOpener()
    assert.deepEqual(meeting.open(opener, wire, described), opened)
    assert.equal(meeting.open(opener, wire, described), result.replayed)
    assert.equal(meeting.open(meeting.addOpener('bob'), wire), result.replayed)
}

for (const variant of variants) {
    describe(variant, () => {
        test('the module imports nothing and exports what livekit_exports.c documents', () => {
            const module = new WebAssembly.Module(moduleBytes(`livekit_${variant}`))
            assert.deepEqual(WebAssembly.Module.imports(module), [])
            const names = WebAssembly.Module.exports(module).map(entry => entry.name)
            assert.deepEqual(names.sort(), [...documentedExports].sort())
        })

        test('the frames of the vectors are sealed and opened', () => {
            const file = vectors('livekit_frames')
            const rows = [...file.vectors, ...file.videosdk_frames]
            assert.equal(rows.length, 18)
            for (const row of rows) checkRow(variant, row)
        })

        test('a text key comes in slices, and frames pass meanwhile', () => {
            const { alice, bob, sealer, opener } = twoSides(variant)
            assert.equal(bob.setKey('a passphrase', 3), 0)
            let slices = 0
            for (; bob.withId('', size => bob.exports.is_waiting(size)) === 1; slices++) {
                assert.ok(bob.exports.work(10_000) >= 0)
                const sealed = alice.seal(sealer, sound(slices * 960), frame)
                assert.deepEqual(bob.open(opener, sealed), frame)
            }
            assert.equal(slices, 10)
            assert.deepEqual(bob.places(), [[0, false], [3, true]])
            assert.equal(bob.exports.work(10_000), 0)
        })

        test('places of the ring, and participants with keys of their own', () => {
            const { alice, bob, sealer, opener } = twoSides(variant, { ringSize: 4 })
            const passes = timestamp =>
                bob.open(opener, alice.seal(sealer, sound(timestamp), frame)).equals?.(frame) ?? false
            assert.equal(alice.setKey(key(2), 5), 0)
            assert.deepEqual(alice.places(), [[0, false], [1, true]])
            assert.equal(passes(1), false)
            assert.equal(bob.setKey(key(2), 1, '', false), 0)
            assert.deepEqual(bob.listKeys().map(({ seals }) => seals), [true, false])
            assert.equal(bob.listKeys()[1].safetyCode, alice.listKeys()[1].safetyCode)
            assert.notEqual(bob.listKeys()[0].safetyCode, bob.listKeys()[1].safetyCode)
            assert.equal(passes(2), true)

            // A key of her own: nothing else opens hers, and hers opens nobody else's.
            const other = bob.addOpener('carol')
            assert.equal(bob.setKey(key(9), 1, 'alice'), 0)
            assert.equal(passes(3), false)
            const sealed = alice.seal(sealer, sound(4), frame)
            assert.deepEqual(bob.open(other, sealed), frame)
            assert.equal(alice.setKey(key(9), 1, 'alice'), 0)
            assert.equal(passes(5), true)
            assert.equal(bob.open(other, alice.seal(sealer, sound(6), frame)), result.tampered)
            assert.equal(bob.withId('alice', size => bob.exports.forget_keys(size)), 0)
            assert.equal(passes(7), false)
            assert.equal(bob.withId('alice', size => bob.exports.forget_keys(size)), result.missingKey)
            assert.equal(alice.withId('alice', size => alice.exports.forget_keys(size)), 0)
            assert.equal(passes(8), true)
            assert.equal(alice.withId('', size => alice.exports.forget_keys(size)), 0)
            assert.equal(alice.seal(sealer, sound(9), frame), result.missingKey)
        })

        test('a sender who ratchets is followed, and it is told', () => {
            const { alice, bob, sealer, opener } = twoSides(variant, { ratchetWindow: 2 })
            assert.equal(bob.setKey(key(7), 3, 'alice'), 0)
            assert.equal(alice.setKey(key(7), 3), 0)
            assert.equal(bob.work(), 0)
            const before = alice.seal(sealer, sound(1), frame)
            assert.equal(alice.ratchet(3), 0)
            assert.equal(alice.work(), 0)
            assert.deepEqual(alice.pollRatcheted(), [['', 3]])
            assert.deepEqual(bob.open(opener, alice.seal(sealer, sound(2), frame)), frame)
            assert.deepEqual(bob.pollRatcheted(), [['alice', 3]])
            assert.deepEqual(bob.pollRatcheted(), [])
            assert.deepEqual(bob.open(opener, before), frame)
            assert.equal(alice.ratchet(2), result.missingKey)
            assert.equal(bob.exports.end_previous(), 0)
        })

        test('frames of every size up to 1,000 and of several megabytes travel', () => {
            const { alice, bob, sealer, opener } = twoSides(variant)
            const random = new Random()
            let timestamp = 0
            const slice = [0, 0, 0, 1, 0x65, 0x88]
            for (let size = 1; size <= 1000; size++) {
                const codec = size < 10 ? 'vp9' : ['opus', 'vp8', 'vp9', 'h264', 'h265'][size % 5]
                const described = { codec, isKeyFrame: true, ssrc: 1, timestamp: timestamp++ }
                const sent = random.bytes(size)
                if (codec === 'h264') sent.set(slice)
                const sealed = alice.seal(sealer, described, sent)
                assert.deepEqual(bob.open(opener, sealed, described), sent)
            }
            for (const codec of ['vp9', 'h264'])
                for (const size of [1 << 15, 5_000_001, 1 << 24]) {
                    const described = { codec, isKeyFrame: true, ssrc: 1, timestamp: timestamp++ }
                    const sent = Buffer.alloc(size, 0x5a)
                    sent.set(slice)
                    assert.equal(alice.exports.reserve(size), 0)
                    const sealed = alice.seal(sealer, described, sent)
                    assert.equal(bob.exports.reserve(sealed.length), 0)
                    assert.ok(bob.open(opener, sealed, described).equals(sent))
                }
            assert.equal(alice.exports.reserve(25_165_870), 0)
            assert.equal(alice.exports.reserve(25_165_871), result.invalid)
        })

        test('what the server injects does not pass', () => {
            const { alice, bob, sealer, opener } = twoSides(variant)
            const sealed = alice.seal(sealer, sound(1), frame)
            assert.equal(bob.setTrailer(sealed.subarray(-4)), 0)
            assert.equal(bob.open(opener, sealed), result.notSealed)
            assert.equal(bob.open(bob.addOpener('alice'), sealed), result.notSealed)
            assert.equal(bob.setTrailer(Buffer.alloc(65)), result.invalid)
            assert.equal(bob.setTrailer(Buffer.alloc(0)), 0)
            assert.deepEqual(bob.open(opener, sealed), frame)
        })

        test('an empty frame stays empty; AV1 and pictures too short are refused', () => {
            const { alice, bob, sealer, opener } = twoSides(variant)
            assert.equal(alice.exports.seal(sealer, 1, 0, 1, 1, 0), 0)
            assert.equal(bob.exports.open(opener, 1, 0, 0), 0)
            for (const codec of ['av1', 'vp8', 'h264', 'other']) {
                const described = { ...sound(1), codec, isKeyFrame: true }
                assert.equal(alice.seal(sealer, described, Buffer.alloc(9)), result.invalid)
            }
            assert.equal(bob.open(opener, Buffer.alloc(60, 12), { codec: 'av1' }), result.invalid)
            assert.equal(alice.exports.seal(sealer, 8, 0, 1, 1, 1), result.invalid)
        })

        test('nothing that JavaScript passes reaches beyond the regions', () => {
            const { alice, sealer, opener, bob } = twoSides(variant)
            for (const size of [16_385, 0x7fffffff, 0xffffffff]) {
                assert.equal(alice.exports.seal(sealer, 1, 0, 1, 1, size), result.invalid)
                assert.equal(bob.exports.open(opener, 1, 0, size), result.invalid)
                assert.equal(alice.exports.set_key_raw(size, 16, 0, 1), result.invalid)
                assert.equal(alice.exports.set_key_raw(16, size, 0, 1), result.invalid)
                assert.equal(alice.exports.begin_key_text(size, size, 0, 1), result.invalid)
                assert.equal(alice.exports.add_sealer(size, 1), result.invalid)
                assert.equal(alice.exports.add_opener(size, 1), result.invalid)
                assert.equal(alice.exports.set_trailer(size), result.invalid)
                assert.equal(alice.exports.forget_keys(size), result.invalid)
                assert.equal(alice.exports.use_key(size, 0), result.missingKey)
            }
            for (const handle of [0, -1, 1 << 30, opener]) {
                assert.equal(alice.exports.seal(handle, 1, 0, 1, 1, 1), result.notReady)
                assert.equal(alice.exports.remove_stream(handle), result.notReady)
            }
            assert.equal(alice.exports.set_key_raw(256, 16, 0, 1), result.invalid)
            assert.equal(alice.exports.add_opener(0, 1), result.invalid)
            assert.equal(alice.exports.add_opener(1, 6), result.invalid)
            assert.equal(alice.exports.poll_event(-1), result.invalid)
        })

        test('options outside the limits are refused, and everything before there is a meeting', () => {
            const meeting = new LivekitMeeting(variant)
            assert.equal(meeting.setMeeting({}), result.invalid)
            assert.equal(meeting.exports.wipe(), 0)
            for (const options of [
                { keySize: 192 }, { ringSize: 0 }, { ringSize: 257 }, { ratchetWindow: 17 },
                { salt: 'x'.repeat(257) },
            ])
                assert.equal(meeting.setMeeting(options), result.invalid, JSON.stringify(options))
            assert.equal(meeting.setKey(key(1)), result.notReady)
            assert.equal(meeting.addSealer(), result.notReady)
            assert.equal(meeting.addOpener(), result.notReady)
            assert.equal(meeting.exports.work(1000), 0)
            assert.equal(meeting.exports.poll_event(0), 0)
            assert.equal(meeting.setMeeting({ ringSize: 256, keySize: 256, ratchetWindow: 16 }), 0)
            assert.equal(meeting.setKey(key(1), 255), 0)
            assert.ok(meeting.addSealer() > 0)
        })

        test('states are told with the key index plus one', () => {
            const { alice, bob, sealer, opener } = twoSides(variant)
            const sealed = alice.seal(sealer, sound(1), frame)
            sealed[sealed.length - 1] = 5
            assert.equal(bob.open(opener, sealed), result.missingKey)
            assert.equal(bob.exports.poll_event(1000), 1)
            const event = bob.read(40)
            const numbers = [0, 4, 8, 12, 16].map(offset => event.readUInt32LE(offset))
            assert.deepEqual(numbers, [opener, 4, kinds.video, -result.missingKey, 6])
            assert.equal(event.readDoubleLE(24), 1)
            assert.equal(bob.exports.poll_event(1000), 0)
            assert.equal(alice.exports.read_totals(sealer), 104)
            const totals = alice.read(104)
            assert.deepEqual([totals.readDoubleLE(0), totals.readDoubleLE(96)], [1, 1])
        })

        test('after wipe memory holds no key and no frame', () => {
            const meeting = new LivekitMeeting(variant, { ratchetWindow: 1 })
            const salt = 'LKFrameEncryptionKey'
            const raw = new Random().bytes(32)
            const text = Buffer.from('a passphrase of many bytes')
            const derived = [
                Buffer.from(hkdfSync('sha256', raw, salt, Buffer.alloc(128), 32)),
                pbkdf2Sync(text, salt, 100_000, 32, 'sha256'),
            ]
            const aesKeys = derived.map(secret => secret.subarray(0, 16))
            const holds = {
                roundKeys: key => findsRoundKey(variant, meeting, expandKey(key)),
                ghash: key => finds(meeting, ...ghashForms(key)),
            }
            assert.equal(meeting.setKey(raw, 0), 0)
            assert.equal(meeting.setKey(String(text), 1, 'alice'), 0)
            assert.equal(meeting.work(), 0)
            const sealed = ['bob', 'alice'].map(id => {
                const wire = meeting.seal(meeting.addSealer(id), sound(1), frame)
                assert.deepEqual(meeting.open(meeting.addOpener(id), wire), frame)
                return wire
            })
            const what = 'the search finds what is there'
            assert.ok(aesKeys.every(key => finds(meeting, key)), what)
            for (const found of Object.values(holds)) assert.ok(aesKeys.every(found), what)
            assert.ok(!findsForm(meeting, raw) && !findsForm(meeting, text), 'what was given is gone')
            assert.equal(meeting.setKey('another text, unfinished'), 0)
            assert.equal(meeting.exports.work(10), 1)
            assert.equal(meeting.exports.wipe(), 0)
            for (const secret of [...derived, raw, text]) assert.ok(!findsForm(meeting, secret))
            for (const [name, found] of Object.entries(holds)) assert.ok(!aesKeys.some(found), name)
            assert.ok(!finds(meeting, frame, ...sealed, 'another text'))
        })
    })
}
