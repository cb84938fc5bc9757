// What a call that has found its pace asks of the heap: nothing per packet. The linker puts the
// functions named __wrap_… here in place of libc's and the worker's (ld, --wrap), and OpenSSL is
// given the same ones.
#include "tests/sim/call.h"

#include "tests/check.h"
#include "tests/sim/virtual_time.h"

#include <openssl/crypto.h>

static bool is_in_worker;
static bool is_media;        // not STUN or DTLS, which allocate when somebody connects or checks
static uint64_t media_count; // allocations for it
static uint64_t other_count;
static uint64_t received_count; // packets of it
static uint64_t sent_count;     // datagrams of all kinds

static void count_one(void) {
    if (is_in_worker && is_media)
        media_count++;
    else if (is_in_worker)
        other_count++;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_malloc(size_t size) {
    count_one();
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
    count_one();
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size) {
    count_one();
    return __real_realloc(memory, size);
}

static void *openssl_malloc(size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    return __wrap_malloc(size);
}

static void *openssl_realloc(void *memory, size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    return __wrap_realloc(memory, size);
}

static void openssl_free(void *memory, const char *file, int line) {
    (void)file;
    (void)line;
    free(memory);
}

void __real_sotto_media_worker_handle_packet(struct sotto_media_worker *worker, uint64_t now_us,
                                             const struct sotto_address *from, uint8_t *data,
                                             size_t size);
void __wrap_sotto_media_worker_handle_packet(struct sotto_media_worker *worker, uint64_t now_us,
                                             const struct sotto_address *from, uint8_t *data,
                                             size_t size);

// RFC 7983, section 7: 128 to 191 is RTP or RTCP.
void __wrap_sotto_media_worker_handle_packet(struct sotto_media_worker *worker, uint64_t now_us,
                                             const struct sotto_address *from, uint8_t *data,
                                             size_t size) {
    is_in_worker = true;
    is_media = size > 0 && data[0] >= 128 && data[0] <= 191;
    received_count += is_media;
    __real_sotto_media_worker_handle_packet(worker, now_us, from, data, size);
    is_in_worker = false;
}

void __real_sotto_media_worker_handle_timeout(struct sotto_media_worker *worker, uint64_t now_us);
void __wrap_sotto_media_worker_handle_timeout(struct sotto_media_worker *worker, uint64_t now_us);

void __wrap_sotto_media_worker_handle_timeout(struct sotto_media_worker *worker, uint64_t now_us) {
    is_in_worker = is_media = true;
    __real_sotto_media_worker_handle_timeout(worker, now_us);
    is_in_worker = false;
}

size_t __real_sotto_media_worker_poll_transmit(struct sotto_media_worker *worker, uint64_t now_us,
                                               uint8_t *datagram, size_t capacity,
                                               struct sotto_address *to);
size_t __wrap_sotto_media_worker_poll_transmit(struct sotto_media_worker *worker, uint64_t now_us,
                                               uint8_t *datagram, size_t capacity,
                                               struct sotto_address *to);

size_t __wrap_sotto_media_worker_poll_transmit(struct sotto_media_worker *worker, uint64_t now_us,
                                               uint8_t *datagram, size_t capacity,
                                               struct sotto_address *to) {
    is_in_worker = is_media = true;
    size_t size = __real_sotto_media_worker_poll_transmit(worker, now_us, datagram, capacity, to);
    sent_count += size > 0;
    is_in_worker = false;
    return size;
}

static void begin_counts(void) {
    media_count = other_count = received_count = sent_count = 0;
}

TEST(connecting_allocates_so_the_counters_count) {
    begin_counts();
    struct call *call = call_create(1);
    struct network_link link = {.delay_us = 20000};
    call_join(call, 2, &link);
    call_run(call, 3 * CALL_SECOND_US);
    CHECK(other_count > 100);
    call_destroy(call);
}

TEST(a_call_at_its_pace_allocates_nothing_for_media) {
    for (uint64_t seed = 0; seed < 3; seed++) {
        struct call *call = call_create(100 + seed);
        struct network_link link = {.delay_us = 40000,
                                    .jitter_us = 10000,
                                    .loss_permille = (uint32_t)seed * 20,
                                    .duplicate_permille = 10,
                                    .reorder_permille = 10,
                                    .reorder_us = 20000};
        call_join(call, 3, &link);
        call_run(call, 6 * CALL_SECOND_US);
        begin_counts();
        call_run(call, 20 * CALL_SECOND_US);
        CHECK_EQ(media_count, 0);
        // Every packet goes to two others, but for what was lost on its way in.
        CHECK(received_count > 5000 && sent_count > received_count);
        call_destroy(call);
    }
}

int main(void) {
    CHECK(CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free));
    RUN(connecting_allocates_so_the_counters_count);
    RUN(a_call_at_its_pace_allocates_nothing_for_media);
    CHECK(virtual_time_query_count() > 0);
    return 0;
}
