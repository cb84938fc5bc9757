#include "crypto/datagram_bio.h"

#include "core/assert.h"

#include <openssl/bio.h>
#include <string.h>

static int bio_read(BIO *bio, char *to, int capacity) {
    struct sotto_datagram_bio *ends = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    const uint8_t *record = ends->record;
    ends->record = NULL;
    if (!record || capacity < 0 || ends->record_size > (size_t)capacity) {
        BIO_set_retry_read(bio);
        return -1;
    }
    memcpy(to, record, ends->record_size);
    return (int)ends->record_size;
}

// Records that are written one by one, as in a repeated flight, share a datagram while they fit
// (RFC 6347 section 4.1.1), which spares a lossy path.
static bool append(struct sotto_datagram_bio *ends, const char *from, size_t size) {
    if (ends->count == 0)
        return false;
    size_t last = (size_t)ends->first + ends->count - 1;
    if (size > SOTTO_DTLS_DATAGRAM_SIZE_MAX - (size_t)ends->sizes[last])
        return false;
    memcpy(&ends->datagrams[last][ends->sizes[last]], from, size);
    ends->sizes[last] = (uint16_t)(ends->sizes[last] + size);
    return true;
}

static int bio_write(BIO *bio, const char *from, int size) {
    struct sotto_datagram_bio *ends = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (size <= 0 || size > SOTTO_DTLS_DATAGRAM_SIZE_MAX || append(ends, from, (size_t)size))
        return size;
    size_t next = (size_t)ends->first + ends->count;
    if (next < SOTTO_DTLS_DATAGRAM_COUNT_MAX) {
        memcpy(ends->datagrams[next], from, (size_t)size);
        ends->sizes[next] = (uint16_t)size;
        ends->count++;
    }
    return size;
}

// Every question but these is answered with 0. That matters for BIO_CTRL_GET_KTLS_SEND: 1 makes an
// OpenSSL 3.0 with kernel TLS skip its own write buffer, which it then follows into nothing.
static long bio_ctrl(BIO *bio, int command, long number, void *pointer) {
    (void)bio;
    (void)number;
    (void)pointer;
    if (command == BIO_CTRL_FLUSH)
        return 1;
    if (command == BIO_CTRL_DGRAM_QUERY_MTU)
        return SOTTO_DTLS_DATAGRAM_SIZE_MAX;
    return 0;
}

struct bio_method_st *sotto_datagram_bio_method_create(void) {
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams");
    if (!method)
        return NULL;
    BIO_meth_set_read(method, bio_read);
    BIO_meth_set_write(method, bio_write);
    BIO_meth_set_ctrl(method, bio_ctrl);
    return method;
}

struct bio_st *sotto_datagram_bio_create(const struct bio_method_st *method,
                                         struct sotto_datagram_bio *ends) {
    ends->record = NULL;
    sotto_datagram_bio_clear(ends);
    BIO *bio = BIO_new(method);
    if (!bio)
        return NULL;
    BIO_set_data(bio, ends);
    BIO_set_init(bio, 1);
    return bio;
}

size_t sotto_datagram_bio_poll(struct sotto_datagram_bio *ends, uint8_t *datagram,
                               size_t capacity) {
    SOTTO_ASSERT(capacity >= SOTTO_DTLS_DATAGRAM_SIZE_MAX);
    if (ends->count == 0)
        return 0;
    size_t size = ends->sizes[ends->first];
    memcpy(datagram, ends->datagrams[ends->first], size);
    ends->first++;
    ends->count--;
    if (ends->count == 0)
        ends->first = 0;
    return size;
}

void sotto_datagram_bio_clear(struct sotto_datagram_bio *ends) {
    ends->first = 0;
    ends->count = 0;
}
