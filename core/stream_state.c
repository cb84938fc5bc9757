#include "core/stream_state.h"

enum { EVENT_INTERVAL_MS = 1000 };

void sotto_stream_state_count(struct sotto_stream_state *state, enum sotto_result result,
                              uint64_t kid) {
    if (result == SOTTO_OK) {
        state->passed++;
        state->passed_kid = kid;
        state->failed_in_a_row = 0;
    } else if (result == SOTTO_REPLAYED) {
        state->replayed++;
    } else {
        state->failed++;
        state->failed_as[result]++;
        state->failed_in_a_row++;
        state->failed_kid = kid;
        state->failure = result;
    }
}

uint64_t sotto_stream_state_total(const struct sotto_stream_state *state,
                                  enum sotto_result result) {
    if (result == SOTTO_OK)
        return state->passed;
    if (result == SOTTO_REPLAYED)
        return state->replayed;
    return (unsigned)result < SOTTO_RESULT_COUNT ? state->failed_as[result] : 0;
}

// A run of failures begins at the first poll that sees it, and anew after every frame that passed.
static void follow_failures(struct sotto_stream_state *state, bool has_passed, uint64_t now_ms) {
    bool was_failing = state->is_failing && !has_passed;
    state->is_failing = state->failed_in_a_row > 0;
    if (state->is_failing && !was_failing)
        state->failing_since_ms = now_ms;
}

static void find_success(struct sotto_stream_state *state, uint64_t now_ms) {
    if (state->found.is_known && state->found.result == SOTTO_OK)
        return;
    state->found = (struct sotto_stream_verdict){true, SOTTO_OK, now_ms};
    state->passed_before = state->passed_at_poll;
}

// Media may overtake the answer that makes it live, so that has to last also at the beginning.
static void find_failure(struct sotto_stream_state *state, uint64_t now_ms) {
    bool lasts = now_ms - state->failing_since_ms >= EVENT_INTERVAL_MS;
    bool may_be_early = state->passed > 0 || state->failure == SOTTO_NOT_LIVE;
    if (state->is_failing && (lasts || !may_be_early))
        state->found =
            (struct sotto_stream_verdict){true, state->failure, state->failing_since_ms};
}

static enum sotto_state state_of(enum sotto_stream_direction direction, enum sotto_result result) {
    bool seals = direction == SOTTO_SEALING;
    switch (result) {
    case SOTTO_OK: return seals ? SOTTO_STATE_ENCRYPTION_SUCCESS : SOTTO_STATE_DECRYPTION_SUCCESS;
    case SOTTO_MISSING_KEY:
    case SOTTO_NOT_READY:
    case SOTTO_EXHAUSTED:
    case SOTTO_TAMPERED:
    case SOTTO_NOT_SEALED:
    case SOTTO_NOT_LIVE:
        return seals ? SOTTO_STATE_ENCRYPTION_FAILED : SOTTO_STATE_DECRYPTION_FAILED;
    case SOTTO_REPLAYED:
    case SOTTO_KID_TAKEN:
    case SOTTO_TOO_SMALL:
    case SOTTO_INVALID:
    case SOTTO_INTERNAL: break;
    }
    return SOTTO_STATE_INTERNAL_ERROR;
}

static bool is_news(const struct sotto_stream_state *state, uint64_t now_ms) {
    if (!state->found.is_known)
        return false;
    if (!state->told.is_known)
        return true;
    return state->found.result != state->told.result &&
           now_ms - state->told_at_ms >= EVENT_INTERVAL_MS;
}

bool sotto_stream_state_poll_event(struct sotto_stream_state *state,
                                   enum sotto_stream_direction direction, enum sotto_kind kind,
                                   uint64_t now_ms, struct sotto_stream_event *event) {
    bool has_passed = state->passed != state->passed_at_poll;
    follow_failures(state, has_passed, now_ms);
    if (has_passed)
        find_success(state, now_ms);
    find_failure(state, now_ms);
    state->passed_at_poll = state->passed;

    *event = (struct sotto_stream_event){0};
    if (!is_news(state, now_ms))
        return false;
    state->told = state->found;
    state->told_at_ms = now_ms;
    bool passes = state->found.result == SOTTO_OK;
    *event = (struct sotto_stream_event){
        .state = state_of(direction, state->found.result),
        .kind = kind,
        .reason = state->found.result,
        .kid = passes ? state->passed_kid : state->failed_kid,
        .count = passes ? state->passed - state->passed_before : state->failed_in_a_row,
        .since_ms = state->found.since_ms,
    };
    return true;
}

const char *sotto_state_text(enum sotto_state state) {
    switch (state) {
    case SOTTO_STATE_ENCRYPTION_SUCCESS: return "EncryptionSuccess";
    case SOTTO_STATE_ENCRYPTION_FAILED: return "EncryptionFailed";
    case SOTTO_STATE_DECRYPTION_SUCCESS: return "DecryptionSuccess";
    case SOTTO_STATE_DECRYPTION_FAILED: return "DecryptionFailed";
    case SOTTO_STATE_INTERNAL_ERROR: return "InternalError";
    }
    return NULL;
}

const char *sotto_reason_text(enum sotto_result reason) {
    switch (reason) {
    case SOTTO_OK: return "";
    case SOTTO_MISSING_KEY: return "missing-key";
    case SOTTO_NOT_READY: return "not-ready";
    case SOTTO_EXHAUSTED: return "exhausted";
    case SOTTO_TAMPERED: return "tampered";
    case SOTTO_NOT_SEALED: return "not-sealed";
    case SOTTO_NOT_LIVE: return "not-live";
    case SOTTO_REPLAYED: return "replayed";
    case SOTTO_KID_TAKEN: return "kid-taken";
    case SOTTO_TOO_SMALL: return "destination-too-small";
    case SOTTO_INVALID: return "invalid-argument";
    case SOTTO_INTERNAL: return "cryptographic-library";
    }
    return NULL;
}
