#include "wasm/meeting.h"

#include "core/assert.h"
#include "core/memory.h"
#include "core/wipe.h"

enum { PARTICIPANT_POOL = 1, SEALER_POOL, OPENER_POOL };

struct participant {
    struct sotto_meeting_id id;
    size_t stream_count; // sealers and openers that borrow the key store
    bool has_own_key;
    struct sotto_key_store keys;
};

// A sealer or an opener, and whose it is.
struct sealer_object {
    uint32_t participant;
    struct sotto_sealer sealer;
};

struct opener_object {
    uint32_t participant;
    struct sotto_opener opener;
};

static struct sotto_bytes id_bytes(const struct sotto_meeting_id *id) {
    return (struct sotto_bytes){id->bytes, id->size};
}

static bool copy_id(struct sotto_meeting_id *id, struct sotto_bytes bytes) {
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
    const bool is_suite =
        suite == SOTTO_AES_128_GCM_SHA256_128 || suite == SOTTO_AES_256_GCM_SHA512_128;
    if (meeting->room_id.size > 0 || room_id.size == 0 || !is_suite ||
        !copy_id(&meeting->room_id, room_id))
        return SOTTO_INVALID;
    meeting->suite = suite;
    meeting->participants =
        (struct sotto_pool){PARTICIPANT_POOL, sizeof(struct participant), SOTTO_PARTICIPANTS_MAX,
                            meeting->participant_slots};
    meeting->sealers = (struct sotto_pool){SEALER_POOL, sizeof(struct sealer_object),
                                           SOTTO_SEALERS_MAX, meeting->sealer_slots};
    meeting->openers = (struct sotto_pool){OPENER_POOL, sizeof(struct opener_object),
                                           SOTTO_OPENERS_MAX, meeting->opener_slots};
    return SOTTO_OK;
}

static struct participant *participant_at(const struct sotto_meeting *meeting, size_t index) {
    return sotto_pool_find(&meeting->participants,
                           sotto_pool_handle_at(&meeting->participants, index));
}

static struct sealer_object *sealer_at(const struct sotto_meeting *meeting, size_t index) {
    return sotto_pool_find(&meeting->sealers, sotto_pool_handle_at(&meeting->sealers, index));
}

static struct opener_object *opener_at(const struct sotto_meeting *meeting, size_t index) {
    return sotto_pool_find(&meeting->openers, sotto_pool_handle_at(&meeting->openers, index));
}

// 0 if nobody here has this id.
static uint32_t find_participant(const struct sotto_meeting *meeting, struct sotto_bytes id) {
    for (size_t i = 0; i < meeting->participants.capacity; i++) {
        const struct participant *participant = participant_at(meeting, i);
        if (participant && is_id(&participant->id, id))
            return sotto_pool_handle_at(&meeting->participants, i);
    }
    return 0;
}

static enum sotto_result claim_participant(struct sotto_meeting *meeting, struct sotto_bytes id,
                                           uint32_t *handle) {
    if (id.size == 0 || id.size > SOTTO_ID_SIZE_MAX)
        return SOTTO_INVALID;
    *handle = find_participant(meeting, id);
    if (*handle != 0)
        return SOTTO_OK;
    *handle = sotto_pool_add(&meeting->participants);
    if (*handle == 0)
        return SOTTO_TOO_SMALL;
    struct participant *participant = sotto_pool_find(&meeting->participants, *handle);
    (void)copy_id(&participant->id, id);
    participant->keys = meeting->shared_keys;
    return SOTTO_OK;
}

// A participant without streams and without a key of its own needs no place.
static void release_participant(struct sotto_meeting *meeting, uint32_t handle) {
    const struct participant *participant = sotto_pool_find(&meeting->participants, handle);
    if (participant && participant->stream_count == 0 && !participant->has_own_key)
        (void)sotto_pool_remove(&meeting->participants, handle);
}

