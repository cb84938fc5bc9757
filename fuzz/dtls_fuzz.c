// Datagrams of any content into a server's association: it never connects, because nobody has the
// key to a certificate whose fingerprint is zero, and it never holds more than a handshake needs.
//
// Input: as for dtls_prefilter_fuzz; the first byte is not used.
#include "core/assert.h"
#include "core/reader.h"
#include "crypto/dtls.h"
#include "tests/sim/virtual_time.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

enum {
    LIBRARY_SIZE_MAX = 96 * 1024, // a handshake has 61 KB
    DATAGRAM_COUNT_MAX = 60 * 13, // each of 60 ClientHellos may be answered and repeated
};

static struct sotto_certificate certificate;
static struct sotto_dtls_context context;
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

static void prepare(void) {
    if (context.ssl_context)
        return;
    SOTTO_ASSERT(CRYPTO_set_mem_functions(library_malloc, library_realloc, library_free) == 1);
    SOTTO_ASSERT(sotto_certificate_init(&certificate));
    SOTTO_ASSERT(sotto_dtls_context_init(&context, &certificate));
}

static size_t take_transmissions(struct sotto_dtls *dtls) {
    uint8_t datagram[SOTTO_DTLS_DATAGRAM_SIZE_MAX];
    size_t count = 0;
    while (sotto_dtls_poll_transmit(dtls, datagram, sizeof datagram) > 0)
        count++;
    return count;
}

static void check_events(struct sotto_dtls *dtls) {
    struct sotto_dtls_event event;
    while (sotto_dtls_poll_event(dtls, &event)) {
        SOTTO_ASSERT(event.type == SOTTO_DTLS_FAILED);
        SOTTO_ASSERT(!dtls->ssl && !dtls->reassembly);
    }
}

static size_t step(struct sotto_dtls *dtls, uint64_t now_us, const uint8_t *data, size_t size) {
    virtual_time_set_us(now_us);
    if (sotto_dtls_poll_timeout(dtls) <= now_us)
        sotto_dtls_handle_timeout(dtls, now_us);
    size_t count = take_transmissions(dtls);
    uint8_t *copy = malloc(size ? size : 1);
    SOTTO_ASSERT(copy);
    memcpy(copy, data, size);
    sotto_dtls_handle_packet(dtls, now_us, copy, size);
    free(copy);
    check_events(dtls);
    return count + take_transmissions(dtls);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint8_t fingerprint[SOTTO_FINGERPRINT_SIZE];
    static struct sotto_dtls dtls;
    prepare();
    struct sotto_reader reader;
    sotto_reader_init(&reader, data, size);
    (void)sotto_reader_read_u8(&reader);
    SOTTO_ASSERT(sotto_dtls_init(&dtls, &context, SOTTO_DTLS_SERVER, fingerprint, 0));
    size_t before = library_size;
    size_t sent = 0;
    uint64_t now_us = 1;
    while (sotto_reader_remaining(&reader) > 0) {
        now_us += sotto_reader_read_u8(&reader) * (uint64_t)50000;
        size_t datagram_size = sotto_reader_read_u16(&reader);
        size_t left = sotto_reader_remaining(&reader);
        if (datagram_size > left)
            datagram_size = left;
        const uint8_t *datagram = sotto_reader_read_bytes(&reader, datagram_size);
        if (datagram)
            sent += step(&dtls, now_us, datagram, datagram_size);
        SOTTO_ASSERT(library_size <= before + LIBRARY_SIZE_MAX);
        SOTTO_ASSERT(sent <= DATAGRAM_COUNT_MAX);
    }
    sotto_dtls_wipe(&dtls);
    return 0;
}
