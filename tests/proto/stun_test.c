#include "proto/stun.h"

#include "tests/proto/stun_builder.h"
#include "tests/vectors.h"

static const char password[] = "VOkJxbRl1RmTxUk/WvJxBt"; // of all messages in RFC 5769

// RFC 5769 sections 2.1 to 2.3.
static const char sample_request[] =
    "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001"
    "ff80290008932ff9b151263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3"
    "f249c1b571a280280004e57a3bcf";
static const char sample_ipv4_response[] =
    "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a6"
    "43000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96";
static const char sample_ipv6_response[] =
    "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113a9"
    "faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c";

static bool verify(const struct sotto_stun_message *message, const char *key) {
    return sotto_stun_verify(message, (const uint8_t *)key, strlen(key));
}

// Parses an exactly sized copy, so that a read past the end shows.
static bool parses(const uint8_t *data, size_t size) {
    uint8_t *copy = malloc(size ? size : 1);
    CHECK(copy);
    if (size > 0)
        memcpy(copy, data, size);
    struct sotto_stun_message message;
    bool parsed = sotto_stun_parse(&message, copy, size);
    if (!parsed) {
        static const struct sotto_stun_message zero;
        CHECK(message.data == NULL && message.username == NULL);
        CHECK_EQ(message.error_code, zero.error_code);
        CHECK_EQ(message.mapped_address.family, SOTTO_ADDRESS_NONE);
        CHECK_EQ(message.priority, 0);
    }
    free(copy);
    return parsed;
}

static bool builder_parses(const struct stun_builder *builder) {
    return parses(builder->data, builder->size);
}

TEST(the_sample_request_of_rfc_5769_verifies) {
    size_t size;
    uint8_t *data = vectors_unhex(sample_request, &size);
    static const uint8_t id[12] = {0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34,
                                   0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae};
    struct sotto_stun_message message;
    CHECK(sotto_stun_parse(&message, data, size));
    CHECK_EQ(message.class, SOTTO_STUN_REQUEST);
    CHECK_BYTES(message.transaction_id, id, sizeof id);
    CHECK_EQ(message.username_size, 9);
    CHECK_BYTES(message.username, "evtj:h6vY", 9);
    CHECK_EQ(message.priority, 0x6e0001ff);
    CHECK_EQ(message.role, SOTTO_STUN_CONTROLLED);
    CHECK(message.tie_breaker == 0x932ff9b151263b36);
    CHECK(!message.use_candidate);
    CHECK(message.has_fingerprint);
    CHECK_EQ(message.unknown.count, 0); // SOFTWARE may be ignored
    CHECK(verify(&message, password));
    CHECK(!verify(&message, "VOkJxbRl1RmTxUk/WvJxBu"));
    CHECK(!verify(&message, "VOkJxbRl1RmTxUk/WvJxB"));
    CHECK(!verify(&message, ""));
    free(data);
}

static void check_response(const char *hex, const char *address) {
    size_t size;
    uint8_t *data = vectors_unhex(hex, &size);
    struct sotto_stun_message message;
    CHECK(sotto_stun_parse(&message, data, size));
    CHECK_EQ(message.class, SOTTO_STUN_SUCCESS);
    char text[SOTTO_ADDRESS_TEXT_SIZE_MAX];
    CHECK(sotto_address_write(&message.mapped_address, text, sizeof text) > 0);
    CHECK_TEXT(text, address);
    CHECK(message.username == NULL);
    CHECK(message.has_fingerprint);
    CHECK(verify(&message, password));
    free(data);
}

