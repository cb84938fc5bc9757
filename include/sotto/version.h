// Which libsotto this is. The header tells what a program was compiled for, sotto_version what it
// runs with: of the same major number, and not older.
#ifndef SOTTO_INCLUDE_SOTTO_VERSION_H
#define SOTTO_INCLUDE_SOTTO_VERSION_H

#include "sotto/api.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SOTTO_VERSION_MAJOR 0
#define SOTTO_VERSION_MINOR 1
#define SOTTO_VERSION_PATCH 0

// The version of the library, such as "0.1.0"; valid for ever.
SOTTO_API const char *sotto_version(void);

#ifdef __cplusplus
}
#endif

#endif
