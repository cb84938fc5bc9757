#include "tests/hostile/frame.h"

#include "proto/rtp.h"

#include <string.h>

void frame_add(struct frame *frame, const uint8_t *packet, size_t size) {
    if (frame->count == FRAME_PACKET_COUNT_MAX || size > FRAME_PACKET_SIZE_MAX)
        return;
    memcpy(frame->packets[frame->count], packet, size);
    frame->sizes[frame->count++] = size;
}

static void write32(uint8_t *at, uint32_t value) {
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

// RFC 3550, section 5.1.
void frame_renumber(struct frame *frame, const struct frame_place *place) {
    for (size_t i = 0; i < frame->count; i++) {
        uint8_t *packet = frame->packets[i];
        const uint16_t sequence = (uint16_t)(place->sequence + i);
        packet[1] = (uint8_t)((packet[1] & 0x80) | place->payload_type);
        packet[2] = (uint8_t)(sequence >> 8);
        packet[3] = (uint8_t)sequence;
        write32(packet + 4, place->timestamp);
        write32(packet + 8, place->ssrc);
    }
}

// X, I and M, as browsers write it: a picture id of 15 bits, two bytes into the payload. NULL if
// the packet has another form.
static uint8_t *picture_id(uint8_t *data, size_t size) {
    struct sotto_rtp_packet packet;
    enum { ID_AT = 2, ID_SIZE = 2 };
    if (!sotto_rtp_parse(&packet, data, size) || packet.payload_size < ID_AT + ID_SIZE)
        return NULL;
    uint8_t *payload = data + packet.header_size;
    return payload[0] & 0x80 && payload[1] & 0x80 && payload[2] & 0x80 ? payload + ID_AT : NULL;
}

void frame_take_picture_id(struct frame *frame, const struct frame *from) {
    uint8_t first[FRAME_PACKET_SIZE_MAX];
    if (from->count == 0)
        return;
    memcpy(first, from->packets[0], from->sizes[0]);
    const uint8_t *id = picture_id(first, from->sizes[0]);
    for (size_t i = 0; id && i < frame->count; i++) {
        uint8_t *place = picture_id(frame->packets[i], frame->sizes[i]);
        if (place)
            memcpy(place, id, 2);
    }
}

bool frame_alter(struct frame *frame, bool in_tag) {
    enum { TAG_MIDDLE = 9, PAYLOAD_SIZE_MIN = 48 };
    struct sotto_rtp_packet packet;
    if (frame->count == 0)
        return false;
    uint8_t *last = frame->packets[frame->count - 1];
    if (!sotto_rtp_parse(&packet, last, frame->sizes[frame->count - 1]) ||
        packet.payload_size < PAYLOAD_SIZE_MIN)
        return false;
    size_t from_end = in_tag ? TAG_MIDDLE : packet.payload_size / 2;
    last[packet.header_size + packet.payload_size - from_end] ^= 0x10;
    return true;
}
