#include "proto/stun.h"

#include "core/equal.h"
#include "core/memory.h"
#include "core/reader.h"
#include "proto/crc32.h"
#include "proto/stun_wire.h"

static bool class_of(uint16_t type, enum sotto_stun_class *class) {
    *class = (enum sotto_stun_class)((type >> 7 & 2) | (type >> 4 & 1));
    return sotto_stun_wire_type(*class) == type;
}

// The header; afterwards the reader stands at the first attribute.
static void read_header(struct sotto_reader *reader, struct sotto_stun_message *message) {
    uint16_t type = sotto_reader_read_u16(reader);
    uint16_t length = sotto_reader_read_u16(reader);
    uint32_t cookie = sotto_reader_read_u32(reader);
    const uint8_t *transaction_id = sotto_reader_read_bytes(reader, SOTTO_STUN_TRANSACTION_ID_SIZE);
    if (!transaction_id || !class_of(type, &message->class) || cookie != MAGIC_COOKIE ||
        length != sotto_reader_remaining(reader) || length % 4 != 0) {
        sotto_reader_fail(reader);
        return;
    }
    memcpy(message->transaction_id, transaction_id, SOTTO_STUN_TRANSACTION_ID_SIZE);
}

static void add_type(struct sotto_stun_types *types, uint16_t type) {
    if (types->count < SOTTO_STUN_TYPE_COUNT_MAX)
        types->types[types->count++] = type;
}

static void read_types(struct sotto_reader *value, struct sotto_stun_types *types) {
    while (sotto_reader_remaining(value) > 0)
        add_type(types, sotto_reader_read_u16(value));
}

static void read_address(struct sotto_reader *value, struct sotto_stun_message *message) {
    sotto_reader_skip(value, 1);
    uint8_t family = sotto_reader_read_u8(value);
    uint16_t port = (uint16_t)(sotto_reader_read_u16(value) ^ MAGIC_COOKIE >> 16);
    size_t size = sotto_reader_remaining(value);
    const uint8_t *covered = sotto_reader_read_bytes(value, size);
    bool is_ipv4 = family == FAMILY_IPV4 && size == SOTTO_ADDRESS_IPV4_SIZE;
    bool is_ipv6 = family == FAMILY_IPV6 && size == SOTTO_ADDRESS_IPV6_SIZE;
    if (!covered || (!is_ipv4 && !is_ipv6)) {
        sotto_reader_fail(value);
        return;
    }
    uint8_t bytes[SOTTO_ADDRESS_IPV6_SIZE];
    memcpy(bytes, covered, size);
    sotto_stun_wire_cover_address(bytes, size, message->transaction_id);
    if (is_ipv4)
        message->mapped_address = sotto_address_from_ipv4(bytes, port);
    else
        message->mapped_address = sotto_address_from_ipv6(bytes, port);
}

static void read_error_code(struct sotto_reader *value, struct sotto_stun_message *message) {
    sotto_reader_skip(value, 2);
    uint32_t hundreds = sotto_reader_read_u8(value) & 7u;
    uint32_t number = sotto_reader_read_u8(value);
    if (hundreds < 3 || hundreds > 6 || number > 99)
        sotto_reader_fail(value);
    else
        message->error_code = (uint16_t)(hundreds * 100 + number);
    sotto_reader_skip(value, sotto_reader_remaining(value)); // the reason phrase, text for people
}

static void read_username(struct sotto_reader *value, struct sotto_stun_message *message) {
    message->username_size = sotto_reader_remaining(value);
    message->username = sotto_reader_read_bytes(value, message->username_size);
    if (message->username_size > SOTTO_STUN_USERNAME_SIZE_MAX)
        sotto_reader_fail(value);
}

static void read_role(struct sotto_reader *value, struct sotto_stun_message *message,
                      enum sotto_stun_role role) {
    message->role = role;
    message->tie_breaker = sotto_reader_read_u64(value);
}

// True if the attribute was seen before in this message; a repetition is not looked at.
static bool is_repeated(const struct sotto_stun_message *message, uint16_t type) {
    switch (type) {
    case USERNAME:
        return message->username != NULL;
    case PRIORITY:
        return message->priority != 0;
    case ICE_CONTROLLING:
    case ICE_CONTROLLED:
        return message->role != SOTTO_STUN_NO_ROLE;
    case XOR_MAPPED_ADDRESS:
        return message->mapped_address.family != SOTTO_ADDRESS_NONE;
    case ERROR_CODE:
        return message->error_code != 0;
    case UNKNOWN_ATTRIBUTES:
        return message->refused.count > 0;
    default:
        return false;
    }
}

