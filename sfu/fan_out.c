#include "sfu/fan_out.h"

static struct sotto_fan_out_entry *entry_at(struct sotto_fan_out *fan_out, uint32_t index) {
    return &fan_out->entries[(fan_out->first + index) % SOTTO_FAN_OUT_COUNT_MAX];
}

bool sotto_fan_out_add(struct sotto_fan_out *fan_out, struct sotto_track_up *track,
                       uint64_t sequence) {
    if (fan_out->entry_count == SOTTO_FAN_OUT_COUNT_MAX)
        return false;
    *entry_at(fan_out, fan_out->entry_count) =
        (struct sotto_fan_out_entry){.track = track, .sequence = sequence};
    fan_out->entry_count++;
    return true;
}

static void remove_first(struct sotto_fan_out *fan_out, uint32_t count) {
    fan_out->first = (fan_out->first + count) % SOTTO_FAN_OUT_COUNT_MAX;
    fan_out->entry_count -= count;
    fan_out->run_count = 0;
    fan_out->track = NULL;
}

// Goes on with another subscription of the run; without one the run is over.
static void visit(struct sotto_fan_out *fan_out, struct sotto_list_node *node) {
    fan_out->next_in_run = 0;
    if (node)
        fan_out->track = SOTTO_LIST_ELEMENT(node, struct sotto_track_down, of_up);
    else
        remove_first(fan_out, fan_out->run_count);
}

static void begin_run(struct sotto_fan_out *fan_out) {
    struct sotto_track_up *track = entry_at(fan_out, 0)->track;
    fan_out->run_count = 1;
    while (fan_out->run_count < fan_out->entry_count &&
           entry_at(fan_out, fan_out->run_count)->track == track)
        fan_out->run_count++;
    visit(fan_out, track ? track->track_downs.first : NULL);
}

bool sotto_fan_out_next(struct sotto_fan_out *fan_out, struct sotto_track_down **track,
                        uint64_t *sequence) {
    while (fan_out->entry_count > 0) {
        if (!fan_out->track) {
            begin_run(fan_out);
            continue;
        }
        if (fan_out->track->paused || fan_out->next_in_run == fan_out->run_count) {
            visit(fan_out, fan_out->track->of_up.next);
            continue;
        }
        *track = fan_out->track;
        *sequence = entry_at(fan_out, fan_out->next_in_run)->sequence;
        fan_out->next_in_run++;
        return true;
    }
    *track = NULL;
    *sequence = 0;
    return false;
}

void sotto_fan_out_remove_track_up(struct sotto_fan_out *fan_out,
                                   const struct sotto_track_up *track) {
    if (fan_out->track && entry_at(fan_out, 0)->track == track)
        remove_first(fan_out, fan_out->run_count);
    for (uint32_t i = 0; i < fan_out->entry_count; i++)
        if (entry_at(fan_out, i)->track == track)
            entry_at(fan_out, i)->track = NULL;
}

void sotto_fan_out_remove_track_down(struct sotto_fan_out *fan_out,
                                     const struct sotto_track_down *track) {
    if (fan_out->track == track)
        visit(fan_out, track->of_up.next);
}
