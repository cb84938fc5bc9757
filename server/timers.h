// The timers of the control thread. One fires in the loop of the server, never early, and never
// inside a call of somebody else.
#ifndef SOTTO_SERVER_TIMERS_H
#define SOTTO_SERVER_TIMERS_H

#include <libwebsockets.h>
#include <stdint.h>

// Embedded in its owner and zeroed, but for `expire` and `owner`, before its first use. It must be
// cancelled before its memory goes.
struct sotto_timer {
    lws_sorted_usec_list_t list;
    // May set, cancel or free any timer, its own included.
    void (*expire)(struct sotto_timer *timer);
    void *owner;
};

// (Re)starts it. `context` is that of sotto_http.
void sotto_timers_set(struct lws_context *context, struct sotto_timer *timer, uint64_t delay_ms);
void sotto_timers_cancel(struct sotto_timer *timer); // does nothing when it is not set

#endif
