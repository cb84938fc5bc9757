// The key that a person gives to a command: by options, in a file, or on standard input, which is
// where other users of the machine cannot read it.
//
// A key file, and standard input, hold one line: 43 characters of base64url are a raw key, as it
// stands behind the # of a link, any other text, without spaces around it, is a text key.
#ifndef SOTTO_CLIENT_KEY_INPUT_H
#define SOTTO_CLIENT_KEY_INPUT_H

#include "client/options.h"
#include "core/bytes.h"
#include "core/key_schedule.h"
#include "core/result.h"

enum {
    // More than anybody types; a line that is longer is refused.
    SOTTO_KEY_LINE_SIZE_MAX = 4096,
    SOTTO_RATCHET_STEPS_MAX = 1000000,
};

enum sotto_key_form {
    SOTTO_KEY_TEXT = 1,
    SOTTO_KEY_RAW,
    SOTTO_KEY_ROOM_SECRET,
};

// Owned by the caller, who wipes it with sotto_wipe.
struct sotto_key_input {
    enum sotto_key_form form;
    size_t size;
    uint8_t bytes[SOTTO_KEY_LINE_SIZE_MAX];
};

// --key-text, --key-hex, --room-secret-hex, --key-file: rows for a table of options, in this order.
enum { SOTTO_KEY_OPTION_COUNT = 4 };
#define SOTTO_KEY_OPTIONS                                                                          \
    {"--key-text", SOTTO_OPTION_TEXT, 1, SOTTO_KEY_LINE_SIZE_MAX, NULL},                           \
    {"--key-hex", SOTTO_OPTION_HEX, 1, SOTTO_KEY_LINE_SIZE_MAX, NULL},                             \
    {"--room-secret-hex", SOTTO_OPTION_HEX, SOTTO_ROOM_SECRET_SIZE, SOTTO_ROOM_SECRET_SIZE, NULL}, \
    {"--key-file", SOTTO_OPTION_TEXT, 1, SOTTO_KEY_LINE_SIZE_MAX, NULL}

// How many of the four were given.
size_t sotto_key_input_count(const struct sotto_option_value values[SOTTO_KEY_OPTION_COUNT]);

// False, after a line on standard error that begins with `command`, if --key-hex is given and
// shorter than a room secret is derived from.
SOTTO_MUST_USE bool
sotto_key_input_is_long_enough(const char *command,
                               const struct sotto_option_value values[SOTTO_KEY_OPTION_COUNT]);

// The key of the one option that was given, whose argument is erased. False, after a line on
// standard error that begins with `command`, if its file cannot be read or holds no key. A text
// that looks like a raw key is taken as a text, as it was given as one, and a line says so.
SOTTO_MUST_USE bool
sotto_key_input_read(const char *command,
                     struct sotto_option_value values[SOTTO_KEY_OPTION_COUNT],
                     struct sotto_key_input *input);

// The bytes of one option, whose argument is erased.
void sotto_key_input_take(struct sotto_option_value *value, enum sotto_key_form form,
                          struct sotto_key_input *input);

// The key in a line of standard input. At a terminal it asks, and what is typed is not shown.
// False as above.
SOTTO_MUST_USE bool sotto_key_input_ask(const char *command, struct sotto_key_input *input);

// The room secret of the format "sotto" that the key stands for, and as many steps further.
SOTTO_MUST_USE enum sotto_result sotto_key_input_derive(const struct sotto_key_input *input,
                                                        struct sotto_bytes room_id,
                                                        uint64_t ratchet_steps,
                                                        struct sotto_room_secret *secret);

#endif
