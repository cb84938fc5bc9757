#include "server/store.h"
#include "tests/check.h"

#include <dirent.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static struct sotto_fault fault;

static struct sotto_store *open_store(uint64_t room_count_max) {
    struct sotto_store *store = sotto_store_create(folder, room_count_max, &fault);
    if (!store)
        check_fail(__FILE__, __LINE__, fault.text);
    return store;
}

static void empty_folder(void) {
    DIR *listing = opendir(folder);
    CHECK(listing);
    for (struct dirent *entry; (entry = readdir(listing));)
        if (entry->d_name[0] != '.')
            CHECK_EQ(unlinkat(dirfd(listing), entry->d_name, 0), 0);
    closedir(listing);
}

TEST(a_room_is_found_by_both_of_its_ids_after_a_restart) {
    struct sotto_room made, found;
    bool created;
    struct sotto_store *store = open_store(10);
    CHECK_EQ(sotto_store_add_room(store, "custom", SOTTO_E2EE_REQUIRED, 1234, &made, &created),
             SOTTO_STORE_OK);
    CHECK(created);
    CHECK(sotto_room_id_is_valid(sotto_text_of(made.room_id)));
    CHECK(sotto_object_id_is_valid(sotto_text_of(made.id)));
    sotto_store_destroy(store);
    store = open_store(10);
    CHECK_EQ(sotto_store_find_room(store, made.room_id, &found), SOTTO_STORE_OK);
    CHECK_BYTES(&found, &made, sizeof found);
    CHECK_EQ(sotto_store_find_room(store, made.id, &found), SOTTO_STORE_OK);
    CHECK_TEXT(found.custom_room_id, "custom");
    CHECK_EQ(found.policy, SOTTO_E2EE_REQUIRED);
    CHECK_EQ(found.created_at_ms, 1234);
    CHECK(!found.disabled);
    sotto_store_destroy(store);
}

TEST(nothing_but_an_id_finds_a_room) {
    struct sotto_room room, zero = {0};
    static const char *const keys[] = {"", "custom", "' OR 1=1 --", "abcd-efgh-ijkl", "%", "*"};
    struct sotto_store *store = open_store(10);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        CHECK_EQ(sotto_store_find_room(store, keys[i], &room), SOTTO_STORE_NOT_FOUND);
        CHECK_BYTES(&room, &zero, sizeof room);
    }
    sotto_store_destroy(store);
}

TEST(a_custom_id_gives_the_same_room_and_keeps_its_policy) {
    struct sotto_room first, second;
    bool created;
    struct sotto_store *store = open_store(10);
    CHECK_EQ(sotto_store_add_room(store, "'\"; DROP", SOTTO_E2EE_OFF, 1, &first, &created),
             SOTTO_STORE_OK);
    CHECK_EQ(sotto_store_add_room(store, "'\"; DROP", SOTTO_E2EE_REQUIRED, 2, &second, &created),
             SOTTO_STORE_OK);
    CHECK(!created);
    CHECK_BYTES(&first, &second, sizeof first);
    sotto_store_destroy(store);
}

TEST(the_limit_holds_for_new_rooms_only) {
    struct sotto_room room;
    bool created;
    empty_folder();
    struct sotto_store *store = open_store(2);
    CHECK_EQ(sotto_store_add_room(store, "a", SOTTO_E2EE_OFF, 1, &room, &created), SOTTO_STORE_OK);
    CHECK_EQ(sotto_store_add_room(store, NULL, SOTTO_E2EE_OFF, 1, &room, &created), SOTTO_STORE_OK);
    CHECK_EQ(sotto_store_add_room(store, NULL, SOTTO_E2EE_OFF, 1, &room, &created),
             SOTTO_STORE_FULL);
    CHECK_EQ(sotto_store_add_room(store, "a", SOTTO_E2EE_OFF, 1, &room, &created), SOTTO_STORE_OK);
    sotto_store_destroy(store);
}

TEST(a_disabled_room_stays_and_says_so) {
    struct sotto_room room, again;
    bool created;
    empty_folder();
    struct sotto_store *store = open_store(2);
    CHECK_EQ(sotto_store_add_room(store, NULL, SOTTO_E2EE_OFF, 1, &room, &created), SOTTO_STORE_OK);
    CHECK_EQ(sotto_store_disable_room(store, room.room_id, 50, &again), SOTTO_STORE_OK);
    CHECK(again.disabled);
    CHECK_EQ(again.updated_at_ms, 50);
    CHECK_EQ(sotto_store_disable_room(store, room.room_id, 60, &again), SOTTO_STORE_OK);
    CHECK_EQ(again.updated_at_ms, 50);
    CHECK_EQ(sotto_store_disable_room(store, "abcd-efgh-ijkl", 60, &again), SOTTO_STORE_NOT_FOUND);
    sotto_store_destroy(store);
}

