#include "core/wipe.h"

#include "tests/check.h"

TEST(erases_exactly_the_bytes_it_is_given) {
    for (size_t size = 0; size <= 64; size++) {
        uint8_t data[66];
        memset(data, 0xA5, sizeof data);
        sotto_wipe(data + 1, size);
        CHECK_EQ(data[0], 0xA5);
        for (size_t i = 0; i < size; i++)
            CHECK_EQ(data[1 + i], 0);
        CHECK_EQ(data[1 + size], 0xA5);
    }
    sotto_wipe(NULL, 0);
}

int main(void) {
    RUN(erases_exactly_the_bytes_it_is_given);
    return 0;
}
