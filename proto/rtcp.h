// RTCP (RFC 3550 section 6): walking a compound packet, sender and receiver reports, source
// descriptions and goodbyes. Feedback messages are in rtcp_feedback.h, encryption in srtp.h.
#ifndef SOTTO_PROTO_RTCP_H
#define SOTTO_PROTO_RTCP_H

#include "core/result.h"
#include "core/writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SOTTO_RTCP_HEADER_SIZE = 4,
    // RFC 3550 section 6.4.1: the count field of a packet has 5 bits.
    SOTTO_RTCP_ITEM_COUNT_MAX = 31,
    // RFC 3550 section 6.5: an SDES item has up to 255 bytes of text.
    SOTTO_RTCP_CNAME_SIZE_MAX = 255,
    SOTTO_RTCP_REPORT_BLOCK_SIZE = 24,
};

// What a packet of a compound is, from its type and format, for a switch.
enum sotto_rtcp_kind {
    SOTTO_RTCP_OTHER,              // APP, XR, unknown types and formats: count and go on
    SOTTO_RTCP_SENDER_REPORT,      // SR
    SOTTO_RTCP_RECEIVER_REPORT,    // RR
    SOTTO_RTCP_SOURCE_DESCRIPTION, // SDES
    SOTTO_RTCP_GOODBYE,            // BYE
    SOTTO_RTCP_NACK,               // generic NACK, RFC 4585 section 6.2.1
    SOTTO_RTCP_TRANSPORT_FEEDBACK, // transport-wide congestion control: count and go on
    SOTTO_RTCP_PLI,                // picture loss indication, RFC 4585 section 6.3.1
    SOTTO_RTCP_FIR,                // full intra request, RFC 5104 section 4.3.1
    SOTTO_RTCP_REMB,               // receiver estimated maximum bitrate
};

// One packet of a compound. `body` follows the 4-byte header and is borrowed.
struct sotto_rtcp_packet {
    enum sotto_rtcp_kind kind;
    uint8_t type;  // 192 to 223
    uint8_t count; // report, source or chunk count, subtype or feedback format: 0 to 31
    const uint8_t *body;
    size_t body_size; // without padding
};

// The packets of one datagram, pulled in their order.
struct sotto_rtcp_compound {
    const uint8_t *data; // borrowed from the caller
    size_t size;
    size_t offset;
    bool malformed;
};

// Takes a decrypted datagram. Reduced-size RTCP (RFC 5506) is welcome: nothing is asked of the
// first packet's type, and one packet may stand alone.
void sotto_rtcp_compound_init(struct sotto_rtcp_compound *compound, const uint8_t *data,
                              size_t size);

// False at the end, with `packet` all zero. The walk ends early, with `malformed` set, at a wrong
// version, a length past the end, padding on any but the last packet, or a padding count that is 0,
// no multiple of 4 or more than the body. What came before such a place was good.
SOTTO_MUST_USE bool sotto_rtcp_compound_next(struct sotto_rtcp_compound *compound,
                                             struct sotto_rtcp_packet *packet);

// Report block, RFC 3550 section 6.4.1.
struct sotto_rtcp_report_block {
    uint32_t ssrc;           // the stream that is reported on
    uint8_t fraction_lost;   // of 256, since the previous report
    int32_t cumulative_lost; // 24 bits with sign: duplicates can make it negative
    uint32_t extended_highest_sequence;
    uint32_t jitter; // in units of the stream's RTP clock
    uint32_t last_sender_report;             // middle 32 bits of the NTP time; 0 if none came
    uint32_t delay_since_last_sender_report; // in units of 1/65536 s
};

// Sender information, RFC 3550 section 6.4.1.
struct sotto_rtcp_sender_info {
    uint64_t ntp_time; // seconds since 1900 in the high 32 bits, fraction in the low
    uint32_t rtp_timestamp;
    uint32_t packet_count;
    uint32_t octet_count;
};

// SR and RR are one thing with or without sender information.
struct sotto_rtcp_report {
    uint32_t ssrc; // of the reporter
    bool has_sender_info;
    struct sotto_rtcp_sender_info sender_info;
    size_t block_count;
    struct sotto_rtcp_report_block blocks[SOTTO_RTCP_ITEM_COUNT_MAX];
};

// Reads an SR or RR. False, with `report` all zero, if the packet is neither or too short for its
// count. Profile-specific extensions behind the blocks are skipped.
SOTTO_MUST_USE bool sotto_rtcp_parse_report(const struct sotto_rtcp_packet *packet,
                                            struct sotto_rtcp_report *report);

// Writes an SR if `has_sender_info`, otherwise an RR. At most 31 blocks. `cumulative_lost` is
// clamped to 24 bits.
void sotto_rtcp_write_report(struct sotto_writer *writer, const struct sotto_rtcp_report *report);

// A chunk of an SDES packet. `cname` is borrowed and not terminated; NULL if the chunk has none.
struct sotto_rtcp_sdes_chunk {
    uint32_t ssrc;
    const uint8_t *cname;
    size_t cname_size; // 0 to 255
};

struct sotto_rtcp_sdes {
    size_t chunk_count;
    struct sotto_rtcp_sdes_chunk chunks[SOTTO_RTCP_ITEM_COUNT_MAX];
};

// Reads the CNAMEs and skips all other items. False, with `sdes` all zero, if the packet is no SDES
// or an item runs past its end.
SOTTO_MUST_USE bool sotto_rtcp_parse_sdes(const struct sotto_rtcp_packet *packet,
                                          struct sotto_rtcp_sdes *sdes);

// Writes an SDES with one chunk. `cname_size` is 1 to 255.
void sotto_rtcp_write_sdes(struct sotto_writer *writer, uint32_t ssrc, const uint8_t *cname,
                           size_t cname_size);

struct sotto_rtcp_bye {
    size_t ssrc_count;
    uint32_t ssrcs[SOTTO_RTCP_ITEM_COUNT_MAX];
};

// Reads the sources that leave; the reason is skipped. False, with `bye` all zero, if the packet is
// no BYE or too short for its count. Whether the peer owns these sources is the caller's to check.
SOTTO_MUST_USE bool sotto_rtcp_parse_bye(const struct sotto_rtcp_packet *packet,
                                         struct sotto_rtcp_bye *bye);

#endif
