// The server's log: one JSON object a line on standard error, with time (ISO 8601, UTC,
// milliseconds), level, event and fields. A field is made by one of the helpers below, and none of
// them takes free text that came from the network: that is how tokens, keys and payload stay out.
#ifndef SOTTO_SERVER_LOG_H
#define SOTTO_SERVER_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sotto_log_level { SOTTO_LOG_ERROR, SOTTO_LOG_WARN, SOTTO_LOG_INFO, SOTTO_LOG_DEBUG };

enum sotto_log_type {
    SOTTO_LOG_TYPE_NUMBER,
    SOTTO_LOG_TYPE_TEXT, // from the program or the person who runs it
    SOTTO_LOG_TYPE_ID,   // from the network: cut to 64 characters, and only [A-Za-z0-9_-] stay
};

struct sotto_log_field {
    const char *name;
    enum sotto_log_type type;
    int64_t number;
    const char *text;
};

// A number.
#define SOTTO_LOG_NUMBER(key, value)                                                               \
    ((struct sotto_log_field){.name = "" key "", .type = SOTTO_LOG_TYPE_NUMBER,                    \
                              .number = (int64_t)(value)})
// A string literal; anything else does not compile.
#define SOTTO_LOG_LITERAL(key, value)                                                              \
    ((struct sotto_log_field){.name = "" key "", .type = SOTTO_LOG_TYPE_TEXT, .text = "" value ""})
// The id of a room, a participant, a session or a connection.
#define SOTTO_LOG_ID(key, value)                                                                   \
    ((struct sotto_log_field){.name = "" key "", .type = SOTTO_LOG_TYPE_ID, .text = (value)})
// A network address as the kernel gave it.
#define SOTTO_LOG_ADDRESS(value)                                                                   \
    ((struct sotto_log_field){.name = "address", .type = SOTTO_LOG_TYPE_TEXT, .text = (value)})
// A file or folder that the configuration names.
#define SOTTO_LOG_PATH(value)                                                                      \
    ((struct sotto_log_field){.name = "path", .type = SOTTO_LOG_TYPE_TEXT, .text = (value)})
// A text of the operating system, a library or an enumeration: strerror, sqlite3_errmsg,
// sotto_token_result_text.
#define SOTTO_LOG_REASON(value)                                                                    \
    ((struct sotto_log_field){.name = "reason", .type = SOTTO_LOG_TYPE_TEXT, .text = (value)})

// Writes one line with one system call, with one field or more:
// SOTTO_LOG(SOTTO_LOG_INFO, "listening", SOTTO_LOG_NUMBER("port", port));
#define SOTTO_LOG(level, event, ...)                                                               \
    sotto_log_write(level, "" event "", (const struct sotto_log_field[]){__VA_ARGS__},             \
                    sizeof((const struct sotto_log_field[]){__VA_ARGS__}) /                        \
                        sizeof(struct sotto_log_field))
// The same without fields.
#define SOTTO_LOG_EVENT(level, event) sotto_log_write(level, "" event "", NULL, 0)

void sotto_log_write(enum sotto_log_level level, const char *event,
                     const struct sotto_log_field *fields, size_t count);

void sotto_log_set_level(enum sotto_log_level level); // at start: info

// Forms the line, newline included, for the unix time in ms. Returns its size; a line that does not
// fit is cut between fields and stays valid JSON. `capacity` is at least 256.
size_t sotto_log_format(char *line, size_t capacity, uint64_t unix_ms, enum sotto_log_level level,
                        const char *event, const struct sotto_log_field *fields, size_t count);

// For events that a peer can cause at will: at most `SOTTO_LOG_LIMIT_COUNT` lines a second.
enum { SOTTO_LOG_LIMIT_COUNT = 5 };
struct sotto_log_limit {
    uint64_t second;
    uint32_t count;
    uint32_t suppressed; // since the last line that was allowed
};
// True if the line may be written; then `suppressed` says how many were left out before it.
bool sotto_log_limit_allow(struct sotto_log_limit *limit, uint64_t now_ms, uint32_t *suppressed);

#endif
