#include "core/sframe_suite.h"

const struct sotto_sframe_suite *sotto_sframe_suite_find(enum sotto_suite suite) {
    static const struct sotto_sframe_suite suites[] = {
        [SOTTO_AES_128_CTR_HMAC_SHA256_80] = {SOTTO_SHA256, 48, 10},
        [SOTTO_AES_128_CTR_HMAC_SHA256_64] = {SOTTO_SHA256, 48, 8},
        [SOTTO_AES_128_CTR_HMAC_SHA256_32] = {SOTTO_SHA256, 48, 4},
        [SOTTO_AES_128_GCM_SHA256_128] = {SOTTO_SHA256, 16, 16},
        [SOTTO_AES_256_GCM_SHA512_128] = {SOTTO_SHA512, 32, 16},
    };
    const size_t number = (size_t)suite;
    return number >= 1 && number < sizeof suites / sizeof *suites ? &suites[number] : NULL;
}
