#include "client/key_command.h"

#include "core/base64url.h"
#include "core/key_schedule.h"
#include "core/wipe.h"
#include "crypto/random.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum {
    RAW_KEY_SIZE = 32,
    // More than anybody types; a line that is longer is refused.
    LINE_SIZE_MAX = 4096,
};

const char sotto_key_command_usage[] =
    "  sotto key new              a new random key, as it stands behind the # of a link\n"
    "  sotto key code ROOM        the safety code of a key in a room; the key is read from\n"
    "                             standard input: 43 characters of base64url are a raw key,\n"
    "                             any other text, without spaces around it, is a text key\n";

static int fail(const char *what) {
    fprintf(stderr, "sotto key: %s\n", what);
    return 1;
}

static int create_key(void) {
    uint8_t key[RAW_KEY_SIZE];
    char text[SOTTO_BASE64URL_SIZE(RAW_KEY_SIZE) + 1];
    sotto_random_fill(key, sizeof key);
    bool written = sotto_base64url_write(key, sizeof key, text, sizeof text) && puts(text) >= 0 &&
                   fflush(stdout) == 0;
    sotto_wipe(key, sizeof key);
    sotto_wipe(text, sizeof text);
    return written ? 0 : fail("standard output cannot be written");
}

// What ends a line that is no key: a zero byte, or Ctrl-C, which a terminal without signals sends.
static bool is_no_text(int character) {
    return character == '\0' || character == 3;
}

// One line without its end. False if there is none, it is too long or no text.
static bool read_line(char line[LINE_SIZE_MAX], size_t *size) {
    *size = 0;
    setvbuf(stdin, NULL, _IONBF, 0); // or the key stays behind in a buffer of the library
    int character = fgetc(stdin);
    if (character == EOF)
        return false;
    for (; character != EOF && character != '\n'; character = fgetc(stdin)) {
        if (*size == LINE_SIZE_MAX || is_no_text(character))
            return false;
        line[(*size)++] = (char)character;
    }
    return true;
}

// At a terminal it asks, what is typed is not shown, and no signal leaves the terminal that way.
static bool ask_for_line(char line[LINE_SIZE_MAX], size_t *size) {
    struct termios shown;
    if (tcgetattr(STDIN_FILENO, &shown) != 0)
        return read_line(line, size);
    struct termios hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    fputs("Key: ", stderr);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    bool is_read = read_line(line, size);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    fputc('\n', stderr);
    return is_read;
}

static bool is_space(char character) {
    return character == ' ' || character == '\t' || character == '\r';
}

// The key in the line. Spaces around it are not part of it: Sotto Meet drops them too.
static struct sotto_bytes trim(const char *line, size_t size) {
    while (size > 0 && is_space(line[size - 1]))
        size--;
    while (size > 0 && is_space(*line)) {
        line++;
        size--;
    }
    return (struct sotto_bytes){(const uint8_t *)line, size};
}

// A raw key in its text form, else the text itself.
static enum sotto_result derive(struct sotto_room_secret *secret, struct sotto_bytes key,
                                struct sotto_bytes room_id) {
    uint8_t raw[RAW_KEY_SIZE];
    size_t raw_size;
    enum sotto_result result;
    if (sotto_base64url_read((const char *)key.data, key.size, raw, sizeof raw, &raw_size) &&
        raw_size == sizeof raw)
        result = sotto_key_schedule_derive_from_raw(
            secret, (struct sotto_bytes){raw, sizeof raw}, room_id);
    else
        result = sotto_key_schedule_derive_from_text(secret, key, room_id);
    sotto_wipe(raw, sizeof raw);
    return result;
}

static int print_code(const char *room) {
    char line[LINE_SIZE_MAX] = "";
    size_t size;
    struct sotto_room_secret secret = {0};
    char code[SOTTO_SAFETY_CODE_SIZE];
    int status = 0;
    if (!ask_for_line(line, &size))
        status = fail("no key on standard input, or a line that is too long or no text");
    else if (trim(line, size).size == 0)
        status = fail("the key is empty");
    else if (derive(&secret, trim(line, size),
                    (struct sotto_bytes){(const uint8_t *)room, strlen(room)}) != SOTTO_OK)
        status = fail("the room id is empty or too long");
    else if (sotto_key_schedule_derive_safety_code(&secret, code) != SOTTO_OK || puts(code) < 0 ||
             fflush(stdout) != 0)
        status = fail("the code could not be made or written");
    sotto_wipe(line, sizeof line);
    sotto_wipe(&secret, sizeof secret);
    return status;
}

int sotto_key_command_run(int argument_count, char **arguments) {
    if (argument_count == 1 && strcmp(arguments[0], "new") == 0)
        return create_key();
    if (argument_count == 2 && strcmp(arguments[0], "code") == 0)
        return print_code(arguments[1]);
    fprintf(stderr, "usage:\n%s", sotto_key_command_usage);
    return 2;
}
