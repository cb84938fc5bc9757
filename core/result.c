#include "core/result.h"

const char *sotto_result_text(enum sotto_result result) {
    switch (result) {
    case SOTTO_OK: return "it worked";
    case SOTTO_MISSING_KEY: return "the key that this frame needs is not here";
    case SOTTO_NOT_READY: return "the stream is not ready yet";
    case SOTTO_EXHAUSTED: return "the stream has sealed all the frames its key allows";
    case SOTTO_TAMPERED: return "the key or the stream is another one, or the frame was altered";
    case SOTTO_NOT_SEALED: return "the frame is not encrypted in this meeting's format";
    case SOTTO_NOT_LIVE: return "the sender has not proved that it is live";
    case SOTTO_REPLAYED: return "the frame was received before";
    case SOTTO_KID_TAKEN: return "another secret has the same key id";
    case SOTTO_TOO_SMALL: return "the destination is too small";
    case SOTTO_INVALID: return "the frame or another argument is outside what is allowed";
    case SOTTO_INTERNAL: return "the cryptographic library failed";
    }
    return "an unknown result";
}
