// `sotto frame seal|open`: one frame from standard input to standard output, for debugging and for
// scripts.
#ifndef SOTTO_CLIENT_FRAME_COMMAND_H
#define SOTTO_CLIENT_FRAME_COMMAND_H

// The arguments behind `sotto frame`. Returns the exit status: 0, 1 for a frame that does not open
// or cannot be sealed, read or written, 2 for wrong usage.
int sotto_frame_command_run(int argument_count, char **arguments);

// What `sotto --help` says about it.
extern const char sotto_frame_command_usage[];

#endif
