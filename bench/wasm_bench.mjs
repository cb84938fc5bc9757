// How long the WebAssembly modules take for a frame, copies in and out included, as a Worker makes
// them. One JSON object a line: microseconds per frame, the median and the best of the rounds.
//   SOTTO_WASM_DIR=build/wasm node bench/wasm_bench.mjs          everything
//   SOTTO_WASM_DIR=build/wasm node bench/wasm_bench.mjs frames   sealing and opening alone
import { readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'

const folder = process.env.SOTTO_WASM_DIR
const sizes = [40, 100, 160, 1200, 12_000, 50_000]
const aadSize = 15
const codecs = { opus: 1, vp8: 3 } // as wasm/exports.c counts them
const roundCount = 101
// Short enough to fit between other programs' turns.
const roundBytes = 60_000
const callsMax = 200

function load(name) {
    const module = new WebAssembly.Module(readFileSync(join(folder, `${name}.wasm`)))
    return new WebAssembly.Instance(module).exports
}

// Microseconds per call, the median and the best of the rounds.
function measure(call, size) {
    const count = Math.min(callsMax, Math.ceil(roundBytes / size))
    const times = []
    for (let i = 0; i < 10_000_000 / (size + 1000); i++) call() // until the engine has optimised
    for (let round = 0; round < roundCount; round++) {
        const start = performance.now()
        for (let i = 0; i < count; i++) call()
        times.push(((performance.now() - start) * 1000) / count)
    }
    times.sort((a, b) => a - b)
    const round3 = value => Math.round(value * 1000) / 1000
    return { median_us: round3(times[roundCount >> 1]), best_us: round3(times[0]) }
}

// AES-GCM by itself: the frame behind nonce and additional data in the input region.
function* measureAead(variant, keySize) {
    const exports = load(`test_${variant}`)
    const memory = new Uint8Array(exports.memory.buffer)
    const [input, output] = [exports.input(), exports.output()]
    exports.aead_init(keySize)
    for (const size of sizes) {
        const frame = new Uint8Array(size).fill(7)
        const seal = () => {
            memory.set(frame, input + 12 + aadSize)
            exports.aead_seal(aadSize, size)
            return memory.slice(output, output + size + 16)
        }
        yield { what: `aes-${keySize * 8}-gcm seal`, variant, size, ...measure(seal, size) }
    }
}

// The product's path: one frame through sealer and opener, the small ones as Opus, the others as VP8.
function* measureFrames(variant) {
    const exports = load(`core_${variant}`)
    exports.reserve(sizes.at(-1) + 26)
    let memory = new Uint8Array(exports.memory.buffer)
    const [input, output] = [exports.input(), exports.output()]
    const write = bytes => memory.set(bytes, input)
    write([0x72])
    exports.set_meeting(1, 4)
    write(new Uint8Array(32))
    exports.set_key_secret(0, 32)
    exports.waive_liveness()
    for (const [index, size] of sizes.entries()) {
        const name = new Uint8Array(17).fill(index + 1)
        write(name)
        const sealer = exports.add_sealer(1, 2)
        memory = new Uint8Array(exports.memory.buffer)
        write(name)
        const opener = exports.add_opener(1, 2)
        memory = new Uint8Array(exports.memory.buffer)
        const codec = size < 1000 ? codecs.opus : codecs.vp8
        const frame = new Uint8Array(size).fill(7)
        const sealed = []
        const seal = () => {
            write(frame)
            const sealedSize = exports.seal(sealer, codec, 0, size)
            return memory.slice(output, output + sealedSize)
        }
        yield { what: 'frame seal', variant, size, ...measure(() => sealed.push(seal()), size) }
        let next = 0
        const open = () => {
            const bytes = sealed[next++]
            write(bytes)
            const openedSize = exports.open(opener, bytes.length)
            if (openedSize !== size) throw new Error(`open returned ${openedSize}`)
            return memory.slice(output, output + openedSize)
        }
        yield { what: 'frame open', variant, size, ...measure(open, size) }
    }
}

// 600,000 rounds, in steps of 1,000.
function measureTextKey(variant) {
    const exports = load(`core_${variant}`)
    exports.reserve(0)
    const memory = new Uint8Array(exports.memory.buffer)
    memory.set([0x72], exports.input())
    exports.set_meeting(1, 4)
    memory.set([0x74], exports.input())
    exports.begin_key_text(0, 1)
    const start = performance.now()
    let left = 600_000
    while (left > 0) left = exports.step_key_text(1000)
    if (left < 0) throw new Error(`step_key_text returned ${left}`)
    return { what: 'text key', variant, ms: Math.round(performance.now() - start) }
}

const print = object => console.log(JSON.stringify(object))

print({ bench: 'wasm', node: process.version, cpu: cpus()[0].model, load: loadavg()[0] })
const isFramesAlone = process.argv[2] === 'frames'
for (const variant of ['simd', 'scalar']) {
    for (const row of measureFrames(variant)) print(row)
    if (isFramesAlone) continue
    for (const keySize of [16, 32]) for (const row of measureAead(variant, keySize)) print(row)
    print(measureTextKey(variant))
}
