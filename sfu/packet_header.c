#include "sfu/packet_header.h"

#include "core/memory.h"
#include "proto/rtp_extension.h"

static bool is(const struct sotto_rtp_extension *element, const struct sotto_extension_ids *ids,
               enum sotto_extension extension, size_t size) {
    return element->id == ids->ids[extension] && element->size == size;
}

void sotto_packet_header_read_extensions(const struct sotto_rtp_packet *packet,
                                         const struct sotto_extension_ids *ids,
                                         struct sotto_packet_extensions *extensions) {
    *extensions = (struct sotto_packet_extensions){0};
    struct sotto_rtp_extensions elements;
    struct sotto_rtp_extension element;
    sotto_rtp_extensions_init(&elements, packet);
    // An element's id is never 0, so an extension that was not negotiated matches nothing.
    while (sotto_rtp_extensions_next(&elements, &element)) {
        if (is(&element, ids, SOTTO_EXTENSION_AUDIO_LEVEL, SOTTO_RTP_AUDIO_LEVEL_SIZE)) {
            extensions->has_audio_level = true;
            extensions->audio_level = element.data[0];
        } else if (is(&element, ids, SOTTO_EXTENSION_VIDEO_ORIENTATION,
                      SOTTO_RTP_VIDEO_ORIENTATION_SIZE)) {
            extensions->has_orientation = true;
            extensions->orientation = element.data[0];
        } else if (is(&element, ids, SOTTO_EXTENSION_PLAYOUT_DELAY, SOTTO_RTP_PLAYOUT_DELAY_SIZE)) {
            extensions->has_playout_delay = true;
            memcpy(extensions->playout_delay, element.data, SOTTO_RTP_PLAYOUT_DELAY_SIZE);
        }
    }
}

struct element_list {
    size_t count;
    struct sotto_rtp_extension elements[5];
};

static void add(struct element_list *list, uint8_t id, const void *data, size_t size) {
    if (id == 0)
        return;
    list->elements[list->count++] =
        (struct sotto_rtp_extension){.id = id, .data = data, .size = size};
}

void sotto_packet_header_write(struct sotto_writer *writer,
                               const struct sotto_packet_header_format *format,
                               const struct sotto_rtp_header *header,
                               const struct sotto_packet_extensions *extensions, uint64_t now_us) {
    const uint8_t *ids = format->ids.ids;
    struct element_list list;
    list.count = 0;
    if (format->mid_size > 0)
        add(&list, ids[SOTTO_EXTENSION_MID], format->mid, format->mid_size);
    uint8_t send_time[SOTTO_RTP_ABS_SEND_TIME_SIZE];
    sotto_rtp_write_abs_send_time(send_time, now_us);
    add(&list, ids[SOTTO_EXTENSION_ABS_SEND_TIME], send_time, sizeof send_time);
    if (extensions->has_audio_level)
        add(&list, ids[SOTTO_EXTENSION_AUDIO_LEVEL], &extensions->audio_level,
            SOTTO_RTP_AUDIO_LEVEL_SIZE);
    if (extensions->has_orientation)
        add(&list, ids[SOTTO_EXTENSION_VIDEO_ORIENTATION], &extensions->orientation,
            SOTTO_RTP_VIDEO_ORIENTATION_SIZE);
    if (extensions->has_playout_delay)
        add(&list, ids[SOTTO_EXTENSION_PLAYOUT_DELAY], extensions->playout_delay,
            SOTTO_RTP_PLAYOUT_DELAY_SIZE);
    sotto_rtp_write_header(writer, header, list.elements, list.count);
}
