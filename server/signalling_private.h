// What the files of the signalling share: requests, rooms and sessions, and the media workers'
// names for them. Private to server/signalling*.c.
#ifndef SOTTO_SERVER_SIGNALLING_PRIVATE_H
#define SOTTO_SERVER_SIGNALLING_PRIVATE_H

#include "server/signalling.h"

// RFC 6455, section 7.4.1, and the IANA registry.
enum {
    SOTTO_CLOSE_NORMAL = 1000,
    SOTTO_CLOSE_GOING_AWAY = 1001,
    SOTTO_CLOSE_PROTOCOL_ERROR = 1002,
    SOTTO_CLOSE_POLICY = 1008,
    SOTTO_CLOSE_TRY_AGAIN_LATER = 1013,
};

// signalling_request.c: one request as its method sees it. Every request gets exactly one answer:
// accepted, refused, or with data of its own by sotto_session_answer.
struct sotto_request {
    struct sotto_session *session;
    uint64_t id;
    const json_t *data; // an object, borrowed; NULL for none
};

void sotto_request_accept(const struct sotto_request *request);
void sotto_request_refuse(const struct sotto_request *request, enum sotto_signalling_error error,
                          const char *message);
void sotto_request_refuse_parameter(const struct sotto_request *request, const char *reason);
// "field: there is none with this id."
void sotto_request_refuse_unknown(const struct sotto_request *request, const char *field);
void sotto_request_refuse_memory(const struct sotto_request *request);

// A text field of 1 to `size_max` bytes. NULL, with the request refused, for anything else.
const char *sotto_request_text(const struct sotto_request *request, const char *field,
                               size_t size_max);

// Texts that others get to see: no control characters, which mean something to a terminal.
bool sotto_signalling_is_printable(const char *text);

// A flood is what goes on although it was refused.
enum sotto_signalling_toll { SOTTO_TOLL_PAID, SOTTO_TOLL_REFUSED, SOTTO_TOLL_FLOOD };
void sotto_signalling_init_allowances(struct sotto_session *session, uint64_t now_ms);
// For a request of `size` bytes of text.
enum sotto_signalling_toll sotto_signalling_take_toll(struct sotto_session *session,
                                                      uint64_t now_ms, size_t size);
// Whether a request that others are told about may happen; what it told is booked afterwards.
bool sotto_signalling_may_tell(struct sotto_session *session, uint64_t now_ms);
void sotto_signalling_book_told(struct sotto_session *session, uint64_t size);

// signalling_join.c, signalling_resume.c: the first message of a connection, with its id.
enum { SOTTO_RESUME_ID = 0, SOTTO_JOIN_ID = 1 };
void sotto_signalling_join(struct sotto_signalling *signalling, struct sotto_websocket *socket,
                           const json_t *data);
void sotto_signalling_resume(struct sotto_signalling *signalling, struct sotto_websocket *socket,
                             const json_t *data);
// Seldom enough that nobody fills the log with it.
void sotto_signalling_log_refusal(struct sotto_signalling *signalling,
                                  struct sotto_websocket *socket,
                                  enum sotto_signalling_error error);
// An answer outside of any session, and the end of the connection.
void sotto_signalling_refuse_socket(struct sotto_websocket *socket, json_int_t id,
                                    enum sotto_signalling_error error, const char *message);

// signalling_room.c: rooms and who is in them. Why a session ends:
enum sotto_signalling_ending {
    SOTTO_ENDING_LEFT,
    SOTTO_ENDING_LOST,
    SOTTO_ENDING_REPLACED,
    SOTTO_ENDING_MEETING_ENDED,
    SOTTO_ENDING_FAULT,
};

// The room, opened if nobody was in it. NULL without memory.
struct sotto_live_room *sotto_signalling_open_room(struct sotto_signalling *signalling,
                                                   const struct sotto_room *stored);
void sotto_signalling_close_room_if_empty(struct sotto_signalling *signalling,
                                          struct sotto_live_room *room);

// Enters a session, which can be found by its id already, into its room.
void sotto_signalling_enter_session(struct sotto_signalling *signalling,
                                    struct sotto_session *session);
// The client is here, on this connection, or away (NULL).
void sotto_signalling_set_socket(struct sotto_signalling *signalling,
                                 struct sotto_session *session, struct sotto_websocket *socket);
