#include "server/config_keys.h"

#include <stdint.h>
#include <string.h>

static const char *const meet_token_choices[] = {"auto", "on", "off", NULL};
static const char *const level_choices[] = {"error", "warn", "info", "debug", NULL};
static const char *const flag_choices[] = {"false", "true", NULL};

#define NUMBER(key, member, low, high)                                                             \
    {.name = key, .type = SOTTO_CONFIG_NUMBER, .offset = offsetof(struct sotto_config, member),    \
     .min = low, .max = high}
#define CHOICE(key, member, list)                                                                  \
    {.name = key, .type = SOTTO_CONFIG_CHOICE, .offset = offsetof(struct sotto_config, member),    \
     .choices = list}
#define TEXT(key, member)                                                                          \
    {.name = key, .type = SOTTO_CONFIG_TEXT, .offset = offsetof(struct sotto_config, member),      \
     .max = sizeof((struct sotto_config *)0)->member - 1}
#define ADDRESS(key, member, low)                                                                  \
    {.name = key, .type = SOTTO_CONFIG_ADDRESS, .offset = offsetof(struct sotto_config, member),   \
     .min = low, .max = sizeof((struct sotto_config *)0)->member - 1}

const struct sotto_config_key sotto_config_keys[] = {
    ADDRESS("listen.address", listen_address, 1),
    NUMBER("listen.port", listen_port, 0, 65535),
    TEXT("tls.certificate", tls_certificate),
    TEXT("tls.key", tls_key),
    ADDRESS("admin.address", admin_address, 1),
    NUMBER("admin.port", admin_port, 0, 65535),
    NUMBER("media.port", media_port, 0, 65535),
    NUMBER("media.workers", media_workers, 0, SOTTO_CONFIG_WORKERS_MAX),
    ADDRESS("media.announced_address", media_announced_address, 0),
    TEXT("data", data),
    TEXT("web_root", web_root),
    CHOICE("meet_token.enabled", meet_token_enabled, meet_token_choices),
    NUMBER("meet_token.rate", meet_token_rate, 1, 100000),
    TEXT("allowed_origins", allowed_origins),
    CHOICE("log.level", log_level, level_choices),
    CHOICE("core_dumps", core_dumps, flag_choices),
    NUMBER("limits.rooms", limits_rooms, 1, 100000000),
    NUMBER("limits.participants_per_room", limits_participants_per_room, 1, 75),
    NUMBER("limits.connections", limits_connections, 1, 1000000),
    NUMBER("limits.connections_per_network", limits_connections_per_network, 1, 1000000),
    NUMBER("limits.joins_per_network", limits_joins_per_network, 1, 1000000),
    NUMBER("limits.message_size", limits_message_size, 1024, 16777216),
    NUMBER("limits.send_queue_size", limits_send_queue_size, 65536, 268435456),
    NUMBER("limits.drain_timeout_s", limits_drain_timeout_s, 0, 86400),
};

const size_t sotto_config_key_count = sizeof sotto_config_keys / sizeof sotto_config_keys[0];

const struct sotto_config_key *sotto_config_keys_find(const char *name) {
    for (size_t i = 0; i < sotto_config_key_count; i++)
        if (strcmp(sotto_config_keys[i].name, name) == 0)
            return &sotto_config_keys[i];
    return NULL;
}

uint32_t *sotto_config_keys_number(struct sotto_config *config,
                                   const struct sotto_config_key *key) {
    return (uint32_t *)(void *)((char *)config + key->offset);
}

char *sotto_config_keys_text(struct sotto_config *config, const struct sotto_config_key *key) {
    return (char *)config + key->offset;
}
