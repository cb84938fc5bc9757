// Sotto's two formats against LiveKit's own frame cryptor, in one process, with the same frames: the
// class that Sotto's worker calls for every frame, and the functions that LiveKit's worker does, awaited
// one frame at a time. One JSON object a line: microseconds per frame, the median and the best of rounds
// that take turns.
//   SOTTO_WASM_DIR=build/wasm node bench/livekit_bench.mjs
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { build } from 'vite'

import { LivekitClient, encodedFrame } from '../web/packages/e2ee/test/livekit_oracle.mjs'
import { coreWasm } from '../web/packages/e2ee/virtual_modules.mjs'

const roundCount = 41
const rows = [
    { codec: 'opus', size: 100, framesPerRound: 200 },
    { codec: 'vp8', size: 1200, framesPerRound: 150 },
    { codec: 'vp8', size: 12_000, framesPerRound: 40 },
    { codec: 'vp8', size: 100_000, framesPerRound: 10 },
    { codec: 'h264', size: 1200, framesPerRound: 100 },
    { codec: 'h264', size: 12_000, framesPerRound: 30 },
    { codec: 'h264', size: 100_000, framesPerRound: 6 },
]
const starts = {
    opus: [0x78],
    vp8: [0x10, 2, 0, 0x9d, 1, 0x2a, 0x80, 2, 0xe0, 1],
    h264: [0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1f, 0, 0, 0, 1, 0x68, 0xce, 0x3c, 0x80, 0, 0, 0, 1, 0x65, 0x88],
}

// The worker's own classes, from the product's sources.
async function loadCores() {
    const folder = mkdtempSync(join(tmpdir(), 'sotto-bench-'))
    try {
        const source = name =>
            JSON.stringify(fileURLToPath(new URL(`../web/packages/e2ee/src/${name}.ts`, import.meta.url)))
        const entry = join(folder, 'entry.mjs')
        writeFileSync(entry, `
            export { Core } from ${source('worker/core')};
            export { LivekitCore } from ${source('worker/livekit_core')};
            export { LivekitKeys } from ${source('worker/livekit_keys')};
            export { readLivekitOptions } from ${source('livekit_options')};
            export * as livekitTexts from ${source('livekit_wasm')};
        `)
        const [{ output }] = await build({
            configFile: false, logLevel: 'warn', plugins: [coreWasm],
            build: { target: 'es2022', write: false, lib: { entry, formats: ['es'], fileName: 'cores' } },
        })
        const file = join(folder, 'cores.mjs')
        writeFileSync(file, output[0].code)
        return await import(pathToFileURL(file).href)
    } finally {
        rmSync(folder, { recursive: true })
    }
}

let timestamp = 1

// Frames of a codec as a browser hands them over, each with a timestamp of its own.
function makeFrames(codec, size, count) {
    const data = Uint8Array.from({ length: size }, (_, i) => (i * 167 + 13) & 0xff)
    data.set(starts[codec])
    const video = { type: 'key', mimeType: `video/${codec.toUpperCase()}` }
    const kind = codec === 'opus' ? { mimeType: 'audio/opus' } : video
    return Array.from({ length: count }, () =>
        encodedFrame({ data, ssrc: 7, timestamp: timestamp++, ...kind }))
}

// Both formats of Sotto and LiveKit: `seal` and `open` change a frame in place.
async function makeContestants(codec, { Core, LivekitCore, LivekitKeys, livekitTexts, readLivekitOptions }) {
    const key = () => new Uint8Array(32).fill(5)
    const kind = codec === 'opus' ? 'audio' : 'video'
    const streamId = new Uint8Array(16).fill(1)
    const inPlace = (core, sealer, opener) => ({
        seal(frame) { frame.data = core.sealFrame(sealer, frame) },
        open(frame) { frame.data = core.openFrame(opener, frame) },
    })
    const sotto = await Core.create('room', 'alice', 4)
    sotto.waiveLiveness()
    await sotto.setKey('secret', key())
    const livekit = await LivekitCore.create('alice', readLivekitOptions({}), livekitTexts)
    await new LivekitKeys(livekit, { onRatcheted() {} }).set('raw', key())
    const theirs = new LivekitClient()
    await theirs.setKey(key().buffer)
    const both = core =>
        inPlace(core, core.addSealer(streamId, kind), core.addOpener('alice', streamId, kind))
    return {
        'livekit-client': {
            seal: frame => theirs.sealInPlace(frame),
            open: frame => theirs.openInPlace(frame),
        },
        'sotto, livekit': both(livekit),
        'sotto, sotto': both(sotto),
    }
}

// Microseconds per frame of one round. Only LiveKit's functions have anything to wait for.
async function time(contestant, frames) {
    const start = performance.now()
    for (const frame of frames) {
        const waits = contestant(frame)
        if (waits) await waits
    }
    return ((performance.now() - start) * 1000) / frames.length
}

async function measure({ codec, size, framesPerRound }, cores) {
    const contestants = await makeContestants(codec, cores)
    const times = {}
    for (let round = 0; round < roundCount; round++) {
        for (const [by, { seal, open }] of Object.entries(contestants)) {
            const frames = makeFrames(codec, size, framesPerRound)
            const sealed = await time(seal, frames)
            if (!frames.every(({ data }) => data.byteLength > size)) throw new Error(`${by} sealed nothing`)
            const opened = await time(open, frames)
            if (frames.some(({ data }) => data.byteLength !== size)) throw new Error(`${by} opened nothing`)
            const own = (times[by] ??= { seal: [], open: [] })
            own.seal.push(sealed)
            own.open.push(opened)
        }
    }
    return times
}

const round3 = value => Math.round(value * 1000) / 1000
const print = object => console.log(JSON.stringify(object))

print({ bench: 'livekit', node: process.version, cpu: cpus()[0].model, load: loadavg()[0] })
const cores = await loadCores()
for (const row of rows) {
    const times = await measure(row, cores)
    for (const verb of ['seal', 'open'])
        for (const [by, { [verb]: values }] of Object.entries(times)) {
            values.sort((a, b) => a - b)
            const figures = { median_us: round3(values[roundCount >> 1]), best_us: round3(values[0]) }
            print({ verb, codec: row.codec, size: row.size, by, ...figures })
        }
}
