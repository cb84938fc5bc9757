// Arbitrary histories of a packet_map: numbers go out once each, later packets get later numbers, a
// packet of the newest stretch leads back to where it came from, and a step forward never leaves a
// gap that nobody would repair.
#include "sfu/packet_map.h"

#include <stdbool.h>
#include <stdlib.h>

enum {
    WINDOW = 8192,
    START = 70000,
};

static uint64_t used[WINDOW]; // outgoing numbers that went out, by their low bits
static bool seen[WINDOW];     // incoming numbers of the current source, by their low bits
static uint64_t highest_out;
static uint64_t highest_in;

static void require(bool condition) {
    if (!condition)
        abort();
}

static void forward(struct sotto_packet_map *map, uint64_t now_us, uint64_t sequence) {
    struct sotto_packet_map_numbers in = {.sequence = sequence, .timestamp = (uint32_t)now_us};
    struct sotto_packet_map_numbers out;
    // The contract: each packet once. The caller's cache sees to that.
    if (seen[sequence % WINDOW] || sequence + WINDOW / 2 < highest_in)
        return;
    seen[sequence % WINDOW] = true;
    if (!sotto_packet_map_forward(map, now_us, &in, &out)) {
        require(out.sequence == 0 && out.timestamp == 0);
        return;
    }
    require(used[out.sequence % WINDOW] != out.sequence);
    used[out.sequence % WINDOW] = out.sequence;
    if (highest_out != 0)
        require(out.sequence <= highest_out + SOTTO_PACKET_MAP_GAP_MAX);
    if (out.sequence > highest_out)
        highest_out = out.sequence;
    uint64_t back;
    require(sotto_packet_map_back(map, (uint16_t)out.sequence, &back) && back == sequence);
    uint32_t timestamp;
    require(sotto_packet_map_timestamp(map, in.timestamp, &timestamp));
    require(timestamp == out.timestamp);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct sotto_packet_map map;
    sotto_packet_map_init(&map, size > 0 ? data[0] : 0, 5, 90000);
    for (size_t i = 0; i < WINDOW; i++) {
        used[i] = 0;
        seen[i] = false;
    }
    highest_out = 0;
    highest_in = START;
    uint64_t now_us = 0;
    for (size_t i = 1; i + 1 < size; i += 2) {
        uint64_t step = data[i + 1];
        uint64_t sequence = highest_in + step - (step > 200 ? 256 : 0);
        now_us += data[i] * UINT64_C(100);
        switch (data[i] % 8) {
        case 0:
            sotto_packet_map_pause(&map);
            break;
        case 1:
            sotto_packet_map_change_source(&map);
            highest_in += 3 * WINDOW;
            for (size_t j = 0; j < WINDOW; j++)
                seen[j] = false;
            break;
        case 2:
            if (!seen[sequence % WINDOW])
                sotto_packet_map_drop(&map, sequence);
            seen[sequence % WINDOW] = true;
            break;
        case 3:
            sequence = highest_in + step * 8;
            forward(&map, now_us, sequence);
            break;
        default:
            forward(&map, now_us, sequence);
            break;
        }
        for (; data[i] % 8 >= 2 && highest_in < sequence; highest_in++)
            seen[(highest_in + WINDOW / 2) % WINDOW] = false;
    }
    return 0;
}
