// The requests of the signalling that concern media: transports, producers, consumers. Each answers
// or refuses its request. Private to server/signalling*.c.
#ifndef SOTTO_SERVER_SIGNALLING_MEDIA_H
#define SOTTO_SERVER_SIGNALLING_MEDIA_H

#include "server/signalling.h"

// One request as its method sees it.
struct sotto_request {
    struct sotto_session *session;
    uint64_t id;
    const json_t *data; // an object, borrowed
};

// Every request gets exactly one of the two.
void sotto_request_accept(const struct sotto_request *request);
void sotto_request_refuse_parameter(const struct sotto_request *request, const char *reason);

// A text field of 1 to `size_max` bytes. NULL, with the request refused, for anything else.
const char *sotto_request_text(const struct sotto_request *request, const char *field,
                               size_t size_max);

// Announces a new session to its media worker. Adds the transports to the answer of its join. False
// without memory.
bool sotto_signalling_media_start(struct sotto_signalling *signalling,
                                  struct sotto_session *session, json_t *answer);

// Closes what the session publishes and receives, and tells the others of the producers.
void sotto_signalling_media_stop(struct sotto_signalling *signalling,
                                 struct sotto_session *session);

void sotto_signalling_ready(struct sotto_signalling *, const struct sotto_request *);
void sotto_signalling_connect_transport(struct sotto_signalling *, const struct sotto_request *);
void sotto_signalling_restart_ice(struct sotto_signalling *, const struct sotto_request *);
void sotto_signalling_produce(struct sotto_signalling *, const struct sotto_request *);
void sotto_signalling_close_producer(struct sotto_signalling *, const struct sotto_request *);
void sotto_signalling_pause_producer(struct sotto_signalling *, const struct sotto_request *);
void sotto_signalling_resume_producer(struct sotto_signalling *, const struct sotto_request *);
void sotto_signalling_close_consumer(struct sotto_signalling *, const struct sotto_request *);
void sotto_signalling_pause_consumer(struct sotto_signalling *, const struct sotto_request *);
void sotto_signalling_resume_consumer(struct sotto_signalling *, const struct sotto_request *);
void sotto_signalling_request_key_frame(struct sotto_signalling *, const struct sotto_request *);

#endif
