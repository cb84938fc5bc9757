#include "client/key_command.h"

#include "client/key_input.h"
#include "client/options.h"
#include "core/base64url.h"
#include "core/key_schedule.h"
#include "core/wipe.h"
#include "crypto/random.h"

#include <stdio.h>
#include <string.h>

enum { RAW_KEY_SIZE = 32 };

// Behind the key options.
enum { ROOM = SOTTO_KEY_OPTION_COUNT, RATCHET, OPTION_COUNT };

static const struct sotto_option options[OPTION_COUNT] = {
    SOTTO_KEY_OPTIONS,
    {"--room", SOTTO_OPTION_TEXT, 1, SOTTO_ID_SIZE_MAX, NULL},
    {"--ratchet", SOTTO_OPTION_NUMBER, 0, SOTTO_RATCHET_STEPS_MAX, NULL},
};

static const char command[] = "sotto key code";

const char sotto_key_command_usage[] =
    "  sotto key new              a new random key, as it stands behind the # of a link\n"
    "  sotto key code --room ROOM [--ratchet N] [KEY]\n"
    "                             the safety code of a key in a room. KEY is --key-text TEXT,\n"
    "                             --key-hex HEX, --room-secret-hex HEX or --key-file FILE;\n"
    "                             without one the key is read from standard input, as from a\n"
    "                             file: 43 characters of base64url are a raw key, any other text,\n"
    "                             without spaces around it, is a text key\n";

static int fail(const char *what) {
    fprintf(stderr, "sotto key: %s\n", what);
    return 1;
}

static int print_usage(FILE *file, int status) {
    return fprintf(file, "usage:\n%s", sotto_key_command_usage) < 0 || fflush(file) != 0 ? 1
                                                                                         : status;
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

// The code of a key that was read.
static int print_code(const struct sotto_key_input *input,
                      const struct sotto_option_value *values) {
    struct sotto_room_secret secret;
    char code[SOTTO_SAFETY_CODE_SIZE];
    int status = 0;
    if (sotto_key_input_derive(input, values[ROOM].bytes,
                               sotto_option_number(&values[RATCHET], 0), &secret) != SOTTO_OK)
        status = fail("the secret of the room could not be derived");
    else if (sotto_key_schedule_derive_safety_code(&secret, code) != SOTTO_OK || puts(code) < 0 ||
             fflush(stdout) != 0)
        status = fail("the code could not be made or written");
    sotto_key_schedule_wipe_secret(&secret);
    return status;
}

static int read_and_print_code(struct sotto_option_value *values) {
    struct sotto_key_input input;
    bool is_asked = sotto_key_input_count(values) == 0;
    bool is_read = is_asked ? sotto_key_input_ask(command, &input)
                            : sotto_key_input_read(command, values, &input);
    int status = is_asked ? 1 : 2;
    if (is_read)
        status = print_code(&input, values);
    sotto_wipe(&input, sizeof input);
    return status;
}

static int run_code(int argument_count, char **arguments) {
    struct sotto_option_value values[OPTION_COUNT];
    if (!sotto_options_read(command, options, OPTION_COUNT, values, argument_count, arguments))
        return 2;
    const char *missing = NULL;
    if (!values[ROOM].is_given)
        missing = "--room is needed: the code of a key is another one in every room";
    else if (sotto_key_input_count(values) > 1)
        missing = "give one key, not more";
    if (missing) {
        fprintf(stderr, "%s: %s\n", command, missing);
        return 2;
    }
    return sotto_key_input_is_long_enough(command, values) ? read_and_print_code(values) : 2;
}

int sotto_key_command_run(int argument_count, char **arguments) {
    if (sotto_options_ask_for_help(argument_count, arguments))
        return print_usage(stdout, 0);
    if (argument_count == 1 && strcmp(arguments[0], "new") == 0)
        return create_key();
    if (argument_count == 0 || strcmp(arguments[0], "code") != 0)
        return print_usage(stderr, 2);
    return run_code(argument_count - 1, arguments + 1);
}
