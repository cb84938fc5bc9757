#include "server/options.h"

#include "server/config.h"

#include <getopt.h>
#include <stdlib.h>

static const char usage[] =
    "Usage: sottod [--config FILE] [--data FOLDER] [--check] [--print-config] [--version]\n"
    "              [--help]\n"
    "\n"
    "The server of Sotto: rooms, signalling and media that it cannot read.\n"
    "\n"
    "  --config FILE    read this YAML file (or set SOTTO_CONFIG)\n"
    "  --data FOLDER    keep rooms and credentials here\n"
    "  --check          look for faults in the configuration; status 1 and one line for each\n"
    "  --print-config   print the configuration in force and end\n"
    "\n"
    "Every key can be set by an environment variable: listen.port is SOTTO_LISTEN_PORT. The order\n"
    "is defaults, file, environment, command line. Without --data, SOTTO_DATA or data in the file\n"
    "the data folder is $STATE_DIRECTORY, else $XDG_DATA_HOME/sotto, else ~/.local/share/sotto.\n"
    "web_root is by default the folder web beside the program.\n"
    "\n"
    "Signals: SIGTERM and SIGINT stop, a second one ends at once; SIGHUP reads the certificate\n"
    "again.\n"
    "\n"
    "Keys and their values now, as YAML:\n";

bool sotto_options_parse(struct sotto_options *options, int count, char **arguments,
                         struct sotto_fault *fault) {
    static const struct option known[] = {{"config", required_argument, NULL, 'c'},
                                          {"data", required_argument, NULL, 'd'},
                                          {"check", no_argument, NULL, 'k'},
                                          {"print-config", no_argument, NULL, 'p'},
                                          {"version", no_argument, NULL, 'v'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    *options = (struct sotto_options){.config = getenv("SOTTO_CONFIG")};
    opterr = 0;
    for (int option; (option = getopt_long(count, arguments, "", known, NULL)) != -1;) {
        switch (option) {
        case 'c':
            options->config = optarg;
            break;
        case 'd':
            options->data = optarg;
            break;
        case 'k':
            options->check = true;
            break;
        case 'p':
            options->print_config = true;
            break;
        case 'v':
            options->version = true;
            break;
        case 'h':
            options->help = true;
            break;
        default:
            sotto_fault_set(fault, "%s: not an option, or without its value; see sottod --help",
                            arguments[optind - 1]);
            return false;
        }
    }
    if (optind < count)
        sotto_fault_set(fault, "%s: not an option; see sottod --help", arguments[optind]);
    return optind >= count;
}

void sotto_options_print(const struct sotto_options *options, FILE *to) {
    if (options->help) {
        struct sotto_config config;
        sotto_config_init(&config);
        fputs(usage, to);
        sotto_config_print(&config, to);
    } else {
        fputs("sottod " SOTTO_VERSION "\n", to);
    }
}
