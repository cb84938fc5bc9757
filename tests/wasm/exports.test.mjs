// The product's exports: vectors both ways, handles, keys, limits, events.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { Meeting, codecs, kinds, streamId } from './meeting.mjs'
import { Random, hex, moduleBytes, result, results, sottoRows, variants } from './module.mjs'

const documentedExports = [
    'memory', 'reserve', 'input', 'output', 'set_meeting', 'set_key_raw', 'set_key_secret',
    'set_ratchet_window', 'begin_key_text', 'step_key_text', 'ratchet_key', 'forget_keys', 'list_keys',
    'export_secret', 'use_key', 'add_sealer', 'add_opener', 'hold_key', 'waive_liveness', 'set_challenge',
    'seal_answer', 'open_answer', 'set_live', 'remove_stream',
    'seal', 'open', 'handle_timeout', 'poll_event', 'read_totals', 'wipe',
]

const secret = number => Buffer.alloc(32, number)
const frame = Buffer.from('a frame of a few bytes')

// Alice's video, sealed and opened by two instances that share a key.
function twoSides(variant) {
    const sides = { alice: new Meeting(variant), bob: new Meeting(variant) }
    for (const side of Object.values(sides)) assert.equal(side.setKey('secret', secret(1)), 0)
    sides.sealer = sides.alice.addSealer('alice', streamId(1), kinds.video)
    sides.opener = sides.bob.addOpener('alice', streamId(1), kinds.video)
    assert.ok(sides.sealer > 0 && sides.opener > 0)
    return sides
}

// A sealer arrives at its counter by sealing: rows whose counter is a matter of minutes are opened only.
const isReached = counter => counter < 1 << 20

function checkFrameRow(variant, row) {
    const meeting = Meeting.ofRow(variant, row)
    assert.deepEqual(meeting.describeKey(), { kid: row.kid, safetyCode: row.safety_code })

    const id = hex(row.stream_id_hex)
    if (isReached(row.ctr)) {
        const sealer = meeting.addSealer(row.participant_id, id, kinds[row.kind])
        meeting.advance(sealer, row.ctr)
        const sealed =
            meeting.seal(sealer, codecs[row.codec], hex(row.frame_hex), Number(row.is_key_frame))
        assert.deepEqual(sealed, hex(row.wire_hex), row.name)
    }

    const opener = meeting.addOpener(row.participant_id, id, kinds[row.kind])
    assert.deepEqual(meeting.open(opener, hex(row.wire_hex)), hex(row.frame_hex))
    assert.equal(meeting.open(opener, hex(row.wire_hex)), result.replayed)
}

