#include "server/peer_address.h"
#include "tests/check.h"

static struct sotto_peer_address parse(const char *literal) {
    struct sockaddr_storage address;
    struct sotto_peer_address peer;
    socklen_t size;
    CHECK(sotto_peer_address_parse(literal, 80, &address, &size));
    sotto_peer_address_init(&peer, (const struct sockaddr *)&address);
    return peer;
}

TEST(peers_are_told_apart_by_address_or_by_ipv6_network) {
    CHECK_TEXT(parse("192.0.2.7").text, "192.0.2.7");
    CHECK(parse("192.0.2.7").network != parse("192.0.2.8").network);
    CHECK(parse("2001:db8::1").network == parse("2001:db8::ffff:1").network);
    CHECK(parse("2001:db8:0:1::1").network != parse("2001:db8:0:2::1").network);
    CHECK(parse("::ffff:192.0.2.7").network == parse("192.0.2.7").network);
    CHECK_TEXT(parse("::ffff:192.0.2.7").text, "192.0.2.7");
}

TEST(loopback_is_known_in_all_its_forms) {
    static const char *const loopback[] = {"127.0.0.1", "127.255.0.3", "::1", "::ffff:127.0.0.1"};
    static const char *const other[] = {"128.0.0.1", "0.0.0.0", "::", "::2", "::ffff:10.0.0.1",
                                        "fe80::1"};
    for (size_t i = 0; i < sizeof loopback / sizeof loopback[0]; i++)
        CHECK(parse(loopback[i]).loopback);
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
        CHECK(!parse(other[i]).loopback);
}

TEST(names_and_odd_spellings_are_no_addresses) {
    static const char *const bad[] = {"", "localhost", "127.1", "0x7f.0.0.1", "127.0.0.1:80",
                                      "[::1]", "::1%lo", " ::1", "1.2.3.4.5"};
    struct sockaddr_storage address;
    socklen_t size;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(!sotto_peer_address_parse(bad[i], 80, &address, &size));
        CHECK_EQ(size, 0);
    }
}

int main(void) {
    RUN(peers_are_told_apart_by_address_or_by_ipv6_network);
    RUN(loopback_is_known_in_all_its_forms);
    RUN(names_and_odd_spellings_are_no_addresses);
    return 0;
}
