#include "server/control.h"

#include "core/wipe.h"
#include "crypto/random.h"
#include "server/data_folder.h"
#include "server/log.h"
#include "server/tls.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { LAST_WORDS_MS = 200 }; // for close frames and answers that are on their way
enum { CLOSE_GOING_AWAY = 1001, ADMIN_CONNECTIONS_MAX = 64, SPARE_DESCRIPTORS = 1024 };

// Signal handlers have no other way to reach the loop.
static struct sotto_http *signalled_http;
static volatile sig_atomic_t stop_is_wanted;
static volatile sig_atomic_t reload_is_wanted;

static void handle_stop_signal(int signal_number) {
    (void)signal_number;
    if (stop_is_wanted)
        _exit(1);
    stop_is_wanted = 1;
    lws_cancel_service(signalled_http->context); // writes to an eventfd, nothing else
}

static void handle_reload_signal(int signal_number) {
    (void)signal_number;
    reload_is_wanted = 1;
    lws_cancel_service(signalled_http->context); // writes to an eventfd, nothing else
}

static void catch_signals(struct sotto_http *http) {
    struct sigaction stop = {.sa_handler = handle_stop_signal};
    struct sigaction reload = {.sa_handler = handle_reload_signal};
    signalled_http = http;
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGHUP, &reload, NULL);
}

// libwebsockets' tables are as large as the limit of descriptors, so it is set to what is needed.
static void set_descriptor_limit(uint32_t connections_max) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    rlim_t wanted = (rlim_t)connections_max * 2 + SPARE_DESCRIPTORS; // a file may go with each
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void handle_wake(void *context) {
    struct sotto_control *control = context;
    if (control->ops.handle_wake)
        control->ops.handle_wake(control->ops.websocket.context);
}

static void handle_admin(void *context, const struct sotto_http_request *request,
                         struct sotto_http_response *response) {
    sotto_admin_handle(context, request, response);
}

static unsigned check_no_upgrade(void *context, const struct sotto_http_request *request) {
    (void)context;
    return sotto_text_equals(request->path, SOTTO_SIGNAL_PATH) ? 503 : 404;
}

static enum sotto_meet_token_mode meet_token_mode(const struct sotto_config *config) {
    if (config->meet_token_enabled == SOTTO_CONFIG_MEET_TOKEN_ON)
        return SOTTO_MEET_TOKEN_ON;
    if (config->meet_token_enabled == SOTTO_CONFIG_MEET_TOKEN_AUTO &&
        sotto_config_is_loopback(config))
        return SOTTO_MEET_TOKEN_LOCAL;
    return SOTTO_MEET_TOKEN_OFF;
}

static bool open_web_root(struct sotto_control *control, struct sotto_fault *fault) {
    const struct sotto_config *config = control->config;
    if (sotto_static_files_init(&control->routes.files, config->web_root))
        return true;
    if (config->web_root_is_default)
        return true;
    sotto_fault_set(fault, "web_root: %s: %s; give the folder of the built web app",
                    config->web_root, strerror(errno));
    return false;
}

static bool open_data(struct sotto_control *control, struct sotto_fault *fault) {
    const struct sotto_config *config = control->config;
    control->data_folder = sotto_data_folder_open(config->data, fault);
    if (control->data_folder < 0 ||
        !sotto_credentials_load(&control->credentials, config->data, fault))
        return false;
    control->store = sotto_store_create(config->data, config->limits_rooms, fault);
    return control->store != NULL;
}

static void set_routes(struct sotto_control *control, uint64_t seed) {
    const struct sotto_config *config = control->config;
    struct sotto_routes *routes = &control->routes;
    routes->rest =
        (struct sotto_rest){.store = control->store, .credentials = &control->credentials};
    routes->meet_token.mode = meet_token_mode(config);
    routes->meet_token.store = control->store;
    routes->meet_token.credentials = &control->credentials;
    sotto_rate_limit_init(&routes->meet_token.limit, config->meet_token_rate, 60000, seed);
    routes->allowed_origins = config->allowed_origins;
}

static bool add_public_listener(struct sotto_control *control, uint64_t seed,
                                struct sotto_fault *fault) {
    const struct sotto_config *config = control->config;
    bool tls = config->tls_certificate[0] != 0;
    const struct sotto_listener_options options = {
        .name = "listen",
        .address = config->listen_address,
        .port = (uint16_t)config->listen_port,
        .certificate = tls ? config->tls_certificate : NULL,
        .key = tls ? config->tls_key : NULL,
        .connections_max = config->limits_connections,
        .connections_per_network_max = config->limits_connections_per_network,
        .message_size_max = config->limits_message_size,
        .send_queue_size_max = config->limits_send_queue_size,
    };
    bool signals = control->ops.websocket.handle_open != NULL;
    const struct sotto_http_ops ops = {
        .context = &control->routes,
        .handle_request = sotto_routes_handle,
        .check_upgrade = signals ? sotto_routes_check_upgrade : check_no_upgrade,
        .subprotocol = SOTTO_SIGNAL_SUBPROTOCOL,
        .websocket = &control->ops.websocket,
    };
    control->listener = sotto_http_add_listener(&control->http, &options, &ops, seed, fault);
    return control->listener != NULL;
}

