// The byte stream of H.264 and H.265 (ITU-T H.264 and H.265, both annex B): NAL units, each behind
// a start code of three bytes, 00 00 01, or of four, 00 00 00 01. And what keeps a start code from
// appearing inside a NAL unit: emulation prevention (H.264, section 7.4.1.1; H.265, section
// 7.4.2.1), a byte 3 before every byte of 3 or less that follows two zeros.
#ifndef SOTTO_CORE_ANNEX_B_H
#define SOTTO_CORE_ANNEX_B_H

#include "core/bytes.h"
#include "core/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SOTTO_START_CODE_SIZE = 4 }; // of those that are written

// The NAL unit behind the first start code at `*offset` or later: at least one byte, without the
// zeros that may trail it, borrowed from `stream`. `*offset` moves to its end. False if there is no
// further one. The caller begins with 0.
bool sotto_annex_b_next(struct sotto_bytes stream, size_t *offset, struct sotto_bytes *nal_unit);

// The first two bytes of the NAL unit that sotto_annex_b_next would find, or the only one, without
// the search for its end.
bool sotto_annex_b_peek(struct sotto_bytes stream, size_t offset, struct sotto_bytes *head);

// The place of the first 00 00 01 at `from` or later; the size if there is none.
size_t sotto_annex_b_find_start_code(struct sotto_bytes stream, size_t from);

// Zeros at the end of `bytes`, at most 2: what stands before the bytes that are escaped next.
size_t sotto_annex_b_zero_run(struct sotto_bytes bytes);

// The first byte of `bytes` that emulation prevention is concerned with: 3 or less behind two
// zeros, of which `zero_run` stand before `bytes`. `bytes.size` if there is none: then escaped and
// unescaped bytes are the same.
size_t sotto_annex_b_find_escape(struct sotto_bytes bytes, size_t zero_run);

// Escapes `size` bytes in place, behind `zero_run` zeros. At most one byte is added for every two.
// False, with nothing changed, if the result is larger than `capacity`.
SOTTO_MUST_USE bool sotto_annex_b_escape(uint8_t *data, size_t *size, size_t capacity,
                                         size_t zero_run);

// Undoes it. `output` does not overlap `escaped`; escaped.size bytes are always enough. False, with
// those bytes zero and `size` 0, for bytes that no escaping makes: a start code or three zeros, or
// a 3 behind two zeros before anything but 3 or less.
SOTTO_MUST_USE bool sotto_annex_b_unescape(struct sotto_bytes escaped, size_t zero_run,
                                           uint8_t *output, size_t *size);

// The size of what sotto_annex_b_unescape would make. False, and 0, where that fails.
SOTTO_MUST_USE bool sotto_annex_b_measure(struct sotto_bytes escaped, size_t zero_run,
                                          size_t *size);

// Writes `size` bytes of what sotto_annex_b_unescape would make, those from `offset` on, for bytes
// that were measured and a range that is inside. `output` does not overlap `escaped`.
void sotto_annex_b_read(struct sotto_bytes escaped, size_t zero_run, size_t offset,
                        uint8_t *output, size_t size);

#endif
