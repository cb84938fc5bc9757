#include "server/token.h"

#include "core/base64url.h"
#include "core/wipe.h"
#include "server/jws.h"
#include "tests/check.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

static const int64_t now_s = 1800000000;
static const struct sotto_credentials credentials = {
    .api_key = "key-of-this-server", .secret = "0123456789abcdef0123456789abcdef0123456789a"};

#define HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define CLAIMS                                                                                     \
    "{\"apikey\":\"key-of-this-server\",\"permissions\":[\"allow_join\"],\"iat\":1800000000,"      \
    "\"exp\":1800000600}"
// The claims with one more, or with the expiry replaced.
#define WITH(more) "{\"apikey\":\"key-of-this-server\",\"permissions\":[\"allow_join\"]," more "}"
#define EXP "\"exp\":1800000600"

// A JWS over any bytes, with any header and key: owned by the caller.
static char *sign_bytes(const char *header, const void *payload, size_t size, const char *secret,
                        const EVP_MD *hash) {
    size_t capacity = 64 + SOTTO_BASE64URL_SIZE(strlen(header)) + SOTTO_BASE64URL_SIZE(size) + 128;
    char *token = malloc(capacity);
    unsigned char signature[EVP_MAX_MD_SIZE];
    unsigned signature_size = 0;
    CHECK(token);
    CHECK(sotto_base64url_write((const uint8_t *)header, strlen(header), token, capacity));
    strcat(token, ".");
    size_t used = strlen(token);
    CHECK(sotto_base64url_write(payload, size, token + used, capacity - used));
    CHECK(HMAC(hash, secret, (int)strlen(secret), (const unsigned char *)token, strlen(token),
               signature, &signature_size));
    strcat(token, ".");
    used = strlen(token);
    CHECK(sotto_base64url_write(signature, signature_size, token + used, capacity - used));
    return token;
}

static char *sign(const char *header, const char *payload) {
    return sign_bytes(header, payload, strlen(payload), credentials.secret, EVP_sha256());
}

// Parses a copy of exactly that size, so that reading past the end is seen.
static enum sotto_token_result parse_bytes(const char *data, size_t size,
                                           struct sotto_token *token) {
    char *exact = malloc(size ? size : 1);
    CHECK(exact);
    memcpy(exact, data, size);
    enum sotto_token_result result = sotto_token_parse(
        token, (struct sotto_text){.data = exact, .size = size}, &credentials, now_s);
    free(exact);
    return result;
}

static enum sotto_token_result parse(const char *text) {
    struct sotto_token token;
    return parse_bytes(text, strlen(text), &token);
}

static enum sotto_token_result parse_claims(const char *payload) {
    char *text = sign(HEADER, payload);
    enum sotto_token_result result = parse(text);
    free(text);
    return result;
}

TEST(a_plain_token_of_the_dashboard_is_accepted) {
    struct sotto_token token;
    char *text = sign(HEADER, CLAIMS);
    CHECK_EQ(parse_bytes(text, strlen(text), &token), SOTTO_TOKEN_OK);
    CHECK_EQ(token.permissions, SOTTO_PERMISSION_ALLOW_JOIN);
    CHECK_EQ(token.expires_at_s, 1800000600);
    CHECK_TEXT(token.room_id, "");
    CHECK(!token.role_rtc && !token.role_crawler);
    free(text);
}

TEST(a_token_of_version_2_carries_roles_and_scopes) {
    struct sotto_token token;
    char *text = sign("{\"typ\":\"jwt\",\"alg\":\"HS256\",\"kid\":\"ignored\"}",
                      WITH("\"version\":2,\"roles\":[\"rtc\"],\"roomId\":\"abcd-efgh-ijkl\","
                           "\"participantId\":\"p1\",\"jti\":\"x\",\"nbf\":1800000030," EXP));
    CHECK_EQ(parse_bytes(text, strlen(text), &token), SOTTO_TOKEN_OK);
    CHECK_TEXT(token.room_id, "abcd-efgh-ijkl");
    CHECK_TEXT(token.participant_id, "p1");
    CHECK(token.role_rtc && !token.role_crawler);
    free(text);
}

struct bad_header {
    const char *name;
    const char *header;
};

