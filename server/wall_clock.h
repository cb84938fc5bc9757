// The two clocks of the control thread and the text of a time. Only the outermost code reads them;
// everything else takes the time as an argument.
#ifndef SOTTO_SERVER_WALL_CLOCK_H
#define SOTTO_SERVER_WALL_CLOCK_H

#include <stdint.h>

uint64_t sotto_wall_clock_unix_ms(void);      // may jump
uint64_t sotto_wall_clock_monotonic_ms(void); // never goes back

enum { SOTTO_WALL_CLOCK_TEXT_SIZE = 32 };
// "2026-01-31T12:00:00.000Z"
void sotto_wall_clock_format(char text[SOTTO_WALL_CLOCK_TEXT_SIZE], uint64_t unix_ms);
// "Sat, 31 Jan 2026 12:00:00 GMT", as RFC 9110, section 5.6.7 has it.
void sotto_wall_clock_format_http(char text[SOTTO_WALL_CLOCK_TEXT_SIZE], uint64_t unix_ms);

#endif
