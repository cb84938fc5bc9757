// A second writer of STUN messages for tests: attribute by attribute, also wrong ones, with
// OpenSSL's own HMAC and a CRC computed bit by bit, so that nothing is shared with the code under
// test.
#ifndef SOTTO_TESTS_PROTO_STUN_BUILDER_H
#define SOTTO_TESTS_PROTO_STUN_BUILDER_H

#include "tests/check.h"

#include <openssl/hmac.h>
#include <stdint.h>
#include <string.h>

enum {
    BUILDER_REQUEST = 0x0001,
    BUILDER_INDICATION = 0x0011,
    BUILDER_SUCCESS = 0x0101,
    BUILDER_ERROR = 0x0111,
    BUILDER_CAPACITY = 4096,
};

struct stun_builder {
    uint8_t data[BUILDER_CAPACITY];
    size_t size;
};

static inline void builder_put(struct stun_builder *builder, size_t offset, uint64_t value,
                               size_t width) {
    for (size_t i = width; i-- > 0; value >>= 8)
        builder->data[offset + i] = (uint8_t)value;
}

static inline void builder_set_length(struct stun_builder *builder, size_t size) {
    builder_put(builder, 2, size - 20, 2);
}

// The header, with a transaction id that `id` begins.
static inline void builder_begin(struct stun_builder *builder, unsigned type, uint32_t id) {
    memset(builder, 0, sizeof *builder);
    builder_put(builder, 0, type, 2);
    builder_put(builder, 4, 0x2112a442, 4);
    builder_put(builder, 8, id, 4);
    memcpy(builder->data + 12, "ABCDEFGH", 8);
    builder->size = 20;
}

static inline void builder_add(struct stun_builder *builder, unsigned type, const void *value,
                               size_t size) {
    CHECK(builder->size + size + 8 <= sizeof builder->data);
    builder_put(builder, builder->size, type, 2);
    builder_put(builder, builder->size + 2, size, 2);
    if (value && size > 0)
        memcpy(builder->data + builder->size + 4, value, size);
    builder->size += 4 + (size + 3) / 4 * 4;
    builder_set_length(builder, builder->size);
}

static inline void builder_add_text(struct stun_builder *builder, unsigned type, const char *text) {
    builder_add(builder, type, text, strlen(text));
}

static inline void builder_add_number(struct stun_builder *builder, unsigned type, uint64_t value,
                                      size_t width) {
    uint8_t bytes[8];
    for (size_t i = 0; i < width; i++)
        bytes[i] = (uint8_t)(value >> 8 * (width - 1 - i));
    builder_add(builder, type, bytes, width);
}

static inline void builder_add_integrity(struct stun_builder *builder, const char *password) {
    uint8_t mac[20];
    unsigned mac_size;
    builder_set_length(builder, builder->size + 24);
    CHECK(HMAC(EVP_sha1(), password, (int)strlen(password), builder->data, builder->size, mac,
               &mac_size));
    builder_add(builder, 0x0008, mac, sizeof mac);
}

static inline uint32_t builder_crc32(const uint8_t *data, size_t size) {
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size * 8; i++) {
        uint32_t bit = (uint32_t)(data[i / 8] >> i % 8 & 1);
        crc = (crc ^ bit) & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
    }
    return ~crc;
}

static inline void builder_add_fingerprint(struct stun_builder *builder) {
    builder_set_length(builder, builder->size + 8);
    uint32_t crc = builder_crc32(builder->data, builder->size) ^ 0x5354554e;
    builder_add_number(builder, 0x8028, crc, 4);
}

// A check as Chromium sends it to a lite server, but for `role`: 0x802a is ICE-CONTROLLING.
static inline void builder_begin_check(struct stun_builder *builder, uint32_t id,
                                       const char *username, bool use_candidate, unsigned role) {
    builder_begin(builder, BUILDER_REQUEST, id);
    builder_add_text(builder, 0x0006, username);
    builder_add_number(builder, 0xc057, 0x00010032, 4); // GOOG-NETWORK-INFO
    builder_add_number(builder, role, 0x1122334455667788, 8);
    if (use_candidate)
        builder_add(builder, 0x0025, NULL, 0);
    builder_add_number(builder, 0x0024, 0x6e0001ff, 4);
}

static inline void builder_check(struct stun_builder *builder, uint32_t id, const char *username,
                                 const char *password, bool use_candidate) {
    builder_begin_check(builder, id, username, use_candidate, 0x802a);
    builder_add_integrity(builder, password);
    builder_add_fingerprint(builder);
}

#endif
