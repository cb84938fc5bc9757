#include "proto/stun.h"

#include "core/assert.h"
#include "core/memory.h"
#include "core/writer.h"
#include "proto/crc32.h"
#include "proto/stun_wire.h"

static void write_attribute(struct sotto_writer *writer, uint16_t type, size_t size) {
    sotto_writer_write_u16(writer, type);
    sotto_writer_write_u16(writer, (uint16_t)size);
}

static void write_username(struct sotto_writer *writer, const struct sotto_stun_message *message) {
    size_t size = message->username_size;
    write_attribute(writer, USERNAME, size);
    sotto_writer_write_bytes(writer, message->username, size);
    sotto_writer_write_zeros(writer, sotto_stun_wire_pad(size) - size);
}

static void write_address(struct sotto_writer *writer, const struct sotto_stun_message *message) {
    const struct sotto_address *address = &message->mapped_address;
    bool is_ipv4 = address->family == SOTTO_ADDRESS_IPV4;
    size_t size = is_ipv4 ? SOTTO_ADDRESS_IPV4_SIZE : SOTTO_ADDRESS_IPV6_SIZE;
    uint8_t covered[SOTTO_ADDRESS_IPV6_SIZE];
    memcpy(covered, address->bytes, sizeof covered);
    sotto_stun_wire_cover_address(covered, size, message->transaction_id);
    write_attribute(writer, XOR_MAPPED_ADDRESS, 4 + size);
    sotto_writer_write_u8(writer, 0);
    sotto_writer_write_u8(writer, is_ipv4 ? FAMILY_IPV4 : FAMILY_IPV6);
    sotto_writer_write_u16(writer, (uint16_t)(address->port ^ MAGIC_COOKIE >> 16));
    sotto_writer_write_bytes(writer, covered, size);
}

static void write_role(struct sotto_writer *writer, const struct sotto_stun_message *message) {
    bool is_controlling = message->role == SOTTO_STUN_CONTROLLING;
    write_attribute(writer, is_controlling ? ICE_CONTROLLING : ICE_CONTROLLED, 8);
    sotto_writer_write_u64(writer, message->tie_breaker);
}

// Without a reason phrase: it is for people, and an answer must not be larger than its request.
static void write_error_code(struct sotto_writer *writer, uint32_t code) {
    write_attribute(writer, ERROR_CODE, 4);
    sotto_writer_write_u16(writer, 0);
    sotto_writer_write_u8(writer, (uint8_t)(code / 100));
    sotto_writer_write_u8(writer, (uint8_t)(code % 100));
}

static void write_types(struct sotto_writer *writer, const struct sotto_stun_types *types) {
    SOTTO_ASSERT(types->count <= SOTTO_STUN_TYPE_COUNT_MAX);
    size_t size = types->count * 2;
    write_attribute(writer, UNKNOWN_ATTRIBUTES, size);
    for (size_t i = 0; i < types->count; i++)
        sotto_writer_write_u16(writer, types->types[i]);
    sotto_writer_write_zeros(writer, sotto_stun_wire_pad(size) - size);
}

static void write_attributes(struct sotto_writer *writer,
                             const struct sotto_stun_message *message) {
    if (message->username)
        write_username(writer, message);
    if (message->role != SOTTO_STUN_NO_ROLE)
        write_role(writer, message);
    if (message->use_candidate)
        write_attribute(writer, USE_CANDIDATE, 0);
    if (message->priority != 0) {
        write_attribute(writer, PRIORITY, 4);
        sotto_writer_write_u32(writer, message->priority);
    }
    if (message->mapped_address.family != SOTTO_ADDRESS_NONE)
        write_address(writer, message);
    if (message->error_code != 0)
        write_error_code(writer, message->error_code);
    if (message->refused.count > 0)
        write_types(writer, &message->refused);
}

static void write_integrity(struct sotto_writer *writer, const uint8_t *key, size_t key_size) {
    uint8_t mac[SOTTO_STUN_MAC_SIZE] = {0};
    if (writer->failed ||
        !sotto_stun_wire_integrity(writer->data, writer->offset, key, key_size, mac)) {
        writer->failed = true;
        return;
    }
    write_attribute(writer, MESSAGE_INTEGRITY, SOTTO_STUN_MAC_SIZE);
    sotto_writer_write_bytes(writer, mac, sizeof mac);
}

static void write_fingerprint(struct sotto_writer *writer) {
    if (writer->failed)
        return;
    size_t length = writer->offset + FINGERPRINT_SIZE - SOTTO_STUN_HEADER_SIZE;
    sotto_writer_patch_u16(writer, 2, (uint16_t)length);
    uint32_t crc = sotto_crc32(writer->data, writer->offset) ^ FINGERPRINT_XOR;
    write_attribute(writer, FINGERPRINT, 4);
    sotto_writer_write_u32(writer, crc);
}

size_t sotto_stun_write(const struct sotto_stun_message *message, const uint8_t *key,
                        size_t key_size, uint8_t *data, size_t capacity) {
    struct sotto_writer writer;
    sotto_writer_init(&writer, data, capacity);
    writer.failed = message->username_size > SOTTO_STUN_USERNAME_SIZE_MAX;
    sotto_writer_write_u16(&writer, sotto_stun_wire_type(message->class));
    sotto_writer_write_u16(&writer, 0);
    sotto_writer_write_u32(&writer, MAGIC_COOKIE);
    sotto_writer_write_bytes(&writer, message->transaction_id, SOTTO_STUN_TRANSACTION_ID_SIZE);
    write_attributes(&writer, message);
    if (key)
        write_integrity(&writer, key, key_size);
    if (message->has_fingerprint)
        write_fingerprint(&writer);
    if (!writer.failed) {
        sotto_writer_patch_u16(&writer, 2, (uint16_t)(writer.offset - SOTTO_STUN_HEADER_SIZE));
        return writer.offset;
    }
    if (capacity > 0)
        memset(data, 0, capacity);
    return 0;
}
