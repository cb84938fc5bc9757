// The command `sotto`.

#include "client/frame_command.h"
#include "client/key_command.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

// A dump would hold the key. PR_SET_DUMPABLE, which keeps other processes of the user away too,
// would also keep --key-file from /dev/stdin and /dev/fd.
static void forbid_core_dumps(void) {
    (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0});
}

static int print_help(FILE *file, int status) {
    const int size = fprintf(file,
                             "sotto: end-to-end encrypted meetings from the command line\n\n"
                             "usage:\n%s%s"
                             "  sotto --version\n"
                             "  sotto --help\n",
                             sotto_key_command_usage, sotto_frame_command_usage);
    return size >= 0 && fflush(file) == 0 ? status : 1;
}

static int print_version(void) {
    return puts("sotto " SOTTO_VERSION) >= 0 && fflush(stdout) == 0 ? 0 : 1;
}

int main(int argument_count, char **arguments) {
    forbid_core_dumps();
    if (argument_count < 2)
        return print_help(stderr, 2);
    const char *command = arguments[1];
    if (strcmp(command, "key") == 0)
        return sotto_key_command_run(argument_count - 2, arguments + 2);
    if (strcmp(command, "frame") == 0)
        return sotto_frame_command_run(argument_count - 2, arguments + 2);
    if (argument_count == 2 && strcmp(command, "--version") == 0)
        return print_version();
    if (argument_count == 2 && strcmp(command, "--help") == 0)
        return print_help(stdout, 0);
    fprintf(stderr, "sotto: there is no command '%s'\n", command);
    return print_help(stderr, 2);
}
