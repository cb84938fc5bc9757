#include "server/service.h"

#include "crypto/dtls_context.h"
#include "net/interfaces.h"
#include "server/listen_check.h"
#include "server/log.h"
#include "server/metrics.h"

#include <string.h>

// After a restart; clients add a random part of their own.
enum { RECONNECT_AFTER_MS = 2000 };

static void handle_wake(void *context) {
    sotto_signalling_handle_media(context);
}

static void handle_shutdown(void *context) {
    sotto_signalling_shut_down(context, RECONNECT_AFTER_MS);
}

// On a worker's thread.
static void wake_control(void *owner) {
    struct sotto_service *service = owner;
    sotto_http_wake(&service->control.http);
}

static void show_counters(const struct sotto_service *service) {
    struct sotto_media_counters counters;
    sotto_media_count(service->media, &counters);
    sotto_metrics_set(SOTTO_METRIC_MEETINGS, service->signalling.room_count);
    sotto_metrics_set(SOTTO_METRIC_PARTICIPANTS, service->signalling.session_count);
    sotto_metrics_set(SOTTO_METRIC_TRANSPORTS, (int64_t)counters.transports_connected);
    sotto_metrics_set(SOTTO_METRIC_PACKETS_RECEIVED, (int64_t)counters.packets_received);
    sotto_metrics_set(SOTTO_METRIC_PACKETS_SENT, (int64_t)counters.packets_sent);
    sotto_metrics_set(SOTTO_METRIC_PACKETS_UNSENT, (int64_t)counters.packets_unsent);
    sotto_metrics_set(SOTTO_METRIC_BYTES_RECEIVED, (int64_t)counters.bytes_received);
    sotto_metrics_set(SOTTO_METRIC_BYTES_SENT, (int64_t)counters.bytes_sent);
    sotto_metrics_set(SOTTO_METRIC_STRAYS, (int64_t)counters.strays_dropped);
    sotto_metrics_set(SOTTO_METRIC_MEDIA_REFUSED, (int64_t)counters.media_refused);
    sotto_metrics_set(SOTTO_METRIC_DTLS_FAILED, (int64_t)counters.dtls_failed);
    sotto_metrics_set(SOTTO_METRIC_MEDIA_CPU, (int64_t)(counters.cpu_ns / 1000));
}

static void sweep(struct sotto_timer *timer) {
    struct sotto_service *service = timer->owner;
    sotto_signalling_handle_timeout(&service->signalling);
    show_counters(service);
    sotto_timers_set(service->control.http.context, timer, SOTTO_SESSION_SWEEP_MS);
}

static bool start_media(struct sotto_service *service, const struct sotto_config *config,
                        struct sotto_fault *fault) {
    uint32_t worker_count = sotto_config_count_workers(config, fault);
    if (worker_count == 0)
        return false;
    if (!sotto_certificate_init(&service->certificate)) {
        sotto_fault_set(fault, "the certificate for media could not be made");
        return false;
    }
    const struct sotto_media_setup setup = {.port = (uint16_t)config->media_port,
                                            .worker_count = worker_count,
                                            .certificate = &service->certificate,
                                            .wake = wake_control,
                                            .owner = service};
    uint16_t port;
    service->media = sotto_media_create(&setup, &port);
    if (service->media)
        return true;
    sotto_listen_check_explain_udp(fault, port);
    return false;
}

static void add_host(struct sotto_signalling_setup *setup, const struct sotto_address *address) {
    for (size_t i = 0; i < setup->host_count; i++) {
        if (sotto_address_equal(&setup->hosts[i], address))
            return;
    }
    if (setup->host_count < SOTTO_SIGNALLING_HOSTS_MAX)
        setup->hosts[setup->host_count++] = *address;
}

// The announced address, those of the machine, and loopback for browsers on the same machine. A
// machine with many addresses, like a host of containers, leaves room for the first and the last.
static bool list_hosts(const struct sotto_config *config, struct sotto_signalling_setup *setup,
                       struct sotto_fault *fault) {
    struct sotto_udp_address found[SOTTO_SIGNALLING_HOSTS_MAX - 2];
    struct sotto_address address;
    const char *announced = config->media_announced_address;
    if (announced[0] != '\0') {
        if (!sotto_address_parse_host(&address, announced, strlen(announced))) {
            sotto_fault_set(fault, "media.announced_address: %s is not an IP address", announced);
            return false;
        }
        add_host(setup, &address);
    }
    size_t count = sotto_interfaces_list(found, SOTTO_SIGNALLING_HOSTS_MAX - 2);
    for (size_t i = 0; i < count; i++) {
        address = found[i].is_ipv6 ? sotto_address_from_ipv6(found[i].bytes, 0)
                                   : sotto_address_from_ipv4(found[i].bytes, 0);
        add_host(setup, &address);
    }
    address = sotto_address_from_ipv4((const uint8_t[]){127, 0, 0, 1}, 0);
    add_host(setup, &address);
    return true;
}

bool sotto_service_create(struct sotto_service *service, const struct sotto_config *config,
                          struct sotto_fault *fault) {
    memset(service, 0, sizeof *service);
    const struct sotto_control_ops ops = {.websocket = sotto_signalling_ops(&service->signalling),
                                          .handle_wake = handle_wake,
                                          .handle_shutdown = handle_shutdown};
    struct sotto_signalling_setup setup = {
        .participant_count_max = config->limits_participants_per_room,
        .joins_per_network_max = config->limits_joins_per_network,
        .send_queue_size_max = config->limits_send_queue_size,
    };
    if (!list_hosts(config, &setup, fault) || !start_media(service, config, fault))
        goto failed;
    if (!sotto_control_create(&service->control, config, &ops, fault)) {
        sotto_media_destroy(service->media);
        goto failed;
    }
    setup.store = service->control.store;
    setup.credentials = &service->control.credentials;
    setup.media = service->media;
    memcpy(setup.fingerprint, service->certificate.fingerprint, sizeof setup.fingerprint);
    if (!sotto_signalling_create(&service->signalling, &setup)) {
        sotto_fault_set(fault, "too little memory for meetings");
        sotto_media_destroy(service->media);
        sotto_control_destroy(&service->control);
        goto failed;
    }
    service->sweep = (struct sotto_timer){.expire = sweep, .owner = service};
    sotto_timers_set(service->control.http.context, &service->sweep, SOTTO_SESSION_SWEEP_MS);
    SOTTO_LOG(SOTTO_LOG_INFO, "media_ready",
              SOTTO_LOG_NUMBER("port", sotto_media_port(service->media, 0)),
              SOTTO_LOG_NUMBER("workers", sotto_media_worker_count(service->media)),
              SOTTO_LOG_REASON(sotto_dtls_library_version()));
    return true;

failed:
    service->media = NULL;
    sotto_certificate_wipe(&service->certificate);
    return false;
}

void sotto_service_destroy(struct sotto_service *service) {
    sotto_timers_cancel(&service->sweep);
    sotto_signalling_destroy(&service->signalling);
    // The workers wake the control thread, so they end before it does.
    sotto_media_destroy(service->media);
    sotto_control_destroy(&service->control);
    sotto_certificate_wipe(&service->certificate);
}

void sotto_service_run(struct sotto_service *service) {
    sotto_control_run(&service->control);
}
