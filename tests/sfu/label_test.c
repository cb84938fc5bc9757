#include "sfu/label.h"

#include "tests/check.h"

TEST(labels_are_equal_byte_for_byte) {
    CHECK(sotto_label_equal("", ""));
    CHECK(sotto_label_equal("opus", "opus"));
    CHECK(!sotto_label_equal("opus", "opu"));
    CHECK(!sotto_label_equal("opu", "opus"));
    CHECK(!sotto_label_equal("opus", "Opus"));
}

TEST(case_is_ignored_for_letters_alone) {
    CHECK(sotto_label_equal_ignoring_case("video/VP8", "VIDEO/vp8"));
    CHECK(!sotto_label_equal_ignoring_case("video/VP8", "video/VP9"));
    CHECK(!sotto_label_equal_ignoring_case("a", "ab"));
    CHECK(!sotto_label_equal_ignoring_case("[", "{"));
    CHECK(!sotto_label_equal_ignoring_case("@", "`"));
}

TEST(a_copy_fills_the_rest_with_zeros) {
    char to[8] = "xxxxxxx";
    sotto_label_copy(to, sizeof to, "abc");
    CHECK_BYTES(to, "abc\0\0\0\0", sizeof to);
    sotto_label_copy(to, sizeof to, "abcdefg");
    CHECK_BYTES(to, "abcdefg", sizeof to);
    sotto_label_copy(to, sizeof to, "");
    CHECK_BYTES(to, "\0\0\0\0\0\0\0", sizeof to);
}

TEST(a_size_ends_at_the_closing_zero_or_at_the_limit) {
    char endless[SOTTO_LABEL_SIZE_MAX + 2];
    memset(endless, 'x', sizeof endless);
    CHECK_EQ(sotto_label_size(""), 0);
    CHECK_EQ(sotto_label_size("abc"), 3);
    CHECK_EQ(sotto_label_size(endless), SOTTO_LABEL_SIZE_MAX);
}

TEST(numbers_are_written_in_decimal) {
    char to[11];
    sotto_label_write_number(to, sizeof to, 0);
    CHECK_BYTES(to, "0\0\0\0\0\0\0\0\0\0", sizeof to);
    sotto_label_write_number(to, sizeof to, 99999999);
    CHECK_TEXT(to, "99999999");
    sotto_label_write_number(to, sizeof to, 4294967295u);
    CHECK_TEXT(to, "4294967295");
    sotto_label_write_number(to, sizeof to, 100);
    CHECK_BYTES(to, "100\0\0\0\0\0\0\0", sizeof to);
}

int main(void) {
    RUN(labels_are_equal_byte_for_byte);
    RUN(case_is_ignored_for_letters_alone);
    RUN(a_copy_fills_the_rest_with_zeros);
    RUN(a_size_ends_at_the_closing_zero_or_at_the_limit);
    RUN(numbers_are_written_in_decimal);
    return 0;
}
