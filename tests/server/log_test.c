#include "server/log.h"
#include "tests/check.h"

#include <jansson.h>

// Formats and parses again: the line must be one JSON object and one line.
static json_t *parse_line(const struct sotto_log_field *fields, size_t count, size_t capacity) {
    char *line = malloc(capacity);
    CHECK(line);
    size_t size = sotto_log_format(line, capacity, 1769860800123, SOTTO_LOG_WARN, "event", fields,
                                   count);
    CHECK(size <= capacity);
    CHECK(line[size - 1] == '\n' && memchr(line, '\n', size) == line + size - 1);
    json_t *object = json_loadb(line, size, JSON_REJECT_DUPLICATES, NULL);
    CHECK(json_is_object(object));
    free(line);
    return object;
}

static const char *text_of(const json_t *object, const char *name) {
    return json_string_value(json_object_get(object, name));
}

TEST(a_line_has_time_level_event_and_fields) {
    const struct sotto_log_field fields[] = {SOTTO_LOG_NUMBER("count", -7),
                                             SOTTO_LOG_LITERAL("kind", "x\"y"),
                                             SOTTO_LOG_PATH("/tmp/\xc3\xa9")};
    json_t *object = parse_line(fields, 3, 512);
    CHECK_TEXT(text_of(object, "time"), "2026-01-31T12:00:00.123Z");
    CHECK_TEXT(text_of(object, "level"), "warn");
    CHECK_TEXT(text_of(object, "event"), "event");
    CHECK_EQ(json_integer_value(json_object_get(object, "count")), -7);
    CHECK_TEXT(text_of(object, "kind"), "x\"y");
    CHECK_TEXT(text_of(object, "path"), "/tmp/\xc3\xa9");
    json_decref(object);
}

TEST(control_characters_and_broken_text_cannot_leave_the_line) {
    const struct sotto_log_field fields[] = {SOTTO_LOG_PATH("a\nb\r\x1b[31m\x7f\\"),
                                             SOTTO_LOG_REASON("\xff\xfe")};
    json_t *object = parse_line(fields, 2, 512);
    CHECK_TEXT(text_of(object, "path"), "a\nb\r\x1b[31m\x7f\\");
    CHECK_TEXT(text_of(object, "reason"), "??");
    json_decref(object);
}

TEST(a_token_in_the_place_of_an_id_is_cut_and_broken) {
    char token[512];
    memset(token, 'a', sizeof token);
    memcpy(token + 20, ".payload.", 9);
    token[sizeof token - 1] = 0;
    const struct sotto_log_field fields[] = {SOTTO_LOG_ID("room", token),
                                             SOTTO_LOG_ID("nothing", NULL)};
    json_t *object = parse_line(fields, 2, 1024);
    CHECK_EQ(strlen(text_of(object, "room")), 64);
    CHECK(strchr(text_of(object, "room"), '.') == NULL);
    CHECK_TEXT(text_of(object, "nothing"), "");
    json_decref(object);
}

TEST(a_line_that_does_not_fit_is_cut_between_fields) {
    char large[600];
    memset(large, '"', sizeof large);
    large[sizeof large - 1] = 0;
    const struct sotto_log_field fields[] = {SOTTO_LOG_NUMBER("first", 1), SOTTO_LOG_PATH(large),
                                             SOTTO_LOG_NUMBER("last", 2)};
    json_t *object = parse_line(fields, 3, 512);
    CHECK_EQ(json_object_size(object), 4);
    json_decref(object);
    for (size_t capacity = 256; capacity < 1600; capacity++)
        json_decref(parse_line(fields, 3, capacity));
}

TEST(a_flood_is_thinned_and_counted) {
    struct sotto_log_limit limit = {0};
    uint32_t suppressed;
    int lines = 0;
    for (int i = 0; i < 1000; i++)
        lines += sotto_log_limit_allow(&limit, 5000 + (uint64_t)i / 2, &suppressed);
    CHECK_EQ(lines, SOTTO_LOG_LIMIT_COUNT);
    CHECK(sotto_log_limit_allow(&limit, 6000, &suppressed));
    CHECK_EQ(suppressed, 1000 - SOTTO_LOG_LIMIT_COUNT);
    CHECK(sotto_log_limit_allow(&limit, 6000, &suppressed));
    CHECK_EQ(suppressed, 0);
}

int main(void) {
    RUN(a_line_has_time_level_event_and_fields);
    RUN(control_characters_and_broken_text_cannot_leave_the_line);
    RUN(a_token_in_the_place_of_an_id_is_cut_and_broken);
    RUN(a_line_that_does_not_fit_is_cut_between_fields);
    RUN(a_flood_is_thinned_and_counted);
    return 0;
}
