#include "server/log.h"

#include "server/text.h"
#include "server/wall_clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ID_SIZE_MAX = 64, LINE_CAPACITY = 2048 };

static enum sotto_log_level level_max = SOTTO_LOG_INFO;

void sotto_log_set_level(enum sotto_log_level level) {
    level_max = level;
}

struct line {
    char *data;
    size_t capacity;
    size_t size;
    bool full;
};

static void put(struct line *line, const char *text, size_t size) {
    if (line->full || size > line->capacity - line->size) {
        line->full = true;
        return;
    }
    memcpy(line->data + line->size, text, size);
    line->size += size;
}

static void put_string(struct line *line, const char *text) {
    put(line, text, strlen(text));
}

static void put_escaped(struct line *line, const char *text) {
    bool utf8 = sotto_text_is_utf8(text, strlen(text));
    for (const char *c = text; *c; c++) {
        unsigned char byte = (unsigned char)*c;
        char escape[8];
        if (byte == '"' || byte == '\\') {
            put(line, "\\", 1);
            put(line, c, 1);
        } else if (byte < 0x20 || byte == 0x7f) {
            snprintf(escape, sizeof escape, "\\u%04x", (unsigned)byte);
            put_string(line, escape);
        } else if (byte >= 0x80 && !utf8) {
            put(line, "?", 1);
        } else {
            put(line, c, 1);
        }
    }
}

static bool is_id_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '_';
}

static void put_id(struct line *line, const char *text) {
    for (size_t i = 0; text[i] && i < ID_SIZE_MAX; i++)
        put(line, is_id_character(text[i]) ? &text[i] : "?", 1);
}

static void put_field(struct line *line, const struct sotto_log_field *field) {
    put_string(line, ",\"");
    put_escaped(line, field->name);
    put_string(line, "\":");
    if (field->type == SOTTO_LOG_TYPE_NUMBER) {
        char number[24];
        snprintf(number, sizeof number, "%" PRId64, field->number);
        put_string(line, number);
        return;
    }
    put_string(line, "\"");
    if (field->type == SOTTO_LOG_TYPE_ID)
        put_id(line, field->text ? field->text : "");
    else
        put_escaped(line, field->text ? field->text : "");
    put_string(line, "\"");
}

size_t sotto_log_format(char *data, size_t capacity, uint64_t unix_ms, enum sotto_log_level level,
                        const char *event, const struct sotto_log_field *fields, size_t count) {
    static const char *const levels[] = {"error", "warn", "info", "debug"};
    struct line line = {.data = data, .capacity = capacity - 2}; // room for "}\n"
    char time[SOTTO_WALL_CLOCK_TEXT_SIZE];
    sotto_wall_clock_format(time, unix_ms);
    put_string(&line, "{\"time\":\"");
    put_string(&line, time);
    put_string(&line, "\",\"level\":\"");
    put_string(&line, levels[level]);
    put_string(&line, "\",\"event\":\"");
    put_escaped(&line, event);
    put_string(&line, "\"");
    for (size_t i = 0; i < count; i++) {
        size_t before = line.size;
        put_field(&line, &fields[i]);
        if (line.full) {
            line.size = before;
            break;
        }
    }
    memcpy(data + line.size, "}\n", 2);
    return line.size + 2;
}

void sotto_log_write(enum sotto_log_level level, const char *event,
                     const struct sotto_log_field *fields, size_t count) {
    if (level > level_max)
        return;
    char line[LINE_CAPACITY];
    size_t size = sotto_log_format(line, sizeof line, sotto_wall_clock_unix_ms(), level, event,
                                   fields, count);
    // A log that cannot be written must not stop a meeting.
    ssize_t written = write(STDERR_FILENO, line, size);
    (void)written;
}

bool sotto_log_limit_allow(struct sotto_log_limit *limit, uint64_t now_ms, uint32_t *suppressed) {
    *suppressed = 0;
    if (limit->second != now_ms / 1000) {
        limit->second = now_ms / 1000;
        limit->count = 0;
    }
    if (limit->count >= SOTTO_LOG_LIMIT_COUNT) {
        limit->suppressed++;
        return false;
    }
    limit->count++;
    *suppressed = limit->suppressed;
    limit->suppressed = 0;
    return true;
}
