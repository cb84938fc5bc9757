#include "wasm/livekit_meeting.h"

#include "core/assert.h"
#include "core/memory.h"
#include "core/wipe.h"
#include "wasm/arena.h"

enum { RING_POOL = 1, SEALER_POOL, OPENER_POOL };

struct id {
    size_t size;
    uint8_t bytes[SOTTO_ID_SIZE_MAX];
};

// The keys of a participant with keys of its own; as many places as the ring has lie behind it.
struct ring_object {
    struct id id;
    struct sotto_livekit_ring ring;
    struct sotto_livekit_place places[];
};

struct sealer_object {
    struct id id;
    struct sotto_livekit_sealer sealer;
};

struct opener_object {
    struct id id;
    struct sotto_livekit_opener opener;
};

static bool copy_id(struct id *id, struct sotto_bytes bytes) {
    if (bytes.size == 0 || bytes.size > sizeof id->bytes)
        return false;
    id->size = bytes.size;
    memcpy(id->bytes, bytes.data, bytes.size);
    return true;
}

static bool is_id(const struct id *id, struct sotto_bytes bytes) {
    return id->size == bytes.size && memcmp(id->bytes, bytes.data, bytes.size) == 0;
}

static void *object_at(const struct sotto_pool *pool, size_t index) {
    return sotto_pool_find(pool, sotto_pool_handle_at(pool, index));
}

// Objects stay with their slots. Of rings larger than an earlier meeting's there are none yet.
static void init_pools(struct sotto_livekit_meeting *meeting, size_t ring_size) {
    const size_t ring_object_size =
        sizeof(struct ring_object) + ring_size * sizeof(struct sotto_livekit_place);
    if (ring_object_size > meeting->rings.object_size) {
        memset(meeting->ring_slots, 0, sizeof meeting->ring_slots);
        meeting->rings = (struct sotto_pool){RING_POOL, ring_object_size, SOTTO_PARTICIPANTS_MAX,
                                             meeting->ring_slots};
    }
    meeting->sealers = (struct sotto_pool){SEALER_POOL, sizeof(struct sealer_object),
                                           SOTTO_SEALERS_MAX, meeting->sealer_slots};
    meeting->openers = (struct sotto_pool){OPENER_POOL, sizeof(struct opener_object),
                                           SOTTO_OPENERS_MAX, meeting->opener_slots};
}

enum sotto_result sotto_livekit_meeting_init(struct sotto_livekit_meeting *meeting,
                                             const struct sotto_livekit_options *options,
                                             int failure_tolerance) {
    if (meeting->is_open)
        return SOTTO_INVALID;
    if (!meeting->replay)
        meeting->replay = sotto_arena_take(sizeof *meeting->replay);
    if (!meeting->replay)
        return SOTTO_TOO_SMALL;
    if (!sotto_livekit_ring_init(&meeting->shared, options, meeting->shared_places))
        return SOTTO_INVALID;
    init_pools(meeting, options->ring_size);
    meeting->failure_tolerance = failure_tolerance;
    meeting->is_open = true;
    return SOTTO_OK;
}

bool sotto_livekit_meeting_set_trailer(struct sotto_livekit_meeting *meeting,
                                       struct sotto_bytes trailer) {
    if (trailer.size > sizeof meeting->trailer)
        return false;
    meeting->trailer_size = trailer.size;
    if (trailer.size > 0)
        memcpy(meeting->trailer, trailer.data, trailer.size);
    for (size_t i = 0; i < meeting->openers.capacity; i++) {
        struct opener_object *object = object_at(&meeting->openers, i);
        if (object)
            SOTTO_ASSERT(sotto_livekit_opener_set_trailer(&object->opener, trailer));
    }
    return true;
}

static struct ring_object *find_own_ring(const struct sotto_livekit_meeting *meeting,
                                         struct sotto_bytes participant_id, uint32_t *handle) {
    for (size_t i = 0; i < meeting->rings.capacity; i++) {
        struct ring_object *object = object_at(&meeting->rings, i);
        if (!object || !is_id(&object->id, participant_id))
            continue;
        *handle = sotto_pool_handle_at(&meeting->rings, i);
        return object;
    }
    return NULL;
}

