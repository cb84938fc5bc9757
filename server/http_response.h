// An HTTP response: what the routes fill in, and how its head is written (RFC 9112, section 4).
#ifndef SOTTO_SERVER_HTTP_RESPONSE_H
#define SOTTO_SERVER_HTTP_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SOTTO_HTTP_RESPONSE_HEAD_SIZE_MAX = 2048 };

struct sotto_http_response {
    unsigned status;
    const char *content_type;  // a literal; NULL when there is no body
    const char *cache_control; // a literal; NULL stands for "no-store"
    const char *allow;         // a literal, for 405; NULL otherwise
    unsigned retry_after_s;    // for 429 and 503; 0 otherwise
    bool is_page;              // belongs to the web app: may run scripts of its own
    bool any_origin;           // scripts of other sites may call this and read the answer (CORS)
    char etag[40];    // with its quotes; empty for none
    char *body;       // owned; the connection frees it
    uint64_t size;    // of the body or of the file
    int file;         // a descriptor to send instead of `body`, owned; -1 otherwise
};

// An empty response of that status.
void sotto_http_response_init(struct sotto_http_response *response, unsigned status);
// Frees what it owns and makes it an empty response of that status.
void sotto_http_response_reset(struct sotto_http_response *response, unsigned status);

// Gives it a copy of `text` as its body. Without memory it becomes an empty 500.
void sotto_http_response_set_text(struct sotto_http_response *response, const char *content_type,
                                  const char *text);
// {"statusCode", "error", "code"} with the status and this sentence; `code` 0 is left out.
void sotto_http_response_set_error(struct sotto_http_response *response, unsigned status,
                                   const char *error, unsigned code);

// Writes the head, which says that the connection ends, empty line included, and returns its size.
// `capacity` is at least
// SOTTO_HTTP_RESPONSE_HEAD_SIZE_MAX.
size_t sotto_http_response_write_head(const struct sotto_http_response *response,
                                      uint64_t unix_ms, char *to, size_t capacity);

// "Not Found" for 404.
const char *sotto_http_response_reason(unsigned status);

#endif
