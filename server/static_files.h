// The built web app, served from one folder. A path can name nothing outside of it: every part of a
// path is checked, and opened without following links.
#ifndef SOTTO_SERVER_STATIC_FILES_H
#define SOTTO_SERVER_STATIC_FILES_H

#include "server/http_request.h"
#include "server/http_response.h"

#include <stdbool.h>

struct sotto_static_files {
    int folder; // a descriptor; -1 when there is no web app to serve
};

// False with errno if the folder cannot be opened. An empty path is no folder: everything is 404.
bool sotto_static_files_init(struct sotto_static_files *files, const char *path);
void sotto_static_files_wipe(struct sotto_static_files *files);

// Answers GET and HEAD. "/" and "/m/…" give index.html.
void sotto_static_files_handle(const struct sotto_static_files *files,
                               const struct sotto_http_request *request,
                               struct sotto_http_response *response);

// "text/javascript; charset=utf-8" for "app.mjs"; application/octet-stream for what is not known.
const char *sotto_static_files_type(const char *name);
// True for what a bundler named after its content: /assets/name-HASH.ext with 8 characters.
bool sotto_static_files_is_immutable(const char *path);

#endif