TEST(headers_that_ask_for_another_way_to_verify_are_refused) {
    static const struct bad_header table[] = {
        {"none", "{\"alg\":\"none\"}"},
        {"None", "{\"alg\":\"None\"}"},
        {"NONE", "{\"alg\":\"NONE\"}"},
        {"nOnE", "{\"alg\":\"nOnE\"}"},
        {"empty", "{\"alg\":\"\"}"},
        {"missing", "{\"typ\":\"JWT\"}"},
        {"null", "{\"alg\":null}"},
        {"number", "{\"alg\":256}"},
        {"array", "{\"alg\":[\"HS256\"]}"},
        {"lower case", "{\"alg\":\"hs256\"}"},
        {"blank behind", "{\"alg\":\"HS256 \"}"},
        {"zero behind", "{\"alg\":\"HS256\\u0000\"}"},
        {"HS384", "{\"alg\":\"HS384\"}"},
        {"HS512", "{\"alg\":\"HS512\"}"},
        {"RS256", "{\"alg\":\"RS256\"}"},
        {"PS256", "{\"alg\":\"PS256\"}"},
        {"ES256", "{\"alg\":\"ES256\"}"},
        {"EdDSA", "{\"alg\":\"EdDSA\"}"},
        {"twice", "{\"alg\":\"HS256\",\"alg\":\"none\"}"},
        {"twice the other way", "{\"alg\":\"none\",\"alg\":\"HS256\"}"},
        {"crit", "{\"alg\":\"HS256\",\"crit\":[\"exp\"]}"},
        {"b64", "{\"alg\":\"HS256\",\"b64\":false,\"crit\":[\"b64\"]}"},
        {"typ", "{\"alg\":\"HS256\",\"typ\":\"JWE\"}"},
        {"typ number", "{\"alg\":\"HS256\",\"typ\":1}"},
        {"array of headers", "[{\"alg\":\"HS256\"}]"},
        {"text", "\"HS256\""},
        {"no JSON", "alg=HS256"},
        {"nothing", ""},
        {"something behind", "{\"alg\":\"HS256\"}x"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char *text = sign(table[i].header, CLAIMS);
        if (parse(text) != SOTTO_TOKEN_INVALID)
            check_fail(__FILE__, __LINE__, table[i].name);
        free(text);
    }
}

TEST(keys_that_a_token_brings_along_are_not_used) {
    static const char *const headers[] = {
        "{\"alg\":\"HS256\",\"kid\":\"../../../../dev/null\"}",
        "{\"alg\":\"HS256\",\"kid\":\"' UNION SELECT ''\"}",
        "{\"alg\":\"HS256\",\"jwk\":{\"kty\":\"oct\",\"k\":\"\"}}",
        "{\"alg\":\"HS256\",\"jku\":\"http://127.0.0.1/\"}",
        "{\"alg\":\"HS256\",\"x5u\":\"http://127.0.0.1/\"}",
    };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        char *text = sign_bytes(headers[i], CLAIMS, strlen(CLAIMS), "", EVP_sha256());
        CHECK_EQ(parse(text), SOTTO_TOKEN_INVALID);
        free(text);
    }
}

TEST(signatures_of_other_keys_and_hashes_are_refused) {
    char *other = sign_bytes(HEADER, CLAIMS, strlen(CLAIMS),
                             "0123456789abcdef0123456789abcdef0123456789b", EVP_sha256());
    char *wide = sign_bytes("{\"alg\":\"HS384\"}", CLAIMS, strlen(CLAIMS), credentials.secret,
                            EVP_sha384());
    char *wide_said_narrow =
        sign_bytes(HEADER, CLAIMS, strlen(CLAIMS), credentials.secret, EVP_sha512());
    CHECK_EQ(parse(other), SOTTO_TOKEN_INVALID);
    CHECK_EQ(parse(wide), SOTTO_TOKEN_INVALID);
    CHECK_EQ(parse(wide_said_narrow), SOTTO_TOKEN_INVALID);
    free(other);
    free(wide);
    free(wide_said_narrow);
}

