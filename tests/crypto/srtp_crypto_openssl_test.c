#include "proto/srtp_crypto.h"

#include "core/wipe.h"
#include "proto/srtp.h"
#include "proto/srtp_key_derivation.h"
#include "tests/vectors.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <ucontext.h>
#include <unistd.h>

// Every allocation of the library goes through these, counted.
static size_t allocation_count;

static void *counted_malloc(size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    allocation_count++;
    return malloc(size);
}

static void *counted_realloc(void *memory, size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    allocation_count++;
    return realloc(memory, size);
}

static void counted_free(void *memory, const char *file, int line) {
    (void)file;
    (void)line;
    free(memory);
}

// One case of Wycheproof, both ways. True if it has sizes that SRTP uses.
static bool check_gcm_case(const json_t *test) {
    size_t key_size, nonce_size, aad_size, plain_size, cipher_size, tag_size;
    uint8_t *key = vectors_bytes(test, "key", &key_size);
    uint8_t *nonce = vectors_bytes(test, "iv", &nonce_size);
    uint8_t *aad = vectors_bytes(test, "aad", &aad_size);
    uint8_t *plain = vectors_bytes(test, "msg", &plain_size);
    uint8_t *cipher = vectors_bytes(test, "ct", &cipher_size);
    uint8_t *tag = vectors_bytes(test, "tag", &tag_size);
    bool ours = key_size != 24 && nonce_size == 12 && tag_size == 16;
    bool valid = strcmp(json_string_value(json_object_get(test, "result")), "valid") == 0;
    if (ours) {
        struct sotto_srtp_gcm gcm = {0};
        uint8_t made[SOTTO_SRTP_GCM_TAG_SIZE];
        uint8_t *data = malloc(plain_size ? plain_size : 1);
        memcpy(data, plain, plain_size);
        CHECK(sotto_srtp_gcm_init(&gcm, key, key_size));
        CHECK(sotto_srtp_gcm_seal(&gcm, nonce, aad, aad_size, data, plain_size, made));
        CHECK_EQ(memcmp(made, tag, sizeof made) == 0, valid);
        memcpy(data, cipher, cipher_size);
        CHECK_EQ(sotto_srtp_gcm_open(&gcm, nonce, aad, aad_size, data, cipher_size, tag), valid);
        for (size_t i = 0; i < cipher_size; i++)
            CHECK_EQ(data[i], valid ? plain[i] : 0);
        sotto_srtp_gcm_wipe(&gcm);
        free(data);
    }
    free(key);
    free(nonce);
    free(aad);
    free(plain);
    free(cipher);
    free(tag);
    return ours;
}

TEST(gcm_agrees_with_wycheproof) {
    json_t *root = vectors_load("wycheproof_aes_gcm.json");
    size_t count = 0;
    size_t i, j;
    json_t *group;
    json_t *test;
    json_array_foreach(json_object_get(root, "testGroups"), i, group)
        json_array_foreach(json_object_get(group, "tests"), j, test)
            count += check_gcm_case(test);
    CHECK_EQ(count, 133);
    json_decref(root);
}

static void check_hmac(uint8_t key_byte, const void *data, size_t size, const char *expected_hex) {
    uint8_t key[SOTTO_SRTP_HMAC_KEY_SIZE];
    memset(key, key_byte, sizeof key);
    size_t expected_size;
    uint8_t *expected = vectors_unhex(expected_hex, &expected_size);
    const uint8_t *bytes = data;
    // Wherever the data is cut in two, and however often the state was used, the code is the same.
    struct sotto_srtp_hmac hmac = {0};
    CHECK(sotto_srtp_hmac_init(&hmac, key));
    for (size_t cut = 0; cut <= size; cut++) {
        uint8_t mac[SOTTO_SRTP_HMAC_SIZE];
        CHECK(sotto_srtp_hmac_write(&hmac, bytes, cut, bytes + cut, size - cut, mac));
        CHECK_EQ(expected_size, sizeof mac);
        CHECK_BYTES(mac, expected, sizeof mac);
    }
    sotto_srtp_hmac_wipe(&hmac);
    free(expected);
}

TEST(hmac_sha1_agrees_with_rfc_2202) {
    uint8_t data[50];
    memset(data, 0xDD, sizeof data);
    check_hmac(0x0B, "Hi There", 8, "b617318655057264e28bc0b6fb378c8ef146be00");
    check_hmac(0xAA, data, sizeof data, "125d7342b9ac11cd91a39af48aa17b4f63f175d3");
    check_hmac(0x0C, "Test With Truncation", 20, "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04");
}

static const enum sotto_srtp_profile profiles[] = {SOTTO_SRTP_AEAD_AES_128_GCM,
                                                   SOTTO_SRTP_AEAD_AES_256_GCM,
                                                   SOTTO_SRTP_AES_CM_128_HMAC_SHA1_80};
enum { PROFILE_COUNT = 3, SLOTS = 4, SSRC = 9, ROOM = 256, PLAIN_SIZE = 200 };

