#include "server/media.h"

#include "core/wipe.h"
#include "crypto/random.h"
#include "net/clock.h"
#include "net/udp.h"
#include "net/waiter.h"
#include "server/media_worker.h"
#include "server/wall_clock.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

// One worker with its thread, its port and what they exchange with the control thread.
struct thread {
    pthread_t pthread;
    struct sotto_media *media;
    struct sotto_media_worker worker;
    struct sotto_udp udp;
    struct sotto_waiter waiter;
    struct sotto_mailbox commands;
    bool is_running;
    struct sotto_udp_datagram received[SOTTO_UDP_BATCH_COUNT];
    struct sotto_udp_datagram sent[SOTTO_UDP_BATCH_COUNT];
    uint8_t received_bytes[SOTTO_UDP_BATCH_COUNT][SOTTO_MEDIA_DATAGRAM_SIZE_MAX];
    uint8_t sent_bytes[SOTTO_UDP_BATCH_COUNT][SOTTO_MEDIA_DATAGRAM_SIZE_MAX];
    pthread_mutex_t counters_lock;
    struct sotto_media_counters counters; // as of the end of the last turn
};

struct sotto_media {
    struct sotto_mailbox events;
    struct sotto_mail *taken; // out of the mailbox, not polled yet
    void (*wake)(void *owner);
    void *owner;
    unsigned thread_count;
    struct thread *threads[];
};

static struct sotto_address from_udp(const struct sotto_udp_address *address) {
    return address->is_ipv6 ? sotto_address_from_ipv6(address->bytes, address->port)
                            : sotto_address_from_ipv4(address->bytes, address->port);
}

static struct sotto_udp_address to_udp(const struct sotto_address *address) {
    struct sotto_udp_address udp = {.port = address->port,
                                    .is_ipv6 = address->family == SOTTO_ADDRESS_IPV6};
    memcpy(udp.bytes, address->bytes, sizeof udp.bytes);
    return udp;
}

// False when told to stop.
static bool take_commands(struct thread *thread, uint64_t now_us) {
    struct sotto_mail *mail = sotto_mailbox_take(&thread->commands);
    bool goes_on = true;
    while (mail) {
        struct sotto_media_command *command = (struct sotto_media_command *)mail;
        mail = mail->next;
        if (command->type == SOTTO_MEDIA_STOP)
            goes_on = false;
        else
            sotto_media_worker_handle_command(&thread->worker, now_us, command);
        sotto_wipe(command, sizeof *command);
        free(command);
    }
    return goes_on;
}

static void flush(struct thread *thread, size_t count) {
    struct sotto_media_counters *counters = &thread->worker.counters;
    size_t taken = sotto_udp_send(&thread->udp, thread->sent, count);
    counters->packets_sent += taken;
    counters->packets_unsent += count - taken;
    for (size_t i = 0; i < count; i++)
        counters->bytes_sent += thread->sent[i].size;
}

// Pulls what is to be sent, in batches, and hands the events over.
static void pull(struct thread *thread, uint64_t now_us) {
    size_t count = 0;
    struct sotto_address to;
    for (;;) {
        struct sotto_udp_datagram *datagram = &thread->sent[count];
        datagram->size = sotto_media_worker_poll_transmit(&thread->worker, now_us, datagram->data,
                                                          datagram->capacity, &to);
        if (datagram->size == 0)
            break;
        datagram->address = to_udp(&to);
        if (++count == SOTTO_UDP_BATCH_COUNT) {
            flush(thread, count);
            count = 0;
        }
    }
    if (count > 0)
        flush(thread, count);
    bool needs_waking = false;
    struct sotto_media_event *event;
    while ((event = sotto_media_worker_poll_event(&thread->worker)))
        needs_waking |= sotto_mailbox_post(&thread->media->events, &event->mail);
    if (needs_waking)
        thread->media->wake(thread->media->owner);
}

// Receives at most a few batches, so that commands and timers get their turn.
static void receive(struct thread *thread, uint64_t now_us) {
    enum { BATCHES_PER_TURN = 4 };
    for (int i = 0; i < BATCHES_PER_TURN; i++) {
        size_t count = sotto_udp_receive(&thread->udp, thread->received, SOTTO_UDP_BATCH_COUNT);
        for (size_t k = 0; k < count; k++) {
            struct sotto_address from = from_udp(&thread->received[k].address);
            sotto_media_worker_handle_packet(&thread->worker, now_us, &from,
                                             thread->received[k].data, thread->received[k].size);
        }
        if (count > 0)
            pull(thread, now_us);
        if (count < SOTTO_UDP_BATCH_COUNT)
            break;
    }
}

static void publish_counters(struct thread *thread) {
    thread->worker.counters.cpu_ns = sotto_clock_thread_cpu_ns();
    pthread_mutex_lock(&thread->counters_lock);
    thread->counters = thread->worker.counters;
    pthread_mutex_unlock(&thread->counters_lock);
}

static void *run(void *argument) {
    struct thread *thread = argument;
    enum { COUNTERS_INTERVAL_US = 250000 };
    uint64_t counters_us = 0;
    for (;;) {
        uint64_t now_us = sotto_clock_now_us();
        uint64_t due_us = sotto_media_worker_poll_timeout(&thread->worker);
        uint64_t wait_us = due_us == UINT64_MAX ? due_us : due_us > now_us ? due_us - now_us : 0;
        bool woken = sotto_waiter_wait(&thread->waiter, wait_us);
        now_us = sotto_clock_now_us();
        if (woken && !take_commands(thread, now_us))
            break;
        receive(thread, now_us);
        sotto_media_worker_handle_timeout(&thread->worker, now_us);
        pull(thread, now_us);
        if (woken || now_us - counters_us >= COUNTERS_INTERVAL_US) {
            publish_counters(thread);
            counters_us = now_us;
        }
    }
    return NULL;
}

