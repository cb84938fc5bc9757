#include "core/equal.h"

#include "tests/check.h"

TEST(equal_bytes_are_equal_and_any_single_bit_makes_them_differ) {
    uint8_t left[67];
    uint8_t right[67];
    for (size_t i = 0; i < sizeof left; i++)
        left[i] = right[i] = (uint8_t)(i * 37);
    CHECK(sotto_equal(left, right, sizeof left));
    for (size_t bit = 0; bit < 8 * sizeof left; bit++) {
        right[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CHECK(!sotto_equal(left, right, sizeof left));
        CHECK(sotto_equal(left, right, bit / 8)); // what is behind the size is not looked at
        right[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

TEST(every_pair_of_bytes_is_told_apart) {
    for (int a = 0; a < 256; a++) {
        for (int b = 0; b < 256; b++) {
            uint8_t left = (uint8_t)a;
            uint8_t right = (uint8_t)b;
            CHECK_EQ(sotto_equal(&left, &right, 1), a == b);
        }
    }
}

TEST(no_bytes_are_equal) {
    CHECK(sotto_equal(NULL, NULL, 0));
}

int main(void) {
    RUN(equal_bytes_are_equal_and_any_single_bit_makes_them_differ);
    RUN(every_pair_of_bytes_is_told_apart);
    RUN(no_bytes_are_equal);
    return 0;
}
