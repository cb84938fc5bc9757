// Arithmetic on 16-bit sequence numbers that wrap (RFC 3550 section 5.1, RFC 1982).
#ifndef SOTTO_PROTO_SEQUENCE_H
#define SOTTO_PROTO_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

// Steps from `from` forward to `to`: positive if `to` is newer, -32768 to 32767.
static inline int32_t sotto_sequence_distance(uint16_t from, uint16_t to) {
    uint16_t forward = (uint16_t)(to - from);
    return (int32_t)forward - (forward >= 0x8000 ? 0x10000 : 0);
}

// True if `a` comes after `b`. Of two numbers exactly 2^15 apart neither is newer.
static inline bool sotto_sequence_newer(uint16_t a, uint16_t b) {
    return sotto_sequence_distance(b, a) > 0;
}

// The 64-bit counter of which only the low 16 bits travel. An all-zero extender is a new one.
struct sotto_sequence_extender {
    uint64_t highest;
    bool started;
};

// The 64-bit number nearest to the highest seen so far; nothing changes. The first number becomes
// 2^16 + `sequence`, so that packets which were sent before it but come late have a number too. A
// number that would lie below zero becomes its low 16 bits.
static inline uint64_t sotto_sequence_extend(const struct sotto_sequence_extender *extender,
                                             uint16_t sequence) {
    if (!extender->started)
        return UINT64_C(0x10000) + sequence;
    int64_t distance = sotto_sequence_distance((uint16_t)extender->highest, sequence);
    if (distance < 0 && extender->highest < (uint64_t)-distance)
        return sequence;
    return extender->highest + (uint64_t)distance;
}

// The same, and remembers the number if it is the highest.
static inline uint64_t sotto_sequence_advance(struct sotto_sequence_extender *extender,
                                              uint16_t sequence) {
    uint64_t extended = sotto_sequence_extend(extender, sequence);
    if (!extender->started || extended > extender->highest)
        extender->highest = extended;
    extender->started = true;
    return extended;
}

#endif
