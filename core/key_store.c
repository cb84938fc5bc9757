#include "core/key_store.h"

#include "core/equal.h"
#include "core/wipe.h"

// The one that seals, the newest and those ahead of it never give way to one another.
_Static_assert(SOTTO_RATCHET_WINDOW_MAX + 2 < SOTTO_ROOM_SECRETS_MAX, "older ones have room");

void sotto_key_store_init(struct sotto_key_store *store) {
    *store = (struct sotto_key_store){0};
}

bool sotto_key_store_set_ratchet_window(struct sotto_key_store *store, size_t steps) {
    if (steps > SOTTO_RATCHET_WINDOW_MAX)
        return false;
    store->ratchet_window = steps;
    return true;
}

static size_t find(const struct sotto_key_store *store, uint64_t kid) {
    size_t i = 0;
    while (i < SOTTO_ROOM_SECRETS_MAX && (store->entries[i].kid != kid || kid == 0))
        i++;
    return i; // SOTTO_ROOM_SECRETS_MAX if it is not here
}

static const struct sotto_key_store_entry *entry_of(const struct sotto_key_store *store,
                                                    uint64_t kid) {
    const size_t i = find(store, kid);
    return i < SOTTO_ROOM_SECRETS_MAX ? &store->entries[i] : NULL;
}

// A free place, or that of the secret set longest ago.
static size_t choose_place(const struct sotto_key_store *store) {
    size_t oldest = SOTTO_ROOM_SECRETS_MAX;
    for (size_t i = 0; i < SOTTO_ROOM_SECRETS_MAX; i++) {
        const struct sotto_key_store_entry *entry = &store->entries[i];
        // A free place was never set, or was wiped: its `set_at` is 0.
        if (entry->kid != 0 && entry->kid == store->current_kid)
            continue;
        if (oldest == SOTTO_ROOM_SECRETS_MAX || entry->set_at < store->entries[oldest].set_at)
            oldest = i;
    }
    return oldest;
}

static bool has_secret(const struct sotto_key_store_entry *entry,
                       const struct sotto_room_secret *secret) {
    return sotto_equal(entry->secret.bytes, secret->bytes, sizeof secret->bytes);
}

// Newer than everything else, whether it was here or not. The secret goes straight from place to
// place: a temporary would need wiping.
static struct sotto_key_store_entry *put(struct sotto_key_store *store, uint32_t kid,
                                         const struct sotto_room_secret *secret) {
    size_t i = find(store, kid);
    if (i == SOTTO_ROOM_SECRETS_MAX) {
        i = choose_place(store);
        store->entries[i].secret = *secret;
        store->entries[i].is_kept = false;
    }
    struct sotto_key_store_entry *entry = &store->entries[i];
    entry->kid = kid;
    entry->has_ended = false;
    entry->set_at = ++store->generation;
    entry->ends_ms = 0;
    return entry;
}

bool sotto_key_store_is_ahead(const struct sotto_key_store *store,
                              const struct sotto_key_store_entry *entry) {
    return entry->set_at > store->newest_at;
}

static void drop(struct sotto_key_store *store, struct sotto_key_store_entry *entry) {
    if (store->current_kid == entry->kid)
        store->current_kid = 0;
    sotto_wipe(entry, sizeof *entry);
    store->generation++;
}

// But not the one that seals: that lies ahead once a secret before it is set again.
static void drop_ahead(struct sotto_key_store *store) {
    for (size_t i = 0; i < SOTTO_ROOM_SECRETS_MAX; i++) {
        struct sotto_key_store_entry *entry = &store->entries[i];
        if (sotto_key_store_is_ahead(store, entry) && entry->kid != store->current_kid)
            drop(store, entry);
    }
}

// Fills the window ahead of the newest secret. Steps that are there already stay as they are.
static void look_ahead(struct sotto_key_store *store) {
    struct sotto_room_secret step = sotto_key_store_newest(store)->secret;
    for (size_t i = 0; i < store->ratchet_window; i++) {
        uint32_t kid;
        if (sotto_key_schedule_derive_next(&step, &step) != SOTTO_OK ||
            sotto_key_schedule_derive_kid(&step, &kid) != SOTTO_OK)
            break;
        const struct sotto_key_store_entry *here = entry_of(store, kid);
        if (here && !has_secret(here, &step))
            break;
        if (!here || !sotto_key_store_is_ahead(store, here))
            (void)put(store, kid, &step);
    }
    sotto_wipe(&step, sizeof step);
}

enum sotto_result sotto_key_store_add(struct sotto_key_store *store,
                                      const struct sotto_room_secret *secret) {
    uint32_t kid;
    enum sotto_result result = sotto_key_schedule_derive_kid(secret, &kid);
    if (result != SOTTO_OK)
        return result;

    const struct sotto_key_store_entry *here = entry_of(store, kid);
    if (here && !has_secret(here, secret))
        return SOTTO_KID_TAKEN;
    const bool is_newest = here && here == sotto_key_store_newest(store);
    if (!is_newest && !sotto_key_store_advance(store, kid)) {
        drop_ahead(store);
        store->newest_at = put(store, kid, secret)->set_at;
        look_ahead(store);
    }
    if (store->current_kid == 0)
        sotto_key_store_use(store, kid);
    return SOTTO_OK;
}

