// What SRTP costs: CPU time per packet to protect and to unprotect, ours beside the bare primitives
// of OpenSSL and beside libsrtp2, in one run. One JSON object a line; times are medians in ns.
#include "proto/srtp.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <srtp2/srtp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 256, ROUNDS = 201, HEADER_SIZE = 12, ROOM = 1280, SSRC = 7, SLOTS = 4 };

static const struct {
    enum sotto_srtp_profile number;
    const char *name;
} profiles[] = {
    {SOTTO_SRTP_AEAD_AES_128_GCM, "AEAD_AES_128_GCM"},
    {SOTTO_SRTP_AEAD_AES_256_GCM, "AEAD_AES_256_GCM"},
    {SOTTO_SRTP_AES_CM_128_HMAC_SHA1_80, "AES_CM_128_HMAC_SHA1_80"},
};

static const size_t payload_sizes[] = {120, 1088};

static uint8_t packets[BATCH][ROOM];
static size_t sizes[BATCH];
static uint64_t next_sequence;
static const uint8_t master[SOTTO_SRTP_KEY_SIZE_MAX + SOTTO_SRTP_SALT_SIZE_MAX] = {3, 1, 4, 1, 5};

static void require(bool condition, const char *what) {
    if (condition)
        return;
    fprintf(stderr, "failed: %s\n", what);
    exit(1);
}

static uint64_t cpu_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int compare(const void *a, const void *b) {
    const uint64_t *left = a;
    const uint64_t *right = b;
    return (*left > *right) - (*left < *right);
}

static void make_batch(size_t payload_size) {
    for (size_t i = 0; i < BATCH; i++, next_sequence++) {
        memset(packets[i], (int)i, HEADER_SIZE + payload_size);
        packets[i][0] = 0x80;
        packets[i][1] = 96;
        packets[i][2] = (uint8_t)(next_sequence >> 8);
        packets[i][3] = (uint8_t)next_sequence;
        memcpy(packets[i] + 8, "\0\0\0\7", 4);
        sizes[i] = HEADER_SIZE + payload_size;
    }
}

// One way to protect and unprotect the packet with this number in the batch.
struct contender {
    const char *name;
    void (*protect)(size_t i);
    void (*unprotect)(size_t i);
};

static struct sotto_srtp ours[2];
static struct sotto_srtp_stream slots[2][SLOTS];

static void begin_ours(enum sotto_srtp_profile profile) {
    for (int i = 0; i < 2; i++) {
        const struct sotto_srtp_setup setup = {
            .direction = i == 0 ? SOTTO_SRTP_SENDER : SOTTO_SRTP_RECEIVER,
            .profile = profile,
            .master_key = master,
            .master_key_size = sotto_srtp_key_size(profile),
            .master_salt = master + sotto_srtp_key_size(profile),
            .master_salt_size = sotto_srtp_salt_size(profile),
            .slots = slots[i],
            .slot_count = SLOTS};
        require(sotto_srtp_init(&ours[i], &setup), "init");
        require(sotto_srtp_add_ssrc(&ours[i], SSRC), "add");
    }
}

static void protect_ours(size_t i) {
    require(sotto_srtp_protect(&ours[0], packets[i], sizes[i], ROOM, &sizes[i]) == SOTTO_SRTP_OK,
            "protect");
}

static void unprotect_ours(size_t i) {
    require(sotto_srtp_unprotect(&ours[1], packets[i], sizes[i], &sizes[i]) == SOTTO_SRTP_OK,
            "unprotect");
}

static srtp_t theirs[2];

static void begin_theirs(enum sotto_srtp_profile profile) {
    for (int i = 0; i < 2; i++) {
        srtp_policy_t policy;
        memset(&policy, 0, sizeof policy);
        if (profile == SOTTO_SRTP_AEAD_AES_128_GCM)
            srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
        else if (profile == SOTTO_SRTP_AEAD_AES_256_GCM)
            srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
        else
            srtp_crypto_policy_set_rtp_default(&policy.rtp);
        policy.rtcp = policy.rtp;
        policy.ssrc.type = i == 0 ? ssrc_any_outbound : ssrc_any_inbound;
        uint8_t secret[sizeof master];
        memcpy(secret, master, sizeof master);
        policy.key = secret;
        policy.window_size = 1024;
        require(srtp_create(&theirs[i], &policy) == srtp_err_status_ok, "srtp_create");
    }
}

static void protect_theirs(size_t i) {
    int size = (int)sizes[i];
    require(srtp_protect(theirs[0], packets[i], &size) == srtp_err_status_ok, "srtp_protect");
    sizes[i] = (size_t)size;
}

static void unprotect_theirs(size_t i) {
    int size = (int)sizes[i];
    require(srtp_unprotect(theirs[1], packets[i], &size) == srtp_err_status_ok, "srtp_unprotect");
    sizes[i] = (size_t)size;
}

// The primitives alone: a nonce that is the sequence number, no table, no window, no parsing.
static EVP_CIPHER_CTX *cipher;
static EVP_MAC_CTX *mac;
static bool aead;

static void begin_bare(enum sotto_srtp_profile profile) {
    aead = profile != SOTTO_SRTP_AES_CM_128_HMAC_SHA1_80;
    const EVP_CIPHER *kind = EVP_aes_128_ctr();
    if (profile == SOTTO_SRTP_AEAD_AES_128_GCM)
        kind = EVP_aes_128_gcm();
    if (profile == SOTTO_SRTP_AEAD_AES_256_GCM)
        kind = EVP_aes_256_gcm();
    cipher = EVP_CIPHER_CTX_new();
    require(EVP_EncryptInit_ex(cipher, kind, NULL, master, NULL) == 1, "cipher");
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    mac = EVP_MAC_CTX_new(hmac);
    EVP_MAC_free(hmac);
    char digest[] = "SHA1";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_END};
    require(EVP_MAC_init(mac, master, 20, parameters) == 1, "mac");
}

