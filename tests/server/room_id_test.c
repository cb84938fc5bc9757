#include "server/room_id.h"
#include "tests/check.h"

TEST(drawn_ids_have_their_form_and_do_not_repeat) {
    char last[SOTTO_ROOM_ID_SIZE] = "", id[SOTTO_ROOM_ID_SIZE], object[SOTTO_OBJECT_ID_SIZE];
    unsigned seen[256] = {0};
    for (int i = 0; i < 3000; i++) {
        sotto_room_id_draw(id);
        CHECK(sotto_room_id_is_valid(sotto_text_of(id)));
        sotto_object_id_draw(object);
        CHECK(sotto_object_id_is_valid(sotto_text_of(object)));
        CHECK(strcmp(id, last) != 0);
        strcpy(last, id);
        for (const char *c = id; *c; c++)
            seen[(unsigned char)*c]++;
    }
    // 36000 letters over 36: 1000 each, with a deviation of about 31.
    for (const char *c = "abcdefghijklmnopqrstuvwxyz0123456789"; *c; c++)
        CHECK(seen[(unsigned char)*c] > 800 && seen[(unsigned char)*c] < 1200);
}

TEST(other_forms_are_no_ids) {
    static const char *const bad[] = {"",  "abcd-efgh-ijk",  "abcd-efgh-ijklm", "Abcd-efgh-ijkl",
                                      "abcd_efgh_ijkl", "abcd-efgh-ijk/", "abcde-fgh-ijkl"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK(!sotto_room_id_is_valid(sotto_text_of(bad[i])));
    CHECK(sotto_room_id_is_valid(sotto_text_of("2kyv-gzay-64pg")));
    CHECK(sotto_object_id_is_valid(sotto_text_of("0123456789abcdef01234567")));
    CHECK(!sotto_object_id_is_valid(sotto_text_of("0123456789abcdef0123456")));
    CHECK(!sotto_object_id_is_valid(sotto_text_of("0123456789ABCDEF01234567")));
}

int main(void) {
    RUN(drawn_ids_have_their_form_and_do_not_repeat);
    RUN(other_forms_are_no_ids);
    return 0;
}