// RFC 8725, section 2.1: a public key used as if it were an HMAC secret.
TEST(a_token_signed_with_rsa_is_refused) {
    EVP_PKEY *key = EVP_RSA_gen(2048);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char signature[256];
    size_t size = sizeof signature;
    char token[2048];
    CHECK(key && context);
    CHECK(sotto_base64url_write((const uint8_t *)"{\"alg\":\"RS256\"}", 15, token, sizeof token));
    strcat(token, ".");
    size_t used = strlen(token);
    CHECK(sotto_base64url_write((const uint8_t *)CLAIMS, strlen(CLAIMS), token + used,
                                sizeof token - used));
    CHECK_EQ(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key), 1);
    CHECK_EQ(EVP_DigestSign(context, signature, &size, (unsigned char *)token, strlen(token)), 1);
    strcat(token, ".");
    used = strlen(token);
    CHECK(sotto_base64url_write(signature, size, token + used, sizeof token - used));
    CHECK_EQ(parse(token), SOTTO_TOKEN_INVALID);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
}

struct bad_claims {
    const char *claims;
    enum sotto_token_result result;
};

static const struct bad_claims bad_claims[] = {
    {WITH("\"iat\":1800000000"), SOTTO_TOKEN_INVALID}, // no exp
    {WITH("\"exp\":null"), SOTTO_TOKEN_INVALID},
    {WITH("\"exp\":\"1800000600\""), SOTTO_TOKEN_INVALID},
    {WITH("\"exp\":1800000600.5"), SOTTO_TOKEN_INVALID},
    {WITH("\"exp\":1.8e9"), SOTTO_TOKEN_INVALID},
    {WITH("\"exp\":true"), SOTTO_TOKEN_INVALID},
    {WITH("\"exp\":[1800000600]"), SOTTO_TOKEN_INVALID},
    {WITH("\"exp\":-1"), SOTTO_TOKEN_INVALID},
    {WITH("\"exp\":1800000600000"), SOTTO_TOKEN_INVALID}, // milliseconds
    {WITH("\"exp\":9223372036854775807"), SOTTO_TOKEN_INVALID},
    {WITH("\"exp\":9223372036854775808"), SOTTO_TOKEN_INVALID},
    {WITH("\"exp\":1e400"), SOTTO_TOKEN_INVALID},
    {WITH("\"exp\":0"), SOTTO_TOKEN_EXPIRED},
    {WITH("\"exp\":1799999999"), SOTTO_TOKEN_EXPIRED},
    {WITH("\"exp\":1800000000"), SOTTO_TOKEN_EXPIRED}, // this very second
    {WITH("\"exp\":1800000001"), SOTTO_TOKEN_OK},
    {WITH(EXP ",\"exp\":1799999999"), SOTTO_TOKEN_INVALID}, // twice
    {WITH(EXP ",\"nbf\":1800000061"), SOTTO_TOKEN_NOT_YET},
    {WITH(EXP ",\"nbf\":1800000060"), SOTTO_TOKEN_OK},
    {WITH(EXP ",\"nbf\":\"0\""), SOTTO_TOKEN_INVALID},
    {WITH(EXP ",\"iat\":1800000061"), SOTTO_TOKEN_NOT_YET},
    {WITH(EXP ",\"iat\":1800000060"), SOTTO_TOKEN_OK},
    {WITH(EXP ",\"iat\":-5"), SOTTO_TOKEN_INVALID},
    {WITH(EXP ",\"roomId\":7"), SOTTO_TOKEN_INVALID},
    {WITH(EXP ",\"roomId\":\"\""), SOTTO_TOKEN_INVALID},
    {WITH(EXP ",\"roomId\":null"), SOTTO_TOKEN_INVALID},
    {WITH(EXP ",\"roomId\":\"*\""), SOTTO_TOKEN_OK}, // a room that does not exist
    {WITH(EXP ",\"roomId\":\"abcd-efgh-ijkl-and-more\""), SOTTO_TOKEN_INVALID},
    {WITH(EXP ",\"roomId\":\"abcd\\u0000-efgh\""), SOTTO_TOKEN_INVALID},
    {WITH(EXP ",\"participantId\":[]"), SOTTO_TOKEN_INVALID},
    {WITH(EXP ",\"roles\":\"rtc\""), SOTTO_TOKEN_INVALID},
    {WITH(EXP ",\"roles\":[]"), SOTTO_TOKEN_INVALID},
    {WITH(EXP ",\"roles\":[\"admin\"]"), SOTTO_TOKEN_INVALID},
    {WITH(EXP ",\"roles\":[7]"), SOTTO_TOKEN_INVALID},
    {WITH(EXP ",\"version\":3"), SOTTO_TOKEN_INVALID},
    {WITH(EXP ",\"version\":\"2\""), SOTTO_TOKEN_INVALID},
    {"{\"permissions\":[\"allow_join\"]," EXP "}", SOTTO_TOKEN_INVALID}, // no key
    {"{\"apikey\":7,\"permissions\":[\"allow_join\"]," EXP "}", SOTTO_TOKEN_INVALID},
    {"{\"apikey\":\"other\",\"permissions\":[\"allow_join\"]," EXP "}", SOTTO_TOKEN_API_KEY},
    {"{\"apikey\":\"key-of-this-server\"," EXP "}", SOTTO_TOKEN_PERMISSIONS},
    {"{\"apikey\":\"key-of-this-server\",\"permissions\":[]," EXP "}", SOTTO_TOKEN_PERMISSIONS},
    {"{\"apikey\":\"key-of-this-server\",\"permissions\":\"allow_join\"," EXP "}",
     SOTTO_TOKEN_PERMISSIONS},
    {"{\"apikey\":\"key-of-this-server\",\"permissions\":[\"allow_join\",\"root\"]," EXP "}",
     SOTTO_TOKEN_PERMISSIONS},
    {"{\"apikey\":\"key-of-this-server\",\"permissions\":[[\"allow_join\"]]," EXP "}",
     SOTTO_TOKEN_PERMISSIONS},
    {"{\"apikey\":\"key-of-this-server\",\"permissions\":{\"allow_join\":1}," EXP "}",
     SOTTO_TOKEN_PERMISSIONS},
    {"[]", SOTTO_TOKEN_INVALID},
    {"null", SOTTO_TOKEN_INVALID},
    {"", SOTTO_TOKEN_INVALID},
    {"{", SOTTO_TOKEN_INVALID},
    {CLAIMS "x", SOTTO_TOKEN_INVALID},
    {WITH(EXP ",\"x\":\"\xff\""), SOTTO_TOKEN_INVALID}, // no UTF-8
};

