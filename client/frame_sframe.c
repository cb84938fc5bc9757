#include "client/frame_format.h"

#include "core/sframe_any.h"
#include "core/wipe.h"

static const struct sotto_option_value *option(const struct sotto_frame_job *job,
                                               enum sotto_frame_option name) {
    return &job->values[name];
}

static enum sotto_suite suite_of(const struct sotto_frame_job *job) {
    return (enum sotto_suite)sotto_option_number(option(job, SOTTO_FRAME_SUITE),
                                                 SOTTO_AES_128_GCM_SHA256_128);
}

// The base key after the steps of the ratchet of sender keys (RFC 9605, section 5.1).
static enum sotto_result init_key(const struct sotto_frame_job *job, uint64_t kid,
                                  struct sotto_sframe_any *key) {
    uint8_t ratcheted[SOTTO_HASH_SIZE_MAX];
    struct sotto_bytes base_key = {job->key->bytes, job->key->size};
    size_t size = sotto_hash_size(sotto_sframe_suite_find(suite_of(job))->hash);
    uint64_t steps = sotto_option_number(option(job, SOTTO_FRAME_RATCHET), 0);
    enum sotto_result result = SOTTO_OK;
    for (uint64_t step = 0; step < steps && result == SOTTO_OK; step++) {
        result = sotto_sframe_key_derive_next(suite_of(job), base_key, ratcheted);
        base_key = (struct sotto_bytes){ratcheted, size};
    }
    if (result == SOTTO_OK)
        result = sotto_sframe_any_init(key, suite_of(job), kid, base_key);
    sotto_wipe(ratcheted, sizeof ratcheted);
    return result;
}

static enum sotto_result seal(struct sotto_frame_job *job, struct sotto_sframe_any *key) {
    enum sotto_result result = init_key(job, option(job, SOTTO_FRAME_KID)->number, key);
    if (result != SOTTO_OK)
        return result;
    return sotto_sframe_any_seal(key, option(job, SOTTO_FRAME_CTR)->number,
                                 &option(job, SOTTO_FRAME_METADATA_HEX)->bytes, 1, job->input,
                                 job->output, job->capacity, &job->size);
}

static enum sotto_result open(struct sotto_frame_job *job, struct sotto_sframe_any *key) {
    struct sotto_sframe sframe;
    if (!sotto_sframe_any_parse(&sframe, suite_of(job), job->input))
        return SOTTO_NOT_SEALED;
    if (sotto_option_number(option(job, SOTTO_FRAME_KID), sframe.header.kid) != sframe.header.kid)
        return SOTTO_MISSING_KEY;
    enum sotto_result result = init_key(job, sframe.header.kid, key);
    if (result == SOTTO_OK)
        result = sotto_sframe_any_open(key, &sframe, &option(job, SOTTO_FRAME_METADATA_HEX)->bytes,
                                       1, job->output, job->capacity);
    if (result == SOTTO_OK)
        job->size = sframe.ciphertext.size;
    return result;
}

enum sotto_result sotto_frame_sframe_run(struct sotto_frame_job *job) {
    struct sotto_sframe_any key = {0};
    enum sotto_result result = job->seals ? seal(job, &key) : open(job, &key);
    sotto_sframe_any_wipe(&key);
    return result;
}
