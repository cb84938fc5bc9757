// Every limit of the WebAssembly module beyond those of the core (core/limits.h).
#ifndef SOTTO_WASM_LIMITS_H
#define SOTTO_WASM_LIMITS_H

enum {
    // Streams that one browser sends: camera, microphone, screen and its sound, data; and again
    // after each interruption that costs a stream its counter.
    SOTTO_SEALERS_MAX = 64,

    // Streams received in the whole meeting, as openers outlive subscriptions. About 13 kB each.
    SOTTO_OPENERS_MAX = 1024,

    // Participants with streams or with a key of their own: four streams each.
    SOTTO_PARTICIPANTS_MAX = 256,

    // Both frame regions begin with this size: any audio frame and all ids and keys.
    SOTTO_REGION_SIZE_MIN = 1 << 14,
};

#endif
