#include "server/config.h"

#include "server/config_keys.h"
#include "server/limits.h"
#include "server/log.h"
#include "server/peer_address.h"
#include "server/text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void set_data_default(struct sotto_config *config) {
    const char *state = getenv("STATE_DIRECTORY");
    const char *data_home = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    size_t size = sizeof config->data;
    if (state && state[0] == '/')
        snprintf(config->data, size, "%s", state);
    else if (data_home && data_home[0] == '/')
        snprintf(config->data, size, "%s/sotto", data_home);
    else if (home && home[0] == '/')
        snprintf(config->data, size, "%s/.local/share/sotto", home);
    else
        snprintf(config->data, size, "sotto-data");
}

// Cuts a path before its last slash. False if there is none.
static bool cut_name(char *path) {
    char *slash = strrchr(path, '/');
    if (slash)
        *slash = 0;
    return slash != NULL;
}

// The web app beside the program, where it is built; from bin/ it is in share/sotto/, where Meson
// installs both.
static void set_web_root_default(struct sotto_config *config) {
    char path[SOTTO_CONFIG_PATH_SIZE];
    ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
    path[size > 0 ? size : 0] = 0;
    bool is_installed = cut_name(path) && strlen(path) >= 4 &&
                        strcmp(path + strlen(path) - 4, "/bin") == 0 && cut_name(path);
    const char *rest = is_installed ? "/share/sotto/web" : "/web";
    if (strlen(path) + strlen(rest) < sizeof config->web_root)
        snprintf(config->web_root, sizeof config->web_root, "%.*s%s",
                 (int)(sizeof config->web_root - 17), path, rest);
    config->web_root_is_default = true;
}

void sotto_config_init(struct sotto_config *config) {
    *config = (struct sotto_config){
        .listen_address = "127.0.0.1",
        .listen_port = 7880,
        .admin_address = "127.0.0.1",
        .admin_port = 7881,
        .media_port = 7882,
        .meet_token_enabled = SOTTO_CONFIG_MEET_TOKEN_AUTO,
        .meet_token_rate = 60,
        .log_level = SOTTO_LOG_INFO,
        .limits_rooms = 100000,
        .limits_participants_per_room = 50,
        .limits_connections = 10000,
        .limits_connections_per_network = 256,
        .limits_joins_per_network = SOTTO_JOINS_PER_NETWORK_DEFAULT,
        .limits_message_size = 262144,
        .limits_send_queue_size = 1048576,
        .limits_drain_timeout_s = 10,
    };
    set_data_default(config);
    set_web_root_default(config);
}

static bool set_number(struct sotto_config *config, const struct sotto_config_key *key,
                       const char *text, const char *source, struct sotto_fault *fault) {
    unsigned long value;
    if (sotto_text_number(sotto_text_of(text), key->max, &value) && value >= key->min) {
        *sotto_config_keys_number(config, key) = (uint32_t)value;
        return true;
    }
    sotto_fault_set(fault, "%s: must be a number from %u to %u (%s)", key->name, key->min, key->max,
                    source);
    return false;
}

static bool set_choice(struct sotto_config *config, const struct sotto_config_key *key,
                       const char *text, const char *source, struct sotto_fault *fault) {
    char list[64] = "";
    for (uint32_t i = 0; key->choices[i]; i++) {
        if (strcmp(key->choices[i], text) == 0) {
            *sotto_config_keys_number(config, key) = i;
            return true;
        }
        size_t size = strlen(list);
        snprintf(list + size, sizeof list - size, "%s%s", i > 0 ? ", " : "", key->choices[i]);
    }
    sotto_fault_set(fault, "%s: must be one of %s (%s)", key->name, list, source);
    return false;
}

static bool set_text(struct sotto_config *config, const struct sotto_config_key *key,
                     const char *text, const char *source, struct sotto_fault *fault) {
    struct sockaddr_storage address;
    socklen_t size;
    if (strlen(text) > key->max) {
        sotto_fault_set(fault, "%s: longer than %u bytes (%s)", key->name, key->max, source);
        return false;
    }
    bool is_address = key->type == SOTTO_CONFIG_ADDRESS && (text[0] || key->min > 0);
    if (is_address && !sotto_peer_address_parse(text, 0, &address, &size)) {
        sotto_fault_set(fault, "%s: must be an IPv4 or IPv6 address, like 0.0.0.0 (%s)", key->name,
                        source);
        return false;
    }
    snprintf(sotto_config_keys_text(config, key), (size_t)key->max + 1, "%s", text);
    return true;
}

bool sotto_config_set(struct sotto_config *config, const char *name, const char *text,
                      const char *source, struct sotto_fault *fault) {
    const struct sotto_config_key *key = sotto_config_keys_find(name);
    if (!key) {
        sotto_fault_set(fault, "%s: there is no such key (%s)", name, source);
        return false;
    }
    if (strcmp(name, "web_root") == 0)
        config->web_root_is_default = false;
    switch (key->type) {
    case SOTTO_CONFIG_NUMBER:
        return set_number(config, key, text, source, fault);
    case SOTTO_CONFIG_CHOICE:
        return set_choice(config, key, text, source, fault);
    case SOTTO_CONFIG_TEXT:
    case SOTTO_CONFIG_ADDRESS:
        break;
    }
    return set_text(config, key, text, source, fault);
}

uint32_t sotto_config_count_workers(const struct sotto_config *config, struct sotto_fault *fault) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    uint32_t count = config->media_workers;
    if (count == 0)
        count = cores > 0 ? (uint32_t)cores : 1;
    if (count > SOTTO_CONFIG_WORKERS_MAX)
        count = SOTTO_CONFIG_WORKERS_MAX;
    if (config->media_port + count - 1 <= UINT16_MAX)
        return count;
    sotto_fault_set(fault, "media.port: %u: each of the %u workers takes a port from there on; "
                           "choose a lower one",
                    config->media_port, count);
    return 0;
}

static bool is_loopback(const char *literal) {
    struct sockaddr_storage address;
    struct sotto_peer_address peer;
    socklen_t size;
    if (!sotto_peer_address_parse(literal, 0, &address, &size))
        return false;
    sotto_peer_address_init(&peer, (const struct sockaddr *)&address);
    return peer.loopback;
}

bool sotto_config_is_loopback(const struct sotto_config *config) {
    return is_loopback(config->listen_address) && is_loopback(config->admin_address);
}

// The dots of a key are levels of YAML; keys of one level stand together in the table.
void sotto_config_print(const struct sotto_config *config, FILE *to) {
    struct sotto_config copy = *config; // the accessors are for writing too
    char level[32] = "";
    for (size_t i = 0; i < sotto_config_key_count; i++) {
        const struct sotto_config_key *key = &sotto_config_keys[i];
        const char *dot = strchr(key->name, '.');
        size_t level_size = dot ? (size_t)(dot - key->name) : 0;
        bool same = dot && strlen(level) == level_size && !strncmp(level, key->name, level_size);
        if (dot && !same)
            fprintf(to, "%.*s:\n", (int)level_size, key->name);
        snprintf(level, sizeof level, "%.*s", (int)level_size, key->name);
        fprintf(to, "%s%s: ", dot ? "  " : "", dot ? dot + 1 : key->name);
        if (key->type == SOTTO_CONFIG_NUMBER)
            fprintf(to, "%u\n", *sotto_config_keys_number(&copy, key));
        else if (key->type == SOTTO_CONFIG_CHOICE)
            fprintf(to, "%s\n", key->choices[*sotto_config_keys_number(&copy, key)]);
        else
            fprintf(to, "\"%s\"\n", sotto_config_keys_text(&copy, key));
    }
}
