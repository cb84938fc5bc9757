#include "core/key_schedule.h"

#include "core/hkdf.h"
#include "core/memory.h"
#include "core/wipe.h"

// The two salts end in a zero byte before the room id.
#define TEXT_SALT "sotto/1 passphrase\0"
#define RAW_SALT "sotto/1 raw\0"

enum sotto_result sotto_key_schedule_init_text(struct sotto_pbkdf2 *pbkdf2,
                                               struct sotto_bytes text_key,
                                               struct sotto_bytes room_id) {
    if (text_key.size == 0 || !sotto_stream_name_is_id(room_id)) {
        *pbkdf2 = (struct sotto_pbkdf2){.result = SOTTO_INVALID};
        return SOTTO_INVALID;
    }
    struct sotto_bytes salt[] = {SOTTO_BYTES(TEXT_SALT), room_id};
    return sotto_pbkdf2_init(pbkdf2, text_key, salt, 2, SOTTO_TEXT_KEY_ROUNDS);
}

enum sotto_result sotto_key_schedule_derive_from_text(struct sotto_room_secret *secret,
                                                      struct sotto_bytes text_key,
                                                      struct sotto_bytes room_id) {
    struct sotto_pbkdf2 pbkdf2;
    // A failed init is remembered: finish repeats it and leaves zeros.
    if (sotto_key_schedule_init_text(&pbkdf2, text_key, room_id) == SOTTO_OK)
        (void)sotto_pbkdf2_step(&pbkdf2, SOTTO_TEXT_KEY_ROUNDS);
    enum sotto_result result = sotto_pbkdf2_finish(&pbkdf2, secret->bytes);
    sotto_pbkdf2_wipe(&pbkdf2);
    return result;
}

enum sotto_result sotto_key_schedule_derive_from_raw(struct sotto_room_secret *secret,
                                                     struct sotto_bytes raw_key,
                                                     struct sotto_bytes room_id) {
    if (raw_key.size < SOTTO_RAW_KEY_SIZE_MIN || !sotto_stream_name_is_id(room_id)) {
        sotto_wipe(secret, sizeof *secret);
        return SOTTO_INVALID;
    }
    uint8_t salt[sizeof RAW_SALT - 1 + SOTTO_ID_SIZE_MAX];
    memcpy(salt, RAW_SALT, sizeof RAW_SALT - 1);
    memcpy(salt + sizeof RAW_SALT - 1, room_id.data, room_id.size);
    struct sotto_bytes whole = {salt, sizeof RAW_SALT - 1 + room_id.size};
    return sotto_hkdf_extract(SOTTO_SHA256, whole, raw_key, secret->bytes);
}

bool sotto_key_schedule_read_secret(struct sotto_room_secret *secret, struct sotto_bytes bytes) {
    sotto_wipe(secret, sizeof *secret);
    if (bytes.size != sizeof secret->bytes)
        return false;
    memcpy(secret->bytes, bytes.data, sizeof secret->bytes);
    return true;
}

// HKDF-Expand(room secret, the pieces, size).
static enum sotto_result expand(const struct sotto_room_secret *secret,
                                const struct sotto_bytes *info, size_t info_count, uint8_t *output,
                                size_t size) {
    struct sotto_bytes key = {secret->bytes, sizeof secret->bytes};
    return sotto_hkdf_expand(SOTTO_SHA256, key, info, info_count, output, size);
}

static uint64_t read_number(const uint8_t *bytes, size_t size) {
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++)
        number = number << 8 | bytes[i];
    return number;
}

enum sotto_result sotto_key_schedule_derive_kid(const struct sotto_room_secret *secret,
                                                uint32_t *kid) {
    // The top bit makes the first byte of every SFrame start with a 1, which depacketizers of
    // H.264 and H.265 need.
    const uint32_t top_bit = UINT32_C(1) << 31;
    struct sotto_bytes label = SOTTO_BYTES("sotto/1 kid");
    uint8_t bytes[4];
    enum sotto_result result = expand(secret, &label, 1, bytes, sizeof bytes);
    *kid = result == SOTTO_OK ? (uint32_t)(read_number(bytes, sizeof bytes) | top_bit) : 0;
    return result;
}

enum sotto_result sotto_key_schedule_derive_stream_key(const struct sotto_room_secret *secret,
                                                       const struct sotto_stream_name *name,
                                                       uint8_t key[SOTTO_STREAM_KEY_SIZE]) {
    if (name->size == 0) {
        sotto_wipe(key, SOTTO_STREAM_KEY_SIZE);
        return SOTTO_INVALID;
    }
    struct sotto_bytes info[] = {SOTTO_BYTES("sotto/1 stream"), {name->bytes, name->size}};
    return expand(secret, info, 2, key, SOTTO_STREAM_KEY_SIZE);
}

enum sotto_result sotto_key_schedule_init_sframe_key(struct sotto_sframe_key *key,
                                                     enum sotto_suite suite, uint32_t kid,
                                                     const struct sotto_room_secret *secret,
                                                     const struct sotto_stream_name *name) {
    uint8_t base_key[SOTTO_STREAM_KEY_SIZE];
    *key = (struct sotto_sframe_key){0};
    enum sotto_result result = sotto_key_schedule_derive_stream_key(secret, name, base_key);
    if (result == SOTTO_OK)
        result = sotto_sframe_key_init(key, suite, kid,
                                       (struct sotto_bytes){base_key, sizeof base_key});
    sotto_wipe(base_key, sizeof base_key);
    return result;
}

enum sotto_result sotto_key_schedule_derive_next(const struct sotto_room_secret *secret,
                                                 struct sotto_room_secret *next) {
    struct sotto_bytes label = SOTTO_BYTES("sotto/1 ratchet");
    return expand(secret, &label, 1, next->bytes, sizeof next->bytes);
}

// From the last digit to the first; every fifth place is a space. The number modulo 10^12 is what
// its last twelve digits are.
void sotto_key_schedule_write_safety_code(uint64_t number, char code[SOTTO_SAFETY_CODE_SIZE]) {
    memset(code, 0, SOTTO_SAFETY_CODE_SIZE);
    for (size_t place = SOTTO_SAFETY_CODE_SIZE - 1; place-- > 0;) {
        if (place % 5 == 4) {
            code[place] = ' ';
            continue;
        }
        code[place] = (char)('0' + number % 10);
        number /= 10;
    }
}

enum sotto_result sotto_key_schedule_derive_safety_code(const struct sotto_room_secret *secret,
                                                        char code[SOTTO_SAFETY_CODE_SIZE]) {
    struct sotto_bytes label = SOTTO_BYTES("sotto/1 check");
    uint8_t bytes[5];
    enum sotto_result result = expand(secret, &label, 1, bytes, sizeof bytes);
    if (result == SOTTO_OK)
        sotto_key_schedule_write_safety_code(read_number(bytes, sizeof bytes), code);
    else
        memset(code, 0, SOTTO_SAFETY_CODE_SIZE);
    return result;
}

void sotto_key_schedule_wipe_secret(struct sotto_room_secret *secret) {
    sotto_wipe(secret, sizeof *secret);
}
