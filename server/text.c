#include "server/text.h"

#include <string.h>
#include <strings.h>

struct sotto_text sotto_text_of(const char *string) {
    return (struct sotto_text){.data = string, .size = string ? strlen(string) : 0};
}

bool sotto_text_equals(struct sotto_text text, const char *string) {
    size_t size = strlen(string);
    return text.size == size && (size == 0 || memcmp(text.data, string, size) == 0);
}

bool sotto_text_equals_ignoring_case(struct sotto_text text, const char *string) {
    size_t size = strlen(string);
    return text.size == size && (size == 0 || strncasecmp(text.data, string, size) == 0);
}

bool sotto_text_starts_with(struct sotto_text text, const char *prefix) {
    size_t size = strlen(prefix);
    return text.size >= size && (size == 0 || memcmp(text.data, prefix, size) == 0);
}

struct sotto_text sotto_text_skip(struct sotto_text text, size_t size) {
    return (struct sotto_text){.data = text.data ? text.data + size : NULL,
                               .size = text.size - size};
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

bool sotto_text_take_item(struct sotto_text *list, struct sotto_text *item) {
    while (list->size > 0) {
        const char *comma = memchr(list->data, ',', list->size);
        size_t size = comma ? (size_t)(comma - list->data) : list->size;
        *item = (struct sotto_text){.data = list->data, .size = size};
        *list = sotto_text_skip(*list, comma ? size + 1 : size);
        while (item->size > 0 && is_blank(item->data[0]))
            *item = sotto_text_skip(*item, 1);
        while (item->size > 0 && is_blank(item->data[item->size - 1]))
            item->size--;
        if (item->size > 0)
            return true;
    }
    *item = (struct sotto_text){0};
    return false;
}

bool sotto_text_copy(struct sotto_text text, char *to, size_t capacity) {
    if (capacity > 0)
        to[0] = 0;
    if (text.size >= capacity || (text.size > 0 && memchr(text.data, 0, text.size)))
        return false;
    if (text.size > 0)
        memcpy(to, text.data, text.size);
    to[text.size] = 0;
    return true;
}

bool sotto_text_number(struct sotto_text text, unsigned long max, unsigned long *number) {
    *number = 0;
    if (text.size == 0 || text.size > 18 || (text.size > 1 && text.data[0] == '0'))
        return false;
    unsigned long value = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        value = value * 10 + (unsigned long)(text.data[i] - '0');
    }
    if (value > max)
        return false;
    *number = value;
    return true;
}

// The number of bytes of the well-formed sequence at the front, or 0. RFC 3629, section 4.
static size_t utf8_sequence(const unsigned char *bytes, size_t size) {
    unsigned char first = bytes[0];
    if (first < 0x80)
        return 1;
    size_t count = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || size < count)
        return 0;
    for (size_t i = 1; i < count; i++)
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    if ((first == 0xe0 && bytes[1] < 0xa0) || (first == 0xed && bytes[1] > 0x9f) ||
        (first == 0xf0 && bytes[1] < 0x90) || (first == 0xf4 && bytes[1] > 0x8f))
        return 0;
    return count;
}

bool sotto_text_is_utf8(const void *data, size_t size) {
    const unsigned char *bytes = data;
    for (size_t i = 0; i < size;) {
        size_t count = utf8_sequence(bytes + i, size - i);
        if (count == 0)
            return false;
        i += count;
    }
    return true;
}
