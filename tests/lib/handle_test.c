// Where the secrets of libsotto live and how they end: not in core dumps, not in the child of a
// fork, and zero when their memory goes back. Linked with the static library, so that this
// program's munmap takes the place of libc's.
#include "tests/lib/room.h"

#include <stdbool.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static size_t returned_count, dirty_count;

int munmap(void *memory, size_t size) {
    const uint8_t *bytes = memory;
    bool is_zero = true;
    for (size_t i = 0; i < size; i++)
        is_zero = is_zero && bytes[i] == 0;
    returned_count++;
    dirty_count += !is_zero;
    return (int)syscall(SYS_munmap, memory, size);
}

// Whether the kernel has both marks on the page of an address: dd, don't dump; wf, wipe on fork.
static bool is_marked(const void *address) {
    FILE *file = fopen("/proc/self/smaps", "r");
    CHECK(file);
    char line[512];
    bool is_ours = false, marked = false;
    while (fgets(line, sizeof line, file)) {
        unsigned long start, end;
        if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
            is_ours = (uintptr_t)address >= start && (uintptr_t)address < end;
        if (is_ours && strncmp(line, "VmFlags:", 8) == 0)
            marked = strstr(line, " dd") && strstr(line, " wf");
    }
    fclose(file);
    return marked;
}

TEST(handles_are_marked_and_returned_as_zeros) {
    struct sotto_keys *keys = make_keys(1);
    struct line line = make_line(keys);
    struct sotto_text_key *text_key =
        sotto_text_key_create(sotto_bytes_of_text("text"), sotto_bytes_of_text("room"));
    CHECK(sotto_text_key_step(text_key, 100) > 0);
    struct wire wire = seal(line.sealer, 1);
    CHECK_EQ(open_wire(line.opener, &wire), SOTTO_OK);
    CHECK(is_marked(keys));
    CHECK(is_marked(line.sealer));
    CHECK(is_marked(line.opener));
    CHECK(is_marked(text_key));
    CHECK(!is_marked(&wire));

    returned_count = 0;
    sotto_keys_destroy(keys);
    CHECK_EQ(returned_count, 0); // the streams still use them
    end_line(line);
    sotto_text_key_destroy(text_key);
    CHECK_EQ(returned_count, 4);
    CHECK_EQ(dirty_count, 0);
}

// In the child: nothing seals or opens, nothing crashes.
static void try_everything(struct sotto_keys *keys, struct line line, const struct wire *wire) {
    struct wire sealed;
    struct sotto_stream_event event;
    struct sotto_room_secret secret = make_secret(2);
    uint32_t kid;
    CHECK_EQ(seal_into(line.sealer, 1, &sealed), SOTTO_NOT_READY);
    CHECK_EQ(sealed.size, 0);
    CHECK_EQ(open_wire(line.opener, wire), SOTTO_NOT_READY);
    CHECK(sotto_frame_sealer_poll_event(line.sealer, 1, &event));
    CHECK_EQ(event.reason, SOTTO_NOT_READY);
    CHECK(sotto_frame_opener_poll_event(line.opener, 1, &event));
    CHECK_EQ(sotto_keys_set(keys, &secret, &kid), SOTTO_NOT_READY);
    CHECK_EQ(sotto_keys_add(keys, &secret, &kid), SOTTO_NOT_READY);
    CHECK_EQ(sotto_keys_use(keys, 1), SOTTO_NOT_READY);
    CHECK_EQ(sotto_keys_ratchet(keys, &kid), SOTTO_NOT_READY);
    CHECK_EQ(sotto_keys_remove(keys, 1), SOTTO_NOT_READY);
    CHECK_EQ(sotto_keys_export(keys, 1, &secret), SOTTO_NOT_READY);
    CHECK_EQ(sotto_keys_set_ratchet_window(keys, 1), SOTTO_NOT_READY);
    CHECK_EQ(sotto_keys_current(keys), 0);
    CHECK_EQ(sotto_keys_newest(keys), 0);
    CHECK_EQ(sotto_keys_list(keys, NULL, 0), 0);
    CHECK(!sotto_frame_sealer_create(keys, &(struct sotto_stream){0}, SUITE_4));
    struct sotto_live_streams streams = {0};
    struct sotto_data_author author = {.suite_min = SUITE_4};
    struct sotto_data_label label = {.type = sotto_bytes_of_text("chat")};
    struct sotto_bytes message = {wire->data, wire->size};
    uint8_t challenge[SOTTO_CHALLENGE_SIZE] = {0};
    size_t size;
    CHECK_EQ(sotto_frame_sealer_add_live(line.sealer, &streams), SOTTO_NOT_READY);
    CHECK(!sotto_frame_opener_handle_answer(line.opener, &streams));
    streams.count = 9;
    CHECK_EQ(sotto_keys_open_answer(keys, &author, challenge, message, &streams), SOTTO_NOT_READY);
    CHECK_EQ(streams.count, 0);
    CHECK_EQ(sotto_keys_open_data(keys, &author, &label, message, sealed.data, WIRE_CAPACITY, &size,
                                  NULL),
             SOTTO_NOT_READY);
    CHECK_EQ(sealed.data[0], 0);
    CHECK_EQ(sotto_keys_open_data(keys, &author, &label, message, NULL, 0, &size, NULL),
             SOTTO_NOT_READY);
    sotto_keys_destroy(keys);
    end_line(line);
}

