// The folder that holds what sottod keeps, used by one sottod at a time.
#ifndef SOTTO_SERVER_DATA_FOLDER_H
#define SOTTO_SERVER_DATA_FOLDER_H

#include "server/fault.h"

// Makes the folder and what is above it (mode 0700) and locks it. A descriptor that holds the lock
// until it is closed, or -1 with a fault.
int sotto_data_folder_open(const char *path, struct sotto_fault *fault);

#endif
