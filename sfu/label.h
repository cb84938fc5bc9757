// Labels: short zero-terminated texts in fixed arrays, such as codec names and stream ids. For the
// pure layers, which have no <string.h>.
#ifndef SOTTO_SFU_LABEL_H
#define SOTTO_SFU_LABEL_H

#include <stdbool.h>
#include <stddef.h>

enum { SOTTO_LABEL_SIZE_MAX = 255 };

// Bytes before the closing zero; at most SOTTO_LABEL_SIZE_MAX, so that a missing zero has an end.
size_t sotto_label_size(const char *label);

bool sotto_label_equal(const char *a, const char *b);

// As sotto_label_equal, but A to Z equal a to z.
bool sotto_label_equal_ignoring_case(const char *a, const char *b);

// Copies `from` into `to` of `capacity` bytes and fills the rest of it with zeros. It must fit with
// its closing zero.
void sotto_label_copy(char *to, size_t capacity, const char *from);

// Writes `number` in decimal, without leading zeros, and fills the rest of `to` with zeros. It must
// fit with its closing zero.
void sotto_label_write_number(char *to, size_t capacity, unsigned number);

#endif
