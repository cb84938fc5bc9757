// The one list of what JavaScript may call in the module of the format "livekit". One instance is
// one meeting, in one Worker. It is a module of its own, because a meeting has one format, and the
// other one's users need not load this.
//
// Numbers, results and the two regions of memory are as in exports.c; a negative number is minus an
// enum sotto_result. An empty participant id stands for the keys that all participants share. A key
// id in events and totals is a key index plus one.
//
// `reserve`, `set_meeting`, the calls that add a stream and those that set a participant's key may
// make the memory grow, which leaves JavaScript with a detached ArrayBuffer; the others do not.
#include "core/key_schedule.h"
#include "core/wipe.h"
#include "wasm/export.h"
#include "wasm/livekit_meeting.h"
#include "wasm/records.h"
#include "wasm/region.h"

static struct sotto_livekit_meeting meeting;
static struct sotto_region input;
static struct sotto_region output;

static int32_t failure(enum sotto_result result) {
    return -(int32_t)result;
}

// Makes room for `size` bytes of input (a frame, sealed or not, or all arguments of a call) and for
// what sealing makes of them. The first call on an instance. After it the regions may lie
// elsewhere, empty.
SOTTO_EXPORT(reserve, uint32_t size) {
    if (size > SOTTO_LIVEKIT_SEALED_SIZE_MAX(SOTTO_FRAME_SIZE_MAX))
        return failure(SOTTO_INVALID);
    if (!sotto_region_grow(&input, size) ||
        !sotto_region_grow(&output, SOTTO_LIVEKIT_SEALED_SIZE_MAX(size)))
        return failure(SOTTO_TOO_SMALL);
    return 0;
}

// The address of the input region, 0 before `reserve`.
SOTTO_EXPORT(input, void) {
    return (int32_t)(uintptr_t)input.data;
}

// The address of the output region, 0 before `reserve`.
SOTTO_EXPORT(output, void) {
    return (int32_t)(uintptr_t)output.data;
}

// Begins the meeting, once, with LiveKit's options: key size 16 or 32 bytes; ring of 1 to 256
// places; ratchet window of 0 to 16 steps; failure tolerance, -1 for the default.
//   input   salt
SOTTO_EXPORT(set_meeting, uint32_t salt_size, uint32_t key_size, uint32_t ring_size,
             uint32_t ratchet_window, int32_t failure_tolerance) {
    struct sotto_livekit_options options = {
        .key_size = key_size, .ring_size = ring_size, .ratchet_window = ratchet_window};
    struct sotto_bytes none;
    if (!sotto_region_read(&input, salt_size, 0, &options.salt, &none))
        return failure(SOTTO_INVALID);
    return failure(sotto_livekit_meeting_init(&meeting, &options, failure_tolerance));
}

// What frames end with that the server injects: such frames are dropped. Nothing: none does.
//   input   trailer, at most 64 bytes
SOTTO_EXPORT(set_trailer, uint32_t size) {
    struct sotto_bytes trailer, none;
    if (!sotto_region_read(&input, size, 0, &trailer, &none) ||
        !sotto_livekit_meeting_set_trailer(&meeting, trailer))
        return failure(SOTTO_INVALID);
    return 0;
}

// The key in the input region does not outlive the call.
static int32_t take_key(size_t participant_id_size, size_t key_size, size_t index,
                        bool makes_current,
                        enum sotto_result (*take)(struct sotto_livekit_ring *, size_t,
                                                  struct sotto_bytes, bool)) {
    struct sotto_bytes participant_id, key;
    if (!sotto_region_read(&input, participant_id_size, key_size, &participant_id, &key))
        return failure(SOTTO_INVALID);
    enum sotto_result result = meeting.is_open ? SOTTO_INVALID : SOTTO_NOT_READY;
    if (meeting.is_open && key_size > 0 && participant_id_size <= SOTTO_ID_SIZE_MAX) {
        struct sotto_livekit_ring *ring =
            sotto_livekit_meeting_ring(&meeting, participant_id, true);
        result = ring ? take(ring, index, key, makes_current) : SOTTO_TOO_SMALL;
    }
    sotto_wipe(input.data, participant_id_size + key_size);
    sotto_livekit_meeting_handle_key_change(&meeting);
    return failure(result);
}

