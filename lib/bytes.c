#include "sotto/bytes.h"

#include <string.h>

struct sotto_bytes sotto_bytes_of_text(const char *text) {
    return (struct sotto_bytes){(const uint8_t *)text, strlen(text)};
}
