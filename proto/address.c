#include "proto/address.h"

#include "core/memory.h"
#include "core/reader.h"
#include "core/writer.h"

enum {
    GROUP_COUNT = 8, // 16-bit groups of an IPv6 address
    PORT_MAX = 65535,
};

struct sotto_address sotto_address_from_ipv4(const uint8_t bytes[SOTTO_ADDRESS_IPV4_SIZE],
                                             uint16_t port) {
    struct sotto_address address = {.port = port, .family = SOTTO_ADDRESS_IPV4};
    memcpy(address.bytes, bytes, SOTTO_ADDRESS_IPV4_SIZE);
    return address;
}

struct sotto_address sotto_address_from_ipv6(const uint8_t bytes[SOTTO_ADDRESS_IPV6_SIZE],
                                             uint16_t port) {
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (memcmp(bytes, mapped, sizeof mapped) == 0)
        return sotto_address_from_ipv4(bytes + sizeof mapped, port);

    struct sotto_address address = {.port = port, .family = SOTTO_ADDRESS_IPV6};
    memcpy(address.bytes, bytes, SOTTO_ADDRESS_IPV6_SIZE);
    return address;
}

bool sotto_address_equal(const struct sotto_address *a, const struct sotto_address *b) {
    return a->port == b->port && a->family == b->family && a->protocol == b->protocol &&
           memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

static bool next_is(const struct sotto_reader *reader, char character) {
    return sotto_reader_remaining(reader) > 0 &&
           reader->data[reader->offset] == (uint8_t)character;
}

static bool skip_if(struct sotto_reader *reader, char character) {
    bool found = next_is(reader, character);
    if (found)
        sotto_reader_skip(reader, 1);
    return found;
}

static void expect(struct sotto_reader *reader, char character) {
    if (!skip_if(reader, character))
        sotto_reader_fail(reader);
}

// 0 to 15, or 16 for what is no digit.
static uint32_t digit_value(uint8_t character) {
    if (character >= '0' && character <= '9')
        return (uint32_t)character - '0';
    uint32_t letter = (uint32_t)character | 0x20;
    if (letter >= 'a' && letter <= 'f')
        return letter - 'a' + 10;
    return 16;
}

static bool next_is_digit(const struct sotto_reader *reader, uint32_t base) {
    return sotto_reader_remaining(reader) > 0 && digit_value(reader->data[reader->offset]) < base;
}

static uint32_t read_digits(struct sotto_reader *reader, uint32_t base, size_t count_max) {
    uint32_t value = 0;
    size_t count = 0;
    for (; count < count_max && next_is_digit(reader, base); count++)
        value = value * base + digit_value(sotto_reader_read_u8(reader));
    if (count == 0)
        sotto_reader_fail(reader);
    return value;
}

// A zero ends the number, so that what some readers take for octal is refused: no digit may follow
// a number.
static uint32_t read_decimal(struct sotto_reader *reader, uint32_t maximum) {
    if (skip_if(reader, '0'))
        return 0;
    uint32_t value = read_digits(reader, 10, 5);
    if (value > maximum)
        sotto_reader_fail(reader);
    return value;
}

static void read_ipv4(struct sotto_reader *reader, uint8_t bytes[SOTTO_ADDRESS_IPV4_SIZE]) {
    for (size_t i = 0; i < SOTTO_ADDRESS_IPV4_SIZE; i++) {
        if (i > 0)
            expect(reader, '.');
        bytes[i] = (uint8_t)read_decimal(reader, 255);
    }
}

// True if the digits ahead are followed by a dot: the last two groups are written as IPv4.
static bool ipv4_follows(const struct sotto_reader *reader) {
    struct sotto_reader ahead = *reader;
    while (next_is_digit(&ahead, 10))
        sotto_reader_skip(&ahead, 1);
    return next_is(&ahead, '.');
}

// One group, or two as IPv4, at `bytes + *count * 2`. True if nothing may follow.
static bool read_group(struct sotto_reader *reader, uint8_t *bytes, size_t *count) {
    if (ipv4_follows(reader) && *count <= GROUP_COUNT - 2) {
        read_ipv4(reader, bytes + *count * 2);
        *count += 2;
        return true;
    }
    uint32_t group = read_digits(reader, 16, 4);
    bytes[*count * 2] = (uint8_t)(group >> 8);
    bytes[*count * 2 + 1] = (uint8_t)group;
    *count += 1;
    return *count == GROUP_COUNT;
}

// RFC 4291 section 2.2: groups with one "::" at most, which stands for at least one group of zeros.
static void read_ipv6(struct sotto_reader *reader, uint8_t bytes[SOTTO_ADDRESS_IPV6_SIZE]) {
    size_t count = 0;
    size_t gap = GROUP_COUNT; // the group before which the zeros go
    if (next_is(reader, ':')) {
        sotto_reader_skip(reader, 1);
        expect(reader, ':');
        gap = 0;
    }
    while (count < GROUP_COUNT && next_is_digit(reader, 16)) {
        if (read_group(reader, bytes, &count) || !skip_if(reader, ':'))
            break;
        if (next_is(reader, ':') && gap == GROUP_COUNT) {
            sotto_reader_skip(reader, 1);
            gap = count;
        } else if (!next_is_digit(reader, 16)) {
            sotto_reader_fail(reader);
        }
    }
    if ((gap == GROUP_COUNT) != (count == GROUP_COUNT)) {
        sotto_reader_fail(reader);
        return;
    }
    size_t moved = (count - (gap < count ? gap : count)) * 2;
    memmove(bytes + SOTTO_ADDRESS_IPV6_SIZE - moved, bytes + count * 2 - moved, moved);
    memset(bytes + (count * 2 - moved), 0, SOTTO_ADDRESS_IPV6_SIZE - count * 2);
}

static void read_host(struct sotto_reader *reader, bool is_ipv6, struct sotto_address *address) {
    uint8_t bytes[SOTTO_ADDRESS_IPV6_SIZE] = {0};
    if (is_ipv6) {
        read_ipv6(reader, bytes);
        *address = sotto_address_from_ipv6(bytes, 0);
    } else {
        read_ipv4(reader, bytes);
        *address = sotto_address_from_ipv4(bytes, 0);
    }
}

static bool finish(const struct sotto_reader *reader, struct sotto_address *address) {
    if (!reader->failed && sotto_reader_remaining(reader) == 0)
        return true;
    *address = (struct sotto_address){0};
    return false;
}

bool sotto_address_parse(struct sotto_address *address, const char *text, size_t size) {
    struct sotto_reader reader;
    sotto_reader_init(&reader, (const uint8_t *)text, size);
    bool is_ipv6 = skip_if(&reader, '[');
    read_host(&reader, is_ipv6, address);
    if (is_ipv6)
        expect(&reader, ']');
    expect(&reader, ':');
    address->port = (uint16_t)read_decimal(&reader, PORT_MAX);
    return finish(&reader, address);
}

bool sotto_address_parse_host(struct sotto_address *address, const char *text, size_t size) {
    bool is_ipv6 = false;
    for (size_t i = 0; i < size; i++)
        is_ipv6 |= text[i] == ':';
    struct sotto_reader reader;
    sotto_reader_init(&reader, (const uint8_t *)text, size);
    read_host(&reader, is_ipv6, address);
    return finish(&reader, address);
}

static void write_number(struct sotto_writer *writer, uint32_t value, uint32_t base) {
    static const char digits[] = "0123456789abcdef";
    uint32_t unit = 1;
    while (value / unit >= base)
        unit *= base;
    for (; unit > 0; unit /= base)
        sotto_writer_write_u8(writer, (uint8_t)digits[value / unit % base]);
}

static void write_ipv4(struct sotto_writer *writer, const uint8_t *bytes) {
    for (size_t i = 0; i < SOTTO_ADDRESS_IPV4_SIZE; i++) {
        if (i > 0)
            sotto_writer_write_u8(writer, '.');
        write_number(writer, bytes[i], 10);
    }
}

static uint32_t group_at(const uint8_t *bytes, size_t index) {
    return (uint32_t)bytes[index * 2] << 8 | bytes[index * 2 + 1];
}

static size_t zero_run_at(const uint8_t *bytes, size_t start) {
    size_t end = start;
    while (end < GROUP_COUNT && group_at(bytes, end) == 0)
        end++;
    return end - start;
}

// RFC 5952 section 4.2: "::" for the longest run of at least two zero groups, the first of equals.
static void write_ipv6(struct sotto_writer *writer, const uint8_t *bytes) {
    size_t gap = GROUP_COUNT;
    size_t gap_size = 1;
    for (size_t i = 0; i < GROUP_COUNT; i++) {
        if (zero_run_at(bytes, i) <= gap_size)
            continue;
        gap = i;
        gap_size = zero_run_at(bytes, i);
    }
    for (size_t i = 0; i < GROUP_COUNT; i++) {
        if (i == gap) {
            sotto_writer_write_bytes(writer, "::", 2);
            i += gap_size - 1;
            continue;
        }
        if (i > 0 && i != gap + gap_size)
            sotto_writer_write_u8(writer, ':');
        write_number(writer, group_at(bytes, i), 16);
    }
}

static size_t finish_text(struct sotto_writer *writer) {
    size_t size = writer->offset;
    sotto_writer_write_u8(writer, 0);
    if (!writer->failed)
        return size;
    if (writer->capacity > 0)
        memset(writer->data, 0, writer->capacity);
    return 0;
}

size_t sotto_address_write_host(const struct sotto_address *address, char *text, size_t capacity) {
    struct sotto_writer writer;
    sotto_writer_init(&writer, (uint8_t *)text, capacity);
    if (address->family == SOTTO_ADDRESS_IPV4)
        write_ipv4(&writer, address->bytes);
    if (address->family == SOTTO_ADDRESS_IPV6)
        write_ipv6(&writer, address->bytes);
    return finish_text(&writer);
}

size_t sotto_address_write(const struct sotto_address *address, char *text, size_t capacity) {
    struct sotto_writer writer;
    sotto_writer_init(&writer, (uint8_t *)text, capacity);
    if (address->family == SOTTO_ADDRESS_NONE)
        return finish_text(&writer);

    if (address->family == SOTTO_ADDRESS_IPV4) {
        write_ipv4(&writer, address->bytes);
    } else {
        sotto_writer_write_u8(&writer, '[');
        write_ipv6(&writer, address->bytes);
        sotto_writer_write_u8(&writer, ']');
    }
    sotto_writer_write_u8(&writer, ':');
    write_number(&writer, address->port, 10);
    return finish_text(&writer);
}
