// What a connectivity check costs a server, and what the datagrams of a flood do: those that are
// refused after the username is looked at, after the checksum, and after MESSAGE-INTEGRITY. One
// JSON object a line; CPU time per datagram, median over many short rounds. `peek_ns` is what a
// worker pays to find the transport, `handle_ns` what the transport's agent pays on top.
#include "core/assert.h"
#include "proto/demux.h"
#include "proto/ice_lite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 2001, BATCH = 64, DATAGRAM_SIZE_MAX = 256 };

struct bench {
    const char *name;
    uint64_t answered_expected;
    uint8_t datagram[DATAGRAM_SIZE_MAX];
    size_t size;
    struct sotto_ice_lite agent;
    struct sotto_address from;
    uint64_t now_ms;
    uint64_t peeked; // keeps the compiler from leaving the work out
    uint64_t answered;
};

static const uint8_t random_bytes[SOTTO_ICE_RANDOM_SIZE] = "not random but long enough";

static uint64_t cpu_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int compare(const void *left, const void *right) {
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values) {
    qsort(values, ROUNDS, sizeof *values, compare);
    return values[ROUNDS / 2];
}

static double peek_round(struct bench *bench) {
    struct sotto_demux demux = {0};
    uint64_t start = cpu_ns();
    for (size_t i = 0; i < BATCH; i++) {
        const uint8_t *ufrag;
        size_t ufrag_size;
        if (sotto_demux_classify(&demux, bench->datagram, bench->size) == SOTTO_DEMUX_STUN)
            bench->peeked +=
                sotto_stun_peek_username(bench->datagram, bench->size, &ufrag, &ufrag_size);
    }
    return (double)(cpu_ns() - start) / (double)BATCH;
}

static double handle_round(struct bench *bench) {
    uint64_t start = cpu_ns();
    for (size_t i = 0; i < BATCH; i++) {
        struct sotto_ice_lite_transmit transmit;
        struct sotto_ice_lite_event event;
        sotto_ice_lite_handle_packet(&bench->agent, bench->now_ms++, &bench->from, bench->datagram,
                                     bench->size);
        bench->answered += sotto_ice_lite_poll_transmit(&bench->agent, &transmit);
        while (sotto_ice_lite_poll_event(&bench->agent, &event)) {
        }
    }
    return (double)(cpu_ns() - start) / (double)BATCH;
}

// A check as browsers send it: 100 to 120 bytes.
static void write_check(struct bench *bench, const struct sotto_ice_credentials *credentials) {
    char username[64];
    snprintf(username, sizeof username, "%s:abcd", credentials->ufrag);
    const struct sotto_stun_message request = {.transaction_id = "transaction",
                                               .username = (const uint8_t *)username,
                                               .username_size = strlen(username),
                                               .priority = 0x6e0001ff,
                                               .use_candidate = true,
                                               .role = SOTTO_STUN_CONTROLLING,
                                               .tie_breaker = 1,
                                               .has_fingerprint = true};
    bench->size = sotto_stun_write(&request, (const uint8_t *)credentials->password,
                                   credentials->password_size, bench->datagram, DATAGRAM_SIZE_MAX);
    SOTTO_ASSERT(bench->size > 0);
}

static void measure(struct bench *bench) {
    static double peeks[ROUNDS], handles[ROUNDS];
    const uint8_t host[4] = {192, 0, 2, 1};
    bench->from = sotto_address_from_ipv4(host, 5000);
    struct sotto_ice_credentials credentials;
    sotto_ice_credentials_from_random(&credentials, random_bytes);
    sotto_ice_lite_init(&bench->agent, &credentials);
    for (size_t i = 0; i < ROUNDS; i++) {
        peeks[i] = peek_round(bench);
        handles[i] = handle_round(bench);
    }
    SOTTO_ASSERT(bench->answered == bench->answered_expected * ROUNDS * BATCH);
    double peek_ns = median(peeks);
    double handle_ns = median(handles);
    printf("{\"bench\": \"ice_lite\", \"datagram\": \"%s\", \"size\": %zu, \"peek_ns\": %.0f, "
           "\"handle_ns\": %.0f, \"checks_per_second\": %.0f}\n",
           bench->name, bench->size, peek_ns, handle_ns, 1e9 / (peek_ns + handle_ns));
}

int main(void) {
    static struct bench bench;
    struct sotto_ice_credentials credentials;
    sotto_ice_credentials_from_random(&credentials, random_bytes);

    bench = (struct bench){.name = "authenticated check", .answered_expected = 1};
    write_check(&bench, &credentials);
    measure(&bench);

    bench = (struct bench){.name = "wrong integrity"};
    credentials.password[0] ^= 1;
    write_check(&bench, &credentials);
    measure(&bench);

    bench = (struct bench){.name = "wrong fingerprint"};
    write_check(&bench, &credentials);
    bench.datagram[bench.size - 1] ^= 1;
    measure(&bench);

    bench = (struct bench){.name = "unknown username"};
    credentials.ufrag[0] ^= 1;
    write_check(&bench, &credentials);
    measure(&bench);

    bench = (struct bench){.name = "no STUN", .size = 112};
    memset(bench.datagram, 1, bench.size);
    measure(&bench);
    return 0;
}
