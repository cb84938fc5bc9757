#include "sfu/h264_profile.h"

#include "tests/check.h"

struct row {
    const char *local; // NULL: no profile-level-id
    const char *remote;
    int asymmetry; // both allow it if 3, the local end alone if 1, the remote end alone if 2
    const char *agreed; // NULL: they do not match
};

// Profiles: RFC 6184, section 8.1, table 5. Levels: ITU-T H.264, table A-1.
static const struct row rows[] = {
    // the same profile under its other spellings
    {"42e01f", "42e01f", 3, "42e01f"},
    {"42c01f", "42e01f", 3, "42e01f"},
    {"42401f", "42f01f", 3, "42e01f"},
    {"4d801f", "42e01f", 3, "42e01f"},
    {"58c01f", "42e01f", 3, "42e01f"},
    {"58801f", "42001f", 3, "42001f"},
    {"4D401F", "4d001f", 3, "4d001f"},
    {"640c1f", "640c1f", 3, "640c1f"},
    {"64001f", "64001f", 3, "64001f"},
    {"f4001f", "f4001f", 3, "f4001f"},
    // different profiles: baseline is not constrained baseline
    {"42001f", "42e01f", 3, NULL},
    {"64001f", "640c1f", 3, NULL},
    {"4d001f", "42e01f", 3, NULL},
    {"58001f", "42e01f", 3, NULL}, // extended profile is in no row
    // levels: the local one if both allow asymmetry, otherwise the lower
    {"42e01f", "42e034", 3, "42e01f"},
    {"42e034", "42e01f", 3, "42e034"},
    {"42e034", "42e01f", 1, "42e01f"},
    {"42e034", "42e01f", 2, "42e01f"},
    {"42e034", "42e01f", 0, "42e01f"},
    {"42e01f", "42e034", 0, "42e01f"},
    // level 1b stands between 1 and 1.1
    {"42f00b", "42e00b", 0, "42f00b"},
    {"42e00b", "42f00b", 0, "42f00b"},
    {"42f00b", "42e00a", 0, "42e00a"},
    {"42100b", "42000b", 0, "42100b"},
    {"4d100b", "4d000b", 0, "4d100b"},
    // absent means 42e01f, and stays absent if both leave it out
    {NULL, NULL, 3, ""},
    {NULL, "42e034", 3, "42e01f"},
    {"42e034", NULL, 0, "42e01f"},
    {NULL, "42001f", 3, NULL},
    // not a profile-level-id
    {"42e0", "42e01f", 3, NULL},
    {"42e01f0", "42e01f", 3, NULL},
    {"42e01g", "42e01f", 3, NULL},
    {"42e01e", "42e01e", 0, "42e01e"},
    {"42e020", "42e020", 0, "42e020"},
    {"42e01b", "42e01f", 3, NULL}, // no such level
    {"000000", "000000", 3, NULL},
    {"", "42e01f", 3, NULL},
};

static struct sotto_rtp_codec make_codec(const char *profile_level_id, int asymmetry) {
    struct sotto_rtp_codec codec = {.mime_type = SOTTO_MIME_H264, .kind = SOTTO_MEDIA_VIDEO};
    if (profile_level_id)
        CHECK(sotto_rtp_parameters_set_text(&codec, "profile-level-id", profile_level_id));
    CHECK(sotto_rtp_parameters_set_number(&codec, "level-asymmetry-allowed", asymmetry ? 1 : 0));
    return codec;
}

TEST(ends_agree_on_profile_and_level) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sotto_rtp_codec local = make_codec(rows[i].local, rows[i].asymmetry & 1);
        struct sotto_rtp_codec remote = make_codec(rows[i].remote, rows[i].asymmetry & 2);
        char agreed[SOTTO_H264_PROFILE_LEVEL_ID_SIZE + 1];
        memset(agreed, 'x', sizeof agreed);
        bool matched = sotto_h264_profile_agree(&local, &remote, agreed);
        if (matched != (rows[i].agreed != NULL))
            fprintf(stderr, "row %zu: %s and %s\n", i, rows[i].local, rows[i].remote);
        CHECK_EQ(matched, rows[i].agreed != NULL);
        CHECK_TEXT(agreed, rows[i].agreed ? rows[i].agreed : "");
    }
}

TEST(a_number_is_no_profile_level_id) {
    struct sotto_rtp_codec local = make_codec(NULL, 0);
    struct sotto_rtp_codec remote = make_codec("42e01f", 0);
    char agreed[SOTTO_H264_PROFILE_LEVEL_ID_SIZE + 1];
    CHECK(sotto_rtp_parameters_set_number(&local, "profile-level-id", 420010));
    CHECK(!sotto_h264_profile_agree(&local, &remote, agreed));
}

int main(void) {
    RUN(ends_agree_on_profile_and_level);
    RUN(a_number_is_no_profile_level_id);
    return 0;
}
