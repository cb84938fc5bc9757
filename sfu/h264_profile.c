#include "sfu/h264_profile.h"

#include "core/memory.h"
#include "sfu/label.h"

enum profile {
    CONSTRAINED_BASELINE,
    BASELINE,
    MAIN,
    CONSTRAINED_HIGH,
    HIGH,
    PREDICTIVE_HIGH_444,
};

// Levels in the order of what they demand: ten times level_idc, and 1b between 1 and 1.1.
enum {
    LEVEL_1B_RANK = 105,
    LEVEL_3_1_RANK = 310,
    LEVEL_1_1_IDC = 11,
    CONSTRAINT_SET3 = 0x10, // level_idc 11 is then level 1b (ITU-T H.264, section A.3.4.1)
};

struct profile_level {
    enum profile profile;
    unsigned level_rank;
};

// RFC 6184, section 8.1, table 5: `iop` counts where `iop_mask` has a bit.
struct profile_row {
    enum profile profile;
    uint8_t idc;
    uint8_t iop_mask;
    uint8_t iop;
};

static const struct profile_row profile_rows[] = {
    {CONSTRAINED_BASELINE, 0x42, 0x4F, 0x40},
    {CONSTRAINED_BASELINE, 0x4D, 0x8F, 0x80},
    {CONSTRAINED_BASELINE, 0x58, 0xCF, 0xC0},
    {BASELINE, 0x42, 0x4F, 0x00},
    {BASELINE, 0x58, 0xCF, 0x80},
    {MAIN, 0x4D, 0xAF, 0x00},
    {HIGH, 0x64, 0xFF, 0x00},
    {CONSTRAINED_HIGH, 0x64, 0xFF, 0x0C},
    {PREDICTIVE_HIGH_444, 0xF4, 0xFF, 0x00},
};

enum { PROFILE_ROW_COUNT = sizeof profile_rows / sizeof profile_rows[0] };

// Profile and constraint flags in their usual spelling.
static const uint16_t profile_spellings[] = {
    [CONSTRAINED_BASELINE] = 0x42E0, [BASELINE] = 0x4200, [MAIN] = 0x4D00,
    [CONSTRAINED_HIGH] = 0x640C,     [HIGH] = 0x6400,     [PREDICTIVE_HIGH_444] = 0xF400,
};

// ITU-T H.264, table A-1.
static const uint8_t level_idcs[] = {10, 11, 12, 13, 20, 21, 22, 30,
                                     31, 32, 40, 41, 42, 50, 51, 52};

enum { LEVEL_COUNT = sizeof level_idcs / sizeof level_idcs[0] };

static int hex_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool parse_hex(const char *text, unsigned *value) {
    *value = 0;
    if (sotto_label_size(text) != SOTTO_H264_PROFILE_LEVEL_ID_SIZE)
        return false;
    for (size_t i = 0; i < SOTTO_H264_PROFILE_LEVEL_ID_SIZE; i++) {
        int digit = hex_value(text[i]);
        if (digit < 0)
            return false;
        *value = *value << 4 | (unsigned)digit;
    }
    return true;
}

static bool find_profile(unsigned idc, unsigned iop, enum profile *profile) {
    for (size_t i = 0; i < PROFILE_ROW_COUNT; i++)
        if (profile_rows[i].idc == idc && (iop & profile_rows[i].iop_mask) == profile_rows[i].iop) {
            *profile = profile_rows[i].profile;
            return true;
        }
    return false;
}

static bool find_level(unsigned idc, unsigned iop, unsigned *rank) {
    bool is_1b = idc == LEVEL_1_1_IDC && (iop & CONSTRAINT_SET3) != 0;
    for (size_t i = 0; i < LEVEL_COUNT; i++)
        if (level_idcs[i] == idc) {
            *rank = is_1b ? LEVEL_1B_RANK : idc * 10;
            return true;
        }
    return false;
}

static bool parse(const struct sotto_rtp_codec *codec, struct profile_level *profile_level) {
    *profile_level =
        (struct profile_level){.profile = CONSTRAINED_BASELINE, .level_rank = LEVEL_3_1_RANK};
    const struct sotto_format_parameter *format =
        sotto_rtp_parameters_find_format(codec, "profile-level-id");
    if (!format)
        return true;
    unsigned value;
    if (!format->is_text || !parse_hex(format->text, &value))
        return false;
    unsigned iop = value >> 8 & 0xFF;
    return find_profile(value >> 16, iop, &profile_level->profile) &&
           find_level(value & 0xFF, iop, &profile_level->level_rank);
}

static void write(const struct profile_level *profile_level,
                  char text[SOTTO_H264_PROFILE_LEVEL_ID_SIZE + 1]) {
    unsigned value = (unsigned)profile_spellings[profile_level->profile] << 8;
    if (profile_level->level_rank == LEVEL_1B_RANK)
        value |= CONSTRAINT_SET3 << 8 | LEVEL_1_1_IDC;
    else
        value |= profile_level->level_rank / 10;
    for (size_t i = 0; i < SOTTO_H264_PROFILE_LEVEL_ID_SIZE; i++)
        text[i] = "0123456789abcdef"[value >> (20 - 4 * i) & 0xF];
    text[SOTTO_H264_PROFILE_LEVEL_ID_SIZE] = '\0';
}

static bool allows_asymmetry(const struct sotto_rtp_codec *codec) {
    int64_t number;
    return sotto_rtp_parameters_get_number(codec, "level-asymmetry-allowed", 0, &number) &&
           number == 1;
}

bool sotto_h264_profile_agree(const struct sotto_rtp_codec *local,
                              const struct sotto_rtp_codec *remote,
                              char profile_level_id[SOTTO_H264_PROFILE_LEVEL_ID_SIZE + 1]) {
    memset(profile_level_id, 0, SOTTO_H264_PROFILE_LEVEL_ID_SIZE + 1);
    struct profile_level local_level;
    struct profile_level remote_level;
    if (!parse(local, &local_level) || !parse(remote, &remote_level) ||
        local_level.profile != remote_level.profile)
        return false;
    if (!sotto_rtp_parameters_find_format(local, "profile-level-id") &&
        !sotto_rtp_parameters_find_format(remote, "profile-level-id"))
        return true;
    bool asymmetric = allows_asymmetry(local) && allows_asymmetry(remote);
    if (!asymmetric && remote_level.level_rank < local_level.level_rank)
        local_level.level_rank = remote_level.level_rank;
    write(&local_level, profile_level_id);
    return true;
}
