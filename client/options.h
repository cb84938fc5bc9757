// The options of a command line: `--name value`, or `--name` alone for a flag, in any order. What a
// command knows is a table; what it was given is an array of the same order.
#ifndef SOTTO_CLIENT_OPTIONS_H
#define SOTTO_CLIENT_OPTIONS_H

#include "core/bytes.h"
#include "core/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sotto_option_form {
    SOTTO_OPTION_FLAG,
    SOTTO_OPTION_NUMBER, // decimal, or hexadecimal behind 0x: `min` to `max`
    SOTTO_OPTION_TEXT,   // `min` to `max` bytes
    SOTTO_OPTION_HEX,    // two digits for each of `min` to `max` bytes
    SOTTO_OPTION_CHOICE, // one of `choices`, a list that ends with NULL; the number is its place
};

struct sotto_option {
    const char *name; // with its dashes
    enum sotto_option_form form;
    uint64_t min;
    uint64_t max;
    const char *const *choices;
};

struct sotto_option_value {
    bool is_given;
    uint64_t number;          // of a number or a choice
    struct sotto_bytes bytes; // of a text, or those that digits stand for: lie in `argument`
    char *argument;           // NULL for a flag, and for what was not given
    size_t argument_size;
};

// Whether --help is among the arguments.
bool sotto_options_ask_for_help(int argument_count, char **arguments);

// Reads all arguments. Hexadecimal digits become bytes in place. False, after a line on standard
// error that begins with `command` and says which argument is wrong and why.
SOTTO_MUST_USE bool sotto_options_read(const char *command, const struct sotto_option *options,
                                       size_t option_count, struct sotto_option_value *values,
                                       int argument_count, char **arguments);

// The number of a value, or another one if it was not given.
uint64_t sotto_option_number(const struct sotto_option_value *value, uint64_t otherwise);

// Erases the argument of a value, and `bytes` with it: other users of the machine see arguments.
void sotto_option_wipe(struct sotto_option_value *value);

#endif
