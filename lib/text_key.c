#include "sotto/text_key.h"

#include "core/key_schedule.h"
#include "lib/handle.h"

struct sotto_text_key {
    struct sotto_pbkdf2 pbkdf2;
};

struct sotto_text_key *sotto_text_key_create(struct sotto_bytes text_key,
                                             struct sotto_bytes room_id) {
    struct sotto_text_key *created = sotto_handle_create(sizeof *created);
    if (!created)
        return NULL;
    if (sotto_key_schedule_init_text(&created->pbkdf2, text_key, room_id) == SOTTO_OK)
        return created;
    sotto_text_key_destroy(created);
    return NULL;
}

uint32_t sotto_text_key_step(struct sotto_text_key *text_key, uint32_t rounds_max) {
    struct sotto_pbkdf2 *pbkdf2 = &text_key->pbkdf2;
    return sotto_pbkdf2_step(pbkdf2, rounds_max) ? 0 : pbkdf2->rounds - pbkdf2->rounds_done;
}

enum sotto_result sotto_text_key_finish(const struct sotto_text_key *text_key,
                                        struct sotto_room_secret *secret) {
    return sotto_pbkdf2_finish(&text_key->pbkdf2, secret->bytes);
}

void sotto_text_key_destroy(struct sotto_text_key *text_key) {
    if (text_key)
        sotto_pbkdf2_wipe(&text_key->pbkdf2);
    sotto_handle_destroy(text_key, sizeof *text_key);
}
