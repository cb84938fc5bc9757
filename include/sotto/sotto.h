// libsotto: end-to-end encryption of media frames. This header includes all others.
//
// Whoever sends holds keys and one sealer per stream, whoever receives holds keys and one opener
// per stream; frames go in and come out, and the library does no I/O. The rules for all of it:
//
// Errors. What can fail says so in its result, and its outputs are zero then. A create function
// that fails gives NULL: an argument is outside what its header allows, or there is no memory. No
// function prints, exits or calls back. A system without random bytes ends the program.
//
// Ownership. What create gives is owned by the caller and ends with destroy, which takes NULL too;
// no other function takes NULL for a handle.
// Bytes and texts handed in are copied where they are needed longer than the call. Sealers and
// openers share the keys they were made with: those may be destroyed first.
//
// Secrets. The memory of every handle is erased by destroy, is not part of core dumps, and holds
// the room secrets and what is derived from them; the key schedule of AES lies in memory of
// OpenSSL, which erases it but does not keep it out of dumps.
//
// Threads. One handle is used by one thread at a time, different ones by different threads at the
// same time, without locks of the caller's. Keys (sotto/keys.h) are used by any number of threads.
//
// Time. The library has no clock: whoever polls a stream tells the time, in milliseconds of a clock
// that does not go back, the same for all. Polled at least every SOTTO_TICK_MS_MAX, an older secret
// opens for at most a minute after a newer one was set or added, and for at most 3 s after a stream
// went over to a newer one; then it is erased.
//
// fork(). A handle stays with the process that made it: in a child a copy would use nonces a second
// time. The kernel empties handles in a child, where every call then fails with SOTTO_NOT_READY;
// destroy may be called. Before Linux 4.14 handles are not there at all in a child.
//
// Formats. They are described, byte for byte, in the documents that are installed beside this
// header: share/doc/libsotto/frame-format.md, sframe.md and livekit.md.
//
// Aliasing. Where a frame is read and another one written, the two do not overlap.
#ifndef SOTTO_INCLUDE_SOTTO_SOTTO_H
#define SOTTO_INCLUDE_SOTTO_SOTTO_H

#include "sotto/bytes.h"
#include "sotto/data_message.h"
#include "sotto/event.h"
#include "sotto/frame_opener.h"
#include "sotto/frame_sealer.h"
#include "sotto/key_schedule.h"
#include "sotto/keys.h"
#include "sotto/limits.h"
#include "sotto/liveness.h"
#include "sotto/livekit.h"
#include "sotto/result.h"
#include "sotto/sframe.h"
#include "sotto/sframe_kid.h"
#include "sotto/stream.h"
#include "sotto/text_key.h"
#include "sotto/version.h"

#endif