TEST(claims_that_are_not_right_are_refused) {
    for (size_t i = 0; i < sizeof bad_claims / sizeof bad_claims[0]; i++)
        if (parse_claims(bad_claims[i].claims) != bad_claims[i].result)
            check_fail(__FILE__, __LINE__, bad_claims[i].claims);
}

TEST(nesting_is_bounded_before_the_parser_sees_it) {
    char claims[20000] = WITH(EXP);
    size_t size = strlen(claims) - 1;
    size += (size_t)sprintf(claims + size, ",\"x\":");
    for (int i = 0; i < 1000; i++)
        claims[size++] = '[';
    for (int i = 0; i < 1000; i++)
        claims[size++] = ']';
    strcpy(claims + size, "}");
    CHECK_EQ(parse_claims(claims), SOTTO_TOKEN_INVALID);
    CHECK_EQ(parse_claims(WITH(EXP ",\"x\":[[[[[[[[[[]]]]]]]]]]")), SOTTO_TOKEN_OK);
    CHECK_EQ(parse_claims(WITH(EXP ",\"x\":\"[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[\"")), SOTTO_TOKEN_OK);
}

struct bad_form {
    const char *format; // with %s for a good token
    enum sotto_token_result result;
};

TEST(what_is_around_a_good_token_spoils_it) {
    static const struct bad_form table[] = {
        {"", SOTTO_TOKEN_MISSING},       {"Bearer %s", SOTTO_TOKEN_BEARER},
        {"bearer %s", SOTTO_TOKEN_BEARER}, {"BEARER  %s", SOTTO_TOKEN_BEARER},
        {" %s", SOTTO_TOKEN_INVALID},    {"%s ", SOTTO_TOKEN_INVALID},
        {"%s\n", SOTTO_TOKEN_INVALID},   {"\t%s", SOTTO_TOKEN_INVALID},
        {".%s", SOTTO_TOKEN_INVALID},    {"%s.", SOTTO_TOKEN_INVALID},
        {"%s.x", SOTTO_TOKEN_INVALID},   {"%s=", SOTTO_TOKEN_INVALID},
        {"%s==", SOTTO_TOKEN_INVALID},   {"\"%s\"", SOTTO_TOKEN_INVALID},
        {"%sA", SOTTO_TOKEN_INVALID},    {"Basic %s", SOTTO_TOKEN_INVALID},
        {".", SOTTO_TOKEN_INVALID},      {"..", SOTTO_TOKEN_INVALID},
        {"...", SOTTO_TOKEN_INVALID},    {"x", SOTTO_TOKEN_INVALID},
        {"Bearer", SOTTO_TOKEN_INVALID}, {"%s", SOTTO_TOKEN_OK},
    };
    char *good = sign(HEADER, CLAIMS);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char text[2048];
        const char *place = strstr(table[i].format, "%s");
        size_t before = place ? (size_t)(place - table[i].format) : strlen(table[i].format);
        snprintf(text, sizeof text, "%.*s%s%s", (int)before, table[i].format, place ? good : "",
                 place ? place + 2 : "");
        if (parse(text) != table[i].result)
            check_fail(__FILE__, __LINE__, table[i].format);
    }
    free(good);
}

