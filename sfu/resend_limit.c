#include "sfu/resend_limit.h"

enum {
    US_PER_MS = 1000,
};

void sotto_resend_limit_init(struct sotto_resend_limit *limit, uint64_t now_us) {
    *limit = (struct sotto_resend_limit){.credit_size = SOTTO_RESEND_CREDIT_SIZE_FIRST};
    // Half the range of the clock ago: as far from now as it can tell.
    uint32_t long_ago_ms = (uint32_t)(now_us / US_PER_MS) - UINT32_C(0x80000000);
    for (size_t i = 0; i < SOTTO_RESEND_SLOT_COUNT; i++)
        limit->resent_ms[i] = long_ago_ms;
}

void sotto_resend_limit_add(struct sotto_resend_limit *limit, size_t size) {
    size_t wire_size = size + SOTTO_RESEND_OVERHEAD_SIZE;
    limit->credit_size += (uint32_t)(wire_size * SOTTO_RESEND_SHARE_PERCENT / 100);
    if (limit->credit_size > SOTTO_RESEND_CREDIT_SIZE_MAX)
        limit->credit_size = SOTTO_RESEND_CREDIT_SIZE_MAX;
}

bool sotto_resend_limit_take(struct sotto_resend_limit *limit, uint64_t now_us,
                             uint32_t round_trip_ms, uint64_t sequence, size_t size) {
    size_t wire_size = size + SOTTO_RESEND_OVERHEAD_SIZE;
    uint32_t now_ms = (uint32_t)(now_us / US_PER_MS);
    uint32_t *resent_ms = &limit->resent_ms[sequence % SOTTO_RESEND_SLOT_COUNT];
    if (now_ms - *resent_ms < round_trip_ms || wire_size > limit->credit_size)
        return false;
    *resent_ms = now_ms;
    limit->credit_size -= (uint32_t)wire_size;
    return true;
}
