// What the simulated senders send: frames whose every byte follows from sender, kind and number, so
// that a receiver can tell whether it got what was sealed. Video looks like VP8 in its first bytes
// (RFC 6386 section 9.1).
#ifndef SOTTO_TESTS_SIM_CONTENT_H
#define SOTTO_TESTS_SIM_CONTENT_H

#include "core/stream_name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CONTENT_SIZE_MAX = 12000,
};

struct content {
    uint32_t sender;
    enum sotto_kind kind; // audio or video
    uint64_t number;      // of the frame in its stream
    bool is_key;          // video
};

// `data` has room for CONTENT_SIZE_MAX bytes. Returns the size.
size_t content_write(const struct content *content, uint8_t *data);

// True if the frame is, to the last byte, one of this sender and kind; `content` then says which.
bool content_read(struct content *content, uint32_t sender, enum sotto_kind kind,
                  const uint8_t *data, size_t size);

#endif
