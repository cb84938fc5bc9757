#include "proto/address.h"

#include "tests/check.h"

#include <arpa/inet.h>

static bool parse(struct sotto_address *address, const char *text) {
    return sotto_address_parse(address, text, strlen(text));
}

static bool parse_host(struct sotto_address *address, const char *text) {
    return sotto_address_parse_host(address, text, strlen(text));
}

static bool is_zero(const struct sotto_address *address) {
    static const struct sotto_address zero;
    return memcmp(address, &zero, sizeof zero) == 0;
}

TEST(an_ipv4_address_is_read_and_written) {
    struct sotto_address address;
    char text[SOTTO_ADDRESS_TEXT_SIZE_MAX];
    const uint8_t expected[16] = {192, 0, 2, 1};
    CHECK(parse(&address, "192.0.2.1:7882"));
    CHECK_EQ(address.family, SOTTO_ADDRESS_IPV4);
    CHECK_EQ(address.protocol, SOTTO_ADDRESS_UDP);
    CHECK_EQ(address.port, 7882);
    CHECK_BYTES(address.bytes, expected, 16);
    CHECK_EQ(sotto_address_write(&address, text, sizeof text), 14);
    CHECK_TEXT(text, "192.0.2.1:7882");
    CHECK_EQ(sotto_address_write_host(&address, text, sizeof text), 9);
    CHECK_TEXT(text, "192.0.2.1");
}

