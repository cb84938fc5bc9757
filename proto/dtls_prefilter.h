// Decides what the network may say to the DTLS library of one transport, and bounds all of it:
// DTLS 1.2 records and handshake messages (RFC 6347 sections 4.1 to 4.2.8, RFC 5246 section 7).
//
// Datagrams go in with handle_packet; records come out with poll_record until there are none. In
// epoch 0 nothing is passed through: fragments are put together here, in bounded memory, and every
// message leaves once, whole, in order, in a fresh record with a sequence number of its own. So the
// library behind never sees a fragment, a gap, a repetition, a message that does not belong to this
// place of the handshake, or a length that is only claimed. Of the encrypted records only those
// whose size is that of a Finished or of an alert under AES-GCM get through, unchanged.
//
// Everything else is dropped silently and counted. Nothing received here ends a handshake: records
// in clear are not authenticated, and a peer that is still there repeats its flight.
//
// What this does not do: it does not look into messages, it does not know addresses, and it does
// not protect a handshake from someone who can send from the peer's own address.
//
// Time is monotonic, in microseconds.
#ifndef SOTTO_PROTO_DTLS_PREFILTER_H
#define SOTTO_PROTO_DTLS_PREFILTER_H

#include "proto/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    // RFC 6347 section 4.1: type, version, epoch, sequence number, length.
    SOTTO_DTLS_RECORD_HEADER_SIZE = 13,
    // RFC 6347 section 4.2.2: type, length, message_seq, fragment_offset, fragment_length.
    SOTTO_DTLS_MESSAGE_HEADER_SIZE = 12,
    // Encrypted records: 8 bytes of explicit nonce and 16 of tag (RFC 5288 section 3) around a
    // Finished (12 bytes of header and 12 of verify_data) or an alert (2 bytes).
    SOTTO_DTLS_FINISHED_RECORD_SIZE = SOTTO_DTLS_RECORD_HEADER_SIZE + 48,
    SOTTO_DTLS_ALERT_RECORD_SIZE = SOTTO_DTLS_RECORD_HEADER_SIZE + 26,

    // Room for the messages that can be in the making at the same time, each behind its two headers
    // and rounded up to eight bytes: one long, three short, one empty.
    SOTTO_DTLS_LONG_AREA_SIZE = 25 + SOTTO_DTLS_MESSAGE_SIZE_MAX + 7,
    SOTTO_DTLS_SHORT_AREA_SIZE = 25 + SOTTO_DTLS_SHORT_MESSAGE_SIZE_MAX + 7,
    SOTTO_DTLS_EMPTY_AREA_SIZE = 25 + 7,
    SOTTO_DTLS_REASSEMBLY_SIZE = SOTTO_DTLS_LONG_AREA_SIZE + 3 * SOTTO_DTLS_SHORT_AREA_SIZE +
                                 SOTTO_DTLS_EMPTY_AREA_SIZE,
};

// Which side of the handshake this program is.
enum sotto_dtls_role {
    SOTTO_DTLS_SERVER,
    SOTTO_DTLS_CLIENT,
};

// Why something was dropped; an index into the counters.
enum sotto_dtls_drop {
    SOTTO_DTLS_DROP_MALFORMED,          // not a sequence of whole DTLS records and fragments
    SOTTO_DTLS_DROP_EPOCH,              // an epoch that this handshake never has
    SOTTO_DTLS_DROP_ALERT,              // in clear, or before the handshake is over
    SOTTO_DTLS_DROP_APPLICATION_DATA,   // never used: media is SRTP
    SOTTO_DTLS_DROP_CHANGE_CIPHER_SPEC, // not one byte of 1, or out of place
    SOTTO_DTLS_DROP_MESSAGE,            // a handshake message of a wrong type, number or size
    SOTTO_DTLS_DROP_INCONSISTENT,       // pieces given up for a piece with another message length
    SOTTO_DTLS_DROP_REPEATED,           // honest and of no use: it was here before
    SOTTO_DTLS_DROP_ENCRYPTED_SIZE,     // encrypted, and neither a Finished nor an alert
    SOTTO_DTLS_DROP_BUDGET,             // the handshake brought more than it may
    SOTTO_DTLS_DROP_DEADLINE,           // the handshake took too long
    SOTTO_DTLS_DROP_COUNT,
};

struct sotto_dtls_message {
    uint16_t size;     // of the whole message
    uint16_t received; // bytes of it that are here
    bool started;
};

// Memory for messages in the making. Needed only until the handshake is over.
struct sotto_dtls_reassembly {
    struct sotto_dtls_message messages[SOTTO_DTLS_MESSAGE_COUNT_MAX];
    uint8_t bytes[SOTTO_DTLS_REASSEMBLY_SIZE];
    uint8_t received_bits[SOTTO_DTLS_REASSEMBLY_SIZE / 8];
};

// Owned by the caller. No secrets.
struct sotto_dtls_prefilter {
    enum sotto_dtls_role role;
    struct sotto_dtls_reassembly *reassembly; // borrowed from the caller
    uint64_t deadline_us; // 0 until the first fragment is kept, or sotto_dtls_prefilter_start
    uint32_t budget_bytes;                    // of datagrams that brought something new
    uint16_t budget_datagrams;
    uint8_t encrypted_count; // encrypted records that left before the end of the handshake
    uint8_t next_message; // message_seq of the message that leaves next
    bool change_cipher_spec_received;
    bool change_cipher_spec_passed;
    bool established;
    uint8_t record_sequence; // of the next record in epoch 0 that is written here
    uint8_t held_size;       // of the encrypted record that waits, 0 if none
    uint8_t held[SOTTO_DTLS_FINISHED_RECORD_SIZE];
    uint8_t change_cipher_spec[SOTTO_DTLS_RECORD_HEADER_SIZE + 1];
    uint32_t dropped[SOTTO_DTLS_DROP_COUNT]; // records, or whole datagrams if malformed or late
};

// `reassembly` is borrowed until sotto_dtls_prefilter_establish or the end of the prefilter.
void sotto_dtls_prefilter_init(struct sotto_dtls_prefilter *prefilter, enum sotto_dtls_role role,
                               struct sotto_dtls_reassembly *reassembly);

// Starts the deadline now, if it does not run yet. For a client, whose handshake begins before
// anything is received.
void sotto_dtls_prefilter_start(struct sotto_dtls_prefilter *prefilter, uint64_t now_us);

// Takes one datagram of any content. Its bytes are copied where they are needed.
void sotto_dtls_prefilter_handle_packet(struct sotto_dtls_prefilter *prefilter, uint64_t now_us,
                                        const uint8_t *data, size_t size);

// The next record for the library, or NULL. Borrowed until the next call for this prefilter.
const uint8_t *sotto_dtls_prefilter_poll_record(struct sotto_dtls_prefilter *prefilter,
                                                size_t *size);

// For a server whose library refused the ClientHello: waits for another one. Budget and deadline
// stay as they are.
void sotto_dtls_prefilter_restart(struct sotto_dtls_prefilter *prefilter);

// The handshake is over: from now on a server lets repeated Finished messages through, so that its
// library can repeat its last flight, and both sides alerts. The reassembly is given back.
void sotto_dtls_prefilter_establish(struct sotto_dtls_prefilter *prefilter);

// A word for metrics, such as "malformed"; valid for ever.
const char *sotto_dtls_drop_text(enum sotto_dtls_drop drop);

#endif
