// Meeting tokens: VideoSDK's JWT with HS256, both the plain form of its dashboard and version 2
// with roles and scopes. What the signature proves is only that whoever knows the secret said so;
// every use checks what the token allows.
#ifndef SOTTO_SERVER_TOKEN_H
#define SOTTO_SERVER_TOKEN_H

#include "core/result.h"
#include "server/credentials.h"
#include "server/limits.h"
#include "server/room_id.h"
#include "server/text.h"

#include <stdbool.h>
#include <stdint.h>

enum sotto_token_result {
    SOTTO_TOKEN_OK,
    SOTTO_TOKEN_MISSING, // no token at all
    SOTTO_TOKEN_BEARER,              // with a "Bearer " in front: VideoSDK sends it raw
    SOTTO_TOKEN_INVALID, // not a token of this server: form, signature or claims
    SOTTO_TOKEN_EXPIRED, // its time is over
    SOTTO_TOKEN_NOT_YET, // nbf or iat lies in the future
    SOTTO_TOKEN_API_KEY, // for another API key
    SOTTO_TOKEN_PERMISSIONS,         // not allowed by its permissions
    SOTTO_TOKEN_MEETING, // for another room
    SOTTO_TOKEN_PARTICIPANT,         // for another participant
    SOTTO_TOKEN_ROLE, // its role may not do this: rtc over REST, crawler in a meeting
};

enum sotto_permission {
    SOTTO_PERMISSION_ALLOW_JOIN = 1,
    SOTTO_PERMISSION_ASK_JOIN = 2,
    SOTTO_PERMISSION_ALLOW_MOD = 4,
};

// What a call does over REST.
enum sotto_access {
    SOTTO_ACCESS_LOOK,     // at one room, to join it
    SOTTO_ACCESS_WRITE,    // makes, finds or lists rooms
    SOTTO_ACCESS_MODERATE, // takes a room from those who use it
};

struct sotto_token {
    unsigned permissions; // of enum sotto_permission
    bool role_rtc;        // both false: no roles claim, everything is allowed
    bool role_crawler;
    char room_id[SOTTO_ROOM_ID_SIZE]; // empty: any room
    char participant_id[SOTTO_PARTICIPANT_ID_SIZE_MAX + 1]; // empty: any participant
    int64_t expires_at_s; // unix time
};

// Checks signature, times (60 s of leeway for nbf and iat, none for exp, which is mandatory), API
// key and the form of every claim. `now_s` is unix time.
SOTTO_MUST_USE enum sotto_token_result
sotto_token_parse(struct sotto_token *token, struct sotto_text text,
                  const struct sotto_credentials *credentials, int64_t now_s);

// May the holder enter this room as this participant? A token with ask_join alone passes when `ask`
// is set, and then only to wait at the door.
SOTTO_MUST_USE enum sotto_token_result sotto_token_check_join(const struct sotto_token *token,
                                                              const char *room_id,
                                                              const char *participant_id, bool ask);

// May the holder call REST for this room? NULL stands for calls that are not about one room; a
// token for one room may not make those, and one for one participant only SOTTO_ACCESS_LOOK, unless
// it has the role crawler. To moderate needs allow_mod or that role.
SOTTO_MUST_USE enum sotto_token_result sotto_token_check_rest(const struct sotto_token *token,
                                                              const char *room_id,
                                                              enum sotto_access access);

// A signed token of version 2 with these permissions and scopes (room and participant may be
// empty), owned by the caller (free); NULL if memory or OpenSSL fails.
char *sotto_token_issue(const struct sotto_token *token,
                        const struct sotto_credentials *credentials, int64_t now_s);

// A sentence for people, without the token or anything from it.
const char *sotto_token_result_text(enum sotto_token_result result);
unsigned sotto_token_result_code(enum sotto_token_result result); // VideoSDK's number: 4002 …
unsigned sotto_token_result_status(enum sotto_token_result result); // of HTTP: 401 or 403

#endif
