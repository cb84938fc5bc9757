#include "server/room_id.h"

#include "crypto/random.h"

#include <stddef.h>
#include <string.h>

static bool is_dash_place(size_t i) {
    return i == 4 || i == 9;
}

void sotto_room_id_draw(char id[SOTTO_ROOM_ID_SIZE]) {
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    memset(id, 0, SOTTO_ROOM_ID_SIZE);
    for (size_t i = 0; i < SOTTO_ROOM_ID_SIZE - 1;) {
        unsigned char byte;
        sotto_random_fill(&byte, 1);
        if (is_dash_place(i))
            id[i++] = '-';
        // 252 is the largest multiple of 36 in a byte: no letter is likelier than another.
        if (byte < 252)
            id[i++] = alphabet[byte % 36];
    }
}

void sotto_object_id_draw(char id[SOTTO_OBJECT_ID_SIZE]) {
    unsigned char bytes[(SOTTO_OBJECT_ID_SIZE - 1) / 2];
    memset(id, 0, SOTTO_OBJECT_ID_SIZE);
    sotto_random_fill(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) {
        id[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        id[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
}

bool sotto_room_id_is_valid(struct sotto_text id) {
    if (id.size != SOTTO_ROOM_ID_SIZE - 1)
        return false;
    for (size_t i = 0; i < id.size; i++) {
        char c = id.data[i];
        bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (is_dash_place(i) ? c != '-' : !alphanumeric)
            return false;
    }
    return true;
}

bool sotto_object_id_is_valid(struct sotto_text id) {
    if (id.size != SOTTO_OBJECT_ID_SIZE - 1)
        return false;
    for (size_t i = 0; i < id.size; i++) {
        char c = id.data[i];
        if (!((c >= 'a' && c <= 'f') || (c >= '0' && c <= '9')))
            return false;
    }
    return true;
}
