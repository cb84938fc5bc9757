// A server whose signalling is a few commands, for websocket_test.mjs: the real control thread,
// HTTP and WebSocket layers with something above them that can be asked to misuse them.
#include "server/control.h"
#include "server/json.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CLIENT_COUNT_MAX = 2048 };

static struct sotto_control control;
static struct sotto_websocket *clients[CLIENT_COUNT_MAX];
static size_t client_count;
static struct sotto_timer timer;
static bool clients_stay; // when the server stops

static void say(struct sotto_websocket *socket, const char *text) {
    sotto_websocket_send(socket, text, strlen(text));
}

static void say_to_all(const char *text) {
    for (size_t i = 0; i < client_count; i++)
        say(clients[i], text);
}

static void handle_open(void *context, struct sotto_websocket *socket) {
    (void)context;
    if (client_count == CLIENT_COUNT_MAX)
        abort();
    clients[client_count++] = socket;
    printf("open %llu %s\n", (unsigned long long)sotto_websocket_id(socket),
           sotto_websocket_address(socket));
}

static void handle_close(void *context, struct sotto_websocket *socket, unsigned code) {
    (void)context;
    size_t i = 0;
    while (i < client_count && clients[i] != socket)
        i++;
    if (i == client_count)
        abort(); // told twice, or never opened
    clients[i] = clients[--client_count];
    printf("close %llu %u\n", (unsigned long long)sotto_websocket_id(socket), code);
    if (sotto_websocket_send(socket, "late", 4))
        abort(); // a closed socket takes nothing
}

static void *wake_from_elsewhere(void *http) {
    usleep(50000);
    sotto_http_wake(http);
    return NULL;
}

static void handle_wake(void *context) {
    (void)context;
    say_to_all("woken");
}

static void handle_shutdown(void *context) {
    (void)context;
    say_to_all("server-closing");
    for (size_t i = 0; i < client_count && !clients_stay; i++)
        sotto_websocket_close(clients[i], 1001);
}

static void expire(struct sotto_timer *expired) {
    (void)expired;
    say_to_all("fired");
}

// Half of what a send queue holds, to everybody.
static void flood(void) {
    static char large[65536];
    memset(large, 'x', sizeof large);
    for (int round = 0; round < 8; round++)
        for (size_t i = 0; i < client_count; i++)
            sotto_websocket_send(clients[i], large, sizeof large);
}

static bool begins_with(const char *text, size_t size, const char *command) {
    return size >= strlen(command) && memcmp(text, command, strlen(command)) == 0;
}

static void handle_message(void *context, struct sotto_websocket *socket, const char *text,
                           size_t size) {
    (void)context;
    pthread_t thread;
    if (begins_with(text, size, "admit")) {
        sotto_websocket_admit(socket);
        say(socket, "admitted");
    } else if (begins_with(text, size, "close")) {
        char code[5] = {0};
        memcpy(code, text + size - 4, 4);
        sotto_websocket_close(socket, (unsigned)atoi(code));
        say(socket, "after close");
    } else if (begins_with(text, size, "wake")) {
        pthread_create(&thread, NULL, wake_from_elsewhere, &control.http);
        pthread_detach(thread);
    } else if (begins_with(text, size, "timer")) {
        timer.expire = expire;
        sotto_timers_set(control.http.context, &timer, 100);
    } else if (begins_with(text, size, "stay")) {
        clients_stay = true;
    } else if (begins_with(text, size, "flood")) {
        flood();
    } else {
        sotto_websocket_send(socket, text, size);
    }
}

int main(void) {
    struct sotto_config config;
    struct sotto_fault fault = {0};
    const struct sotto_control_ops ops = {
        .websocket = {.handle_open = handle_open,
                      .handle_message = handle_message,
                      .handle_close = handle_close},
        .handle_wake = handle_wake,
        .handle_shutdown = handle_shutdown,
    };
    setvbuf(stdout, NULL, _IOLBF, 0);
    sotto_json_init();
    sotto_config_init(&config);
    if (!sotto_config_read_environment(&config, environ, &fault) ||
        !sotto_control_create(&control, &config, &ops, &fault)) {
        fprintf(stderr, "websocket_host: %s\n", fault.text);
        return 1;
    }
    sotto_control_run(&control);
    sotto_timers_cancel(&timer);
    sotto_control_destroy(&control);
    printf("end %zu\n", client_count);
    return 0;
}