enum sotto_result sotto_key_store_set_current(struct sotto_key_store *store,
                                              const struct sotto_room_secret *secret) {
    const enum sotto_result result = sotto_key_store_add(store, secret);
    if (result == SOTTO_OK)
        sotto_key_store_use(store, sotto_key_store_newest(store)->kid);
    return result;
}

enum sotto_result sotto_key_store_ratchet(struct sotto_key_store *store) {
    const struct sotto_key_store_entry *newest = sotto_key_store_newest(store);
    if (!newest)
        return SOTTO_MISSING_KEY;
    struct sotto_room_secret next;
    enum sotto_result result = sotto_key_schedule_derive_next(&newest->secret, &next);
    if (result == SOTTO_OK)
        result = sotto_key_store_add(store, &next);
    sotto_wipe(&next, sizeof next);
    return result;
}

bool sotto_key_store_advance(struct sotto_key_store *store, uint32_t kid) {
    const struct sotto_key_store_entry *entry = entry_of(store, kid);
    if (!entry || !sotto_key_store_is_ahead(store, entry))
        return false;
    store->newest_at = entry->set_at;
    store->generation++;
    look_ahead(store);
    return true;
}

bool sotto_key_store_use(struct sotto_key_store *store, uint32_t kid) {
    const struct sotto_key_store_entry *entry = entry_of(store, kid);
    if (!entry || entry->has_ended || sotto_key_store_is_ahead(store, entry))
        return false;
    if (store->current_kid != kid)
        store->generation++;
    store->current_kid = kid;
    return true;
}

const struct sotto_key_store_entry *sotto_key_store_current(const struct sotto_key_store *store) {
    return entry_of(store, store->current_kid);
}

const struct sotto_key_store_entry *sotto_key_store_newest(const struct sotto_key_store *store) {
    for (size_t i = 0; i < SOTTO_ROOM_SECRETS_MAX; i++)
        if (store->entries[i].kid != 0 && store->entries[i].set_at == store->newest_at)
            return &store->entries[i];
    return NULL;
}

const struct sotto_room_secret *sotto_key_store_find(const struct sotto_key_store *store,
                                                     uint64_t kid) {
    const struct sotto_key_store_entry *entry = entry_of(store, kid);
    return entry && !entry->has_ended ? &entry->secret : NULL;
}

const struct sotto_room_secret *sotto_key_store_find_stored(const struct sotto_key_store *store,
                                                            uint64_t kid) {
    const struct sotto_key_store_entry *entry = entry_of(store, kid);
    return entry ? &entry->secret : NULL;
}

uint64_t sotto_key_store_set_at(const struct sotto_key_store *store, uint64_t kid) {
    const struct sotto_key_store_entry *entry = entry_of(store, kid);
    return entry ? entry->set_at : 0;
}

bool sotto_key_store_keep(struct sotto_key_store *store, uint32_t kid) {
    const size_t i = find(store, kid);
    if (i == SOTTO_ROOM_SECRETS_MAX)
        return false;
    store->entries[i].is_kept = true;
    return true;
}

static void end_entry(struct sotto_key_store *store, struct sotto_key_store_entry *entry) {
    if (!entry->is_kept) {
        drop(store, entry);
        return;
    }
    entry->has_ended = true;
    if (store->current_kid == entry->kid)
        store->current_kid = 0;
    store->generation++;
}

bool sotto_key_store_handle_timeout(struct sotto_key_store *store, uint64_t now_ms) {
    const uint64_t generation = store->generation;
    for (size_t i = 0; i < SOTTO_ROOM_SECRETS_MAX; i++) {
        struct sotto_key_store_entry *entry = &store->entries[i];
        if (entry->kid == 0 || entry->has_ended || entry->set_at >= store->newest_at)
            continue;
        if (entry->ends_ms == 0)
            entry->ends_ms = now_ms + SOTTO_OLD_SECRET_MS;
        else if (now_ms >= entry->ends_ms)
            end_entry(store, entry);
    }
    return store->generation != generation;
}

bool sotto_key_store_remove(struct sotto_key_store *store, uint32_t kid) {
    const size_t i = find(store, kid);
    if (i == SOTTO_ROOM_SECRETS_MAX)
        return false;
    if (store->entries[i].set_at >= store->newest_at)
        drop_ahead(store);
    drop(store, &store->entries[i]);
    return true;
}

void sotto_key_store_wipe(struct sotto_key_store *store) {
    sotto_wipe(store->entries, sizeof store->entries);
    store->current_kid = 0;
    store->newest_at = 0;
    store->generation++;
}
