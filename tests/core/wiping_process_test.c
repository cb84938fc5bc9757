// Searches a whole process for keys: a child seals and opens, first with its keys at hand, then
// with all of them wiped, and its parent reads every page of its memory both times. The child
// learns the keys over a pipe and the parent derives the needles after the fork, so nothing but the
// work itself brings them into the child. Runs against each backend.
#include "core/aead.h"
#include "core/data_message.h"
#include "core/hkdf.h"
#include "core/wipe.h"
#include "tests/core/streams.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEY_SIZE = 32, TEXT_SIZE = 64, NEEDLE_SIZE = 16, NEEDLES_MAX = 400, FRAME_SIZE = 1200 };

struct keys {
    uint8_t raw[KEY_SIZE];
    uint8_t text[TEXT_SIZE];
};

static const struct sotto_bytes room = {(const uint8_t *)"2kyv-gzay-64pg", 14};
static const enum sotto_suite suites[] = {4, 5};
enum { SUITE_COUNT = sizeof suites / sizeof *suites };

// What the child holds. In the parent all of it stays zero.
static struct sotto_room_secret secret;
static struct sotto_key_store store;
static struct sotto_sealer sealers[SUITE_COUNT];
static struct sotto_opener openers[SUITE_COUNT];
static struct sotto_sealer data_sealer;

static void read_all(int from, void *data, size_t size) {
    for (size_t done = 0; done < size;) {
        const ssize_t count = read(from, (char *)data + done, size - done);
        CHECK(count > 0);
        done += (size_t)count;
    }
}

static void write_all(int to, const void *data, size_t size) {
    CHECK(write(to, data, size) == (ssize_t)size);
}

static void take_keys(int from) {
    struct keys keys;
    read_all(from, &keys, sizeof keys);
    const struct sotto_bytes text = {keys.text, sizeof keys.text}, raw = {keys.raw, KEY_SIZE};
    CHECK_EQ(sotto_key_schedule_derive_from_text(&secret, text, room), SOTTO_OK);
    CHECK_EQ(sotto_key_store_set_current(&store, &secret), SOTTO_OK);
    CHECK_EQ(sotto_key_schedule_derive_from_raw(&secret, raw, room), SOTTO_OK);
    CHECK_EQ(sotto_key_store_set_current(&store, &secret), SOTTO_OK);
    sotto_wipe(&keys, sizeof keys);
}

static struct sotto_stream_name data_stream(void) {
    return make_name("2kyv-gzay-64pg", "alice", 2, SOTTO_KIND_DATA);
}

static void init_streams(void) {
    const struct sotto_stream_name name = alice(), data_name = data_stream();
    CHECK(sotto_sealer_init(&data_sealer, &store, &data_name, SUITE_4));
    for (size_t i = 0; i < SUITE_COUNT; i++) {
        CHECK(sotto_sealer_init(&sealers[i], &store, &name, suites[i]));
        CHECK(sotto_opener_init(&openers[i], &store, &name, suites[i], SOTTO_LIVENESS_NOT_NEEDED));
    }
}

// The key of a data message lives for that message alone.
static void seal_and_open_data(void) {
    static uint8_t wire[FRAME_SIZE], opened[sizeof wire];
    const struct sotto_data_label label = {.type = SOTTO_BYTES("chat")};
    const struct sotto_data_sender sender = {&store, room, SOTTO_BYTES("alice"), SUITE_4};
    struct sotto_data_origin origin;
    size_t size, opened_size;
    CHECK_EQ(sotto_data_message_seal(&data_sealer, &label, SOTTO_BYTES("a message"), wire,
                                     sizeof wire, &size),
             SOTTO_OK);
    CHECK_EQ(sotto_data_message_open(&sender, &label, (struct sotto_bytes){wire, size}, opened,
                                     sizeof opened, &opened_size, &origin),
             SOTTO_OK);
}

static void seal_and_open(void) {
    static uint8_t frame[FRAME_SIZE], wire[FRAME_SIZE + SOTTO_OVERHEAD_MAX], opened[sizeof wire];
    for (size_t i = 0; i < SUITE_COUNT; i++) {
        size_t size, opened_size;
        CHECK_EQ(sotto_sealer_seal(&sealers[i], SOTTO_CODEC_VP8, true,
                                   (struct sotto_bytes){frame, sizeof frame}, wire, sizeof wire,
                                   &size),
                 SOTTO_OK);
        CHECK_EQ(sotto_opener_open(&openers[i], (struct sotto_bytes){wire, size}, opened,
                                   sizeof opened, &opened_size),
                 SOTTO_OK);
    }
    seal_and_open_data();
}

