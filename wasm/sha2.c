#include "wasm/sha2.h"

#include "wasm/wipe_words.h"

// FIPS 180-4, sections 4.2.2 and 4.2.3: the first 64 bits of the fractional parts of the cube roots
// of the first 80 primes. SHA-256 takes the first 32 bits of the first 64.
static const uint64_t round_constants[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
    0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
    0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
    0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
    0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
    0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
    0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
    0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
    0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
    0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
    0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

// Section 5.3: the same of the square roots of the first 8 primes.
static const uint64_t initial_state[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

enum { WORD_COUNT = 16 }; // of a block, and rounds between two renewals of the schedule

void sotto_sha256_init(uint32_t state[8]) {
    for (unsigned i = 0; i < 8; i++)
        state[i] = (uint32_t)(initial_state[i] >> 32);
}

void sotto_sha512_init(uint64_t state[8]) {
    for (unsigned i = 0; i < 8; i++)
        state[i] = initial_state[i];
}

static inline uint32_t turn32(uint32_t word, unsigned bits) {
    return word >> bits | word << (32 - bits);
}

static inline uint64_t turn64(uint64_t word, unsigned bits) {
    return word >> bits | word << (64 - bits);
}

// Section 6.2.2, step 1, for the next 16 words, in the place of those 16 before.
static inline void renew32(uint32_t words[WORD_COUNT]) {
#pragma GCC unroll 16
    for (unsigned i = 0; i < WORD_COUNT; i++) {
        const uint32_t early = words[(i + 1) % WORD_COUNT];
        const uint32_t late = words[(i + 14) % WORD_COUNT];
        words[i] += (turn32(early, 7) ^ turn32(early, 18) ^ early >> 3) +
                    (turn32(late, 17) ^ turn32(late, 19) ^ late >> 10) +
                    words[(i + 9) % WORD_COUNT];
    }
}

// Step 3. The names a to h stay where they are; the values move: in round i `a` is v[-i mod 8].
static inline void do_round32(uint32_t v[8], unsigned i, uint32_t addend) {
    const uint32_t a = v[(8 - i) % 8], b = v[(9 - i) % 8], c = v[(10 - i) % 8];
    const uint32_t e = v[(12 - i) % 8], f = v[(13 - i) % 8], g = v[(14 - i) % 8];
    const uint32_t sum = v[(15 - i) % 8] + addend + (turn32(e, 6) ^ turn32(e, 11) ^ turn32(e, 25)) +
                         (g ^ (e & (f ^ g)));
    v[(11 - i) % 8] += sum;
    v[(15 - i) % 8] = sum + (turn32(a, 2) ^ turn32(a, 13) ^ turn32(a, 22)) +
                      ((a & b) | (c & (a | b)));
}

void sotto_sha256_compress(uint32_t state[8], const uint8_t block[SOTTO_SHA256_BLOCK_SIZE]) {
    uint32_t words[WORD_COUNT];
    uint32_t v[8];
    __builtin_memcpy(words, block, sizeof words);
    for (unsigned i = 0; i < WORD_COUNT; i++)
        words[i] = __builtin_bswap32(words[i]);
    for (unsigned i = 0; i < 8; i++)
        v[i] = state[i];
    for (unsigned round = 0; round < 64; round += WORD_COUNT) {
        if (round > 0)
            renew32(words);
#pragma GCC unroll 16
        for (unsigned i = 0; i < WORD_COUNT; i++)
            do_round32(v, i, words[i] + (uint32_t)(round_constants[round + i] >> 32));
    }
    for (unsigned i = 0; i < 8; i++)
        state[i] += v[i];
    sotto_wipe_words(words, sizeof words);
    sotto_wipe_words(v, sizeof v);
}

// Section 6.4.2, as above with words of 64 bits. Not unrolled: it serves no frame and no text key.
static inline void renew64(uint64_t words[WORD_COUNT]) {
#pragma GCC unroll 1
    for (unsigned i = 0; i < WORD_COUNT; i++) {
        const uint64_t early = words[(i + 1) % WORD_COUNT];
        const uint64_t late = words[(i + 14) % WORD_COUNT];
        words[i] += (turn64(early, 1) ^ turn64(early, 8) ^ early >> 7) +
                    (turn64(late, 19) ^ turn64(late, 61) ^ late >> 6) +
                    words[(i + 9) % WORD_COUNT];
    }
}

static inline void do_round64(uint64_t v[8], unsigned i, uint64_t addend) {
    const uint64_t a = v[(8 - i) % 8], b = v[(9 - i) % 8], c = v[(10 - i) % 8];
    const uint64_t e = v[(12 - i) % 8], f = v[(13 - i) % 8], g = v[(14 - i) % 8];
    const uint64_t sum = v[(15 - i) % 8] + addend +
                         (turn64(e, 14) ^ turn64(e, 18) ^ turn64(e, 41)) + (g ^ (e & (f ^ g)));
    v[(11 - i) % 8] += sum;
    v[(15 - i) % 8] = sum + (turn64(a, 28) ^ turn64(a, 34) ^ turn64(a, 39)) +
                      ((a & b) | (c & (a | b)));
}

void sotto_sha512_compress(uint64_t state[8], const uint8_t block[SOTTO_SHA512_BLOCK_SIZE]) {
    uint64_t words[WORD_COUNT];
    uint64_t v[8];
    __builtin_memcpy(words, block, sizeof words);
    for (unsigned i = 0; i < WORD_COUNT; i++)
        words[i] = __builtin_bswap64(words[i]);
    for (unsigned i = 0; i < 8; i++)
        v[i] = state[i];
    for (unsigned round = 0; round < 80; round += WORD_COUNT) {
        if (round > 0)
            renew64(words);
#pragma GCC unroll 1
        for (unsigned i = 0; i < WORD_COUNT; i++)
            do_round64(v, i, words[i] + round_constants[round + i]);
    }
    for (unsigned i = 0; i < 8; i++)
        state[i] += v[i];
    sotto_wipe_words(words, sizeof words);
    sotto_wipe_words(v, sizeof v);
}
