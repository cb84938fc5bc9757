#include "sfu/speaker.h"

#include "core/assert.h"
#include "core/memory.h"

enum {
    US_PER_MS = 1000,
    SILENCE_DBOV = 127,
    SCALE = 256, // of smoothed loudness per dB
    // Each interval moves the smoothed loudness a quarter of the way: 63 % of a step in 0.35 s.
    SMOOTHING = 4,
    THRESHOLD = (SILENCE_DBOV - SOTTO_SPEAKER_THRESHOLD_DBOV) * SCALE,
    MARGIN = SOTTO_SPEAKER_MARGIN_DB * SCALE,
    // Below this a source counts as silent, or the quarter steps would never end.
    FLOOR = SCALE,
};

void sotto_speaker_init(struct sotto_speaker *speaker, struct sotto_speaker_source *memory,
                        uint32_t source_count) {
    *speaker = (struct sotto_speaker){
        .sources = memory,
        .source_count = source_count,
        .due_us = UINT64_MAX,
        .current = SOTTO_SPEAKER_NOBODY,
        .reported = SOTTO_SPEAKER_NOBODY,
        .challenger = SOTTO_SPEAKER_NOBODY,
    };
    memset(memory, 0, source_count * sizeof *memory);
}

void sotto_speaker_handle_level(struct sotto_speaker *speaker, uint64_t now_us, uint32_t source,
                                uint8_t level_dbov) {
    SOTTO_ASSERT(source < speaker->source_count);
    if (level_dbov > SILENCE_DBOV)
        level_dbov = SILENCE_DBOV;
    speaker->sources[source].loudness_sum += SILENCE_DBOV - level_dbov;
    speaker->sources[source].packet_count++;
    if (level_dbov < SILENCE_DBOV && speaker->due_us == UINT64_MAX)
        speaker->due_us = now_us + SOTTO_SPEAKER_INTERVAL_MS * US_PER_MS;
}

static void set_current(struct sotto_speaker *speaker, uint32_t source) {
    speaker->current = source;
    speaker->challenger = SOTTO_SPEAKER_NOBODY;
    speaker->challenge_ms = 0;
    speaker->silence_ms = 0;
}

void sotto_speaker_remove(struct sotto_speaker *speaker, uint32_t source) {
    SOTTO_ASSERT(source < speaker->source_count);
    speaker->sources[source] = (struct sotto_speaker_source){0};
    if (speaker->challenger == source)
        speaker->challenger = SOTTO_SPEAKER_NOBODY;
    if (speaker->current == source)
        set_current(speaker, SOTTO_SPEAKER_NOBODY);
}

uint64_t sotto_speaker_poll_timeout(const struct sotto_speaker *speaker) {
    return speaker->due_us;
}

// Ends a source's interval. A source that sent nothing was silent.
static void smooth(struct sotto_speaker_source *source) {
    int32_t mean = 0;
    if (source->packet_count > 0)
        mean = (int32_t)(source->loudness_sum / source->packet_count * SCALE);
    int32_t loudness = (int32_t)source->loudness;
    loudness += (mean - loudness) / SMOOTHING;
    source->loudness = loudness < FLOOR ? 0 : (uint32_t)loudness;
    source->loudness_sum = 0;
    source->packet_count = 0;
}

// Smooths all sources and returns the loudest; `silent` tells whether nothing is heard at all.
static uint32_t loudest_source(struct sotto_speaker *speaker, bool *silent) {
    uint32_t loudest = SOTTO_SPEAKER_NOBODY;
    uint32_t loudness = 0;
    for (uint32_t i = 0; i < speaker->source_count; i++) {
        smooth(&speaker->sources[i]);
        if (speaker->sources[i].loudness > loudness) {
            loudness = speaker->sources[i].loudness;
            loudest = i;
        }
    }
    *silent = loudness == 0;
    return loudness >= THRESHOLD ? loudest : SOTTO_SPEAKER_NOBODY;
}

static void challenge(struct sotto_speaker *speaker, uint32_t loudest) {
    if (speaker->current != SOTTO_SPEAKER_NOBODY &&
        speaker->sources[loudest].loudness < speaker->sources[speaker->current].loudness + MARGIN) {
        // Also when it is the current speaker itself.
        speaker->challenger = SOTTO_SPEAKER_NOBODY;
        return;
    }
    if (speaker->challenger != loudest) {
        speaker->challenger = loudest;
        speaker->challenge_ms = 0;
    }
    speaker->challenge_ms += SOTTO_SPEAKER_INTERVAL_MS;
    if (speaker->challenge_ms >= SOTTO_SPEAKER_CHALLENGE_MS)
        set_current(speaker, loudest);
}

void sotto_speaker_handle_timeout(struct sotto_speaker *speaker, uint64_t now_us) {
    if (now_us < speaker->due_us)
        return;
    speaker->due_us = now_us + SOTTO_SPEAKER_INTERVAL_MS * US_PER_MS;
    bool silent;
    uint32_t loudest = loudest_source(speaker, &silent);
    if (loudest != SOTTO_SPEAKER_NOBODY) {
        speaker->silence_ms = 0;
        challenge(speaker, loudest);
        return;
    }
    speaker->challenger = SOTTO_SPEAKER_NOBODY;
    speaker->silence_ms += SOTTO_SPEAKER_INTERVAL_MS;
    if (speaker->silence_ms >= SOTTO_SPEAKER_SILENCE_MS)
        set_current(speaker, SOTTO_SPEAKER_NOBODY);
    if (silent && speaker->current == SOTTO_SPEAKER_NOBODY)
        speaker->due_us = UINT64_MAX;
}

bool sotto_speaker_poll_event(struct sotto_speaker *speaker, uint32_t *source) {
    *source = SOTTO_SPEAKER_NOBODY;
    if (speaker->current == speaker->reported)
        return false;
    speaker->reported = speaker->current;
    *source = speaker->current;
    return true;
}
