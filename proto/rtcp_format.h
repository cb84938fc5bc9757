// Numbers of RTCP packet types and feedback formats, and the header that all packets share; for the
// modules that write RTCP (RFC 3550 section 12.1, RFC 4585 section 6.1, RFC 5104 section 4.3).
#ifndef SOTTO_PROTO_RTCP_FORMAT_H
#define SOTTO_PROTO_RTCP_FORMAT_H

#include "core/writer.h"

#include <stddef.h>
#include <stdint.h>

enum {
    SOTTO_RTCP_TYPE_SR = 200,
    SOTTO_RTCP_TYPE_RR = 201,
    SOTTO_RTCP_TYPE_SDES = 202,
    SOTTO_RTCP_TYPE_BYE = 203,
    SOTTO_RTCP_TYPE_RTPFB = 205, // transport layer feedback
    SOTTO_RTCP_TYPE_PSFB = 206,  // payload-specific feedback
};

enum {
    SOTTO_RTCP_FORMAT_NACK = 1,         // of RTPFB
    SOTTO_RTCP_FORMAT_TRANSPORT = 15,   // of RTPFB: transport-wide congestion control
    SOTTO_RTCP_FORMAT_PLI = 1,          // of PSFB
    SOTTO_RTCP_FORMAT_FIR = 4,          // of PSFB
    SOTTO_RTCP_FORMAT_APPLICATION = 15, // of PSFB: REMB, told by its identifier
    SOTTO_RTCP_REMB_IDENTIFIER = 0x52454D42, // "REMB"
};

// Writes the 4-byte header of a packet without padding. `body_size` is a multiple of 4; one that
// its 16-bit length cannot say fails the writer.
void sotto_rtcp_write_packet_header(struct sotto_writer *writer, uint8_t count, uint8_t type,
                                    size_t body_size);

#endif
