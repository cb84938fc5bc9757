// RTCP to one peer, put together when it is sent (RFC 3550, section 6; RFC 4585; RFC 5506): reports
// and feedback to a publisher, sender reports to a subscriber. Each call writes one compound packet
// of at most SOTTO_RTCP_PACKET_SIZE_MAX bytes and leaves the rest for the next call.
#ifndef SOTTO_SFU_REPORT_H
#define SOTTO_SFU_REPORT_H

#include "core/result.h"
#include "core/writer.h"
#include "sfu/peer.h"

#include <stdbool.h>
#include <stdint.h>

// Receiver report, if due, and the NACKs and PLIs of all the peer's up tracks that are due. False,
// with nothing written, if there is nothing to say.
SOTTO_MUST_USE bool sotto_report_write_to_publisher(struct sotto_peer *peer, uint64_t now_us,
                                                    struct sotto_writer *writer);

// Sender reports for the peer's down tracks, each with its SDES, `ntp_now` being the time of
// sending. False, with nothing written, if none is due any more.
SOTTO_MUST_USE bool sotto_report_write_to_subscriber(struct sotto_peer *peer, uint64_t ntp_now,
                                                     struct sotto_writer *writer);

#endif
