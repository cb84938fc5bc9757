// The SOTTO_… variables of server/config.h.
#include "server/config_keys.h"

#include <ctype.h>
#include <string.h>

// SOTTO_LISTEN_PORT for listen.port.
static void form_name(const char *key, char *name, size_t capacity) {
    snprintf(name, capacity, "SOTTO_%s", key);
    for (char *c = name; *c; c++)
        *c = *c == '.' ? '_' : (char)toupper((unsigned char)*c);
}

static const char *find_key(const char *variable, size_t size) {
    for (size_t i = 0; i < sotto_config_key_count; i++) {
        char name[64];
        form_name(sotto_config_keys[i].name, name, sizeof name);
        if (strlen(name) == size && memcmp(name, variable, size) == 0)
            return sotto_config_keys[i].name;
    }
    return NULL;
}

bool sotto_config_read_environment(struct sotto_config *config, char *const *environment,
                                   struct sotto_fault *fault) {
    for (; *environment; environment++) {
        const char *equals = strchr(*environment, '=');
        size_t size = equals ? (size_t)(equals - *environment) : 0;
        if (strncmp(*environment, "SOTTO_", 6) != 0 || size == 0 ||
            (size == 12 && memcmp(*environment, "SOTTO_CONFIG", 12) == 0))
            continue;
        char source[64];
        snprintf(source, sizeof source, "%.*s", (int)(size < 63 ? size : 63), *environment);
        const char *key = find_key(*environment, size);
        if (!key) {
            sotto_fault_set(fault, "%s: there is no such variable; see sottod --help for the keys",
                            source);
            return false;
        }
        if (!sotto_config_set(config, key, equals + 1, source, fault))
            return false;
    }
    return true;
}
