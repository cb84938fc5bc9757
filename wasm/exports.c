// The one list of what JavaScript may call. One instance of the module is one meeting, in one
// Worker. (Meetings in the format "livekit" have a module of their own: livekit_exports.c.)
//
// Every export takes and returns numbers. It returns 0 or more on success and, unless said
// otherwise, minus an enum sotto_result (core/result.h) on failure, without any effect then.
// Nothing that JavaScript passes can reach memory outside the module's own regions.
//
// Bytes travel through two regions of memory. Arguments lie at the start of the input region, one
// behind the other in the order of their sizes in the call; results are written to the start of the
// output region. Texts are UTF-8, numbers little-endian. An empty participant id stands for the
// keys that all participants share.
//
// `reserve`, the calls that add a stream and those that set a participant's key may make the memory
// grow, which leaves JavaScript with a detached ArrayBuffer; the others do not.
#include "core/memory.h"
#include "core/wipe.h"
#include "wasm/export.h"
#include "wasm/meeting.h"
#include "wasm/meeting_keys.h"
#include "wasm/records.h"
#include "wasm/region.h"

static struct sotto_meeting meeting;
static struct sotto_region input;
static struct sotto_region output;

static int32_t failure(enum sotto_result result) {
    return -(int32_t)result;
}

static int32_t address(const void *data) {
    return (int32_t)(uintptr_t)data;
}

// Two arguments from the input region; false if they are not inside it.
static bool read_input(size_t first_size, size_t second_size, struct sotto_bytes *first,
                       struct sotto_bytes *second) {
    return sotto_region_read(&input, first_size, second_size, first, second);
}

// What sealing makes at most of a frame, whatever the codec: of H.264 it may make the most.
static size_t wire_size_max(size_t frame_size) {
    return sotto_layout_wire_size_max(SOTTO_CODEC_H264, frame_size);
}

// Makes room for `size` bytes of input (a frame, sealed or not, or all arguments of a call) and for
// what comes of them: sealed, not quite three times as much. At most what the largest frame may be
// on the wire, 46,137,383 bytes. The first call on an instance. After it the regions may lie
// elsewhere, empty.
SOTTO_EXPORT(reserve, uint32_t size) {
    if (size > wire_size_max(SOTTO_FRAME_SIZE_MAX))
        return failure(SOTTO_INVALID);
    const size_t sealed_size = wire_size_max(size);
    const size_t output_size = sealed_size > size ? sealed_size : size;
    if (!sotto_region_grow(&input, size) || !sotto_region_grow(&output, output_size))
        return failure(SOTTO_TOO_SMALL);
    return 0;
}

// The address of the input region, 0 before `reserve`.
SOTTO_EXPORT(input, void) {
    return address(input.data);
}

// The address of the output region, 0 before `reserve`.
SOTTO_EXPORT(output, void) {
    return address(output.data);
}

// Names the meeting, once. Suite 4 or 5: sealers use it, openers refuse suite 4 if it is 5.
//   input   room id
SOTTO_EXPORT(set_meeting, uint32_t room_id_size, uint32_t suite) {
    struct sotto_bytes room_id, none;
    if (!read_input(room_id_size, 0, &room_id, &none))
        return failure(SOTTO_INVALID);
    return failure(sotto_meeting_init(&meeting, room_id, (enum sotto_suite)suite));
}

// How many steps of the ratchet, 8 at most, open before they were taken here; for keys set later.
SOTTO_EXPORT(set_ratchet_window, uint32_t steps) {
    return failure(sotto_meeting_keys_set_window(&meeting, steps));
}

static enum sotto_result set_raw_key(struct sotto_bytes participant_id, struct sotto_bytes key) {
    const struct sotto_bytes room_id = {meeting.room_id.bytes, meeting.room_id.size};
    struct sotto_room_secret secret;
    enum sotto_result result = sotto_key_schedule_derive_from_raw(&secret, key, room_id);
    if (result == SOTTO_OK)
        result = sotto_meeting_keys_set(&meeting, participant_id, &secret);
    sotto_wipe(&secret, sizeof secret);
    return result;
}

static enum sotto_result set_secret_key(struct sotto_bytes participant_id,
                                        struct sotto_bytes key) {
    struct sotto_room_secret secret;
    enum sotto_result result = SOTTO_INVALID;
    if (sotto_key_schedule_read_secret(&secret, key))
        result = sotto_meeting_keys_set(&meeting, participant_id, &secret);
    sotto_wipe(&secret, sizeof secret);
    return result;
}

static enum sotto_result begin_text_key(struct sotto_bytes participant_id,
                                        struct sotto_bytes key) {
    return sotto_meeting_keys_begin_text(&meeting, participant_id, key);
}

