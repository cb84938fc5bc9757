#include "crypto/random.h"

#include "tests/check.h"

#include <stdbool.h>

TEST(every_byte_of_a_buffer_is_filled_and_no_other) {
    uint8_t bytes[600];
    uint8_t first[500];
    for (size_t size = 0; size <= 500; size += 125) {
        memset(bytes, 0x5a, sizeof bytes);
        sotto_random_fill(bytes + 50, size);
        memcpy(first, bytes + 50, size);
        bool changed[500] = {false};
        for (int round = 0; round < 16; round++) {
            sotto_random_fill(bytes + 50, size);
            for (size_t i = 0; i < size; i++)
                changed[i] |= bytes[50 + i] != first[i];
        }
        for (size_t i = 0; i < size; i++)
            CHECK(changed[i]); // the same value in 17 rounds has a probability of 2^-128
        for (size_t i = 0; i < 50; i++)
            CHECK(bytes[i] == 0x5a && bytes[50 + size + i] == 0x5a);
    }
}

TEST(no_two_of_ten_thousand_identifiers_are_equal) {
    static uint8_t ids[10000][16];
    for (size_t i = 0; i < 10000; i++)
        sotto_random_fill(ids[i], 16);
    for (size_t i = 0; i < 10000; i++) {
        for (size_t j = i + 1; j < 10000; j++)
            CHECK(memcmp(ids[i], ids[j], 16) != 0);
    }
}

int main(void) {
    RUN(every_byte_of_a_buffer_is_filled_and_no_other);
    RUN(no_two_of_ten_thousand_identifiers_are_equal);
    return 0;
}
