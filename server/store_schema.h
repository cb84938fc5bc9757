// The schema of the store and its history: SQLite's user_version counts the steps that were taken.
#ifndef SOTTO_SERVER_STORE_SCHEMA_H
#define SOTTO_SERVER_STORE_SCHEMA_H

#include "server/fault.h"

#include <sqlite3.h>
#include <stdbool.h>

// Sets the connection up and takes the steps that are missing, each in a transaction. False if the
// file is from a newer sottod (with a fault), or SQLite fails (without one).
bool sotto_store_schema_migrate(sqlite3 *database, const char *path, struct sotto_fault *fault);

#endif
