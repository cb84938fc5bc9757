// The two ends at which OpenSSL's DTLS touches datagrams: a BIO that hands it one record at a time
// and collects what it writes. OpenSSL 3.0 has no memory BIO that keeps datagrams apart.
//
// It never asks OpenSSL to write again: what does not fit is lost, as on any network, and is
// repeated by the timer. A suspended write is where OpenSSL has sent memory in clear.
#ifndef SOTTO_CRYPTO_DATAGRAM_BIO_H
#define SOTTO_CRYPTO_DATAGRAM_BIO_H

#include "crypto/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bio_method_st;
struct bio_st;

// Owned by the caller, who neither copies nor moves it while a BIO points to it.
struct sotto_datagram_bio {
    const uint8_t *record; // borrowed from the caller, for OpenSSL to read; NULL if none
    size_t record_size;
    uint8_t count; // datagrams that wait
    uint8_t first; // of them, the one that leaves next
    uint16_t sizes[SOTTO_DTLS_DATAGRAM_COUNT_MAX];
    uint8_t datagrams[SOTTO_DTLS_DATAGRAM_COUNT_MAX][SOTTO_DTLS_DATAGRAM_SIZE_MAX];
};

// The method for all BIOs of a program or a thread; NULL if the library fails. It ends with
// BIO_meth_free, after every BIO that was made with it.
struct bio_method_st *sotto_datagram_bio_method_create(void);

// A BIO over `ends`, which is emptied; NULL if the library fails. Owned by the caller until
// SSL_set_bio takes it.
struct bio_st *sotto_datagram_bio_create(const struct bio_method_st *method,
                                         struct sotto_datagram_bio *ends);

// Takes out the next datagram: its size, at most SOTTO_DTLS_DATAGRAM_SIZE_MAX, or 0 if none waits.
// `capacity` is at least that maximum.
size_t sotto_datagram_bio_poll(struct sotto_datagram_bio *ends, uint8_t *datagram, size_t capacity);

// Forgets everything that was written and not taken.
void sotto_datagram_bio_clear(struct sotto_datagram_bio *ends);

#endif