// The key in the input region does not outlive the call.
static int32_t take_key(size_t participant_id_size, size_t key_size,
                        enum sotto_result (*take)(struct sotto_bytes, struct sotto_bytes)) {
    struct sotto_bytes participant_id, key;
    if (!read_input(participant_id_size, key_size, &participant_id, &key))
        return failure(SOTTO_INVALID);
    const enum sotto_result result = take(participant_id, key);
    sotto_wipe(input.data, participant_id_size + key_size);
    return failure(result);
}

// Sets a key, the newest: it opens from now on, and seals if none does yet or once use_key says so.
// Those before it go on opening until handle_timeout ends them. The three forms of
// docs/frame-format.md: random bytes, 16 or more;
//   input   participant id, key
SOTTO_EXPORT(set_key_raw, uint32_t participant_id_size, uint32_t key_size) {
    return take_key(participant_id_size, key_size, set_raw_key);
}

// a room secret of exactly 32 bytes;
//   input   participant id, secret
SOTTO_EXPORT(set_key_secret, uint32_t participant_id_size, uint32_t secret_size) {
    return take_key(participant_id_size, secret_size, set_secret_key);
}

// and a text, which takes 600,000 rounds. Begins them, in place of any text under way.
//   input   participant id, text
SOTTO_EXPORT(begin_key_text, uint32_t participant_id_size, uint32_t text_size) {
    return take_key(participant_id_size, text_size, begin_text_key);
}

// Does at most `rounds` of the rounds; frames may be sealed and opened in between. Returns how many
// are left; at 0 the key is set. 1,000 rounds take about half a millisecond.
SOTTO_EXPORT(step_key_text, uint32_t rounds) {
    uint32_t rounds_left;
    const enum sotto_result result = sotto_meeting_keys_step_text(&meeting, rounds, &rounds_left);
    return result == SOTTO_OK ? (int32_t)rounds_left : failure(result);
}

static int32_t change_keys(size_t participant_id_size,
                           enum sotto_result (*change)(struct sotto_meeting *,
                                                       struct sotto_bytes)) {
    struct sotto_bytes participant_id, none;
    if (!read_input(participant_id_size, 0, &participant_id, &none))
        return failure(SOTTO_INVALID);
    return failure(change(&meeting, participant_id));
}

// The secret one step ahead of the newest becomes the newest.
//   input   participant id
SOTTO_EXPORT(ratchet_key, uint32_t participant_id_size) {
    return change_keys(participant_id_size, sotto_meeting_keys_ratchet);
}

// Erases the shared keys, or all of a participant's own: then its streams have the shared ones.
//   input   participant id
SOTTO_EXPORT(forget_keys, uint32_t participant_id_size) {
    return change_keys(participant_id_size, sotto_meeting_keys_forget);
}

// The keys that open now, in no order. Returns their size, 24 each, 0 without any.
//   input   participant id
//   output  a struct sotto_meeting_key (wasm/meeting_keys.h) each
SOTTO_EXPORT(list_keys, uint32_t participant_id_size) {
    struct sotto_bytes participant_id, none;
    if (!read_input(participant_id_size, 0, &participant_id, &none))
        return failure(SOTTO_INVALID);
    const struct sotto_key_store *keys = sotto_meeting_keys_find(&meeting, participant_id);
    size_t size = 0;
    for (size_t i = 0; keys && i < SOTTO_ROOM_SECRETS_MAX; i++) {
        struct sotto_meeting_key record;
        if (!sotto_key_store_find(keys, keys->entries[i].kid))
            continue;
        const enum sotto_result result =
            sotto_meeting_keys_describe(keys, &keys->entries[i], &record);
        if (result != SOTTO_OK)
            return failure(result);
        memcpy(output.data + size, &record, sizeof record);
        size += sizeof record;
    }
    return (int32_t)size;
}

// The newest secret itself, to hand on. Returns 32. Who reads it erases it.
//   input   participant id
//   output  secret
SOTTO_EXPORT(export_secret, uint32_t participant_id_size) {
    struct sotto_bytes participant_id, none;
    if (!read_input(participant_id_size, 0, &participant_id, &none))
        return failure(SOTTO_INVALID);
    const struct sotto_key_store *keys = sotto_meeting_keys_find(&meeting, participant_id);
    const struct sotto_key_store_entry *newest = keys ? sotto_key_store_newest(keys) : NULL;
    if (!newest)
        return failure(SOTTO_MISSING_KEY);
    memcpy(output.data, newest->secret.bytes, sizeof newest->secret.bytes);
    return sizeof newest->secret.bytes;
}

// Makes a key that is here the one to seal with.
//   input   participant id
SOTTO_EXPORT(use_key, uint32_t participant_id_size, uint32_t kid) {
    struct sotto_bytes participant_id, none;
    if (!read_input(participant_id_size, 0, &participant_id, &none))
        return failure(SOTTO_INVALID);
    return failure(sotto_meeting_keys_use(&meeting, participant_id, kid));
}

