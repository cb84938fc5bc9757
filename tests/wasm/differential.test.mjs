// Random frames, sealed by Node's crypto and opened by the core, and the other way round, under
// keys that each derives by itself (reference.mjs). SOTTO_DIFFERENTIAL_FRAMES says how many, for
// instance 1000000; SOTTO_SEED which, or every run has others and says their seed.
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { describe, test } from 'node:test'

import { Meeting, codecs, kinds } from './meeting.mjs'
import { Instance, Random, variants } from './module.mjs'
import { deriveStream, open, seal, sealSFrame } from './reference.mjs'

const FRAMES = Number(process.env.SOTTO_DIFFERENTIAL_FRAMES ?? 20_000)
const SUITES = [4, 5]
/** After which room, keys and streams are new. */
const FRAMES_PER_STREAM = 500
const COUNTER_MAX = 2 ** 32 - 1
/** Every so many frames one is sealed under any counter, which a sealer would take years to reach. */
const ANY_COUNTER_EVERY = 8
const POOL_SIZE = 1 << 20
/** As exports_test.c has room for. */
const SFRAME_SIZE_MAX = 200_000

const random = new Random(Number(process.env.SOTTO_SEED ?? randomInt(2 ** 32)))
const pool = random.bytes(POOL_SIZE)
const chance = share => random.next() < share * 2 ** 32

// Mostly frames of speech and of small pictures; every edge of a block; now and then a large one.
function randomSize() {
    const kind = random.next() / 2 ** 32
    if (kind < 0.04) return random.below(3)
    if (kind < 0.3) return Math.max(0, 16 * random.below(40) + random.below(5) - 2)
    if (kind < 0.95) return random.below(1300)
    if (kind < 0.999) return random.below(8000)
    return random.below(200_000)
}

function randomBytes(size) {
    const from = random.below(POOL_SIZE - size)
    return Buffer.from(pool.subarray(from, from + size))
}

// NAL units of any type, the first ones likely to be those that matter, with many zeros inside.
function randomByteStream(size, types) {
    const units = []
    for (let left = size; left > 0;) {
        const unit = randomBytes(1 + random.below(Math.min(left, 1 + random.below(200))))
        if (chance(0.7)) unit[0] = types[random.below(types.length)]
        if (chance(0.3)) unit.fill(0, 1 + random.below(unit.length))
        units.push(Buffer.from(chance(0.5) ? [0, 0, 1] : [0, 0, 0, 1]), unit)
        left -= unit.length
    }
    if (size > 2000) units.push(Buffer.of(0, 0, 1, types.at(-1)), randomBytes(size))
    return Buffer.concat(units)
}

const h264Types = [0x67, 0x68, 0x06, 0x09, 0x65, 0x41]
const h265Types = [0x40, 0x42, 0x44, 0x4e, 0x26, 0x02]
const frameOf = {
    opus: randomBytes,
    vp9: randomBytes,
    vp8: randomBytes,
    av1: randomBytes,
    h264: size => randomByteStream(size, h264Types),
    h265: size => randomByteStream(size, h265Types),
}
const codecNames = Object.keys(frameOf)

function randomFrame() {
    const codec = codecNames[random.below(codecNames.length)]
    return { codec, isKeyFrame: random.next() >>> 31, frame: frameOf[codec](randomSize()) }
}

// Where the counters of a stream begin: before each width of theirs and before the last.
function firstCounter() {
    const width = [0, 2 ** 8, 2 ** 16, 2 ** 24, 2 ** 32][random.below(5)]
    return Math.max(0, width - FRAMES_PER_STREAM + random.below(100))
}

// A sealer in the core and its keys here; and the other way round, an opener.
class Streams {
    constructor(meeting, suite) {
        const [room, participant] = [1, 1 + random.below(40)].map(size =>
            random.bytes(size).toString('hex'))
        const secret = random.bytes(32)
        const names = Object.values(kinds)
        const kind = names[random.below(names.length)]
        assert.equal(meeting.exports.wipe(), 0)
        assert.equal(meeting.setMeeting(room, suite), 0)
        assert.equal(meeting.exports.waive_liveness(), 0)
        assert.equal(meeting.setKey('secret', secret), 0)
        const ids = [random.bytes(16), random.bytes(16)]
        const derive = id => deriveStream(suite, secret, room, participant, id, kind)
        this.meeting = meeting
        this.sealer = meeting.addSealer(participant, ids[0], kind)
        this.opener = meeting.addOpener(participant, ids[1], kind)
        assert.ok(this.sealer > 0 && this.opener > 0)
        ;[this.sealed, this.opened] = ids.map(derive)
        this.sealCounter = 0
        this.openCounter = firstCounter()
    }

