// A test is a program: functions declared with TEST, run with RUN from main, checked with CHECK.
// A failed check prints its place and ends the program with status 1.
#ifndef SOTTO_TESTS_CHECK_H
#define SOTTO_TESTS_CHECK_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) static void test_##name(void)
#define RUN(name)                                                                                  \
    do {                                                                                           \
        test_##name();                                                                             \
        printf("ok %s\n", #name);                                                                  \
    } while (0)

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            check_fail(__FILE__, __LINE__, #condition);                                            \
    } while (0)

// Two integers of any type; both are printed when they differ.
#define CHECK_EQ(actual, expected)                                                                 \
    check_equal(__FILE__, __LINE__, #actual, (long long)(actual), (long long)(expected))

#define CHECK_BYTES(actual, expected, size)                                                        \
    check_bytes(__FILE__, __LINE__, #actual, (actual), (expected), (size))

#define CHECK_TEXT(actual, expected)                                                               \
    check_text(__FILE__, __LINE__, #actual, (actual), (expected))

__attribute__((noreturn)) static inline void check_fail(const char *file, int line,
                                                        const char *what) {
    fprintf(stderr, "%s:%d: failed: %s\n", file, line, what);
    exit(1);
}

static inline void check_equal(const char *file, int line, const char *what, long long actual,
                               long long expected) {
    if (actual == expected)
        return;
    fprintf(stderr, "%s:%d: %s is %lld, expected %lld\n", file, line, what, actual, expected);
    exit(1);
}

static inline void check_print_hex(const char *label, const uint8_t *bytes, size_t size) {
    fprintf(stderr, "  %s ", label);
    for (size_t i = 0; i < size; i++)
        fprintf(stderr, "%02x", bytes[i]);
    fputc('\n', stderr);
}

static inline void check_bytes(const char *file, int line, const char *what, const void *actual,
                               const void *expected, size_t size) {
    if (size == 0 || memcmp(actual, expected, size) == 0)
        return;
    fprintf(stderr, "%s:%d: %s differs\n", file, line, what);
    check_print_hex("actual  ", actual, size);
    check_print_hex("expected", expected, size);
    exit(1);
}

static inline void check_text(const char *file, int line, const char *what, const char *actual,
                              const char *expected) {
    if (actual && strcmp(actual, expected) == 0)
        return;
    fprintf(stderr, "%s:%d: %s is \"%s\", expected \"%s\"\n", file, line, what,
            actual ? actual : "(null)", expected);
    exit(1);
}

#endif
