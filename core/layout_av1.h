// The front of layout 4, AV1: the header and the size of one OBU (AV1 specification, sections 5.3
// and 4.10.5), in which the rest of the wire frame lies. Packetizers take OBUs apart and need no
// more of them; the frame's own OBUs are sealed.
#ifndef SOTTO_CORE_LAYOUT_AV1_H
#define SOTTO_CORE_LAYOUT_AV1_H

#include "core/bytes.h"
#include "core/writer.h"

#include <stdbool.h>
#include <stddef.h>

// `rest_size` is what follows the front, at most 2^28 - 1 bytes.
void sotto_layout_av1_write_front(struct sotto_writer *writer, bool is_key_frame,
                                  size_t rest_size);

// The size of the front of a wire frame. 0 for bytes that do not begin with exactly one: another
// first byte, a size not in its shortest form or not exactly that of the rest.
size_t sotto_layout_av1_parse_front(struct sotto_bytes wire);

#endif
