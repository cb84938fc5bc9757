#include "tests/sim/network.h"

#include "tests/check.h"

enum { OUTER_PORT_FIRST = 40000 };

void network_create(struct network *network, uint64_t seed) {
    memset(network, 0, sizeof *network);
    network->random.state = seed;
    network->trace = UINT64_C(0xCBF29CE484222325);
}

void network_destroy(struct network *network) {
    for (size_t i = 0; i < network->count; i++)
        free(network->heap[i]);
    free(network->heap);
    memset(network, 0, sizeof *network);
}

void network_set_links(struct network *network, unsigned host, const struct network_link *up,
                       const struct network_link *down) {
    network->hosts[host].up.link = *up;
    network->hosts[host].down.link = *down;
}

unsigned network_add_host(struct network *network, const struct network_link *up,
                          const struct network_link *down) {
    CHECK(network->host_count < NETWORK_HOST_COUNT_MAX);
    unsigned host = network->host_count++;
    network->hosts[host].up.random.state = sim_random_next(&network->random);
    network->hosts[host].down.random.state = sim_random_next(&network->random);
    network_set_links(network, host, up, down);
    return host;
}

struct sotto_address network_server_address(void) {
    return sotto_address_from_ipv4((const uint8_t[]){198, 51, 100, 1}, 7882);
}

struct sotto_address network_inner_address(unsigned host, unsigned port) {
    uint8_t bytes[] = {10, 0, (uint8_t)host, 2};
    return sotto_address_from_ipv4(bytes, (uint16_t)(NETWORK_PORT_FIRST + port));
}

struct sotto_address network_outer_address(const struct network *network, unsigned host,
                                           unsigned port) {
    uint8_t bytes[] = {203, 0, 113, (uint8_t)(1 + host)};
    unsigned generation = network->hosts[host].generation;
    return sotto_address_from_ipv4(
        bytes, (uint16_t)(OUTER_PORT_FIRST + generation * NETWORK_PORT_COUNT + port));
}

void network_rebind(struct network *network, unsigned host) {
    network->hosts[host].generation++;
}

void network_cut(struct network *network, unsigned host, bool is_cut) {
    network->hosts[host].is_cut = is_cut;
}

static bool is_before(const struct network_packet *a, const struct network_packet *b) {
    return a->due_us != b->due_us ? a->due_us < b->due_us : a->order < b->order;
}

static void swap(struct network_packet **a, struct network_packet **b) {
    struct network_packet *packet = *a;
    *a = *b;
    *b = packet;
}

