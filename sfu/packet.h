// One received media packet, taken out of its publisher's packaging: what its receivers need of it.
// Padding, CSRCs and extensions that nobody copies are gone; payload types are the router's.
#ifndef SOTTO_SFU_PACKET_H
#define SOTTO_SFU_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Header extension values that travel with a packet from publisher to subscriber.
struct sotto_packet_extensions {
    bool has_audio_level;
    bool has_orientation;
    bool has_playout_delay;
    uint8_t audio_level;      // RFC 6464: bit 7 is voice activity, the rest dB below full scale
    uint8_t orientation;      // 3GPP TS 26.114: camera, flip and rotation
    uint8_t playout_delay[3]; // two 12-bit numbers in 10 ms
};

struct sotto_packet {
    uint64_t sequence; // extended, the publisher's
    uint32_t timestamp;
    uint8_t payload_type;
    bool marker;
    struct sotto_packet_extensions extensions;
    const uint8_t *payload; // borrowed
    size_t payload_size;
};

#endif
