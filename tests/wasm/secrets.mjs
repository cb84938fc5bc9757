// The forms in which keys may lie in a module's memory, and the search for them.
import { createCipheriv } from 'node:crypto'

// The AES S-box from its definition, FIPS 197, section 5.1.1.
function makeSbox() {
    const multiply = (a, b) => {
        let product = 0
        for (; b; b >>= 1, a = (a << 1) ^ (a & 0x80 ? 0x11b : 0)) if (b & 1) product ^= a
        return product & 0xff
    }
    return Array.from({ length: 256 }, (_, value) => {
        let inverse = 0
        for (let i = 1; i < 256; i++) if (multiply(value, i) === 1) inverse = i
        let result = 0x63
        for (let i = 0; i < 5; i++) result ^= ((inverse << i) | (inverse >> (8 - i))) & 0xff
        return result
    })
}

// FIPS 197, section 5.2: 11 or 15 round keys of 16 bytes.
export function expandKey(key) {
    const sbox = makeSbox()
    const count = key.length / 4
    const words = Array.from({ length: count }, (_, i) => [...key.subarray(4 * i, 4 * i + 4)])
    let constant = 1
    while (words.length < 4 * (count + 7)) {
        const i = words.length
        let word = words[i - 1]
        if (i % count === 0) word = [...word.slice(1), word[0]]
        if (i % count === 0 || (count === 8 && i % count === 4)) word = word.map(b => sbox[b])
        if (i % count === 0) {
            word[0] ^= constant
            constant = (constant << 1) ^ (constant & 0x80 ? 0x11b : 0)
        }
        words.push(words[i - count].map((byte, row) => byte ^ word[row]))
    }
    const bytes = Buffer.from(words.flat())
    return Array.from({ length: bytes.length / 16 }, (_, i) => bytes.subarray(16 * i, 16 * i + 16))
}

// A round key as struct sotto_aes keeps it (wasm/aes.h): a lane for each byte, of 8 bits with SIMD
// and of 16 without, row by row, and 0x63 added from the second on.
export function asLanes(variant, roundKey, round) {
    const size = variant === 'simd' ? 1 : 2
    const lanes = Buffer.alloc(16 * size)
    for (let row = 0; row < 4; row++) {
        for (let column = 0; column < 4; column++) {
            const byte = roundKey[4 * column + row]
            lanes[size * (4 * row + column)] = byte ^ (round > 0 ? 0x63 : 0)
        }
    }
    return lanes
}

// The key of GHASH, the zero block encrypted, as struct sotto_ghash_key keeps it (wasm/ghash.h): with
// SIMD a byte of its products with the 16 nibbles, without it a word in four parts.
export function ghashForms(aesKey) {
    const cipher = createCipheriv(`aes-${8 * aesKey.length}-ecb`, aesKey, null)
    const h = cipher.update(Buffer.alloc(16))
    const table = Buffer.alloc(16)
    for (let nibble = 0; nibble < 16; nibble++)
        for (let shift = 0; shift < 4; shift++)
            if (nibble & (8 >> shift)) table[nibble] ^= ((h[4] << 8) | h[5]) >> shift
    const reversed = h.subarray(0, 8).map(byte =>
        Array.from({ length: 8 }, (_, i) => ((byte >> i) & 1) << (7 - i)).reduce((a, b) => a | b))
    const parts = Buffer.concat([0x11, 0x22].map(mask => reversed.map(byte => byte & mask)))
    return [h, table, parts]
}

// A secret as it may lie about: itself, padded for HMAC, and as words of SHA-2.
export function forms(secret) {
    const start = secret.subarray(0, 16)
    return [0, 0x36, 0x5c].flatMap(pad => {
        const padded = Buffer.from(start.map(byte => byte ^ pad))
        return [padded, Buffer.from(padded).swap32(), Buffer.from(padded).swap64()]
    })
}

export const finds = (meeting, ...patterns) => patterns.some(bytes => meeting.memory.includes(bytes))
export const findsForm = (meeting, secret) => finds(meeting, ...forms(secret))
export const findsRoundKey = (variant, meeting, roundKeys) =>
    roundKeys.some((key, round) => finds(meeting, key, asLanes(variant, key, round)))
