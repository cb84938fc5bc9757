// The RTP that the server decrypted, as a file: for each packet its size in two bytes, big-endian,
// one byte for its kind, and the packet.
#ifndef SOTTO_TESTS_HOSTILE_RECORDING_H
#define SOTTO_TESTS_HOSTILE_RECORDING_H

#include "tests/hostile/frame.h"

#include <stdio.h>

enum recording_kind {
    RECORDING_OTHER, // retransmissions, RTCP
    RECORDING_AUDIO,
    RECORDING_VIDEO,
};

// Appends to the file HOSTILE_RTP, if there is to be one.
void recording_write(enum recording_kind kind, const uint8_t *packet, size_t size);

// Where one reader of the file HOSTILE_CLEAR is. All zero is its start.
struct recording_reader {
    FILE *file;
    bool is_bound; // to the stream of the first packet of its kind
    uint32_t ssrc;
};

// The next frame of this kind, all of one stream; after the end of the file from its start. False
// if there is none.
bool recording_read_frame(struct recording_reader *reader, enum recording_kind kind,
                          struct frame *frame);
void recording_close(struct recording_reader *reader);

#endif
