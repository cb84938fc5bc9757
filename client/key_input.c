#include "client/key_input.h"

#include "core/base64url.h"
#include "core/wipe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { RAW_KEY_SIZE = 32 };

// The places of the options in their table.
enum { KEY_TEXT, KEY_HEX, ROOM_SECRET_HEX, KEY_FILE };

static bool fail(const char *command, const char *what) {
    fprintf(stderr, "%s: %s\n", command, what);
    return false;
}

// What ends a line that is no key: a zero byte, or Ctrl-C, which a terminal without signals sends.
static bool is_no_text(int character) {
    return character == '\0' || character == 3;
}

// One line without its end. False if there is none, it is too long or no text.
static bool read_line(FILE *file, struct sotto_key_input *input) {
    setvbuf(file, NULL, _IONBF, 0); // or the key stays behind in a buffer of the library
    int character = fgetc(file);
    if (character == EOF)
        return false;
    for (; character != EOF && character != '\n'; character = fgetc(file)) {
        if (input->size == sizeof input->bytes || is_no_text(character))
            return false;
        input->bytes[input->size++] = (uint8_t)character;
    }
    return true;
}

// At a terminal what is typed is not shown, and no signal leaves the terminal that way.
static bool ask_for_line(struct sotto_key_input *input) {
    struct termios shown;
    if (tcgetattr(STDIN_FILENO, &shown) != 0)
        return read_line(stdin, input);
    struct termios hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    fputs("Key: ", stderr);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    bool is_read = read_line(stdin, input);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    fputc('\n', stderr);
    return is_read;
}

static bool is_space(uint8_t character) {
    return character == ' ' || character == '\t' || character == '\r';
}

// Spaces around a key are not part of it: Sotto Meet drops them too.
static void trim(struct sotto_key_input *input) {
    size_t start = 0;
    while (input->size > 0 && is_space(input->bytes[input->size - 1]))
        input->size--;
    while (start < input->size && is_space(input->bytes[start]))
        start++;
    input->size -= start;
    memmove(input->bytes, input->bytes + start, input->size);
}

// Whether a text is the text form of a raw key, which is left in `raw` then.
static bool read_raw(const struct sotto_key_input *input, uint8_t raw[RAW_KEY_SIZE]) {
    size_t size;
    return sotto_base64url_read((const char *)input->bytes, input->size, raw, RAW_KEY_SIZE,
                                &size) &&
           size == RAW_KEY_SIZE;
}

// A raw key in its text form, else a text.
static void tell_form(struct sotto_key_input *input) {
    uint8_t raw[RAW_KEY_SIZE];
    input->form = SOTTO_KEY_TEXT;
    if (read_raw(input, raw)) {
        input->form = SOTTO_KEY_RAW;
        input->size = sizeof raw;
        memcpy(input->bytes, raw, sizeof raw);
    }
    sotto_wipe(raw, sizeof raw);
}

static void take_text(const char *command, struct sotto_option_value *value,
                      struct sotto_key_input *input) {
    uint8_t raw[RAW_KEY_SIZE];
    sotto_key_input_take(value, SOTTO_KEY_TEXT, input);
    if (read_raw(input, raw))
        fprintf(stderr,
                "%s: --key-text looks like a key of `sotto key new` and is taken as a text, which "
                "is another key; --key-file takes it as what it is\n",
                command);
    sotto_wipe(raw, sizeof raw);
}

static bool take_line(const char *command, struct sotto_key_input *input) {
    trim(input);
    if (input->size == 0)
        return fail(command, "the key is empty");
    tell_form(input);
    return true;
}

static bool read_file(const char *command, const char *path, struct sotto_key_input *input) {
    FILE *file = fopen(path, "r");
    if (!file) {
        fprintf(stderr, "%s: --key-file: %s: %s\n", command, path, strerror(errno));
        return false;
    }
    bool is_read = read_line(file, input);
    fclose(file);
    if (!is_read)
        return fail(command, "--key-file holds no key, or a line that is too long or no text");
    return take_line(command, input);
}

void sotto_key_input_take(struct sotto_option_value *value, enum sotto_key_form form,
                          struct sotto_key_input *input) {
    input->form = form;
    input->size = value->bytes.size;
    memcpy(input->bytes, value->bytes.data, value->bytes.size);
    sotto_option_wipe(value);
}

size_t sotto_key_input_count(const struct sotto_option_value values[SOTTO_KEY_OPTION_COUNT]) {
    size_t count = 0;
    for (size_t i = 0; i < SOTTO_KEY_OPTION_COUNT; i++)
        count += values[i].is_given;
    return count;
}

bool sotto_key_input_is_long_enough(
    const char *command, const struct sotto_option_value values[SOTTO_KEY_OPTION_COUNT]) {
    const struct sotto_option_value *raw = &values[KEY_HEX];
    if (!raw->is_given || raw->bytes.size >= SOTTO_RAW_KEY_SIZE_MIN)
        return true;
    fprintf(stderr, "%s: --key-hex must be at least %d bytes\n", command, SOTTO_RAW_KEY_SIZE_MIN);
    return false;
}

bool sotto_key_input_read(const char *command,
                          struct sotto_option_value values[SOTTO_KEY_OPTION_COUNT],
                          struct sotto_key_input *input) {
    memset(input, 0, sizeof *input);
    if (values[KEY_FILE].is_given)
        return read_file(command, values[KEY_FILE].argument, input);
    if (values[KEY_TEXT].is_given)
        take_text(command, &values[KEY_TEXT], input);
    else if (values[KEY_HEX].is_given)
        sotto_key_input_take(&values[KEY_HEX], SOTTO_KEY_RAW, input);
    else
        sotto_key_input_take(&values[ROOM_SECRET_HEX], SOTTO_KEY_ROOM_SECRET, input);
    return true;
}

bool sotto_key_input_ask(const char *command, struct sotto_key_input *input) {
    memset(input, 0, sizeof *input);
    if (!ask_for_line(input))
        return fail(command, "no key on standard input, or a line that is too long or no text");
    return take_line(command, input);
}

static enum sotto_result derive(const struct sotto_key_input *input, struct sotto_bytes room_id,
                                struct sotto_room_secret *secret) {
    struct sotto_bytes key = {input->bytes, input->size};
    switch (input->form) {
    case SOTTO_KEY_TEXT: return sotto_key_schedule_derive_from_text(secret, key, room_id);
    case SOTTO_KEY_RAW: return sotto_key_schedule_derive_from_raw(secret, key, room_id);
    case SOTTO_KEY_ROOM_SECRET:
        return sotto_key_schedule_read_secret(secret, key) ? SOTTO_OK : SOTTO_INVALID;
    }
    return SOTTO_INVALID;
}

enum sotto_result sotto_key_input_derive(const struct sotto_key_input *input,
                                         struct sotto_bytes room_id, uint64_t ratchet_steps,
                                         struct sotto_room_secret *secret) {
    enum sotto_result result = derive(input, room_id, secret);
    for (uint64_t step = 0; step < ratchet_steps && result == SOTTO_OK; step++)
        result = sotto_key_schedule_derive_next(secret, secret);
    return result;
}
