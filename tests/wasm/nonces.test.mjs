// No key and nonce are ever used twice: every frame of a random history of one participant is opened by
// an independent reading of the format, and the AES key and nonce that opened it are written down.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'

import { keyId, nextSecret, nonceOf, openFrame, parseFrame, streamKeys } from '../../web/e2e/blind/keys.ts'
import { Meeting, codecs, kinds } from './meeting.mjs'
import { Random, result, variants } from './module.mjs'

const ROOM = 'room'
const ALICE = 'alice'
const KINDS = ['audio', 'video', 'share', 'shareAudio']

class Record {
    secrets = new Map() // by key id: every secret there ever was
    used = new Set()
    streams = new Set()
    kids = new Set()
    #keys = new Map()

    // A secret, and those after it that a ratchet may come to.
    know(secret, steps = 60) {
        for (let step = 0; step <= steps; step++, secret = nextSecret(secret))
            this.secrets.set(keyId(secret), secret)
    }

    add(streamId, kind, wire, frame) {
        const { kid, counter } = parseFrame(wire)
        const name = `${streamId.toString('hex')} ${kind} ${kid}`
        if (!this.#keys.has(name)) {
            assert.ok(this.secrets.has(kid), 'sealed under a key that nobody set')
            const stream = { participantId: ALICE, streamId, kind }
            this.#keys.set(name, streamKeys(this.secrets.get(kid), ROOM, stream))
        }
        const keys = this.#keys.get(name)
        assert.deepEqual(openFrame(keys, wire), frame)
        const pair = `${keys.key.toString('hex')} ${nonceOf(keys, counter).toString('hex')}`
        assert.ok(!this.used.has(pair), `a nonce came twice: counter ${counter} of ${name}`)
        this.used.add(pair)
        this.streams.add(streamId.toString('hex'))
        this.kids.add(kid)
    }
}

// One run of the worker: what its page would ask of it, in any order.
class Run {
    constructor(variant, record, random) {
        this.record = record
        this.random = random
        this.meeting = new Meeting(variant, ROOM)
        this.senders = []
        this.nowMs = 0
        this.begin()
    }

    begin() {
        assert.equal(this.meeting.exports.set_ratchet_window(this.random.below(3)), 0)
        this.setKey('')
        for (const kind of KINDS) this.produce(kind)
    }

    setKey(owner) {
        const secret = Buffer.alloc(32, 1 + this.random.below(3)) // the same few again and again
        this.record.know(secret)
        assert.equal(this.meeting.addKey('secret', secret, owner), 0)
    }

    useAny(owner) {
        const keys = this.meeting.listKeys(owner).filter(({ isAhead }) => !isAhead)
        if (keys.length > 0) this.meeting.useKey(keys[this.random.below(keys.length)].kid, owner)
    }

    // As the page does it: a new stream id for each sealer.
    produce(kind) {
        const streamId = randomBytes(16)
        const handle = this.meeting.addSealer(ALICE, streamId, kinds[kind])
        assert.ok(handle > 0)
        assert.equal(this.meeting.addSealer(ALICE, streamId, kinds[kind]), result.invalid)
        this.senders.push({ handle, kind, streamId })
    }

    stop(index) {
        const [{ handle }] = this.senders.splice(index, 1)
        assert.equal(this.meeting.exports.remove_stream(handle), 0)
    }

    // A few frames of one sender: with simulcast all layers go through its one sealer.
    send() {
        const { handle, kind, streamId } = this.senders[this.random.below(this.senders.length)]
        const codec = kind.startsWith('share') || kind === 'video' ? codecs.vp9 : codecs.opus
        for (let layer = 0; layer < 3; layer++) {
            const frame = this.random.bytes(1 + this.random.below(40))
            const wire = this.meeting.seal(handle, codec, frame)
            if (Buffer.isBuffer(wire)) this.record.add(streamId, kind, wire, frame)
            else assert.equal(wire, result.missingKey)
        }
    }

    // The worker's instance is wiped and begins anew in the same place.
    restart() {
        assert.equal(this.meeting.exports.wipe(), 0)
        this.senders = []
        assert.equal(this.meeting.setMeeting(ROOM, 4), 0)
        this.begin()
    }

    step() {
        const index = this.random.below(this.senders.length)
        const { handle, kind } = this.senders[index]
        const owner = this.random.below(3) === 0 ? ALICE : ''
        switch (this.random.below(24)) {
        case 0: return this.setKey(owner)
        case 1: return this.useAny(owner)
        case 2: return void this.meeting.ratchet(owner)
        case 3: return void this.meeting.addStep(owner)
        case 4: return void (this.random.below(4) || this.meeting.forgetKeys(ALICE))
        case 5: return void (this.random.below(12) || this.restart())
        case 6: return void this.meeting.exports.hold_key(handle, this.random.below(2))
        case 7:
            this.stop(index)
            return this.produce(kind)
        case 8: return this.pass(this.random.below(4) * 20_000)
        default: return this.send()
        }
    }

    pass(durationMs) {
        this.meeting.pass(this.nowMs, this.nowMs + durationMs)
        this.nowMs += durationMs + 200
    }
}

for (const variant of variants) {
    describe(variant, () => {
        test('one participant, reloaded and in two tabs: no nonce comes twice', () => {
            const random = new Random()
            const record = new Record()
            let runs = [new Run(variant, record, random)]
            for (let i = 0; i < 4000; i++) {
                if (random.below(200) === 0) runs = runs.slice(-1) // a tab is closed
                if (random.below(100) === 0) runs.push(new Run(variant, record, random)) // reloaded
                runs[random.below(runs.length)].step()
            }
            assert.ok(record.used.size > 5000, `${record.used.size} frames`)
            assert.ok(record.kids.size > 12, `${record.kids.size} keys`)
            assert.ok(record.streams.size > 100, `${record.streams.size} streams`)
        })

        test('the record notices one that does', () => {
            const record = new Record()
            record.know(Buffer.alloc(32, 1))
            const frame = Buffer.from('a frame')
            const streamId = randomBytes(16)
            const wires = [0, 1].map(() => {
                // A copy of a sealer: what reload would be if the page kept the stream id.
                const meeting = new Meeting(variant, ROOM)
                assert.equal(meeting.setKey('secret', Buffer.alloc(32, 1)), 0)
                const sealer = meeting.addSealer(ALICE, streamId, kinds.audio)
                return meeting.seal(sealer, codecs.opus, frame)
            })
            record.add(streamId, 'audio', wires[0], frame)
            assert.throws(() => record.add(streamId, 'audio', wires[1], frame), /came twice/)
            const altered = Buffer.from(wires[0])
            altered[8] ^= 1
            assert.throws(() => record.add(streamId, 'audio', altered, frame))
        })
    })
}