static struct sotto_listener *add_admin_listener(struct sotto_control *control, uint64_t seed,
                                                 struct sotto_fault *fault) {
    const struct sotto_listener_options options = {
        .name = "admin",
        .address = control->config->admin_address,
        .port = (uint16_t)control->config->admin_port,
        .connections_max = ADMIN_CONNECTIONS_MAX,
        .connections_per_network_max = ADMIN_CONNECTIONS_MAX,
    };
    const struct sotto_http_ops ops = {.context = &control->admin, .handle_request = handle_admin};
    return sotto_http_add_listener(&control->http, &options, &ops, seed, fault);
}

static bool listen_everywhere(struct sotto_control *control, struct sotto_fault *fault) {
    const struct sotto_config *config = control->config;
    uint64_t seed;
    sotto_random_fill(&seed, sizeof seed);
    if (config->listen_port == config->admin_port && config->listen_port != 0) {
        sotto_fault_set(fault, "admin.port: the same as listen.port; choose another");
        return false;
    }
    set_routes(control, seed);
    if (!sotto_http_create(&control->http, fault) || !add_public_listener(control, seed, fault))
        return false;
    struct sotto_listener *admin = add_admin_listener(control, seed, fault);
    if (!admin)
        return false;
    control->http.handle_wake = handle_wake;
    control->http.wake_context = control;
    catch_signals(&control->http);
    SOTTO_LOG(SOTTO_LOG_INFO, "listening", SOTTO_LOG_ADDRESS(config->listen_address),
              SOTTO_LOG_NUMBER("port", sotto_listener_port(control->listener)),
              SOTTO_LOG_NUMBER("adminPort", sotto_listener_port(admin)),
              SOTTO_LOG_NUMBER("tls", config->tls_certificate[0] != 0),
              SOTTO_LOG_PATH(config->data));
    if (control->routes.files.folder < 0)
        SOTTO_LOG(SOTTO_LOG_WARN, "no-web-app", SOTTO_LOG_PATH(config->web_root));
    return true;
}

static bool check_tls_pair(const struct sotto_config *config, struct sotto_fault *fault) {
    bool certificate = config->tls_certificate[0] != 0;
    if (certificate == (config->tls_key[0] != 0))
        return true;
    sotto_fault_set(fault, "%s: missing; tls needs both certificate and key",
                    certificate ? "tls.key" : "tls.certificate");
    return false;
}

bool sotto_control_create(struct sotto_control *control, const struct sotto_config *config,
                          const struct sotto_control_ops *ops, struct sotto_fault *fault) {
    memset(control, 0, sizeof *control);
    control->config = config;
    control->ops = *ops;
    control->data_folder = -1;
    control->routes.files.folder = -1;
    control->admin.is_ready = true;
    set_descriptor_limit(config->limits_connections);
    if (check_tls_pair(config, fault) && open_web_root(control, fault) &&
        open_data(control, fault) && listen_everywhere(control, fault))
        return true;
    sotto_control_destroy(control);
    return false;
}

void sotto_control_destroy(struct sotto_control *control) {
    sotto_timers_cancel(&control->drain);
    sotto_http_destroy(&control->http);
    sotto_store_destroy(control->store);
    control->store = NULL;
    sotto_static_files_wipe(&control->routes.files);
    sotto_credentials_wipe(&control->credentials);
    if (control->data_folder >= 0)
        close(control->data_folder);
    control->data_folder = -1;
}

static void finish(struct sotto_timer *timer) {
    struct sotto_control *control = timer->owner;
    control->ended = true;
    // Timers fire before libwebsockets waits, in the same call: it must not wait any more.
    lws_cancel_service(control->http.context);
}

// Each of them ends by itself after a moment.
static void end_drain(struct sotto_timer *timer) {
    struct sotto_control *control = timer->owner;
    SOTTO_LOG_EVENT(SOTTO_LOG_WARN, "drain-timeout");
    sotto_http_close_websockets(&control->http, CLOSE_GOING_AWAY);
}

static void set_drain(struct sotto_control *control, void (*expire)(struct sotto_timer *),
                      uint64_t delay_ms) {
    sotto_timers_cancel(&control->drain);
    control->drain.expire = expire;
    control->drain.owner = control;
    sotto_timers_set(control->http.context, &control->drain, delay_ms);
}

static void begin_drain(struct sotto_control *control) {
    SOTTO_LOG_EVENT(SOTTO_LOG_INFO, "stopping");
    control->stopping = true;
    control->admin.is_ready = false;
    sotto_http_stop(&control->http);
    if (control->ops.handle_shutdown)
        control->ops.handle_shutdown(control->ops.websocket.context);
    else
        sotto_http_close_websockets(&control->http, CLOSE_GOING_AWAY);
    set_drain(control, end_drain, (uint64_t)control->config->limits_drain_timeout_s * 1000);
}

static void reload(struct sotto_control *control) {
    struct sotto_fault fault = {0};
    if (sotto_listener_reload_tls(control->listener, &fault))
        SOTTO_LOG_EVENT(SOTTO_LOG_INFO, "certificate-reloaded");
    else
        SOTTO_LOG(SOTTO_LOG_ERROR, "certificate-not-reloaded", SOTTO_LOG_REASON(fault.text));
}

void sotto_control_run(struct sotto_control *control) {
    while (!control->ended) {
        sotto_http_handle(&control->http);
        if (reload_is_wanted) {
            reload_is_wanted = 0;
            reload(control);
        }
        if (stop_is_wanted && !control->stopping)
            begin_drain(control);
        if (control->stopping && !control->finishing && !control->http.websockets) {
            control->finishing = true;
            set_drain(control, finish, LAST_WORDS_MS);
        }
    }
    SOTTO_LOG_EVENT(SOTTO_LOG_INFO, "stopped");
}
