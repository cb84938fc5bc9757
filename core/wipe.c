#include "core/wipe.h"

void sotto_wipe(void *data, size_t size) {
    volatile unsigned char *byte = data;
    while (size-- > 0)
        *byte++ = 0;
}
