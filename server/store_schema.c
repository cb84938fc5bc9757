#include "server/store_schema.h"

#include <stdio.h>

// A step that was released is never changed; a change of the schema is a new step at the end.
static const char *const steps[] = {
    "CREATE TABLE rooms ("
    " room_id TEXT PRIMARY KEY NOT NULL,"
    " id TEXT UNIQUE NOT NULL,"
    " custom_room_id TEXT UNIQUE,"
    " policy TEXT NOT NULL,"
    " created_at INTEGER NOT NULL,"
    " updated_at INTEGER NOT NULL,"
    " disabled INTEGER NOT NULL) STRICT;"
    "CREATE INDEX rooms_created_at ON rooms (created_at);",
};

enum { STEP_COUNT = sizeof steps / sizeof steps[0] };

// WAL with NORMAL survives every crash of the process. A power cut may lose the last rooms, never
// the file; that is worth not waiting for the disk in the thread that does the signalling.
static const char set_up[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                             "PRAGMA cache_size = -256; PRAGMA temp_store = MEMORY;"
                             "PRAGMA busy_timeout = 2000; PRAGMA trusted_schema = OFF;";

static int read_version(sqlite3 *database) {
    sqlite3_stmt *statement;
    int version = -1;
    if (sqlite3_prepare_v2(database, "PRAGMA user_version", -1, &statement, NULL) != SQLITE_OK)
        return -1;
    if (sqlite3_step(statement) == SQLITE_ROW)
        version = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return version;
}

static bool take_step(sqlite3 *database, int step) {
    char commit[64];
    snprintf(commit, sizeof commit, "PRAGMA user_version = %d; COMMIT", step + 1);
    if (sqlite3_exec(database, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_exec(database, steps[step], NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_exec(database, commit, NULL, NULL, NULL) == SQLITE_OK)
        return true;
    return false;
}

bool sotto_store_schema_migrate(sqlite3 *database, const char *path, struct sotto_fault *fault) {
    if (sqlite3_exec(database, set_up, NULL, NULL, NULL) != SQLITE_OK)
        return false;
    int version = read_version(database);
    if (version > STEP_COUNT) {
        sotto_fault_set(fault,
                        "%s: written by a newer sottod (schema %d, this one knows %d); use that",
                        path, version, (int)STEP_COUNT);
        return false;
    }
    if (version < 0)
        return false;
    for (; version < STEP_COUNT; version++)
        if (!take_step(database, version))
            return false;
    return true;
}