static int32_t add_stream(size_t participant_id_size, uint32_t kind, bool seals) {
    struct sotto_bytes participant_id, stream_id;
    if (!read_input(participant_id_size, SOTTO_STREAM_ID_SIZE, &participant_id, &stream_id))
        return failure(SOTTO_INVALID);
    uint32_t handle;
    enum sotto_result result;
    if (seals)
        result = sotto_meeting_add_sealer(&meeting, participant_id, stream_id,
                                          (enum sotto_kind)kind, &handle);
    else
        result = sotto_meeting_add_opener(&meeting, participant_id, stream_id,
                                          (enum sotto_kind)kind, &handle);
    return result == SOTTO_OK ? (int32_t)handle : failure(result);
}

// A sealer for a stream that begins. Returns its handle. The stream id is drawn anew for each
// sealer: one that is taken is refused. Kinds: audio 1, video 2, share 3, shareAudio 4, data 5.
//   input   participant id, not empty; stream id, 16 bytes
SOTTO_EXPORT(add_sealer, uint32_t participant_id_size, uint32_t kind) {
    return add_stream(participant_id_size, kind, true);
}

// The opener of a stream, made if it is not here yet. Returns its handle. It remembers what was
// opened, so it is kept for the whole meeting, whatever becomes of the consumer.
//   input   participant id, not empty; stream id, 16 bytes
SOTTO_EXPORT(add_opener, uint32_t participant_id_size, uint32_t kind) {
    return add_stream(participant_id_size, kind, false);
}

// Whether a sealer goes on with the key that it has now, whatever use_key says; ends with 0.
SOTTO_EXPORT(hold_key, uint32_t handle, uint32_t holds) {
    struct sotto_sealer *sealer = sotto_meeting_sealer(&meeting, handle);
    if (!sealer)
        return failure(SOTTO_NOT_READY);
    sotto_sealer_hold_key(sealer, holds != 0);
    return 0;
}

// For apps whose signalling carries no answers, before any opener is added: frames open without
// one, also those of an earlier meeting under the same key.
SOTTO_EXPORT(waive_liveness, void) {
    meeting.liveness = SOTTO_LIVENESS_NOT_NEEDED;
    return 0;
}

// Names this client's challenge, drawn at random for each joining: from now on only answers to it
// count. What is live already stays live.
//   input   challenge, 16 bytes
SOTTO_EXPORT(set_challenge, void) {
    struct sotto_bytes challenge, none;
    if (!read_input(SOTTO_CHALLENGE_SIZE, 0, &challenge, &none))
        return failure(SOTTO_INVALID);
    sotto_meeting_set_challenge(&meeting, challenge.data);
    return 0;
}

// Answers others' challenges, 1 to 256 at a time, for all sealers. `handle` is that of a sealer of
// kind data. Returns the size of the answer.
//   input   challenges, 16 bytes each
//   output  answer
SOTTO_EXPORT(seal_answer, uint32_t handle, uint32_t challenge_count) {
    struct sotto_bytes challenges, none;
    size_t size;
    if (challenge_count > SOTTO_CHALLENGES_MAX ||
        !read_input(challenge_count * SOTTO_CHALLENGE_SIZE, 0, &challenges, &none))
        return failure(SOTTO_INVALID);
    const enum sotto_result result = sotto_meeting_seal_answer(
        &meeting, handle, challenges, output.data, output.capacity, &size);
    return result == SOTTO_OK ? (int32_t)size : failure(result);
}

// What open_answer writes for each stream.
struct live_record {
    uint8_t stream_id[SOTTO_STREAM_ID_SIZE]; // 0
    uint32_t kind;                           // 16  as in add_sealer
    uint32_t unused;                         // 20  0
    double counter;                          // 24  of its next frame, for set_live
};
_Static_assert(sizeof(struct live_record) == 32, "documented");
_Static_assert(sizeof(struct live_record) * SOTTO_LIVE_STREAMS_MAX <= SOTTO_REGION_SIZE_MIN,
               "they fit into any region");

// Reads a participant's answer to this client's challenge. Returns how many streams it names: all
// of them are live.
//   input   participant id, not empty; answer
//   output  a record for each stream
SOTTO_EXPORT(open_answer, uint32_t participant_id_size, uint32_t size) {
    struct sotto_bytes participant_id, message;
    struct sotto_live_streams streams;
    if (!read_input(participant_id_size, size, &participant_id, &message))
        return failure(SOTTO_INVALID);
    const enum sotto_result result =
        sotto_meeting_open_answer(&meeting, participant_id, message, &streams);
    if (result != SOTTO_OK)
        return failure(result);
    for (size_t i = 0; i < streams.count; i++) {
        const struct sotto_live_stream *stream = &streams.streams[i];
        struct live_record record = {.kind = stream->kind, .counter = (double)stream->counter};
        memcpy(record.stream_id, stream->stream_id, sizeof record.stream_id);
        memcpy(output.data + i * sizeof record, &record, sizeof record);
    }
    return (int32_t)streams.count;
}

