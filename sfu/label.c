#include "sfu/label.h"

#include "core/assert.h"
#include "core/memory.h"

size_t sotto_label_size(const char *label) {
    size_t size = 0;
    while (size < SOTTO_LABEL_SIZE_MAX && label[size] != '\0')
        size++;
    return size;
}

bool sotto_label_equal(const char *a, const char *b) {
    size_t i = 0;
    while (a[i] == b[i] && a[i] != '\0')
        i++;
    return a[i] == b[i];
}

static char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool sotto_label_equal_ignoring_case(const char *a, const char *b) {
    size_t i = 0;
    while (to_lower(a[i]) == to_lower(b[i]) && a[i] != '\0')
        i++;
    return to_lower(a[i]) == to_lower(b[i]);
}

void sotto_label_copy(char *to, size_t capacity, const char *from) {
    size_t size = sotto_label_size(from);
    SOTTO_ASSERT(size < capacity);
    memmove(to, from, size);
    memset(to + size, 0, capacity - size);
}

void sotto_label_write_number(char *to, size_t capacity, unsigned number) {
    char reversed[10];
    size_t size = 0;
    do {
        reversed[size++] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    SOTTO_ASSERT(size < capacity);
    memset(to, 0, capacity);
    for (size_t i = 0; i < size; i++)
        to[i] = reversed[size - 1 - i];
}
