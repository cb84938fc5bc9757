// The meetings of a running sottod: media workers, their certificate, and the signalling, joined to
// the control thread.
#ifndef SOTTO_SERVER_SERVICE_H
#define SOTTO_SERVER_SERVICE_H

#include "crypto/certificate.h"
#include "server/control.h"
#include "server/media.h"
#include "server/signalling.h"

#include <stdbool.h>

// Stays where it is between create and destroy.
struct sotto_service {
    struct sotto_control control;
    struct sotto_certificate certificate;
    struct sotto_media *media; // owned
    struct sotto_signalling signalling;
    struct sotto_timer sweep;
};

// Opens everything that the configuration names. False with a fault, and with nothing left open.
bool sotto_service_create(struct sotto_service *service, const struct sotto_config *config,
                          struct sotto_fault *fault);
void sotto_service_destroy(struct sotto_service *service);

// As sotto_control_run.
void sotto_service_run(struct sotto_service *service);

#endif
