// A meeting in the product's module, as the Worker drives it.
import assert from 'node:assert/strict'

import { Instance, hex, result } from './module.mjs'

export const kinds = { audio: 1, video: 2, share: 3, shareAudio: 4, data: 5 }
export const codecs = { other: 0, opus: 1, red: 2, vp8: 3, vp9: 4, h264: 5, h265: 6, av1: 7 }

const utf8 = text => Buffer.from(text, 'utf8')

export class Meeting extends Instance {
    constructor(variant, roomId = 'room', suite = 4, { needsAnswers = false } = {}) {
        super(`core_${variant}`)
        if (roomId) assert.equal(this.setMeeting(roomId, suite), 0)
        if (!needsAnswers) assert.equal(this.exports.waive_liveness(), 0)
    }

    // The room of a row of the vectors, with its key.
    static ofRow(variant, row, options) {
        const meeting = new Meeting(variant, row.room_id, row.suite, options)
        if (row.key_text) meeting.setTextKey(row.key_text)
        else assert.equal(meeting.setKey('raw', hex(row.key_hex)), 0)
        for (let step = 0; step < row.ratchet_steps; step++) assert.equal(meeting.ratchet(), 0)
        return meeting
    }

    setMeeting(roomId, suite) {
        this.write(utf8(roomId))
        return this.exports.set_meeting(utf8(roomId).length, suite)
    }

    // `form` is raw or secret; `participant` is empty for the shared key.
    addKey(form, key, participant = '') {
        this.write(utf8(participant), key)
        return this.exports[`set_key_${form}`](utf8(participant).length, key.length)
    }

    // The same, and it seals from now on.
    setKey(form, key, participant = '') {
        return this.addKey(form, key, participant) || this.useNewest(participant)
    }

    useNewest(participant = '') {
        const { kid } = this.describeKey(participant)
        return this.useKey(kid, participant)
    }

    beginTextKey(text, participant = '') {
        this.write(utf8(participant), utf8(text))
        return this.exports.begin_key_text(utf8(participant).length, utf8(text).length)
    }

    setTextKey(text, participant = '') {
        assert.equal(this.beginTextKey(text, participant), 0)
        while (this.exports.step_key_text(50_000) > 0);
        assert.equal(this.useNewest(participant), 0)
    }

    // One step, which opens and does not seal yet.
    addStep(participant = '') {
        this.write(utf8(participant))
        return this.exports.ratchet_key(utf8(participant).length)
    }

    // One step, which seals from now on.
    ratchet(participant = '') {
        return this.addStep(participant) || this.useNewest(participant)
    }

    listKeys(participant = '') {
        this.write(utf8(participant))
        const bytes = this.read(this.exports.list_keys(utf8(participant).length))
        assert.equal(bytes.length % 24, 0)
        return Array.from({ length: bytes.length / 24 }, (_, i) => {
            const record = bytes.subarray(24 * i, 24 * i + 24)
            const is = record.readUInt32LE(4)
            return {
                kid: record.readUInt32LE(0), safetyCode: record.toString('latin1', 8, 22),
                seals: (is & 1) !== 0, isNewest: (is & 2) !== 0, isAhead: (is & 4) !== 0,
            }
        })
    }

    // The newest key; a negative result if there is none.
    describeKey(participant = '') {
        const newest = this.listKeys(participant).find(({ isNewest }) => isNewest)
        return newest ? { kid: newest.kid, safetyCode: newest.safetyCode } : result.missingKey
    }

    exportSecret(participant = '') {
        this.write(utf8(participant))
        const size = this.exports.export_secret(utf8(participant).length)
        return size < 0 ? size : this.read(size)
    }

    forgetKeys(participant = '') {
        this.write(utf8(participant))
        return this.exports.forget_keys(utf8(participant).length)
    }

    // Lets time go on from `fromMs` to `toMs` in the usual steps. Returns how many steps of the
    // ratchet were followed.
    pass(fromMs, toMs) {
        let steps = 0
        for (let nowMs = fromMs; nowMs <= toMs; nowMs += 200) {
            const followed = this.exports.handle_timeout(nowMs)
            assert.ok(followed >= 0)
            steps += followed
        }
        return steps
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

    addSealer(participant, streamId, kind) {
        this.write(utf8(participant), streamId)
        return this.exports.add_sealer(utf8(participant).length, kind)
    }

    addOpener(participant, streamId, kind) {
        this.write(utf8(participant), streamId)
        return this.exports.add_opener(utf8(participant).length, kind)
    }

    setChallenge(challenge) {
        this.write(challenge)
        return this.exports.set_challenge()
    }

    // The answer, or a negative result.
    sealAnswer(handle, challenges) {
        this.write(...challenges)
        const size = this.exports.seal_answer(handle, challenges.length)
        return size < 0 ? size : this.read(size)
    }

    // The streams that an answer names, or a negative result.
    openAnswer(participant, answer) {
        this.write(utf8(participant), answer)
        const count = this.exports.open_answer(utf8(participant).length, answer.length)
        if (count < 0) return count
        const records = this.read(32 * count)
        return Array.from({ length: count }, (_, i) => ({
            streamId: records.subarray(32 * i, 32 * i + 16),
            kind: records.readUInt32LE(32 * i + 16),
            counter: records.readDoubleLE(32 * i + 24),
        }))
    }

    // The sealed frame, or a negative result.
    seal(handle, codec, frame, isKeyFrame = 0) {
        this.write(frame)
        const size = this.exports.seal(handle, codec, isKeyFrame, frame.length)
        return size < 0 ? size : this.read(size)
    }

    // Seals so many frames that the counter of a new sealer is this.
    advance(handle, counter) {
        for (let sealed = 0; sealed < counter; sealed++)
            assert.ok(this.exports.seal(handle, codecs.other, 0, 1) > 0)
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