TEST(lists_are_paged_newest_first_and_filtered_literally) {
    struct sotto_room rooms[4], made;
    size_t count;
    uint64_t total;
    bool created;
    char name[16];
    empty_folder();
    struct sotto_store *store = open_store(100);
    for (unsigned i = 0; i < 10; i++) {
        snprintf(name, sizeof name, i % 2 ? "odd_%u" : "even%%%u", i);
        CHECK_EQ(sotto_store_add_room(store, name, SOTTO_E2EE_OFF, i, &made, &created),
                 SOTTO_STORE_OK);
    }
    CHECK_EQ(sotto_store_list_rooms(store, "", 0, rooms, 4, &count, &total), SOTTO_STORE_OK);
    CHECK_EQ(count, 4);
    CHECK_EQ(total, 10);
    CHECK_TEXT(rooms[0].custom_room_id, "odd_9");
    CHECK_EQ(sotto_store_list_rooms(store, "", 8, rooms, 4, &count, &total), SOTTO_STORE_OK);
    CHECK_EQ(count, 2);
    CHECK_EQ(sotto_store_list_rooms(store, "_", 0, rooms, 4, &count, &total), SOTTO_STORE_OK);
    CHECK_EQ(total, 5);
    CHECK_EQ(sotto_store_list_rooms(store, "%8", 0, rooms, 4, &count, &total), SOTTO_STORE_OK);
    CHECK_EQ(total, 1);
    CHECK_EQ(sotto_store_list_rooms(store, made.room_id, 0, rooms, 4, &count, &total),
             SOTTO_STORE_OK);
    CHECK_EQ(total, 1);
    CHECK_EQ(sotto_store_list_rooms(store, "none", 0, rooms, 4, &count, &total), SOTTO_STORE_OK);
    CHECK_EQ(total, 0);
    sotto_store_destroy(store);
}

TEST(the_files_are_private_even_if_they_were_not) {
    char path[128];
    struct stat status;
    empty_folder();
    snprintf(path, sizeof path, "%s/sotto.db", folder);
    umask(0);
    FILE *file = fopen(path, "w");
    CHECK(file);
    fclose(file);
    struct sotto_store *store = open_store(2);
    CHECK_EQ(stat(path, &status), 0);
    CHECK_EQ(status.st_mode & 0777, 0600);
    sotto_store_destroy(store);
}

TEST(a_store_of_a_newer_server_and_a_broken_one_are_refused) {
    char path[128];
    sqlite3 *database;
    snprintf(path, sizeof path, "%s/sotto.db", folder);
    CHECK_EQ(sqlite3_open(path, &database), SQLITE_OK);
    CHECK_EQ(sqlite3_exec(database, "PRAGMA user_version = 1000", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
    CHECK(sotto_store_create(folder, 2, &fault) == NULL);
    CHECK(strstr(fault.text, "newer sottod"));
    FILE *file = fopen(path, "w");
    CHECK(file);
    for (int i = 0; i < 4096; i++)
        fputc('x', file);
    fclose(file);
    CHECK(sotto_store_create(folder, 2, &fault) == NULL);
    CHECK(strstr(fault.text, "sotto.db: "));
}

TEST(policies_have_their_names) {
    enum sotto_e2ee_policy policy;
    CHECK(sotto_e2ee_policy_parse(&policy, "required") && policy == SOTTO_E2EE_REQUIRED);
    CHECK(sotto_e2ee_policy_parse(&policy, "off") && policy == SOTTO_E2EE_OFF);
    CHECK(!sotto_e2ee_policy_parse(&policy, "OFF") && policy == SOTTO_E2EE_PREFERRED);
    CHECK(!sotto_e2ee_policy_parse(&policy, NULL));
}

int main(void) {
    snprintf(folder, sizeof folder, "/tmp/sotto-store-XXXXXX");
    CHECK(mkdtemp(folder));
    RUN(a_room_is_found_by_both_of_its_ids_after_a_restart);
    RUN(nothing_but_an_id_finds_a_room);
    RUN(a_custom_id_gives_the_same_room_and_keeps_its_policy);
    RUN(the_limit_holds_for_new_rooms_only);
    RUN(a_disabled_room_stays_and_says_so);
    RUN(lists_are_paged_newest_first_and_filtered_literally);
    RUN(the_files_are_private_even_if_they_were_not);
    RUN(a_store_of_a_newer_server_and_a_broken_one_are_refused);
    RUN(policies_have_their_names);
    empty_folder();
    rmdir(folder);
    return 0;
}