TEST(every_truncation_and_every_changed_character_is_refused) {
    char *good = sign(HEADER, CLAIMS);
    size_t size = strlen(good);
    struct sotto_token token, zero = {0};
    for (size_t i = 0; i < size; i++) {
        CHECK(parse_bytes(good, i, &token) != SOTTO_TOKEN_OK);
        CHECK_BYTES(&token, &zero, sizeof token);
    }
    for (size_t i = 0; i < size; i++) {
        char before = good[i];
        good[i] = before == 'A' ? 'B' : 'A';
        CHECK(parse(good) != SOTTO_TOKEN_OK);
        good[i] = before;
    }
    free(good);
}

// 32 bytes leave two bits over in their last character: four texts that lenient decoders take as
// one.
TEST(there_is_one_text_for_each_signature) {
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char *good = sign(HEADER, CLAIMS);
    char *last = good + strlen(good) - 1;
    int accepted = 0;
    for (size_t i = 0; i < 64; i++) {
        *last = alphabet[i];
        accepted += parse(good) == SOTTO_TOKEN_OK;
    }
    CHECK_EQ(accepted, 1);
    free(good);
}

TEST(huge_and_binary_tokens_are_refused) {
    struct sotto_token token;
    size_t size = 65536;
    char *large = malloc(size);
    CHECK(large);
    memset(large, 'A', size);
    CHECK_EQ(parse_bytes(large, size, &token), SOTTO_TOKEN_INVALID);
    memset(large, '.', size);
    CHECK_EQ(parse_bytes(large, size, &token), SOTTO_TOKEN_INVALID);
    memset(large, 0, 300);
    CHECK_EQ(parse_bytes(large, 300, &token), SOTTO_TOKEN_INVALID);
    memset(large, 0xff, 300);
    CHECK_EQ(parse_bytes(large, 300, &token), SOTTO_TOKEN_INVALID);
    char claims[8000];
    snprintf(claims, sizeof claims, "%.*s,\"x\":\"%07000d\"}", (int)strlen(CLAIMS) - 1, CLAIMS, 0);
    CHECK_EQ(parse_claims(claims), SOTTO_TOKEN_INVALID); // well signed, but above 8 KiB
    free(large);
}

TEST(a_short_secret_verifies_nothing) {
    struct sotto_credentials weak = {.api_key = "key-of-this-server", .secret = "short"};
    struct sotto_token token;
    char *text = sign_bytes(HEADER, CLAIMS, strlen(CLAIMS), weak.secret, EVP_sha256());
    CHECK_EQ(sotto_token_parse(&token, sotto_text_of(text), &weak, now_s), SOTTO_TOKEN_INVALID);
    free(text);
}

