// A meeting in the product's module, as the Worker drives it.
import assert from 'node:assert/strict'

import { Instance, result } from './module.mjs'

export const kinds = { audio: 1, video: 2, share: 3, shareAudio: 4, data: 5 }
export const codecs = { other: 0, opus: 1, red: 2, vp8: 3, vp9: 4, h264: 5, h265: 6, av1: 7 }

const utf8 = text => Buffer.from(text, 'utf8')

export class Meeting extends Instance {
    constructor(variant, roomId = 'room', suite = 4) {
        super(`core_${variant}`)
        if (roomId) assert.equal(this.setMeeting(roomId, suite), 0)
    }

    setMeeting(roomId, suite) {
        this.write(utf8(roomId))
        return this.exports.set_meeting(utf8(roomId).length, suite)
    }

    // `form` is raw or secret; `participant` is empty for the shared key.
    setKey(form, key, participant = '') {
        this.write(utf8(participant), key)
        return this.exports[`set_key_${form}`](utf8(participant).length, key.length)
    }

    beginTextKey(text, participant = '') {
        this.write(utf8(participant), utf8(text))
        return this.exports.begin_key_text(utf8(participant).length, utf8(text).length)
    }

    setTextKey(text, participant = '') {
        assert.equal(this.beginTextKey(text, participant), 0)
        while (this.exports.step_key_text(50_000) > 0);
    }

    ratchet(participant = '') {
        this.write(utf8(participant))
        return this.exports.ratchet_key(utf8(participant).length)
    }

    describeKey(participant = '') {
        this.write(utf8(participant))
        const size = this.exports.describe_key(utf8(participant).length)
        if (size < 0) return size
        const bytes = this.read(size)
        return { kid: bytes.readUInt32LE(0), safetyCode: bytes.toString('latin1', 4) }
    }

    // The key id of the last frame of a stream that was sealed or opened.
    lastKid(handle) {
        assert.equal(this.exports.read_totals(handle), 104)
        return this.read(104).readDoubleLE(96)
    }

    useKey(kid, participant = '') {
        this.write(utf8(participant))
        return this.exports.use_key(utf8(participant).length, kid)
    }

    removeKey(kid, participant = '') {
        this.write(utf8(participant))
        return this.exports.remove_key(utf8(participant).length, kid)
    }

    addSealer(participant, streamId, kind) {
        this.write(utf8(participant), streamId)
        return this.exports.add_sealer(utf8(participant).length, kind)
    }

    addOpener(participant, streamId, kind) {
        this.write(utf8(participant), streamId)
        return this.exports.add_opener(utf8(participant).length, kind)
    }

    // The sealed frame, or a negative result.
    seal(handle, codec, frame, isKeyFrame = 0) {
        this.write(frame)
        const size = this.exports.seal(handle, codec, isKeyFrame, frame.length)
        return size < 0 ? size : this.read(size)
    }

    // The frame, or a negative result.
    open(handle, sealed) {
        this.write(sealed)
        const size = this.exports.open(handle, sealed.length)
        return size < 0 ? size : this.read(size)
    }

    // All that there is to tell at `nowMs`.
    pollEvents(nowMs) {
        const events = []
        for (;;) {
            const code = this.exports.poll_event(nowMs)
            if (code === 0) return events
            assert.equal(code, 1)
            const bytes = this.read(40)
            const numbers = [0, 4, 8, 12, 16].map(offset => bytes.readUInt32LE(offset))
            const [handle, state, kind, reason, kid] = numbers
            events.push({
                handle, state, kind, reason, kid,
                count: bytes.readDoubleLE(24), sinceMs: bytes.readDoubleLE(32),
            })
        }
    }

    // Frames by what became of them, those of which there are any; the names are those of `result`.
    totals(handle) {
        assert.equal(this.exports.read_totals(handle), 104)
        const bytes = this.read(104)
        const names = Object.fromEntries(Object.entries(result).map(([name, code]) => [-code, name]))
        const totals = { passed: bytes.readDoubleLE(0) }
        for (let i = 1; i < 12; i++) {
            const count = bytes.readDoubleLE(i * 8)
            if (count > 0) totals[names[i] ?? i] = count
        }
        return totals
    }
}

// A stream id whose bytes are all `id`.
export const streamId = id => Buffer.alloc(16, id)
