// A piece of text that somebody else owns: bytes with a size and no terminating zero.
#ifndef SOTTO_SERVER_TEXT_H
#define SOTTO_SERVER_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct sotto_text {
    const char *data; // borrowed; NULL only when size is 0
    size_t size;
};

struct sotto_text sotto_text_of(const char *string); // borrowed from `string`; NULL gives empty

bool sotto_text_equals(struct sotto_text text, const char *string);
bool sotto_text_equals_ignoring_case(struct sotto_text text, const char *string); // ASCII only
bool sotto_text_starts_with(struct sotto_text text, const char *prefix);
struct sotto_text sotto_text_skip(struct sotto_text text, size_t size); // size at most text.size

// The next item of a comma-separated list without the blanks around it, taken off the front of
// `list`. False when the list is used up. Empty items are left out.
bool sotto_text_take_item(struct sotto_text *list, struct sotto_text *item);

// Copies with a terminating zero. False, and an empty string, if the text does not fit or contains
// a zero byte.
bool sotto_text_copy(struct sotto_text text, char *to, size_t capacity);

// A decimal number without sign, blanks or leading zeros, at most `max`.
bool sotto_text_number(struct sotto_text text, unsigned long max, unsigned long *number);

// True for well-formed UTF-8 (RFC 3629: shortest forms, no surrogates, up to U+10FFFF).
bool sotto_text_is_utf8(const void *data, size_t size);

#endif