TEST(a_token_enters_only_what_it_names) {
    struct sotto_token any = {.permissions = SOTTO_PERMISSION_ALLOW_JOIN};
    struct sotto_token one = any, ask = any, rtc = any, crawler = any, moderator = any;
    strcpy(one.room_id, "abcd-efgh-ijkl");
    strcpy(one.participant_id, "p1");
    ask.permissions = SOTTO_PERMISSION_ASK_JOIN;
    moderator.permissions = SOTTO_PERMISSION_ALLOW_MOD;
    rtc.role_rtc = true;
    crawler.role_crawler = true;
    const char *room = "abcd-efgh-ijkl", *other = "abcd-efgh-ijkm";
    CHECK_EQ(sotto_token_check_join(&any, room, "p2", false), SOTTO_TOKEN_OK);
    CHECK_EQ(sotto_token_check_join(&one, room, "p1", false), SOTTO_TOKEN_OK);
    CHECK_EQ(sotto_token_check_join(&one, other, "p1", false), SOTTO_TOKEN_MEETING);
    CHECK_EQ(sotto_token_check_join(&one, room, "p2", false), SOTTO_TOKEN_PARTICIPANT);
    CHECK_EQ(sotto_token_check_join(&ask, room, "p1", false), SOTTO_TOKEN_PERMISSIONS);
    CHECK_EQ(sotto_token_check_join(&ask, room, "p1", true), SOTTO_TOKEN_OK);
    CHECK_EQ(sotto_token_check_join(&moderator, room, "p1", true), SOTTO_TOKEN_PERMISSIONS);
    CHECK_EQ(sotto_token_check_join(&rtc, room, "p1", false), SOTTO_TOKEN_OK);
    CHECK_EQ(sotto_token_check_join(&crawler, room, "p1", false), SOTTO_TOKEN_ROLE);
}

// What a token may do over REST for its own room, for another one, and for none in particular.
static void check_rest(const struct sotto_token *token, enum sotto_access access,
                       enum sotto_token_result own, enum sotto_token_result other,
                       enum sotto_token_result none) {
    CHECK_EQ(sotto_token_check_rest(token, "abcd-efgh-ijkl", access), own);
    CHECK_EQ(sotto_token_check_rest(token, "abcd-efgh-ijkm", access), other);
    CHECK_EQ(sotto_token_check_rest(token, NULL, access), none);
}

static void check_everywhere(const struct sotto_token *token, enum sotto_access access,
                             enum sotto_token_result result) {
    check_rest(token, access, result, result, result);
}

TEST(rest_takes_what_a_token_is_for) {
    struct sotto_token any = {.permissions = SOTTO_PERMISSION_ALLOW_JOIN};
    struct sotto_token ask = any, rtc = any, moderator = any, crawler = {.role_crawler = true};
    ask.permissions = SOTTO_PERMISSION_ASK_JOIN;
    moderator.permissions |= SOTTO_PERMISSION_ALLOW_MOD;
    rtc.permissions = moderator.permissions;
    rtc.role_rtc = true;
    check_everywhere(&any, SOTTO_ACCESS_LOOK, SOTTO_TOKEN_OK);
    check_everywhere(&any, SOTTO_ACCESS_WRITE, SOTTO_TOKEN_OK);
    check_everywhere(&any, SOTTO_ACCESS_MODERATE, SOTTO_TOKEN_PERMISSIONS);
    check_everywhere(&ask, SOTTO_ACCESS_LOOK, SOTTO_TOKEN_OK);
    check_everywhere(&ask, SOTTO_ACCESS_WRITE, SOTTO_TOKEN_PERMISSIONS);
    check_everywhere(&ask, SOTTO_ACCESS_MODERATE, SOTTO_TOKEN_PERMISSIONS);
    for (int i = SOTTO_ACCESS_LOOK; i <= SOTTO_ACCESS_MODERATE; i++) {
        check_everywhere(&moderator, (enum sotto_access)i, SOTTO_TOKEN_OK);
        check_everywhere(&crawler, (enum sotto_access)i, SOTTO_TOKEN_OK);
        check_everywhere(&rtc, (enum sotto_access)i, SOTTO_TOKEN_ROLE);
    }
}

