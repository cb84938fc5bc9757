// The checks of server/config.h.
#include "server/config.h"
#include "server/credentials.h"
#include "server/listen_check.h"
#include "server/tls.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct faults {
    struct sotto_fault *list;
    size_t capacity;
    size_t count;
};

// A place for the next fault; a spare one when the list is full.
static struct sotto_fault *next(struct faults *faults) {
    static struct sotto_fault spare;
    return faults->count < faults->capacity ? &faults->list[faults->count] : &spare;
}

static void expect(struct faults *faults, bool good) {
    if (!good)
        faults->count++;
}

static void check_ports(const struct sotto_config *config, struct faults *faults) {
    // libwebsockets finds the listener of a request by its port alone.
    if (config->listen_port == config->admin_port && config->listen_port != 0) {
        sotto_fault_set(next(faults), "admin.port: the same as listen.port; choose another");
        faults->count++;
        return;
    }
    expect(faults, sotto_listen_check_tcp("listen", config->listen_address,
                                          (uint16_t)config->listen_port, next(faults)));
    expect(faults, sotto_listen_check_tcp("admin", config->admin_address,
                                          (uint16_t)config->admin_port, next(faults)));
}

static void check_media(const struct sotto_config *config, struct faults *faults) {
    uint32_t workers = sotto_config_count_workers(config, next(faults));
    expect(faults, workers > 0);
    for (uint32_t i = 0; i < workers && config->media_port != 0; i++)
        expect(faults, sotto_listen_check_udp((uint16_t)(config->media_port + i), next(faults)));
}

static void check_tls(const struct sotto_config *config, struct faults *faults) {
    bool certificate = config->tls_certificate[0] != 0;
    bool key = config->tls_key[0] != 0;
    if (certificate != key) {
        sotto_fault_set(next(faults), "%s: missing; tls needs both certificate and key",
                        certificate ? "tls.key" : "tls.certificate");
        faults->count++;
    } else if (certificate) {
        expect(faults, sotto_tls_check(config->tls_certificate, config->tls_key, next(faults)));
    }
}

static bool is_folder(const char *path) {
    struct stat status;
    if (stat(path, &status) != 0)
        return false;
    errno = ENOTDIR;
    return S_ISDIR(status.st_mode);
}

static void check_folders(const struct sotto_config *config, struct faults *faults) {
    struct sotto_credentials credentials;
    if (config->web_root[0] && !config->web_root_is_default && !is_folder(config->web_root)) {
        sotto_fault_set(next(faults), "web_root: %s: %s; give the folder of the built web app",
                        config->web_root, strerror(errno));
        faults->count++;
    }
    if (access(config->data, F_OK) != 0)
        return; // it is made at the start
    if (!is_folder(config->data) || access(config->data, R_OK | W_OK | X_OK) != 0) {
        sotto_fault_set(next(faults), "data: %s: %s; give a folder that sottod may write to",
                        config->data, strerror(errno));
        faults->count++;
        return;
    }
    expect(faults, sotto_credentials_check(&credentials, config->data, next(faults)));
    sotto_credentials_wipe(&credentials);
}

size_t sotto_config_check(const struct sotto_config *config, struct sotto_fault *list,
                          size_t capacity) {
    struct faults faults = {.list = list, .capacity = capacity};
    check_ports(config, &faults);
    check_media(config, &faults);
    check_tls(config, &faults);
    check_folders(config, &faults);
    return faults.count;
}
