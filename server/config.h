// The configuration of sottod. Later sources win: defaults, the YAML file, SOTTO_… environment
// variables (the key in capitals, '.' as '_': SOTTO_LISTEN_PORT), the command line. A key or
// variable that is not known is refused. There are no secrets in it: those are in credentials.json.
#ifndef SOTTO_SERVER_CONFIG_H
#define SOTTO_SERVER_CONFIG_H

#include "server/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
    SOTTO_CONFIG_PATH_SIZE = 512,
    SOTTO_CONFIG_ADDRESS_SIZE = 64,
    SOTTO_CONFIG_LIST_SIZE = 1024,
    SOTTO_CONFIG_WORKERS_MAX = 64, // a machine with more cores does other things with the rest
};

enum sotto_config_meet_token {
    SOTTO_CONFIG_MEET_TOKEN_AUTO, // on if every listener is loopback, and then only here
    SOTTO_CONFIG_MEET_TOKEN_ON,
    SOTTO_CONFIG_MEET_TOKEN_OFF,
};

struct sotto_config {
    char listen_address[SOTTO_CONFIG_ADDRESS_SIZE];
    uint32_t listen_port;
    char tls_certificate[SOTTO_CONFIG_PATH_SIZE]; // empty: plain HTTP, for localhost or a proxy
    char tls_key[SOTTO_CONFIG_PATH_SIZE];
    char admin_address[SOTTO_CONFIG_ADDRESS_SIZE];
    uint32_t admin_port;
    uint32_t media_port;    // worker i uses media_port + i, UDP
    uint32_t media_workers; // 0: one per core
    char media_announced_address[SOTTO_CONFIG_ADDRESS_SIZE]; // empty: the address listened on
    char data[SOTTO_CONFIG_PATH_SIZE];
    char web_root[SOTTO_CONFIG_PATH_SIZE]; // empty: no web app is served
    bool web_root_is_default;              // then it may be missing
    uint32_t meet_token_enabled;           // of enum sotto_config_meet_token
    uint32_t meet_token_rate;              // per minute and peer network
    char allowed_origins[SOTTO_CONFIG_LIST_SIZE]; // comma-separated; empty: any, the token decides
    uint32_t log_level;                           // of enum sotto_log_level
    uint32_t core_dumps;                          // 0: no core dump, and no debugger but root's
    uint32_t limits_rooms;
    uint32_t limits_participants_per_room;
    uint32_t limits_connections;
    uint32_t limits_connections_per_network;
    uint32_t limits_joins_per_network; // and resumes; a minute, and at once
    uint32_t limits_message_size;
    uint32_t limits_send_queue_size;
    uint32_t limits_drain_timeout_s; // how long a stop waits for clients to leave
};

// Data directory: $STATE_DIRECTORY (systemd), else $XDG_DATA_HOME/sotto, else
// $HOME/.local/share/sotto, else ./sotto-data. Web root: the folder web beside the program.
void sotto_config_init(struct sotto_config *config);

// Sets the key ("listen.port") to what the text says. False with a fault that names the key, what
// it must be, and `source`.
bool sotto_config_set(struct sotto_config *config, const char *key, const char *text,
                      const char *source, struct sotto_fault *fault);

// False with a fault that names the file, the line and the key.
bool sotto_config_read_file(struct sotto_config *config, const char *path,
                            struct sotto_fault *fault);
// Takes every SOTTO_… variable of `environment` but SOTTO_CONFIG, which names the file.
bool sotto_config_read_environment(struct sotto_config *config, char *const *environment,
                                   struct sotto_fault *fault);

// What is in force, as YAML that sotto_config_read_file reads.
void sotto_config_print(const struct sotto_config *config, FILE *to);

// Looks at everything that can be known before the start: files exist and parse, certificate and
// key belong together, addresses and ports are free. Returns the number of faults, the first
// `capacity` of them in `faults`.
size_t sotto_config_check(const struct sotto_config *config, struct sotto_fault *faults,
                          size_t capacity);

// How many media workers there will be. 0, with a fault, if their ports end above 65535.
uint32_t sotto_config_count_workers(const struct sotto_config *config, struct sotto_fault *fault);

// True if both listeners are on loopback addresses.
bool sotto_config_is_loopback(const struct sotto_config *config);

#endif
