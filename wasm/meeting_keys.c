#include "wasm/meeting_keys.h"

#include "core/memory.h"
#include "core/wipe.h"
#include "wasm/meeting_parts.h"

static void follow_shared_keys(const struct sotto_meeting *meeting,
                               struct sotto_meeting_participant *participant) {
    const uint64_t offset = participant->set_at_offset;
    struct sotto_key_store *keys = &participant->keys;
    *keys = meeting->shared_keys;
    for (size_t i = 0; i < SOTTO_ROOM_SECRETS_MAX; i++)
        if (keys->entries[i].kid != 0)
            keys->entries[i].set_at += offset;
    keys->newest_at += offset;
    keys->generation += offset;
}

// What happens to the shared keys happens to their copies, and streams that are silent or paused
// let go of keys whose secret is gone.
static void spread(struct sotto_meeting *meeting) {
    for (size_t i = 0; i < meeting->participants.capacity; i++) {
        struct sotto_meeting_participant *participant = sotto_meeting_participant_at(meeting, i);
        if (participant && !participant->has_own_key)
            follow_shared_keys(meeting, participant);
    }
    sotto_meeting_tell_streams(meeting);
}

enum sotto_result sotto_meeting_claim_participant(struct sotto_meeting *meeting,
                                                  struct sotto_bytes id, uint32_t *handle) {
    if (id.size == 0 || id.size > SOTTO_ID_SIZE_MAX)
        return SOTTO_INVALID;
    *handle = sotto_meeting_find_participant(meeting, id);
    if (*handle != 0)
        return SOTTO_OK;
    *handle = sotto_pool_add(&meeting->participants);
    if (*handle == 0)
        return SOTTO_TOO_SMALL;
    struct sotto_meeting_participant *participant =
        sotto_pool_find(&meeting->participants, *handle);
    (void)sotto_meeting_copy_id(&participant->id, id);
    follow_shared_keys(meeting, participant);
    return SOTTO_OK;
}

void sotto_meeting_release_participant(struct sotto_meeting *meeting, uint32_t handle) {
    const struct sotto_meeting_participant *participant =
        sotto_pool_find(&meeting->participants, handle);
    if (participant && participant->stream_count == 0 && !participant->has_own_key)
        (void)sotto_pool_remove(&meeting->participants, handle);
}

enum sotto_result sotto_meeting_keys_set_window(struct sotto_meeting *meeting, size_t steps) {
    if (!sotto_key_store_set_ratchet_window(&meeting->shared_keys, steps))
        return SOTTO_INVALID;
    for (size_t i = 0; i < meeting->participants.capacity; i++)
        if (sotto_meeting_participant_at(meeting, i))
            sotto_meeting_participant_at(meeting, i)->keys.ratchet_window = steps;
    return SOTTO_OK;
}

static enum sotto_result set_own(struct sotto_meeting *meeting, struct sotto_bytes id,
                                 const struct sotto_room_secret *secret) {
    uint32_t handle;
    const enum sotto_result result = sotto_meeting_claim_participant(meeting, id, &handle);
    if (result != SOTTO_OK)
        return result;
    struct sotto_meeting_participant *participant =
        sotto_pool_find(&meeting->participants, handle);
    if (!participant->has_own_key)
        sotto_key_store_wipe(&participant->keys);
    participant->has_own_key = true;
    return sotto_key_store_add(&participant->keys, secret);
}

enum sotto_result sotto_meeting_keys_set(struct sotto_meeting *meeting,
                                         struct sotto_bytes participant_id,
                                         const struct sotto_room_secret *secret) {
    if (meeting->room_id.size == 0)
        return SOTTO_NOT_READY;
    const enum sotto_result result = participant_id.size == 0
                                         ? sotto_key_store_add(&meeting->shared_keys, secret)
                                         : set_own(meeting, participant_id, secret);
    spread(meeting);
    return result;
}

static void end_text(struct sotto_meeting *meeting) {
    sotto_pbkdf2_wipe(&meeting->text_key);
    meeting->is_deriving = false;
}

enum sotto_result sotto_meeting_keys_begin_text(struct sotto_meeting *meeting,
                                                struct sotto_bytes participant_id,
                                                struct sotto_bytes text_key) {
    if (meeting->room_id.size == 0)
        return SOTTO_NOT_READY;
    end_text(meeting);
    if (!sotto_meeting_copy_id(&meeting->text_key_participant_id, participant_id))
        return SOTTO_INVALID;
    const enum sotto_result result = sotto_key_schedule_init_text(
        &meeting->text_key, text_key, sotto_meeting_id_bytes(&meeting->room_id));
    meeting->is_deriving = result == SOTTO_OK;
    return result;
}

enum sotto_result sotto_meeting_keys_step_text(struct sotto_meeting *meeting, uint32_t rounds_max,
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
        result = sotto_meeting_keys_set(
            meeting, sotto_meeting_id_bytes(&meeting->text_key_participant_id), &secret);
    sotto_wipe(&secret, sizeof secret);
    end_text(meeting);
    return result;
}

