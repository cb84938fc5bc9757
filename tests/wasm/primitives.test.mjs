// The primitives in WebAssembly against vectors from outside and against WebCrypto.
import assert from 'node:assert/strict'
import { webcrypto } from 'node:crypto'
import { describe, test } from 'node:test'

import { Instance, Random, hex, result, variants, vectors } from './module.mjs'

const SHA256 = 0
const SHA512 = 1

function seal(instance, key, nonce, aad, plaintext) {
    instance.write(key)
    assert.equal(instance.exports.aead_init(key.length), 0)
    instance.write(nonce, aad, plaintext)
    assert.equal(instance.exports.aead_seal(aad.length, plaintext.length), 0)
    return instance.read(plaintext.length + 16)
}

// The plaintext, or null if the tag does not verify.
function open(instance, key, nonce, aad, sealed) {
    const size = sealed.length - 16
    instance.write(key)
    assert.equal(instance.exports.aead_init(key.length), 0)
    instance.memory.fill(0xa5, instance.exports.output(), instance.exports.output() + size)
    instance.write(nonce, aad, sealed)
    const code = instance.exports.aead_open(aad.length, size)
    if (code === 0) return instance.read(size)
    assert.equal(code, result.tampered)
    assert.ok(instance.read(size).every(byte => byte === 0), 'a refused frame leaves zeros')
    return null
}

function checkAeadRow(instance, row) {
    const [key, nonce, aad, message] = [row.key, row.iv, row.aad, row.msg].map(hex)
    const sealed = hex(row.ct + row.tag)
    if (row.result === 'valid') {
        assert.deepEqual(seal(instance, key, nonce, aad, message), sealed)
        assert.deepEqual(open(instance, key, nonce, aad, sealed), message)
    } else {
        assert.equal(open(instance, key, nonce, aad, sealed), null)
    }
}

function hmac(instance, hash, key, message, pieceSize) {
    instance.write(key, message)
    const size = instance.exports.hmac(hash, key.length, message.length, pieceSize)
    assert.equal(size, hash === SHA256 ? 32 : 64)
    return instance.read(size)
}

function rows(file, groupFilter = () => true) {
    return vectors(file).testGroups.filter(groupFilter).flatMap(group => group.tests)
}

for (const variant of variants) {
    describe(variant, () => {
        const instance = new Instance(`test_${variant}`)

        test('AES-GCM agrees with the 133 rows of Wycheproof for its key and nonce sizes', () => {
            const chosen = rows('wycheproof_aes_gcm', group =>
                group.ivSize === 96 && [128, 256].includes(group.keySize))
            assert.equal(chosen.length, 133)
            for (const row of chosen) checkAeadRow(instance, row)
        })

        test('a key of another size is refused', () => {
            for (const size of [0, 15, 17, 24, 31, 33])
                assert.equal(instance.exports.aead_init(size), result.invalid)
        })

        test('AES-GCM agrees with WebCrypto on 2,000 random messages', async () => {
            const random = new Random()
            for (let i = 0; i < 2000; i++) {
                const key = random.bytes(random.below(2) ? 16 : 32)
                const nonce = random.bytes(12)
                const aad = random.bytes(i % 2 ? random.below(80) : random.below(2000))
                const message = random.bytes(i < 300 ? i : random.below(5001))
                const handle = await webcrypto.subtle.importKey('raw', key, 'AES-GCM', false,
                    ['encrypt'])
                const expected = Buffer.from(await webcrypto.subtle.encrypt(
                    { name: 'AES-GCM', iv: nonce, additionalData: aad }, handle, message))
                const sealed = seal(instance, key, nonce, aad, message)
                assert.ok(sealed.equals(expected), `message ${i} of seed ${random.seed}`)
                assert.ok(open(instance, key, nonce, aad, sealed).equals(message))
                sealed[random.below(sealed.length)] ^= 1 << random.below(8)
                assert.equal(open(instance, key, nonce, aad, sealed), null)
            }
        })

        test('HMAC agrees with the 174 rows of Wycheproof', () => {
            const chosen = rows('wycheproof_hmac_sha256')
            assert.equal(chosen.length, 174)
            for (const row of chosen) {
                for (const pieceSize of [1, 63, 64, 1 << 17]) {
                    const mac = hmac(instance, SHA256, hex(row.key), hex(row.msg), pieceSize)
                    const tag = hex(row.tag)
                    const same = mac.subarray(0, tag.length).equals(tag)
                    assert.equal(same, row.result === 'valid', `row ${row.tcId}`)
                }
            }
        })

        test('HMAC agrees with WebCrypto around every block boundary', async () => {
            const random = new Random()
            for (const [hash, name] of [[SHA256, 'SHA-256'], [SHA512, 'SHA-512']]) {
                for (let size = 0; size < 300; size++) {
                    const key = random.bytes(1 + size)
                    const message = random.bytes(random.below(300))
                    const handle = await webcrypto.subtle.importKey('raw', key,
                        { name: 'HMAC', hash: name }, false, ['sign'])
                    const expected = await webcrypto.subtle.sign('HMAC', handle, message)
                    const mac = hmac(instance, hash, key, message, 1 + random.below(200))
                    assert.deepEqual(mac, Buffer.from(expected))
                }
            }
        })

        test('HKDF agrees with the 86 and 83 rows of Wycheproof', () => {
            for (const [hash, file, count] of [[SHA256, 'wycheproof_hkdf_sha256', 86],
                [SHA512, 'wycheproof_hkdf_sha512', 83]]) {
                const chosen = rows(file)
                assert.equal(chosen.length, count)
                for (const row of chosen) {
                    const [material, salt, info] = [row.ikm, row.salt, row.info].map(hex)
                    instance.write(material, salt, info)
                    const code = instance.exports.hkdf(hash, material.length, salt.length,
                        info.length, row.size)
                    assert.equal(code, row.result === 'valid' ? 0 : result.invalid)
                    if (code === 0) assert.deepEqual(instance.read(row.size), hex(row.okm))
                }
            }
        })
    })
}
