#include "server/metrics.h"
#include "tests/check.h"

#include <pthread.h>

static void *count_up(void *unused) {
    for (int i = 0; i < 10000; i++)
        sotto_metrics_add(SOTTO_METRIC_HTTP_REQUESTS, 1);
    return unused;
}

TEST(several_threads_count_without_losing_any) {
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, count_up, NULL), 0);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
    CHECK_EQ(sotto_metrics_get(SOTTO_METRIC_HTTP_REQUESTS), 40000);
}

TEST(the_text_has_help_type_and_value_of_each_and_is_cut_between_them) {
    static char text[65536], cut[65536];
    sotto_metrics_set(SOTTO_METRIC_WEBSOCKETS, -3);
    size_t size = sotto_metrics_write(text, sizeof text);
    CHECK_EQ(size, strlen(text));
    CHECK(strstr(text, "# TYPE sotto_websockets gauge\nsotto_websockets -3\n"));
    CHECK(strstr(text, "# TYPE sotto_http_requests_total counter\n"));
    for (size_t capacity = 1; capacity < 400; capacity++) {
        size_t part = sotto_metrics_write(cut, capacity);
        CHECK(part < capacity && cut[part] == 0);
        CHECK(part == 0 || cut[part - 1] == '\n');
        CHECK_BYTES(cut, text, part);
    }
}

int main(void) {
    RUN(several_threads_count_without_losing_any);
    RUN(the_text_has_help_type_and_value_of_each_and_is_cut_between_them);
    return 0;
}
