// Keys change in one thread while others seal and open: built with ThreadSanitizer, which sees a
// touch without order.
#include "tests/lib/room.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { STREAMS = 3, FRAMES = 4000, CHANGES = 300 };

static struct sotto_keys *keys;
static atomic_int running = STREAMS;

static void *run_stream(void *argument) {
    (void)argument;
    struct line line = make_line(keys);
    for (int i = 0; i < FRAMES; i++) {
        struct wire wire;
        CHECK_EQ(seal_into(line.sealer, (uint8_t)i, &wire), SOTTO_OK);
        // More than 16 changes between the two are rare, not impossible.
        enum sotto_result result = open_wire(line.opener, &wire);
        CHECK(result == SOTTO_OK || result == SOTTO_MISSING_KEY);
        struct sotto_stream_event event;
        (void)sotto_frame_opener_poll_event(line.opener, (uint64_t)i, &event);
        (void)sotto_frame_sealer_poll_event(line.sealer, (uint64_t)i, &event);
    }
    CHECK(sotto_frame_opener_count(line.opener, SOTTO_OK) > FRAMES / 2);
    end_line(line);
    atomic_fetch_sub(&running, 1);
    return NULL;
}

TEST(keys_change_while_streams_run) {
    keys = make_keys(0);
    pthread_t threads[STREAMS];
    for (int i = 0; i < STREAMS; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, run_stream, NULL), 0);
    for (uint32_t i = 1; i < CHANGES || atomic_load(&running) > 0; i++) {
        if (i % 4 == 0)
            CHECK_EQ(sotto_keys_ratchet(keys, NULL), SOTTO_OK);
        else
            set_secret(keys, i % 8);
        uint32_t kids[SOTTO_ROOM_SECRETS_MAX];
        CHECK(sotto_keys_list(keys, kids, SOTTO_ROOM_SECRETS_MAX) > 0);
    }
    for (int i = 0; i < STREAMS; i++)
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
    sotto_keys_destroy(keys);
}

int main(void) {
    RUN(keys_change_while_streams_run);
    return 0;
}
