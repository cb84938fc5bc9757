#include "server/text.h"
#include "tests/check.h"

TEST(texts_are_compared_whole) {
    CHECK(sotto_text_equals(sotto_text_of("abc"), "abc"));
    CHECK(!sotto_text_equals(sotto_text_of("abcd"), "abc"));
    CHECK(!sotto_text_equals(sotto_text_of("ab"), "abc"));
    CHECK(sotto_text_equals(sotto_text_of(NULL), ""));
    CHECK(sotto_text_equals_ignoring_case(sotto_text_of("WebSocket"), "websocket"));
    CHECK(!sotto_text_equals_ignoring_case(sotto_text_of("WebSockets"), "websocket"));
    CHECK(sotto_text_starts_with(sotto_text_of("/v2/rooms"), "/v2/"));
    CHECK(!sotto_text_starts_with(sotto_text_of("/v2"), "/v2/"));
}

TEST(a_list_is_taken_apart_without_blanks_and_empty_items) {
    struct sotto_text list = sotto_text_of(" a ,,\tb c\t, ,d"), item;
    CHECK(sotto_text_take_item(&list, &item) && sotto_text_equals(item, "a"));
    CHECK(sotto_text_take_item(&list, &item) && sotto_text_equals(item, "b c"));
    CHECK(sotto_text_take_item(&list, &item) && sotto_text_equals(item, "d"));
    CHECK(!sotto_text_take_item(&list, &item));
    CHECK_EQ(item.size, 0);
}

TEST(a_copy_fits_and_has_no_zero_inside) {
    char to[4];
    CHECK(sotto_text_copy(sotto_text_of("abc"), to, sizeof to));
    CHECK_TEXT(to, "abc");
    CHECK(!sotto_text_copy(sotto_text_of("abcd"), to, sizeof to));
    CHECK_TEXT(to, "");
    CHECK(!sotto_text_copy((struct sotto_text){.data = "a\0b", .size = 3}, to, sizeof to));
    CHECK_TEXT(to, "");
}

TEST(numbers_are_plain_and_bounded) {
    static const char *const bad[] = {"", "-1", "+1", " 1", "1 ", "01", "1.0", "1e3", "0x1", "256",
                                      "18446744073709551617"};
    unsigned long number;
    CHECK(sotto_text_number(sotto_text_of("0"), 255, &number) && number == 0);
    CHECK(sotto_text_number(sotto_text_of("255"), 255, &number) && number == 255);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(!sotto_text_number(sotto_text_of(bad[i]), 255, &number));
        CHECK_EQ(number, 0);
    }
}

// RFC 3629 and the table of Unicode 3.9 (table 3-7): the edges of every row.
TEST(utf8_is_told_from_what_only_looks_like_it) {
    static const char *const good[] = {"",         "a",        "\xc2\x80",     "\xdf\xbf",
                                       "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                                       "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {"\x80",         "\xc0\x80",     "\xc1\xbf",
                                      "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                                      "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
                                      "\xc2",         "\xe0\xa0",     "\xf0\x90\x80",
                                      "\xc2\x41",     "a\xe2\x28\xa1"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        CHECK(sotto_text_is_utf8(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        size_t size = strlen(bad[i]);
        char *exact = malloc(size);
        CHECK(exact);
        memcpy(exact, bad[i], size);
        CHECK(!sotto_text_is_utf8(exact, size));
        free(exact);
    }
}

int main(void) {
    RUN(texts_are_compared_whole);
    RUN(a_list_is_taken_apart_without_blanks_and_empty_items);
    RUN(a_copy_fits_and_has_no_zero_inside);
    RUN(numbers_are_plain_and_bounded);
    RUN(utf8_is_told_from_what_only_looks_like_it);
    return 0;
}