TEST(rest_takes_a_token_for_one_room_or_participant_for_no_more) {
    struct sotto_token room = {.permissions = SOTTO_PERMISSION_ALLOW_JOIN |
                                              SOTTO_PERMISSION_ALLOW_MOD};
    struct sotto_token person = room;
    strcpy(room.room_id, "abcd-efgh-ijkl");
    strcpy(person.participant_id, "p1");
    struct sotto_token both = room, crawler = room;
    strcpy(both.participant_id, "p1");
    strcpy(crawler.participant_id, "p1");
    crawler.role_crawler = true;
    for (int i = SOTTO_ACCESS_LOOK; i <= SOTTO_ACCESS_MODERATE; i++) {
        check_rest(&room, (enum sotto_access)i, SOTTO_TOKEN_OK, SOTTO_TOKEN_MEETING,
                   SOTTO_TOKEN_MEETING);
        check_rest(&crawler, (enum sotto_access)i, SOTTO_TOKEN_OK, SOTTO_TOKEN_MEETING,
                   SOTTO_TOKEN_MEETING);
    }
    check_everywhere(&person, SOTTO_ACCESS_LOOK, SOTTO_TOKEN_OK);
    check_everywhere(&person, SOTTO_ACCESS_WRITE, SOTTO_TOKEN_PARTICIPANT);
    check_everywhere(&person, SOTTO_ACCESS_MODERATE, SOTTO_TOKEN_PARTICIPANT);
    check_rest(&both, SOTTO_ACCESS_LOOK, SOTTO_TOKEN_OK, SOTTO_TOKEN_MEETING, SOTTO_TOKEN_MEETING);
    check_rest(&both, SOTTO_ACCESS_WRITE, SOTTO_TOKEN_PARTICIPANT, SOTTO_TOKEN_MEETING,
               SOTTO_TOKEN_MEETING);
    check_rest(&both, SOTTO_ACCESS_MODERATE, SOTTO_TOKEN_PARTICIPANT, SOTTO_TOKEN_MEETING,
               SOTTO_TOKEN_MEETING);
}

TEST(an_issued_token_is_parsed_to_the_same) {
    struct sotto_token token = {.permissions = SOTTO_PERMISSION_ALLOW_JOIN |
                                               SOTTO_PERMISSION_ALLOW_MOD,
                                .role_rtc = true,
                                .room_id = "abcd-efgh-ijkl",
                                .participant_id = "J\xc3\xb6rg \"x\"",
                                .expires_at_s = now_s + 60};
    struct sotto_token parsed;
    char *text = sotto_token_issue(&token, &credentials, now_s);
    CHECK(text);
    CHECK_EQ(parse_bytes(text, strlen(text), &parsed), SOTTO_TOKEN_OK);
    CHECK_EQ(parsed.permissions, token.permissions);
    CHECK_EQ(parsed.role_rtc, true);
    CHECK_TEXT(parsed.room_id, token.room_id);
    CHECK_TEXT(parsed.participant_id, token.participant_id);
    CHECK_EQ(parsed.expires_at_s, token.expires_at_s);
    free(text);
}

TEST(every_result_has_a_sentence_a_code_and_a_status) {
    for (int i = SOTTO_TOKEN_MISSING; i <= SOTTO_TOKEN_ROLE; i++) {
        enum sotto_token_result result = (enum sotto_token_result)i;
        const char *text = sotto_token_result_text(result);
        CHECK(text[strlen(text) - 1] == '.');
        CHECK(sotto_token_result_code(result) >= 4000);
        CHECK(sotto_token_result_status(result) == 401 || sotto_token_result_status(result) == 403);
    }
}

int main(void) {
    RUN(a_plain_token_of_the_dashboard_is_accepted);
    RUN(a_token_of_version_2_carries_roles_and_scopes);
    RUN(headers_that_ask_for_another_way_to_verify_are_refused);
    RUN(keys_that_a_token_brings_along_are_not_used);
    RUN(signatures_of_other_keys_and_hashes_are_refused);
    RUN(a_token_signed_with_rsa_is_refused);
    RUN(claims_that_are_not_right_are_refused);
    RUN(nesting_is_bounded_before_the_parser_sees_it);
    RUN(what_is_around_a_good_token_spoils_it);
    RUN(every_truncation_and_every_changed_character_is_refused);
    RUN(there_is_one_text_for_each_signature);
    RUN(huge_and_binary_tokens_are_refused);
    RUN(a_short_secret_verifies_nothing);
    RUN(a_token_enters_only_what_it_names);
    RUN(rest_takes_what_a_token_is_for);
    RUN(rest_takes_a_token_for_one_room_or_participant_for_no_more);
    RUN(an_issued_token_is_parsed_to_the_same);
    RUN(every_result_has_a_sentence_a_code_and_a_status);
    return 0;
}
