// The API key and the secret that sign and check tokens. They are drawn at the first start and kept
// in the data directory as credentials.json, readable by its owner alone.
#ifndef SOTTO_SERVER_CREDENTIALS_H
#define SOTTO_SERVER_CREDENTIALS_H

#include "server/fault.h"

#include <stdbool.h>

enum { SOTTO_API_KEY_SIZE_MAX = 64, SOTTO_SECRET_SIZE_MAX = 128 };

struct sotto_credentials {
    char api_key[SOTTO_API_KEY_SIZE_MAX + 1];
    // The bytes of this text are the HMAC key, as every JWT library takes it.
    char secret[SOTTO_SECRET_SIZE_MAX + 1];
};

// Reads `folder`/credentials.json, and draws and writes it first if it is not there: at once whole
// or not at all, and one of two that race wins. A file that others can read, that is not what it
// should be, or whose secret is shorter than 32 bytes is refused with a fault. Wipe it when done.
bool sotto_credentials_load(struct sotto_credentials *credentials, const char *folder,
                            struct sotto_fault *fault);
// The same without drawing: true with an empty key if there is no file yet.
bool sotto_credentials_check(struct sotto_credentials *credentials, const char *folder,
                             struct sotto_fault *fault);
void sotto_credentials_wipe(struct sotto_credentials *credentials);

#endif
