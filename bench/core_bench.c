// What sealing and opening cost beside the bare library call they contain. Both run in turns in the
// same round, on the same sizes; the numbers are medians over many short rounds, one JSON object a
// line. The bare call sets the nonce, passes 15 bytes of additional data and handles the tag. H.264
// stands beside the same bytes sealed as VP8.
//
// It is built twice: with the core itself (core_line.h), and with libsotto (library_line.h), to see
// what handles, a shared library and keys that threads may share cost.
#include SOTTO_BENCH_LINE
#include "sotto/key_schedule.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS_MAX = 5001, FRAME_COUNT = 16, AAD_SIZE = 15, TAG_SIZE = 16, WIRE_EXTRA = 100 };

// Behind the ciphertext: the tag and the mark.
enum { BEHIND_SIZE = TAG_SIZE + 1 };

// The buffers are as large as the frames need, one behind the other, and each begins where a line
// of the cache does. The bare call reads and writes at the very places where our AEAD does, behind
// what stays in clear and the header: at 100 kB another place decides over 100 ns.
struct frame {
    uint8_t *clear;
    uint8_t *wire;
    uint8_t *opened;
    uint8_t *ciphertext; // of the bare call: where ours is in the wire
    size_t wire_size;
    uint8_t nonce[12];
    uint8_t tag[TAG_SIZE];
};

struct bench {
    const char *codec_name;
    enum sotto_codec codec;
    size_t size;
    size_t sealed_size; // without what stays in clear; as much the bare call gets
    size_t rounds;
    struct frame frames[FRAME_COUNT];
    uint8_t *memory; // of all frames
    struct line line;
    EVP_CIPHER_CTX *seal_context;
    EVP_CIPHER_CTX *open_context;
    uint64_t nonce;
};

static void require(bool condition, const char *what) {
    if (condition)
        return;
    fprintf(stderr, "core_bench: %s\n", what);
    exit(1);
}

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void seal_all(struct bench *bench) {
    for (size_t i = 0; i < FRAME_COUNT; i++) {
        struct frame *frame = &bench->frames[i];
        enum sotto_result result =
            line_seal(&bench->line, bench->codec, (struct sotto_bytes){frame->clear, bench->size},
                      frame->wire, bench->size + WIRE_EXTRA, &frame->wire_size);
        require(result == SOTTO_OK, "sealing failed");
    }
}

static void open_all(struct bench *bench) {
    for (size_t i = 0; i < FRAME_COUNT; i++) {
        struct frame *frame = &bench->frames[i];
        size_t opened_size;
        enum sotto_result result =
            line_open(&bench->line, (struct sotto_bytes){frame->wire, frame->wire_size},
                      frame->opened, bench->size, &opened_size);
        require(result == SOTTO_OK && opened_size == bench->size, "opening failed");
    }
}

static const uint8_t aad[AAD_SIZE];

static void seal_all_bare(struct bench *bench) {
    EVP_CIPHER_CTX *context = bench->seal_context;
    const size_t kept_size = bench->size - bench->sealed_size;
    for (size_t i = 0; i < FRAME_COUNT; i++) {
        struct frame *frame = &bench->frames[i];
        int size;
        bench->nonce++;
        memcpy(frame->nonce, &bench->nonce, sizeof bench->nonce);
        bool done = EVP_EncryptInit_ex(context, NULL, NULL, NULL, frame->nonce) == 1 &&
                    EVP_EncryptUpdate(context, NULL, &size, aad, AAD_SIZE) == 1 &&
                    EVP_EncryptUpdate(context, frame->ciphertext, &size, frame->clear + kept_size,
                                      (int)bench->sealed_size) == 1 &&
                    EVP_EncryptFinal_ex(context, frame->tag, &size) == 1 &&
                    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, frame->tag) == 1;
        require(done, "bare sealing failed");
    }
}