// Takes a session out of its room and frees it; others are told. With the last one the room goes.
void sotto_signalling_end_session(struct sotto_signalling *signalling,
                                  struct sotto_session *session,
                                  enum sotto_signalling_ending ending);
// The client joins again as somebody else of the same name: the older session is told and ends, and
// the room stays.
void sotto_signalling_replace_session(struct sotto_signalling *signalling,
                                      struct sotto_session *session);
// Everybody is told and put out. The room is gone then.
void sotto_signalling_end_room(struct sotto_signalling *signalling, struct sotto_live_room *room,
                               enum sotto_signalling_ending ending);
// The same without a word.
void sotto_signalling_drop_room(struct sotto_signalling *signalling, struct sotto_live_room *room);

// signalling_media.c: names for the media workers, and commands.
// A new id whose owner is the session. 0 without memory.
uint64_t sotto_signalling_add_id(struct sotto_signalling *signalling,
                                 struct sotto_session *session);
void sotto_signalling_remove_id(struct sotto_signalling *signalling,
                                const struct sotto_session *session, uint64_t id);
// False without memory: then whatever the command adds never comes to be, and commands about it do
// nothing.
bool sotto_signalling_post(struct sotto_signalling *signalling,
                           const struct sotto_session *session,
                           const struct sotto_media_command *command);
bool sotto_signalling_post_about(struct sotto_signalling *signalling,
                                 const struct sotto_session *session,
                                 enum sotto_media_command_type type, uint64_t id);
// Announces a new session to its media worker and describes its transports, for the answer of its
// join. NULL without memory; sotto_signalling_stop_media undoes what was done.
json_t *sotto_signalling_start_media(struct sotto_signalling *signalling,
                                     struct sotto_session *session);
// Closes what the session publishes and receives, and tells the others of its producers.
void sotto_signalling_stop_media(struct sotto_signalling *signalling,
                                 struct sotto_session *session);
// Only forgets its ids: the whole meeting goes.
void sotto_signalling_forget_media(struct sotto_signalling *signalling,
                                   struct sotto_session *session);

// signalling_transport.c
json_t *sotto_signalling_add_transport(struct sotto_signalling *signalling,
                                       struct sotto_session *session,
                                       enum sotto_transport_direction direction);
// The direction of the transport that the request names; -1, with the request refused, if it is
// none of this session.
int sotto_signalling_find_direction(const struct sotto_request *request);

// signalling_producer.c. Everybody loses the consumer, then the producer.
void sotto_signalling_remove_producer(struct sotto_signalling *signalling,
                                      struct sotto_session *session,
                                      struct sotto_producer *producer);
// The media worker has no room for it: its publisher is told as well.
void sotto_signalling_lose_producer(struct sotto_signalling *signalling,
                                    struct sotto_session *session, uint64_t id);

// signalling_consumer.c
// Subscribes a session to a producer of another one, if its device can take it.
void sotto_signalling_add_consumer(struct sotto_signalling *signalling,
                                   struct sotto_session *session,
                                   const struct sotto_session *from,
                                   const struct sotto_producer *producer);
// Ends the subscription to a producer, if there is one; the client is told.
void sotto_signalling_end_consumer(struct sotto_signalling *signalling,
                                   struct sotto_session *session, uint64_t producer);
// The media worker has no room for it.
void sotto_signalling_lose_consumer(struct sotto_signalling *signalling,
                                    struct sotto_session *session, uint64_t id);

// The methods, by file.
void sotto_signalling_connect_transport(struct sotto_signalling *, const struct sotto_request *);
void sotto_signalling_restart_ice(struct sotto_signalling *, const struct sotto_request *);
void sotto_signalling_produce(struct sotto_signalling *, const struct sotto_request *);
void sotto_signalling_close_producer(struct sotto_signalling *, const struct sotto_request *);
void sotto_signalling_pause_producer(struct sotto_signalling *, const struct sotto_request *);
void sotto_signalling_resume_producer(struct sotto_signalling *, const struct sotto_request *);
void sotto_signalling_ready(struct sotto_signalling *, const struct sotto_request *);
void sotto_signalling_close_consumer(struct sotto_signalling *, const struct sotto_request *);
void sotto_signalling_pause_consumer(struct sotto_signalling *, const struct sotto_request *);
void sotto_signalling_resume_consumer(struct sotto_signalling *, const struct sotto_request *);
void sotto_signalling_request_key_frame(struct sotto_signalling *, const struct sotto_request *);

#endif
