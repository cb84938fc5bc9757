// Whether the time that AES and GHASH of wasm/ and the comparison of tags take depends on secrets,
// by statistics: each is timed with inputs of two classes in random order, and Welch's t says
// whether their means differ (the method of Reparaz, Balasch and Verbauwhede, "Dude, is my code
// constant time?", 2017). Whatever else runs on the machine disturbs both classes alike; and what
// looks like a leak counts as one if it shows again, and in the same direction, each time it is
// measured anew.
//   timing_test [PART]   the part that is expected to leak, for the planted leaks of leaky/
#include "core/equal.h"
#include "tests/check.h"
#include "wasm/aes.h"
#include "wasm/ghash.h"

#include <math.h>
#include <stdbool.h>
#include <time.h>

enum { SAMPLES_MAX = 30000, SAMPLES_MIN = SAMPLES_MAX / 10, RUN_COUNT = 3 };
enum { INPUT_SIZE = 80, REPEAT_COUNT = 8 };

// Welch's t of two classes without a difference is above this once in a million times. Noise comes
// in lumps, so in practice it is more often: hence the runs.
static const double t_max = 5;
// This far above it, more samples would tell nothing new.
static const double t_certain = 50;

// What is timed: run, after prepare has taken an input in. Inputs of the first class are one and
// the same, those of the second are not.
struct target {
    const char *part, *what;
    void (*fill)(uint8_t *input, bool is_second);
    void (*prepare)(const uint8_t *input);
    void (*run)(void);
};

static uint64_t random_state = 88172645463325252;