// Reads the whole of a known attribute's value; what it leaves unread makes the message malformed.
static void read_value(struct sotto_reader *value, struct sotto_stun_message *message,
                       uint16_t type) {
    switch (type) {
    case USERNAME:
        read_username(value, message);
        break;
    case PRIORITY:
        message->priority = sotto_reader_read_u32(value);
        break;
    case USE_CANDIDATE:
        message->use_candidate = true;
        break;
    case ICE_CONTROLLING:
        read_role(value, message, SOTTO_STUN_CONTROLLING);
        break;
    case ICE_CONTROLLED:
        read_role(value, message, SOTTO_STUN_CONTROLLED);
        break;
    case XOR_MAPPED_ADDRESS:
        read_address(value, message);
        break;
    case ERROR_CODE:
        read_error_code(value, message);
        break;
    case UNKNOWN_ATTRIBUTES:
        read_types(value, &message->refused);
        break;
    case MESSAGE_INTEGRITY:
        sotto_reader_skip(value, SOTTO_STUN_MAC_SIZE);
        break;
    default:
        // MAPPED-ADDRESS is what servers before RFC 5389 answered; it is understood and unused.
        if (type < COMPREHENSION_OPTIONAL && type != MAPPED_ADDRESS)
            add_type(&message->unknown, type);
        sotto_reader_skip(value, sotto_reader_remaining(value));
    }
}

// An attribute as it stands in the message.
struct attribute {
    size_t offset;
    uint16_t type;
    size_t size;
    const uint8_t *value; // NULL once the reader failed
};

static struct attribute read_attribute(struct sotto_reader *reader) {
    struct attribute attribute = {.offset = reader->offset};
    attribute.type = sotto_reader_read_u16(reader);
    attribute.size = sotto_reader_read_u16(reader);
    const uint8_t *value = sotto_reader_read_bytes(reader, attribute.size);
    sotto_reader_skip(reader, sotto_stun_wire_pad(attribute.size) - attribute.size);
    attribute.value = reader->failed ? NULL : value;
    return attribute;
}

// RFC 8489 section 14.7: the CRC covers everything before the attribute, and nothing comes after
// it.
static void read_fingerprint(struct sotto_reader *reader, struct sotto_stun_message *message,
                             const struct attribute *attribute) {
    if (attribute->size != 4 || sotto_reader_remaining(reader) > 0) {
        sotto_reader_fail(reader);
        return;
    }
    uint32_t crc = sotto_crc32(reader->data, attribute->offset) ^ FINGERPRINT_XOR;
    const uint8_t expected[4] = {(uint8_t)(crc >> 24), (uint8_t)(crc >> 16), (uint8_t)(crc >> 8),
                                 (uint8_t)crc};
    if (memcmp(expected, attribute->value, 4) != 0)
        sotto_reader_fail(reader);
    message->has_fingerprint = true;
}

static void take_attribute(struct sotto_reader *reader, struct sotto_stun_message *message) {
    struct attribute attribute = read_attribute(reader);
    if (!attribute.value)
        return;
    if (attribute.type == FINGERPRINT) {
        read_fingerprint(reader, message, &attribute);
        return;
    }
    if (message->integrity_offset != 0 || is_repeated(message, attribute.type))
        return;

    struct sotto_reader value;
    sotto_reader_init(&value, attribute.value, attribute.size);
    read_value(&value, message, attribute.type);
    if (value.failed || sotto_reader_remaining(&value) > 0)
        sotto_reader_fail(reader);
    if (attribute.type == MESSAGE_INTEGRITY)
        message->integrity_offset = attribute.offset;
}

bool sotto_stun_parse(struct sotto_stun_message *message, const uint8_t *data, size_t size) {
    *message = (struct sotto_stun_message){.data = data};
    struct sotto_reader reader;
    sotto_reader_init(&reader, data, size);
    if (size > SOTTO_STUN_SIZE_MAX)
        sotto_reader_fail(&reader);
    read_header(&reader, message);
    for (size_t count = 0; sotto_reader_remaining(&reader) > 0; count++) {
        if (count == SOTTO_STUN_ATTRIBUTE_COUNT_MAX)
            sotto_reader_fail(&reader);
        take_attribute(&reader, message);
    }
    if (reader.failed)
        *message = (struct sotto_stun_message){0};
    return !reader.failed;
}

bool sotto_stun_verify(const struct sotto_stun_message *message, const uint8_t *key,
                       size_t key_size) {
    size_t offset = message->integrity_offset;
    if (offset == 0)
        return false;
    uint8_t mac[SOTTO_STUN_MAC_SIZE];
    if (!sotto_stun_wire_integrity(message->data, offset, key, key_size, mac))
        return false;
    return sotto_equal(mac, message->data + offset + ATTRIBUTE_HEADER_SIZE, SOTTO_STUN_MAC_SIZE);
}

bool sotto_stun_peek_username(const uint8_t *data, size_t size, const uint8_t **fragment,
                              size_t *fragment_size) {
    *fragment = NULL;
    *fragment_size = 0;
    struct sotto_stun_message message;
    struct sotto_reader reader;
    sotto_reader_init(&reader, data, size);
    read_header(&reader, &message);
    if (reader.failed || message.class != SOTTO_STUN_REQUEST)
        return false;

    struct attribute attribute = {0};
    for (size_t count = 0; count < SOTTO_STUN_ATTRIBUTE_COUNT_MAX; count++) {
        attribute = read_attribute(&reader);
        if (!attribute.value || attribute.type == USERNAME)
            break;
    }
    if (!attribute.value || attribute.type != USERNAME ||
        attribute.size > SOTTO_STUN_USERNAME_SIZE_MAX)
        return false;

    size_t end = 0;
    while (end < attribute.size && attribute.value[end] != ':')
        end++;
    if (end == 0 || end == attribute.size)
        return false;
    *fragment = attribute.value;
    *fragment_size = end;
    return true;
}