TEST(a_child_of_fork_has_no_keys) {
    struct sotto_keys *keys = make_keys(1);
    struct line line = make_line(keys);
    struct wire wire = seal(line.sealer, 1);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        try_everything(keys, line, &wire);
        _exit(0);
    }
    int status;
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(status, 0);
    CHECK_EQ(open_wire(line.opener, &wire), SOTTO_OK); // here all goes on
    end_line(line);
    sotto_keys_destroy(keys);
}

static void try_sframe(struct sotto_sframe_sealer *sealer, struct sotto_sframe_opener *opener) {
    struct sotto_bytes nothing = {NULL, 0};
    uint8_t bytes[100];
    size_t size;
    CHECK_EQ(sotto_sframe_sealer_seal(sealer, nothing, nothing, bytes, sizeof bytes, &size),
             SOTTO_NOT_READY);
    CHECK_EQ(sotto_sframe_opener_open(opener, nothing, nothing, bytes, sizeof bytes, &size, NULL),
             SOTTO_NOT_READY);
    sotto_sframe_sealer_destroy(sealer);
    sotto_sframe_opener_destroy(opener);
}

TEST(sframe_handles_end_and_fork_as_the_others) {
    struct sotto_bytes base_key = sotto_bytes_of_text("base key");
    const enum sotto_suite suites[] = {SOTTO_AES_128_CTR_HMAC_SHA256_64, SUITE_5};
    for (size_t i = 0; i < 2; i++) {
        struct sotto_sframe_sealer *sealer = sotto_sframe_sealer_create(suites[i], 1, base_key, 0);
        struct sotto_sframe_opener *opener = sotto_sframe_opener_create(suites[i], 1, base_key);
        CHECK(is_marked(sealer) && is_marked(opener));
        pid_t child = fork();
        if (child == 0) {
            try_sframe(sealer, opener);
            _exit(0);
        }
        int status;
        CHECK_EQ(waitpid(child, &status, 0), child);
        CHECK_EQ(status, 0);
        returned_count = 0;
        sotto_sframe_sealer_destroy(sealer);
        sotto_sframe_opener_destroy(opener);
        CHECK_EQ(returned_count, 2);
        CHECK_EQ(dirty_count, 0);
    }
}