TEST(the_sample_responses_of_rfc_5769_verify) {
    check_response(sample_ipv4_response, "192.0.2.1:32853");
    check_response(sample_ipv6_response, "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
}

TEST(every_truncation_is_refused) {
    static const char *const samples[] = {sample_request, sample_ipv4_response,
                                          sample_ipv6_response};
    for (size_t i = 0; i < 3; i++) {
        size_t size;
        uint8_t *data = vectors_unhex(samples[i], &size);
        for (size_t cut = 0; cut < size; cut++) {
            CHECK(!parses(data, cut));
            if (cut < 20)
                continue;
            // The same with a header that admits it. Only FINGERPRINT may be cut off.
            struct stun_builder builder = {.size = cut};
            memcpy(builder.data, data, cut);
            builder_set_length(&builder, cut);
            parses(builder.data, cut);
            struct sotto_stun_message message;
            if (sotto_stun_parse(&message, builder.data, cut))
                CHECK_EQ(verify(&message, password), cut == size - 8);
        }
        CHECK(parses(data, size));
        free(data);
    }
}

TEST(a_byte_more_than_the_header_says_is_refused) {
    struct stun_builder builder;
    builder_check(&builder, 1, "evtj:h6vY", password, false);
    CHECK(builder_parses(&builder));
    CHECK(!parses(builder.data, builder.size + 1));
    CHECK(!parses(builder.data, builder.size + 4));
}

// Without FINGERPRINT it is MESSAGE-INTEGRITY alone that refuses. No bit is an exception: the
// length, the one field that it does not cover, has to be the datagram's.
TEST(no_flipped_bit_survives_message_integrity) {
    struct stun_builder builder;
    builder_begin_check(&builder, 1, "evtj:h6vY", true, 0x802a);
    builder_add_integrity(&builder, password);
    struct sotto_stun_message message;
    CHECK(sotto_stun_parse(&message, builder.data, builder.size) && verify(&message, password));
    for (size_t bit = 0; bit < builder.size * 8; bit++) {
        builder.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        bool parsed = sotto_stun_parse(&message, builder.data, builder.size);
        CHECK(!parsed || !verify(&message, password));
        builder.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

// A flipped bit is a parse error, or the message has no FINGERPRINT any more: its type became
// another one, or the length of an attribute that may be ignored grew over it.
TEST(no_flipped_bit_survives_the_fingerprint) {
    struct stun_builder builder;
    builder_check(&builder, 1, "evtj:h6vY", password, true);
    struct sotto_stun_message message;
    for (size_t bit = 0; bit < builder.size * 8; bit++) {
        builder.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        bool parsed = sotto_stun_parse(&message, builder.data, builder.size);
        CHECK(!parsed || !message.has_fingerprint);
        builder.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

TEST(headers_of_other_protocols_and_methods_are_refused) {
    struct stun_builder builder;
    builder_begin(&builder, BUILDER_REQUEST, 1);
    CHECK(builder_parses(&builder));
    for (unsigned type = 0; type < 65536; type++) {
        builder_put(&builder, 0, type, 2);
        bool is_binding = type == BUILDER_REQUEST || type == BUILDER_INDICATION ||
                          type == BUILDER_SUCCESS || type == BUILDER_ERROR;
        CHECK_EQ(builder_parses(&builder), is_binding);
    }
    builder_begin(&builder, BUILDER_REQUEST, 1);
    builder.data[4] ^= 1;
    CHECK(!builder_parses(&builder));
    builder_begin(&builder, BUILDER_REQUEST, 1);
    builder.size = 22;
    builder_set_length(&builder, 22);
    CHECK(!builder_parses(&builder));
}

TEST(known_attributes_of_a_wrong_size_are_refused) {
    static const struct {
        unsigned type;
        size_t size;
    } sizes[] = {{0x0008, 20}, {0x0024, 4}, {0x0025, 0}, {0x8028, 4}, {0x8029, 8}, {0x802a, 8}};
    const uint8_t zeros[64] = {0};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (size_t size = 0; size <= 32; size++) {
            struct stun_builder builder;
            builder_begin(&builder, BUILDER_REQUEST, 1);
            if (sizes[i].type == 0x8028 && size == 4)
                builder_add_fingerprint(&builder);
            else
                builder_add(&builder, sizes[i].type, zeros, size);
            CHECK_EQ(builder_parses(&builder), size == sizes[i].size);
        }
    }
}

TEST(addresses_of_an_unknown_family_or_a_wrong_size_are_refused) {
    for (unsigned family = 0; family < 256; family++) {
        for (size_t size = 0; size <= 24; size++) {
            uint8_t value[24] = {0, (uint8_t)family};
            struct stun_builder builder;
            builder_begin(&builder, BUILDER_SUCCESS, 1);
            builder_add(&builder, 0x0020, value, size);
            bool is_right = (family == 1 && size == 8) || (family == 2 && size == 20);
            CHECK_EQ(builder_parses(&builder), is_right);
        }
    }
}

TEST(error_codes_are_read_from_300_to_699) {
    for (unsigned hundreds = 0; hundreds < 8; hundreds++) {
        for (unsigned number = 0; number < 256; number++) {
            const uint8_t value[9] = {0, 0, (uint8_t)hundreds, (uint8_t)number, 'w', 'h', 'y'};
            struct stun_builder builder;
            builder_begin(&builder, BUILDER_ERROR, 1);
            builder_add(&builder, 0x0009, value, 7);
            struct sotto_stun_message message;
            bool parsed = sotto_stun_parse(&message, builder.data, builder.size);
            CHECK_EQ(parsed, hundreds >= 3 && hundreds <= 6 && number <= 99);
            CHECK_EQ(message.error_code, parsed ? hundreds * 100 + number : 0);
        }
    }
}

TEST(usernames_are_bounded) {
    char name[520];
    memset(name, 'u', sizeof name);
    for (size_t size = 500; size < sizeof name; size++) {
        struct stun_builder builder;
        builder_begin(&builder, BUILDER_REQUEST, 1);
        builder_add(&builder, 0x0006, name, size);
        CHECK_EQ(builder_parses(&builder), size <= SOTTO_STUN_USERNAME_SIZE_MAX);
    }
}

TEST(attributes_are_bounded_in_number) {
    struct stun_builder builder;
    builder_begin(&builder, BUILDER_REQUEST, 1);
    for (size_t count = 1; count < 100; count++) {
        builder_add(&builder, 0xc001, NULL, 0);
        CHECK_EQ(builder_parses(&builder), count <= SOTTO_STUN_ATTRIBUTE_COUNT_MAX);
    }
}

TEST(datagrams_are_bounded_in_size) {
    static const uint8_t zeros[2000];
    for (size_t size = 1400; size < 1600; size += 4) {
        struct stun_builder builder;
        builder_begin(&builder, BUILDER_REQUEST, 1);
        builder_add(&builder, 0xc001, zeros, size - 24);
        CHECK_EQ(builder.size, size);
        CHECK_EQ(builder_parses(&builder), size <= SOTTO_STUN_SIZE_MAX);
    }
}

TEST(of_a_repeated_attribute_the_first_counts) {
    struct stun_builder builder;
    builder_begin(&builder, BUILDER_REQUEST, 1);
    builder_add_text(&builder, 0x0006, "first:");
    builder_add_text(&builder, 0x0006, "second:");
    builder_add_number(&builder, 0x0024, 1, 4);
    builder_add_number(&builder, 0x0024, 2, 4);
    builder_add_number(&builder, 0x802a, 3, 8);
    builder_add_number(&builder, 0x8029, 4, 8);
    builder_add_number(&builder, 0x0020, 0x0001000000000000, 8);
    builder_add_number(&builder, 0x0020, 0x0001ffffffffffff, 8);
    builder_add_number(&builder, 0x0009, 0x0401, 4);
    builder_add_number(&builder, 0x0009, 0x0402, 4);
    struct sotto_stun_message message;
    CHECK(sotto_stun_parse(&message, builder.data, builder.size));
    CHECK_BYTES(message.username, "first:", 6);
    CHECK_EQ(message.priority, 1);
    CHECK_EQ(message.role, SOTTO_STUN_CONTROLLING);
    CHECK_EQ(message.tie_breaker, 3);
    CHECK_EQ(message.mapped_address.port, 0x2112);
    CHECK_EQ(message.error_code, 401);
}

TEST(nothing_behind_message_integrity_counts_but_the_fingerprint) {
    struct stun_builder builder;
    builder_begin(&builder, BUILDER_REQUEST, 1);
    builder_add_integrity(&builder, password);
    builder_add_text(&builder, 0x0006, "evtj:h6vY");
    builder_add(&builder, 0x0025, NULL, 0);
    builder_add_number(&builder, 0x7fff, 1, 4);
    builder_add_integrity(&builder, "another password of 22");
    builder_add_fingerprint(&builder);
    struct sotto_stun_message message;
    CHECK(sotto_stun_parse(&message, builder.data, builder.size));
    CHECK(verify(&message, password));
    CHECK(message.username == NULL);
    CHECK(!message.use_candidate);
    CHECK_EQ(message.unknown.count, 0);
    CHECK(message.has_fingerprint);
}

TEST(a_fingerprint_that_is_not_last_is_refused) {
    struct stun_builder builder;
    builder_begin(&builder, BUILDER_REQUEST, 1);
    builder_set_length(&builder, 20 + 8);
    uint32_t crc = builder_crc32(builder.data, 20) ^ 0x5354554e;
    builder_add_number(&builder, 0x8028, crc, 4);
    CHECK(builder_parses(&builder));
    // Its value covers the header with the length that the message has in the end.
    builder_begin(&builder, BUILDER_REQUEST, 1);
    builder_set_length(&builder, 20 + 8 + 4);
    crc = builder_crc32(builder.data, 20) ^ 0x5354554e;
    builder_add_number(&builder, 0x8028, crc, 4);
    builder_add(&builder, 0xc001, NULL, 0);
    CHECK(!builder_parses(&builder));
}

TEST(a_message_without_integrity_never_verifies) {
    struct stun_builder builder;
    builder_begin_check(&builder, 1, "evtj:h6vY", true, 0x802a);
    builder_add_fingerprint(&builder);
    struct sotto_stun_message message;
    CHECK(sotto_stun_parse(&message, builder.data, builder.size));
    CHECK(!verify(&message, password));
    CHECK(!verify(&message, ""));
}

TEST(unknown_attributes_that_must_be_understood_are_listed) {
    struct stun_builder builder;
    builder_begin(&builder, BUILDER_REQUEST, 1);
    builder_add(&builder, 0x8000, NULL, 0); // optional
    builder_add(&builder, 0x0001, NULL, 0); // MAPPED-ADDRESS
    for (unsigned type = 0x7ff0; type < 0x7ffa; type++)
        builder_add(&builder, type, NULL, 0);
    struct sotto_stun_message message;
    CHECK(sotto_stun_parse(&message, builder.data, builder.size));
    CHECK_EQ(message.unknown.count, SOTTO_STUN_TYPE_COUNT_MAX);
    for (size_t i = 0; i < SOTTO_STUN_TYPE_COUNT_MAX; i++)
        CHECK_EQ(message.unknown.types[i], 0x7ff0 + i);
}

static struct sotto_stun_message full_message(enum sotto_stun_class class) {
    struct sotto_stun_message message = {
        .class = class,
        .transaction_id = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
        .username = (const uint8_t *)"evtj:h6vY",
        .username_size = 9,
        .priority = 0x6e0001ff,
        .use_candidate = true,
        .role = SOTTO_STUN_CONTROLLING,
        .tie_breaker = 0x932ff9b151263b36,
        .error_code = SOTTO_STUN_UNKNOWN_ATTRIBUTE,
        .refused = {.types = {0x7ff0, 0x7ff1, 0x7ff2}, .count = 3},
        .has_fingerprint = true,
    };
    CHECK(sotto_address_parse(&message.mapped_address, "[2001:db8::1]:7882", 18));
    return message;
}

TEST(what_is_written_is_read_again) {
    for (int class = SOTTO_STUN_REQUEST; class <= SOTTO_STUN_ERROR; class++) {
        struct sotto_stun_message written = full_message((enum sotto_stun_class)class);
        uint8_t data[256];
        size_t size =
            sotto_stun_write(&written, (const uint8_t *)password, strlen(password), data, 256);
        struct sotto_stun_message read;
        CHECK(sotto_stun_parse(&read, data, size));
        CHECK(verify(&read, password));
        CHECK_EQ(read.class, written.class);
        CHECK_BYTES(read.transaction_id, written.transaction_id, 12);
        CHECK_EQ(read.username_size, 9);
        CHECK_BYTES(read.username, written.username, 9);
        CHECK_EQ(read.priority, written.priority);
        CHECK(read.use_candidate && read.has_fingerprint);
        CHECK_EQ(read.role, written.role);
        CHECK(read.tie_breaker == written.tie_breaker);
        CHECK(sotto_address_equal(&read.mapped_address, &written.mapped_address));
        CHECK_EQ(read.error_code, 420);
        CHECK_EQ(read.refused.count, 3);
        CHECK_BYTES(read.refused.types, written.refused.types, 6);
        CHECK_EQ(read.unknown.count, 0);
    }
}

// The other writer makes the same bytes of the same check.
TEST(a_check_is_written_byte_for_byte) {
    struct sotto_stun_message message = full_message(SOTTO_STUN_REQUEST);
    message.mapped_address = (struct sotto_address){0};
    message.error_code = 0;
    message.refused.count = 0;
    struct stun_builder builder;
    builder_begin(&builder, BUILDER_REQUEST, 0);
    memcpy(builder.data + 8, message.transaction_id, 12);
    builder_add_text(&builder, 0x0006, "evtj:h6vY");
    builder_add_number(&builder, 0x802a, 0x932ff9b151263b36, 8);
    builder_add(&builder, 0x0025, NULL, 0);
    builder_add_number(&builder, 0x0024, 0x6e0001ff, 4);
    builder_add_integrity(&builder, password);
    builder_add_fingerprint(&builder);

    uint8_t data[256];
    size_t size =
        sotto_stun_write(&message, (const uint8_t *)password, strlen(password), data, sizeof data);
    CHECK_EQ(size, builder.size);
    CHECK_BYTES(data, builder.data, size);
}

TEST(writing_stops_at_the_capacity) {
    struct sotto_stun_message message = full_message(SOTTO_STUN_ERROR);
    uint8_t whole[256];
    size_t whole_size =
        sotto_stun_write(&message, (const uint8_t *)password, strlen(password), whole, 256);
    CHECK(whole_size > 0);
    for (size_t capacity = 0; capacity <= whole_size; capacity++) {
        uint8_t *data = malloc(capacity ? capacity : 1);
        CHECK(data);
        memset(data, 0xff, capacity);
        size_t size =
            sotto_stun_write(&message, (const uint8_t *)password, strlen(password), data, capacity);
        CHECK_EQ(size, capacity == whole_size ? whole_size : 0);
        for (size_t i = 0; i < capacity && size == 0; i++)
            CHECK_EQ(data[i], 0);
        free(data);
    }
}

TEST(a_username_that_is_too_long_is_not_written) {
    static const uint8_t name[SOTTO_STUN_USERNAME_SIZE_MAX + 1];
    struct sotto_stun_message message = {.username = name, .username_size = sizeof name};
    uint8_t data[1024];
    CHECK_EQ(sotto_stun_write(&message, NULL, 0, data, sizeof data), 0);
    message.username_size--;
    CHECK_EQ(sotto_stun_write(&message, NULL, 0, data, sizeof data), 20 + 4 + 508);
}

TEST(the_largest_answer_fits_its_limit) {
    struct sotto_stun_message message = {.class = SOTTO_STUN_ERROR,
                                         .error_code = SOTTO_STUN_UNKNOWN_ATTRIBUTE,
                                         .refused = {.count = SOTTO_STUN_TYPE_COUNT_MAX},
                                         .has_fingerprint = true};
    uint8_t data[SOTTO_STUN_ANSWER_SIZE_MAX];
    CHECK_EQ(sotto_stun_write(&message, (const uint8_t *)password, 22, data, sizeof data),
             SOTTO_STUN_ANSWER_SIZE_MAX);
    message = (struct sotto_stun_message){.class = SOTTO_STUN_SUCCESS, .has_fingerprint = true};
    CHECK(sotto_address_parse(&message.mapped_address, "[2001:db8::1]:7882", 18));
    CHECK_EQ(sotto_stun_write(&message, (const uint8_t *)password, 22, data, sizeof data), 76);
}

static bool peeks(const struct stun_builder *builder, const char *expected) {
    uint8_t *copy = malloc(builder->size);
    CHECK(copy);
    memcpy(copy, builder->data, builder->size);
    const uint8_t *fragment = copy;
    size_t size = 1;
    bool found = sotto_stun_peek_username(copy, builder->size, &fragment, &size);
    if (found) {
        CHECK_EQ(size, strlen(expected));
        CHECK_BYTES(fragment, expected, size);
    } else {
        CHECK(fragment == NULL && size == 0);
    }
    free(copy);
    return found;
}

TEST(the_username_fragment_is_found_without_parsing) {
    struct stun_builder builder;
    builder_check(&builder, 1, "evtj:h6vY", password, true);
    CHECK(peeks(&builder, "evtj"));
    builder_begin(&builder, BUILDER_REQUEST, 1);
    builder_add(&builder, 0xc001, "x", 1);
    builder_add_text(&builder, 0x0006, "abcdefgh::");
    CHECK(peeks(&builder, "abcdefgh"));
}

TEST(no_username_fragment_is_found_where_none_is) {
    static const char *const usernames[] = {"", ":", ":h6vY", "evtj"};
    struct stun_builder builder;
    for (size_t i = 0; i < 4; i++) {
        builder_begin(&builder, BUILDER_REQUEST, 1);
        builder_add_text(&builder, 0x0006, usernames[i]);
        CHECK(!peeks(&builder, ""));
    }
    builder_begin(&builder, BUILDER_REQUEST, 1);
    CHECK(!peeks(&builder, ""));
    builder_begin(&builder, BUILDER_SUCCESS, 1);
    builder_add_text(&builder, 0x0006, "evtj:h6vY");
    CHECK(!peeks(&builder, ""));
    builder_begin(&builder, BUILDER_REQUEST, 1);
    for (size_t i = 0; i < SOTTO_STUN_ATTRIBUTE_COUNT_MAX; i++)
        builder_add(&builder, 0xc001, NULL, 0);
    builder_add_text(&builder, 0x0006, "evtj:h6vY");
    CHECK(!peeks(&builder, ""));
    builder_check(&builder, 1, "evtj:h6vY", password, true);
    for (size_t size = 0; size < builder.size; size++) {
        const uint8_t *fragment;
        size_t fragment_size;
        uint8_t *copy = malloc(size ? size : 1);
        CHECK(copy);
        memcpy(copy, builder.data, size);
        CHECK(!sotto_stun_peek_username(copy, size, &fragment, &fragment_size));
        free(copy);
    }
}

int main(void) {
    RUN(the_sample_request_of_rfc_5769_verifies);
    RUN(the_sample_responses_of_rfc_5769_verify);
    RUN(every_truncation_is_refused);
    RUN(a_byte_more_than_the_header_says_is_refused);
    RUN(no_flipped_bit_survives_message_integrity);
    RUN(no_flipped_bit_survives_the_fingerprint);
    RUN(headers_of_other_protocols_and_methods_are_refused);
    RUN(known_attributes_of_a_wrong_size_are_refused);
    RUN(addresses_of_an_unknown_family_or_a_wrong_size_are_refused);
    RUN(error_codes_are_read_from_300_to_699);
    RUN(usernames_are_bounded);
    RUN(attributes_are_bounded_in_number);
    RUN(datagrams_are_bounded_in_size);
    RUN(of_a_repeated_attribute_the_first_counts);
    RUN(nothing_behind_message_integrity_counts_but_the_fingerprint);
    RUN(a_fingerprint_that_is_not_last_is_refused);
    RUN(a_message_without_integrity_never_verifies);
    RUN(unknown_attributes_that_must_be_understood_are_listed);
    RUN(what_is_written_is_read_again);
    RUN(a_check_is_written_byte_for_byte);
    RUN(writing_stops_at_the_capacity);
    RUN(a_username_that_is_too_long_is_not_written);
    RUN(the_largest_answer_fits_its_limit);
    RUN(the_username_fragment_is_found_without_parsing);
    RUN(no_username_fragment_is_found_where_none_is);
    return 0;
}