    // Sealed by the core: every byte is what Node makes, and Node opens it. Whether it was sealed.
    sealInCore({ codec, frame, isKeyFrame }, disturb) {
        const expected = seal(this.sealed, this.sealCounter, codec, frame, isKeyFrame)
        const wire = this.meeting.seal(this.sealer, codecs[codec], frame, isKeyFrame)
        if (!expected) {
            assert.ok(wire < 0, 'the core sealed what is not to be sealed')
            return false
        }
        assert.ok(wire instanceof Buffer, `the core did not seal it: ${wire}`)
        disturb(wire)
        assert.ok(expected.equals(wire), 'the core sealed otherwise')
        const opened = open(this.sealed, this.sealCounter++, codec, frame, isKeyFrame, wire)
        assert.ok(frame.equals(opened), 'Node opened otherwise')
        return true
    }

    // Sealed by Node, opened by the core.
    openInCore({ codec, frame, isKeyFrame }, disturb) {
        if (this.openCounter > COUNTER_MAX) return
        const wire = seal(this.opened, this.openCounter++, codec, frame, isKeyFrame)
        disturb(wire)
        const opened = this.meeting.open(this.opener, wire)
        assert.ok(opened instanceof Buffer, `the core did not open it: ${opened}`)
        assert.ok(frame.equals(opened), 'the core opened otherwise')
    }
}

// SFrame alone, under any counter.
function compareSFrame(instance, stream, { frame }) {
    if (frame.length > SFRAME_SIZE_MAX) return
    const counter = chance(0.1) ? COUNTER_MAX - random.below(3) : random.next()
    const metadata = random.bytes(random.below(12))
    const numbers = Buffer.alloc(16)
    numbers.writeBigUInt64LE(BigInt(stream.kid))
    numbers.writeBigUInt64LE(BigInt(counter), 8)
    instance.write(numbers, stream.baseKey, metadata, frame)
    const size = instance.exports.sframe_seal(stream.suite, stream.baseKey.length, metadata.length,
        frame.length)
    assert.ok(sealSFrame(stream, counter, frame, metadata).equals(instance.read(size)))
}

/** Of which every bit is authenticated. */
const soundFrame = () => ({ codec: 'opus', isKeyFrame: 0, frame: randomBytes(1 + random.below(500)) })

// Returns how many frames went both ways, by codec: all but empty ones and those without a slice.
// `flip` names a frame and a direction in which one bit of it is flipped on the way.
function compare(variant, suite, count, flip = {}) {
    const meeting = new Meeting(variant, null)
    assert.equal(meeting.exports.reserve(1 << 20), 0)
    const primitives = new Instance(`test_${variant}`)
    const compared = Object.fromEntries(codecNames.map(codec => [codec, 0]))
    let streams
    for (let i = 0; i < count; i++) {
        if (i % FRAMES_PER_STREAM === 0) streams = new Streams(meeting, suite)
        const frame = flip.frame === i ? soundFrame() : randomFrame()
        const disturber = direction => wire => {
            if (flip.frame === i && flip.direction === direction)
                wire[random.below(wire.length)] ^= 1 << random.below(8)
        }
        try {
            if (frame.frame.length > 0
                && streams.sealInCore(frame, disturber('sealed by the core'))) {
                streams.openInCore(frame, disturber('sealed by Node'))
                compared[frame.codec]++
            }
            if (i % ANY_COUNTER_EVERY === 0) compareSFrame(primitives, streams.sealed, frame)
        } catch (error) {
            error.message = `frame ${i} of seed ${random.seed}, ${frame.codec}: ${error.message}`
            throw error
        }
    }
    return compared
}

for (const variant of variants) {
    describe(variant, () => {
        for (const suite of SUITES) {
            const count = Math.ceil(FRAMES / variants.length / SUITES.length)
            test(`agrees with Node's crypto on ${count} random frames of suite ${suite}`, context => {
                const compared = compare(variant, suite, count)
                context.diagnostic(`seed ${random.seed}: ${JSON.stringify(compared)}`)
                for (const [codec, frames] of Object.entries(compared))
                    assert.ok(frames > count / codecNames.length / 2, codec)
            })
        }
    })
}

describe('one flipped bit in one of the frames is noticed', () => {
    for (const direction of ['sealed by the core', 'sealed by Node']) {
        test(direction, () => {
            for (const frame of [0, 123, 199])
                assert.throws(() => compare('simd', 4, 200, { frame, direction }),
                    new RegExp(`^AssertionError.*: frame ${frame} of seed`))
        })
    }
})
