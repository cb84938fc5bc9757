#include "server/store.h"

#include "server/log.h"
#include "server/store_schema.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COLUMNS "room_id, id, custom_room_id, policy, created_at, updated_at, disabled"
// instr needs no escaping, unlike LIKE.
#define MATCHES                                                                                    \
    " FROM rooms WHERE ?1 = '' OR instr(room_id, ?1) OR instr(ifnull(custom_room_id, ''), ?1) "

enum statement { ADD, COUNT, FIND, FIND_CUSTOM, DISABLE, LIST, LIST_COUNT, STATEMENT_COUNT };

static const char *const statements[STATEMENT_COUNT] = {
    [ADD] = "INSERT INTO rooms (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?5, 0)",
    [COUNT] = "SELECT count(*) FROM rooms",
    [FIND] = "SELECT " COLUMNS " FROM rooms WHERE room_id = ?1 OR id = ?1",
    [FIND_CUSTOM] = "SELECT " COLUMNS " FROM rooms WHERE custom_room_id = ?1",
    [DISABLE] =
        "UPDATE rooms SET disabled = 1, updated_at = ?2 WHERE room_id = ?1 AND NOT disabled",
    [LIST] = "SELECT " COLUMNS MATCHES "ORDER BY created_at DESC, room_id LIMIT ?2 OFFSET ?3",
    [LIST_COUNT] = ("SELECT count(*)" MATCHES),
};

struct sotto_store {
    sqlite3 *database;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    uint64_t room_count_max;
};

static const char *const policies[] = {
    [SOTTO_E2EE_PREFERRED] = "preferred", [SOTTO_E2EE_REQUIRED] = "required",
    [SOTTO_E2EE_OFF] = "off"};

const char *sotto_e2ee_policy_text(enum sotto_e2ee_policy policy) {
    return (unsigned)policy <= SOTTO_E2EE_OFF ? policies[policy] : NULL;
}

bool sotto_e2ee_policy_parse(enum sotto_e2ee_policy *policy, const char *text) {
    for (unsigned i = 0; text && i <= SOTTO_E2EE_OFF; i++)
        if (strcmp(text, policies[i]) == 0) {
            *policy = (enum sotto_e2ee_policy)i;
            return true;
        }
    *policy = SOTTO_E2EE_PREFERRED;
    return false;
}

static enum sotto_store_result fail(struct sotto_store *store) {
    SOTTO_LOG(SOTTO_LOG_ERROR, "store-failed", SOTTO_LOG_REASON(sqlite3_errmsg(store->database)));
    return SOTTO_STORE_FAILED;
}

static sqlite3_stmt *begin(struct sotto_store *store, enum statement which) {
    sqlite3_reset(store->statements[which]);
    sqlite3_clear_bindings(store->statements[which]);
    return store->statements[which];
}

static void bind_text(sqlite3_stmt *statement, int place, const char *text) {
    // SQLITE_STATIC: every statement is stepped and reset before its caller returns.
    if (text)
        sqlite3_bind_text(statement, place, text, -1, SQLITE_STATIC);
}

static void copy_column(sqlite3_stmt *statement, int column, char *to, size_t capacity) {
    const char *text = (const char *)sqlite3_column_text(statement, column);
    snprintf(to, capacity, "%s", text ? text : "");
}

static void read_room(sqlite3_stmt *statement, struct sotto_room *room) {
    *room = (struct sotto_room){0};
    copy_column(statement, 0, room->room_id, sizeof room->room_id);
    copy_column(statement, 1, room->id, sizeof room->id);
    copy_column(statement, 2, room->custom_room_id, sizeof room->custom_room_id);
    sotto_e2ee_policy_parse(&room->policy, (const char *)sqlite3_column_text(statement, 3));
    room->created_at_ms = (uint64_t)sqlite3_column_int64(statement, 4);
    room->updated_at_ms = (uint64_t)sqlite3_column_int64(statement, 5);
    room->disabled = sqlite3_column_int(statement, 6) != 0;
}

static enum sotto_store_result find(struct sotto_store *store, enum statement which,
                                    const char *key, struct sotto_room *room) {
    *room = (struct sotto_room){0};
    sqlite3_stmt *statement = begin(store, which);
    bind_text(statement, 1, key);
    int step = sqlite3_step(statement);
    if (step == SQLITE_ROW)
        read_room(statement, room);
    sqlite3_reset(statement);
    if (step == SQLITE_ROW)
        return SOTTO_STORE_OK;
    return step == SQLITE_DONE ? SOTTO_STORE_NOT_FOUND : fail(store);
}

enum sotto_store_result sotto_store_find_room(struct sotto_store *store, const char *key,
                                              struct sotto_room *room) {
    *room = (struct sotto_room){0};
    struct sotto_text text = sotto_text_of(key);
    if (!sotto_room_id_is_valid(text) && !sotto_object_id_is_valid(text))
        return SOTTO_STORE_NOT_FOUND;
    return find(store, FIND, key, room);
}

static enum sotto_store_result count(struct sotto_store *store, enum statement which,
                                     const char *query, uint64_t *total) {
    *total = 0;
    sqlite3_stmt *statement = begin(store, which);
    if (which == LIST_COUNT)
        bind_text(statement, 1, query);
    int step = sqlite3_step(statement);
    if (step == SQLITE_ROW)
        *total = (uint64_t)sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return step == SQLITE_ROW ? SOTTO_STORE_OK : fail(store);
}

