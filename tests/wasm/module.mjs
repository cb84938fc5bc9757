// Loading of the WebAssembly modules and of the test vectors.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = process.env.SOTTO_WASM_DIR
assert.ok(folder, 'SOTTO_WASM_DIR names the folder with the built modules')

export const variants = ['simd', 'scalar']

export const result = {
    missingKey: -1, notReady: -2, exhausted: -3, tampered: -4, notSealed: -5, notLive: -6,
    replayed: -7, kidTaken: -8, tooSmall: -9, invalid: -10, internal: -11,
}

// By the names that the documentation and the vectors have for them.
export const results = {
    'missing-key': result.missingKey, tampered: result.tampered, 'not-sealed': result.notSealed,
}

export function moduleBytes(name) {
    return readFileSync(join(folder, `${name}.wasm`))
}

// An instance of core_VARIANT or test_VARIANT, with its two regions.
export class Instance {
    constructor(name, inputSize = 1 << 14) {
        this.module = new WebAssembly.Module(moduleBytes(name))
        this.exports = new WebAssembly.Instance(this.module, {}).exports
        if (this.exports.reserve) assert.equal(this.exports.reserve(inputSize), 0)
    }

    get memory() {
        return Buffer.from(this.exports.memory.buffer)
    }

    // Arguments behind one another at the start of the input region.
    write(...parts) {
        const bytes = Buffer.concat(parts.map(part => Buffer.from(part)))
        this.memory.set(bytes, this.exports.input())
    }

    read(size) {
        const begin = this.exports.output()
        return Buffer.from(this.memory.subarray(begin, begin + size))
    }
}

export function vectors(name) {
    const path = new URL(`../vectors/${name}.json`, import.meta.url)
    return JSON.parse(readFileSync(fileURLToPath(path), 'utf8'))
}

// The rows of one list in the files of the format "sotto".
export const sottoRows = list =>
    ['sotto_frames', 'sotto_more'].flatMap(name => vectors(name)[list] ?? [])

export const hex = text => Buffer.from(text, 'hex')

// Random numbers from a seed, so that a failure can be repeated: mulberry32.
export class Random {
    constructor(seed = Number(process.env.SOTTO_SEED ?? 1)) {
        this.seed = seed
        this.state = seed
    }

    next() {
        this.state = (this.state + 0x6d2b79f5) | 0
        let value = Math.imul(this.state ^ (this.state >>> 15), this.state | 1)
        value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
        return (value ^ (value >>> 14)) >>> 0
    }

    below(limit) {
        return this.next() % limit
    }

    bytes(size) {
        const bytes = Buffer.alloc(size)
        for (let i = 0; i < size; i++) bytes[i] = this.next() >>> 24
        return bytes
    }
}
