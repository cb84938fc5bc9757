#include "core/pbkdf2.h"

#include "core/memory.h"
#include "core/wipe.h"

enum sotto_result sotto_pbkdf2_init(struct sotto_pbkdf2 *pbkdf2, struct sotto_bytes password,
                                    const struct sotto_bytes *salt, size_t salt_count,
                                    uint32_t rounds) {
    static const uint8_t block_index[4] = {0, 0, 0, 1};
    *pbkdf2 = (struct sotto_pbkdf2){.result = SOTTO_INVALID};
    if (rounds == 0)
        return SOTTO_INVALID;

    enum sotto_result result =
        sotto_hmac_init(&pbkdf2->hmac, SOTTO_SHA256, password.data, password.size);
    if (result == SOTTO_OK) {
        for (size_t i = 0; i < salt_count; i++)
            sotto_hmac_update(&pbkdf2->hmac, salt[i].data, salt[i].size);
        sotto_hmac_update(&pbkdf2->hmac, block_index, sizeof block_index);
        result = sotto_hmac_finish(&pbkdf2->hmac, pbkdf2->last);
    }
    if (result != SOTTO_OK) {
        sotto_pbkdf2_wipe(pbkdf2);
        pbkdf2->result = result;
        return result;
    }
    memcpy(pbkdf2->key, pbkdf2->last, sizeof pbkdf2->key);
    pbkdf2->rounds = rounds;
    pbkdf2->rounds_done = 1;
    pbkdf2->result = SOTTO_OK;
    return SOTTO_OK;
}

static bool is_working(const struct sotto_pbkdf2 *pbkdf2) {
    return pbkdf2->result == SOTTO_OK && pbkdf2->rounds_done < pbkdf2->rounds;
}

static void do_round(struct sotto_pbkdf2 *pbkdf2) {
    sotto_hmac_update(&pbkdf2->hmac, pbkdf2->last, sizeof pbkdf2->last);
    pbkdf2->result = sotto_hmac_finish(&pbkdf2->hmac, pbkdf2->last);
    for (size_t i = 0; i < sizeof pbkdf2->key; i++)
        pbkdf2->key[i] ^= pbkdf2->last[i];
    pbkdf2->rounds_done++;
}

bool sotto_pbkdf2_step(struct sotto_pbkdf2 *pbkdf2, uint32_t rounds_max) {
    while (rounds_max-- > 0 && is_working(pbkdf2))
        do_round(pbkdf2);
    return !is_working(pbkdf2);
}

enum sotto_result sotto_pbkdf2_finish(const struct sotto_pbkdf2 *pbkdf2,
                                      uint8_t key[SOTTO_PBKDF2_KEY_SIZE]) {
    enum sotto_result result = pbkdf2->result;
    // A wiped one has no rounds: it must not pass for one whose key is zero.
    if (result == SOTTO_OK && (pbkdf2->rounds == 0 || is_working(pbkdf2)))
        result = SOTTO_NOT_READY;
    if (result == SOTTO_OK)
        memcpy(key, pbkdf2->key, SOTTO_PBKDF2_KEY_SIZE);
    else
        sotto_wipe(key, SOTTO_PBKDF2_KEY_SIZE);
    return result;
}

void sotto_pbkdf2_wipe(struct sotto_pbkdf2 *pbkdf2) {
    sotto_hmac_wipe(&pbkdf2->hmac);
    sotto_wipe(pbkdf2, sizeof *pbkdf2);
}

enum sotto_result sotto_pbkdf2_derive(struct sotto_bytes password, const struct sotto_bytes *salt,
                                      size_t salt_count, uint32_t rounds,
                                      uint8_t key[SOTTO_PBKDF2_KEY_SIZE]) {
    struct sotto_pbkdf2 pbkdf2;
    // A failed init is remembered: finish repeats it and leaves zeros.
    if (sotto_pbkdf2_init(&pbkdf2, password, salt, salt_count, rounds) == SOTTO_OK)
        (void)sotto_pbkdf2_step(&pbkdf2, rounds);
    enum sotto_result result = sotto_pbkdf2_finish(&pbkdf2, key);
    sotto_pbkdf2_wipe(&pbkdf2);
    return result;
}
