#include "crypto/random.h"

#include "core/assert.h"

#include <errno.h>
#include <stdint.h>
#include <sys/random.h>

void sotto_random_fill(void *data, size_t size) {
    uint8_t *next = data;
    while (size > 0) {
        ssize_t count = getrandom(next, size, 0);
        if (count < 0) {
            SOTTO_ASSERT(errno == EINTR);
            continue;
        }
        next += count;
        size -= (size_t)count;
    }
}
