#include "core/stream_name.h"

#include "tests/check.h"

static const uint8_t filler[SOTTO_ID_SIZE_MAX + 1] = {'x'};

static bool accepts(size_t room_size, size_t participant_size, size_t stream_id_size, int kind,
                    struct sotto_stream_name *name) {
    return sotto_stream_name_init(name, (struct sotto_bytes){filler, room_size},
                                  (struct sotto_bytes){filler, participant_size},
                                  (struct sotto_bytes){filler, stream_id_size},
                                  (enum sotto_kind)kind);
}

TEST(writes_each_part_behind_its_length_and_the_kind_last) {
    static const uint8_t expected[] = "\0\4room\0\3zo\xc3\0\20"
                                      "0123456789abcdef\3";
    struct sotto_stream_name name;
    CHECK(sotto_stream_name_init(&name, SOTTO_BYTES("room"), SOTTO_BYTES("zo\xc3"),
                                 SOTTO_BYTES("0123456789abcdef"), SOTTO_KIND_SHARE));
    CHECK_EQ(name.kind, SOTTO_KIND_SHARE);
    CHECK_EQ(name.size, sizeof expected - 1);
    CHECK_BYTES(name.bytes, expected, name.size);
}

TEST(takes_ids_of_1_to_255_bytes) {
    struct sotto_stream_name name;
    CHECK(accepts(1, 1, 16, SOTTO_KIND_AUDIO, &name));
    CHECK(accepts(255, 255, 16, SOTTO_KIND_DATA, &name));
    CHECK_EQ(name.size, SOTTO_STREAM_NAME_SIZE_MAX);
    CHECK(!accepts(0, 1, 16, SOTTO_KIND_AUDIO, &name));
    CHECK(!accepts(1, 0, 16, SOTTO_KIND_AUDIO, &name));
    CHECK(!accepts(256, 1, 16, SOTTO_KIND_AUDIO, &name));
    CHECK(!accepts(1, 256, 16, SOTTO_KIND_AUDIO, &name));
    CHECK_EQ(name.size, 0);
}

TEST(takes_stream_ids_of_16_bytes_only) {
    struct sotto_stream_name name;
    for (size_t size = 0; size < 40; size++)
        CHECK_EQ(accepts(4, 5, size, SOTTO_KIND_AUDIO, &name), size == 16);
}

TEST(gives_the_stream_id_back_whatever_stands_before_it) {
    for (size_t size = 1; size <= 255; size += 127) {
        uint8_t id[255], stream_id[SOTTO_STREAM_ID_SIZE];
        struct sotto_stream_name name;
        memset(id, 0x77, sizeof id);
        for (size_t i = 0; i < sizeof stream_id; i++)
            stream_id[i] = (uint8_t)(i + size);
        CHECK(sotto_stream_name_init(&name, (struct sotto_bytes){id, size},
                                     (struct sotto_bytes){id, 256 - size},
                                     (struct sotto_bytes){stream_id, sizeof stream_id},
                                     SOTTO_KIND_DATA));
        CHECK_BYTES(sotto_stream_name_stream_id(&name), stream_id, sizeof stream_id);
    }
}

TEST(takes_the_five_kinds_and_has_their_texts) {
    static const char *const texts[] = {"audio", "video", "share", "shareAudio", "data"};
    struct sotto_stream_name name;
    for (int kind = -1; kind < 300; kind++)
        CHECK_EQ(accepts(4, 5, 16, kind, &name), kind >= 1 && kind <= 5);
    for (int kind = 1; kind <= 5; kind++)
        CHECK_TEXT(sotto_kind_text((enum sotto_kind)kind), texts[kind - 1]);
    CHECK(!sotto_kind_text((enum sotto_kind)6));
}

int main(void) {
    RUN(writes_each_part_behind_its_length_and_the_kind_last);
    RUN(takes_ids_of_1_to_255_bytes);
    RUN(takes_stream_ids_of_16_bytes_only);
    RUN(gives_the_stream_id_back_whatever_stands_before_it);
    RUN(takes_the_five_kinds_and_has_their_texts);
    return 0;
}
