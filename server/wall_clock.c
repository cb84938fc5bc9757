#include "server/wall_clock.h"

#include <stdio.h>
#include <time.h>

static uint64_t now_ms(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t sotto_wall_clock_unix_ms(void) {
    return now_ms(CLOCK_REALTIME);
}

uint64_t sotto_wall_clock_monotonic_ms(void) {
    return now_ms(CLOCK_MONOTONIC);
}

static struct tm broken_down(uint64_t unix_ms) {
    time_t seconds = (time_t)(unix_ms / 1000);
    struct tm parts;
    if (!gmtime_r(&seconds, &parts))
        parts = (struct tm){.tm_year = 70, .tm_mday = 1};
    return parts;
}

void sotto_wall_clock_format(char text[SOTTO_WALL_CLOCK_TEXT_SIZE], uint64_t unix_ms) {
    struct tm parts = broken_down(unix_ms);
    char seconds[24];
    strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text, SOTTO_WALL_CLOCK_TEXT_SIZE, "%s.%03uZ", seconds, (unsigned)(unix_ms % 1000));
}

void sotto_wall_clock_format_http(char text[SOTTO_WALL_CLOCK_TEXT_SIZE], uint64_t unix_ms) {
    // strftime's names are those of the C locale: the program never calls setlocale.
    struct tm parts = broken_down(unix_ms);
    strftime(text, SOTTO_WALL_CLOCK_TEXT_SIZE, "%a, %d %b %Y %H:%M:%S GMT", &parts);
}
