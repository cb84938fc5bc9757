// SFrame in WebAssembly against the vectors of RFC 9605.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { Instance, hex, result, variants, vectors } from './module.mjs'

// JSON numbers above 2^53 would be rounded: the encoded form names the number itself.
function bigEndian(bytes) {
    return BigInt(`0x${bytes.toString('hex') || '0'}`)
}

function uint64(value) {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64LE(BigInt(value))
    return bytes
}

// RFC 9605, section 4.3, read by itself: key id and counter of an encoded header.
function decode(encoded) {
    const first = encoded[0]
    const kidSize = first & 0x80 ? ((first >> 4) & 7) + 1 : 0
    const kid = kidSize ? bigEndian(encoded.subarray(1, 1 + kidSize)) : BigInt((first >> 4) & 7)
    const counter = first & 8 ? bigEndian(encoded.subarray(1 + kidSize)) : BigInt(first & 7)
    return [kid, counter]
}

for (const variant of variants) {
    describe(variant, () => {
        const instance = new Instance(`test_${variant}`)

        test('the 289 headers of RFC 9605 are written and read', () => {
            const { header } = vectors('sframe_rfc9605')
            assert.equal(header.length, 289)
            for (const row of header) {
                const encoded = hex(row.encoded)
                const [kid, counter] = decode(encoded)
                instance.write(uint64(kid), uint64(counter))
                const size = instance.exports.sframe_write_header()
                assert.deepEqual(instance.read(size), encoded)
                instance.write(encoded)
                assert.equal(instance.exports.sframe_parse_header(encoded.length), 0)
                assert.deepEqual(instance.read(16), Buffer.concat([uint64(kid), uint64(counter)]))
            }
        })

        test('all five suites seal and open the frames of RFC 9605', () => {
            const { sframe } = vectors('sframe_rfc9605')
            assert.deepEqual(sframe.map(row => row.cipher_suite), [1, 2, 3, 4, 5])
            for (const row of sframe) {
                const [key, metadata, plain, sealed] =
                    [row.base_key, row.metadata, row.pt, row.ct].map(hex)
                instance.write(uint64(row.kid), uint64(row.ctr), key, metadata, plain)
                const size = instance.exports.sframe_seal(row.cipher_suite, key.length,
                    metadata.length, plain.length)
                assert.deepEqual(instance.read(size), sealed)

                instance.write(key, metadata, sealed)
                assert.equal(instance.exports.sframe_open(row.cipher_suite, key.length,
                    metadata.length, sealed.length), plain.length)
                assert.deepEqual(instance.read(plain.length), plain)

                sealed[sealed.length - 1] ^= 1
                instance.write(key, metadata, sealed)
                assert.equal(instance.exports.sframe_open(row.cipher_suite, key.length,
                    metadata.length, sealed.length), result.tampered)
            }
        })
    })
}
