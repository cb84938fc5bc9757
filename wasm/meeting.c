#include "wasm/meeting.h"

#include "core/assert.h"
#include "core/memory.h"
#include "core/wipe.h"
#include "wasm/meeting_keys.h"
#include "wasm/meeting_parts.h"

enum { PARTICIPANT_POOL = 1, SEALER_POOL, OPENER_POOL };

// A sealer or an opener, and whose it is.
struct sealer_object {
    uint32_t participant;
    struct sotto_sealer sealer;
};

struct opener_object {
    uint32_t participant;
    struct sotto_opener opener;
};

bool sotto_meeting_copy_id(struct sotto_meeting_id *id, struct sotto_bytes bytes) {
    if (bytes.size > sizeof id->bytes)
        return false;
    id->size = bytes.size;
    if (bytes.size > 0)
        memcpy(id->bytes, bytes.data, bytes.size);
    return true;
}

static bool is_id(const struct sotto_meeting_id *id, struct sotto_bytes bytes) {
    return id->size == bytes.size && memcmp(id->bytes, bytes.data, bytes.size) == 0;
}

enum sotto_result sotto_meeting_init(struct sotto_meeting *meeting, struct sotto_bytes room_id,
                                     enum sotto_suite suite) {
    if (meeting->room_id.size > 0 || room_id.size == 0 || !sotto_sframe_has_suite(suite) ||
        !sotto_meeting_copy_id(&meeting->room_id, room_id))
        return SOTTO_INVALID;
    meeting->suite = suite;
    meeting->participants =
        (struct sotto_pool){PARTICIPANT_POOL, sizeof(struct sotto_meeting_participant),
                            SOTTO_PARTICIPANTS_MAX, meeting->participant_slots};
    meeting->sealers = (struct sotto_pool){SEALER_POOL, sizeof(struct sealer_object),
                                           SOTTO_SEALERS_MAX, meeting->sealer_slots};
    meeting->openers = (struct sotto_pool){OPENER_POOL, sizeof(struct opener_object),
                                           SOTTO_OPENERS_MAX, meeting->opener_slots};
    return SOTTO_OK;
}

struct sotto_meeting_participant *sotto_meeting_participant_at(const struct sotto_meeting *meeting,
                                                               size_t index) {
    return sotto_pool_find(&meeting->participants,
                           sotto_pool_handle_at(&meeting->participants, index));
}

static struct sealer_object *sealer_at(const struct sotto_meeting *meeting, size_t index) {
    return sotto_pool_find(&meeting->sealers, sotto_pool_handle_at(&meeting->sealers, index));
}

static struct opener_object *opener_at(const struct sotto_meeting *meeting, size_t index) {
    return sotto_pool_find(&meeting->openers, sotto_pool_handle_at(&meeting->openers, index));
}

uint32_t sotto_meeting_find_participant(const struct sotto_meeting *meeting,
                                        struct sotto_bytes id) {
    for (size_t i = 0; i < meeting->participants.capacity; i++) {
        const struct sotto_meeting_participant *participant =
            sotto_meeting_participant_at(meeting, i);
        if (participant && is_id(&participant->id, id))
            return sotto_pool_handle_at(&meeting->participants, i);
    }
    return 0;
}

void sotto_meeting_tell_streams(struct sotto_meeting *meeting) {
    for (size_t i = 0; i < meeting->sealers.capacity; i++)
        if (sealer_at(meeting, i))
            sotto_sealer_handle_key_change(&sealer_at(meeting, i)->sealer);
    for (size_t i = 0; i < meeting->openers.capacity; i++)
        if (opener_at(meeting, i))
            sotto_opener_handle_key_change(&opener_at(meeting, i)->opener);
}

static enum sotto_result prepare_stream(struct sotto_meeting *meeting,
                                        struct sotto_stream_name *name,
                                        struct sotto_bytes participant_id,
                                        struct sotto_bytes stream_id, enum sotto_kind kind) {
    if (meeting->room_id.size == 0)
        return SOTTO_NOT_READY;
    const struct sotto_bytes room_id = sotto_meeting_id_bytes(&meeting->room_id);
    return sotto_stream_name_init(name, room_id, participant_id, stream_id, kind) ? SOTTO_OK
                                                                                  : SOTTO_INVALID;
}

