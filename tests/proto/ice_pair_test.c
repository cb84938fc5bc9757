// The client's agent and the server's against each other, over networks that lose, delay, double
// and reorder, in virtual time and from seeds.
#include "tests/proto/ice_pipe.h"

static struct ice_pipe pipe;

enum { SEED_COUNT = 300 };

static const char *const locals[] = {"10.0.0.2:5000", "10.9.0.2:5001", "[2001:db8:1::2]:5002"};
static const char *const remotes[] = {"192.0.2.1:7882", "192.0.2.2:7882", "[2001:db8::1]:7882"};

static int compare(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static bool agree(void) {
    const struct sotto_ice_pair *pair = sotto_ice_client_selected(&pipe.client);
    const struct sotto_address *selected = sotto_ice_lite_selected(&pipe.server);
    if (!pair || !selected)
        return false;
    struct sotto_address mapped = pipe_mapped(&pair->local, pipe.nat_mapping);
    return sotto_address_equal(selected, &mapped) &&
           sotto_ice_lite_is_valid_address(&pipe.server, selected);
}

static void begin(uint64_t seed, unsigned loss_percent, size_t address_count) {
    pipe_init(&pipe, seed, loss_percent);
    pipe.double_percent = 5;
    pipe.delay_ms_min = 5;
    pipe.delay_ms_max = 120;
    for (size_t i = 0; i < address_count; i++) {
        CHECK(pipe_add_local(&pipe, locals[i], (uint16_t)(100 - i)));
        CHECK(pipe_add_remote(&pipe, remotes[i], (uint32_t)(1000 - i)));
    }
}

// Every seed connects within `limit_ms` and stays connected for two minutes.
static void connect_all(unsigned loss_percent, size_t address_count, uint64_t limit_ms) {
    static uint64_t times_ms[SEED_COUNT];
    for (uint64_t seed = 0; seed < SEED_COUNT; seed++) {
        begin(seed + 1, loss_percent, address_count);
        uint64_t start_ms = pipe.now_ms;
        while (pipe.event_count == 0 && pipe.now_ms < start_ms + 30000)
            pipe_run(&pipe, 10);
        CHECK_EQ(pipe.event_count, 1);
        CHECK_EQ(pipe.events[0].type, SOTTO_ICE_CLIENT_SELECTED);
        CHECK(agree());
        times_ms[seed] = pipe.event_ms[0] - start_ms;
        CHECK(times_ms[seed] <= limit_ms);
        pipe_run(&pipe, 120000);
        CHECK(sotto_ice_client_selected(&pipe.client) != NULL);
        CHECK_EQ(pipe.server_counts[SOTTO_ICE_LITE_DISCONNECTED], 0);
        for (size_t i = 0; i < pipe.event_count; i++)
            CHECK_EQ(pipe.events[i].type, SOTTO_ICE_CLIENT_SELECTED);
    }
    qsort(times_ms, SEED_COUNT, sizeof times_ms[0], compare);
    printf("%2u %% loss, %zu addresses: selected in ms: %llu (median), %llu (99 %%), %llu (all)\n",
           loss_percent, address_count, (unsigned long long)times_ms[SEED_COUNT / 2],
           (unsigned long long)times_ms[SEED_COUNT * 99 / 100],
           (unsigned long long)times_ms[SEED_COUNT - 1]);
}

TEST(without_loss_every_seed_connects_within_a_second) {
    connect_all(0, 1, 1000);
    connect_all(0, 3, 1000);
}

TEST(with_10_percent_loss_every_seed_connects_within_10_seconds) {
    connect_all(10, 1, 10000);
    connect_all(10, 3, 10000);
}

TEST(with_30_percent_loss_every_seed_connects_within_30_seconds) {
    connect_all(30, 1, 30000);
    connect_all(30, 3, 30000);
}

static bool has_working_local(void) {
    for (size_t i = 0; i < pipe.client.list.local_count; i++) {
        const struct sotto_address *local = &pipe.client.list.locals[i].address;
        if (!sotto_address_equal(local, &pipe.dead_local))
            return true;
    }
    return false;
}

static void restart_both(uint8_t seed) {
    struct sotto_ice_credentials local = pipe_credentials((uint8_t)(2 * seed + 1));
    struct sotto_ice_credentials remote = pipe_credentials((uint8_t)(2 * seed + 2));
    sotto_ice_lite_restart(&pipe.server, &remote);
    sotto_ice_client_restart(&pipe.client, pipe.now_ms, &local, &remote);
}

static void disturb(uint8_t step) {
    const char *local = locals[pipe_draw(&pipe, 3)];
    switch (pipe_draw(&pipe, 8)) {
    case 0:
        CHECK(pipe_add_local(&pipe, local, (uint16_t)pipe_draw(&pipe, 100)));
        break;
    case 1:
        pipe_remove_local(&pipe, local);
        break;
    case 2:
        pipe.nat_mapping++;
        break;
    case 3:
        restart_both((uint8_t)(step + 1));
        break;
    case 4:
        pipe.dead_local = pipe_address(local);
        break;
    case 5:
        pipe.loss_percent = pipe_draw(&pipe, 60);
        break;
    case 6:
        pipe.server_is_dead = !pipe.server_is_dead;
        break;
    default:
        sotto_ice_client_recheck(&pipe.client, pipe.now_ms);
    }
}

// As an owner does: through signalling both sides get new credentials.
static void run_and_restart_when_failed(uint64_t duration_ms) {
    uint64_t end_ms = pipe.now_ms + duration_ms;
    size_t seen_count = 0;
    while (pipe.now_ms < end_ms) {
        pipe_run(&pipe, 100);
        if (pipe.event_count == seen_count)
            continue;
        seen_count = pipe.event_count;
        if (pipe.events[seen_count - 1].type == SOTTO_ICE_CLIENT_FAILED)
            restart_both((uint8_t)(50 + seen_count));
    }
}

TEST(after_any_disturbance_a_working_network_is_found_again) {
    for (uint64_t seed = 1; seed <= SEED_COUNT; seed++) {
        begin(seed, 0, 3);
        for (uint8_t step = 0; step < 30; step++) {
            disturb(step);
            pipe_run(&pipe, pipe_draw(&pipe, 8000));
        }
        pipe.loss_percent = 0;
        pipe.server_is_dead = false;
        if (!has_working_local())
            CHECK(pipe_add_local(&pipe, locals[0], 1));
        pipe.dead_local = has_working_local() ? pipe.dead_local : (struct sotto_address){0};
        run_and_restart_when_failed(20000);
        CHECK(agree());
    }
}

int main(void) {
    RUN(without_loss_every_seed_connects_within_a_second);
    RUN(with_10_percent_loss_every_seed_connects_within_10_seconds);
    RUN(with_30_percent_loss_every_seed_connects_within_30_seconds);
    RUN(after_any_disturbance_a_working_network_is_found_again);
    return 0;
}
