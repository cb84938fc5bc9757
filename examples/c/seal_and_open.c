// Alice seals a frame of her camera, Bob opens it. Compiles as C and as C++:
//   cc seal_and_open.c $(pkg-config --cflags --libs sotto) && ./a.out
#include <sotto/sotto.h>
#include <stdio.h>

static const enum sotto_suite suite = SOTTO_AES_128_GCM_SHA256_128;

int main(void) {
    // Both have the key from elsewhere: a link, a backend, a conversation. No server has it.
    struct sotto_bytes room = sotto_bytes_of_text("2kyv-gzay-64pg");
    struct sotto_bytes key = sotto_bytes_of_text("a spoken phrase");
    struct sotto_room_secret secret;
    enum sotto_result result = sotto_key_schedule_derive_from_text(&secret, key, room);
    struct sotto_keys *keys = sotto_keys_create();
    if (!keys || result != SOTTO_OK || sotto_keys_set(keys, &secret, NULL) != SOTTO_OK)
        return 1;
    sotto_key_schedule_wipe_secret(&secret);

    // Alice has a sealer for each track. She signals its stream id, by which Bob knows the stream.
    struct sotto_stream name = {room, sotto_bytes_of_text("alice"), {NULL, 0}, SOTTO_KIND_VIDEO};
    struct sotto_frame_sealer *sealer = sotto_frame_sealer_create(keys, &name, suite);
    uint8_t frame[1200] = {0x31}, wire[1300], opened[1300], stream_id[SOTTO_STREAM_ID_SIZE];
    struct sotto_bytes sent = {frame, sizeof frame}, received = {wire, 0};
    if (!sealer || sotto_frame_sealer_seal(sealer, SOTTO_CODEC_VP8, false, sent, wire, sizeof wire,
                                           &received.size) != SOTTO_OK)
        return 1;
    sotto_frame_sealer_stream_id(sealer, stream_id);

    // Bob has an opener for each track that he hears. In a call it waits for Alice's answer to his
    // challenge (sotto/liveness.h); else a server could play her call of yesterday.
    struct sotto_bytes id = {stream_id, sizeof stream_id};
    name.stream_id = id;
    struct sotto_frame_opener *opener =
        sotto_frame_opener_create(keys, &name, suite, SOTTO_LIVENESS_NOT_NEEDED);
    size_t size = 0;
    result = opener ? sotto_frame_opener_open(opener, received, opened, sizeof opened, &size)
                    : SOTTO_INTERNAL;
    printf("%zu bytes, sealed as %zu, opened as %zu: %s\n", sent.size, received.size, size,
           sotto_result_text(result));
    sotto_frame_opener_destroy(opener);
    sotto_frame_sealer_destroy(sealer);
    sotto_keys_destroy(keys);
    return result == SOTTO_OK ? 0 : 1;
}
