#include "client/frame_command.h"

#include "client/frame_format.h"
#include "client/frame_io.h"
#include "core/limits.h"
#include "core/wipe.h"
#include "sotto/event.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// More than any format makes of the largest frame.
enum { WIRE_SIZE_MAX = 3 * SOTTO_FRAME_SIZE_MAX };

const char sotto_frame_command_usage[] =
    "  sotto frame seal|open …    one frame from standard input to standard output, in the format\n"
    "                             sotto, sframe or livekit; sotto frame --help says how\n";

static const char help[] =
    "Seals or opens one frame, from standard input to standard output.\n"
    "\n"
    "usage:\n"
    "  sotto frame seal|open [--format sotto] KEY [--ratchet N] [--suite 4|5]\n"
    "      --room TEXT --participant TEXT --stream HEX\n"
    "      --kind audio|video|share|shareAudio|data\n"
    "      --codec other|opus|red|vp8|vp9|h264|h265|av1 [--key-frame] --ctr N\n"
    "  sotto frame seal|open --format sframe --base-key-hex HEX [--ratchet N] [--suite 1…5]\n"
    "      --kid N --ctr N [--metadata-hex HEX]\n"
    "  sotto frame seal|open --format livekit KEY [--ratchet N] [--kdf pbkdf2|hkdf] [--salt TEXT]\n"
    "      [--key-bits 128|256] [--key-index N] --codec opus|vp8|vp9|h264|h265 [--key-frame]\n"
    "      --ssrc N --rtp-timestamp N --send-count N\n"
    "\n"
    "KEY is one of\n"
    "  --key-text TEXT            a text that people share\n"
    "  --key-hex HEX              random bytes\n"
    "  --room-secret-hex HEX      32 bytes, the secret itself (format sotto)\n"
    "  --key-file FILE            a line in a file: 43 characters of base64url are random bytes,\n"
    "                             any other text is a text\n"
    "Other users of the machine may read the arguments of a program until it has read them: use\n"
    "--key-file for keys that matter. The format sframe has --base-key-hex alone.\n"
    "\n"
    "Never seal two frames with the same counter, or the same three numbers of the format\n"
    "livekit, under one key: together they give away what is in them. Nothing is remembered here.\n"
    "\n"
    "Opening needs no counter, and in the format sotto no codec; it finds them in the frame.\n"
    "Numbers are decimal, or hexadecimal behind 0x. Frames have at most 16 MiB.\n"
    "\n"
    "Exit status: 0; 1, with a reason on standard error and nothing on standard output, if the\n"
    "frame does not open or cannot be sealed, read or written; 2 for wrong options.\n";

static const char *name_of(bool seals) {
    return seals ? "sotto frame seal" : "sotto frame open";
}

static int fail(bool seals, const char *what, const char *why) {
    fprintf(stderr, "%s: %s: %s\n", name_of(seals), what, why);
    return 1;
}

static enum sotto_result run(struct sotto_frame_job *job) {
    switch ((enum sotto_frame_format)job->values[SOTTO_FRAME_FORMAT].number) {
    case SOTTO_FRAME_SOTTO: return sotto_frame_sotto_run(job);
    case SOTTO_FRAME_SFRAME: return sotto_frame_sframe_run(job);
    case SOTTO_FRAME_LIVEKIT: return sotto_frame_livekit_run(job);
    }
    return SOTTO_INVALID;
}

// What else could be outside of what is allowed, the options or the size, was refused before.
static const char *explain(const struct sotto_frame_job *job, enum sotto_result result) {
    if (result == SOTTO_INVALID && job->seals)
        return "these bytes are no frame of that --codec";
    return sotto_result_text(result);
}

// No bytes are padding between programs, not a frame; and here they may be all that is left in a
// pipe of a command that failed. An empty frame of the format sframe has a tag.
static bool may_be_empty(const struct sotto_frame_job *job) {
    return job->seals && job->values[SOTTO_FRAME_FORMAT].number == SOTTO_FRAME_SFRAME;
}

static int run_and_write(struct sotto_frame_job *job) {
    enum sotto_result result = run(job);
    if (result != SOTTO_OK)
        return fail(job->seals, sotto_reason_text(result), explain(job, result));
    if (!sotto_frame_io_write(job->output, job->size))
        return fail(job->seals, "standard output cannot be written", strerror(errno));
    return 0;
}

// `buffers` are two of WIRE_SIZE_MAX + 1 bytes.
static int read_and_run(struct sotto_frame_job *job, uint8_t *buffers) {
    size_t size_max = job->seals ? SOTTO_FRAME_SIZE_MAX : WIRE_SIZE_MAX;
    if (!sotto_frame_io_read(buffers, size_max + 1, &job->input.size))
        return fail(job->seals, "standard input cannot be read", strerror(errno));
    if (job->input.size > size_max)
        return fail(job->seals, "standard input is too large",
                    job->seals ? "a frame has at most 16 MiB" : "a sealed frame is never so large");
    if (job->input.size == 0 && !may_be_empty(job))
        return fail(job->seals, "standard input is empty", "there is no frame");
    job->input.data = buffers;
    job->output = buffers + WIRE_SIZE_MAX + 1;
    job->capacity = WIRE_SIZE_MAX;
    int status = run_and_write(job);
    sotto_wipe(buffers, job->input.size);
    sotto_wipe(job->output, job->size);
    return status;
}

// The key first: it is out of the arguments before the program waits for a frame.
static bool read_key(bool seals, struct sotto_option_value *values, struct sotto_key_input *key) {
    if (values[SOTTO_FRAME_FORMAT].number != SOTTO_FRAME_SFRAME)
        return sotto_key_input_read(name_of(seals), values, key);
    sotto_key_input_take(&values[SOTTO_FRAME_BASE_KEY_HEX], SOTTO_KEY_RAW, key);
    return true;
}

static int run_with_key(bool seals, const struct sotto_option_value *values,
                        const struct sotto_key_input *key) {
    struct sotto_frame_job job = {.seals = seals, .values = values, .key = key};
    uint8_t *buffers = malloc(2 * ((size_t)WIRE_SIZE_MAX + 1));
    int status = buffers ? read_and_run(&job, buffers) : fail(seals, "memory", strerror(errno));
    free(buffers);
    return status;
}

static int run_command(bool seals, int argument_count, char **arguments) {
    struct sotto_option_value values[SOTTO_FRAME_OPTION_COUNT];
    if (!sotto_frame_options_read(seals, argument_count, arguments, values))
        return 2;
    if (isatty(STDIN_FILENO)) {
        fprintf(stderr, "%s: standard input is a terminal: give it a frame with < or |\n",
                name_of(seals));
        return 2;
    }
    struct sotto_key_input key = {0};
    int status = read_key(seals, values, &key) ? run_with_key(seals, values, &key) : 2;
    sotto_wipe(&key, sizeof key);
    return status;
}

int sotto_frame_command_run(int argument_count, char **arguments) {
    if (sotto_options_ask_for_help(argument_count, arguments))
        return fputs(help, stdout) >= 0 && fflush(stdout) == 0 ? 0 : 1;
    bool seals = argument_count > 0 && strcmp(arguments[0], "seal") == 0;
    bool opens = argument_count > 0 && strcmp(arguments[0], "open") == 0;
    if (!seals && !opens) {
        fprintf(stderr, "sotto frame: say seal or open; sotto frame --help says the rest\n");
        return 2;
    }
    return run_command(seals, argument_count - 1, arguments + 1);
}