static void ratchet(void) {
    CHECK_EQ(sotto_key_schedule_derive_next(&secret, &secret), SOTTO_OK);
    CHECK_EQ(sotto_key_store_set_current(&store, &secret), SOTTO_OK);
}

static void wipe(void) {
    for (size_t i = 0; i < SUITE_COUNT; i++) {
        sotto_sealer_wipe(&sealers[i]);
        sotto_opener_wipe(&openers[i]);
    }
    sotto_sealer_wipe(&data_sealer);
    sotto_key_store_wipe(&store);
    sotto_wipe(&secret, sizeof secret);
}

// Says when it is ready to be looked at, and goes on when it has been.
static void show(int from, int to) {
    char byte = 0;
    write_all(to, &byte, 1);
    read_all(from, &byte, 1);
}

static void be_child(int from, int to) {
    take_keys(from);
    init_streams();
    seal_and_open();
    show(from, to);
    ratchet();
    seal_and_open();
    wipe();
    show(from, to);
    exit(0);
}

// What is searched for. Needles of one group are forms of one thing.
static struct needle {
    const char *group;
    uint8_t bytes[NEEDLE_SIZE];
} needles[NEEDLES_MAX];
static size_t needle_count;

static void look_for(const char *group, const void *bytes) {
    CHECK(needle_count < NEEDLES_MAX);
    needles[needle_count].group = group;
    memcpy(needles[needle_count++].bytes, bytes, NEEDLE_SIZE);
}

static uint8_t multiply(uint8_t a, uint8_t b) {
    uint8_t product = 0;
    for (; b; b >>= 1) {
        if (b & 1)
            product ^= a;
        a = (uint8_t)(a << 1 ^ (a >> 7) * 0x11b);
    }
    return product;
}

// FIPS 197, section 5.1.1: the inverse, which is the power 254, and an affine map of it.
static uint8_t substitute(uint8_t byte) {
    uint8_t inverse = 1, result = 0x63;
    for (int power = 0; power < 254; power++)
        inverse = multiply(inverse, byte);
    for (int i = 0; i < 5; i++)
        result ^= (uint8_t)(inverse << i | inverse >> (8 - i));
    return result;
}

struct schedule {
    size_t round_count;
    uint8_t words[60][4];
};

// FIPS 197, section 5.2.
static struct schedule expand_key(const uint8_t *key, size_t key_size) {
    const size_t key_words = key_size / 4;
    struct schedule schedule = {.round_count = key_words + 6};
    uint8_t constant = 1;
    memcpy(schedule.words, key, key_size);
    for (size_t i = key_words; i < 4 * (schedule.round_count + 1); i++) {
        const uint8_t *last = schedule.words[i - 1];
        const bool is_turned = i % key_words == 0;
        for (size_t row = 0; row < 4; row++) {
            uint8_t byte = last[is_turned ? (row + 1) % 4 : row];
            if (is_turned || (key_words == 8 && i % key_words == 4))
                byte = substitute(byte);
            schedule.words[i][row] = schedule.words[i - key_words][row] ^ byte;
        }
        if (is_turned) {
            schedule.words[i][0] ^= constant;
            constant = multiply(constant, 2);
        }
    }
    return schedule;
}

// FIPS 197, section 5.1, of the zero block: the key of GHASH.
static void encrypt_zero(const struct schedule *schedule, uint8_t h[NEEDLE_SIZE]) {
    uint8_t state[4][4];
    memcpy(state, schedule->words[0], sizeof state);
    for (size_t round = 1; round <= schedule->round_count; round++) {
        uint8_t shifted[4][4];
        for (size_t column = 0; column < 4; column++)
            for (size_t row = 0; row < 4; row++)
                shifted[column][row] = substitute(state[(column + row) % 4][row]);
        for (size_t column = 0; column < 4; column++) {
            const uint8_t *a = shifted[column];
            for (size_t row = 0; row < 4; row++) {
                uint8_t byte = a[row];
                if (round < schedule->round_count)
                    byte = multiply(byte, 2) ^ multiply(a[(row + 1) % 4], 3) ^ a[(row + 2) % 4] ^
                           a[(row + 3) % 4];
                state[column][row] = byte ^ schedule->words[4 * round + column][row];
            }
        }
    }
    memcpy(h, state, NEEDLE_SIZE);
}

