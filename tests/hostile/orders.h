// What the hostile server is told to do, and what it says it did: a file of the test's that both
// map or read (HOSTILE_ORDERS). So an order can be given in the middle of a call.
#ifndef SOTTO_TESTS_HOSTILE_ORDERS_H
#define SOTTO_TESTS_HOSTILE_ORDERS_H

#include <stdint.h>

enum misdeed {
    HONEST = 'h',
    ALTER = 'a',  // a bit of the sealed part, in its middle and in its tag by turns
    REPLAY = 'r', // frames that were delivered before, under new numbers
    SWAP = 's',   // frames of another participant's stream of the same kind
    CLEAR = 'c',  // frames in clear, of an earlier call (HOSTILE_CLEAR)
};

struct orders {
    char misdeed;
    uint8_t period; // every how manieth frame of each stream; 1 for all
    uint8_t unused[6];
    uint64_t bad_frame_count; // sent so far, over all misdeeds
};

// Honest for ever if there is no such file.
struct orders *orders_open(void);

#endif
