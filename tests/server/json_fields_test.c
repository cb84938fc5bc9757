#include "server/json_fields.h"

#include "tests/check.h"

static json_t *load(const char *text) {
    json_t *value = json_loads(text, 0, NULL);
    CHECK(value);
    return value;
}

static bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

TEST(fields_of_every_type_are_read) {
    struct sotto_json_fault fault;
    struct sotto_json_fields fields;
    json_t *value = load("{\"n\": -7, \"yes\": true, \"no\": false, \"text\": \"abc\", \"o\": {}}");
    char text[4];
    bool present;
    sotto_json_fields_init(&fields, "value", &fault);
    sotto_json_fields_check_object(&fields, value);
    CHECK_EQ(sotto_json_fields_get_integer(&fields, value, "n", -7, -7, SOTTO_JSON_REQUIRED), -7);
    CHECK(sotto_json_fields_get_flag(&fields, value, "yes", &present) && present);
    CHECK(!sotto_json_fields_get_flag(&fields, value, "no", &present) && present);
    sotto_json_fields_get_text(&fields, value, "text", is_lower, text, sizeof text,
                               SOTTO_JSON_REQUIRED);
    CHECK_TEXT(text, "abc");
    CHECK(sotto_json_fields_get_object(&fields, value, "o", SOTTO_JSON_REQUIRED));
    CHECK(!fields.failed);
    CHECK_TEXT(fault.text, "");
    json_decref(value);
}

TEST(what_is_absent_or_null_reads_as_nothing) {
    struct sotto_json_fault fault;
    struct sotto_json_fields fields;
    json_t *value = load("{\"n\": null, \"t\": null, \"f\": null, \"o\": null}");
    const json_t *objects[] = {value, NULL};
    for (size_t i = 0; i < 2; i++) {
        char text[4] = "xxx";
        bool present = true;
        sotto_json_fields_init(&fields, "value", &fault);
        CHECK_EQ(
            sotto_json_fields_get_integer(&fields, objects[i], "n", 1, 2, SOTTO_JSON_OPTIONAL), 0);
        CHECK(!sotto_json_fields_get_flag(&fields, objects[i], "f", &present) && !present);
        sotto_json_fields_get_text(&fields, objects[i], "t", is_lower, text, sizeof text,
                                   SOTTO_JSON_OPTIONAL);
        CHECK_BYTES(text, "\0\0\0", 4);
        CHECK(!sotto_json_fields_get_object(&fields, objects[i], "o", SOTTO_JSON_OPTIONAL));
        CHECK(!fields.failed);
    }
    json_decref(value);
}

TEST(the_first_failure_stays) {
    struct sotto_json_fault fault;
    struct sotto_json_fields fields;
    json_t *value = load("{\"a\": {\"b\": \"x\", \"c\": 5}}");
    sotto_json_fields_init(&fields, "value", &fault);
    const json_t *a = sotto_json_fields_get_object(&fields, value, "a", SOTTO_JSON_REQUIRED);
    size_t mark = sotto_json_fields_enter(&fields, "a");
    CHECK_EQ(sotto_json_fields_get_integer(&fields, a, "b", 0, 127, SOTTO_JSON_REQUIRED), 0);
    CHECK_EQ(sotto_json_fields_get_integer(&fields, a, "c", 0, 127, SOTTO_JSON_REQUIRED), 0);
    CHECK_EQ(sotto_json_fields_get_integer(&fields, a, "d", 0, 127, SOTTO_JSON_REQUIRED), 0);
    sotto_json_fields_leave(&fields, mark);
    sotto_json_fields_fail(&fields, "is wrong again");
    CHECK(fields.failed);
    CHECK_TEXT(fault.text, "value.a.b: must be a whole number from 0 to 127");
    json_decref(value);
}

static void count_entry(struct sotto_json_fields *fields, const json_t *entry, void *into) {
    size_t *count = into;
    (*count)++;
    sotto_json_fields_get_integer(fields, entry, "n", 0, 9, SOTTO_JSON_REQUIRED);
}

static size_t count_list(const char *text, struct sotto_json_fault *fault) {
    struct sotto_json_fields fields;
    json_t *value = load(text);
    size_t count = 0;
    sotto_json_fields_init(&fields, "value", fault);
    sotto_json_fields_get_list(&fields, value, "list", 3, SOTTO_JSON_REQUIRED, count_entry, &count);
    CHECK_EQ(fields.failed, fault->text[0] != '\0');
    json_decref(value);
    return count;
}

