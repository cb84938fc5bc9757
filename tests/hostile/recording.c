#include "tests/hostile/recording.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { HEADER_SIZE = 3, SSRC_AT = 8 };

void recording_write(enum recording_kind kind, const uint8_t *packet, size_t size) {
    static int fd = -2;
    const char *path = getenv("HOSTILE_RTP");
    if (fd == -2)
        fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    if (fd < 0)
        return;
    uint8_t header[HEADER_SIZE] = {(uint8_t)(size >> 8), (uint8_t)size, (uint8_t)kind};
    struct iovec parts[] = {{header, sizeof header}, {(void *)(uintptr_t)packet, size}};
    assert(writev(fd, parts, 2) == (ssize_t)(sizeof header + size));
}

static bool read_packet(FILE *file, uint8_t *kind, uint8_t packet[FRAME_PACKET_SIZE_MAX],
                        size_t *size) {
    uint8_t header[HEADER_SIZE];
    if (fread(header, sizeof header, 1, file) != 1)
        return false;
    *size = (size_t)header[0] << 8 | header[1];
    *kind = header[2];
    return *size <= FRAME_PACKET_SIZE_MAX && fread(packet, *size, 1, file) == 1;
}

static bool is_wanted(struct recording_reader *reader, enum recording_kind kind, uint8_t read_kind,
                      const uint8_t *packet) {
    uint32_t ssrc;
    if (read_kind != (uint8_t)kind)
        return false;
    memcpy(&ssrc, packet + SSRC_AT, sizeof ssrc);
    if (!reader->is_bound)
        reader->ssrc = ssrc;
    reader->is_bound = true;
    return reader->ssrc == ssrc;
}

// Up to the marker of a picture; every packet of sound is a frame. False at the end of the file.
static bool read_frame(struct recording_reader *reader, enum recording_kind kind,
                       struct frame *frame) {
    uint8_t packet[FRAME_PACKET_SIZE_MAX], read_kind;
    size_t size;
    frame->count = 0;
    while (read_packet(reader->file, &read_kind, packet, &size)) {
        if (!is_wanted(reader, kind, read_kind, packet))
            continue;
        frame_add(frame, packet, size);
        if (kind == RECORDING_AUDIO || packet[1] & 0x80)
            return true;
    }
    return false;
}

bool recording_read_frame(struct recording_reader *reader, enum recording_kind kind,
                          struct frame *frame) {
    const char *path = getenv("HOSTILE_CLEAR");
    if (!reader->file && path)
        reader->file = fopen(path, "rbe");
    if (!reader->file)
        return false;
    if (read_frame(reader, kind, frame))
        return true;
    rewind(reader->file);
    return read_frame(reader, kind, frame);
}

void recording_close(struct recording_reader *reader) {
    if (reader->file)
        fclose(reader->file);
    *reader = (struct recording_reader){0};
}