// As wasm/aes.h keeps it, row by row: with SIMD in lanes of 8 bits; without, in lanes of 16, of
// which rows 0 and 1 are looked for.
static void look_for_lanes(const char *group, const uint8_t *round_key, bool is_first) {
    uint8_t narrow[NEEDLE_SIZE], wide[NEEDLE_SIZE] = {0};
    for (size_t i = 0; i < NEEDLE_SIZE; i++)
        narrow[i] = round_key[4 * (i % 4) + i / 4] ^ (is_first ? 0 : 0x63);
    for (size_t i = 0; i < NEEDLE_SIZE / 2; i++)
        wide[2 * i] = narrow[i];
    look_for(group, narrow);
    look_for(group, wide);
}

// As wasm/ghash.h keeps it. With SIMD: byte `index` of the products with each nibble, whose highest
// bit is the lowest power; without: the first word, bits reversed in each byte, in four parts.
// A table is left out that might be anyone's: of a byte with two bits, such as 00 01 02 … 0f.
static void look_for_tables(const char *group, const uint8_t h[NEEDLE_SIZE]) {
    for (size_t index = 1; index < NEEDLE_SIZE; index++) {
        if (__builtin_popcount(h[index - 1]) < 3 || __builtin_popcount(h[index]) < 3)
            continue;
        uint8_t table[NEEDLE_SIZE] = {0};
        for (unsigned nibble = 0; nibble < 16; nibble++)
            for (unsigned shift = 0; shift < 4; shift++)
                if (nibble & 8u >> shift)
                    table[nibble] ^= (uint8_t)((h[index - 1] << 8 | h[index]) >> shift);
        look_for(group, table);
    }
    uint8_t parts[2][8];
    for (size_t i = 0; i < 8; i++) {
        uint8_t reversed = 0;
        for (unsigned bit = 0; bit < 8; bit++)
            reversed |= (uint8_t)((h[i] >> bit & 1) << (7 - bit));
        parts[0][i] = reversed & 0x11;
        parts[1][i] = reversed & 0x22;
    }
    look_for(group, parts);
}

static void look_for_cipher_keys(const uint8_t *key, size_t key_size) {
    const struct schedule schedule = expand_key(key, key_size);
    for (size_t round = 0; round <= schedule.round_count; round++) {
        look_for("AES round keys", schedule.words[4 * round]);
        look_for_lanes("AES round keys", schedule.words[4 * round], round == 0);
    }
    uint8_t h[NEEDLE_SIZE], turned[NEEDLE_SIZE];
    encrypt_zero(&schedule, h);
    look_for("the GHASH key", h);
    for (size_t i = 0; i < NEEDLE_SIZE; i++)
        turned[i] = h[i / 8 * 8 + 7 - i % 8]; // two numbers of 64 bits
    look_for("the GHASH key", turned);
    look_for_tables("the GHASH key", h);
}

static void expand_label(enum sotto_hash hash, const uint8_t *prk, uint32_t kid,
                         enum sotto_suite suite, uint8_t *key, size_t key_size) {
    const uint8_t numbers[10] = {0, 0, 0, 0, (uint8_t)(kid >> 24), (uint8_t)(kid >> 16),
                                 (uint8_t)(kid >> 8), (uint8_t)kid, 0, (uint8_t)suite};
    const struct sotto_bytes info[] = {SOTTO_BYTES("SFrame 1.0 Secret key "),
                                       {numbers, sizeof numbers}};
    CHECK_EQ(sotto_hkdf_expand(hash, (struct sotto_bytes){prk, sotto_hash_size(hash)}, info, 2,
                               key, key_size),
             SOTTO_OK);
}

static void look_for_stream(struct sotto_room_secret from, const struct sotto_stream_name *name,
                            enum sotto_suite suite) {
    const enum sotto_hash hash = suite == SUITE_4 ? SOTTO_SHA256 : SOTTO_SHA512;
    const size_t key_size = suite == SUITE_4 ? 16 : 32;
    uint8_t stream_key[SOTTO_STREAM_KEY_SIZE], prk[SOTTO_HASH_SIZE_MAX], key[32];
    CHECK_EQ(sotto_key_schedule_derive_stream_key(&from, name, stream_key), SOTTO_OK);
    CHECK_EQ(sotto_hkdf_extract(hash, (struct sotto_bytes){NULL, 0},
                                (struct sotto_bytes){stream_key, sizeof stream_key}, prk),
             SOTTO_OK);
    expand_label(hash, prk, kid_of(from), suite, key, key_size);
    look_for("the stream key", stream_key);
    look_for("the SFrame secret", prk);
    look_for_cipher_keys(key, key_size);
}