TEST(lists_hold_objects_and_have_a_limit) {
    struct sotto_json_fault fault;
    CHECK_EQ(count_list("{\"list\": []}", &fault), 0);
    CHECK_TEXT(fault.text, "");
    CHECK_EQ(count_list("{\"list\": [{\"n\": 1}, {\"n\": 2}, {\"n\": 3}]}", &fault), 3);
    CHECK_TEXT(fault.text, "");
    CHECK_EQ(count_list("{\"list\": [{\"n\": 1}, {\"n\": 10}, {\"n\": 3}]}", &fault), 2);
    CHECK_TEXT(fault.text, "value.list[1].n: must be a whole number from 0 to 9");
    CHECK_EQ(count_list("{\"list\": [{\"n\": 1}, 7]}", &fault), 1);
    CHECK_TEXT(fault.text, "value.list[1]: must be an object");
    CHECK_EQ(count_list("{\"list\": [{}, {}, {}, {}]}", &fault), 0);
    CHECK_TEXT(fault.text, "value.list: must be a list of at most 3 entries");
    CHECK_EQ(count_list("{\"list\": {}}", &fault), 0);
    CHECK_TEXT(fault.text, "value.list: must be a list of at most 3 entries");
    CHECK_EQ(count_list("{}", &fault), 0);
    CHECK_TEXT(fault.text, "value.list: is missing");
}

static void check_field_text(const char *json, enum sotto_json_need need, const char *expected,
                             const char *reason) {
    struct sotto_json_fault fault;
    struct sotto_json_fields fields;
    json_t *value = load(json);
    char text[4];
    memset(text, 'x', sizeof text);
    sotto_json_fields_init(&fields, "value", &fault);
    sotto_json_fields_get_text(&fields, value, "t", is_lower, text, sizeof text, need);
    CHECK_TEXT(text, expected);
    CHECK_TEXT(fault.text, reason);
    json_decref(value);
}

TEST(texts_have_a_size_and_an_alphabet) {
    check_field_text("{\"t\": \"abc\"}", SOTTO_JSON_REQUIRED, "abc", "");
    check_field_text("{\"t\": \"abcd\"}", SOTTO_JSON_REQUIRED, "",
                     "value.t: must be text of 1 to 3 bytes");
    check_field_text("{\"t\": \"\"}", SOTTO_JSON_REQUIRED, "",
                     "value.t: must be text of 1 to 3 bytes");
    check_field_text("{\"t\": \"\"}", SOTTO_JSON_OPTIONAL, "", "");
    check_field_text("{\"t\": 5}", SOTTO_JSON_OPTIONAL, "",
                     "value.t: must be text of 0 to 3 bytes");
    check_field_text("{\"t\": \"a\\nb\"}", SOTTO_JSON_OPTIONAL, "",
                     "value.t: has a character that is not allowed here");
    check_field_text("{\"t\": \"\\u00e9\"}", SOTTO_JSON_OPTIONAL, "",
                     "value.t: has a character that is not allowed here");
}

TEST(a_long_path_is_cut) {
    struct sotto_json_fault fault;
    struct sotto_json_fields fields;
    sotto_json_fields_init(&fields, "value", &fault);
    for (int i = 0; i < 100; i++)
        sotto_json_fields_enter(&fields, "deeper");
    sotto_json_fields_fail(&fields, "is too deep");
    CHECK_EQ(strlen(fault.text), SOTTO_JSON_PATH_SIZE_MAX + strlen(": is too deep"));
    CHECK_TEXT(fault.text + SOTTO_JSON_PATH_SIZE_MAX, ": is too deep");
}

TEST(numbers_are_whole_and_in_range) {
    static const char *const wrong[] = {"0", "3", "1.0", "1e0", "\"1\"", "true", "[]", "{}"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct sotto_json_fault fault;
        struct sotto_json_fields fields;
        char text[32];
        snprintf(text, sizeof text, "{\"n\": %s}", wrong[i]);
        json_t *value = load(text);
        sotto_json_fields_init(&fields, "value", &fault);
        CHECK_EQ(sotto_json_fields_get_integer(&fields, value, "n", 1, 2, SOTTO_JSON_OPTIONAL), 0);
        CHECK_TEXT(fault.text, "value.n: must be a whole number from 1 to 2");
        json_decref(value);
    }
}

int main(void) {
    RUN(fields_of_every_type_are_read);
    RUN(what_is_absent_or_null_reads_as_nothing);
    RUN(the_first_failure_stays);
    RUN(lists_hold_objects_and_have_a_limit);
    RUN(texts_have_a_size_and_an_alphabet);
    RUN(a_long_path_is_cut);
    RUN(numbers_are_whole_and_in_range);
    return 0;
}
