#include "sfu/meeting.h"

// What a live track has to report, one event at a time; false if that was all.
static bool poll_track_up_news(struct sotto_track_up *track, struct sotto_meeting_event *event) {
    if (track->bound) {
        track->bound = false;
        event->kind = SOTTO_MEETING_TRACK_UP_BOUND;
        return true;
    }
    if (track->key_frame_requested) {
        track->key_frame_requested = false;
        event->kind = SOTTO_MEETING_KEY_FRAME_REQUESTED;
        return true;
    }
    return false;
}

static bool poll_track_up(struct sotto_meeting *meeting, struct sotto_meeting_event *event) {
    while (meeting->track_up_events.first) {
        struct sotto_track_up *track =
            SOTTO_LIST_ELEMENT(meeting->track_up_events.first, struct sotto_track_up, of_events);
        *event = (struct sotto_meeting_event){.peer = track->owner,
                                              .track = track->handle,
                                              .ssrc = track->ssrc,
                                              .rtx_ssrc = track->rtx_ssrc};
        if (!track->ended && poll_track_up_news(track, event))
            return true;
        sotto_list_remove(&meeting->track_up_events, &track->of_events);
        if (track->ended) {
            event->kind = SOTTO_MEETING_TRACK_UP_ENDED;
            event->memory = track->cache_memory;
            sotto_slots_free(&meeting->track_up_slots, track->handle);
            return true;
        }
    }
    return false;
}

static bool poll_track_down(struct sotto_meeting *meeting, struct sotto_meeting_event *event) {
    if (!meeting->track_down_events.first)
        return false;
    struct sotto_track_down *track =
        SOTTO_LIST_ELEMENT(meeting->track_down_events.first, struct sotto_track_down, of_events);
    sotto_list_remove(&meeting->track_down_events, &track->of_events);
    *event = (struct sotto_meeting_event){
        .kind = SOTTO_MEETING_TRACK_DOWN_ENDED,
        .peer = track->owner,
        .track = track->handle,
        .ssrc = track->ssrc,
        .rtx_ssrc = track->rtx_ssrc,
    };
    sotto_slots_free(&meeting->track_down_slots, track->handle);
    return true;
}

static bool poll_speaker(struct sotto_meeting *meeting, struct sotto_meeting_event *event) {
    uint32_t source;
    if (!sotto_speaker_poll_event(&meeting->speaker, &source))
        return false;
    *event = (struct sotto_meeting_event){.kind = SOTTO_MEETING_SPEAKER_CHANGED};
    if (source != SOTTO_SPEAKER_NOBODY) {
        event->peer = meeting->track_ups[source].owner;
        event->track = meeting->track_ups[source].handle;
    }
    return true;
}

bool sotto_meeting_poll_event(struct sotto_meeting *meeting, struct sotto_meeting_event *event) {
    if (poll_track_up(meeting, event) || poll_track_down(meeting, event) ||
        poll_speaker(meeting, event))
        return true;
    *event = (struct sotto_meeting_event){0};
    return false;
}
