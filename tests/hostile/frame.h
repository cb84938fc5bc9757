// A whole frame as its RTP packets, decrypted.
#ifndef SOTTO_TESTS_HOSTILE_FRAME_H
#define SOTTO_TESTS_HOSTILE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FRAME_PACKET_COUNT_MAX = 96,
    FRAME_PACKET_SIZE_MAX = 1500,
};

struct frame {
    size_t count;
    size_t sizes[FRAME_PACKET_COUNT_MAX];
    uint8_t packets[FRAME_PACKET_COUNT_MAX][FRAME_PACKET_SIZE_MAX];
};

// What a packet is to be called on the stream on which it goes out.
struct frame_place {
    uint32_t ssrc;
    uint32_t timestamp;
    uint16_t sequence; // of the first packet
    uint8_t payload_type;
};

// A packet that does not fit is left out.
void frame_add(struct frame *frame, const uint8_t *packet, size_t size);

// The numbers in the headers of all packets.
void frame_renumber(struct frame *frame, const struct frame_place *place);

// The picture ids of VP8 (RFC 7741, section 4.2) become that of another frame. Whoever leaves them
// as they are loses pictures to a browser's buffer, which wants them ascending.
void frame_take_picture_id(struct frame *frame, const struct frame *from);

// Flips one bit of what is sealed: of the tag, which ends the last packet but for one byte, or of
// the middle of the last packet. False if it is too short to tell where that is.
bool frame_alter(struct frame *frame, bool in_tag);

#endif
