#include "net/clock.h"
#include "net/interfaces.h"
#include "net/udp.h"
#include "net/waiter.h"

#include "tests/check.h"

#include <pthread.h>
#include <unistd.h>

enum { CAPACITY = 1500 };

static uint8_t buffers[SOTTO_UDP_BATCH_COUNT][CAPACITY];

static void prepare(struct sotto_udp_datagram *datagrams, size_t count) {
    for (size_t i = 0; i < count; i++)
        datagrams[i] = (struct sotto_udp_datagram){.data = buffers[i], .capacity = CAPACITY};
}

static struct sotto_udp_address loopback(const struct sotto_udp *udp, bool is_ipv6) {
    struct sotto_udp_address address = {.port = udp->port, .is_ipv6 = is_ipv6};
    if (is_ipv6)
        address.bytes[15] = 1;
    else
        memcpy(address.bytes, (uint8_t[]){127, 0, 0, 1}, 4);
    return address;
}

static size_t receive_within(struct sotto_udp *udp, struct sotto_udp_datagram *datagrams,
                             size_t count) {
    for (int i = 0; i < 1000; i++) {
        size_t received = sotto_udp_receive(udp, datagrams, count);
        if (received > 0)
            return received;
        usleep(1000);
    }
    return 0;
}

TEST(a_batch_goes_out_and_comes_in) {
    struct sotto_udp from, to;
    CHECK(sotto_udp_create(&from, 0));
    CHECK(sotto_udp_create(&to, 0));
    struct sotto_udp_datagram out[10];
    for (size_t i = 0; i < 10; i++)
        out[i] = (struct sotto_udp_datagram){.data = (uint8_t *)"0123456789",
                                             .size = i + 1,
                                             .address = loopback(&to, false)};
    CHECK_EQ(sotto_udp_send(&from, out, 10), 10);
    struct sotto_udp_datagram in[SOTTO_UDP_BATCH_COUNT];
    prepare(in, SOTTO_UDP_BATCH_COUNT);
    CHECK_EQ(receive_within(&to, in, SOTTO_UDP_BATCH_COUNT), 10);
    for (size_t i = 0; i < 10; i++) {
        struct sotto_udp_address sender = loopback(&from, false);
        CHECK_EQ(in[i].size, i + 1);
        CHECK_BYTES(in[i].data, "0123456789", i + 1);
        CHECK_EQ(in[i].address.port, from.port);
        CHECK(!in[i].address.is_ipv6);
        CHECK_BYTES(in[i].address.bytes, sender.bytes, 4);
    }
    sotto_udp_destroy(&from);
    sotto_udp_destroy(&to);
}

TEST(one_port_serves_both_ip_versions) {
    struct sotto_udp from, to;
    CHECK(sotto_udp_create(&from, 0));
    CHECK(sotto_udp_create(&to, 0));
    if (!to.is_dual) {
        printf("   (this system has no IPv6)\n");
        return;
    }
    struct sotto_udp_datagram out = {
        .data = (uint8_t *)"six", .size = 3, .address = loopback(&to, true)};
    if (sotto_udp_send(&from, &out, 1) == 1) {
        struct sotto_udp_datagram in;
        prepare(&in, 1);
        CHECK_EQ(receive_within(&to, &in, 1), 1);
        CHECK(in.address.is_ipv6);
        CHECK_EQ(in.address.bytes[15], 1);
    } else {
        printf("   (this system has no ::1)\n");
    }
    sotto_udp_destroy(&from);
    sotto_udp_destroy(&to);
}

TEST(a_datagram_that_does_not_fit_is_told_as_empty) {
    struct sotto_udp udp;
    CHECK(sotto_udp_create(&udp, 0));
    static uint8_t large[2000];
    struct sotto_udp_datagram out = {
        .data = large, .size = sizeof large, .address = loopback(&udp, false)};
    CHECK_EQ(sotto_udp_send(&udp, &out, 1), 1);
    struct sotto_udp_datagram in;
    prepare(&in, 1);
    CHECK_EQ(receive_within(&udp, &in, 1), 1);
    CHECK_EQ(in.size, 0);
    sotto_udp_destroy(&udp);
}

TEST(one_unreachable_address_does_not_hold_up_the_others) {
    struct sotto_udp udp;
    CHECK(sotto_udp_create(&udp, 0));
    static uint8_t too_large[65535];
    struct sotto_udp_datagram out[3] = {
        {.data = (uint8_t *)"a", .size = 1, .address = loopback(&udp, false)},
        {.data = too_large, .size = sizeof too_large, .address = loopback(&udp, false)},
        {.data = (uint8_t *)"c", .size = 1, .address = loopback(&udp, false)},
    };
    CHECK_EQ(sotto_udp_send(&udp, out, 3), 2);
    struct sotto_udp_datagram in[3];
    prepare(in, 3);
    CHECK_EQ(receive_within(&udp, in, 3), 2);
    CHECK_BYTES(in[1].data, "c", 1);
    sotto_udp_destroy(&udp);
}

TEST(a_port_in_use_is_refused) {
    struct sotto_udp first, second;
    CHECK(sotto_udp_create(&first, 0));
    CHECK(!sotto_udp_create(&second, first.port));
    sotto_udp_destroy(&first);
}

static void *wake_soon(void *waiter) {
    usleep(20000);
    sotto_waiter_wake(waiter);
    return NULL;
}

TEST(a_waiter_ends_by_time_by_a_datagram_and_by_a_wake) {
    struct sotto_udp udp;
    struct sotto_waiter waiter;
    CHECK(sotto_udp_create(&udp, 0));
    CHECK(sotto_waiter_create(&waiter, udp.fd));

    uint64_t start = sotto_clock_now_us();
    CHECK(!sotto_waiter_wait(&waiter, 10000));
    CHECK(sotto_clock_now_us() - start >= 10000);

    struct sotto_udp_datagram out = {
        .data = (uint8_t *)"x", .size = 1, .address = loopback(&udp, false)};
    CHECK_EQ(sotto_udp_send(&udp, &out, 1), 1);
    CHECK(!sotto_waiter_wait(&waiter, UINT64_MAX));
    struct sotto_udp_datagram in;
    prepare(&in, 1);
    CHECK_EQ(sotto_udp_receive(&udp, &in, 1), 1);

    pthread_t thread;
    CHECK_EQ(pthread_create(&thread, NULL, wake_soon, &waiter), 0);
    CHECK(sotto_waiter_wait(&waiter, UINT64_MAX));
    CHECK_EQ(pthread_join(thread, NULL), 0);
    CHECK(!sotto_waiter_wait(&waiter, 0));

    sotto_waiter_destroy(&waiter);
    sotto_udp_destroy(&udp);
}

TEST(interfaces_are_neither_loopback_nor_more_than_asked_for) {
    struct sotto_udp_address addresses[32];
    size_t count = sotto_interfaces_list(addresses, 32);
    for (size_t i = 0; i < count; i++)
        CHECK(addresses[i].is_ipv6 || addresses[i].bytes[0] != 127);
    CHECK(sotto_interfaces_list(addresses, 0) == 0);
}

int main(void) {
    RUN(a_batch_goes_out_and_comes_in);
    RUN(one_port_serves_both_ip_versions);
    RUN(a_datagram_that_does_not_fit_is_told_as_empty);
    RUN(one_unreachable_address_does_not_hold_up_the_others);
    RUN(a_port_in_use_is_refused);
    RUN(a_waiter_ends_by_time_by_a_datagram_and_by_a_wake);
    RUN(interfaces_are_neither_loopback_nor_more_than_asked_for);
    return 0;
}
