#include "core/base64url.h"

#include "tests/check.h"

static void check_both_ways(const char *bytes, size_t size, const char *text) {
    char written[64];
    uint8_t read[64];
    size_t read_size;
    CHECK(sotto_base64url_write((const uint8_t *)bytes, size, written, sizeof written));
    CHECK_TEXT(written, text);
    CHECK(sotto_base64url_read(text, strlen(text), read, sizeof read, &read_size));
    CHECK_EQ(read_size, size);
    CHECK_BYTES(read, bytes, size);
}

TEST(the_vectors_of_rfc_4648) {
    check_both_ways("", 0, "");
    check_both_ways("f", 1, "Zg");
    check_both_ways("fo", 2, "Zm8");
    check_both_ways("foo", 3, "Zm9v");
    check_both_ways("foob", 4, "Zm9vYg");
    check_both_ways("fooba", 5, "Zm9vYmE");
    check_both_ways("foobar", 6, "Zm9vYmFy");
    check_both_ways("\xfb\xff\xbf", 3, "-_-_");
}

TEST(every_byte_in_every_place) {
    for (unsigned value = 0; value < 256; value++) {
        for (size_t size = 1; size <= 5; size++) {
            uint8_t bytes[5] = {(uint8_t)value, 3, (uint8_t)~value, (uint8_t)(value * 7), 9};
            char text[16];
            uint8_t read[5];
            size_t read_size;
            CHECK(sotto_base64url_write(bytes, size, text, sizeof text));
            CHECK_EQ(strlen(text), SOTTO_BASE64URL_SIZE(size));
            CHECK(sotto_base64url_read(text, strlen(text), read, sizeof read, &read_size));
            CHECK_EQ(read_size, size);
            CHECK_BYTES(read, bytes, size);
        }
    }
}

TEST(other_forms_of_the_same_bytes_are_refused) {
    static const char *const bad[] = {"Z",    "Zg==", "Zh",    "Zm9=", "Zm 9v", "Zm9v\n", "Zm+v",
                                      "Zm/v", "Zm9",  "Zm9vY", "Zg\0", "Zm9\xc3", "@@@@"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint8_t bytes[16];
        size_t size = 7;
        size_t text_size = strcmp(bad[i], "Zg") == 0 ? 3 : strlen(bad[i]);
        CHECK(!sotto_base64url_read(bad[i], text_size, bytes, sizeof bytes, &size));
        CHECK_EQ(size, 0);
        CHECK_EQ(bytes[0], 0);
    }
}

TEST(a_destination_that_is_too_small_is_refused) {
    char text[8];
    uint8_t bytes[3];
    size_t size;
    CHECK(!sotto_base64url_write((const uint8_t *)"foobar", 6, text, sizeof text));
    CHECK_TEXT(text, "");
    CHECK(!sotto_base64url_read("Zm9vYg", 6, bytes, sizeof bytes, &size));
}

int main(void) {
    RUN(the_vectors_of_rfc_4648);
    RUN(every_byte_in_every_place);
    RUN(other_forms_of_the_same_bytes_are_refused);
    RUN(a_destination_that_is_too_small_is_refused);
    return 0;
}
