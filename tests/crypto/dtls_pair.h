// A client and a server in one program, with a network between them that a test can look into:
// seeded loss, duplication and delay, all in virtual time.
#ifndef SOTTO_TESTS_CRYPTO_DTLS_PAIR_H
#define SOTTO_TESTS_CRYPTO_DTLS_PAIR_H

#include "crypto/dtls.h"
#include "tests/check.h"
#include "tests/sim/virtual_time.h"

#include <openssl/ssl.h>

enum { PAIR_SERVER, PAIR_CLIENT, PAIR_SIDES, PAIR_NETWORK_SIZE = 256 };

struct pair_side {
    struct sotto_certificate certificate;
    struct sotto_dtls_context context;
    struct sotto_dtls dtls;
    int connected;
    int failed;
    int closed;
    enum sotto_dtls_failure failure;
    struct sotto_dtls_keys keys;
    int sent; // datagrams
};

struct pair_datagram {
    uint64_t arrival_us;
    int to;
    size_t size;
    uint8_t bytes[SOTTO_DTLS_DATAGRAM_SIZE_MAX];
};

struct pair {
    struct pair_side sides[PAIR_SIDES];
    uint64_t now_us;
    uint64_t random;
    unsigned loss_percent;
    unsigned duplicate_percent;
    uint64_t delay_us_min;
    uint64_t delay_us_max;
    size_t count;
    struct pair_datagram network[PAIR_NETWORK_SIZE];
    // Looks at every datagram before it is sent, may change it, and says whether it is sent.
    bool (*tap)(struct pair *pair, struct pair_datagram *datagram);
    void *tap_argument;
};

static inline uint32_t pair_random(struct pair *pair) {
    pair->random = pair->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(pair->random >> 33);
}

static inline void pair_set_time(struct pair *pair, uint64_t now_us) {
    pair->now_us = now_us;
    virtual_time_set_us(now_us);
}

static inline void pair_take_events(struct pair_side *side) {
    struct sotto_dtls_event event;
    while (sotto_dtls_poll_event(&side->dtls, &event)) {
        if (event.type == SOTTO_DTLS_CONNECTED) {
            side->connected++;
            side->keys = event.keys;
        } else if (event.type == SOTTO_DTLS_FAILED) {
            side->failed++;
            side->failure = event.failure;
        } else {
            side->closed++;
        }
    }
}

static inline void pair_enqueue(struct pair *pair, const struct pair_datagram *datagram) {
    uint64_t spread = pair->delay_us_max - pair->delay_us_min;
    CHECK(pair->count < PAIR_NETWORK_SIZE);
    struct pair_datagram *slot = &pair->network[pair->count++];
    *slot = *datagram;
    slot->arrival_us = pair->now_us + pair->delay_us_min;
    if (spread > 0)
        slot->arrival_us += pair_random(pair) % spread;
}

static inline void pair_pull(struct pair *pair, int from) {
    struct pair_side *side = &pair->sides[from];
    struct pair_datagram datagram = {.to = 1 - from};
    while ((datagram.size = sotto_dtls_poll_transmit(&side->dtls, datagram.bytes,
                                                     sizeof datagram.bytes)) > 0) {
        side->sent++;
        if (pair->tap && !pair->tap(pair, &datagram))
            continue;
        if (pair_random(pair) % 100 >= pair->loss_percent)
            pair_enqueue(pair, &datagram);
        if (pair_random(pair) % 100 < pair->duplicate_percent)
            pair_enqueue(pair, &datagram);
    }
    pair_take_events(side);
}

// Hands bytes to one side in an exactly sized copy, so that a sanitizer sees reads past the end.
static inline void pair_deliver(struct pair *pair, int to, const uint8_t *bytes, size_t size) {
    uint8_t *copy = malloc(size ? size : 1);
    CHECK(copy);
    memcpy(copy, bytes, size);
    sotto_dtls_handle_packet(&pair->sides[to].dtls, pair->now_us, copy, size);
    free(copy);
    pair_pull(pair, to);
}

// The datagram that arrives first, in order of sending if several arrive together.
static inline size_t pair_next(const struct pair *pair) {
    size_t next = 0;
    for (size_t i = 1; i < pair->count; i++) {
        if (pair->network[i].arrival_us < pair->network[next].arrival_us)
            next = i;
    }
    return next;
}

