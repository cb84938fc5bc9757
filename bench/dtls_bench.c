// What a DTLS association costs a server: CPU time of a handshake, without the client's part, and
// memory by state. One JSON object a line; times are medians.
#include "crypto/dtls.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 1000, TRANSPORT_COUNT = 1000 };

struct side {
    struct sotto_certificate certificate;
    struct sotto_dtls_context context;
};

static struct side server_side;
static struct side client_side;
static size_t library_size; // bytes that OpenSSL holds

static void *library_malloc(size_t size, const char *file, int line) {
    (void)file, (void)line;
    void *block = malloc(size);
    library_size += malloc_usable_size(block);
    return block;
}

static void library_free(void *block, const char *file, int line) {
    (void)file, (void)line;
    library_size -= malloc_usable_size(block);
    free(block);
}

static void *library_realloc(void *block, size_t size, const char *file, int line) {
    (void)file, (void)line;
    library_size -= malloc_usable_size(block);
    block = realloc(block, size);
    library_size += malloc_usable_size(block);
    return block;
}

static void require(bool condition, const char *what) {
    if (condition)
        return;
    fprintf(stderr, "failed: %s\n", what);
    exit(1);
}

static uint64_t cpu_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int compare(const void *a, const void *b) {
    const uint64_t *left = a;
    const uint64_t *right = b;
    return (*left > *right) - (*left < *right);
}

// Moves what one side has to say to the other.
static void move(struct sotto_dtls *from, struct sotto_dtls *to) {
    uint8_t datagram[SOTTO_DTLS_DATAGRAM_SIZE_MAX];
    size_t size;
    while ((size = sotto_dtls_poll_transmit(from, datagram, sizeof datagram)) > 0)
        sotto_dtls_handle_packet(to, 1, datagram, size);
}

static void begin(struct sotto_dtls *server, struct sotto_dtls *client) {
    require(sotto_dtls_init(server, &server_side.context, SOTTO_DTLS_SERVER,
                            client_side.certificate.fingerprint, 0),
            "server");
    require(sotto_dtls_init(client, &client_side.context, SOTTO_DTLS_CLIENT,
                            server_side.certificate.fingerprint, 0),
            "client");
}

static void take_connected(struct sotto_dtls *dtls) {
    struct sotto_dtls_event event;
    require(sotto_dtls_poll_event(dtls, &event) && event.type == SOTTO_DTLS_CONNECTED, "connected");
}

static uint64_t handshake_ns(void) {
    static struct sotto_dtls server;
    static struct sotto_dtls client;
    begin(&server, &client);
    uint64_t start_ns = cpu_ns();
    move(&client, &server);
    uint64_t first_ns = cpu_ns() - start_ns;
    move(&server, &client);
    start_ns = cpu_ns();
    move(&client, &server);
    uint64_t second_ns = cpu_ns() - start_ns;
    move(&server, &client);
    take_connected(&server);
    take_connected(&client);
    sotto_dtls_wipe(&server);
    sotto_dtls_wipe(&client);
    return first_ns + second_ns;
}

static void measure_time(void) {
    static uint64_t times_ns[ROUNDS];
    for (size_t i = 0; i < ROUNDS; i++)
        times_ns[i] = handshake_ns();
    qsort(times_ns, ROUNDS, sizeof times_ns[0], compare);
    printf("{\"what\": \"server handshake, CPU\", \"library\": \"%s\", \"median_us\": %.0f, "
           "\"p95_us\": %.0f}\n",
           sotto_dtls_library_version(), (double)times_ns[ROUNDS / 2] / 1e3,
           (double)times_ns[ROUNDS * 95 / 100] / 1e3);
}

static void print_memory(const char *what, size_t library, size_t ours) {
    printf("{\"what\": \"%s\", \"library_bytes\": %zu, \"own_bytes\": %zu}\n", what,
           library / TRANSPORT_COUNT, ours);
}

static void measure_memory(void) {
    struct sotto_dtls *servers = calloc(TRANSPORT_COUNT, sizeof *servers);
    struct sotto_dtls *clients = calloc(TRANSPORT_COUNT, sizeof *clients);
    require(servers && clients, "memory");
    size_t own = sizeof(struct sotto_dtls);
    size_t making = own + sizeof(struct sotto_dtls_reassembly);
    size_t start = library_size;
    for (size_t i = 0; i < TRANSPORT_COUNT; i++)
        begin(&servers[i], &clients[i]);
    size_t clients_size = library_size - start;
    print_memory("server that waits", 0, making);
    for (size_t i = 0; i < TRANSPORT_COUNT; i++)
        move(&clients[i], &servers[i]);
    print_memory("server that has answered a ClientHello", library_size - start - clients_size,
                 making);
    for (size_t i = 0; i < TRANSPORT_COUNT; i++) {
        move(&servers[i], &clients[i]);
        move(&clients[i], &servers[i]);
        move(&servers[i], &clients[i]);
        take_connected(&servers[i]);
        sotto_dtls_wipe(&clients[i]);
    }
    print_memory("server that is connected", library_size - start, own);
    for (size_t i = 0; i < TRANSPORT_COUNT; i++)
        sotto_dtls_wipe(&servers[i]);
    free(servers);
    free(clients);
}

static void create_side(struct side *side) {
    require(sotto_certificate_init(&side->certificate), "certificate");
    require(sotto_dtls_context_init(&side->context, &side->certificate), "context");
}

static void wipe_side(struct side *side) {
    sotto_dtls_context_wipe(&side->context);
    sotto_certificate_wipe(&side->certificate);
}

int main(void) {
    require(CRYPTO_set_mem_functions(library_malloc, library_realloc, library_free) == 1, "memory");
    create_side(&server_side);
    create_side(&client_side);
    measure_time();
    measure_memory();
    wipe_side(&server_side);
    wipe_side(&client_side);
    return 0;
}
