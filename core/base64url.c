#include "core/base64url.h"

#include "core/memory.h"

// 1 if low <= value <= high, else 0, without a branch. All are below 2^30.
static uint32_t is_between(uint32_t value, uint32_t low, uint32_t high) {
    return 1 & ~((value - low) >> 31 | (high - value) >> 31);
}

// The character for 6 bits: A to Z, a to z, 0 to 9, '-', '_'. No table, whose addresses would tell.
static char to_character(uint32_t bits) {
    uint32_t character = is_between(bits, 0, 25) * (bits + 'A') |
                         is_between(bits, 26, 51) * (bits - 26 + 'a') |
                         is_between(bits, 52, 61) * (bits - 52 + '0') |
                         is_between(bits, 62, 62) * '-' | is_between(bits, 63, 63) * '_';
    return (char)character;
}

// The 6 bits of a character; sets `bad` for one that is none of the alphabet.
static uint32_t to_bits(char text, uint32_t *bad) {
    uint32_t character = (uint8_t)text;
    uint32_t upper = is_between(character, 'A', 'Z');
    uint32_t lower = is_between(character, 'a', 'z');
    uint32_t digit = is_between(character, '0', '9');
    uint32_t minus = is_between(character, '-', '-');
    uint32_t underscore = is_between(character, '_', '_');
    *bad |= 1 ^ (upper | lower | digit | minus | underscore);
    return upper * (character - 'A') | lower * (character - 'a' + 26) |
           digit * (character - '0' + 52) | minus * 62 | underscore * 63;
}

bool sotto_base64url_write(const uint8_t *bytes, size_t size, char *text, size_t capacity) {
    if (capacity <= SOTTO_BASE64URL_SIZE(size)) {
        if (capacity > 0)
            text[0] = '\0';
        return false;
    }
    uint32_t bits = 0;
    unsigned bit_count = 0;
    for (size_t i = 0; i < size; i++) {
        bits = (bits << 8 | bytes[i]) & 0xffff;
        for (bit_count += 8; bit_count >= 6; bit_count -= 6)
            *text++ = to_character(bits >> (bit_count - 6) & 0x3f);
    }
    if (bit_count > 0)
        *text++ = to_character(bits << (6 - bit_count) & 0x3f);
    *text = '\0';
    return true;
}

bool sotto_base64url_read(const char *text, size_t text_size, uint8_t *bytes, size_t capacity,
                          size_t *size) {
    size_t wanted = text_size / 4 * 3 + text_size % 4 * 3 / 4;
    *size = 0;
    if (text_size % 4 == 1 || wanted > capacity) {
        if (capacity > 0)
            memset(bytes, 0, capacity);
        return false;
    }
    uint32_t bits = 0;
    uint32_t bad = 0;
    unsigned bit_count = 0;
    size_t written = 0;
    for (size_t i = 0; i < text_size; i++) {
        bits = (bits << 6 | to_bits(text[i], &bad)) & 0xffff;
        bit_count += 6;
        if (bit_count < 8)
            continue;
        bit_count -= 8;
        bytes[written++] = (uint8_t)(bits >> bit_count);
    }
    // The bits that are left over belong to no byte.
    if (bad || (bits & ((1u << bit_count) - 1)) != 0) {
        if (capacity > 0)
            memset(bytes, 0, capacity);
        return false;
    }
    *size = written;
    return true;
}
