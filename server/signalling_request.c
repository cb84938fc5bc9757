// Requests: their answers, their text fields, and what they may cost.
#include "server/signalling_private.h"

#include <stdio.h>
#include <string.h>

enum {
    REASON_SIZE = 96,
    // Joining a large room and publishing takes a few dozen requests at once; nobody presses
    // buttons faster than the rest.
    REQUESTS_AT_ONCE = 200,
    REQUESTS_PER_SECOND = 50,
    // A larger request counts once more for each of these: reading it takes time as well.
    REQUEST_SIZE = 16384,
    // A client that misreads an error may repeat itself; one that goes on beyond this is cut off.
    REFUSALS_AT_ONCE = 200,
    REFUSALS_PER_SECOND = 50,
    // What one participant makes the server write to others: in a room of 75 a new producer comes
    // to about 230 KB, and a message of 16 KiB to 1.2 MB or, escaped, more.
    TOLD_AT_ONCE = 16 * 1024 * 1024,
    TOLD_PER_SECOND = 1024 * 1024,
    THOUSAND = 1000,
};

void sotto_request_accept(const struct sotto_request *request) {
    sotto_session_answer(request->session, request->id, json_object());
}

void sotto_request_refuse(const struct sotto_request *request, enum sotto_signalling_error error,
                          const char *message) {
    sotto_session_refuse(request->session, request->id, error, message);
}

void sotto_request_refuse_parameter(const struct sotto_request *request, const char *reason) {
    sotto_request_refuse(request, SOTTO_ERROR_INVALID_PARAMETER, reason);
}

void sotto_request_refuse_unknown(const struct sotto_request *request, const char *field) {
    char reason[REASON_SIZE];
    snprintf(reason, sizeof reason, "%s: there is none with this id.", field);
    sotto_request_refuse_parameter(request, reason);
}

void sotto_request_refuse_memory(const struct sotto_request *request) {
    sotto_request_refuse(request, SOTTO_ERROR_SOMETHING_WENT_WRONG, "The server is out of memory.");
}

const char *sotto_request_text(const struct sotto_request *request, const char *field,
                               size_t size_max) {
    const json_t *value = json_object_get(request->data, field);
    size_t size = json_string_length(value); // 0 for what is no text
    if (size > 0 && size <= size_max)
        return json_string_value(value);
    char reason[REASON_SIZE];
    snprintf(reason, sizeof reason, "%s: must be a text of 1 to %zu bytes.", field, size_max);
    sotto_request_refuse_parameter(request, reason);
    return NULL;
}

// The text is UTF-8, as all that comes out of jansson. U+0080 to U+009F begin with 0xC2.
bool sotto_signalling_is_printable(const char *text) {
    for (const unsigned char *c = (const unsigned char *)text; *c != 0; c++) {
        if (*c < 0x20 || *c == 0x7f || (*c == 0xc2 && c[1] < 0xa0))
            return false;
    }
    return true;
}

static void fill(struct sotto_allowance *allowance, uint64_t now_ms, int64_t at_once,
                 int64_t per_second) {
    uint64_t since_ms = now_ms - allowance->filled_at_ms;
    int64_t missing = at_once * THOUSAND - allowance->amount;
    allowance->filled_at_ms = now_ms;
    if (since_ms >= (uint64_t)(missing / per_second) + 1)
        allowance->amount = at_once * THOUSAND;
    else
        allowance->amount += (int64_t)since_ms * per_second;
}

static bool take(struct sotto_allowance *allowance, int64_t count) {
    if (allowance->amount < count * THOUSAND)
        return false;
    allowance->amount -= count * THOUSAND;
    return true;
}

void sotto_signalling_init_allowances(struct sotto_session *session, uint64_t now_ms) {
    session->requests = (struct sotto_allowance){(int64_t)REQUESTS_AT_ONCE * THOUSAND, now_ms};
    session->refusals = (struct sotto_allowance){(int64_t)REFUSALS_AT_ONCE * THOUSAND, now_ms};
    session->told = (struct sotto_allowance){(int64_t)TOLD_AT_ONCE * THOUSAND, now_ms};
}

enum sotto_signalling_toll sotto_signalling_take_toll(struct sotto_session *session,
                                                      uint64_t now_ms, size_t size) {
    int64_t count = 1 + (int64_t)(size / REQUEST_SIZE);
    fill(&session->requests, now_ms, REQUESTS_AT_ONCE, REQUESTS_PER_SECOND);
    if (take(&session->requests, count))
        return SOTTO_TOLL_PAID;
    fill(&session->refusals, now_ms, REFUSALS_AT_ONCE, REFUSALS_PER_SECOND);
    return take(&session->refusals, count) ? SOTTO_TOLL_REFUSED : SOTTO_TOLL_FLOOD;
}

bool sotto_signalling_may_tell(struct sotto_session *session, uint64_t now_ms) {
    fill(&session->told, now_ms, TOLD_AT_ONCE, TOLD_PER_SECOND);
    return session->told.amount > 0;
}

void sotto_signalling_book_told(struct sotto_session *session, uint64_t size) {
    session->told.amount -= (int64_t)size * THOUSAND;
}
