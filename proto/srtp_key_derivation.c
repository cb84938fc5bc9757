#include "proto/srtp_key_derivation.h"

#include "core/assert.h"
#include "core/memory.h"
#include "core/wipe.h"
#include "proto/srtp_crypto.h"

enum {
    SALT_SIZE_MAX = 14,
    LABEL_OFFSET = 7, // key_id = label ‖ 48 zero bits, aligned to the salt's last byte
};

bool sotto_srtp_derive(const uint8_t *master_key, size_t master_key_size,
                       const uint8_t *master_salt, size_t master_salt_size,
                       enum sotto_srtp_label label, uint8_t *key, size_t size) {
    SOTTO_ASSERT(master_salt_size <= SALT_SIZE_MAX);
    // The PRF is the keystream that begins at (key_id XOR salt) · 2^16 (RFC 3711 section 4.3.3).
    uint8_t iv[SOTTO_SRTP_CTR_IV_SIZE] = {0};
    memcpy(iv, master_salt, master_salt_size);
    iv[LABEL_OFFSET] ^= (uint8_t)label;
    memset(key, 0, size);
    struct sotto_srtp_ctr ctr = {0};
    bool done = sotto_srtp_ctr_init(&ctr, master_key, master_key_size) &&
                sotto_srtp_ctr_apply(&ctr, iv, key, size);
    if (!done)
        sotto_wipe(key, size);
    sotto_srtp_ctr_wipe(&ctr);
    sotto_wipe(iv, sizeof iv);
    return done;
}