static void make_secret(uint8_t secret[SOTTO_SRTP_KEY_SIZE_MAX]) {
    for (size_t i = 0; i < SOTTO_SRTP_KEY_SIZE_MAX; i++)
        secret[i] = (uint8_t)(i * 37 + 11);
}

static void begin(struct sotto_srtp *srtp, struct sotto_srtp_stream *slots,
                  enum sotto_srtp_direction direction, enum sotto_srtp_profile profile) {
    uint8_t secret[SOTTO_SRTP_KEY_SIZE_MAX];
    make_secret(secret);
    struct sotto_srtp_setup setup = {.direction = direction,
                                     .profile = profile,
                                     .master_key = secret,
                                     .master_key_size = sotto_srtp_key_size(profile),
                                     .master_salt = secret,
                                     .master_salt_size = sotto_srtp_salt_size(profile),
                                     .slots = slots,
                                     .slot_count = SLOTS};
    CHECK(sotto_srtp_init(srtp, &setup));
    CHECK(sotto_srtp_add_ssrc(srtp, SSRC));
}

// One RTP and one RTCP packet there and back, and a damaged one.
static void exchange(struct sotto_srtp *sender, struct sotto_srtp *receiver, uint16_t sequence) {
    uint8_t packet[ROOM] = {0x80, 0x60, (uint8_t)(sequence >> 8), (uint8_t)sequence};
    packet[11] = SSRC;
    size_t size;
    CHECK_EQ(sotto_srtp_protect(sender, packet, PLAIN_SIZE, ROOM, &size), SOTTO_SRTP_OK);
    uint8_t damaged[ROOM];
    memcpy(damaged, packet, size);
    damaged[50] ^= 1;
    size_t unused;
    CHECK_EQ(sotto_srtp_unprotect(receiver, damaged, size, &unused), SOTTO_SRTP_TAMPERED);
    CHECK_EQ(sotto_srtp_unprotect(receiver, packet, size, &size), SOTTO_SRTP_OK);
    memset(packet, 0, sizeof packet);
    packet[0] = 0x80;
    packet[1] = 201;
    CHECK_EQ(sotto_srtcp_protect(sender, packet, PLAIN_SIZE, ROOM, &size), SOTTO_SRTP_OK);
    CHECK_EQ(sotto_srtcp_unprotect(receiver, packet, size, &size), SOTTO_SRTP_OK);
}

TEST(nothing_is_allocated_per_packet_and_no_error_is_queued) {
    struct sotto_srtp_stream slots[2][SLOTS];
    static struct sotto_srtp sender;
    static struct sotto_srtp receiver;
    for (size_t p = 0; p < PROFILE_COUNT; p++) {
        size_t before = allocation_count;
        begin(&sender, slots[0], SOTTO_SRTP_SENDER, profiles[p]);
        begin(&receiver, slots[1], SOTTO_SRTP_RECEIVER, profiles[p]);
        CHECK(allocation_count > before); // the count sees the library's allocations
        before = allocation_count;
        for (uint16_t sequence = 0; sequence < 1000; sequence++)
            exchange(&sender, &receiver, sequence);
        CHECK_EQ(allocation_count - before, 0);
        CHECK_EQ(ERR_peek_error(), 0);
        sotto_srtp_wipe(&sender);
        sotto_srtp_wipe(&receiver);
    }
}

enum { NEEDLE_SIZE = 16, PAGE = 4096, STACK_SIZE = 1 << 18 };

static size_t count_in_page(const uint8_t *page, size_t size,
                            const uint8_t inverted[NEEDLE_SIZE]) {
    size_t found = 0;
    const uint8_t *end = page + size;
    while (end - page >= NEEDLE_SIZE) {
        page = memchr(page, inverted[0] ^ 0xFF, (size_t)(end - page) - (NEEDLE_SIZE - 1));
        if (!page)
            return found;
        size_t same = 1;
        while (same < NEEDLE_SIZE && (page[same] ^ inverted[same]) == 0xFF)
            same++;
        found += same == NEEDLE_SIZE;
        page++;
    }
    return found;
}

// How often the bytes stand in this process's writable memory, except where we look at them. The
// needle is kept inverted, so that it does not find itself.
static size_t count_in_memory(const uint8_t inverted[NEEDLE_SIZE]) {
    static _Alignas(PAGE) uint8_t pages[2 * PAGE]; // the page we look at and the start of the next
    FILE *maps = fopen("/proc/self/maps", "r");
    int memory = open("/proc/self/mem", O_RDONLY);
    CHECK(maps && memory >= 0);
    char line[512];
    size_t found = 0;
    while (fgets(line, sizeof line, maps)) {
        unsigned long start, end;
        char access[8];
        CHECK(sscanf(line, "%lx-%lx %7s", &start, &end, access) == 3);
        // Larger regions are the shadow of a sanitizer.
        if (access[1] != 'w' || end - start > 1ul << 26)
            continue;
        for (unsigned long at = start; at < end; at += PAGE) {
            bool own = at >= (uintptr_t)pages && at < (uintptr_t)pages + sizeof pages;
            ssize_t got = own ? 0 : pread(memory, pages, PAGE + NEEDLE_SIZE - 1, (off_t)at);
            if (got > 0)
                found += count_in_page(pages, (size_t)got, inverted);
        }
    }
    memset(pages, 0, sizeof pages);
    fclose(maps);
    close(memory);
    return found;
}

