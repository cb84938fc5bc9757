// `sotto key …`: keys for people.
#ifndef SOTTO_CLIENT_KEY_COMMAND_H
#define SOTTO_CLIENT_KEY_COMMAND_H

// The arguments behind `sotto key`. Returns the exit status: 0, 1 for a failure, 2 for wrong usage.
int sotto_key_command_run(int argument_count, char **arguments);

// What `sotto --help` says about it.
extern const char sotto_key_command_usage[];

#endif