static struct sotto_key_store *find(struct sotto_meeting *meeting,
                                    struct sotto_bytes participant_id) {
    if (participant_id.size == 0)
        return &meeting->shared_keys;
    struct sotto_meeting_participant *participant = sotto_pool_find(
        &meeting->participants, sotto_meeting_find_participant(meeting, participant_id));
    return participant && participant->has_own_key ? &participant->keys : NULL;
}

const struct sotto_key_store *sotto_meeting_keys_find(const struct sotto_meeting *meeting,
                                                      struct sotto_bytes participant_id) {
    return find((struct sotto_meeting *)meeting, participant_id);
}

enum sotto_result sotto_meeting_keys_describe(const struct sotto_key_store *keys,
                                              const struct sotto_key_store_entry *entry,
                                              struct sotto_meeting_key *key) {
    char code[SOTTO_SAFETY_CODE_SIZE];
    const enum sotto_result result = sotto_key_schedule_derive_safety_code(&entry->secret, code);
    *key = (struct sotto_meeting_key){.kid = entry->kid};
    if (entry == sotto_key_store_current(keys))
        key->is |= SOTTO_KEY_SEALS;
    if (entry == sotto_key_store_newest(keys))
        key->is |= SOTTO_KEY_NEWEST;
    if (sotto_key_store_is_ahead(keys, entry))
        key->is |= SOTTO_KEY_AHEAD;
    memcpy(key->code, code, sizeof key->code);
    return result;
}

enum sotto_result sotto_meeting_keys_ratchet(struct sotto_meeting *meeting,
                                             struct sotto_bytes participant_id) {
    struct sotto_key_store *keys = find(meeting, participant_id);
    if (!keys)
        return SOTTO_MISSING_KEY;
    const enum sotto_result result = sotto_key_store_ratchet(keys);
    spread(meeting);
    return result;
}

enum sotto_result sotto_meeting_keys_use(struct sotto_meeting *meeting,
                                         struct sotto_bytes participant_id, uint32_t kid) {
    struct sotto_key_store *keys = find(meeting, participant_id);
    if (!keys || !sotto_key_store_use(keys, kid))
        return SOTTO_MISSING_KEY;
    spread(meeting);
    return SOTTO_OK;
}

static void follow_shared_keys_again(struct sotto_meeting *meeting, uint32_t handle) {
    struct sotto_meeting_participant *participant =
        sotto_pool_find(&meeting->participants, handle);
    participant->has_own_key = false;
    participant->set_at_offset = participant->keys.generation;
    follow_shared_keys(meeting, participant);
}

enum sotto_result sotto_meeting_keys_forget(struct sotto_meeting *meeting,
                                            struct sotto_bytes participant_id) {
    struct sotto_key_store *keys = find(meeting, participant_id);
    if (!keys)
        return SOTTO_MISSING_KEY;
    sotto_key_store_wipe(keys);
    const uint32_t handle = sotto_meeting_find_participant(meeting, participant_id);
    if (handle != 0)
        follow_shared_keys_again(meeting, handle);
    spread(meeting);
    sotto_meeting_release_participant(meeting, handle);
    return SOTTO_OK;
}

// 0 if no secret of the store was set then.
static uint32_t kid_set_at(const struct sotto_key_store *keys, uint64_t set_at) {
    for (size_t i = 0; i < SOTTO_ROOM_SECRETS_MAX; i++)
        if (keys->entries[i].kid != 0 && keys->entries[i].set_at == set_at)
            return keys->entries[i].kid;
    return 0;
}

bool sotto_meeting_keys_advance(struct sotto_meeting *meeting, uint32_t participant,
                                const struct sotto_opener *opener) {
    struct sotto_meeting_participant *sender =
        sotto_pool_find(&meeting->participants, participant);
    if (opener->newest_at <= sender->keys.newest_at)
        return false;
    struct sotto_key_store *keys = sender->has_own_key ? &sender->keys : &meeting->shared_keys;
    if (!sotto_key_store_advance(keys, kid_set_at(&sender->keys, opener->newest_at)))
        return false;
    spread(meeting);
    return true;
}

void sotto_meeting_keys_handle_timeout(struct sotto_meeting *meeting, uint64_t now_ms) {
    bool has_changed = sotto_key_store_handle_timeout(&meeting->shared_keys, now_ms);
    for (size_t i = 0; i < meeting->participants.capacity; i++) {
        struct sotto_meeting_participant *participant = sotto_meeting_participant_at(meeting, i);
        if (participant && participant->has_own_key &&
            sotto_key_store_handle_timeout(&participant->keys, now_ms))
            has_changed = true;
    }
    if (has_changed)
        spread(meeting);
}

void sotto_meeting_keys_wipe(struct sotto_meeting *meeting) {
    end_text(meeting);
    sotto_key_store_wipe(&meeting->shared_keys);
    meeting->shared_keys.ratchet_window = 0;
    sotto_wipe(&meeting->text_key_participant_id, sizeof meeting->text_key_participant_id);
}
