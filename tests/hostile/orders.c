#include "tests/hostile/orders.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct orders *orders_open(void) {
    static struct orders none = {.misdeed = HONEST, .period = 1};
    const char *path = getenv("HOSTILE_ORDERS");
    if (!path)
        return &none;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert(fd >= 0);
    assert(lseek(fd, 0, SEEK_END) >= (off_t)sizeof(struct orders));
    void *orders = mmap(NULL, sizeof(struct orders), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert(orders != MAP_FAILED);
    close(fd);
    return orders;
}
