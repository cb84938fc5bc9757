#include "client/options.h"

#include "core/wipe.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int digit_of(char character) {
    if (character >= '0' && character <= '9')
        return character - '0';
    if (character >= 'a' && character <= 'f')
        return character - 'a' + 10;
    if (character >= 'A' && character <= 'F')
        return character - 'A' + 10;
    return 16;
}

static bool read_number(const char *text, uint64_t *number) {
    uint64_t base = 10;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text += 2;
    }
    *number = 0;
    if (*text == '\0')
        return false;
    for (; *text; text++) {
        uint64_t digit = (uint64_t)digit_of(*text);
        if (digit >= base || *number > (UINT64_MAX - digit) / base)
            return false;
        *number = *number * base + digit;
    }
    return true;
}

// The bytes take the place of the digits.
static bool read_hex(char *text, struct sotto_bytes *bytes) {
    size_t size = strlen(text) / 2;
    if (strlen(text) % 2 != 0)
        return false;
    for (size_t i = 0; text[i]; i++)
        if (digit_of(text[i]) == 16)
            return false;
    uint8_t *data = (uint8_t *)text;
    for (size_t i = 0; i < size; i++)
        data[i] = (uint8_t)(digit_of(text[2 * i]) << 4 | digit_of(text[2 * i + 1]));
    sotto_wipe(text + size, size);
    *bytes = (struct sotto_bytes){data, size};
    return true;
}

static bool read_choice(const char *text, const char *const *choices, uint64_t *number) {
    for (*number = 0; choices[*number]; ++*number)
        if (strcmp(choices[*number], text) == 0)
            return true;
    return false;
}

static bool is_within(const struct sotto_option *option, uint64_t value) {
    return value >= option->min && value <= option->max;
}

static bool read_value(const struct sotto_option *option, struct sotto_option_value *value,
                       char *text) {
    switch (option->form) {
    case SOTTO_OPTION_FLAG: return true;
    case SOTTO_OPTION_NUMBER:
        return read_number(text, &value->number) && is_within(option, value->number);
    case SOTTO_OPTION_TEXT:
        value->bytes = (struct sotto_bytes){(const uint8_t *)text, strlen(text)};
        return is_within(option, value->bytes.size);
    case SOTTO_OPTION_HEX:
        return read_hex(text, &value->bytes) && is_within(option, value->bytes.size);
    case SOTTO_OPTION_CHOICE: return read_choice(text, option->choices, &value->number);
    }
    return false;
}

// What a value must be. The value itself may be a key and is not repeated.
static void explain(const char *command, const struct sotto_option *option) {
    fprintf(stderr, "%s: %s must be ", command, option->name);
    switch (option->form) {
    case SOTTO_OPTION_FLAG: break;
    case SOTTO_OPTION_NUMBER:
        fprintf(stderr, "a number from %" PRIu64 " to %" PRIu64, option->min, option->max);
        break;
    case SOTTO_OPTION_TEXT:
        fprintf(stderr, "a text of %" PRIu64 " to %" PRIu64 " bytes", option->min, option->max);
        break;
    case SOTTO_OPTION_HEX:
        fprintf(stderr, "hexadecimal digits, two for each of ");
        if (option->min == option->max)
            fprintf(stderr, "%" PRIu64 " bytes", option->min);
        else
            fprintf(stderr, "%" PRIu64 " to %" PRIu64 " bytes", option->min, option->max);
        break;
    case SOTTO_OPTION_CHOICE:
        for (const char *const *choice = option->choices; *choice; choice++)
            fprintf(stderr, "%s%s", choice == option->choices ? "one of " : ", ", *choice);
        break;
    }
    fputc('\n', stderr);
}

static size_t find(const struct sotto_option *options, size_t option_count, const char *name) {
    size_t i = 0;
    while (i < option_count && strcmp(options[i].name, name) != 0)
        i++;
    return i;
}

static bool refuse(const char *command, const char *what, const char *argument) {
    fprintf(stderr, "%s: %s %s\n", command, argument, what);
    return false;
}

bool sotto_options_ask_for_help(int argument_count, char **arguments) {
    for (int i = 0; i < argument_count; i++)
        if (strcmp(arguments[i], "--help") == 0)
            return true;
    return false;
}

bool sotto_options_read(const char *command, const struct sotto_option *options,
                        size_t option_count, struct sotto_option_value *values, int argument_count,
                        char **arguments) {
    memset(values, 0, option_count * sizeof *values);
    for (int i = 0; i < argument_count; i++) {
        size_t at = find(options, option_count, arguments[i]);
        // What has no dashes may be a key that was given without its option.
        if (at == option_count)
            return refuse(command, "is no option of this command",
                          strncmp(arguments[i], "--", 2) == 0 ? arguments[i] : "an argument");
        if (values[at].is_given)
            return refuse(command, "is given twice", arguments[i]);
        values[at].is_given = true;
        if (options[at].form == SOTTO_OPTION_FLAG)
            continue;
        if (i + 1 == argument_count)
            return refuse(command, "needs a value", arguments[i]);
        values[at].argument = arguments[++i];
        values[at].argument_size = strlen(arguments[i]);
        if (!read_value(&options[at], &values[at], arguments[i])) {
            explain(command, &options[at]);
            return false;
        }
    }
    return true;
}

uint64_t sotto_option_number(const struct sotto_option_value *value, uint64_t otherwise) {
    return value->is_given ? value->number : otherwise;
}

void sotto_option_wipe(struct sotto_option_value *value) {
    sotto_wipe(value->argument, value->argument_size);
}
