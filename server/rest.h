// The REST interface with the paths and shapes of VideoSDK's version 2: rooms. Errors are
// {"statusCode", "error", "code"?}, where error is a sentence.
#ifndef SOTTO_SERVER_REST_H
#define SOTTO_SERVER_REST_H

#include "server/credentials.h"
#include "server/http_request.h"
#include "server/http_response.h"
#include "server/store.h"

struct sotto_rest {
    struct sotto_store *store;                   // borrowed
    const struct sotto_credentials *credentials; // borrowed
};

// True for paths that sotto_rest_handle answers.
bool sotto_rest_has(struct sotto_text path);

void sotto_rest_handle(const struct sotto_rest *rest, const struct sotto_http_request *request,
                       struct sotto_http_response *response);

// What POST /v2/rooms says about the room to make.
struct sotto_rest_room_options {
    char custom_room_id[SOTTO_CUSTOM_ROOM_ID_SIZE_MAX + 1]; // empty: none
    enum sotto_e2ee_policy policy;
    bool policy_given;
};
// Reads the body (empty is fine). False with a sentence that names the field. Fields that VideoSDK
// documents and Sotto has no use for are checked for their type and ignored.
bool sotto_rest_parse_room_options(struct sotto_rest_room_options *options, struct sotto_text body,
                                   char *error, size_t error_capacity);

#endif