static void try_livekit(struct sotto_livekit_keys *keys, struct sotto_livekit_frame_sealer *sealer,
                        struct sotto_livekit_frame_opener *opener) {
    static const uint8_t bytes[100] = {1};
    struct sotto_bytes frame = {bytes, 50};
    struct sotto_livekit_frame_info info = {.codec = SOTTO_CODEC_OPUS};
    uint8_t out[200];
    size_t size, index;
    bool is_done;
    CHECK_EQ(sotto_livekit_keys_set(keys, 0, SOTTO_LIVEKIT_HKDF, frame, true), SOTTO_NOT_READY);
    CHECK_EQ(sotto_livekit_keys_work(keys, 1, &is_done), SOTTO_NOT_READY);
    CHECK_EQ(sotto_livekit_keys_ratchet(keys, 0), SOTTO_NOT_READY);
    CHECK_EQ(sotto_livekit_keys_use(keys, 0), SOTTO_NOT_READY);
    CHECK(!sotto_livekit_keys_poll_ratcheted(keys, &index));
    CHECK_EQ(sotto_livekit_frame_sealer_seal(sealer, &info, frame, out, sizeof out, &size),
             SOTTO_NOT_READY);
    CHECK_EQ(sotto_livekit_frame_opener_open(opener, SOTTO_CODEC_OPUS, false, frame, out,
                                             sizeof out, &size),
             SOTTO_NOT_READY);
    CHECK(!sotto_livekit_frame_sealer_create(keys, SOTTO_KIND_AUDIO));
    CHECK(!sotto_livekit_frame_opener_create(keys, SOTTO_KIND_AUDIO, -1));
    sotto_livekit_frame_sealer_destroy(sealer);
    sotto_livekit_frame_opener_destroy(opener);
    sotto_livekit_keys_destroy(keys);
}

TEST(livekit_handles_end_and_fork_as_the_others) {
    struct sotto_livekit_options options = {.key_size = 16, .ring_size = 1};
    struct sotto_livekit_keys *keys = sotto_livekit_keys_create(&options, NULL);
    struct sotto_livekit_frame_sealer *sealer =
        sotto_livekit_frame_sealer_create(keys, SOTTO_KIND_AUDIO);
    struct sotto_livekit_frame_opener *opener =
        sotto_livekit_frame_opener_create(keys, SOTTO_KIND_AUDIO, -1);
    CHECK_EQ(sotto_livekit_keys_set(keys, 0, SOTTO_LIVEKIT_HKDF, sotto_bytes_of_text("bytes"),
                                    true),
             SOTTO_OK);
    CHECK(is_marked(keys) && is_marked(sealer) && is_marked(opener));
    pid_t child = fork();
    if (child == 0) {
        try_livekit(keys, sealer, opener);
        _exit(0);
    }
    int status;
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(status, 0);
    returned_count = 0;
    sotto_livekit_keys_destroy(keys);
    CHECK_EQ(returned_count, 0);
    sotto_livekit_frame_sealer_destroy(sealer);
    sotto_livekit_frame_opener_destroy(opener);
    CHECK_EQ(returned_count, 4); // and the memory of the meeting
    CHECK_EQ(dirty_count, 0);
}

TEST(streams_are_not_made_with_keys_of_another_process) {
    struct sotto_keys *keys = make_keys(1);
    struct sotto_stream stream = alice();
    pid_t child = fork();
    if (child == 0) {
        CHECK(!sotto_frame_sealer_create(keys, &stream, SUITE_4));
        uint8_t stream_id[SOTTO_STREAM_ID_SIZE] = {1};
        stream.stream_id = (struct sotto_bytes){stream_id, sizeof stream_id};
        CHECK(!sotto_frame_opener_create(keys, &stream, SUITE_4, SOTTO_LIVENESS_NOT_NEEDED));
        _exit(0);
    }
    int status;
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(status, 0);
    sotto_keys_destroy(keys);
}

int main(void) {
    RUN(handles_are_marked_and_returned_as_zeros);
    RUN(a_child_of_fork_has_no_keys);
    RUN(sframe_handles_end_and_fork_as_the_others);
    RUN(livekit_handles_end_and_fork_as_the_others);
    RUN(streams_are_not_made_with_keys_of_another_process);
    return 0;
}