TEST(an_ipv6_address_is_read_and_written) {
    struct sotto_address address;
    char text[SOTTO_ADDRESS_TEXT_SIZE_MAX];
    const uint8_t expected[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
    CHECK(parse(&address, "[2001:db8::1]:7882"));
    CHECK_EQ(address.family, SOTTO_ADDRESS_IPV6);
    CHECK_EQ(address.port, 7882);
    CHECK_BYTES(address.bytes, expected, 16);
    CHECK_EQ(sotto_address_write(&address, text, sizeof text), 18);
    CHECK_TEXT(text, "[2001:db8::1]:7882");
    CHECK_EQ(sotto_address_write_host(&address, text, sizeof text), 11);
    CHECK_TEXT(text, "2001:db8::1");
}

// The recommended forms of RFC 5952 sections 1 to 4, from the examples it gives for each rule.
TEST(ipv6_is_written_as_rfc_5952_recommends) {
    static const char *const examples[][2] = {
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"2001:db8:0000:0:1::1", "2001:db8::1:0:0:1"},
        {"2001:DB8:0:0:1::1", "2001:db8::1:0:0:1"},
        {"2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1"},
        {"2001:db8:0:0:0:0:2:1", "2001:db8::2:1"},
        {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        {"2001:db8::0:1", "2001:db8::1"},
        {"0:0:0:0:0:0:0:0", "::"},
        {"0:0:0:0:0:0:0:1", "::1"},
        {"1:0:0:0:0:0:0:0", "1::"},
        {"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
        {"::3:4:5:6:7:8", "::3:4:5:6:7:8"},
    };
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        struct sotto_address address;
        char text[SOTTO_ADDRESS_TEXT_SIZE_MAX];
        CHECK(parse_host(&address, examples[i][0]));
        CHECK(sotto_address_write_host(&address, text, sizeof text) > 0);
        CHECK_TEXT(text, examples[i][1]);
    }
}

TEST(everything_else_is_refused_and_leaves_no_address) {
    static const char *const texts[] = {
        "",
        "192.0.2.1",
        "192.0.2.1:",
        "192.0.2.1:65536",
        "192.0.2.1:100000",
        "192.0.2.1:07882",
        "192.0.2.1:7882 ",
        " 192.0.2.1:7882",
        "192.0.2.1:-1",
        "192.0.2.256:1",
        "192.0.02.1:1",
        "192.0.2:1",
        "192.0.2.1.5:1",
        "192.0..1:1",
        "localhost:1",
        "2001:db8::1:7882",
        "[2001:db8::1]",
        "[2001:db8::1]7882",
        "[2001:db8::1:7882",
        "[2001:db8::1%eth0]:1",
        "[]:1",
        "[:]:1",
        "[:::]:1",
        "[1::2::3]:1",
        "[1:2:3:4:5:6:7]:1",
        "[1:2:3:4:5:6:7:8:9]:1",
        "[1:2:3:4:5:6:7:8::]:1",
        "[::1:2:3:4:5:6:7:8]:1",
        "[1:2:3:4::5:6:7:8]:1",
        "[12345::]:1",
        "[g::]:1",
        "[1:]:1",
        "[:1]:1",
        "[::1.2.3.4:5]:1",
        "[::1.2.3]:1",
        "[1:2:3:4:5:6:7:1.2.3.4]:1",
        "[192.0.2.1]:1",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct sotto_address address;
        memset(&address, 0xff, sizeof address);
        bool parsed = parse(&address, texts[i]);
        if (parsed)
            fprintf(stderr, "accepted: %s\n", texts[i]);
        CHECK(!parsed);
        CHECK(is_zero(&address));
    }
}

TEST(a_mapped_ipv4_address_is_the_ipv4_address) {
    struct sotto_address mapped;
    struct sotto_address plain;
    CHECK(parse(&mapped, "[::ffff:192.0.2.1]:80"));
    CHECK(parse(&plain, "192.0.2.1:80"));
    CHECK(sotto_address_equal(&mapped, &plain));
    CHECK(parse(&mapped, "[::ffff:c000:201]:80"));
    CHECK(sotto_address_equal(&mapped, &plain));
    CHECK(parse_host(&mapped, "64:ff9b::192.0.2.1"));
    CHECK_EQ(mapped.family, SOTTO_ADDRESS_IPV6);
    CHECK_EQ(mapped.bytes[12], 192);
}

TEST(addresses_differ_in_host_port_and_protocol) {
    struct sotto_address a;
    CHECK(parse(&a, "192.0.2.1:80"));
    struct sotto_address b = a;
    CHECK(sotto_address_equal(&a, &b));
    b.port = 81;
    CHECK(!sotto_address_equal(&a, &b));
    b = a;
    b.protocol = SOTTO_ADDRESS_TCP;
    CHECK(!sotto_address_equal(&a, &b));
    b = a;
    b.bytes[3] = 2;
    CHECK(!sotto_address_equal(&a, &b));
    // 192.0.2.1 and c000:201:: share their bytes.
    CHECK(parse(&b, "[c000:201::]:80"));
    CHECK_BYTES(a.bytes, b.bytes, 16);
    CHECK(!sotto_address_equal(&a, &b));
}

TEST(a_text_that_does_not_fit_is_empty) {
    struct sotto_address address;
    CHECK(parse(&address, "[1111:2222:3333:4444:5555:6666:7777:8888]:65535"));
    for (size_t capacity = 0; capacity <= SOTTO_ADDRESS_TEXT_SIZE_MAX; capacity++) {
        char *text = malloc(capacity ? capacity : 1);
        CHECK(text);
        memset(text, 'x', capacity);
        size_t size = sotto_address_write(&address, text, capacity);
        CHECK_EQ(size, capacity == SOTTO_ADDRESS_TEXT_SIZE_MAX ? 47 : 0);
        CHECK(capacity == 0 || strlen(text) == size);
        free(text);
    }
}

TEST(no_address_has_no_text) {
    const struct sotto_address none = {0};
    char text[SOTTO_ADDRESS_TEXT_SIZE_MAX] = "x";
    CHECK_EQ(sotto_address_write(&none, text, sizeof text), 0);
    CHECK_TEXT(text, "");
    CHECK_EQ(sotto_address_write_host(&none, text, sizeof text), 0);
    CHECK_TEXT(text, "");
}

TEST(every_truncation_is_refused) {
    static const char *const texts[] = {"192.0.2.10:7882", "[2001:db8::192.0.2.1]:7882"};
    for (size_t t = 0; t < 2; t++) {
        // Without its last digits a port is still a port.
        size_t port = (size_t)(strrchr(texts[t], ':') - texts[t]) + 1;
        for (size_t size = 0; size <= strlen(texts[t]); size++) {
            char *copy = malloc(size ? size : 1);
            CHECK(copy);
            memcpy(copy, texts[t], size);
            struct sotto_address address;
            CHECK_EQ(sotto_address_parse(&address, copy, size), size > port);
            free(copy);
        }
    }
}

// The same strings are addresses to the C library, and the same addresses.
TEST(hosts_are_read_as_the_c_library_reads_them) {
    static const char alphabet[] = ":::::.0012fF9a";
    uint64_t state = 1;
    size_t accepted = 0;
    for (size_t round = 0; round < 2000000; round++) {
        char text[24];
        size_t size = 0;
        state = state * 6364136223846793005u + 1442695040888963407u;
        for (uint64_t bits = state >> 8, length = bits % 20; size < length; size++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            text[size] = alphabet[(state >> 40) % (sizeof alphabet - 1)];
        }
        text[size] = 0;
        uint8_t bytes[16] = {0};
        struct sotto_address expected = {0};
        if (inet_pton(AF_INET, text, bytes) == 1)
            expected = sotto_address_from_ipv4(bytes, 0);
        else if (inet_pton(AF_INET6, text, bytes) == 1)
            expected = sotto_address_from_ipv6(bytes, 0);
        struct sotto_address address;
        bool parsed = sotto_address_parse_host(&address, text, size);
        if (parsed != (expected.family != SOTTO_ADDRESS_NONE))
            fprintf(stderr, "read differently: %s\n", text);
        CHECK_EQ(parsed, expected.family != SOTTO_ADDRESS_NONE);
        CHECK(sotto_address_equal(&address, &expected));
        accepted += parsed;
    }
    CHECK(accepted > 10000);
}

int main(void) {
    RUN(an_ipv4_address_is_read_and_written);
    RUN(an_ipv6_address_is_read_and_written);
    RUN(ipv6_is_written_as_rfc_5952_recommends);
    RUN(everything_else_is_refused_and_leaves_no_address);
    RUN(a_mapped_ipv4_address_is_the_ipv4_address);
    RUN(addresses_differ_in_host_port_and_protocol);
    RUN(a_text_that_does_not_fit_is_empty);
    RUN(no_address_has_no_text);
    RUN(every_truncation_is_refused);
    RUN(hosts_are_read_as_the_c_library_reads_them);
    return 0;
}