static void look_for_streams(struct sotto_room_secret from) {
    const struct sotto_stream_name name = alice(), data_name = data_stream();
    look_for_stream(from, &name, SUITE_4);
    look_for_stream(from, &name, SUITE_5);
    look_for_stream(from, &data_name, SUITE_4);
}

// The keys that the child had at hand when it was last looked at.
static void look_for_all(const struct keys *keys) {
    struct sotto_room_secret from_text, from_raw;
    const struct sotto_bytes text = {keys->text, TEXT_SIZE}, raw = {keys->raw, KEY_SIZE};
    CHECK_EQ(sotto_key_schedule_derive_from_text(&from_text, text, room), SOTTO_OK);
    CHECK_EQ(sotto_key_schedule_derive_from_raw(&from_raw, raw, room), SOTTO_OK);
    look_for("the text key", keys->text);
    look_for("the raw key", keys->raw);
    look_for("room secrets", from_text.bytes);
    look_for("room secrets", from_raw.bytes);
    look_for_streams(from_raw);
    struct sotto_room_secret next;
    CHECK_EQ(sotto_key_schedule_derive_next(&from_raw, &next), SOTTO_OK);
    look_for("room secrets", next.bytes);
}

static void look_for_next(const struct keys *keys) {
    struct sotto_room_secret secret_now;
    const struct sotto_bytes raw = {keys->raw, KEY_SIZE};
    CHECK_EQ(sotto_key_schedule_derive_from_raw(&secret_now, raw, room), SOTTO_OK);
    CHECK_EQ(sotto_key_schedule_derive_next(&secret_now, &secret_now), SOTTO_OK);
    look_for_streams(secret_now);
}

// Needles found in a mapping, each counted.
static size_t found[NEEDLES_MAX];

static void search(const uint8_t *memory, size_t size) {
    for (size_t i = 0; i < needle_count; i++)
        if (memmem(memory, size, needles[i].bytes, NEEDLE_SIZE))
            found[i]++;
}

// Every page that the process can read, in one piece for each mapping. Returns bytes.
static size_t search_process(pid_t process) {
    char path[64], line[512];
    size_t total = 0;
    memset(found, 0, sizeof found);
    snprintf(path, sizeof path, "/proc/%d/maps", (int)process);
    FILE *maps = fopen(path, "r");
    snprintf(path, sizeof path, "/proc/%d/mem", (int)process);
    const int memory = open(path, O_RDONLY);
    CHECK(maps && memory >= 0);
    while (fgets(line, sizeof line, maps)) {
        unsigned long long from, to;
        char rights[8];
        CHECK(sscanf(line, "%llx-%llx %7s", &from, &to, rights) == 3);
        if (rights[0] != 'r' || strstr(line, "[v"))
            continue; // what the kernel itself maps cannot be read this way
        uint8_t *copy = malloc(to - from);
        CHECK(copy);
        CHECK(pread(memory, copy, to - from, (off_t)from) == (ssize_t)(to - from));
        search(copy, to - from);
        free(copy);
        total += to - from;
    }
    fclose(maps);
    close(memory);
    return total;
}

static bool finds(const char *group) {
    for (size_t i = 0; i < needle_count; i++)
        if (found[i] > 0 && strcmp(needles[i].group, group) == 0)
            return true;
    return false;
}

static void check_absent(void) {
    for (size_t i = 0; i < needle_count; i++) {
        if (found[i] == 0)
            continue;
        fprintf(stderr, "%s: left in the process\n", needles[i].group);
        exit(1);
    }
}

static void look_at(pid_t child, int from, const char *when) {
    char byte;
    read_all(from, &byte, 1);
    printf("%s: %zu kB searched for %zu needles\n", when, search_process(child) / 1024,
           needle_count);
}

int main(void) {
    int down[2], up[2];
    CHECK(pipe(down) == 0 && pipe(up) == 0);
    fflush(NULL);
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        close(up[0]);
        close(down[1]);
        be_child(down[0], up[1]);
    }
    close(up[1]);
    close(down[0]);

    struct keys keys;
    CHECK(getrandom(&keys, sizeof keys, 0) == (ssize_t)sizeof keys);
    write_all(down[1], &keys, sizeof keys);
    look_for_all(&keys);
    look_at(child, up[0], "with keys at hand");
    CHECK(finds("room secrets") && finds("AES round keys") && finds("the GHASH key"));
    CHECK(!finds("the raw key") && !finds("the text key") && !finds("the stream key") &&
          !finds("the SFrame secret"));

    look_for_next(&keys);
    write_all(down[1], "", 1);
    look_at(child, up[0], "after wipe");
    check_absent();
    write_all(down[1], "", 1);
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return 0;
}