static void bare_tag(const uint8_t *packet, size_t size, uint8_t tag[20]) {
    static const uint8_t roll_over[4];
    size_t written;
    require(EVP_MAC_init(mac, NULL, 0, NULL) == 1 && EVP_MAC_update(mac, packet, size) == 1 &&
                EVP_MAC_update(mac, roll_over, 4) == 1 &&
                EVP_MAC_final(mac, tag, &written, 20) == 1,
            "mac");
}

static void protect_bare(size_t i) {
    uint8_t *packet = packets[i];
    uint8_t *payload = packet + HEADER_SIZE;
    int payload_size = (int)(sizes[i] - HEADER_SIZE);
    uint8_t nonce[16] = {packet[2], packet[3]};
    int written;
    require(EVP_EncryptInit_ex(cipher, NULL, NULL, NULL, nonce) == 1, "nonce");
    if (!aead) {
        uint8_t tag[20];
        require(EVP_EncryptUpdate(cipher, payload, &written, payload, payload_size) == 1, "ctr");
        bare_tag(packet, sizes[i], tag);
        memcpy(packet + sizes[i], tag, 10);
        sizes[i] += 10;
        return;
    }
    require(EVP_EncryptUpdate(cipher, NULL, &written, packet, HEADER_SIZE) == 1 &&
                EVP_EncryptUpdate(cipher, payload, &written, payload, payload_size) == 1 &&
                EVP_EncryptFinal_ex(cipher, payload + payload_size, &written) == 1 &&
                EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, 16, packet + sizes[i]) == 1,
            "gcm");
    sizes[i] += 16;
}

static void unprotect_bare(size_t i) {
    uint8_t *packet = packets[i];
    uint8_t *payload = packet + HEADER_SIZE;
    size_t size = sizes[i] - (aead ? 16 : 10);
    int payload_size = (int)(size - HEADER_SIZE);
    uint8_t nonce[16] = {packet[2], packet[3]};
    int written;
    if (!aead) {
        uint8_t tag[20];
        bare_tag(packet, size, tag);
        require(memcmp(tag, packet + size, 10) == 0, "tag");
        require(EVP_EncryptInit_ex(cipher, NULL, NULL, NULL, nonce) == 1 &&
                    EVP_EncryptUpdate(cipher, payload, &written, payload, payload_size) == 1,
                "ctr");
    } else {
        require(EVP_DecryptInit_ex(cipher, NULL, NULL, NULL, nonce) == 1 &&
                    EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, 16, packet + size) == 1 &&
                    EVP_DecryptUpdate(cipher, NULL, &written, packet, HEADER_SIZE) == 1 &&
                    EVP_DecryptUpdate(cipher, payload, &written, payload, payload_size) == 1 &&
                    EVP_DecryptFinal_ex(cipher, payload + payload_size, &written) == 1,
                "gcm");
    }
    sizes[i] = size;
}

static const struct contender contenders[] = {
    {"sotto", protect_ours, unprotect_ours},
    {"evp", protect_bare, unprotect_bare},
    {"libsrtp2", protect_theirs, unprotect_theirs},
};
enum { CONTENDERS = sizeof contenders / sizeof contenders[0] };

static uint64_t timed(void (*step)(size_t)) {
    uint64_t start = cpu_ns();
    for (size_t i = 0; i < BATCH; i++)
        step(i);
    return cpu_ns() - start;
}

static double median_ns(uint64_t *samples) {
    qsort(samples, ROUNDS, sizeof *samples, compare);
    return (double)samples[ROUNDS / 2] / (double)BATCH;
}

// The contenders take turns batch by batch, so that what else runs on the machine hits all alike.
static void measure(const char *profile, size_t payload_size) {
    static uint64_t samples[CONTENDERS][2][ROUNDS];
    uint64_t start = next_sequence;
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t c = 0; c < CONTENDERS; c++) {
            next_sequence = start + round * BATCH;
            make_batch(payload_size);
            samples[c][0][round] = timed(contenders[c].protect);
            samples[c][1][round] = timed(contenders[c].unprotect);
        }
    }
    for (size_t c = 0; c < CONTENDERS; c++)
        printf("{\"profile\":\"%s\",\"payload_size\":%zu,\"by\":\"%s\",\"protect_ns\":%.0f,"
               "\"unprotect_ns\":%.0f}\n",
               profile, payload_size, contenders[c].name, median_ns(samples[c][0]),
               median_ns(samples[c][1]));
}

int main(void) {
    require(srtp_init() == srtp_err_status_ok, "srtp_init");
    for (size_t p = 0; p < sizeof profiles / sizeof profiles[0]; p++) {
        next_sequence = 0;
        begin_ours(profiles[p].number);
        begin_theirs(profiles[p].number);
        begin_bare(profiles[p].number);
        for (size_t s = 0; s < sizeof payload_sizes / sizeof payload_sizes[0]; s++)
            measure(profiles[p].name, payload_sizes[s]);
        for (int i = 0; i < 2; i++) {
            sotto_srtp_wipe(&ours[i]);
            srtp_dealloc(theirs[i]);
        }
        EVP_CIPHER_CTX_free(cipher);
        EVP_MAC_CTX_free(mac);
    }
    srtp_shutdown();
    return 0;
}
