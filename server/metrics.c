#include "server/metrics.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>

static const struct {
    const char *name;
    const char *type;
    const char *help;
} descriptions[] = {
#define DESCRIPTION(name, text, type, help) {text, type, help},
    SOTTO_METRICS(DESCRIPTION)
#undef DESCRIPTION
};

static _Atomic int64_t values[SOTTO_METRIC_COUNT];

void sotto_metrics_add(enum sotto_metric metric, int64_t amount) {
    atomic_fetch_add_explicit(&values[metric], amount, memory_order_relaxed);
}

void sotto_metrics_set(enum sotto_metric metric, int64_t value) {
    atomic_store_explicit(&values[metric], value, memory_order_relaxed);
}

int64_t sotto_metrics_get(enum sotto_metric metric) {
    return atomic_load_explicit(&values[metric], memory_order_relaxed);
}

size_t sotto_metrics_write(char *text, size_t capacity) {
    size_t size = 0;
    text[0] = 0;
    for (size_t i = 0; i < SOTTO_METRIC_COUNT; i++) {
        int written = snprintf(text + size, capacity - size,
                               "# HELP %s %s\n# TYPE %s %s\n%s %" PRId64 "\n", descriptions[i].name,
                               descriptions[i].help, descriptions[i].name, descriptions[i].type,
                               descriptions[i].name, sotto_metrics_get((enum sotto_metric)i));
        if (written < 0 || (size_t)written >= capacity - size) {
            text[size] = 0;
            break;
        }
        size += (size_t)written;
    }
    return size;
}
