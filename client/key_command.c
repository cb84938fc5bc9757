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
    "                             any other text is a text key\n";

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

// One line without its end. At a terminal it asks, and what is typed is not shown.
static bool read_key_line(char line[LINE_SIZE_MAX], size_t *size) {
    struct termios shown;
    bool is_terminal = tcgetattr(STDIN_FILENO, &shown) == 0;
    if (is_terminal) {
        struct termios hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        fputs("Key: ", stderr);
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    setvbuf(stdin, NULL, _IONBF, 0); // or the key stays behind in a buffer of the library
    bool is_read = fgets(line, LINE_SIZE_MAX, stdin) != NULL;
    if (is_terminal) {
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        fputc('\n', stderr);
    }
    *size = is_read ? strcspn(line, "\r\n") : 0;
    return is_read && (line[*size] != '\0' || *size < LINE_SIZE_MAX - 1);
}

// A raw key in its text form, else the text itself.
static enum sotto_result derive(struct sotto_room_secret *secret, const char *line, size_t size,
                                struct sotto_bytes room_id) {
    uint8_t raw[RAW_KEY_SIZE];
    size_t raw_size;
    enum sotto_result result;
    if (sotto_base64url_read(line, size, raw, sizeof raw, &raw_size) && raw_size == sizeof raw)
        result = sotto_key_schedule_derive_from_raw(
            secret, (struct sotto_bytes){raw, sizeof raw}, room_id);
    else
        result = sotto_key_schedule_derive_from_text(
            secret, (struct sotto_bytes){(const uint8_t *)line, size}, room_id);
    sotto_wipe(raw, sizeof raw);
    return result;
}

static int print_code(const char *room) {
    char line[LINE_SIZE_MAX] = "";
    size_t size;
    struct sotto_room_secret secret = {0};
    char code[SOTTO_SAFETY_CODE_SIZE];
    int status = 0;
    if (!read_key_line(line, &size))
        status = fail("no key on standard input, or a line that is too long");
    else if (size == 0)
        status = fail("the key is empty");
    else if (derive(&secret, line, size,
                    (struct sotto_bytes){(const uint8_t *)room, strlen(room)}) != SOTTO_OK)
        status = fail("the room id is empty or too long");
    else if (sotto_key_schedule_derive_safety_code(&secret, code) != SOTTO_OK || puts(code) < 0)
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