// Puts a key in a place of the ring, modulo its size; the one that was there ends. It seals from
// now on if `makes_current` is not 0. Bytes, by HKDF;
//   input   participant id, key
SOTTO_EXPORT(set_key_raw, uint32_t participant_id_size, uint32_t key_size, uint32_t index,
             uint32_t makes_current) {
    return take_key(participant_id_size, key_size, index, makes_current != 0,
                    sotto_livekit_ring_set_raw);
}

// and a text, by 100,000 rounds of PBKDF2, which `work` does. Begins them, in place of any text
// under way for the same participant.
//   input   participant id, text
SOTTO_EXPORT(begin_key_text, uint32_t participant_id_size, uint32_t text_size, uint32_t index,
             uint32_t makes_current) {
    return take_key(participant_id_size, text_size, index, makes_current != 0,
                    sotto_livekit_ring_begin_text);
}

// Does at most `rounds` rounds of whatever is to be derived: texts, steps of the ratchet, windows.
// Frames may be sealed and opened in between. Returns 1 while there is more, then 0. 1,000 rounds
// take about half a millisecond.
SOTTO_EXPORT(work, uint32_t rounds) {
    enum sotto_result result;
    const bool is_done = sotto_livekit_meeting_work(&meeting, rounds, &result);
    return result == SOTTO_OK ? !is_done : failure(result);
}

static struct sotto_livekit_ring *read_ring(size_t participant_id_size) {
    struct sotto_bytes participant_id, none;
    if (!sotto_region_read(&input, participant_id_size, 0, &participant_id, &none))
        return NULL;
    return sotto_livekit_meeting_ring(&meeting, participant_id, false);
}

// Whether a text that was begun, or a step of the ratchet that was asked for, is still to be
// derived: 1 or 0.
//   input   participant id
SOTTO_EXPORT(is_waiting, uint32_t participant_id_size) {
    const struct sotto_livekit_ring *ring = read_ring(participant_id_size);
    if (!ring)
        return failure(SOTTO_MISSING_KEY);
    return sotto_livekit_ring_is_awaited(ring);
}

// The keys of the ring, one for every place that has one. Returns their size, 24 each. The safety
// code is this client's own: it names the key, and LiveKit knows none.
//   input   participant id
//   output  a struct sotto_meeting_key (wasm/records.h) each
SOTTO_EXPORT(list_keys, uint32_t participant_id_size) {
    const struct sotto_livekit_ring *ring = read_ring(participant_id_size);
    size_t size = 0;
    for (size_t i = 0; ring && i < ring->size; i++) {
        const struct sotto_livekit_place *place = sotto_livekit_ring_find(ring, i);
        const bool seals = i == ring->current;
        struct sotto_meeting_key record = {
            .kid = (uint32_t)i, .is = seals ? SOTTO_KEY_SEALS | SOTTO_KEY_NEWEST : 0};
        char code[SOTTO_SAFETY_CODE_SIZE];
        if (!place)
            continue;
        sotto_key_schedule_write_safety_code(place->keys[0].id, code);
        memcpy(record.code, code, sizeof record.code);
        memcpy(output.data + size, &record, sizeof record);
        size += sizeof record;
    }
    return (int32_t)size;
}

// Takes the key of a place one step forward, at once or when `work` has derived it.
//   input   participant id
SOTTO_EXPORT(ratchet_key, uint32_t participant_id_size, uint32_t index) {
    struct sotto_livekit_ring *ring = read_ring(participant_id_size);
    if (!ring)
        return failure(SOTTO_MISSING_KEY);
    const enum sotto_result result = sotto_livekit_ring_ratchet(ring, index);
    sotto_livekit_meeting_handle_key_change(&meeting);
    return failure(result);
}

