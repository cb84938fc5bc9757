// JSON from the network (RFC 8259), read strictly before anything looks at it.
#ifndef SOTTO_SERVER_JSON_H
#define SOTTO_SERVER_JSON_H

#include "server/text.h"

#include <jansson.h>

// Lets jansson wipe what it frees: secrets and tokens pass through it. Call it before anything
// else.
void sotto_json_init(void);

// The one object in `text`, owned by the caller; NULL if the text is not exactly one well-formed
// object, names a field twice, contains a zero byte in a string, or nests deeper than
// SOTTO_JSON_DEPTH_MAX.
json_t *sotto_json_parse_object(struct sotto_text text);

// The compact text of `value`, owned by the caller (free); NULL without memory.
char *sotto_json_write(const json_t *value);

#endif