static void open_all_bare(struct bench *bench) {
    EVP_CIPHER_CTX *context = bench->open_context;
    const size_t kept_size = bench->size - bench->sealed_size;
    for (size_t i = 0; i < FRAME_COUNT; i++) {
        struct frame *frame = &bench->frames[i];
        int size;
        bool done = EVP_DecryptInit_ex(context, NULL, NULL, NULL, frame->nonce) == 1 &&
                    EVP_DecryptUpdate(context, NULL, &size, aad, AAD_SIZE) == 1 &&
                    EVP_DecryptUpdate(context, frame->opened + kept_size, &size, frame->ciphertext,
                                      (int)bench->sealed_size) == 1 &&
                    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, frame->tag) ==
                        1 &&
                    EVP_DecryptFinal_ex(context, frame->opened + kept_size + size, &size) == 1;
        require(done, "bare opening failed");
    }
}

// Nanoseconds per frame of one pass.
static double timed(struct bench *bench, void (*pass)(struct bench *)) {
    uint64_t start = now_ns();
    pass(bench);
    return (double)(now_ns() - start) / (double)FRAME_COUNT;
}

static int compare(const void *left, const void *right) {
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values, size_t count) {
    qsort(values, count, sizeof *values, compare);
    return values[count / 2];
}

static void report(const struct bench *bench, const char *direction, double *bare, double *sotto) {
    static double differences[ROUNDS_MAX];
    for (size_t i = 0; i < bench->rounds; i++)
        differences[i] = sotto[i] - bare[i];
    printf("{\"bench\": \"%s\", \"codec\": \"%s\", \"size\": %zu, \"bare_ns\": %.1f, "
           "\"sotto_ns\": %.1f, \"difference_ns\": %.1f}\n",
           direction, bench->codec_name, bench->size, median(bare, bench->rounds),
           median(sotto, bench->rounds), median(differences, bench->rounds));
}

static void report_beside_vp8(const struct bench *bench, const char *direction, double *vp8,
                              double *sotto) {
    static double ratios[ROUNDS_MAX];
    for (size_t i = 0; i < bench->rounds; i++)
        ratios[i] = sotto[i] / vp8[i];
    printf("{\"bench\": \"%s\", \"codec\": \"%s\", \"size\": %zu, \"vp8_ns\": %.1f, "
           "\"sotto_ns\": %.1f, \"ratio\": %.3f}\n",
           direction, bench->codec_name, bench->size, median(vp8, bench->rounds),
           median(sotto, bench->rounds), median(ratios, bench->rounds));
}

// Any bytes but zeros: bit 0 of the first makes a VP8 delta frame.
static void make_frames(struct bench *bench) {
    const size_t room = (bench->size + WIRE_EXTRA + 63) / 64 * 64;
    const size_t frame_size = 3 * room;
    bench->memory = aligned_alloc(64, FRAME_COUNT * frame_size);
    require(bench->memory != NULL, "no memory");
    for (size_t i = 0; i < FRAME_COUNT; i++) {
        uint8_t *memory = bench->memory + i * frame_size;
        struct frame *frame = &bench->frames[i];
        frame->clear = memory;
        frame->wire = frame->clear + room;
        frame->opened = frame->wire + room;
        memset(frame->clear, (int)(i | 1), bench->size);
    }
}

static struct sotto_bytes bytes_of(const char *text) {
    return (struct sotto_bytes){(const uint8_t *)text, strlen(text)};
}

static void set_up(struct bench *bench) {
    static const uint8_t raw_key[32] = {1, 2, 3};
    static const uint8_t stream_id[SOTTO_STREAM_ID_SIZE] = {4, 5, 6};
    struct sotto_room_secret secret;
    struct sotto_stream stream = {bytes_of("2kyv-gzay-64pg"), bytes_of("alice"),
                                  {stream_id, sizeof stream_id}, SOTTO_KIND_VIDEO};
    bool done = sotto_key_schedule_derive_from_raw(
                    &secret, (struct sotto_bytes){raw_key, sizeof raw_key}, stream.room_id) ==
                    SOTTO_OK &&
                line_set_up(&bench->line, &secret, &stream, SOTTO_AES_128_GCM_SHA256_128);
    require(done, "no stream");

    bench->seal_context = EVP_CIPHER_CTX_new();
    bench->open_context = EVP_CIPHER_CTX_new();
    done = bench->seal_context && bench->open_context &&
           EVP_EncryptInit_ex(bench->seal_context, EVP_aes_128_gcm(), NULL, raw_key, NULL) == 1 &&
           EVP_DecryptInit_ex(bench->open_context, EVP_aes_128_gcm(), NULL, raw_key, NULL) == 1;
    require(done, "no bare context");
    make_frames(bench);
}

