// The options of `sotto frame`: which there are, and which of them a format knows and needs.
#ifndef SOTTO_CLIENT_FRAME_OPTIONS_H
#define SOTTO_CLIENT_FRAME_OPTIONS_H

#include "client/key_input.h"
#include "client/options.h"

#include <stdbool.h>

enum sotto_frame_format {
    SOTTO_FRAME_SOTTO,
    SOTTO_FRAME_SFRAME,
    SOTTO_FRAME_LIVEKIT,
};

// The places of the options in the table, and of what was given in an array of values.
enum sotto_frame_option {
    SOTTO_FRAME_KEY_TEXT, // the four of client/key_input.h
    SOTTO_FRAME_KEY_HEX,
    SOTTO_FRAME_ROOM_SECRET_HEX,
    SOTTO_FRAME_KEY_FILE,
    SOTTO_FRAME_FORMAT,
    SOTTO_FRAME_RATCHET,
    SOTTO_FRAME_SUITE,
    SOTTO_FRAME_ROOM,
    SOTTO_FRAME_PARTICIPANT,
    SOTTO_FRAME_STREAM,
    SOTTO_FRAME_KIND,
    SOTTO_FRAME_CODEC,
    SOTTO_FRAME_KEY_FRAME,
    SOTTO_FRAME_CTR,
    SOTTO_FRAME_BASE_KEY_HEX,
    SOTTO_FRAME_KID,
    SOTTO_FRAME_METADATA_HEX,
    SOTTO_FRAME_KDF,
    SOTTO_FRAME_SALT,
    SOTTO_FRAME_KEY_BITS,
    SOTTO_FRAME_KEY_INDEX,
    SOTTO_FRAME_SSRC,
    SOTTO_FRAME_RTP_TIMESTAMP,
    SOTTO_FRAME_SEND_COUNT,
    SOTTO_FRAME_OPTION_COUNT,
};

// Reads the arguments behind `sotto frame seal` or `sotto frame open`. False, after a line on
// standard error, if one is wrong, is not of the format, or is missing. An option that only sealing
// needs may be given for opening too, where it changes nothing.
SOTTO_MUST_USE bool sotto_frame_options_read(bool seals, int argument_count, char **arguments,
                                             struct sotto_option_value *values);

#endif
