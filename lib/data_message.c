#include "sotto/data_message.h"

#include "core/data_message.h"
#include "core/memory.h"
#include "lib/data_author.h"
#include "lib/frame_sealer.h"

enum sotto_result sotto_frame_sealer_seal_data(struct sotto_frame_sealer *sealer,
                                               const struct sotto_data_label *label,
                                               struct sotto_bytes message, uint8_t *wire,
                                               size_t capacity, size_t *wire_size) {
    sotto_frame_sealer_follow_keys(sealer);
    return sotto_data_message_seal(&sealer->sealer, label, message, wire, capacity, wire_size);
}

enum sotto_result sotto_keys_open_data(struct sotto_keys *keys,
                                       const struct sotto_data_author *author,
                                       const struct sotto_data_label *label,
                                       struct sotto_bytes wire, uint8_t *message, size_t capacity,
                                       size_t *message_size, struct sotto_data_origin *origin) {
    struct sotto_data_origin unasked;
    if (!origin)
        origin = &unasked;
    *origin = (struct sotto_data_origin){0};
    *message_size = 0;
    if (!sotto_keys_lock(keys)) {
        sotto_blank_output(message, wire.size, capacity);
        return SOTTO_NOT_READY;
    }
    struct sotto_data_sender sender = sotto_data_author_sender(author, keys);
    enum sotto_result result =
        sotto_data_message_open(&sender, label, wire, message, capacity, message_size, origin);
    sotto_keys_unlock(keys);
    return result;
}