// Seals from now on with the key of another place.
//   input   participant id
SOTTO_EXPORT(use_key, uint32_t participant_id_size, uint32_t index) {
    struct sotto_livekit_ring *ring = read_ring(participant_id_size);
    return ring && sotto_livekit_ring_use(ring, index) ? 0 : failure(SOTTO_MISSING_KEY);
}

// Erases the shared keys, or all of a participant's own: then its streams have the shared ones.
//   input   participant id
SOTTO_EXPORT(forget_keys, uint32_t participant_id_size) {
    struct sotto_bytes participant_id, none;
    if (!sotto_region_read(&input, participant_id_size, 0, &participant_id, &none))
        return failure(SOTTO_INVALID);
    return failure(sotto_livekit_meeting_forget_keys(&meeting, participant_id));
}

// Ends the keys before the last step of the ratchet: a few seconds after it.
SOTTO_EXPORT(end_previous, void) {
    sotto_livekit_meeting_end_previous(&meeting);
    return 0;
}

// A key that went a step forward, here or because a sender's frame said so. Returns its size, 4 and
// more, and 0 when all were told.
//   output  0  key index, 4 bytes
//           4  participant id, none for a shared key
SOTTO_EXPORT(poll_ratcheted, void) {
    struct sotto_bytes participant_id;
    size_t index;
    if (output.capacity == 0)
        return failure(SOTTO_INVALID);
    if (!sotto_livekit_meeting_poll_ratcheted(&meeting, &participant_id, &index))
        return 0;
    const uint32_t number = (uint32_t)index;
    memcpy(output.data, &number, sizeof number);
    if (participant_id.size > 0)
        memcpy(output.data + sizeof number, participant_id.data, participant_id.size);
    return (int32_t)(sizeof number + participant_id.size);
}

// A sealer for a stream that begins. Returns its handle. The random bytes say where the send counts
// of its SSRCs begin. Kinds: audio 1, video 2, share 3, shareAudio 4, data 5.
//   input   participant id, not empty; random, 16 bytes
SOTTO_EXPORT(add_sealer, uint32_t participant_id_size, uint32_t kind) {
    uint16_t counts[SOTTO_LIVEKIT_SEALER_SSRCS_MAX];
    struct sotto_bytes participant_id, random;
    uint32_t handle;
    _Static_assert(sizeof counts == 16, "documented");
    if (!sotto_region_read(&input, participant_id_size, sizeof counts, &participant_id, &random))
        return failure(SOTTO_INVALID);
    memcpy(counts, random.data, sizeof counts);
    const enum sotto_result result = sotto_livekit_meeting_add_sealer(
        &meeting, participant_id, counts, (enum sotto_kind)kind, &handle);
    return result == SOTTO_OK ? (int32_t)handle : failure(result);
}

// An opener of a stream. Returns its handle. What was opened is remembered for the whole meeting,
// also when the opener is gone.
//   input   participant id, not empty
SOTTO_EXPORT(add_opener, uint32_t participant_id_size, uint32_t kind) {
    struct sotto_bytes participant_id, none;
    uint32_t handle;
    if (!sotto_region_read(&input, participant_id_size, 0, &participant_id, &none))
        return failure(SOTTO_INVALID);
    const enum sotto_result result = sotto_livekit_meeting_add_opener(
        &meeting, participant_id, (enum sotto_kind)kind, &handle);
    return result == SOTTO_OK ? (int32_t)handle : failure(result);
}

// Ends a sealer or an opener and its handle.
SOTTO_EXPORT(remove_stream, uint32_t handle) {
    return sotto_livekit_meeting_remove_stream(&meeting, handle) ? 0 : failure(SOTTO_NOT_READY);
}