static void push(struct network *network, struct network_packet *packet) {
    if (network->count == network->capacity) {
        network->capacity = network->capacity ? 2 * network->capacity : 64;
        network->heap = realloc(network->heap, network->capacity * sizeof *network->heap);
        CHECK(network->heap);
    }
    size_t i = network->count++;
    network->heap[i] = packet;
    for (; i > 0 && is_before(network->heap[i], network->heap[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&network->heap[i], &network->heap[(i - 1) / 2]);
}

static struct network_packet *pop(struct network *network) {
    struct network_packet *first = network->heap[0];
    struct network_packet **heap = network->heap;
    heap[0] = heap[--network->count];
    for (size_t i = 0;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2; child++) {
            if (child < network->count && is_before(heap[child], heap[least]))
                least = child;
        }
        if (least == i)
            return first;
        swap(&heap[i], &heap[least]);
        i = least;
    }
}

static void trace(struct network *network, uint64_t value) {
    for (int i = 0; i < 8; i++)
        network->trace = (network->trace ^ (value >> 8 * i & 0xFF)) * UINT64_C(0x100000001B3);
}

static bool loses(struct network_link_state *state) {
    const struct network_link *link = &state->link;
    uint32_t turn = state->in_burst ? link->burst_leave_permille : link->burst_enter_permille;
    if (sim_random_chance(&state->random, turn))
        state->in_burst = !state->in_burst;
    return sim_random_chance(&state->random, link->loss_permille) || state->in_burst;
}

// When a packet that is sent now has left; UINT64_MAX if the queue is full.
static uint64_t leave(struct network_link_state *state, uint64_t now_us, size_t size) {
    const struct network_link *link = &state->link;
    if (link->rate_bps == 0)
        return now_us;
    if (state->free_us < now_us)
        state->free_us = now_us;
    if (state->free_us - now_us > link->queue_us_max)
        return UINT64_MAX;
    state->free_us += size * 8 * 1000000 / link->rate_bps;
    return state->free_us;
}

static void carry(struct network *network, struct network_link_state *state, uint64_t now_us,
                  const struct network_packet *head, const uint8_t *data) {
    const struct network_link *link = &state->link;
    uint64_t due_us =
        now_us + link->delay_us + sim_random_below(&state->random, link->jitter_us);
    if (due_us < state->last_us)
        due_us = state->last_us;
    if (sim_random_chance(&state->random, link->reorder_permille))
        due_us += 1 + sim_random_below(&state->random, link->reorder_us);
    else
        state->last_us = due_us;
    struct network_packet *packet = malloc(sizeof *packet + head->size);
    CHECK(packet);
    *packet = *head;
    packet->due_us = due_us;
    packet->order = network->order++;
    memcpy(packet->data, data, head->size);
    push(network, packet);
}

static void send(struct network *network, uint64_t now_us, struct network_link_state *state,
                 struct network_counters *counters, const struct network_packet *head,
                 const uint8_t *data) {
    trace(network, now_us);
    trace(network, (uint64_t)head->size << 32 | (uint64_t)head->from.port << 16 | head->to.port);
    counters->sent++;
    uint64_t left_us = leave(state, now_us, head->size);
    if (left_us == UINT64_MAX || loses(state)) {
        counters->lost++;
        return;
    }
    carry(network, state, left_us, head, data);
    if (sim_random_chance(&state->random, state->link.duplicate_permille)) {
        counters->duplicated++;
        carry(network, state, left_us, head, data);
    }
}

void network_send_spoofed(struct network *network, uint64_t now_us, unsigned host,
                          const struct sotto_address *from, const uint8_t *data, size_t size) {
    struct network_host *sender = &network->hosts[host];
    struct network_packet head = {
        .host = NETWORK_SERVER, .from = *from, .to = network_server_address(), .size = size};
    if (!sender->is_cut)
        send(network, now_us, &sender->up, &sender->up_counters, &head, data);
}

void network_send_up(struct network *network, uint64_t now_us, unsigned host, unsigned port,
                     const uint8_t *data, size_t size) {
    struct sotto_address from = network_outer_address(network, host, port);
    network_send_spoofed(network, now_us, host, &from, data, size);
}

void network_send_down(struct network *network, uint64_t now_us, const struct sotto_address *to,
                       const uint8_t *data, size_t size) {
    unsigned host = (unsigned)to->bytes[3] - 1;
    CHECK(host < network->host_count);
    struct network_host *receiver = &network->hosts[host];
    unsigned port = (unsigned)(to->port - OUTER_PORT_FIRST) % NETWORK_PORT_COUNT;
    struct sotto_address current = network_outer_address(network, host, port);
    if (receiver->is_cut || !sotto_address_equal(&current, to)) {
        receiver->down_counters.sent++;
        receiver->down_counters.unreachable++;
        return;
    }
    struct network_packet head = {.host = host,
                                  .from = network_server_address(),
                                  .to = network_inner_address(host, port),
                                  .size = size};
    send(network, now_us, &receiver->down, &receiver->down_counters, &head, data);
}

uint64_t network_poll_timeout(const struct network *network) {
    return network->count > 0 ? network->heap[0]->due_us : UINT64_MAX;
}

static struct network_counters *counters_of(struct network *network,
                                            const struct network_packet *packet) {
    if (packet->host != NETWORK_SERVER)
        return &network->hosts[packet->host].down_counters;
    unsigned sender = (unsigned)packet->from.bytes[3] - 1;
    return &network->hosts[sender < network->host_count ? sender : 0].up_counters;
}

struct network_packet *network_receive(struct network *network, uint64_t now_us) {
    if (network_poll_timeout(network) > now_us)
        return NULL;
    struct network_packet *packet = pop(network);
    struct network_counters *counters = counters_of(network, packet);
    counters->delivered++;
    counters->delivered_size += packet->size;
    return packet;
}
