// Whether the time that the emitted WebAssembly takes depends on secrets, by statistics, as
// timing_test.c does natively: inputs of two classes in random order, and Welch's t of their times.
// What looks like a leak counts as one if it shows in every run, and in the same direction.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { Instance, Random, variants } from './module.mjs'

const SAMPLES = 12_000
const SAMPLES_AT_FIRST = 1500
const RUNS = 3
const WARM_UP_MS = 100
/** Of the samples, the fastest ones. */
const SHARES = [0.25, 0.5, 0.75, 0.9, 1]
/** Noise comes in lumps, so that a t above this is no rarity: hence the runs. */
const T_MAX = 5
/** This far above it, more samples would tell nothing new. */
const T_CERTAIN = 50

const NONCE_SIZE = 12
const KEY_SIZE = 16
const FRAME_SIZE = 96
const TAG_SIZE = 16

const random = new Random()
/** For keys and frames: zeros, or random bytes. */
const fillBytes = (input, isSecond) => (isSecond ? random.bytes(input.length) : input.fill(0)).copy(input)

// What is timed: run, after prepare has taken an input in. Inputs of the first class are one and
// the same, those of the second are not.
const targets = {
    keys: {
        what: 'making a key ready',
        size: KEY_SIZE,
        fill: fillBytes,
        prepare: (instance, input) => instance.memory.set(input, instance.exports.input()),
        run: ({ exports }) => exports.aead_init(KEY_SIZE),
    },
    frames: {
        what: 'sealing',
        size: KEY_SIZE + FRAME_SIZE,
        fill: fillBytes,
        prepare(instance, input) {
            instance.memory.set(input.subarray(0, KEY_SIZE), instance.exports.input())
            instance.exports.aead_init(KEY_SIZE)
            instance.memory.fill(0, instance.exports.input(), instance.exports.input() + NONCE_SIZE)
            instance.memory.set(input.subarray(KEY_SIZE), instance.exports.input() + NONCE_SIZE)
        },
        run: ({ exports }) => exports.aead_seal(0, FRAME_SIZE),
    },
    // Of an empty frame, whose tag is at hand: wrong at the start, or at the end.
    tags: {
        what: 'refusing a tag',
        size: TAG_SIZE,
        begin(instance) {
            instance.memory.fill(0, instance.exports.input(), instance.exports.input() + 64)
            instance.exports.aead_init(KEY_SIZE)
            instance.exports.aead_seal(0, 0)
            this.tag = instance.read(TAG_SIZE)
        },
        fill(input, isSecond) {
            this.tag.copy(input)
            input[isSecond ? TAG_SIZE - 1 : 0] ^= 1
        },
        prepare: (instance, input) =>
            instance.memory.set(input, instance.exports.input() + NONCE_SIZE),
        run({ exports }) {
            for (let i = 0; i < 4; i++) exports.aead_open(0, 0)
        },
    },
}

// The inputs lie one behind the other, so that the caches know those of neither class better.
function measure(instance, target, count) {
    const inputs = Buffer.alloc(count * target.size)
    const samples = []
    for (let i = 0; i < count; i++) {
        const input = inputs.subarray(i * target.size, (i + 1) * target.size)
        const isSecond = random.next() >>> 31
        target.fill(input, isSecond)
        samples.push({ input, isSecond, time: 0 })
    }
    for (const sample of samples) {
        target.prepare(instance, sample.input)
        const start = performance.now()
        target.run(instance)
        sample.time = performance.now() - start
    }
    return samples
}

// Welch's t of two classes of samples; infinite if a class is not among them, the slower one.
function welchT(samples) {
    const classes = [0, 1].map(isSecond => samples.filter(sample => sample.isSecond === isSecond))
    if (classes.some(members => members.length < 2))
        return classes[0].length < 2 ? -Infinity : Infinity
    const [first, second] = classes.map(members => {
        const mean = members.reduce((sum, { time }) => sum + time, 0) / members.length
        const squares = members.reduce((sum, { time }) => sum + (time - mean) ** 2, 0)
        return { mean, variance: squares / (members.length - 1) / members.length }
    })
    const difference = second.mean - first.mean
    return difference === 0 ? 0 : difference / Math.sqrt(first.variance + second.variance)
}

// A t for each share of the samples, without the slow rest, which tells of other programs and of the
// engine's own work.
function shareTs(samples) {
    samples.sort((a, b) => a.time - b.time)
    return SHARES.map(share => welchT(samples.slice(0, samples.length * share)))
}

function measureTs(instance, target) {
    const ts = shareTs(measure(instance, target, SAMPLES_AT_FIRST))
    const isCertain = ts.some(t => Math.abs(t) > T_CERTAIN)
    return isCertain ? ts : shareTs(measure(instance, target, SAMPLES))
}

function warmUp(instance, target) {
    const end = performance.now() + WARM_UP_MS
    do measure(instance, target, 1000)
    while (performance.now() < end)
}

// Whether one of the shares tells of a leak in every run, and what they said.
function look(instance, target) {
    target.begin?.(instance)
    warmUp(instance, target)
    const runs = []
    const tells = i => runs.every(ts => Math.abs(ts[i]) > T_MAX && ts[i] * runs[0][i] > 0)
    while (runs.length < RUNS) {
        runs.push(measureTs(instance, target))
        if (!SHARES.some((_, i) => tells(i))) return { isLeak: false, runs }
    }
    return { isLeak: true, runs }
}

const tell = ({ runs }) =>
    `t ${runs.map(ts => ts.map(t => t.toFixed(1)).join(' ')).join(', then ')}`

for (const variant of variants) {
    describe(`the time of ${variant}`, () => {
        const instance = new Instance(`test_${variant}`)
        for (const target of Object.values(targets)) {
            test(`${target.what} does not depend on secrets`, context => {
                const result = look(instance, target)
                context.diagnostic(tell(result))
                assert.ok(!result.isLeak, tell(result))
            })
        }
    })
}

describe('planted leaks are found', () => {
    const planted = {
        aes: [targets.keys, targets.frames],
        ghash: [targets.keys, targets.frames],
        equal: [targets.tags],
    }
    for (const [leak, leaking] of Object.entries(planted)) {
        const instance = new Instance(`leaky_${leak}`)
        for (const target of leaking) {
            test(`${leak}, ${target.what}`, context => {
                const result = look(instance, target)
                context.diagnostic(tell(result))
                assert.ok(result.isLeak, tell(result))
            })
        }
    }
})