// Seals one frame. Returns the size of the sealed frame, 0 for an empty one. Codecs: other 0 (a
// picture of unknown codec), opus 1 (and all sound), red 2, vp8 3, vp9 4, h264 5, h265 6, av1 7
// (refused).
//   input   frame
//   output  sealed frame
SOTTO_EXPORT(seal, uint32_t handle, uint32_t codec, uint32_t is_key_frame, uint32_t ssrc,
             uint32_t timestamp, uint32_t size) {
    struct sotto_livekit_sealer *sealer = sotto_livekit_meeting_sealer(&meeting, handle);
    const struct sotto_livekit_frame_info info = {(enum sotto_codec)codec, is_key_frame != 0, ssrc,
                                                  timestamp};
    struct sotto_bytes frame, none;
    size_t sealed_size;
    if (!sealer)
        return failure(SOTTO_NOT_READY);
    if (codec > SOTTO_CODEC_AV1 || !sotto_region_read(&input, size, 0, &frame, &none))
        return failure(SOTTO_INVALID);
    const enum sotto_result result = sotto_livekit_sealer_seal(sealer, &info, frame, output.data,
                                                               output.capacity, &sealed_size);
    return result == SOTTO_OK ? (int32_t)sealed_size : failure(result);
}

// Opens one frame. Returns the size of the frame, 0 for an empty one. `codec`, as above, and
// `is_key_frame` save attempts; 0 and 0 for not knowing.
//   input   sealed frame
//   output  frame
SOTTO_EXPORT(open, uint32_t handle, uint32_t codec, uint32_t is_key_frame, uint32_t size) {
    struct sotto_livekit_opener *opener = sotto_livekit_meeting_opener(&meeting, handle);
    struct sotto_bytes sealed, none;
    size_t frame_size;
    if (!opener)
        return failure(SOTTO_NOT_READY);
    if (codec > SOTTO_CODEC_AV1 || !sotto_region_read(&input, size, 0, &sealed, &none))
        return failure(SOTTO_INVALID);
    const enum sotto_result result =
        sotto_livekit_opener_open(opener, (enum sotto_codec)codec, is_key_frame != 0, sealed,
                                  output.data, output.capacity, &frame_size);
    return result == SOTTO_OK ? (int32_t)frame_size : failure(result);
}

// Whether there is something to tell: then 1, and a struct sotto_event_record (wasm/records.h) is
// in the output region. To be called again until it says 0, and every few hundred milliseconds;
// `now_ms` is performance.now().
SOTTO_EXPORT(poll_event, double now_ms) {
    struct sotto_stream_event event;
    uint32_t handle;
    if (!sotto_records_is_time(now_ms) || output.capacity == 0)
        return failure(SOTTO_INVALID);
    if (!sotto_livekit_meeting_poll_event(&meeting, (uint64_t)now_ms, &handle, &event))
        return 0;
    sotto_records_write_event(&output, handle, &event);
    return 1;
}

// How many frames a stream has had, by what became of them. Returns 104.
//   output  13 doubles (wasm/records.h)
SOTTO_EXPORT(read_totals, uint32_t handle) {
    const struct sotto_livekit_sealer *sealer = sotto_livekit_meeting_sealer(&meeting, handle);
    const struct sotto_livekit_opener *opener = sotto_livekit_meeting_opener(&meeting, handle);
    if (!sealer && !opener)
        return failure(SOTTO_NOT_READY);
    return sotto_records_write_totals(&output, sealer ? &sealer->state : &opener->state);
}

// Erases every key, stream and frame. All handles end; set_meeting may be called again.
SOTTO_EXPORT(wipe, void) {
    sotto_livekit_meeting_wipe(&meeting);
    sotto_region_wipe(&input);
    sotto_region_wipe(&output);
    sotto_stack_wipe();
    return 0;
}
