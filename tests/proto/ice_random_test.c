#include "proto/ice_random.h"

#include "tests/check.h"

#include <openssl/hmac.h>

static const uint8_t seed[SOTTO_ICE_SEED_SIZE] = "a seed that is no secret at all";

TEST(each_draw_is_the_mac_of_its_number) {
    struct sotto_ice_random random;
    sotto_ice_random_init(&random, seed);
    for (uint8_t number = 0; number < 100; number++) {
        const uint8_t counter[8] = {[7] = number};
        uint8_t expected[20];
        unsigned size;
        CHECK(HMAC(EVP_sha1(), seed, sizeof seed, counter, sizeof counter, expected, &size));
        uint8_t drawn[SOTTO_ICE_DRAW_SIZE_MAX];
        CHECK(sotto_ice_random_draw(&random, drawn, sizeof drawn));
        CHECK_BYTES(drawn, expected, sizeof drawn);
    }
}

TEST(a_number_is_the_first_eight_bytes_of_a_draw) {
    struct sotto_ice_random bytes;
    struct sotto_ice_random numbers;
    sotto_ice_random_init(&bytes, seed);
    sotto_ice_random_init(&numbers, seed);
    for (int i = 0; i < 100; i++) {
        uint8_t drawn[8];
        uint64_t expected = 0;
        CHECK(sotto_ice_random_draw(&bytes, drawn, sizeof drawn));
        for (size_t j = 0; j < 8; j++)
            expected = expected << 8 | drawn[j];
        CHECK(sotto_ice_random_draw_number(&numbers) == expected);
    }
}

int main(void) {
    RUN(each_draw_is_the_mac_of_its_number);
    RUN(a_number_is_the_first_eight_bytes_of_a_draw);
    return 0;
}
