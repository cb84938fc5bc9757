#include "server/timers.h"

#include <stddef.h>

static void handle_expiry(lws_sorted_usec_list_t *list) {
    struct sotto_timer *timer = lws_container_of(list, struct sotto_timer, list);
    timer->expire(timer);
}

void sotto_timers_set(struct lws_context *context, struct sotto_timer *timer, uint64_t delay_ms) {
    lws_sul_schedule(context, 0, &timer->list, handle_expiry, (lws_usec_t)(delay_ms * 1000));
}

void sotto_timers_cancel(struct sotto_timer *timer) {
    lws_sul_cancel(&timer->list);
}
