#include "client/frame_format.h"

#include "core/key_store.h"
#include "core/opener.h"
#include "core/sealer.h"
#include "core/wipe.h"

// Options and enum name the kinds in the same order, from 0 and from 1 on.
static bool make_name(const struct sotto_option_value *values, struct sotto_stream_name *name) {
    return sotto_stream_name_init(
        name, values[SOTTO_FRAME_ROOM].bytes, values[SOTTO_FRAME_PARTICIPANT].bytes,
        values[SOTTO_FRAME_STREAM].bytes,
        (enum sotto_kind)(values[SOTTO_FRAME_KIND].number + SOTTO_KIND_AUDIO));
}

static enum sotto_suite suite_of(const struct sotto_option_value *values) {
    return (enum sotto_suite)sotto_option_number(&values[SOTTO_FRAME_SUITE],
                                                 SOTTO_AES_128_GCM_SHA256_128);
}

static enum sotto_result seal(struct sotto_frame_job *job, const struct sotto_key_store *store,
                              const struct sotto_stream_name *name) {
    struct sotto_sealer sealer;
    enum sotto_result result = SOTTO_INVALID;
    if (sotto_sealer_init(&sealer, store, name, suite_of(job->values))) {
        sealer.counter = job->values[SOTTO_FRAME_CTR].number;
        result = sotto_sealer_seal(
            &sealer, (enum sotto_codec)job->values[SOTTO_FRAME_CODEC].number,
            job->values[SOTTO_FRAME_KEY_FRAME].is_given, job->input, job->output, job->capacity,
            &job->size);
    }
    sotto_sealer_wipe(&sealer);
    return result;
}

static enum sotto_result open(struct sotto_frame_job *job, const struct sotto_key_store *store,
                              const struct sotto_stream_name *name) {
    struct sotto_opener opener;
    enum sotto_result result = SOTTO_INVALID;
    if (sotto_opener_init(&opener, store, name, suite_of(job->values), SOTTO_LIVENESS_NOT_NEEDED))
        result = sotto_opener_open(&opener, job->input, job->output, job->capacity, &job->size);
    sotto_opener_wipe(&opener);
    return result;
}

enum sotto_result sotto_frame_sotto_run(struct sotto_frame_job *job) {
    const struct sotto_option_value *values = job->values;
    struct sotto_stream_name name;
    struct sotto_room_secret secret;
    struct sotto_key_store store;
    sotto_key_store_init(&store);
    enum sotto_result result = sotto_key_input_derive(
        job->key, values[SOTTO_FRAME_ROOM].bytes,
        sotto_option_number(&values[SOTTO_FRAME_RATCHET], 0), &secret);
    if (result == SOTTO_OK)
        result = sotto_key_store_set_current(&store, &secret);
    if (result == SOTTO_OK && !make_name(values, &name))
        result = SOTTO_INVALID;
    if (result == SOTTO_OK)
        result = job->seals ? seal(job, &store, &name) : open(job, &store, &name);
    sotto_key_schedule_wipe_secret(&secret);
    sotto_key_store_wipe(&store);
    return result;
}
