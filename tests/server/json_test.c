#include "server/json.h"
#include "server/limits.h"
#include "tests/check.h"

static bool parses(const char *text, size_t size) {
    char *exact = malloc(size ? size : 1);
    CHECK(exact);
    memcpy(exact, text, size);
    json_t *object = sotto_json_parse_object((struct sotto_text){.data = exact, .size = size});
    bool parsed = object != NULL;
    json_decref(object);
    free(exact);
    return parsed;
}

TEST(one_object_is_read_and_nothing_else) {
    static const char *const good[] = {"{}", " {\"a\":[1,2,{\"b\":null}]}\n",
                                       "{\"a\":\"}{\\\"[\"}"};
    static const char *const bad[] = {"", " ", "[]", "1", "null", "\"{}\"", "{}{}", "{}x", "{",
                                      "{\"a\":1,}", "{\"a\":1,\"a\":2}", "{'a':1}", "{a:1}",
                                      "{\"a\":\"\\u0000\"}", "{\"a\":\"\xff\"}", "{\"a\":NaN}",
                                      "\xef\xbb\xbf{}", "{\"a\":\"\\ud800\"}"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        CHECK(parses(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (parses(bad[i], strlen(bad[i])))
            check_fail(__FILE__, __LINE__, bad[i]);
}

TEST(depth_is_counted_outside_of_strings) {
    char text[512] = "{\"a\":";
    size_t size = strlen(text);
    for (int i = 1; i < SOTTO_JSON_DEPTH_MAX; i++)
        text[size++] = '[';
    size_t inner = size;
    for (int i = 1; i < SOTTO_JSON_DEPTH_MAX; i++)
        text[size++] = ']';
    text[size++] = '}';
    CHECK(parses(text, size));
    memmove(text + inner + 2, text + inner, size - inner);
    memcpy(text + inner, "[]", 2);
    CHECK(!parses(text, size + 2));
    const char *in_string = "{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"}";
    const char *behind_backslash = "{\"a\":\"\\\\\",\"b\":[]}";
    CHECK(parses(in_string, strlen(in_string)));
    CHECK(parses(behind_backslash, strlen(behind_backslash)));
}

TEST(every_truncation_is_refused) {
    const char *text = "{\"a\":[1,{\"b\":\"\\u00e9\\\"\"}],\"c\":true}";
    for (size_t i = 0; i < strlen(text); i++)
        CHECK(!parses(text, i));
}

int main(void) {
    sotto_json_init();
    RUN(one_object_is_read_and_nothing_else);
    RUN(depth_is_counted_outside_of_strings);
    RUN(every_truncation_is_refused);
    return 0;
}