for (const variant of variants) {
    describe(variant, () => {
        test('the module imports nothing and exports what exports.c documents', () => {
            const module = new WebAssembly.Module(moduleBytes(`core_${variant}`))
            assert.deepEqual(WebAssembly.Module.imports(module), [])
            const names = WebAssembly.Module.exports(module).map(entry => entry.name)
            assert.deepEqual(names.sort(), [...documentedExports].sort())
        })

        test('the frames of every codec in the vectors are sealed and opened', () => {
            const rows = sottoRows('vectors')
            for (const row of rows) checkFrameRow(variant, row)
            const counts = {}
            for (const { codec } of rows) counts[codec] = (counts[codec] ?? 0) + 1
            assert.deepEqual(counts, { opus: 4, red: 1, vp8: 6, vp9: 1, h264: 10, h265: 4, av1: 4 })
            assert.equal(rows.filter(row => !isReached(row.ctr)).length, 2)
        })

        test('the vectors that must be refused are, for the documented reason', () => {
            const rows = sottoRows('refused')
            for (const row of rows) {
                const meeting = Meeting.ofRow(variant, row)
                const opener =
                    meeting.addOpener(row.participant_id, hex(row.stream_id_hex), kinds[row.kind])
                assert.equal(meeting.open(opener, hex(row.wire_hex)), results[row.result], row.name)
            }
            assert.equal(rows.length, 20)
        })

        test('NAL units whose ciphertext is all zeros are escaped and opened', () => {
            const { alice, bob, sealer, opener } = twoSides(variant)
            const twin = new Meeting(variant)
            assert.equal(twin.setKey('secret', secret(1)), 0)
            const other = twin.addSealer('alice', streamId(1), kinds.video)
            const size = 100
            const slice = Buffer.from([0, 0, 1, 0x41, 0x9a])
            for (const codec of [codecs.h264, codecs.h265, codecs.h264]) {
                // The ciphertext of zeros is the key stream; what holds the key stream becomes zeros.
                const keyStream = twin.seal(other, codecs.other, Buffer.alloc(size)).subarray(5, 5 + size)
                const sent = Buffer.from(keyStream)
                slice.copy(sent)
                if (codec === codecs.h265) sent.set([0x26, 1], 3)
                const sealed = alice.seal(sealer, codec, sent)
                assert.ok(sealed.length > size + 6 + 22 + 40)
                assert.ok(sealed.indexOf(Buffer.from([0, 0, 3, 0, 0, 3])) > 0)
                for (const code of [[0, 0, 0], [0, 0, 1], [0, 0, 2]])
                    assert.ok(sealed.indexOf(Buffer.from(code), 4) < 0)
                assert.ok(bob.open(opener, sealed).equals(sent))
            }
        })

        test('frames of every size up to 1,000 and of several megabytes travel', () => {
            const { alice, bob, sealer, opener } = twoSides(variant)
            const random = new Random()
            for (let size = 1; size <= 1000; size++) {
                const sent = random.bytes(size)
                assert.ok(bob.open(opener, alice.seal(sealer, codecs.vp9, sent)).equals(sent))
            }
            for (const codec of [codecs.vp9, codecs.av1, codecs.h264])
                for (const size of [1 << 15, 5_000_001, 1 << 24]) {
                    const sent = Buffer.alloc(size, 0x5a)
                    sent.set([0, 0, 0, 1, 0x65, 0x88])
                    assert.equal(alice.exports.reserve(size), 0)
                    const sealed = alice.seal(sealer, codec, sent)
                    assert.equal(bob.exports.reserve(sealed.length), 0)
                    assert.ok(bob.open(opener, sealed).equals(sent))
                }
            assert.equal(alice.exports.reserve(46_137_383), 0)
            assert.equal(alice.exports.reserve(46_137_384), result.invalid)
            assert.equal(alice.seal(sealer, codecs.vp9, Buffer.alloc((1 << 24) + 1)), result.invalid)
        })

        test('there are regions after the first reserve of any size, and none before', () => {
            const module = new WebAssembly.Module(moduleBytes(`core_${variant}`))
            const { exports } = new WebAssembly.Instance(module)
            assert.deepEqual([exports.input(), exports.output()], [0, 0])
            assert.equal(exports.set_meeting(1, 4), result.invalid)
            assert.equal(exports.seal(1, 0, 0, 0), result.notReady)
            assert.equal(exports.poll_event(0), result.invalid)
            assert.equal(exports.wipe(), 0)
            assert.equal(exports.reserve(0), 0)
            assert.ok(exports.input() > 0 && exports.output() > 0)
        })

        test('an empty frame stays empty and is not counted', () => {
            const { alice, bob, sealer, opener } = twoSides(variant)
            assert.equal(alice.exports.seal(sealer, codecs.opus, 0, 0), 0)
            assert.equal(bob.exports.open(opener, 0), 0)
            assert.deepEqual(alice.totals(sealer), { passed: 0 })
        })

        test('an altered, truncated or lengthened frame is refused', () => {
            const { alice, bob, sealer, opener } = twoSides(variant)
            const sealed = alice.seal(sealer, codecs.vp8, frame)
            for (let i = 0; i < sealed.length; i++) {
                const altered = Buffer.from(sealed)
                altered[i] ^= 1
                assert.ok(bob.open(opener, altered) < 0)
                assert.ok(i === 0 || bob.open(opener, sealed.subarray(0, i)) < 0)
            }
            assert.ok(bob.open(opener, Buffer.concat([sealed, Buffer.alloc(1)])) < 0)
            assert.deepEqual(bob.open(opener, sealed), frame)
        })

        test('what does not open is counted by its reason', () => {
            const { alice, bob, sealer, opener } = twoSides(variant)
            const sealed = alice.seal(sealer, codecs.opus, frame)
            const altered = Buffer.from(sealed)
            altered[10] ^= 1
            for (const wire of [altered, frame, altered, sealed, sealed]) bob.open(opener, wire)
            assert.equal(alice.setKey('secret', secret(2)), 0)
            bob.open(opener, alice.seal(sealer, codecs.opus, frame))
            assert.deepEqual(bob.totals(opener),
                { passed: 1, missingKey: 1, tampered: 2, notSealed: 1, replayed: 1 })
            assert.deepEqual(alice.totals(sealer), { passed: 2 })
        })

        test('a handle that names nothing is an error in every call', () => {
            const { alice, sealer } = twoSides(variant)
            const opener = alice.addOpener('bob', streamId(2), kinds.audio)
            const random = new Random()
            const wrong = [0, 1, -1, 0x7fffffff, -0x80000000, sealer + 1, sealer ^ 0x1000,
                sealer ^ 0x10000000, ...Array.from({ length: 2000 }, () => random.next())]
            for (const handle of wrong.filter(value => ![sealer, opener].includes(value))) {
                assert.equal(alice.exports.seal(handle, codecs.opus, 0, 1), result.notReady)
                assert.equal(alice.exports.open(handle, 1), result.notReady)
                assert.equal(alice.exports.read_totals(handle), result.notReady)
                assert.equal(alice.exports.hold_key(handle, 1), result.notReady)
                assert.equal(alice.exports.remove_stream(handle), result.notReady)
            }
            assert.equal(alice.exports.hold_key(opener, 1), result.notReady)
            assert.equal(alice.exports.seal(opener, codecs.opus, 0, 1), result.notReady)
            assert.equal(alice.exports.open(sealer, 1), result.notReady)
        })

        test('a handle does not outlive its stream', () => {
            const { alice, sealer } = twoSides(variant)
            assert.equal(alice.exports.remove_stream(sealer), 0)
            assert.equal(alice.exports.remove_stream(sealer), result.notReady)
            const next = alice.addSealer('alice', streamId(9), kinds.video)
            assert.notEqual(next, sealer)
            assert.equal(alice.exports.seal(sealer, codecs.opus, 0, 1), result.notReady)
        })

        test('sizes beyond the regions are refused', () => {
            const { alice, sealer } = twoSides(variant)
            const opener = alice.addOpener('bob', streamId(2), kinds.audio)
            for (const size of [(1 << 14) + 1, 0x7fffffff, 0xffffffff, -1]) {
                assert.equal(alice.exports.seal(sealer, codecs.opus, 0, size), result.invalid)
                assert.equal(alice.exports.open(opener, size), result.invalid)
                assert.equal(alice.exports.set_key_raw(size, 16), result.invalid)
                assert.equal(alice.exports.set_key_raw(0, size), result.invalid)
                assert.equal(alice.exports.set_key_raw(size, 0xffffffff), result.invalid)
                assert.equal(alice.exports.set_key_secret(size, size), result.invalid)
                assert.equal(alice.exports.begin_key_text(size, 1), result.invalid)
                assert.equal(alice.exports.add_sealer(size, kinds.audio), result.invalid)
                assert.equal(alice.exports.add_opener(size, kinds.audio), result.invalid)
                for (const call of ['list_keys', 'export_secret', 'ratchet_key', 'forget_keys'])
                    assert.equal(alice.exports[call](size), result.invalid)
                assert.equal(alice.exports.use_key(size, 1), result.invalid)
                assert.equal(alice.exports.set_meeting(size, 4), result.invalid)
            }
        })

        test('kinds, codecs, suites, ids and keys outside what is allowed are refused', () => {
            const meeting = new Meeting(variant, null)
            assert.equal(meeting.addKey('secret', secret(1)), result.notReady)
            assert.equal(meeting.beginTextKey('text'), result.notReady)
            assert.deepEqual(meeting.listKeys(), [])
            assert.equal(meeting.addSealer('alice', streamId(1), 1), result.notReady)
            for (const suite of [0, 1, 2, 3, 6, -1])
                assert.equal(meeting.setMeeting('room', suite), result.invalid)
            assert.equal(meeting.setMeeting('', 4), result.invalid)
            assert.equal(meeting.setMeeting('r'.repeat(256), 4), result.invalid)
            assert.equal(meeting.setMeeting('room', 4), 0)
            assert.equal(meeting.setMeeting('room', 4), result.invalid)

            for (const kind of [0, 6, -1, 0x7fffffff])
                assert.equal(meeting.addSealer('alice', streamId(1), kind), result.invalid)
            assert.equal(meeting.addSealer('', streamId(1), 1), result.invalid)
            assert.equal(meeting.addOpener('p'.repeat(256), streamId(1), 1), result.invalid)
            assert.equal(meeting.setKey('raw', Buffer.alloc(15)), result.invalid)
            assert.equal(meeting.setKey('secret', Buffer.alloc(31)), result.invalid)
            assert.equal(meeting.setKey('secret', secret(1), 'p'.repeat(256)), result.invalid)
            assert.equal(meeting.beginTextKey(''), result.invalid)
            assert.equal(meeting.exports.step_key_text(1), result.notReady)

            const sealer = meeting.addSealer('alice', streamId(1), kinds.audio)
            assert.equal(meeting.setKey('secret', secret(1)), 0)
            for (const codec of [8, -1, 0x7fffffff])
                assert.equal(meeting.exports.seal(sealer, codec, 0, 1), result.invalid)
            for (const isKeyFrame of [2, -1])
                assert.equal(meeting.exports.seal(sealer, codecs.av1, isKeyFrame, 1), result.invalid)
            for (const codec of [codecs.h264, codecs.h265])
                assert.equal(meeting.seal(sealer, codec, Buffer.from([0, 0, 1, 0x67, 1])), result.invalid)
            for (const nowMs of [-1, NaN, Infinity, 2 ** 53]) {
                assert.equal(meeting.exports.poll_event(nowMs), result.invalid)
                assert.equal(meeting.exports.handle_timeout(nowMs), result.invalid)
            }
        })

        test('a second sealer of one stream id is refused', () => {
            const { alice } = twoSides(variant)
            assert.equal(alice.addSealer('alice', streamId(1), kinds.video), result.invalid)
        })

        test('the opener of a stream is found again and remembers what it opened', () => {
            const { alice, bob, sealer, opener } = twoSides(variant)
            const sealed = alice.seal(sealer, codecs.vp9, frame)
            assert.deepEqual(bob.open(opener, sealed), frame)
            assert.equal(bob.addOpener('alice', streamId(1), kinds.video), opener)
            assert.equal(bob.open(opener, sealed), result.replayed)
            assert.notEqual(bob.addOpener('alice', streamId(1), kinds.share), opener)
            assert.deepEqual(bob.totals(opener), { passed: 1, replayed: 1 })
        })

        test('64 sealers, 1,024 openers and 256 participants fit; places are used again', () => {
            const meeting = new Meeting(variant)
            const id = number => {
                const bytes = Buffer.alloc(16)
                bytes.writeUInt32LE(number)
                return bytes
            }
            const sealers = Array.from({ length: 64 }, (_, i) => meeting.addSealer('me', id(i), 1))
            assert.ok(sealers.every(handle => handle > 0) && new Set(sealers).size === 64)
            assert.equal(meeting.addSealer('me', id(64), 1), result.tooSmall)
            assert.equal(meeting.exports.remove_stream(sealers[5]), 0)
            assert.ok(meeting.addSealer('me', id(64), 1) > 0)

            const openers = Array.from({ length: 1024 },
                (_, i) => meeting.addOpener(`participant ${i % 255}`, id(i), 2))
            assert.ok(openers.every(handle => handle > 0) && new Set(openers).size === 1024)
            assert.equal(meeting.addOpener('participant 0', id(1024), 2), result.tooSmall)
            assert.equal(meeting.exports.remove_stream(openers[0]), 0)
            assert.equal(meeting.addOpener('one too many', id(0), 2), result.tooSmall)
            assert.ok(meeting.addOpener('participant 0', id(0), 2) > 0)
            assert.ok(meeting.memory.length < 16 << 20)

            for (const handle of openers.filter((_, i) => i % 255 === 7))
                assert.equal(meeting.exports.remove_stream(handle), 0)
            assert.ok(meeting.addOpener('in the place of 7', id(0), 2) > 0)
        })

        test('events tell how streams fare, once', () => {
            const { alice, bob, sealer, opener } = twoSides(variant)
            const { kid } = alice.describeKey()
            const stranger = bob.addOpener('carol', streamId(3), kinds.audio)
            assert.deepEqual(bob.pollEvents(0), [])
            bob.open(opener, alice.seal(sealer, codecs.vp9, frame))
            bob.open(stranger, alice.seal(sealer, codecs.vp9, frame))
            assert.deepEqual(alice.pollEvents(1000), [{
                handle: sealer, state: 1, kind: kinds.video, reason: 0, kid, count: 2,
                sinceMs: 1000,
            }])
            assert.deepEqual(bob.pollEvents(1500), [
                { handle: opener, state: 3, kind: kinds.video, reason: 0, kid, count: 1,
                    sinceMs: 1500 },
                { handle: stranger, state: 4, kind: kinds.audio, reason: -result.tampered, kid,
                    count: 1, sinceMs: 1500 },
            ])
            assert.deepEqual(bob.pollEvents(1600), [])
        })

        test('a sealer without a key seals nothing and says so', () => {
            const meeting = new Meeting(variant)
            const sealer = meeting.addSealer('alice', streamId(1), kinds.audio)
            assert.equal(meeting.seal(sealer, codecs.opus, frame), result.missingKey)
            const [event] = meeting.pollEvents(0)
            assert.deepEqual([event.state, event.reason], [2, -result.missingKey])
        })
    })
}
