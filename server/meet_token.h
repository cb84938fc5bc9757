// POST /meet/token for Sotto's own meeting app: {roomId?} makes or checks one room and answers
// {roomId, token} with a token for that room, one hour and allow_join. Whoever can call it can meet
// on this server, so it is on by default only where nobody but this machine can call it.
#ifndef SOTTO_SERVER_MEET_TOKEN_H
#define SOTTO_SERVER_MEET_TOKEN_H

#include "server/credentials.h"
#include "server/http_request.h"
#include "server/http_response.h"
#include "server/rate_limit.h"
#include "server/store.h"

enum sotto_meet_token_mode {
    SOTTO_MEET_TOKEN_OFF,
    SOTTO_MEET_TOKEN_ON,
    // Only for requests of this machine to this machine: peer and Host are loopback, and nothing
    // says that a proxy stands in between.
    SOTTO_MEET_TOKEN_LOCAL,
};

struct sotto_meet_token {
    enum sotto_meet_token_mode mode;
    struct sotto_store *store;                   // borrowed
    const struct sotto_credentials *credentials; // borrowed
    struct sotto_rate_limit limit;
};

void sotto_meet_token_handle(struct sotto_meet_token *meet_token,
                             const struct sotto_http_request *request,
                             struct sotto_http_response *response);

#endif
