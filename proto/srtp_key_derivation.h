// Session keys from a master key (RFC 3711 section 4.3; with 256-bit keys RFC 6188 section 3),
// with a key derivation rate of 0: once, when a direction begins.
#ifndef SOTTO_PROTO_SRTP_KEY_DERIVATION_H
#define SOTTO_PROTO_SRTP_KEY_DERIVATION_H

#include "core/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// RFC 3711 section 4.3.2, table of labels.
enum sotto_srtp_label {
    SOTTO_SRTP_LABEL_RTP_ENCRYPTION = 0,
    SOTTO_SRTP_LABEL_RTP_AUTHENTICATION = 1,
    SOTTO_SRTP_LABEL_RTP_SALT = 2,
    SOTTO_SRTP_LABEL_RTCP_ENCRYPTION = 3,
    SOTTO_SRTP_LABEL_RTCP_AUTHENTICATION = 4,
    SOTTO_SRTP_LABEL_RTCP_SALT = 5,
};

// Writes `size` bytes of the key with this label. `master_key_size` is 16 or 32; `master_salt_size`
// is 12 or 14, and the shorter one counts as followed by zeros (RFC 7714 section 11). False, with
// `key` zeroed, if the library fails.
SOTTO_MUST_USE bool sotto_srtp_derive(const uint8_t *master_key, size_t master_key_size,
                                      const uint8_t *master_salt, size_t master_salt_size,
                                      enum sotto_srtp_label label, uint8_t *key, size_t size);

#endif
