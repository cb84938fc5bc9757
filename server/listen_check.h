// Whether the server could listen where it is told to, asked before it does: the answer names the
// reason, and --check gives it without starting anything.
#ifndef SOTTO_SERVER_LISTEN_CHECK_H
#define SOTTO_SERVER_LISTEN_CHECK_H

#include "server/fault.h"

#include <stdbool.h>
#include <stdint.h>

// False with a fault that names `key`.address or `key`.port. Nothing stays bound. Port 0 is free.
bool sotto_listen_check_tcp(const char *key, const char *address, uint16_t port,
                            struct sotto_fault *fault);

// The same of a media worker's port, on all addresses as the worker binds it.
bool sotto_listen_check_udp(uint16_t port, struct sotto_fault *fault);
// What errno means for that port.
void sotto_listen_check_explain_udp(struct sotto_fault *fault, uint16_t port);

#endif