static int insert(struct sotto_store *store, const char *custom_room_id,
                  enum sotto_e2ee_policy policy, uint64_t unix_ms) {
    char room_id[SOTTO_ROOM_ID_SIZE], id[SOTTO_OBJECT_ID_SIZE];
    sotto_room_id_draw(room_id);
    sotto_object_id_draw(id);
    sqlite3_stmt *statement = begin(store, ADD);
    bind_text(statement, 1, room_id);
    bind_text(statement, 2, id);
    bind_text(statement, 3, custom_room_id);
    bind_text(statement, 4, policies[policy]);
    sqlite3_bind_int64(statement, 5, (sqlite3_int64)unix_ms);
    int step = sqlite3_step(statement);
    sqlite3_reset(statement);
    return step;
}

// The row that the last insert made; read back, so that there is one way from rows to rooms.
static enum sotto_store_result read_last(struct sotto_store *store, struct sotto_room *room) {
    sqlite3_stmt *statement;
    int prepared =
        sqlite3_prepare_v2(store->database, "SELECT " COLUMNS " FROM rooms WHERE rowid = ?1", -1,
                           &statement, NULL);
    if (prepared != SQLITE_OK)
        return fail(store);
    sqlite3_bind_int64(statement, 1, sqlite3_last_insert_rowid(store->database));
    bool found = sqlite3_step(statement) == SQLITE_ROW;
    if (found)
        read_room(statement, room);
    sqlite3_finalize(statement);
    return found ? SOTTO_STORE_OK : fail(store);
}

enum sotto_store_result sotto_store_add_room(struct sotto_store *store, const char *custom_room_id,
                                             enum sotto_e2ee_policy policy, uint64_t unix_ms,
                                             struct sotto_room *room, bool *created) {
    *created = false;
    *room = (struct sotto_room){0};
    if (custom_room_id) {
        enum sotto_store_result found = find(store, FIND_CUSTOM, custom_room_id, room);
        if (found != SOTTO_STORE_NOT_FOUND)
            return found;
    }
    uint64_t total;
    enum sotto_store_result counted = count(store, COUNT, NULL, &total);
    if (counted != SOTTO_STORE_OK)
        return counted;
    if (total >= store->room_count_max)
        return SOTTO_STORE_FULL;
    // With 62 random bits a collision is not expected in the life of a server; one more try covers
    // it.
    if (insert(store, custom_room_id, policy, unix_ms) != SQLITE_DONE &&
        insert(store, custom_room_id, policy, unix_ms) != SQLITE_DONE)
        return fail(store);
    *created = true;
    return read_last(store, room);
}

enum sotto_store_result sotto_store_disable_room(struct sotto_store *store, const char *room_id,
                                                 uint64_t unix_ms, struct sotto_room *room) {
    *room = (struct sotto_room){0};
    sqlite3_stmt *statement = begin(store, DISABLE);
    bind_text(statement, 1, room_id);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)unix_ms);
    int step = sqlite3_step(statement);
    sqlite3_reset(statement);
    return step == SQLITE_DONE ? sotto_store_find_room(store, room_id, room) : fail(store);
}

enum sotto_store_result sotto_store_list_rooms(struct sotto_store *store, const char *query,
                                               uint64_t offset, struct sotto_room *rooms,
                                               size_t capacity, size_t *room_count,
                                               uint64_t *total) {
    *room_count = 0;
    enum sotto_store_result counted = count(store, LIST_COUNT, query, total);
    if (counted != SOTTO_STORE_OK)
        return counted;
    sqlite3_stmt *statement = begin(store, LIST);
    bind_text(statement, 1, query);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)capacity);
    sqlite3_bind_int64(statement, 3, (sqlite3_int64)offset);
    int step = sqlite3_step(statement);
    for (; step == SQLITE_ROW && *room_count < capacity; step = sqlite3_step(statement))
        read_room(statement, &rooms[(*room_count)++]);
    sqlite3_reset(statement);
    return step == SQLITE_DONE || step == SQLITE_ROW ? SOTTO_STORE_OK : fail(store);
}

// SQLite gives its files the mode of the database, so making that file first settles all of them.
static bool make_file(const char *path, struct sotto_fault *fault) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool private = fd >= 0 && fchmod(fd, 0600) == 0;
    if (!private)
        sotto_fault_set(fault, "%s: %s; make the data folder writable", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return private;
}

static bool open_database(struct sotto_store *store, const char *path, struct sotto_fault *fault) {
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &store->database, flags, NULL) == SQLITE_OK &&
        sotto_store_schema_migrate(store->database, path, fault))
        return true;
    if (!fault->text[0])
        sotto_fault_set(fault, "%s: %s; restore or remove the file", path,
                        sqlite3_errmsg(store->database));
    return false;
}

static bool prepare(struct sotto_store *store, const char *path, struct sotto_fault *fault) {
    for (int i = 0; i < STATEMENT_COUNT; i++)
        if (sqlite3_prepare_v3(store->database, statements[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &store->statements[i], NULL) != SQLITE_OK) {
            sotto_fault_set(fault, "%s: %s; restore or remove the file", path,
                            sqlite3_errmsg(store->database));
            return false;
        }
    return true;
}

struct sotto_store *sotto_store_create(const char *folder, uint64_t room_count_max,
                                       struct sotto_fault *fault) {
    char path[640];
    fault->text[0] = 0;
    snprintf(path, sizeof path, "%s/sotto.db", folder);
    struct sotto_store *store = calloc(1, sizeof *store);
    if (!store)
        return NULL;
    store->room_count_max = room_count_max;
    if (make_file(path, fault) && open_database(store, path, fault) && prepare(store, path, fault))
        return store;
    sotto_store_destroy(store);
    return NULL;
}

void sotto_store_destroy(struct sotto_store *store) {
    if (!store)
        return;
    for (int i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(store->statements[i]);
    sqlite3_close(store->database);
    free(store);
}