static void tear_down(struct bench *bench) {
    line_tear_down(&bench->line);
    EVP_CIPHER_CTX_free(bench->seal_context);
    EVP_CIPHER_CTX_free(bench->open_context);
    free(bench->memory);
}

// Large frames take long, and their differences are small beside what they take.
static size_t rounds_of(size_t size) {
    return size > 12000 ? ROUNDS_MAX / 5 : ROUNDS_MAX;
}

static void measure_frames(const char *codec_name, enum sotto_codec codec, size_t size,
                           size_t sealed_size) {
    static double sealed[ROUNDS_MAX], sealed_bare[ROUNDS_MAX];
    static double opened[ROUNDS_MAX], opened_bare[ROUNDS_MAX];
    static struct bench bench;
    bench = (struct bench){.codec_name = codec_name,
                           .codec = codec,
                           .size = size,
                           .sealed_size = sealed_size,
                           .rounds = rounds_of(size)};
    set_up(&bench);
    seal_all(&bench);
    for (size_t i = 0; i < FRAME_COUNT; i++) {
        struct frame *frame = &bench.frames[i];
        frame->ciphertext = frame->wire + frame->wire_size - BEHIND_SIZE - sealed_size;
    }
    for (size_t i = 0; i < bench.rounds; i++) {
        sealed_bare[i] = timed(&bench, seal_all_bare);
        opened_bare[i] = timed(&bench, open_all_bare);
        sealed[i] = timed(&bench, seal_all);
        opened[i] = timed(&bench, open_all);
    }
    report(&bench, "seal", sealed_bare, sealed);
    report(&bench, "open", opened_bare, opened);
    tear_down(&bench);
}

// A slice as encoders write it, and the same bytes as a VP8 key frame.
static void measure_h264(size_t size) {
    static const uint8_t start[] = {0, 0, 0, 1, 0x41, 0x9a};
    static double sealed[ROUNDS_MAX], sealed_vp8[ROUNDS_MAX];
    static double opened[ROUNDS_MAX], opened_vp8[ROUNDS_MAX];
    static struct bench h264, vp8;
    h264 = (struct bench){.codec_name = "h264",
                          .codec = SOTTO_CODEC_H264,
                          .size = size,
                          .rounds = rounds_of(size)};
    vp8 = h264;
    vp8.codec = SOTTO_CODEC_VP8;
    set_up(&h264);
    set_up(&vp8);
    for (size_t i = 0; i < FRAME_COUNT; i++) {
        memcpy(h264.frames[i].clear, start, sizeof start);
        memcpy(vp8.frames[i].clear, start, sizeof start);
    }
    for (size_t i = 0; i < h264.rounds; i++) {
        sealed_vp8[i] = timed(&vp8, seal_all);
        sealed[i] = timed(&h264, seal_all);
        opened_vp8[i] = timed(&vp8, open_all);
        opened[i] = timed(&h264, open_all);
    }
    report_beside_vp8(&h264, "seal", sealed_vp8, sealed);
    report_beside_vp8(&h264, "open", opened_vp8, opened);
    tear_down(&h264);
    tear_down(&vp8);
}

static void measure_text_key(void) {
    struct sotto_room_secret secret;
    uint64_t start = now_ns();
    enum sotto_result result = sotto_key_schedule_derive_from_text(
        &secret, bytes_of("Secret_Key"), bytes_of("2kyv-gzay-64pg"));
    require(result == SOTTO_OK, "the text key was refused");
    printf("{\"bench\": \"text key\", \"rounds\": %d, \"ms\": %.1f}\n", SOTTO_TEXT_KEY_ROUNDS,
           (double)(now_ns() - start) / 1e6);
}

int main(void) {
    static const size_t sizes[] = {100, 1200, 12000, 100000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        measure_frames("opus", SOTTO_CODEC_OPUS, sizes[i], sizes[i]);
        measure_frames("vp8", SOTTO_CODEC_VP8, sizes[i], sizes[i] - 3);
    }
    measure_h264(12000);
    measure_h264(100000);
    measure_text_key();
    return 0;
}
