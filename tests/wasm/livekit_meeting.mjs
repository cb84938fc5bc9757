// A meeting in the module of the format "livekit", as the Worker drives it.
import assert from 'node:assert/strict'

import { codecs, kinds } from './meeting.mjs'
import { Instance, hex } from './module.mjs'

const utf8 = text => Buffer.from(text, 'utf8')

const defaults = {
    salt: 'LKFrameEncryptionKey', keySize: 128, ringSize: 16, ratchetWindow: 0, failureTolerance: -1,
}

export class LivekitMeeting extends Instance {
    constructor(variant, options = {}) {
        super(`livekit_${variant}`)
        assert.equal(this.setMeeting(options), 0)
    }

    setMeeting(options) {
        const { salt, keySize, ringSize, ratchetWindow, failureTolerance } = { ...defaults, ...options }
        this.write(utf8(salt))
        return this.exports.set_meeting(
            utf8(salt).length, keySize / 8, ringSize, ratchetWindow, failureTolerance)
    }

    // A text by PBKDF2, bytes by HKDF.
    setKey(key, index = 0, participant = '', makesCurrent = true) {
        const begin = typeof key === 'string' ? 'begin_key_text' : 'set_key_raw'
        const bytes = typeof key === 'string' ? utf8(key) : key
        this.write(utf8(participant), bytes)
        return this.exports[begin](
            utf8(participant).length, bytes.length, index, Number(makesCurrent))
    }

    ratchet(index = 0, participant = '') {
        return this.withId(participant, size => this.exports.ratchet_key(size, index))
    }

    listKeys(participant = '') {
        const size = this.withId(participant, size => this.exports.list_keys(size))
        const bytes = this.read(size)
        return Array.from({ length: size / 24 }, (_, i) => ({
            index: bytes.readUInt32LE(24 * i), seals: (bytes.readUInt32LE(24 * i + 4) & 1) === 1,
            safetyCode: bytes.toString('latin1', 24 * i + 8, 24 * i + 22),
        }))
    }

    // Of each place that has a key, whether it seals.
    places() {
        return this.listKeys().map(({ index, seals }) => [index, seals])
    }

    withId(participant, call) {
        this.write(utf8(participant))
        return call(utf8(participant).length)
    }

    // Derives whatever is to be derived.
    work() {
        for (;;) {
            const more = this.exports.work(20_000)
            if (more <= 0) return more
        }
    }

    setTrailer(trailer) {
        this.write(trailer)
        return this.exports.set_trailer(trailer.length)
    }

    // Every SSRC's count begins at `count`.
    addSealer(participant = 'alice', kind = kinds.video, count = 0) {
        const counts = Buffer.alloc(16)
        for (let i = 0; i < 8; i++) counts.writeUInt16LE(count, 2 * i)
        this.write(utf8(participant), counts)
        return this.exports.add_sealer(utf8(participant).length, kind)
    }

    addOpener(participant = 'alice', kind = kinds.video) {
        return this.withId(participant, size => this.exports.add_opener(size, kind))
    }

    // The sealed frame, or a negative result.
    seal(handle, { codec, isKeyFrame, ssrc, timestamp }, frame) {
        this.write(frame)
        const size = this.exports.seal(
            handle, codecs[codec], Number(isKeyFrame), ssrc, timestamp, frame.length)
        return size < 0 ? size : this.read(size)
    }

    // The frame, or a negative result.
    open(handle, sealed, { codec = 'other', isKeyFrame = false } = {}) {
        this.write(sealed)
        const size = this.exports.open(handle, codecs[codec], Number(isKeyFrame), sealed.length)
        return size < 0 ? size : this.read(size)
    }

    // Participant and key index of all that went a step forward.
    pollRatcheted() {
        const steps = []
        for (;;) {
            const size = this.exports.poll_ratcheted()
            if (size <= 0) return steps
            const bytes = this.read(size)
            steps.push([bytes.toString('utf8', 4), bytes.readUInt32LE(0)])
        }
    }
}

// What a row of livekit_frames.json says of a frame.
export function describeRow(row) {
    const mime = (row.codec_mime ?? '').toLowerCase().split('/')[1]
    const isSound = row.media_kind === 'audio' || mime === 'opus'
    return {
        codec: isSound ? 'opus' : (mime ?? 'other'), isKeyFrame: row.frame_type === 'key',
        ssrc: row.ssrc, timestamp: row.rtp_timestamp,
    }
}

// A meeting that holds a row's key in its place, ratcheted as far as the row says.
export function meetingOfRow(variant, row) {
    const index = row.key_index ?? 0
    const meeting = new LivekitMeeting(variant, { salt: row.salt_utf8, keySize: row.key_size_bits ?? 128 })
    const key = row.kdf === 'PBKDF2' ? row.key_utf8 : hex(row.key_hex)
    assert.equal(meeting.setKey(key, index), 0)
    assert.equal(meeting.work(), 0)
    for (let step = 0; step < (row.ratchet_steps ?? 0); step++) assert.equal(meeting.ratchet(index), 0)
    assert.equal(meeting.work(), 0)
    return meeting
}
