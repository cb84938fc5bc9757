// Whatever is done to a ring, each key of a place is the derivation of the one before it, as many
// steps ahead of the one that was set as steps were taken, and no place holds more than its window.
//   calls of 2 bytes: which, place
#include "fuzz/livekit_streams.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CALL_SET, CALL_RATCHET, CALL_ADVANCE, CALL_WORK, CALL_USE, CALL_END_PREVIOUS, CALL_COUNT };
enum { RING_SIZE = 4, WINDOW = 3, CALLS_MAX = 200 };

static struct sotto_livekit_ring ring;
static struct sotto_livekit_place places[RING_SIZE];
static const struct sotto_bytes salt = {(const uint8_t *)"salt", 4};

struct model {
    uint8_t number; // of the key that was set; 0: none
    size_t steps;   // taken or waiting
};

static struct sotto_livekit_key derive(const uint8_t *material, size_t size) {
    struct sotto_livekit_key key;
    SOTTO_ASSERT(sotto_livekit_key_derive_hkdf(&key, (struct sotto_bytes){material, size}, salt) ==
                 SOTTO_OK);
    return key;
}

static void check_place(const struct model *model, size_t index) {
    const struct sotto_livekit_place *place = sotto_livekit_ring_find(&ring, index);
    SOTTO_ASSERT((place != NULL) == (model->number != 0));
    if (!place)
        return;
    SOTTO_ASSERT(place->ready_count <= 1 + WINDOW && place->ratchets_due <= model->steps);
    struct sotto_livekit_key key = derive(&model->number, 1);
    for (size_t i = place->ratchets_due; i < model->steps; i++)
        key = derive(key.bytes, sizeof key.bytes);
    for (size_t i = 0; i < place->ready_count; i++) {
        SOTTO_ASSERT(memcmp(&place->keys[i], &key, sizeof key) == 0);
        key = derive(key.bytes, sizeof key.bytes);
    }
}

static void call(struct model *models, uint8_t which, uint8_t number) {
    const size_t index = number % RING_SIZE;
    struct model *model = &models[index];
    const struct sotto_livekit_place *place = sotto_livekit_ring_find(&ring, index);
    enum sotto_result result;
    switch (which % CALL_COUNT) {
    case CALL_SET:
        *model = (struct model){.number = (uint8_t)(number | 1)};
        SOTTO_ASSERT(sotto_livekit_ring_set_raw(&ring, index,
                                                (struct sotto_bytes){&model->number, 1},
                                                number & 16) == SOTTO_OK);
        break;
    case CALL_RATCHET:
        model->steps += sotto_livekit_ring_ratchet(&ring, index) == SOTTO_OK;
        break;
    case CALL_ADVANCE:
        if (place && place->ready_count > 1) {
            model->steps += place->ready_count - 1;
            sotto_livekit_ring_advance(&ring, index, place->ready_count - 1);
        }
        break;
    case CALL_WORK: (void)sotto_livekit_ring_work(&ring, 1, &result); break;
    case CALL_USE: SOTTO_ASSERT(sotto_livekit_ring_use(&ring, index) == (place != NULL)); break;
    case CALL_END_PREVIOUS: sotto_livekit_ring_end_previous(&ring); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct model models[RING_SIZE] = {{0}};
    const struct sotto_livekit_options options = {salt, 32, RING_SIZE, WINDOW};
    SOTTO_ASSERT(sotto_livekit_ring_init(&ring, &options, places));
    for (size_t i = 0; i + 2 <= size && i < 2 * (size_t)CALLS_MAX; i += 2) {
        call(models, data[i], data[i + 1]);
        for (size_t index = 0; index < RING_SIZE; index++)
            check_place(&models[index], index);
    }
    sotto_livekit_ring_wipe(&ring);
    return 0;
}