static uint64_t next_random(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

// For keys and data: zeros, or random bytes.
static void fill_bytes(uint8_t *input, bool is_second) {
    for (size_t i = 0; i < INPUT_SIZE; i++)
        input[i] = is_second ? (uint8_t)(next_random() >> 32) : 0;
}

// For the comparison with zeros: a difference at the start, or at the end of 16 bytes.
static void fill_difference(uint8_t *input, bool is_second) {
    memset(input, 0, INPUT_SIZE);
    input[is_second ? 15 : 0] = 1;
}

static uint8_t taken[INPUT_SIZE];
static struct sotto_aes aes;
static struct sotto_ghash_key ghash_key;
static volatile uint8_t sink;

static void take(const uint8_t *input) {
    memcpy(taken, input, sizeof taken);
}

static void take_aes_key(const uint8_t *input) {
    sotto_aes_init(&aes, input, 32);
}

static void take_ghash_key(const uint8_t *input) {
    take(input + SOTTO_GHASH_BLOCK_SIZE);
    sotto_ghash_key_init(&ghash_key, input);
}

static void make_round_keys(void) {
    sotto_aes_init(&aes, taken, 32);
}

static void write_keystream(void) {
    static const uint8_t nonce[SOTTO_AES_NONCE_SIZE] = {7};
    uint8_t keystream[SOTTO_AES_BATCH_SIZE];
    sotto_aes_write_keystream(&aes, nonce, 1, keystream);
    sink = keystream[0];
}

static void make_ghash_key(void) {
    sotto_ghash_key_init(&ghash_key, taken);
}

static void hash(void) {
    uint8_t digest[SOTTO_GHASH_BLOCK_SIZE];
    struct sotto_ghash ghash;
    sotto_ghash_init(&ghash, &ghash_key, 4);
    sotto_ghash_update(&ghash, taken, 4 * (size_t)SOTTO_GHASH_BLOCK_SIZE);
    sotto_ghash_finish(&ghash, digest);
    sink = digest[0];
}

static void compare(void) {
    static const uint8_t expected[16] = {0};
    for (int i = 0; i < REPEAT_COUNT; i++)
        sink = sotto_equal(taken, expected, sizeof expected);
}

static const struct target targets[] = {
    {"aes", "the round keys of AES", fill_bytes, take, make_round_keys},
    {"aes", "the keystream of AES", fill_bytes, take_aes_key, write_keystream},
    {"ghash", "the key of GHASH", fill_bytes, take, make_ghash_key},
    {"ghash", "GHASH", fill_bytes, take_ghash_key, hash},
    {"equal", "the comparison of tags", fill_difference, take, compare},
};

struct sample {
    double ns;
    bool is_second;
};

static uint8_t inputs[SAMPLES_MAX][INPUT_SIZE];
static struct sample samples[SAMPLES_MAX];

static double now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

// The inputs lie one behind the other, so that the caches know those of neither class better.
static void measure(const struct target *target, size_t count) {
    for (size_t i = 0; i < count; i++) {
        samples[i].is_second = next_random() >> 32 & 1;
        target->fill(inputs[i], samples[i].is_second);
    }
    for (size_t i = 0; i < count; i++) {
        target->prepare(inputs[i]);
        const double start = now_ns();
        target->run();
        samples[i].ns = now_ns() - start;
    }
}

static int compare_samples(const void *a, const void *b) {
    const double left = ((const struct sample *)a)->ns, right = ((const struct sample *)b)->ns;
    return (left > right) - (left < right);
}

// Welch's t of the `count` fastest samples; infinite if a class is not among them, the slower one.
static double welch_t(size_t count) {
    double number[2] = {0}, mean[2] = {0}, squares[2] = {0};
    for (size_t i = 0; i < count; i++) {
        const size_t class = samples[i].is_second;
        const double difference = samples[i].ns - mean[class];
        number[class]++;
        mean[class] += difference / number[class];
        squares[class] += difference * (samples[i].ns - mean[class]);
    }
    double variance = 0; // of the difference of the means
    if (number[0] < 2 || number[1] < 2)
        return number[0] < 2 ? -INFINITY : INFINITY;
    for (size_t class = 0; class < 2; class++)
        variance += squares[class] / (number[class] - 1) / number[class];
    const double difference = mean[1] - mean[0];
    return fabs(difference) > 0 ? difference / sqrt(variance) : 0;
}

// Of the samples the fastest ones: the rest tells of other programs.
static const size_t percents[] = {25, 50, 75, 90, 100};
enum { SHARE_COUNT = sizeof percents / sizeof *percents };

// A t for each of these shares, and whether one of them is beyond doubt.
static bool measure_ts(const struct target *target, size_t count, double ts[SHARE_COUNT]) {
    bool is_certain = false;
    measure(target, count);
    qsort(samples, count, sizeof *samples, compare_samples);
    for (size_t i = 0; i < SHARE_COUNT; i++) {
        ts[i] = welch_t(count * percents[i] / 100);
        is_certain |= fabs(ts[i]) > t_certain;
    }
    return is_certain;
}

// Whether one of the shares tells of a leak in every run.
static bool leaks(const struct target *target) {
    double first[SHARE_COUNT] = {0};
    bool tells[SHARE_COUNT] = {true, true, true, true, true};
    bool is_leak = true;
    printf("%s: t", target->what);
    for (int run = 0; run < RUN_COUNT && is_leak; run++) {
        double ts[SHARE_COUNT];
        if (!measure_ts(target, SAMPLES_MIN, ts))
            measure_ts(target, SAMPLES_MAX, ts);
        if (run == 0)
            memcpy(first, ts, sizeof first);
        is_leak = false;
        for (size_t i = 0; i < SHARE_COUNT; i++) {
            printf(" %.1f", ts[i]);
            tells[i] &= fabs(ts[i]) > t_max && ts[i] * first[i] > 0;
            is_leak |= tells[i];
        }
        printf(";");
    }
    printf("%s\n", is_leak ? " a leak" : "");
    return is_leak;
}

int main(int argc, char **argv) {
    bool is_as_expected = true;
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        const bool is_planted = argc > 1 && strcmp(argv[1], targets[i].part) == 0;
        const bool is_leak = leaks(&targets[i]);
        if (is_leak != is_planted)
            is_as_expected = false;
    }
    return is_as_expected ? 0 : 1;
}