// Does what comes next until neither side has anything to do before `end_us`.
static inline void pair_run(struct pair *pair, uint64_t end_us) {
    for (;;) {
        uint64_t due_us = UINT64_MAX;
        int due = -1;
        for (int i = 0; i < PAIR_SIDES; i++) {
            uint64_t timeout_us = sotto_dtls_poll_timeout(&pair->sides[i].dtls);
            if (timeout_us < due_us) {
                due_us = timeout_us;
                due = i;
            }
        }
        size_t next = pair_next(pair);
        bool packet = pair->count > 0 && pair->network[next].arrival_us <= due_us;
        if (packet)
            due_us = pair->network[next].arrival_us;
        if (due_us > end_us)
            break;
        pair_set_time(pair, due_us > pair->now_us ? due_us : pair->now_us);
        if (packet) {
            struct pair_datagram datagram = pair->network[next];
            pair->count--;
            memmove(&pair->network[next], &pair->network[next + 1],
                    (pair->count - next) * sizeof pair->network[0]);
            pair_deliver(pair, datagram.to, datagram.bytes, datagram.size);
        } else {
            sotto_dtls_handle_timeout(&pair->sides[due].dtls, pair->now_us);
            pair_pull(pair, due);
        }
    }
    pair_set_time(pair, end_us);
}

// Certificates and contexts; the associations begin with pair_connect, so that a test can change
// the contexts before.
static inline struct pair *pair_create(uint64_t seed) {
    struct pair *pair = calloc(1, sizeof *pair);
    CHECK(pair);
    pair->random = seed * 2654435761u + 1;
    pair->delay_us_min = pair->delay_us_max = 20000;
    pair_set_time(pair, 1000000);
    for (int i = 0; i < PAIR_SIDES; i++) {
        struct pair_side *side = &pair->sides[i];
        CHECK(sotto_certificate_init(&side->certificate));
        CHECK(sotto_dtls_context_init(&side->context, &side->certificate));
    }
    return pair;
}

static inline void pair_connect_expecting(struct pair *pair, const uint8_t *client_fingerprint,
                                          const uint8_t *server_fingerprint) {
    struct pair_side *server = &pair->sides[PAIR_SERVER];
    struct pair_side *client = &pair->sides[PAIR_CLIENT];
    CHECK(sotto_dtls_init(&server->dtls, &server->context, SOTTO_DTLS_SERVER, client_fingerprint,
                          pair->now_us));
    CHECK(sotto_dtls_init(&client->dtls, &client->context, SOTTO_DTLS_CLIENT, server_fingerprint,
                          pair->now_us));
    pair_pull(pair, PAIR_CLIENT);
}

static inline void pair_connect(struct pair *pair) {
    pair_connect_expecting(pair, pair->sides[PAIR_CLIENT].certificate.fingerprint,
                           pair->sides[PAIR_SERVER].certificate.fingerprint);
}

static inline void pair_disconnect(struct pair *pair) {
    for (int i = 0; i < PAIR_SIDES; i++) {
        struct pair_side *side = &pair->sides[i];
        sotto_dtls_wipe(&side->dtls);
        side->connected = side->failed = side->closed = side->sent = 0;
        side->failure = SOTTO_DTLS_FAILURE_NONE;
        side->keys = (struct sotto_dtls_keys){0};
    }
    pair->count = 0;
}

static inline void pair_destroy(struct pair *pair) {
    pair_disconnect(pair);
    for (int i = 0; i < PAIR_SIDES; i++) {
        sotto_dtls_context_wipe(&pair->sides[i].context);
        sotto_certificate_wipe(&pair->sides[i].certificate);
    }
    free(pair);
}

static inline bool pair_is_zero(const void *data, size_t size) {
    const uint8_t *bytes = data;
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != 0)
            return false;
    }
    return true;
}

// Both sides connected once, with the same profile and each other's keys.
static inline void pair_check_connected(const struct pair *pair) {
    const struct pair_side *server = &pair->sides[PAIR_SERVER];
    const struct pair_side *client = &pair->sides[PAIR_CLIENT];
    CHECK_EQ(server->failure, SOTTO_DTLS_FAILURE_NONE);
    CHECK_EQ(client->failure, SOTTO_DTLS_FAILURE_NONE);
    CHECK_EQ(server->connected, 1);
    CHECK_EQ(client->connected, 1);
    CHECK_EQ(server->keys.profile, client->keys.profile);
    CHECK_EQ(server->keys.key_size, client->keys.key_size);
    CHECK_EQ(server->keys.salt_size, client->keys.salt_size);
    CHECK_BYTES(server->keys.local_key, client->keys.remote_key, sizeof server->keys.local_key);
    CHECK_BYTES(server->keys.remote_key, client->keys.local_key, sizeof server->keys.local_key);
    CHECK_BYTES(server->keys.local_salt, client->keys.remote_salt, sizeof server->keys.local_salt);
    CHECK_BYTES(server->keys.remote_salt, client->keys.local_salt, sizeof server->keys.local_salt);
    CHECK(!pair_is_zero(server->keys.local_key, server->keys.key_size));
    CHECK(memcmp(server->keys.local_key, server->keys.remote_key, server->keys.key_size) != 0);
}

#endif
