#include "server/tls.h"

#include "crypto/tls_context.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool is_readable(const char *key, const char *path, struct sotto_fault *fault) {
    if (access(path, R_OK) == 0)
        return true;
    sotto_fault_set(fault, "%s: %s: %s; give the path of a PEM file that sottod may read", key,
                    path, strerror(errno));
    return false;
}

static bool explain(enum sotto_tls_context_result result, const char *reason,
                    const char *certificate_path, const char *key_path,
                    struct sotto_fault *fault) {
    if (!reason)
        reason = "cannot be used";
    switch (result) {
    case SOTTO_TLS_CONTEXT_OK: return true;
    case SOTTO_TLS_CONTEXT_CERTIFICATE:
        sotto_fault_set(fault, "tls.certificate: %s: %s; a PEM certificate chain is needed",
                        certificate_path, reason);
        break;
    case SOTTO_TLS_CONTEXT_KEY:
        sotto_fault_set(fault, "tls.key: %s: %s; the private key of tls.certificate is needed",
                        key_path, reason);
        break;
    case SOTTO_TLS_CONTEXT_EXPIRED:
        sotto_fault_set(fault, "tls.certificate: %s: has expired; renew it", certificate_path);
        break;
    case SOTTO_TLS_CONTEXT_INTERNAL: sotto_fault_set(fault, "tls: OpenSSL cannot be set up"); break;
    }
    return false;
}

bool sotto_tls_load(struct ssl_ctx_st *context, const char *certificate_path, const char *key_path,
                    struct sotto_fault *fault) {
    if (!is_readable("tls.certificate", certificate_path, fault) ||
        !is_readable("tls.key", key_path, fault))
        return false;
    const char *reason = NULL;
    enum sotto_tls_context_result result =
        sotto_tls_context_load(context, certificate_path, key_path, &reason);
    return explain(result, reason, certificate_path, key_path, fault);
}

bool sotto_tls_check(const char *certificate_path, const char *key_path,
                     struct sotto_fault *fault) {
    if (!is_readable("tls.certificate", certificate_path, fault) ||
        !is_readable("tls.key", key_path, fault))
        return false;
    const char *reason = NULL;
    enum sotto_tls_context_result result =
        sotto_tls_context_check(certificate_path, key_path, &reason);
    return explain(result, reason, certificate_path, key_path, fault);
}
