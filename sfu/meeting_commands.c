#include "sfu/meeting.h"

#include "core/assert.h"

enum {
    US_PER_MS = 1000,
    ALIGNMENT = _Alignof(max_align_t),
};

// Takes pieces from a block of memory, or only adds up what they need.
struct carver {
    uint8_t *memory; // NULL: only adds up
    size_t offset;
};

static void *carve(struct carver *carver, size_t count, size_t size) {
    size_t offset = carver->offset;
    carver->offset += (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return carver->memory ? carver->memory + offset : NULL;
}

// Every track has up to two SSRCs, and the table is at most half full.
static uint32_t ssrc_entry_count(const struct sotto_meeting_setup *setup) {
    uint32_t needed = 4 * (setup->track_up_count_max + setup->track_down_count_max);
    uint32_t count = 1;
    while (count < needed)
        count *= 2;
    return count;
}

struct tables {
    struct sotto_slot *peer_slots;
    struct sotto_slot *track_up_slots;
    struct sotto_slot *track_down_slots;
    struct sotto_ssrc_entry *ssrcs;
    struct sotto_speaker_source *sources;
};

static void lay_out(struct carver *carver, const struct sotto_meeting_setup *setup,
                    struct sotto_meeting *meeting, struct tables *tables) {
    SOTTO_ASSERT(setup->peer_count_max - 1 < SOTTO_MEETING_COUNT_MAX);
    SOTTO_ASSERT(setup->track_up_count_max - 1 < SOTTO_MEETING_COUNT_MAX);
    SOTTO_ASSERT(setup->track_down_count_max - 1 < SOTTO_MEETING_COUNT_MAX);
    size_t peers = setup->peer_count_max;
    size_t ups = setup->track_up_count_max;
    size_t downs = setup->track_down_count_max;
    meeting->peers = carve(carver, peers, sizeof *meeting->peers);
    meeting->track_ups = carve(carver, ups, sizeof *meeting->track_ups);
    meeting->track_downs = carve(carver, downs, sizeof *meeting->track_downs);
    tables->peer_slots = carve(carver, peers, sizeof *tables->peer_slots);
    tables->track_up_slots = carve(carver, ups, sizeof *tables->track_up_slots);
    tables->track_down_slots = carve(carver, downs, sizeof *tables->track_down_slots);
    tables->ssrcs = carve(carver, ssrc_entry_count(setup), sizeof *tables->ssrcs);
    tables->sources = carve(carver, ups, sizeof *tables->sources);
}

size_t sotto_meeting_memory_size(const struct sotto_meeting_setup *setup) {
    struct carver carver = {0};
    struct sotto_meeting meeting;
    struct tables tables;
    lay_out(&carver, setup, &meeting, &tables);
    return carver.offset;
}

void sotto_meeting_init(struct sotto_meeting *meeting, const struct sotto_meeting_setup *setup,
                        void *memory) {
    SOTTO_ASSERT((uintptr_t)memory % ALIGNMENT == 0);
    *meeting = (struct sotto_meeting){.due_us = UINT64_MAX,
                                      .unix_offset_us = setup->unix_offset_us};
    struct carver carver = {.memory = memory};
    struct tables tables;
    lay_out(&carver, setup, meeting, &tables);
    sotto_slots_init(&meeting->peer_slots, tables.peer_slots, setup->peer_count_max);
    sotto_slots_init(&meeting->track_up_slots, tables.track_up_slots, setup->track_up_count_max);
    sotto_slots_init(&meeting->track_down_slots, tables.track_down_slots,
                     setup->track_down_count_max);
    sotto_ssrc_table_init(&meeting->ssrcs, tables.ssrcs, ssrc_entry_count(setup), setup->seed);
    sotto_speaker_init(&meeting->speaker, tables.sources, setup->track_up_count_max);
}

enum sotto_meeting_result sotto_meeting_add_peer(struct sotto_meeting *meeting, uint64_t now_us,
                                                 const struct sotto_peer_setup *setup,
                                                 struct sotto_handle *handle) {
    if (!sotto_slots_take(&meeting->peer_slots, handle))
        return SOTTO_MEETING_FULL;
    struct sotto_peer *peer = &meeting->peers[handle->slot];
    sotto_peer_init(peer, setup);
    peer->handle = *handle;
    // Reports of many peers spread over the interval.
    uint64_t share_ms = handle->slot * UINT64_C(37) % SOTTO_REPORT_INTERVAL_MS;
    peer->report_us = now_us + (share_ms + 1) * US_PER_MS;
    sotto_list_add(&meeting->live_peers, &peer->of_meeting);
    return SOTTO_MEETING_OK;
}

// Both SSRCs of a track, or none. An SSRC of 0 is left out.
static bool add_ssrcs(struct sotto_meeting *meeting, struct sotto_ssrc_entry entry,
                      enum sotto_ssrc_use rtx_use, uint32_t rtx_ssrc) {
    uint32_t ssrc = entry.ssrc;
    if (ssrc != 0 && !sotto_ssrc_table_add(&meeting->ssrcs, &entry))
        return false;
    entry.use = rtx_use;
    entry.ssrc = rtx_ssrc;
    if (rtx_ssrc == 0 || sotto_ssrc_table_add(&meeting->ssrcs, &entry))
        return true;
    if (ssrc != 0)
        sotto_ssrc_table_remove(&meeting->ssrcs, entry.owner, ssrc);
    return false;
}

enum sotto_meeting_result sotto_meeting_add_track_up(struct sotto_meeting *meeting,
                                                     struct sotto_handle peer_handle,
                                                     const struct sotto_track_up_setup *setup,
                                                     void *memory, struct sotto_handle *handle) {
    *handle = (struct sotto_handle){0};
    struct sotto_peer *peer = sotto_meeting_find_peer(meeting, peer_handle);
    if (!peer)
        return SOTTO_MEETING_STALE;
    if (peer->track_up_count == SOTTO_PEER_TRACK_UP_COUNT_MAX)
        return SOTTO_MEETING_FULL;
    if (!sotto_slots_take(&meeting->track_up_slots, handle))
        return SOTTO_MEETING_FULL;
    struct sotto_ssrc_entry entry = {.use = SOTTO_SSRC_TRACK_UP,
                                     .owner = sotto_meeting_up_owner(peer),
                                     .ssrc = setup->ssrc,
                                     .track = handle->slot};
    if (!add_ssrcs(meeting, entry, SOTTO_SSRC_TRACK_UP_RTX, setup->rtx_ssrc)) {
        sotto_slots_retire(&meeting->track_up_slots, *handle);
        sotto_slots_free(&meeting->track_up_slots, *handle);
        *handle = (struct sotto_handle){0};
        return SOTTO_MEETING_CONFLICT;
    }
    struct sotto_track_up *track = &meeting->track_ups[handle->slot];
    sotto_track_up_init(track, setup, memory);
    track->handle = *handle;
    track->owner = peer->handle;
    track->peer = peer;
    sotto_list_add(&peer->track_ups, &track->of_peer);
    peer->track_up_count++;
    sotto_meeting_wake_at(meeting, peer->report_us);
    return SOTTO_MEETING_OK;
}

enum sotto_meeting_result
sotto_meeting_add_track_down(struct sotto_meeting *meeting, uint64_t now_us,
                             struct sotto_handle peer_handle, struct sotto_handle track_up,
                             const struct sotto_track_down_setup *setup,
                             struct sotto_handle *handle) {
    *handle = (struct sotto_handle){0};
    struct sotto_peer *peer = sotto_meeting_find_peer(meeting, peer_handle);
    struct sotto_track_up *up = sotto_meeting_find_track_up(meeting, track_up);
    if (!peer || !up)
        return SOTTO_MEETING_STALE;
    if (!sotto_slots_take(&meeting->track_down_slots, handle))
        return SOTTO_MEETING_FULL;
    struct sotto_ssrc_entry entry = {.use = SOTTO_SSRC_TRACK_DOWN,
                                     .owner = sotto_meeting_down_owner(peer),
                                     .ssrc = setup->ssrc,
                                     .track = handle->slot};
    if (!add_ssrcs(meeting, entry, SOTTO_SSRC_TRACK_DOWN_RTX, setup->rtx_ssrc)) {
        sotto_slots_retire(&meeting->track_down_slots, *handle);
        sotto_slots_free(&meeting->track_down_slots, *handle);
        *handle = (struct sotto_handle){0};
        return SOTTO_MEETING_CONFLICT;
    }
    struct sotto_track_down *track = &meeting->track_downs[handle->slot];
    sotto_track_down_init(track, setup, up->setup.clock_rate_hz, now_us);
    track->handle = *handle;
    track->owner = peer->handle;
    track->peer = peer;
    track->up = up;
    sotto_list_add(&up->track_downs, &track->of_up);
    sotto_list_add(&peer->track_downs, &track->of_peer);
    sotto_meeting_wake_at(meeting, peer->report_us);
    return SOTTO_MEETING_OK;
}

static void unlink_from_source(struct sotto_meeting *meeting, struct sotto_track_down *track) {
    sotto_fan_out_remove_track_down(&meeting->fan_out, track);
    sotto_resend_queue_remove_track(&meeting->resend_queue, track);
    sotto_list_remove(&track->up->track_downs, &track->of_up);
}

// Takes a subscription out of everything but its slot.
static void detach_track_down(struct sotto_meeting *meeting, struct sotto_track_down *track) {
    struct sotto_peer *peer = track->peer;
    uint32_t owner = sotto_meeting_down_owner(peer);
    unlink_from_source(meeting, track);
    sotto_peer_forget_track_down(peer, track);
    sotto_list_remove(&peer->track_downs, &track->of_peer);
    sotto_ssrc_table_remove(&meeting->ssrcs, owner, track->ssrc);
    if (track->rtx_ssrc != 0)
        sotto_ssrc_table_remove(&meeting->ssrcs, owner, track->rtx_ssrc);
    sotto_slots_retire(&meeting->track_down_slots, track->handle);
    track->up = NULL;
}

static void remove_track_down(struct sotto_meeting *meeting, struct sotto_track_down *track) {
    detach_track_down(meeting, track);
    sotto_slots_free(&meeting->track_down_slots, track->handle);
}

static void end_track_up(struct sotto_meeting *meeting, struct sotto_track_up *track) {
    struct sotto_peer *peer = track->peer;
    uint32_t owner = sotto_meeting_up_owner(peer);
    sotto_fan_out_remove_track_up(&meeting->fan_out, track);
    while (track->track_downs.first) {
        struct sotto_track_down *down =
            SOTTO_LIST_ELEMENT(track->track_downs.first, struct sotto_track_down, of_up);
        detach_track_down(meeting, down);
        sotto_list_add(&meeting->track_down_events, &down->of_events);
    }
    if (track->ssrc != 0)
        sotto_ssrc_table_remove(&meeting->ssrcs, owner, track->ssrc);
    if (track->rtx_ssrc != 0)
        sotto_ssrc_table_remove(&meeting->ssrcs, owner, track->rtx_ssrc);
    sotto_speaker_remove(&meeting->speaker, track->handle.slot);
    sotto_list_remove(&peer->track_ups, &track->of_peer);
    peer->track_up_count--;
    sotto_slots_retire(&meeting->track_up_slots, track->handle);
    track->ended = true;
    sotto_list_add(&meeting->track_up_events, &track->of_events);
}

enum sotto_meeting_result sotto_meeting_remove_peer(struct sotto_meeting *meeting,
                                                    struct sotto_handle handle) {
    struct sotto_peer *peer = sotto_meeting_find_peer(meeting, handle);
    if (!peer)
        return SOTTO_MEETING_STALE;
    while (peer->track_downs.first)
        remove_track_down(meeting, SOTTO_LIST_ELEMENT(peer->track_downs.first,
                                                      struct sotto_track_down, of_peer));
    while (peer->track_ups.first)
        end_track_up(meeting,
                     SOTTO_LIST_ELEMENT(peer->track_ups.first, struct sotto_track_up, of_peer));
    sotto_list_remove(&meeting->live_peers, &peer->of_meeting);
    sotto_list_remove(&meeting->rtcp_peers, &peer->of_rtcp);
    sotto_slots_retire(&meeting->peer_slots, handle);
    sotto_slots_free(&meeting->peer_slots, handle);
    return SOTTO_MEETING_OK;
}

enum sotto_meeting_result sotto_meeting_remove_track_up(struct sotto_meeting *meeting,
                                                        struct sotto_handle handle) {
    struct sotto_track_up *track = sotto_meeting_find_track_up(meeting, handle);
    if (!track)
        return SOTTO_MEETING_STALE;
    end_track_up(meeting, track);
    return SOTTO_MEETING_OK;
}

enum sotto_meeting_result sotto_meeting_remove_track_down(struct sotto_meeting *meeting,
                                                          struct sotto_handle handle) {
    struct sotto_track_down *track = sotto_meeting_find_track_down(meeting, handle);
    if (!track)
        return SOTTO_MEETING_STALE;
    remove_track_down(meeting, track);
    return SOTTO_MEETING_OK;
}

enum sotto_meeting_result sotto_meeting_pause_track_up(struct sotto_meeting *meeting,
                                                       struct sotto_handle handle) {
    struct sotto_track_up *track = sotto_meeting_find_track_up(meeting, handle);
    if (!track)
        return SOTTO_MEETING_STALE;
    sotto_track_up_pause(track);
    return SOTTO_MEETING_OK;
}

enum sotto_meeting_result sotto_meeting_resume_track_up(struct sotto_meeting *meeting,
                                                        uint64_t now_us,
                                                        struct sotto_handle handle) {
    struct sotto_track_up *track = sotto_meeting_find_track_up(meeting, handle);
    if (!track)
        return SOTTO_MEETING_STALE;
    sotto_track_up_resume(track);
    sotto_meeting_schedule_feedback(meeting, track, now_us);
    return SOTTO_MEETING_OK;
}

enum sotto_meeting_result sotto_meeting_pause_track_down(struct sotto_meeting *meeting,
                                                         struct sotto_handle handle) {
    struct sotto_track_down *track = sotto_meeting_find_track_down(meeting, handle);
    if (!track)
        return SOTTO_MEETING_STALE;
    sotto_track_down_pause(track);
    return SOTTO_MEETING_OK;
}

enum sotto_meeting_result sotto_meeting_resume_track_down(struct sotto_meeting *meeting,
                                                          uint64_t now_us,
                                                          struct sotto_handle handle) {
    struct sotto_track_down *track = sotto_meeting_find_track_down(meeting, handle);
    if (!track)
        return SOTTO_MEETING_STALE;
    sotto_track_down_resume(track);
    sotto_meeting_schedule_feedback(meeting, track->up, now_us);
    return SOTTO_MEETING_OK;
}

enum sotto_meeting_result sotto_meeting_switch_track_down(struct sotto_meeting *meeting,
                                                          uint64_t now_us,
                                                          struct sotto_handle handle,
                                                          struct sotto_handle track_up) {
    struct sotto_track_down *track = sotto_meeting_find_track_down(meeting, handle);
    struct sotto_track_up *up = sotto_meeting_find_track_up(meeting, track_up);
    if (!track || !up)
        return SOTTO_MEETING_STALE;
    if (track->up == up)
        return SOTTO_MEETING_OK;
    if (track->up->setup.kind != up->setup.kind ||
        track->up->setup.clock_rate_hz != up->setup.clock_rate_hz)
        return SOTTO_MEETING_CONFLICT;
    unlink_from_source(meeting, track);
    track->up = up;
    track->source_first = 0;
    sotto_list_add(&up->track_downs, &track->of_up);
    if (!track->paused)
        sotto_track_up_request_key_frame(up);
    sotto_meeting_schedule_feedback(meeting, up, now_us);
    return SOTTO_MEETING_OK;
}

enum sotto_meeting_result sotto_meeting_request_key_frame(struct sotto_meeting *meeting,
                                                          uint64_t now_us,
                                                          struct sotto_handle handle) {
    struct sotto_track_up *track = sotto_meeting_find_track_up(meeting, handle);
    if (!track)
        return SOTTO_MEETING_STALE;
    sotto_track_up_request_key_frame(track);
    sotto_meeting_schedule_feedback(meeting, track, now_us);
    return SOTTO_MEETING_OK;
}

enum sotto_meeting_result
sotto_meeting_count_track_up(const struct sotto_meeting *meeting, struct sotto_handle handle,
                             struct sotto_track_up_counters *counters) {
    const struct sotto_track_up *track = sotto_meeting_find_track_up(meeting, handle);
    *counters = track ? track->counters : (struct sotto_track_up_counters){0};
    return track ? SOTTO_MEETING_OK : SOTTO_MEETING_STALE;
}

enum sotto_meeting_result
sotto_meeting_count_track_down(const struct sotto_meeting *meeting, struct sotto_handle handle,
                               struct sotto_track_down_counters *counters) {
    const struct sotto_track_down *track = sotto_meeting_find_track_down(meeting, handle);
    *counters = track ? track->counters : (struct sotto_track_down_counters){0};
    return track ? SOTTO_MEETING_OK : SOTTO_MEETING_STALE;
}