// The streams of a participant have this ring from now on.
static void give_ring(struct sotto_livekit_meeting *meeting, struct sotto_bytes participant_id,
                      struct sotto_livekit_ring *ring) {
    for (size_t i = 0; i < meeting->sealers.capacity; i++) {
        struct sealer_object *object = object_at(&meeting->sealers, i);
        if (object && is_id(&object->id, participant_id))
            object->sealer.ring = ring;
    }
    for (size_t i = 0; i < meeting->openers.capacity; i++) {
        struct opener_object *object = object_at(&meeting->openers, i);
        if (object && is_id(&object->id, participant_id))
            object->opener.ring = ring;
    }
}

static struct sotto_livekit_ring *create_ring(struct sotto_livekit_meeting *meeting,
                                              struct sotto_bytes participant_id) {
    const struct sotto_livekit_ring *shared = &meeting->shared;
    const struct sotto_livekit_options options = {
        {shared->salt, shared->salt_size}, shared->key_size, shared->size, shared->ratchet_window};
    if (participant_id.size > SOTTO_ID_SIZE_MAX)
        return NULL;
    struct ring_object *object =
        sotto_pool_find(&meeting->rings, sotto_pool_add(&meeting->rings));
    if (!object)
        return NULL;
    SOTTO_ASSERT(copy_id(&object->id, participant_id));
    SOTTO_ASSERT(sotto_livekit_ring_init(&object->ring, &options, object->places));
    give_ring(meeting, participant_id, &object->ring);
    return &object->ring;
}

struct sotto_livekit_ring *sotto_livekit_meeting_ring(struct sotto_livekit_meeting *meeting,
                                                      struct sotto_bytes participant_id,
                                                      bool creates) {
    uint32_t handle;
    if (!meeting->is_open)
        return NULL;
    if (participant_id.size == 0)
        return &meeting->shared;
    struct ring_object *object = find_own_ring(meeting, participant_id, &handle);
    if (object)
        return &object->ring;
    return creates ? create_ring(meeting, participant_id) : NULL;
}

enum sotto_result sotto_livekit_meeting_forget_keys(struct sotto_livekit_meeting *meeting,
                                                    struct sotto_bytes participant_id) {
    uint32_t handle;
    if (!meeting->is_open)
        return SOTTO_NOT_READY;
    if (participant_id.size == 0) {
        sotto_livekit_ring_clear(&meeting->shared);
    } else {
        struct ring_object *object = find_own_ring(meeting, participant_id, &handle);
        if (!object)
            return SOTTO_MISSING_KEY;
        give_ring(meeting, participant_id, &meeting->shared);
        sotto_livekit_ring_wipe(&object->ring);
        (void)sotto_pool_remove(&meeting->rings, handle);
    }
    sotto_livekit_meeting_handle_key_change(meeting);
    return SOTTO_OK;
}

// The shared ring first, then those of participants; NULL at the end.
static struct sotto_livekit_ring *ring_at(struct sotto_livekit_meeting *meeting, size_t index) {
    if (index == 0)
        return &meeting->shared;
    struct ring_object *object = object_at(&meeting->rings, index - 1);
    return object ? &object->ring : NULL;
}

static struct sotto_livekit_ring *
find_ring(struct sotto_livekit_meeting *meeting,
          bool (*is_wanted)(const struct sotto_livekit_ring *ring)) {
    for (size_t i = 0; i <= meeting->rings.capacity; i++) {
        struct sotto_livekit_ring *ring = ring_at(meeting, i);
        if (ring && is_wanted(ring))
            return ring;
    }
    return NULL;
}

