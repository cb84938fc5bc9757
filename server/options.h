// The command line of sottod.
#ifndef SOTTO_SERVER_OPTIONS_H
#define SOTTO_SERVER_OPTIONS_H

#include "server/fault.h"

#include <stdbool.h>
#include <stdio.h>

struct sotto_options {
    const char *config; // path of the YAML file, or of SOTTO_CONFIG; NULL: none
    const char *data;   // NULL: what the configuration says
    bool check;
    bool print_config;
    bool version;
    bool help;
};

// False with a fault for what is not known. Strings are borrowed from `arguments` and the
// environment.
bool sotto_options_parse(struct sotto_options *options, int count, char **arguments,
                         struct sotto_fault *fault);

// Prints the help or the version, whichever was asked for.
void sotto_options_print(const struct sotto_options *options, FILE *to);

#endif
