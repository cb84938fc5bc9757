#include "proto/demux.h"

#include "tests/check.h"

#include <stdbool.h>

static enum sotto_demux_kind classify(const uint8_t *data, size_t size) {
    struct sotto_demux demux = {0};
    enum sotto_demux_kind kind = sotto_demux_classify(&demux, data, size);
    for (int i = 0; i < SOTTO_DEMUX_KIND_COUNT; i++)
        CHECK_EQ(demux.counts[i], i == (int)kind);
    return kind;
}

// RFC 7983 section 7, figure 3, and RFC 5761 section 4, as a table of ranges.
static enum sotto_demux_kind expected_kind(unsigned first, unsigned second) {
    static const struct {
        unsigned from, to;
        enum sotto_demux_kind kind;
    } ranges[] = {
        {0, 3, SOTTO_DEMUX_STUN},       {4, 19, SOTTO_DEMUX_UNKNOWN},
        {20, 63, SOTTO_DEMUX_DTLS},     {64, 127, SOTTO_DEMUX_UNKNOWN},
        {128, 191, SOTTO_DEMUX_RTP},    {192, 255, SOTTO_DEMUX_UNKNOWN},
    };
    enum sotto_demux_kind kind = SOTTO_DEMUX_UNKNOWN;
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (first >= ranges[i].from && first <= ranges[i].to)
            kind = ranges[i].kind;
    }
    bool is_rtcp = kind == SOTTO_DEMUX_RTP && second >= 192 && second <= 223;
    return is_rtcp ? SOTTO_DEMUX_RTCP : kind;
}

TEST(the_first_two_bytes_say_what_a_datagram_is) {
    uint8_t data[100] = {0};
    for (unsigned bytes = 0; bytes < 65536; bytes++) {
        data[0] = (uint8_t)(bytes >> 8);
        data[1] = (uint8_t)bytes;
        CHECK_EQ(classify(data, sizeof data), expected_kind(bytes >> 8, bytes & 255));
    }
}

TEST(what_is_shorter_than_its_header_is_unknown) {
    static const struct {
        uint8_t first, second;
        size_t header_size;
    } kinds[] = {{0x00, 0x01, 20}, {0x16, 0xfe, 13}, {0x80, 0x60, 12}, {0x80, 0xc8, 8}};
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        for (size_t size = 0; size <= 24; size++) {
            uint8_t *data = calloc(size ? size : 1, 1);
            CHECK(data);
            if (size > 0)
                data[0] = kinds[k].first;
            if (size > 1)
                data[1] = kinds[k].second;
            CHECK_EQ(classify(data, size) != SOTTO_DEMUX_UNKNOWN, size >= kinds[k].header_size);
            free(data);
        }
    }
}

TEST(datagrams_are_counted_by_kind) {
    struct sotto_demux demux = {0};
    const uint8_t stun[20] = {0, 1};
    const uint8_t other[20] = {0x40};
    for (int i = 0; i < 3; i++)
        sotto_demux_classify(&demux, stun, sizeof stun);
    sotto_demux_classify(&demux, other, sizeof other);
    CHECK_EQ(demux.counts[SOTTO_DEMUX_STUN], 3);
    CHECK_EQ(demux.counts[SOTTO_DEMUX_UNKNOWN], 1);
    CHECK_EQ(demux.counts[SOTTO_DEMUX_RTP], 0);
}

int main(void) {
    RUN(the_first_two_bytes_say_what_a_datagram_is);
    RUN(what_is_shorter_than_its_header_is_unknown);
    RUN(datagrams_are_counted_by_kind);
    return 0;
}