static bool is_name(const struct sotto_stream_name *a, const struct sotto_stream_name *b) {
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

// A place in `pool` for a stream of the participant. On failure nothing has changed.
static enum sotto_result claim_stream(struct sotto_meeting *meeting, struct sotto_pool *pool,
                                      struct sotto_bytes participant_id,
                                      uint32_t *participant_handle, uint32_t *handle) {
    const enum sotto_result result =
        sotto_meeting_claim_participant(meeting, participant_id, participant_handle);
    if (result != SOTTO_OK)
        return result;
    *handle = sotto_pool_add(pool);
    if (*handle == 0) {
        sotto_meeting_release_participant(meeting, *participant_handle);
        return SOTTO_TOO_SMALL;
    }
    struct sotto_meeting_participant *participant =
        sotto_pool_find(&meeting->participants, *participant_handle);
    participant->stream_count++;
    return SOTTO_OK;
}

void sotto_meeting_set_challenge(struct sotto_meeting *meeting, const uint8_t *challenge) {
    memcpy(meeting->challenge, challenge, sizeof meeting->challenge);
    meeting->has_challenge = true;
}

enum sotto_result sotto_meeting_seal_answer(const struct sotto_meeting *meeting, uint32_t handle,
                                            struct sotto_bytes challenges, uint8_t *message,
                                            size_t capacity, size_t *message_size) {
    _Static_assert(SOTTO_SEALERS_MAX <= (int)SOTTO_LIVE_STREAMS_MAX, "an answer names all of them");
    struct sotto_sealer *sealer = sotto_meeting_sealer(meeting, handle);
    struct sotto_live_streams streams = {0};
    *message_size = 0;
    if (!sealer)
        return SOTTO_NOT_READY;
    for (size_t i = 0; i < meeting->sealers.capacity; i++)
        if (sealer_at(meeting, i))
            SOTTO_ASSERT(sotto_live_streams_add(&streams, &sealer_at(meeting, i)->sealer));
    return sotto_liveness_seal_answer(sealer, challenges, &streams, message, capacity,
                                      message_size);
}

enum sotto_result sotto_meeting_open_answer(const struct sotto_meeting *meeting,
                                            struct sotto_bytes participant_id,
                                            struct sotto_bytes message,
                                            struct sotto_live_streams *streams) {
    const struct sotto_key_store *own_keys = sotto_meeting_keys_find(meeting, participant_id);
    const struct sotto_data_sender sender = {
        own_keys ? own_keys : &meeting->shared_keys, sotto_meeting_id_bytes(&meeting->room_id),
        participant_id, meeting->suite};
    streams->count = 0;
    if (meeting->room_id.size == 0)
        return SOTTO_NOT_READY;
    if (!meeting->has_challenge)
        return SOTTO_NOT_LIVE;
    return sotto_liveness_open_answer(&sender, meeting->challenge, message, streams);
}

static const struct sotto_key_store *keys_of(const struct sotto_meeting *meeting,
                                             uint32_t handle) {
    const struct sotto_meeting_participant *participant =
        sotto_pool_find(&meeting->participants, handle);
    return &participant->keys;
}

enum sotto_result sotto_meeting_add_sealer(struct sotto_meeting *meeting,
                                           struct sotto_bytes participant_id,
                                           struct sotto_bytes stream_id, enum sotto_kind kind,
                                           uint32_t *handle) {
    *handle = 0;
    struct sotto_stream_name name;
    enum sotto_result result = prepare_stream(meeting, &name, participant_id, stream_id, kind);
    // A second sealer of one name would count from 0 again under the same key.
    for (size_t i = 0; result == SOTTO_OK && i < meeting->sealers.capacity; i++)
        if (sealer_at(meeting, i) && is_name(&sealer_at(meeting, i)->sealer.name, &name))
            result = SOTTO_INVALID;
    uint32_t participant;
    if (result == SOTTO_OK)
        result = claim_stream(meeting, &meeting->sealers, participant_id, &participant, handle);
    if (result != SOTTO_OK)
        return result;
    struct sealer_object *object = sotto_pool_find(&meeting->sealers, *handle);
    object->participant = participant;
    SOTTO_ASSERT(sotto_sealer_init(&object->sealer, keys_of(meeting, participant), &name,
                                   meeting->suite));
    return SOTTO_OK;
}

enum sotto_result sotto_meeting_add_opener(struct sotto_meeting *meeting,
                                           struct sotto_bytes participant_id,
                                           struct sotto_bytes stream_id, enum sotto_kind kind,
                                           uint32_t *handle) {
    *handle = 0;
    struct sotto_stream_name name;
    enum sotto_result result = prepare_stream(meeting, &name, participant_id, stream_id, kind);
    for (size_t i = 0; result == SOTTO_OK && i < meeting->openers.capacity; i++) {
        if (opener_at(meeting, i) && is_name(&opener_at(meeting, i)->opener.name, &name)) {
            *handle = sotto_pool_handle_at(&meeting->openers, i);
            return SOTTO_OK;
        }
    }
    uint32_t participant;
    if (result == SOTTO_OK)
        result = claim_stream(meeting, &meeting->openers, participant_id, &participant, handle);
    if (result != SOTTO_OK)
        return result;
    struct opener_object *object = sotto_pool_find(&meeting->openers, *handle);
    object->participant = participant;
    SOTTO_ASSERT(sotto_opener_init(&object->opener, keys_of(meeting, participant), &name,
                                   meeting->suite, meeting->liveness));
    return SOTTO_OK;
}

struct sotto_sealer *sotto_meeting_sealer(const struct sotto_meeting *meeting, uint32_t handle) {
    struct sealer_object *object = sotto_pool_find(&meeting->sealers, handle);
    return object ? &object->sealer : NULL;
}

struct sotto_opener *sotto_meeting_opener(const struct sotto_meeting *meeting, uint32_t handle) {
    struct opener_object *object = sotto_pool_find(&meeting->openers, handle);
    return object ? &object->opener : NULL;
}

static void leave_participant(struct sotto_meeting *meeting, uint32_t handle) {
    struct sotto_meeting_participant *participant = sotto_pool_find(&meeting->participants, handle);
    participant->stream_count--;
    sotto_meeting_release_participant(meeting, handle);
}

bool sotto_meeting_remove_stream(struct sotto_meeting *meeting, uint32_t handle) {
    struct sealer_object *sealer = sotto_pool_find(&meeting->sealers, handle);
    struct opener_object *opener = sotto_pool_find(&meeting->openers, handle);
    if (sealer) {
        const uint32_t participant = sealer->participant;
        sotto_sealer_wipe(&sealer->sealer);
        (void)sotto_pool_remove(&meeting->sealers, handle);
        leave_participant(meeting, participant);
    } else if (opener) {
        const uint32_t participant = opener->participant;
        sotto_opener_wipe(&opener->opener);
        (void)sotto_pool_remove(&meeting->openers, handle);
        leave_participant(meeting, participant);
    }
    return sealer || opener;
}

size_t sotto_meeting_handle_timeout(struct sotto_meeting *meeting, uint64_t now_ms) {
    size_t steps = 0;
    for (size_t i = 0; i < meeting->openers.capacity; i++) {
        const struct opener_object *opener = opener_at(meeting, i);
        if (opener && sotto_meeting_keys_advance(meeting, opener->participant, &opener->opener))
            steps++;
    }
    sotto_meeting_keys_handle_timeout(meeting, now_ms);
    for (size_t i = 0; i < meeting->openers.capacity; i++)
        if (opener_at(meeting, i))
            sotto_opener_handle_timeout(&opener_at(meeting, i)->opener, now_ms);
    return steps;
}

bool sotto_meeting_poll_event(struct sotto_meeting *meeting, uint64_t now_ms, uint32_t *handle,
                              struct sotto_stream_event *event) {
    const size_t sealer_count = meeting->sealers.capacity;
    const size_t count = sealer_count + meeting->openers.capacity;
    while (meeting->polled_count < count) {
        const size_t i = meeting->polled_count++;
        struct sealer_object *sealer = i < sealer_count ? sealer_at(meeting, i) : NULL;
        struct opener_object *opener =
            i < sealer_count ? NULL : opener_at(meeting, i - sealer_count);
        if (sealer && sotto_sealer_poll_event(&sealer->sealer, now_ms, event)) {
            *handle = sotto_pool_handle_at(&meeting->sealers, i);
            return true;
        }
        if (opener && sotto_opener_poll_event(&opener->opener, now_ms, event)) {
            *handle = sotto_pool_handle_at(&meeting->openers, i - sealer_count);
            return true;
        }
    }
    meeting->polled_count = 0;
    return false;
}

void sotto_meeting_wipe(struct sotto_meeting *meeting) {
    for (size_t i = 0; i < meeting->sealers.capacity; i++)
        (void)sotto_meeting_remove_stream(meeting, sotto_pool_handle_at(&meeting->sealers, i));
    for (size_t i = 0; i < meeting->openers.capacity; i++)
        (void)sotto_meeting_remove_stream(meeting, sotto_pool_handle_at(&meeting->openers, i));
    for (size_t i = 0; i < meeting->participants.capacity; i++)
        (void)sotto_pool_remove(&meeting->participants,
                                sotto_pool_handle_at(&meeting->participants, i));
    sotto_meeting_keys_wipe(meeting);
    sotto_wipe(&meeting->room_id, sizeof meeting->room_id);
    meeting->liveness = SOTTO_LIVENESS_NEEDED;
    meeting->has_challenge = false;
    meeting->polled_count = 0;
}