static void derive(uint8_t label, uint8_t *key, size_t size, enum sotto_srtp_profile profile) {
    uint8_t secret[SOTTO_SRTP_KEY_SIZE_MAX];
    make_secret(secret);
    CHECK(sotto_srtp_derive(secret, sotto_srtp_key_size(profile), secret,
                            sotto_srtp_salt_size(profile), (enum sotto_srtp_label)label, key,
                            size));
}

// What begin() leaves in memory, inverted: the encryption key with this label, and what HMAC keeps
// of the authentication key with the next.
static void invert_keys(uint8_t cipher_key[NEEDLE_SIZE], uint8_t hmac_key[NEEDLE_SIZE],
                        uint8_t label, enum sotto_srtp_profile profile) {
    uint8_t key[SOTTO_SRTP_HMAC_KEY_SIZE];
    derive(label, key, NEEDLE_SIZE, profile);
    for (size_t i = 0; i < NEEDLE_SIZE; i++)
        cipher_key[i] = key[i] ^ 0xFF;
    derive(label + 1, key, sizeof key, profile);
    struct sotto_srtp_hmac hmac;
    CHECK(sotto_srtp_hmac_init(&hmac, key));
    for (size_t i = 0; i < NEEDLE_SIZE; i++)
        hmac_key[i] = hmac.state[i] ^ 0xFF;
    sotto_srtp_hmac_wipe(&hmac);
    sotto_wipe(key, sizeof key);
}

TEST(no_session_key_stays_in_memory) {
    struct sotto_srtp_stream slots[2][SLOTS];
    static struct sotto_srtp sender;
    static struct sotto_srtp receiver;
    for (size_t p = 0; p < PROFILE_COUNT; p++) {
        uint8_t cipher_key[NEEDLE_SIZE];
        uint8_t hmac_key[NEEDLE_SIZE];
        bool has_hmac = profiles[p] == SOTTO_SRTP_AES_CM_128_HMAC_SHA1_80;
        invert_keys(cipher_key, hmac_key, SOTTO_SRTP_LABEL_RTP_ENCRYPTION, profiles[p]);
        CHECK_EQ(count_in_memory(cipher_key), 0);
        begin(&sender, slots[0], SOTTO_SRTP_SENDER, profiles[p]);
        begin(&receiver, slots[1], SOTTO_SRTP_RECEIVER, profiles[p]);
        // In use they are found, so the search works; once per direction, so no copy was left.
        CHECK_EQ(count_in_memory(cipher_key), 2);
        CHECK_EQ(count_in_memory(hmac_key), has_hmac ? 2 : 0);
        exchange(&sender, &receiver, 1);
        CHECK_EQ(count_in_memory(cipher_key), 2);
        sotto_srtp_wipe(&sender);
        sotto_srtp_wipe(&receiver);
        CHECK_EQ(count_in_memory(cipher_key), 0);
        CHECK_EQ(count_in_memory(hmac_key), 0);
    }
}

static struct sotto_srtp passing;
static struct sotto_srtp_stream passing_slots[SLOTS];
static enum sotto_srtp_profile passing_profile;

static void begin_passing(void) {
    begin(&passing, passing_slots, SOTTO_SRTP_SENDER, passing_profile);
}

// Runs on a stack of its own, which nothing overwrites before it is searched with all other memory.
// The keys of RTCP are derived last, over what those of RTP left.
TEST(no_session_key_stays_on_the_stack) {
    uint8_t *stack = calloc(1, STACK_SIZE);
    CHECK(stack);
    for (size_t p = 0; p < PROFILE_COUNT; p++) {
        uint8_t cipher_key[NEEDLE_SIZE];
        uint8_t hmac_key[NEEDLE_SIZE];
        invert_keys(cipher_key, hmac_key, SOTTO_SRTP_LABEL_RTCP_ENCRYPTION, profiles[p]);
        passing_profile = profiles[p];
        ucontext_t here;
        ucontext_t there;
        CHECK_EQ(getcontext(&there), 0);
        there.uc_stack.ss_sp = stack;
        there.uc_stack.ss_size = STACK_SIZE;
        there.uc_link = &here;
        makecontext(&there, begin_passing, 0);
        CHECK_EQ(swapcontext(&here, &there), 0);
        CHECK_EQ(count_in_memory(cipher_key), 1);
        sotto_srtp_wipe(&passing);
        CHECK_EQ(count_in_memory(cipher_key), 0);
        CHECK_EQ(count_in_memory(hmac_key), 0);
    }
    free(stack);
}

int main(void) {
    CHECK(CRYPTO_set_mem_functions(counted_malloc, counted_realloc, counted_free));
    RUN(gcm_agrees_with_wycheproof);
    RUN(hmac_sha1_agrees_with_rfc_2202);
    RUN(nothing_is_allocated_per_packet_and_no_error_is_queued);
    RUN(no_session_key_stays_in_memory);
    RUN(no_session_key_stays_on_the_stack);
    return 0;
}
