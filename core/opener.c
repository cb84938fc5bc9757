#include "core/opener.h"

#include "core/assert.h"
#include "core/key_schedule.h"
#include "core/layout.h"
#include "core/layout_h26x.h"
#include "core/memory.h"
#include "core/wipe.h"

bool sotto_opener_init(struct sotto_opener *opener, const struct sotto_key_store *key_store,
                       const struct sotto_stream_name *name, enum sotto_suite suite_min,
                       enum sotto_liveness_rule liveness) {
    *opener = (struct sotto_opener){0};
    if (name->size == 0 || !sotto_sframe_has_suite(suite_min))
        return false;
    opener->key_store = key_store;
    opener->name = *name;
    opener->suite_min = suite_min;
    opener->is_live = liveness == SOTTO_LIVENESS_NOT_NEEDED;
    opener->generation = key_store->generation;
    return true;
}

void sotto_opener_set_live(struct sotto_opener *opener, uint64_t counter_min) {
    if (opener->is_live)
        return;
    opener->is_live = true;
    opener->counter_min = counter_min;
}

static void drop_key(struct sotto_opener_key *key) {
    sotto_sframe_key_wipe(&key->key);
    *key = (struct sotto_opener_key){0};
}

static void drop_keys(struct sotto_opener *opener) {
    for (size_t i = 0; i < SOTTO_READY_KEYS_MAX; i++)
        if (opener->keys[i].key.kid != 0)
            drop_key(&opener->keys[i]);
}

void sotto_opener_handle_key_change(struct sotto_opener *opener) {
    if (!opener->key_store || opener->generation == opener->key_store->generation)
        return;
    drop_keys(opener);
    opener->generation = opener->key_store->generation;
}

// What ends for this stream is wiped here and not derived again, so frames need no look at it.
static void end_first_move(struct sotto_opener *opener) {
    opener->least_at = opener->moves[0].set_at;
    for (size_t i = 0; i < SOTTO_READY_KEYS_MAX; i++)
        if (opener->keys[i].key.kid != 0 && opener->keys[i].set_at < opener->least_at)
            drop_key(&opener->keys[i]);
    opener->move_count--;
    memmove(opener->moves, opener->moves + 1, opener->move_count * sizeof *opener->moves);
}

// Only a frame that opened moves a stream on: until then its key id is anybody's word.
static void note_move(struct sotto_opener *opener, uint64_t set_at) {
    if (set_at <= opener->newest_at)
        return;
    if (opener->move_count == SOTTO_MOVES_MAX)
        end_first_move(opener);
    opener->newest_at = set_at;
    opener->moves[opener->move_count++] = (struct sotto_opener_move){.set_at = set_at};
}

void sotto_opener_handle_timeout(struct sotto_opener *opener, uint64_t now_ms) {
    for (size_t i = 0; i < opener->move_count; i++)
        if (opener->moves[i].ends_ms == 0)
            opener->moves[i].ends_ms = now_ms + SOTTO_OLD_SECRET_STREAM_MS;
    while (opener->move_count > 0 && now_ms >= opener->moves[0].ends_ms)
        end_first_move(opener);
}

static enum sotto_result derive_key(struct sotto_opener *opener, struct sotto_opener_key *key,
                                    enum sotto_suite suite, uint32_t kid) {
    const struct sotto_room_secret *secret = sotto_key_store_find(opener->key_store, kid);
    const uint64_t set_at = sotto_key_store_set_at(opener->key_store, kid);
    if (!secret || set_at < opener->least_at)
        return SOTTO_MISSING_KEY;
    drop_key(key);
    key->set_at = set_at;
    return sotto_key_schedule_init_sframe_key(&key->key, suite, kid, secret, &opener->name);
}

// The ready key for a frame; derived if need be, in place of the one used longest ago.
static enum sotto_result find_key(struct sotto_opener *opener, const struct sotto_wire_frame *parts,
                                  struct sotto_opener_key **found) {
    uint64_t kid = parts->sframe.header.kid;
    struct sotto_opener_key *oldest = &opener->keys[0];
    for (size_t i = 0; i < SOTTO_READY_KEYS_MAX; i++) {
        struct sotto_opener_key *key = &opener->keys[i];
        if (key->key.kid == kid && key->key.suite == parts->suite) {
            *found = key;
            return SOTTO_OK;
        }
        if (key->used_at < oldest->used_at)
            oldest = key;
    }
    *found = oldest;
    return derive_key(opener, oldest, parts->suite, (uint32_t)kid);
}

static struct sotto_opener_window *find_window(struct sotto_opener *opener, uint64_t kid) {
    for (size_t i = 0; i < SOTTO_ROOM_SECRETS_MAX; i++)
        if (opener->windows[i].kid == kid)
            return &opener->windows[i];
    return NULL;
}

