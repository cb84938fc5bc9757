#include "sfu/peer.h"

#include "core/assert.h"
#include "proto/rtp_extension.h"
#include "sfu/label.h"

enum {
    US_PER_MS = 1000,
};

void sotto_peer_init(struct sotto_peer *peer, const struct sotto_peer_setup *setup) {
    SOTTO_ASSERT(setup->cname[0] != 0);
    *peer = (struct sotto_peer){.setup = *setup};
}

uint32_t sotto_peer_round_trip_ms(const struct sotto_peer *peer) {
    return peer->round_trip_ms == 0 ? SOTTO_ROUND_TRIP_MS_DEFAULT : peer->round_trip_ms;
}

void sotto_peer_add_round_trip(struct sotto_peer *peer, uint64_t round_trip_us) {
    uint64_t measured_ms = round_trip_us / US_PER_MS;
    if (measured_ms < SOTTO_ROUND_TRIP_MS_MIN)
        measured_ms = SOTTO_ROUND_TRIP_MS_MIN;
    if (measured_ms > SOTTO_ROUND_TRIP_MS_MAX)
        measured_ms = SOTTO_ROUND_TRIP_MS_MAX;
    if (peer->round_trip_ms == 0)
        peer->round_trip_ms = (uint32_t)measured_ms;
    else
        peer->round_trip_ms = (peer->round_trip_ms * 7 + (uint32_t)measured_ms + 4) / 8;
}

// What a packet says about where it belongs, read with the extension ids of one track.
struct names {
    bool has_mid;
    bool has_rid;
    bool has_repaired_rid;
    struct sotto_rtp_name mid;
    struct sotto_rtp_name rid;
    struct sotto_rtp_name repaired_rid;
};

static void read_names(struct names *names, const struct sotto_rtp_packet *packet,
                       const uint8_t *ids) {
    *names = (struct names){0};
    struct sotto_rtp_extensions elements;
    struct sotto_rtp_extension element;
    sotto_rtp_extensions_init(&elements, packet);
    while (sotto_rtp_extensions_next(&elements, &element)) {
        if (element.id == ids[SOTTO_EXTENSION_MID])
            names->has_mid = sotto_rtp_parse_mid(&element, &names->mid);
        else if (element.id == ids[SOTTO_EXTENSION_RTP_STREAM_ID])
            names->has_rid = sotto_rtp_parse_rid(&element, &names->rid);
        else if (element.id == ids[SOTTO_EXTENSION_REPAIRED_RTP_STREAM_ID])
            names->has_repaired_rid = sotto_rtp_parse_rid(&element, &names->repaired_rid);
    }
}

static bool equal(const struct sotto_rtp_name *name, const char *label) {
    return sotto_rtp_name_equal(name, label, sotto_label_size(label));
}

enum fit {
    FITS_NOT,
    FITS_RID, // only the RID speaks for it
    FITS_MID,
};

static enum fit fit(const struct sotto_track_up *track, const struct sotto_rtp_packet *packet,
                    bool *rtx) {
    *rtx = false;
    if (!sotto_track_up_find_payload_type(track, packet->payload_type, false)) {
        if (!sotto_track_up_find_payload_type(track, packet->payload_type, true))
            return FITS_NOT;
        *rtx = true;
    }
    struct names names;
    read_names(&names, packet, track->setup.extension_ids.ids);
    if (names.has_mid && !equal(&names.mid, track->setup.mid))
        return FITS_NOT;
    if (track->setup.rid[0] == 0)
        return names.has_mid ? FITS_MID : FITS_NOT;
    bool has_rid = *rtx ? names.has_repaired_rid : names.has_rid;
    const struct sotto_rtp_name *rid = *rtx ? &names.repaired_rid : &names.rid;
    if (!has_rid || !equal(rid, track->setup.rid))
        return FITS_NOT;
    return names.has_mid ? FITS_MID : FITS_RID;
}

struct sotto_track_up *sotto_peer_match(const struct sotto_peer *peer,
                                        const struct sotto_rtp_packet *packet, bool *rtx) {
    struct sotto_track_up *by_rid = NULL;
    size_t by_rid_count = 0;
    bool by_rid_rtx = false;
    for (struct sotto_list_node *node = peer->track_ups.first; node; node = node->next) {
        struct sotto_track_up *track = SOTTO_LIST_ELEMENT(node, struct sotto_track_up, of_peer);
        bool is_rtx;
        enum fit how = fit(track, packet, &is_rtx);
        if (how == FITS_MID) {
            *rtx = is_rtx;
            return track;
        }
        if (how == FITS_RID) {
            by_rid = track;
            by_rid_rtx = is_rtx;
            by_rid_count++;
        }
    }
    *rtx = by_rid_count == 1 && by_rid_rtx;
    return by_rid_count == 1 ? by_rid : NULL;
}

void sotto_peer_begin_reports(struct sotto_peer *peer) {
    peer->receiver_report_due = peer->track_ups.first != NULL;
    peer->next_reported = NULL;
    if (peer->track_downs.first)
        peer->next_reported =
            SOTTO_LIST_ELEMENT(peer->track_downs.first, struct sotto_track_down, of_peer);
    peer->sender_reports_due = peer->next_reported != NULL;
}

void sotto_peer_forget_track_down(struct sotto_peer *peer, struct sotto_track_down *track) {
    if (peer->next_reported != track)
        return;
    peer->next_reported = NULL;
    if (track->of_peer.next)
        peer->next_reported =
            SOTTO_LIST_ELEMENT(track->of_peer.next, struct sotto_track_down, of_peer);
}
