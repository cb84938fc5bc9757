// The keys of the configuration: one table that file, environment, checks and output share.
#ifndef SOTTO_SERVER_CONFIG_KEYS_H
#define SOTTO_SERVER_CONFIG_KEYS_H

#include "server/config.h"

enum sotto_config_type {
    SOTTO_CONFIG_NUMBER,  // min to max
    SOTTO_CONFIG_CHOICE,  // one of `choices`
    SOTTO_CONFIG_TEXT,    // up to max bytes
    SOTTO_CONFIG_ADDRESS, // a literal IPv4 or IPv6 address; empty if min is 0
};

struct sotto_config_key {
    const char *name;
    enum sotto_config_type type;
    size_t offset; // in struct sotto_config
    uint32_t min;
    uint32_t max;
    const char *const *choices; // ends with NULL
};

extern const struct sotto_config_key sotto_config_keys[];
extern const size_t sotto_config_key_count;

const struct sotto_config_key *sotto_config_keys_find(const char *name); // NULL if there is none

uint32_t *sotto_config_keys_number(struct sotto_config *config, const struct sotto_config_key *key);
char *sotto_config_keys_text(struct sotto_config *config, const struct sotto_config_key *key);

#endif