static void destroy_thread(struct thread *thread) {
    if (thread->is_running) {
        struct sotto_media_command *stop = calloc(1, sizeof *stop);
        assert(stop);
        stop->type = SOTTO_MEDIA_STOP;
        sotto_mailbox_post(&thread->commands, &stop->mail);
        sotto_waiter_wake(&thread->waiter);
        pthread_join(thread->pthread, NULL);
    }
    (void)take_commands(thread, sotto_clock_now_us());
    sotto_media_worker_destroy(&thread->worker);
    sotto_waiter_destroy(&thread->waiter);
    sotto_udp_destroy(&thread->udp);
    sotto_mailbox_destroy(&thread->commands);
    pthread_mutex_destroy(&thread->counters_lock);
    free(thread);
}

static struct thread *create_thread(struct sotto_media *media,
                                    const struct sotto_media_setup *setup, uint16_t port) {
    struct thread *thread = calloc(1, sizeof *thread);
    if (!thread)
        return NULL;
    thread->media = media;
    thread->udp.fd = thread->waiter.epoll_fd = thread->waiter.wake_fd = -1;
    sotto_mailbox_create(&thread->commands);
    pthread_mutex_init(&thread->counters_lock, NULL);
    for (size_t i = 0; i < SOTTO_UDP_BATCH_COUNT; i++) {
        thread->received[i].data = thread->received_bytes[i];
        thread->received[i].capacity = SOTTO_MEDIA_DATAGRAM_SIZE_MAX;
        thread->sent[i].data = thread->sent_bytes[i];
        thread->sent[i].capacity = SOTTO_MEDIA_DATAGRAM_SIZE_MAX;
    }
    uint64_t seed;
    sotto_random_fill(&seed, sizeof seed);
    int64_t unix_offset_us =
        (int64_t)sotto_wall_clock_unix_ms() * 1000 - (int64_t)sotto_clock_now_us();
    if (sotto_media_worker_create(&thread->worker, setup->certificate, seed, unix_offset_us) &&
        sotto_udp_create(&thread->udp, port) &&
        sotto_waiter_create(&thread->waiter, thread->udp.fd) &&
        pthread_create(&thread->pthread, NULL, run, thread) == 0) {
        thread->is_running = true;
        return thread;
    }
    int error = errno;
    destroy_thread(thread);
    errno = error;
    return NULL;
}

struct sotto_media *sotto_media_create(const struct sotto_media_setup *setup, uint16_t *port) {
    struct sotto_media *media =
        calloc(1, sizeof *media + setup->worker_count * sizeof *media->threads);
    if (!media)
        return NULL;
    media->wake = setup->wake;
    media->owner = setup->owner;
    sotto_mailbox_create(&media->events);
    for (unsigned i = 0; i < setup->worker_count; i++) {
        *port = setup->port == 0 ? 0 : (uint16_t)(setup->port + i);
        media->threads[i] = create_thread(media, setup, *port);
        if (!media->threads[i]) {
            int error = errno;
            sotto_media_destroy(media);
            errno = error;
            return NULL;
        }
        media->thread_count++;
    }
    return media;
}

void sotto_media_destroy(struct sotto_media *media) {
    for (unsigned i = 0; i < media->thread_count; i++)
        destroy_thread(media->threads[i]);
    for (struct sotto_media_event *event; (event = sotto_media_poll_event(media));)
        free(event);
    sotto_mailbox_destroy(&media->events);
    free(media);
}

unsigned sotto_media_worker_count(const struct sotto_media *media) {
    return media->thread_count;
}

uint16_t sotto_media_port(const struct sotto_media *media, unsigned worker) {
    return media->threads[worker]->udp.port;
}

bool sotto_media_post(struct sotto_media *media, unsigned worker,
                      const struct sotto_media_command *command) {
    struct sotto_media_command *copy = malloc(sizeof *copy);
    if (!copy)
        return false;
    *copy = *command;
    if (sotto_mailbox_post(&media->threads[worker]->commands, &copy->mail))
        sotto_waiter_wake(&media->threads[worker]->waiter);
    return true;
}

struct sotto_media_event *sotto_media_poll_event(struct sotto_media *media) {
    if (!media->taken)
        media->taken = sotto_mailbox_take(&media->events);
    struct sotto_mail *mail = media->taken;
    if (mail)
        media->taken = mail->next;
    return (struct sotto_media_event *)mail;
}

void sotto_media_count(const struct sotto_media *media, struct sotto_media_counters *counters) {
    memset(counters, 0, sizeof *counters);
    for (unsigned i = 0; i < media->thread_count; i++) {
        struct thread *thread = media->threads[i];
        pthread_mutex_lock(&thread->counters_lock);
        struct sotto_media_counters each = thread->counters;
        pthread_mutex_unlock(&thread->counters_lock);
        counters->packets_received += each.packets_received;
        counters->bytes_received += each.bytes_received;
        counters->packets_sent += each.packets_sent;
        counters->bytes_sent += each.bytes_sent;
        counters->packets_unsent += each.packets_unsent;
        counters->strays_dropped += each.strays_dropped;
        counters->media_refused += each.media_refused;
        counters->dtls_failed += each.dtls_failed;
        counters->cpu_ns += each.cpu_ns;
        counters->meetings += each.meetings;
        counters->transports += each.transports;
        counters->transports_connected += each.transports_connected;
    }
}
