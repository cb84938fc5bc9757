#include "client/frame_io.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

// Whether to try again after a call that failed: it was interrupted, or whoever made the file left
// it without blocking, and it is ready now.
static bool is_ready(int file, short events) {
    if (errno != EAGAIN)
        return errno == EINTR;
    struct pollfd wanted = {.fd = file, .events = events};
    return poll(&wanted, 1, -1) >= 0 || errno == EINTR;
}

bool sotto_frame_io_read(uint8_t *data, size_t capacity, size_t *size) {
    *size = 0;
    while (*size < capacity) {
        ssize_t count = read(STDIN_FILENO, data + *size, capacity - *size);
        if (count == 0)
            return true;
        if (count > 0)
            *size += (size_t)count;
        else if (!is_ready(STDIN_FILENO, POLLIN))
            return false;
    }
    return true;
}

bool sotto_frame_io_write(const uint8_t *data, size_t size) {
    while (size > 0) {
        ssize_t count = write(STDOUT_FILENO, data, size);
        if (count < 0 && !is_ready(STDOUT_FILENO, POLLOUT))
            return false;
        if (count > 0) {
            data += count;
            size -= (size_t)count;
        }
    }
    return true;
}
