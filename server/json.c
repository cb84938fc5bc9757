#include "server/json.h"

#include "core/wipe.h"
#include "server/limits.h"

#include <malloc.h>
#include <stdlib.h>

static void wipe_and_free(void *data) {
    if (data)
        sotto_wipe(data, malloc_usable_size(data));
    free(data);
}

void sotto_json_init(void) {
    json_set_alloc_funcs(malloc, wipe_and_free);
}

// jansson recurses up to 2048 deep; this looks at the brackets outside of strings first.
static bool is_shallow(struct sotto_text text) {
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (in_string) {
            if (c == '\\')
                i++;
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > SOTTO_JSON_DEPTH_MAX)
                return false;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return true;
}

json_t *sotto_json_parse_object(struct sotto_text text) {
    if (text.size == 0 || !is_shallow(text))
        return NULL;
    json_t *value = json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(value))
        return value;
    json_decref(value);
    return NULL;
}

char *sotto_json_write(const json_t *value) {
    return json_dumps(value, JSON_COMPACT);
}