// A window for a KID that has none: a free one, or of those whose secret has left the store the one
// used longest ago. There are as many windows as secrets and this KID's secret is in the store, so
// if no window is free at least one is of a KID that is not. Of a window that is given away the
// highest counter stays: a sender's counters only rise, so whose window is gone, and comes back,
// has nothing new below it.
static struct sotto_opener_window *claim_window(struct sotto_opener *opener, uint64_t kid) {
    struct sotto_opener_window *chosen = NULL;
    for (size_t i = 0; i < SOTTO_ROOM_SECRETS_MAX; i++) {
        struct sotto_opener_window *window = &opener->windows[i];
        if (window->kid != 0 && sotto_key_store_find(opener->key_store, window->kid))
            continue;
        if (!chosen || window->used_at < chosen->used_at)
            chosen = window;
    }
    SOTTO_ASSERT(chosen);
    if (chosen->kid != 0 && chosen->window.next > opener->given_away)
        opener->given_away = chosen->window.next;
    *chosen = (struct sotto_opener_window){.kid = kid};
    sotto_replay_window_begin(&chosen->window, opener->given_away);
    return chosen;
}

// False if the counter came before or is too old to tell. Windows are claimed and moved only here,
// after the tag has verified.
static bool remember(struct sotto_opener *opener, struct sotto_opener_key *key, uint64_t counter) {
    if (!key->window)
        key->window = find_window(opener, key->key.kid);
    if (!key->window)
        key->window = claim_window(opener, key->key.kid);
    if (!sotto_replay_window_accepts(&key->window->window, counter))
        return false;
    key->window->used_at = opener->uses;
    sotto_replay_window_add(&key->window->window, counter);
    return true;
}

static enum sotto_result open_under(struct sotto_opener *opener, struct sotto_opener_key *key,
                                    struct sotto_wire_frame *parts, uint8_t *frame,
                                    size_t capacity, size_t *frame_size) {
    const uint64_t counter = parts->sframe.header.counter;
    const size_t kept_size = sotto_layout_kept_size(parts->layout, parts->front);
    if (kept_size > capacity || parts->sframe.ciphertext.size > capacity - kept_size)
        return SOTTO_TOO_SMALL;
    struct sotto_layout_h26x_rest rest;
    if (parts->escaped.size > 0)
        sotto_layout_h26x_unescape(parts, frame + kept_size, &rest);
    const struct sotto_bytes metadata[] = {
        sotto_layout_authenticated(parts->layout, parts->front), parts->mark};
    enum sotto_result result = sotto_sframe_open(&key->key, &parts->sframe, metadata, 2,
                                                 frame + kept_size, capacity - kept_size);
    if (result != SOTTO_OK)
        return result;
    // Only now: until its tag verified, the counter is anybody's word. A frame that was altered or
    // that is another stream's would pass for an old one or a replay, which nobody mends.
    if (counter < opener->counter_min)
        return SOTTO_NOT_LIVE;
    if (!remember(opener, key, counter))
        return SOTTO_REPLAYED;
    if (kept_size > 0)
        memcpy(frame, parts->front.data, kept_size);
    *frame_size = kept_size + parts->sframe.ciphertext.size;
    note_move(opener, key->set_at);
    return SOTTO_OK;
}

// Asked before any key is derived or used: frames of a stream that is not live cost next to
// nothing. Whose key is not here is told first, because that is what people can mend.
static enum sotto_result check_liveness(const struct sotto_opener *opener, uint64_t kid) {
    if (opener->is_live)
        return SOTTO_OK;
    return sotto_key_store_find(opener->key_store, kid) ? SOTTO_NOT_LIVE : SOTTO_MISSING_KEY;
}

static enum sotto_result parse_and_open(struct sotto_opener *opener,
                                        struct sotto_wire_frame *parts, struct sotto_bytes wire,
                                        uint8_t *frame, size_t capacity, size_t *frame_size) {
    parts->sframe.header.kid = 0;
    if (!opener->key_store)
        return SOTTO_NOT_READY;
    if (!sotto_layout_parse(parts, wire) || parts->suite < opener->suite_min)
        return SOTTO_NOT_SEALED;
    sotto_opener_handle_key_change(opener);
    struct sotto_opener_key *key;
    enum sotto_result result = check_liveness(opener, parts->sframe.header.kid);
    if (result == SOTTO_OK)
        result = find_key(opener, parts, &key);
    if (result != SOTTO_OK)
        return result;
    key->used_at = ++opener->uses;
    return open_under(opener, key, parts, frame, capacity, frame_size);
}

enum sotto_result sotto_opener_open(struct sotto_opener *opener, struct sotto_bytes wire,
                                    uint8_t *frame, size_t capacity, size_t *frame_size) {
    *frame_size = 0;
    if (wire.size == 0)
        return opener->key_store ? SOTTO_OK : SOTTO_NOT_READY;
    struct sotto_wire_frame parts; // zeroing it first would take as long as parsing
    enum sotto_result result = parse_and_open(opener, &parts, wire, frame, capacity, frame_size);
    sotto_stream_state_count(&opener->state, result, parts.sframe.header.kid);
    if (result != SOTTO_OK)
        sotto_blank_output(frame, wire.size, capacity);
    return result;
}

bool sotto_opener_poll_event(struct sotto_opener *opener, uint64_t now_ms,
                             struct sotto_stream_event *event) {
    return sotto_stream_state_poll_event(&opener->state, SOTTO_OPENING, opener->name.kind, now_ms,
                                         event);
}

void sotto_opener_wipe(struct sotto_opener *opener) {
    drop_keys(opener);
    sotto_wipe(opener, sizeof *opener);
}