// Lets an opener open frames from this counter on, as an answer said. Only the first call counts.
SOTTO_EXPORT(set_live, uint32_t handle, double counter_min) {
    struct sotto_opener *opener = sotto_meeting_opener(&meeting, handle);
    if (!opener)
        return failure(SOTTO_NOT_READY);
    if (!(counter_min >= 0 && counter_min <= (double)SOTTO_FRAMES_MAX))
        return failure(SOTTO_INVALID);
    sotto_opener_set_live(opener, (uint64_t)counter_min);
    return 0;
}

// Ends a sealer or an opener and its handle.
SOTTO_EXPORT(remove_stream, uint32_t handle) {
    return sotto_meeting_remove_stream(&meeting, handle) ? 0 : failure(SOTTO_NOT_READY);
}

// Seals one frame. Returns the size of the sealed frame, 0 for an empty one. Codecs as in
// enum sotto_codec (core/layout.h): any other 0, Opus 1, RED 2, VP8 3, VP9 4, H.264 5, H.265 6, AV1
// 7. Whether it is a key frame is 1 or 0; AV1 needs to know.
//   input   frame
//   output  sealed frame
SOTTO_EXPORT(seal, uint32_t handle, uint32_t codec, uint32_t is_key_frame, uint32_t size) {
    struct sotto_sealer *sealer = sotto_meeting_sealer(&meeting, handle);
    struct sotto_bytes frame, none;
    size_t sealed_size;
    if (!sealer)
        return failure(SOTTO_NOT_READY);
    if (codec > SOTTO_CODEC_AV1 || is_key_frame > 1 || !read_input(size, 0, &frame, &none))
        return failure(SOTTO_INVALID);
    const enum sotto_result result =
        sotto_sealer_seal(sealer, (enum sotto_codec)codec, is_key_frame, frame, output.data,
                          output.capacity, &sealed_size);
    return result == SOTTO_OK ? (int32_t)sealed_size : failure(result);
}

// Opens one frame. Returns the size of the frame, 0 for an empty one.
//   input   sealed frame
//   output  frame
SOTTO_EXPORT(open, uint32_t handle, uint32_t size) {
    struct sotto_opener *opener = sotto_meeting_opener(&meeting, handle);
    struct sotto_bytes sealed, none;
    size_t frame_size;
    if (!opener)
        return failure(SOTTO_NOT_READY);
    if (!read_input(size, 0, &sealed, &none))
        return failure(SOTTO_INVALID);
    const enum sotto_result result =
        sotto_opener_open(opener, sealed, output.data, output.capacity, &frame_size);
    return result == SOTTO_OK ? (int32_t)frame_size : failure(result);
}

// Ends older keys, and follows steps of the ratchet that others took first: returns how many. To be
// called every 200 ms at least; `now_ms` is performance.now().
SOTTO_EXPORT(handle_timeout, double now_ms) {
    if (!sotto_records_is_time(now_ms))
        return failure(SOTTO_INVALID);
    return (int32_t)sotto_meeting_handle_timeout(&meeting, (uint64_t)now_ms);
}

// Whether there is something to tell: then 1, and a struct sotto_event_record (wasm/records.h) is
// in the output region. To be called again until it says 0, and every few hundred milliseconds;
// `now_ms` is performance.now().
SOTTO_EXPORT(poll_event, double now_ms) {
    struct sotto_stream_event event;
    uint32_t handle;
    if (!sotto_records_is_time(now_ms) || output.capacity == 0)
        return failure(SOTTO_INVALID);
    if (!sotto_meeting_poll_event(&meeting, (uint64_t)now_ms, &handle, &event))
        return 0;
    sotto_records_write_event(&output, handle, &event);
    return 1;
}

// How many frames a stream has had, by what became of them. Returns 104.
//   output  13 doubles (wasm/records.h)
SOTTO_EXPORT(read_totals, uint32_t handle) {
    const struct sotto_sealer *sealer = sotto_meeting_sealer(&meeting, handle);
    const struct sotto_opener *opener = sotto_meeting_opener(&meeting, handle);
    if (!sealer && !opener)
        return failure(SOTTO_NOT_READY);
    return sotto_records_write_totals(&output, sealer ? &sealer->state : &opener->state);
}

// Erases every key, stream and frame. All handles end; set_meeting may be called again.
SOTTO_EXPORT(wipe, void) {
    sotto_meeting_wipe(&meeting);
    sotto_region_wipe(&input);
    sotto_region_wipe(&output);
    sotto_stack_wipe();
    return 0;
}
