#include "core/replay_window.h"

#include "core/assert.h"
#include "core/memory.h"

// Every counter in the window has one bit of its own, because the window is as wide as the ring.
enum { WIDTH = SOTTO_REPLAY_WINDOW_SIZE };

static uint64_t word_of(uint64_t counter) {
    return counter % WIDTH / 64;
}

static uint64_t bit_of(uint64_t counter) {
    return UINT64_C(1) << counter % 64;
}

void sotto_replay_window_begin(struct sotto_replay_window *window, uint64_t next) {
    window->next = next;
    memset(window->seen, 0xff, sizeof window->seen); // bits of counters from `next` on are cleared
}

bool sotto_replay_window_accepts(const struct sotto_replay_window *window, uint64_t counter) {
    if (counter >= window->next)
        return counter < UINT64_MAX; // which has no number above it for `next`
    if (window->next - counter > WIDTH)
        return false;
    return (window->seen[word_of(counter)] & bit_of(counter)) == 0;
}

// Moves the window until `counter` is its highest; the counters it skips may still come.
static void advance(struct sotto_replay_window *window, uint64_t counter) {
    if (counter - window->next >= WIDTH)
        memset(window->seen, 0, sizeof window->seen);
    else
        for (uint64_t skipped = window->next; skipped < counter; skipped++)
            window->seen[word_of(skipped)] &= ~bit_of(skipped);
    window->next = counter + 1;
}

void sotto_replay_window_add(struct sotto_replay_window *window, uint64_t counter) {
    SOTTO_ASSERT(sotto_replay_window_accepts(window, counter));
    if (counter >= window->next)
        advance(window, counter);
    window->seen[word_of(counter)] |= bit_of(counter);
}