bool sotto_livekit_meeting_work(struct sotto_livekit_meeting *meeting, uint32_t rounds_max,
                                enum sotto_result *result) {
    *result = SOTTO_OK;
    // The windows of one ring take seconds: what another one's owner waits for comes before them.
    struct sotto_livekit_ring *ring = find_ring(meeting, sotto_livekit_ring_is_awaited);
    if (!ring)
        ring = find_ring(meeting, sotto_livekit_ring_has_work);
    if (!ring)
        return true;
    // Whether there is more is found out by the next call.
    (void)sotto_livekit_ring_work(ring, rounds_max, result);
    sotto_livekit_meeting_handle_key_change(meeting);
    return *result != SOTTO_OK;
}

void sotto_livekit_meeting_end_previous(struct sotto_livekit_meeting *meeting) {
    for (size_t i = 0; i <= meeting->rings.capacity; i++)
        if (ring_at(meeting, i))
            sotto_livekit_ring_end_previous(ring_at(meeting, i));
    sotto_livekit_meeting_handle_key_change(meeting);
}

bool sotto_livekit_meeting_poll_ratcheted(struct sotto_livekit_meeting *meeting,
                                          struct sotto_bytes *participant_id, size_t *index) {
    *participant_id = (struct sotto_bytes){NULL, 0};
    if (sotto_livekit_ring_poll_ratcheted(&meeting->shared, index))
        return true;
    for (size_t i = 0; i < meeting->rings.capacity; i++) {
        struct ring_object *object = object_at(&meeting->rings, i);
        if (!object || !sotto_livekit_ring_poll_ratcheted(&object->ring, index))
            continue;
        *participant_id = (struct sotto_bytes){object->id.bytes, object->id.size};
        return true;
    }
    return false;
}

void sotto_livekit_meeting_handle_key_change(struct sotto_livekit_meeting *meeting) {
    for (size_t i = 0; i < meeting->sealers.capacity; i++) {
        struct sealer_object *object = object_at(&meeting->sealers, i);
        if (object)
            sotto_livekit_sealer_handle_key_change(&object->sealer);
    }
    for (size_t i = 0; i < meeting->openers.capacity; i++) {
        struct opener_object *object = object_at(&meeting->openers, i);
        if (object)
            sotto_livekit_opener_handle_key_change(&object->opener);
    }
}

static enum sotto_result check_stream(const struct sotto_livekit_meeting *meeting,
                                      struct sotto_bytes participant_id, enum sotto_kind kind) {
    if (!meeting->is_open)
        return SOTTO_NOT_READY;
    return sotto_stream_name_is_id(participant_id) && sotto_kind_text(kind) ? SOTTO_OK
                                                                            : SOTTO_INVALID;
}

static struct sotto_livekit_ring *ring_of(struct sotto_livekit_meeting *meeting,
                                          struct sotto_bytes participant_id) {
    struct sotto_livekit_ring *own = sotto_livekit_meeting_ring(meeting, participant_id, false);
    return own ? own : &meeting->shared;
}

enum sotto_result sotto_livekit_meeting_add_sealer(
    struct sotto_livekit_meeting *meeting, struct sotto_bytes participant_id,
    const uint16_t random[SOTTO_LIVEKIT_SEALER_SSRCS_MAX], enum sotto_kind kind,
    uint32_t *handle) {
    *handle = 0;
    const enum sotto_result result = check_stream(meeting, participant_id, kind);
    if (result != SOTTO_OK)
        return result;
    *handle = sotto_pool_add(&meeting->sealers);
    struct sealer_object *object = sotto_pool_find(&meeting->sealers, *handle);
    if (!object)
        return SOTTO_TOO_SMALL;
    SOTTO_ASSERT(copy_id(&object->id, participant_id));
    SOTTO_ASSERT(sotto_livekit_sealer_init(&object->sealer, ring_of(meeting, participant_id), kind,
                                           random));
    return SOTTO_OK;
}

