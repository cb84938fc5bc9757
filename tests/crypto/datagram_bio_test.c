#include "crypto/datagram_bio.h"

#include "tests/check.h"

#include <openssl/bio.h>

static struct sotto_datagram_bio ends;
static uint8_t taken[SOTTO_DTLS_DATAGRAM_SIZE_MAX];
static uint8_t bytes[4000];
static BIO_METHOD *method;
static BIO *bio;

static void begin(void) {
    method = sotto_datagram_bio_method_create();
    CHECK(method);
    memset(&ends, 0xa5, sizeof ends);
    bio = sotto_datagram_bio_create(method, &ends);
    CHECK(bio);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 256);
}

static void end(void) {
    BIO_free(bio);
    BIO_meth_free(method);
}

static void write_bytes(size_t offset, size_t size) {
    CHECK_EQ(BIO_write(bio, bytes + offset, (int)size), size);
    CHECK(!BIO_should_retry(bio));
}

static void check_datagram(size_t offset, size_t size) {
    CHECK_EQ(sotto_datagram_bio_poll(&ends, taken, sizeof taken), size);
    CHECK_BYTES(taken, bytes + offset, size);
}

static void check_no_datagram(void) {
    CHECK_EQ(sotto_datagram_bio_poll(&ends, taken, sizeof taken), 0);
}

TEST(a_record_is_read_once_and_then_asked_for) {
    begin();
    uint8_t read[200];
    CHECK_EQ(BIO_read(bio, read, sizeof read), -1);
    CHECK(BIO_should_read(bio));
    ends.record = bytes;
    ends.record_size = 150;
    CHECK_EQ(BIO_read(bio, read, sizeof read), 150);
    CHECK_BYTES(read, bytes, 150);
    CHECK(!BIO_should_retry(bio));
    CHECK_EQ(BIO_read(bio, read, sizeof read), -1);
    CHECK(BIO_should_read(bio));
    ends.record = bytes; // one that does not fit is lost, not cut
    ends.record_size = 201;
    CHECK_EQ(BIO_read(bio, read, sizeof read), -1);
    CHECK_EQ(BIO_read(bio, read, sizeof read), -1);
    end();
}

TEST(datagrams_stay_apart_and_in_order) {
    begin();
    check_no_datagram();
    write_bytes(0, 1200);
    write_bytes(1200, 1000);
    write_bytes(2200, 1200);
    check_datagram(0, 1200);
    check_datagram(1200, 1000);
    check_datagram(2200, 1200);
    check_no_datagram();
    write_bytes(5, 10);
    check_datagram(5, 10);
    check_no_datagram();
    end();
}

TEST(small_writes_share_a_datagram_up_to_its_size) {
    begin();
    write_bytes(0, 1000);
    write_bytes(1000, 100);
    write_bytes(1100, 100);
    write_bytes(1200, 1);
    check_datagram(0, 1200);
    check_datagram(1200, 1);
    check_no_datagram();
    end();
}

TEST(what_does_not_fit_is_lost_and_never_asked_for_again) {
    begin();
    for (int i = 0; i < SOTTO_DTLS_DATAGRAM_COUNT_MAX; i++)
        write_bytes(0, 1200);
    write_bytes(1, 1200);
    write_bytes(1, 1);
    for (int i = 0; i < SOTTO_DTLS_DATAGRAM_COUNT_MAX; i++)
        check_datagram(0, 1200);
    check_no_datagram();
    write_bytes(0, 1201);
    check_no_datagram();
    write_bytes(0, 1100);
    check_datagram(0, 1100);
    end();
}

TEST(cleared_datagrams_are_gone) {
    begin();
    write_bytes(0, 1200);
    write_bytes(0, 1200);
    check_datagram(0, 1200);
    sotto_datagram_bio_clear(&ends);
    check_no_datagram();
    write_bytes(0, 1200);
    write_bytes(0, 1200);
    write_bytes(0, 1200);
    check_datagram(0, 1200);
    end();
}

TEST(the_only_answers_are_flushed_and_the_size_of_a_datagram) {
    begin();
    CHECK_EQ(BIO_flush(bio), 1);
    CHECK_EQ(BIO_ctrl(bio, BIO_CTRL_DGRAM_QUERY_MTU, 0, NULL), 1200);
    CHECK_EQ(BIO_get_ktls_send(bio), 0);
    CHECK_EQ(BIO_get_ktls_recv(bio), 0);
    write_bytes(0, 100);
    CHECK_EQ(BIO_wpending(bio), 0);
    CHECK_EQ(BIO_pending(bio), 0);
    end();
}

int main(void) {
    RUN(a_record_is_read_once_and_then_asked_for);
    RUN(datagrams_stay_apart_and_in_order);
    RUN(small_writes_share_a_datagram_up_to_its_size);
    RUN(what_does_not_fit_is_lost_and_never_asked_for_again);
    RUN(cleared_datagrams_are_gone);
    RUN(the_only_answers_are_flushed_and_the_size_of_a_datagram);
    return 0;
}
