// The outcomes of the frame-encryption core (sotto/result.h), and how many there are.
#ifndef SOTTO_CORE_RESULT_H
#define SOTTO_CORE_RESULT_H

#include "sotto/result.h"

// Every function that returns a result must have it looked at.
enum { SOTTO_RESULT_COUNT = SOTTO_INTERNAL + 1 };

#endif