enum sotto_result sotto_livekit_meeting_add_opener(struct sotto_livekit_meeting *meeting,
                                                   struct sotto_bytes participant_id,
                                                   enum sotto_kind kind, uint32_t *handle) {
    *handle = 0;
    const enum sotto_result result = check_stream(meeting, participant_id, kind);
    if (result != SOTTO_OK)
        return result;
    *handle = sotto_pool_add(&meeting->openers);
    struct opener_object *object = sotto_pool_find(&meeting->openers, *handle);
    if (!object)
        return SOTTO_TOO_SMALL;
    SOTTO_ASSERT(copy_id(&object->id, participant_id));
    SOTTO_ASSERT(sotto_livekit_opener_init(&object->opener, ring_of(meeting, participant_id),
                                           meeting->replay, kind, meeting->failure_tolerance));
    SOTTO_ASSERT(sotto_livekit_opener_set_trailer(
        &object->opener, (struct sotto_bytes){meeting->trailer, meeting->trailer_size}));
    return SOTTO_OK;
}

struct sotto_livekit_sealer *
sotto_livekit_meeting_sealer(const struct sotto_livekit_meeting *meeting, uint32_t handle) {
    struct sealer_object *object = sotto_pool_find(&meeting->sealers, handle);
    return object ? &object->sealer : NULL;
}

struct sotto_livekit_opener *
sotto_livekit_meeting_opener(const struct sotto_livekit_meeting *meeting, uint32_t handle) {
    struct opener_object *object = sotto_pool_find(&meeting->openers, handle);
    return object ? &object->opener : NULL;
}

bool sotto_livekit_meeting_remove_stream(struct sotto_livekit_meeting *meeting, uint32_t handle) {
    struct sotto_livekit_sealer *sealer = sotto_livekit_meeting_sealer(meeting, handle);
    struct sotto_livekit_opener *opener = sotto_livekit_meeting_opener(meeting, handle);
    if (sealer) {
        sotto_livekit_sealer_wipe(sealer);
        return sotto_pool_remove(&meeting->sealers, handle);
    }
    if (opener)
        sotto_livekit_opener_wipe(opener);
    return sotto_pool_remove(&meeting->openers, handle);
}

bool sotto_livekit_meeting_poll_event(struct sotto_livekit_meeting *meeting, uint64_t now_ms,
                                      uint32_t *handle, struct sotto_stream_event *event) {
    const size_t sealer_count = meeting->sealers.capacity;
    const size_t count = sealer_count + meeting->openers.capacity;
    while (meeting->polled_count < count) {
        const size_t i = meeting->polled_count++;
        *handle = i < sealer_count ? sotto_pool_handle_at(&meeting->sealers, i)
                                   : sotto_pool_handle_at(&meeting->openers, i - sealer_count);
        struct sotto_livekit_sealer *sealer = sotto_livekit_meeting_sealer(meeting, *handle);
        struct sotto_livekit_opener *opener = sotto_livekit_meeting_opener(meeting, *handle);
        if ((sealer && sotto_livekit_sealer_poll_event(sealer, now_ms, event)) ||
            (opener && sotto_livekit_opener_poll_event(opener, now_ms, event)))
            return true;
    }
    meeting->polled_count = 0;
    *handle = 0;
    return false;
}

void sotto_livekit_meeting_wipe(struct sotto_livekit_meeting *meeting) {
    for (size_t i = 0; i < meeting->sealers.capacity; i++)
        (void)sotto_livekit_meeting_remove_stream(meeting,
                                                  sotto_pool_handle_at(&meeting->sealers, i));
    for (size_t i = 0; i < meeting->openers.capacity; i++)
        (void)sotto_livekit_meeting_remove_stream(meeting,
                                                  sotto_pool_handle_at(&meeting->openers, i));
    for (size_t i = 0; i < meeting->rings.capacity; i++) {
        struct ring_object *object = object_at(&meeting->rings, i);
        if (!object)
            continue;
        sotto_livekit_ring_wipe(&object->ring);
        (void)sotto_pool_remove(&meeting->rings, sotto_pool_handle_at(&meeting->rings, i));
    }
    sotto_livekit_ring_wipe(&meeting->shared);
    if (meeting->replay)
        sotto_wipe(meeting->replay, sizeof *meeting->replay);
    sotto_wipe(meeting->trailer, sizeof meeting->trailer);
    meeting->trailer_size = 0;
    meeting->polled_count = 0;
    meeting->is_open = false;
}