// Streams that are silent or paused let go of keys whose secret is gone.
static void tell_streams(struct sotto_meeting *meeting) {
    for (size_t i = 0; i < meeting->sealers.capacity; i++)
        if (sealer_at(meeting, i))
            sotto_sealer_handle_key_change(&sealer_at(meeting, i)->sealer);
    for (size_t i = 0; i < meeting->openers.capacity; i++)
        if (opener_at(meeting, i))
            sotto_opener_handle_key_change(&opener_at(meeting, i)->opener);
}

// What happens to the shared keys happens to the copies, so it ends in the same way.
static enum sotto_result set_shared_secret(struct sotto_meeting *meeting,
                                           const struct sotto_room_secret *secret) {
    enum sotto_result result = sotto_key_store_set_current(&meeting->shared_keys, secret);
    for (size_t i = 0; result == SOTTO_OK && i < meeting->participants.capacity; i++) {
        struct participant *participant = participant_at(meeting, i);
        if (participant && !participant->has_own_key)
            result = sotto_key_store_set_current(&participant->keys, secret);
    }
    return result;
}

static enum sotto_result set_own_secret(struct sotto_meeting *meeting, struct sotto_bytes id,
                                        const struct sotto_room_secret *secret) {
    uint32_t handle;
    const enum sotto_result result = claim_participant(meeting, id, &handle);
    if (result != SOTTO_OK)
        return result;
    struct participant *participant = sotto_pool_find(&meeting->participants, handle);
    if (!participant->has_own_key)
        sotto_key_store_wipe(&participant->keys);
    participant->has_own_key = true;
    return sotto_key_store_set_current(&participant->keys, secret);
}

enum sotto_result sotto_meeting_set_secret(struct sotto_meeting *meeting,
                                           struct sotto_bytes participant_id,
                                           const struct sotto_room_secret *secret) {
    if (meeting->room_id.size == 0)
        return SOTTO_NOT_READY;
    const enum sotto_result result = participant_id.size == 0
                                         ? set_shared_secret(meeting, secret)
                                         : set_own_secret(meeting, participant_id, secret);
    tell_streams(meeting);
    return result;
}

static void end_text_key(struct sotto_meeting *meeting) {
    sotto_pbkdf2_wipe(&meeting->text_key);
    meeting->is_deriving = false;
}

enum sotto_result sotto_meeting_begin_text_key(struct sotto_meeting *meeting,
                                               struct sotto_bytes participant_id,
                                               struct sotto_bytes text_key) {
    if (meeting->room_id.size == 0)
        return SOTTO_NOT_READY;
    end_text_key(meeting);
    if (!copy_id(&meeting->text_key_participant_id, participant_id))
        return SOTTO_INVALID;
    const enum sotto_result result =
        sotto_key_schedule_init_text(&meeting->text_key, text_key, id_bytes(&meeting->room_id));
    meeting->is_deriving = result == SOTTO_OK;
    return result;
}

enum sotto_result sotto_meeting_step_text_key(struct sotto_meeting *meeting, uint32_t rounds_max,
                                              uint32_t *rounds_left) {
    *rounds_left = 0;
    if (!meeting->is_deriving)
        return SOTTO_NOT_READY;
    if (!sotto_pbkdf2_step(&meeting->text_key, rounds_max)) {
        *rounds_left = meeting->text_key.rounds - meeting->text_key.rounds_done;
        return SOTTO_OK;
    }
    struct sotto_room_secret secret;
    enum sotto_result result = sotto_pbkdf2_finish(&meeting->text_key, secret.bytes);
    if (result == SOTTO_OK)
        result = sotto_meeting_set_secret(meeting, id_bytes(&meeting->text_key_participant_id),
                                          &secret);
    sotto_wipe(&secret, sizeof secret);
    end_text_key(meeting);
    return result;
}

// The keys that an id names: the shared ones, or those of a participant with a key of its own.
static const struct sotto_key_store *find_keys(const struct sotto_meeting *meeting,
                                               struct sotto_bytes participant_id) {
    if (participant_id.size == 0)
        return &meeting->shared_keys;
    const struct participant *participant =
        sotto_pool_find(&meeting->participants, find_participant(meeting, participant_id));
    return participant && participant->has_own_key ? &participant->keys : NULL;
}

