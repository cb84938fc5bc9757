#include "proto/crc32.h"

#include "tests/check.h"

static uint32_t bit_by_bit(const uint8_t *data, size_t size) {
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size * 8; i++) {
        uint32_t bit = (uint32_t)(data[i / 8] >> i % 8 & 1);
        crc = (crc ^ bit) & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
    }
    return ~crc;
}

TEST(the_check_value_of_the_catalogues_comes_out) {
    CHECK_EQ(sotto_crc32((const uint8_t *)"123456789", 9), 0xcbf43926);
    CHECK_EQ(sotto_crc32(NULL, 0), 0);
}

TEST(every_entry_of_the_table_is_the_one_that_division_gives) {
    for (unsigned first = 0; first < 256; first++) {
        const uint8_t data[3] = {(uint8_t)first, 0x55, (uint8_t)~first};
        CHECK_EQ(sotto_crc32(data, 1), bit_by_bit(data, 1));
        CHECK_EQ(sotto_crc32(data, 3), bit_by_bit(data, 3));
    }
}

int main(void) {
    RUN(the_check_value_of_the_catalogues_comes_out);
    RUN(every_entry_of_the_table_is_the_one_that_division_gives);
    return 0;
}
