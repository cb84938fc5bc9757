// The replaceable generator is deprecated for programs that seek security; a test seeks the
// contrary.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "tests/sim/virtual_random.h"

#include "tests/check.h"
#include "tests/sim/sim_random.h"

#include <openssl/rand.h>
#include <sys/random.h>

static struct sim_random generator;

static int fill(unsigned char *bytes, int size) {
    sim_random_fill(&generator, bytes, (size_t)size);
    return 1;
}

static int add(const void *bytes, int size, double entropy) {
    (void)bytes;
    (void)size;
    (void)entropy;
    return 1;
}

static int is_ready(void) {
    return 1;
}

// Takes the place of libc's, because the program's own symbols come first.
ssize_t getrandom(void *data, size_t size, unsigned flags) {
    (void)flags;
    sim_random_fill(&generator, data, size);
    return (ssize_t)size;
}

void virtual_random_seed(uint64_t seed) {
    static const RAND_METHOD method = {
        .bytes = fill, .add = add, .pseudorand = fill, .status = is_ready};
    generator.state = seed;
    CHECK(RAND_set_rand_method(&method) == 1);
}
