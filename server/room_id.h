// Ids that the server draws: rooms (xxxx-xxxx-xxxx, lower case and digits, 62 bits) and the 24
// hexadecimal digits that VideoSDK's objects carry beside them.
#ifndef SOTTO_SERVER_ROOM_ID_H
#define SOTTO_SERVER_ROOM_ID_H

#include "server/text.h"

#include <stdbool.h>

enum { SOTTO_ROOM_ID_SIZE = 15, SOTTO_OBJECT_ID_SIZE = 25 }; // with the terminating zero

void sotto_room_id_draw(char id[SOTTO_ROOM_ID_SIZE]);
void sotto_object_id_draw(char id[SOTTO_OBJECT_ID_SIZE]);

bool sotto_room_id_is_valid(struct sotto_text id);
bool sotto_object_id_is_valid(struct sotto_text id);

#endif
