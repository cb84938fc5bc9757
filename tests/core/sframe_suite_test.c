#include "core/sframe_suite.h"

#include "tests/check.h"

// Table 1 of RFC 9605.
TEST(knows_the_five_suites_of_the_rfc_and_no_other_number) {
    static const struct sotto_sframe_suite rows[] = {
        {SOTTO_SHA256, 48, 10}, {SOTTO_SHA256, 48, 8},  {SOTTO_SHA256, 48, 4},
        {SOTTO_SHA256, 16, 16}, {SOTTO_SHA512, 32, 16},
    };
    for (int number = -70000; number < 70000; number++) {
        const struct sotto_sframe_suite *suite = sotto_sframe_suite_find((enum sotto_suite)number);
        if (number < 1 || number > 5) {
            CHECK(!suite);
            continue;
        }
        CHECK(suite);
        CHECK_EQ(suite->hash, rows[number - 1].hash);
        CHECK_EQ(suite->key_size, rows[number - 1].key_size);
        CHECK_EQ(suite->tag_size, rows[number - 1].tag_size);
    }
}

int main(void) {
    RUN(knows_the_five_suites_of_the_rfc_and_no_other_number);
    return 0;
}
