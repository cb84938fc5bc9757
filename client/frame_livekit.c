#include "client/frame_format.h"

#include "core/livekit_opener.h"
#include "core/livekit_ring.h"
#include "core/livekit_sealer.h"
#include "core/wipe.h"

#include <stdlib.h>

static const char default_salt[] = "LKFrameEncryptionKey";

// All that one frame needs, too large for a stack.
struct workplace {
    struct sotto_livekit_ring ring;
    struct sotto_livekit_place places[SOTTO_LIVEKIT_RING_SIZE_MAX];
    struct sotto_livekit_replay replay;
    struct sotto_livekit_sealer sealer;
    struct sotto_livekit_opener opener;
};

static const struct sotto_option_value *option(const struct sotto_frame_job *job,
                                               enum sotto_frame_option name) {
    return &job->values[name];
}

static enum sotto_codec codec_of(const struct sotto_frame_job *job) {
    return (enum sotto_codec)option(job, SOTTO_FRAME_CODEC)->number;
}

static enum sotto_kind kind_of(const struct sotto_frame_job *job) {
    return codec_of(job) == SOTTO_CODEC_OPUS ? SOTTO_KIND_AUDIO : SOTTO_KIND_VIDEO;
}

// The place of the key: when opening, that which the frame names, unless it was given.
static size_t index_of(const struct sotto_frame_job *job) {
    uint8_t named;
    if (job->seals || !sotto_livekit_frame_read_index(job->input, &named))
        named = 0;
    return (size_t)sotto_option_number(option(job, SOTTO_FRAME_KEY_INDEX), named);
}

static bool init_ring(const struct sotto_frame_job *job, struct workplace *workplace) {
    const struct sotto_option_value *salt = option(job, SOTTO_FRAME_SALT);
    struct sotto_livekit_options options = {
        .salt = salt->is_given ? salt->bytes : SOTTO_BYTES(default_salt),
        .key_size = option(job, SOTTO_FRAME_KEY_BITS)->number == 1 ? 32 : 16,
        .ring_size = SOTTO_LIVEKIT_RING_SIZE_MAX,
    };
    return sotto_livekit_ring_init(&workplace->ring, &options, workplace->places);
}

// LiveKit's browser client takes PBKDF2 for a text and HKDF for bytes.
static enum sotto_livekit_kdf kdf_of(const struct sotto_frame_job *job) {
    bool is_text = job->key->form == SOTTO_KEY_TEXT;
    return (enum sotto_livekit_kdf)sotto_option_number(
        option(job, SOTTO_FRAME_KDF), is_text ? SOTTO_LIVEKIT_PBKDF2 : SOTTO_LIVEKIT_HKDF);
}

static enum sotto_result work(struct sotto_livekit_ring *ring, enum sotto_result result) {
    while (result == SOTTO_OK && !sotto_livekit_ring_work(ring, SOTTO_LIVEKIT_ROUNDS, &result)) {
    }
    return result;
}

static enum sotto_result set_key(const struct sotto_frame_job *job,
                                 struct sotto_livekit_ring *ring) {
    struct sotto_bytes material = {job->key->bytes, job->key->size};
    size_t index = index_of(job);
    enum sotto_result result =
        kdf_of(job) == SOTTO_LIVEKIT_HKDF
            ? sotto_livekit_ring_set_raw(ring, index, material, true)
            : sotto_livekit_ring_begin_text(ring, index, material, true);
    result = work(ring, result);
    uint64_t steps = sotto_option_number(option(job, SOTTO_FRAME_RATCHET), 0);
    for (uint64_t step = 0; step < steps && result == SOTTO_OK; step++)
        result = work(ring, sotto_livekit_ring_ratchet(ring, index));
    sotto_livekit_ring_end_previous(ring); // what was before the steps opens nothing here
    return result;
}

static enum sotto_result seal(struct sotto_frame_job *job, struct workplace *workplace) {
    uint64_t count = option(job, SOTTO_FRAME_SEND_COUNT)->number % SOTTO_LIVEKIT_COUNT_MODULUS;
    uint16_t first_counts[SOTTO_LIVEKIT_SEALER_SSRCS_MAX] = {(uint16_t)count};
    struct sotto_livekit_frame_info info = {
        .codec = codec_of(job),
        .is_key_frame = option(job, SOTTO_FRAME_KEY_FRAME)->is_given,
        .ssrc = (uint32_t)option(job, SOTTO_FRAME_SSRC)->number,
        .timestamp = (uint32_t)option(job, SOTTO_FRAME_RTP_TIMESTAMP)->number,
    };
    if (!sotto_livekit_sealer_init(&workplace->sealer, &workplace->ring, kind_of(job),
                                   first_counts))
        return SOTTO_INVALID;
    return sotto_livekit_sealer_seal(&workplace->sealer, &info, job->input, job->output,
                                     job->capacity, &job->size);
}

static enum sotto_result open(struct sotto_frame_job *job, struct workplace *workplace) {
    if (!sotto_livekit_opener_init(&workplace->opener, &workplace->ring, &workplace->replay,
                                   kind_of(job), -1))
        return SOTTO_INVALID;
    return sotto_livekit_opener_open(&workplace->opener, codec_of(job),
                                     option(job, SOTTO_FRAME_KEY_FRAME)->is_given, job->input,
                                     job->output, job->capacity, &job->size);
}

enum sotto_result sotto_frame_livekit_run(struct sotto_frame_job *job) {
    struct workplace *workplace = calloc(1, sizeof *workplace);
    if (!workplace)
        return SOTTO_INTERNAL;
    enum sotto_result result = SOTTO_INVALID;
    if (init_ring(job, workplace))
        result = set_key(job, &workplace->ring);
    if (result == SOTTO_OK)
        result = job->seals ? seal(job, workplace) : open(job, workplace);
    sotto_livekit_sealer_wipe(&workplace->sealer);
    sotto_livekit_opener_wipe(&workplace->opener);
    sotto_livekit_ring_wipe(&workplace->ring);
    free(workplace);
    return result;
}
