#include "core/assert.h"
#include "core/reader.h"
#include "proto/srtp.h"

enum {
    WINDOW_SIZE = 64, // RFC 3711 section 3.3.2: "at least 64", the bits of `seen`
    VERSION = 2,
    TYPE_FIRST = 192, // RFC 5761 section 4: 64 to 95 without the marker bit
    TYPE_LAST = 223,
};

static const uint32_t index_count = UINT32_C(1) << 31; // RFC 3711 section 3.4: 31 bits

// The SSRC of a compound's first packet; false if it does not begin like RTCP.
static bool read_sender(const uint8_t *packet, size_t size, uint32_t *ssrc) {
    struct sotto_reader reader;
    sotto_reader_init(&reader, packet, size);
    uint8_t first = sotto_reader_read_u8(&reader);
    uint8_t type = sotto_reader_read_u8(&reader);
    sotto_reader_skip(&reader, 2);
    *ssrc = sotto_reader_read_u32(&reader);
    return !reader.failed && first >> 6 == VERSION && type >= TYPE_FIRST && type <= TYPE_LAST;
}

enum sotto_srtp_result sotto_srtcp_protect(struct sotto_srtp *srtp, uint8_t *packet, size_t size,
                                           size_t capacity, size_t *protected_size) {
    SOTTO_ASSERT(srtp->direction == SOTTO_SRTP_SENDER);
    *protected_size = 0;
    size_t overhead = sotto_srtp_tag_size(srtp->profile) + SOTTO_SRTCP_INDEX_SIZE;
    uint32_t ssrc;
    if (size > SOTTO_SRTP_PACKET_SIZE_MAX || !read_sender(packet, size, &ssrc))
        return SOTTO_SRTP_MALFORMED;
    if (capacity < size || capacity - size < overhead)
        return SOTTO_SRTP_TOO_SMALL;
    if (srtp->rtcp_index >= index_count)
        return SOTTO_SRTP_EXHAUSTED;
    // One counter for all SSRCs: no (SSRC, index) comes twice, and receivers only see gaps.
    uint32_t index = srtp->rtcp_index++;
    if (!sotto_srtcp_session_seal(&srtp->rtcp, ssrc, index, packet, size))
        return SOTTO_SRTP_INTERNAL;
    *protected_size = size + overhead;
    return SOTTO_SRTP_OK;
}

// The entry of an SSRC; NULL if it has none.
static struct sotto_srtcp_source *find_source(struct sotto_srtp *srtp, uint32_t ssrc) {
    for (size_t i = 0; i < SOTTO_SRTCP_SOURCE_COUNT_MAX; i++)
        if (srtp->sources[i].used_at > 0 && srtp->sources[i].ssrc == ssrc)
            return &srtp->sources[i];
    return NULL;
}

// A free entry or the one that was silent for longest.
static struct sotto_srtcp_source *oldest_source(struct sotto_srtp *srtp) {
    struct sotto_srtcp_source *oldest = &srtp->sources[0];
    for (size_t i = 1; i < SOTTO_SRTCP_SOURCE_COUNT_MAX; i++)
        if (srtp->sources[i].used_at < oldest->used_at)
            oldest = &srtp->sources[i];
    return oldest;
}

static bool is_replayed(const struct sotto_srtcp_source *source, uint32_t index) {
    if (!source || index > source->highest)
        return false;
    uint32_t age = source->highest - index;
    return age >= WINDOW_SIZE || (source->seen >> age & 1);
}

static void accept_index(struct sotto_srtp *srtp, struct sotto_srtcp_source *source, uint32_t ssrc,
                         uint32_t index) {
    if (!source) {
        source = oldest_source(srtp);
        *source = (struct sotto_srtcp_source){.ssrc = ssrc, .highest = index};
    }
    if (index > source->highest) {
        uint32_t steps = index - source->highest;
        source->seen = steps < WINDOW_SIZE ? source->seen << steps : 0;
        source->highest = index;
    }
    source->seen |= UINT64_C(1) << (source->highest - index);
    source->used_at = ++srtp->rtcp_count;
}

// E flag and index of a protected packet whose RTCP part has `size` bytes.
static uint32_t read_index_word(const struct sotto_srtp *srtp, const uint8_t *packet, size_t size) {
    size_t offset = sotto_srtcp_index_offset(srtp->profile, size);
    struct sotto_reader reader;
    sotto_reader_init(&reader, packet + offset, SOTTO_SRTCP_INDEX_SIZE);
    return sotto_reader_read_u32(&reader);
}

enum sotto_srtp_result sotto_srtcp_unprotect(struct sotto_srtp *srtp, uint8_t *packet, size_t size,
                                             size_t *plain_size) {
    SOTTO_ASSERT(srtp->direction == SOTTO_SRTP_RECEIVER);
    *plain_size = 0;
    size_t overhead = sotto_srtp_tag_size(srtp->profile) + SOTTO_SRTCP_INDEX_SIZE;
    uint32_t ssrc;
    if (size < overhead || size > SOTTO_SRTP_PACKET_SIZE_MAX ||
        !read_sender(packet, size - overhead, &ssrc))
        return SOTTO_SRTP_MALFORMED;
    uint32_t word = read_index_word(srtp, packet, size - overhead);
    if (word < index_count) // no E flag
        return SOTTO_SRTP_MALFORMED;
    uint32_t index = word - index_count;
    struct sotto_srtcp_source *source = find_source(srtp, ssrc);
    if (is_replayed(source, index))
        return SOTTO_SRTP_REPLAYED;
    if (!sotto_srtcp_session_open(&srtp->rtcp, ssrc, index, packet, size - overhead))
        return SOTTO_SRTP_TAMPERED;
    accept_index(srtp, source, ssrc, index);
    *plain_size = size - overhead;
    return SOTTO_SRTP_OK;
}
