// The keys of a meeting through the product's exports: shared ones and participants' own, their order
// and their ends, steps of the ratchet, and what may be seen of them.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { Meeting, codecs, kinds, streamId } from './meeting.mjs'
import { result, variants } from './module.mjs'

const secret = number => Buffer.alloc(32, number)
const frame = Buffer.from('a frame of a few bytes')

// Alice's video, sealed and opened by two instances that share a key.
function twoSides(variant, steps = 0) {
    const sides = { alice: new Meeting(variant), bob: new Meeting(variant) }
    for (const side of [sides.alice, sides.bob]) {
        assert.equal(side.exports.set_ratchet_window(steps), 0)
        assert.equal(side.setKey('secret', secret(1)), 0)
    }
    sides.sealer = sides.alice.addSealer('alice', streamId(1), kinds.video)
    sides.opener = sides.bob.addOpener('alice', streamId(1), kinds.video)
    sides.send = () => sides.bob.open(sides.opener, sides.alice.seal(sides.sealer, codecs.vp9, frame))
    return sides
}

for (const variant of variants) {
    describe(variant, () => {
        test('the key before the last one can go on sealing while the last one opens', () => {
            const { alice, bob, sealer, opener } = twoSides(variant)
            assert.equal(bob.lastKid(opener), 0)
            const { kid } = alice.describeKey()
            assert.equal(alice.setKey('secret', secret(2)), 0)
            const next = alice.describeKey().kid
            assert.equal(alice.useKey(kid), 0)
            assert.deepEqual(bob.open(opener, alice.seal(sealer, codecs.opus, frame)), frame)
            assert.equal(bob.lastKid(opener), kid)
            assert.equal(alice.useKey(next), 0)
            assert.equal(alice.lastKid(sealer), kid)
            assert.equal(bob.open(opener, alice.seal(sealer, codecs.opus, frame)), result.missingKey)
            assert.equal(alice.lastKid(sealer), next)
            assert.equal(alice.useKey(77), result.missingKey)
            assert.equal(alice.useKey(next, 'alice'), result.missingKey)
        })

        test('a participant with a key of its own is opened with no other', () => {
            const { alice, bob, sealer, opener } = twoSides(variant)
            const shared = alice.seal(sealer, codecs.vp9, frame)
            assert.equal(bob.setKey('secret', secret(2), 'alice'), 0)
            assert.equal(bob.open(opener, shared), result.missingKey)
            assert.equal(bob.setKey('secret', secret(1)), 0)
            assert.equal(bob.open(opener, shared), result.missingKey)

            assert.equal(alice.setKey('secret', secret(2), 'alice'), 0)
            assert.deepEqual(bob.open(opener, alice.seal(sealer, codecs.vp9, frame)), frame)
            const later = bob.addOpener('alice', streamId(7), kinds.audio)
            const sealed = alice.seal(alice.addSealer('alice', streamId(7), kinds.audio),
                codecs.opus, frame)
            assert.deepEqual(bob.open(later, sealed), frame)
        })

        test('who comes late opens with all shared keys, and without keys nothing opens', () => {
            const { alice, bob, sealer } = twoSides(variant)
            const first = alice.seal(sealer, codecs.vp9, frame)
            for (const side of [alice, bob]) assert.equal(side.setKey('secret', secret(2)), 0)
            const second = alice.seal(sealer, codecs.vp9, frame)

            const late = new Meeting(variant)
            for (const number of [1, 2]) assert.equal(late.setKey('secret', secret(number)), 0)
            const opener = late.addOpener('alice', streamId(1), kinds.video)
            assert.deepEqual(late.open(opener, first), frame)
            assert.deepEqual(late.open(opener, second), frame)

            const earlier = bob.addOpener('alice', streamId(1), kinds.video)
            assert.equal(bob.forgetKeys(), 0)
            assert.deepEqual(bob.listKeys(), [])
            for (const wire of [first, second])
                assert.equal(bob.open(earlier, wire), result.missingKey)
            assert.equal(bob.setKey('secret', secret(2)), 0)
            assert.deepEqual(bob.open(earlier, second), frame)
        })

        test('keys of a participant are described, ratcheted and removed by themselves', () => {
            const { bob } = twoSides(variant)
            assert.equal(bob.describeKey('alice'), result.missingKey)
            assert.equal(bob.ratchet('alice'), result.missingKey)
            assert.equal(bob.setKey('secret', secret(2), 'alice'), 0)
            const before = bob.describeKey('alice')
            assert.equal(bob.ratchet('alice'), 0)
            assert.notEqual(bob.describeKey('alice').kid, before.kid)
            assert.equal(bob.forgetKeys('alice'), 0)
            assert.equal(bob.describeKey('alice'), result.missingKey)
        })

        test('frames go on while a text key is derived, and it counts from its last round', () => {
            const { alice, bob, sealer, opener } = twoSides(variant)
            const { kid } = alice.describeKey()
            assert.equal(alice.beginTextKey('a text that people share'), 0)
            assert.equal(alice.exports.step_key_text(1), 600_000 - 2)
            for (let left = 600_000 - 2; left > 0;) {
                assert.deepEqual(bob.open(opener, alice.seal(sealer, codecs.vp9, frame)), frame)
                assert.equal(alice.describeKey().kid, kid)
                left = alice.exports.step_key_text(100_000)
                assert.ok(left >= 0)
            }
            assert.notEqual(alice.describeKey().kid, kid)
            assert.equal(alice.exports.step_key_text(1), result.notReady)
        })

        test('a text key begun anew replaces the one under way', () => {
            const one = new Meeting(variant)
            one.setTextKey('second')
            const other = new Meeting(variant)
            assert.equal(other.beginTextKey('first', 'alice'), 0)
            assert.ok(other.exports.step_key_text(1000) > 0)
            other.setTextKey('second')
            assert.deepEqual(other.describeKey(), one.describeKey())
            assert.equal(other.describeKey('alice'), result.missingKey)
        })

        test('a key that is set opens at once, and seals once it is told to', () => {
            const { alice, bob, opener, send } = twoSides(variant)
            for (const side of [alice, bob]) assert.equal(side.addKey('secret', secret(2)), 0)
            const [first, second] = [alice.listKeys().find(({ seals }) => seals), alice.describeKey()]
            assert.notEqual(first.kid, second.kid)
            assert.deepEqual(send(), frame)
            assert.equal(alice.useKey(second.kid), 0)
            assert.deepEqual(send(), frame)
            assert.equal(bob.lastKid(opener), second.kid)
        })

        test('keys are listed with what they are for, and without a byte of theirs', () => {
            const { alice } = twoSides(variant, 2)
            assert.equal(alice.addKey('secret', secret(2)), 0)
            assert.equal(alice.setKey('secret', secret(3), 'bob'), 0)
            const [old, newest, ...ahead] = alice.listKeys()
            assert.ok(old.seals && !old.isNewest && !old.isAhead)
            assert.ok(!newest.seals && newest.isNewest && !newest.isAhead)
            assert.equal(ahead.length, 2)
            for (const key of ahead) assert.ok(!key.seals && !key.isNewest && key.isAhead)
            assert.equal(alice.listKeys('bob').length, 3)
            assert.deepEqual(alice.listKeys('carol'), [])
            const all = [...alice.listKeys(), ...alice.listKeys('bob')]
            assert.equal(new Set(all.map(({ safetyCode }) => safetyCode)).size, all.length)
            for (const { kid, safetyCode } of all) {
                assert.ok(kid >= 2 ** 31)
                assert.match(safetyCode, /^\d{4} \d{4} \d{4}$/)
            }
        })

        test('a secret that is handed on opens what follows, and is the newest one only', () => {
            const { alice, sealer } = twoSides(variant)
            const before = alice.seal(sealer, codecs.vp9, frame)
            assert.deepEqual(alice.exportSecret(), secret(1))
            assert.equal(alice.ratchet(), 0)
            const handedOn = alice.exportSecret()
            assert.notDeepEqual(handedOn, secret(1))
            const joiner = new Meeting(variant)
            assert.equal(joiner.exportSecret(), result.missingKey)
            assert.equal(joiner.setKey('secret', handedOn), 0)
            const opener = joiner.addOpener('alice', streamId(1), kinds.video)
            assert.deepEqual(joiner.open(opener, alice.seal(sealer, codecs.vp9, frame)), frame)
            assert.equal(joiner.open(opener, before), result.missingKey)
            assert.equal(alice.exportSecret('bob'), result.missingKey)
            assert.equal(alice.setKey('secret', secret(5), 'bob'), 0)
            assert.deepEqual(alice.exportSecret('bob'), secret(5))
        })

        test('a held key goes on sealing until it is let go', () => {
            const { alice, bob, sealer, opener, send } = twoSides(variant)
            const { kid } = alice.describeKey()
            assert.deepEqual(send(), frame)
            assert.equal(alice.exports.hold_key(sealer, 1), 0)
            for (const side of [alice, bob]) assert.equal(side.setKey('secret', secret(2)), 0)
            const other = alice.addSealer('alice', streamId(2), kinds.audio)
            alice.seal(other, codecs.opus, frame)
            assert.equal(alice.lastKid(other), alice.describeKey().kid)
            assert.deepEqual(send(), frame)
            assert.equal(bob.lastKid(opener), kid)
            assert.equal(alice.exports.hold_key(sealer, 0), 0)
            assert.deepEqual(send(), frame)
            assert.equal(bob.lastKid(opener), alice.describeKey().kid)
        })

        test('an old key ends a minute after the new one came, and sooner where the stream moved on', () => {
            const { alice, bob, sealer, opener, send } = twoSides(variant)
            const second = bob.addOpener('alice', streamId(2), kinds.audio)
            const late = [1, 2].map(() => alice.seal(sealer, codecs.vp9, frame))
            const other = alice.addSealer('alice', streamId(2), kinds.audio)
            const silent = [1, 2].map(() => alice.seal(other, codecs.opus, frame))
            for (const side of [alice, bob]) assert.equal(side.setKey('secret', secret(2)), 0)
            assert.deepEqual(send(), frame)
            assert.equal(bob.pass(1000, 3200), 0)
            assert.deepEqual(bob.open(opener, late[0]), frame)
            bob.pass(3400, 4000)
            assert.equal(bob.open(opener, late[1]), result.missingKey)
            bob.pass(4200, 60_000)
            assert.deepEqual(bob.open(second, silent[0]), frame)
            bob.pass(60_200, 61_000)
            assert.equal(bob.open(second, silent[1]), result.missingKey)
            assert.equal(bob.listKeys().length, 1)
            assert.deepEqual(send(), frame)
        })

        test('a participant’s own key ends and moves on like a shared one', () => {
            const { alice, bob, sealer, opener, send } = twoSides(variant)
            for (const side of [alice, bob]) assert.equal(side.setKey('secret', secret(3), 'alice'), 0)
            const late = alice.seal(sealer, codecs.vp9, frame)
            for (const side of [alice, bob]) assert.equal(side.setKey('secret', secret(4), 'alice'), 0)
            assert.deepEqual(send(), frame)
            bob.pass(1000, 4000)
            assert.equal(bob.open(opener, late), result.missingKey)
            bob.pass(4200, 61_000)
            assert.equal(bob.listKeys('alice').length, 1)
            assert.equal(bob.listKeys().length, 1)
        })

        test('who gives up a key of its own has the shared ones again, and they move on as ever', () => {
            const { alice, bob, opener, sealer, send } = twoSides(variant)
            assert.equal(bob.forgetKeys('alice'), result.missingKey)
            for (let round = 0; round < 3; round++) {
                for (const side of [alice, bob])
                    assert.equal(side.setKey('secret', secret(7 + round), 'alice'), 0)
                assert.deepEqual(send(), frame)
                bob.pass(1000 + 10_000 * round, 5000 + 10_000 * round)
                for (const side of [alice, bob]) assert.equal(side.forgetKeys('alice'), 0)
                assert.deepEqual(bob.listKeys('alice'), [])
                assert.deepEqual(send(), frame)
            }
            const late = alice.seal(sealer, codecs.vp9, frame)
            for (const side of [alice, bob]) assert.equal(side.setKey('secret', secret(2)), 0)
            assert.deepEqual(send(), frame)
            bob.pass(40_000, 43_000)
            assert.equal(bob.open(opener, late), result.missingKey)
            assert.deepEqual(send(), frame)
        })

        test('a step that another took first opens, and the receiver follows it once', () => {
            const { alice, bob, opener, send } = twoSides(variant, 3)
            const step = () => bob.describeKey().kid
            assert.equal(bob.pass(0, 1000), 0)
            for (let i = 0; i < 2; i++) assert.equal(alice.ratchet(), 0)
            assert.notEqual(step(), alice.describeKey().kid)
            assert.deepEqual(send(), frame)
            assert.equal(bob.pass(1200, 3000), 1)
            assert.deepEqual(bob.describeKey(), alice.describeKey())
            assert.equal(bob.lastKid(opener), step())
            // Both stand where they would without the other's lead.
            assert.equal(bob.addStep(), 0)
            assert.equal(alice.addStep(), 0)
            assert.equal(step(), alice.describeKey().kid)
            assert.equal(bob.pass(3200, 5000), 0)
        })

        test('more steps than the window is wide are too many', () => {
            const { alice, send } = twoSides(variant, 3)
            for (let i = 0; i < 3; i++) assert.equal(alice.ratchet(), 0)
            assert.deepEqual(send(), frame)
            for (let i = 0; i < 4; i++) assert.equal(alice.ratchet(), 0)
            assert.equal(send(), result.missingKey)
            assert.equal(new Meeting(variant).exports.set_ratchet_window(9), result.invalid)
        })

        test('a lead on a participant’s own key moves that one alone', () => {
            const { alice, bob, send } = twoSides(variant, 2)
            for (const side of [alice, bob]) assert.equal(side.setKey('secret', secret(3), 'alice'), 0)
            const shared = bob.describeKey()
            assert.equal(alice.ratchet('alice'), 0)
            assert.deepEqual(send(), frame)
            assert.equal(bob.pass(0, 400), 1)
            assert.deepEqual(bob.describeKey('alice'), alice.describeKey('alice'))
            assert.deepEqual(bob.describeKey(), shared)
        })

        test('going back before a step does not follow frames of long ago', () => {
            const { alice, bob, send } = twoSides(variant, 2)
            assert.equal(alice.ratchet(), 0)
            assert.deepEqual(send(), frame)
            assert.equal(bob.pass(0, 400), 1)
            assert.equal(bob.setKey('secret', secret(1)), 0)
            const { kid } = bob.describeKey()
            assert.equal(bob.pass(600, 1000), 0)
            assert.equal(bob.describeKey().kid, kid)
            assert.deepEqual(send(), frame)
            assert.equal(bob.pass(1200, 1600), 1)
        })
    })
}
