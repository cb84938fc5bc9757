#include "server/http_request.h"

#include <string.h>

bool sotto_http_request_find_argument(const struct sotto_http_request *request, const char *name,
                                      char *to, size_t capacity) {
    size_t name_size = strlen(name);
    if (capacity > 0)
        to[0] = 0;
    for (size_t i = 0; i < request->argument_count; i++) {
        struct sotto_text argument = request->arguments[i];
        if (argument.size > name_size && argument.data[name_size] == '=' &&
            memcmp(argument.data, name, name_size) == 0)
            return sotto_text_copy(sotto_text_skip(argument, name_size + 1), to, capacity);
    }
    return false;
}