const struct sotto_key_store_entry *sotto_meeting_current_key(const struct sotto_meeting *meeting,
                                                              struct sotto_bytes participant_id) {
    const struct sotto_key_store *keys = find_keys(meeting, participant_id);
    return keys ? sotto_key_store_current(keys) : NULL;
}

enum sotto_result sotto_meeting_ratchet(struct sotto_meeting *meeting,
                                        struct sotto_bytes participant_id) {
    const struct sotto_key_store_entry *entry = sotto_meeting_current_key(meeting, participant_id);
    if (!entry)
        return SOTTO_MISSING_KEY;
    struct sotto_room_secret next;
    enum sotto_result result = sotto_key_schedule_derive_next(&entry->secret, &next);
    if (result == SOTTO_OK)
        result = sotto_meeting_set_secret(meeting, participant_id, &next);
    sotto_wipe(&next, sizeof next);
    return result;
}

// Does it to one secret of the keys that an id names, and to the copies of shared ones.
static enum sotto_result change_key(struct sotto_meeting *meeting,
                                    struct sotto_bytes participant_id, uint32_t kid,
                                    bool (*change)(struct sotto_key_store *, uint32_t)) {
    bool was_here = false;
    if (participant_id.size == 0)
        was_here = change(&meeting->shared_keys, kid);
    for (size_t i = 0; i < meeting->participants.capacity; i++) {
        struct participant *participant = participant_at(meeting, i);
        if (!participant)
            continue;
        const bool is_meant = participant_id.size == 0
                                  ? !participant->has_own_key
                                  : participant->has_own_key &&
                                        is_id(&participant->id, participant_id);
        if (is_meant && change(&participant->keys, kid))
            was_here = true;
    }
    tell_streams(meeting);
    return was_here ? SOTTO_OK : SOTTO_MISSING_KEY;
}

enum sotto_result sotto_meeting_use_key(struct sotto_meeting *meeting,
                                        struct sotto_bytes participant_id, uint32_t kid) {
    return change_key(meeting, participant_id, kid, sotto_key_store_use);
}

enum sotto_result sotto_meeting_remove_key(struct sotto_meeting *meeting,
                                           struct sotto_bytes participant_id, uint32_t kid) {
    return change_key(meeting, participant_id, kid, sotto_key_store_remove);
}

static enum sotto_result prepare_stream(struct sotto_meeting *meeting,
                                        struct sotto_stream_name *name,
                                        struct sotto_bytes participant_id,
                                        struct sotto_bytes stream_id, enum sotto_kind kind) {
    if (meeting->room_id.size == 0)
        return SOTTO_NOT_READY;
    return sotto_stream_name_init(name, id_bytes(&meeting->room_id), participant_id, stream_id,
                                  kind)
               ? SOTTO_OK
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
        claim_participant(meeting, participant_id, participant_handle);
    if (result != SOTTO_OK)
        return result;
    *handle = sotto_pool_add(pool);
    if (*handle == 0) {
        release_participant(meeting, *participant_handle);
        return SOTTO_TOO_SMALL;
    }
    struct participant *participant =
        sotto_pool_find(&meeting->participants, *participant_handle);
    participant->stream_count++;
    return SOTTO_OK;
}

static const struct sotto_key_store *keys_of(const struct sotto_meeting *meeting,
                                             uint32_t participant) {
    return &((struct participant *)sotto_pool_find(&meeting->participants, participant))->keys;
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
                                   meeting->suite));
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
    struct participant *participant = sotto_pool_find(&meeting->participants, handle);
    participant->stream_count--;
    release_participant(meeting, handle);
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
    end_text_key(meeting);
    sotto_key_store_wipe(&meeting->shared_keys);
    sotto_wipe(&meeting->room_id, sizeof meeting->room_id);
    sotto_wipe(&meeting->text_key_participant_id, sizeof meeting->text_key_participant_id);
    meeting->polled_count = 0;
}
