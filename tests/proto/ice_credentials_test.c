#include "proto/ice_credentials.h"

#include "tests/check.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

TEST(random_bytes_become_ice_characters_six_bits_each) {
    uint8_t random[SOTTO_ICE_RANDOM_SIZE];
    for (size_t round = 0; round < 256; round++) {
        for (size_t i = 0; i < sizeof random; i++)
            random[i] = (uint8_t)(round * 7 + i * 31);
        struct sotto_ice_credentials credentials;
        sotto_ice_credentials_from_random(&credentials, random);
        CHECK_EQ(credentials.ufrag_size, strlen(credentials.ufrag));
        CHECK_EQ(credentials.password_size, strlen(credentials.password));
        char text[128];
        snprintf(text, sizeof text, "%s%s", credentials.ufrag, credentials.password);
        CHECK_EQ(strlen(text), SOTTO_ICE_RANDOM_SIZE * 8 / 6);
        for (size_t i = 0; i < strlen(text); i++) {
            unsigned value = 0;
            for (size_t bit = i * 6; bit < i * 6 + 6; bit++)
                value = value << 1 | (random[bit / 8] >> (7 - bit % 8) & 1);
            CHECK_EQ(text[i], alphabet[value]);
        }
    }
}

TEST(our_credentials_satisfy_rfc_8445) {
    const uint8_t random[SOTTO_ICE_RANDOM_SIZE] = {0};
    struct sotto_ice_credentials credentials;
    struct sotto_ice_credentials parsed;
    sotto_ice_credentials_from_random(&credentials, random);
    CHECK(credentials.ufrag_size >= 4);
    CHECK(credentials.password_size >= 22);
    CHECK(sotto_ice_credentials_parse(&parsed, credentials.ufrag, credentials.ufrag_size,
                                      credentials.password, credentials.password_size));
    CHECK_TEXT(parsed.ufrag, credentials.ufrag);
    CHECK_TEXT(parsed.password, credentials.password);
}

// Both lie in memory of exactly their size.
static bool accepts(size_t ufrag_size, size_t password_size) {
    char *ufrag = malloc(ufrag_size ? ufrag_size : 1);
    char *password = malloc(password_size ? password_size : 1);
    CHECK(ufrag && password);
    memset(ufrag, 'u', ufrag_size);
    memset(password, 'p', password_size);
    struct sotto_ice_credentials credentials;
    memset(&credentials, 0xff, sizeof credentials);
    bool accepted =
        sotto_ice_credentials_parse(&credentials, ufrag, ufrag_size, password, password_size);
    if (accepted) {
        CHECK_EQ(strlen(credentials.ufrag), ufrag_size);
        CHECK_EQ(strlen(credentials.password), password_size);
    } else {
        static const struct sotto_ice_credentials zero;
        CHECK_BYTES(&credentials, &zero, sizeof zero);
    }
    free(ufrag);
    free(password);
    return accepted;
}

TEST(sizes_outside_the_limits_are_refused) {
    for (size_t size = 0; size < 80; size++) {
        CHECK_EQ(accepts(size, 24), size >= 4 && size <= SOTTO_ICE_UFRAG_SIZE_MAX);
        CHECK_EQ(accepts(8, size), size >= 22 && size <= SOTTO_ICE_PASSWORD_SIZE_MAX);
    }
    CHECK(!accepts(100000, 24));
    CHECK(!accepts(8, 100000));
}

TEST(only_ice_characters_are_accepted) {
    for (int character = 0; character < 256; character++) {
        char ufrag[4] = {'a', 'b', (char)character, 'd'};
        char password[22];
        memset(password, 'p', sizeof password);
        struct sotto_ice_credentials credentials;
        bool is_ice = character != 0 && strchr(alphabet, character) != NULL;
        CHECK_EQ(sotto_ice_credentials_parse(&credentials, ufrag, 4, password, 22), is_ice);
        memcpy(ufrag, "abcd", 4);
        password[21] = (char)character;
        CHECK_EQ(sotto_ice_credentials_parse(&credentials, ufrag, 4, password, 22), is_ice);
    }
}

static bool matches(const struct sotto_ice_credentials *credentials, const char *username) {
    size_t size = strlen(username);
    uint8_t *copy = malloc(size ? size : 1);
    CHECK(copy);
    memcpy(copy, username, size);
    bool matched = sotto_ice_credentials_match(credentials, copy, size);
    free(copy);
    return matched;
}

TEST(a_username_matches_by_all_before_its_first_colon) {
    struct sotto_ice_credentials credentials;
    CHECK(sotto_ice_credentials_parse(&credentials, "evtj", 4, "VOkJxbRl1RmTxUk/WvJxBt", 22));
    CHECK(matches(&credentials, "evtj:h6vY"));
    CHECK(matches(&credentials, "evtj:"));
    CHECK(matches(&credentials, "evtj::"));
    CHECK(!matches(&credentials, "evtj"));
    CHECK(!matches(&credentials, "evt"));
    CHECK(!matches(&credentials, ""));
    CHECK(!matches(&credentials, ":evtj"));
    CHECK(!matches(&credentials, "evtjh:6vY"));
    CHECK(!matches(&credentials, "evtk:h6vY"));
    CHECK(!matches(&credentials, "Evtj:h6vY"));
}

TEST(no_credentials_match_nothing) {
    const struct sotto_ice_credentials none = {0};
    CHECK(!matches(&none, ""));
    CHECK(!matches(&none, ":"));
    CHECK(!matches(&none, ":h6vY"));
}

int main(void) {
    RUN(random_bytes_become_ice_characters_six_bits_each);
    RUN(our_credentials_satisfy_rfc_8445);
    RUN(sizes_outside_the_limits_are_refused);
    RUN(only_ice_characters_are_accepted);
    RUN(a_username_matches_by_all_before_its_first_colon);
    RUN(no_credentials_match_nothing);
    return 0;
}
