#include "server/outbox.h"

#include "tests/check.h"

static const struct sotto_outbox_message *add(struct sotto_outbox *outbox, const char *text) {
    json_t *message = json_pack("{ss}", "event", text);
    const struct sotto_outbox_message *added = sotto_outbox_add(outbox, message);
    json_decref(message);
    return added;
}

TEST(messages_are_numbered_from_one) {
    struct sotto_outbox outbox = {0};
    CHECK_TEXT(add(&outbox, "a")->text, "{\"event\":\"a\",\"seq\":1}");
    CHECK_TEXT(add(&outbox, "b")->text, "{\"event\":\"b\",\"seq\":2}");
    CHECK_TEXT(sotto_outbox_get(&outbox, 1)->text, "{\"event\":\"a\",\"seq\":1}");
    CHECK_EQ(sotto_outbox_get(&outbox, 2)->size, strlen("{\"event\":\"b\",\"seq\":2}"));
    sotto_outbox_clear(&outbox);
    CHECK_EQ(outbox.size, 0);
}

TEST(the_newest_256_can_be_had_again) {
    struct sotto_outbox outbox = {0};
    CHECK(sotto_outbox_can_resume(&outbox, 0));
    for (int i = 0; i < 300; i++)
        CHECK(add(&outbox, "x"));
    CHECK(!sotto_outbox_can_resume(&outbox, 43));
    CHECK(sotto_outbox_can_resume(&outbox, 44));
    CHECK(strstr(sotto_outbox_get(&outbox, 45)->text, "\"seq\":45}"));
    CHECK(sotto_outbox_can_resume(&outbox, 300));
    CHECK(!sotto_outbox_can_resume(&outbox, 301));
    CHECK(!sotto_outbox_can_resume(&outbox, UINT64_MAX));
    sotto_outbox_clear(&outbox);
}

TEST(at_most_one_mebibyte_is_kept) {
    struct sotto_outbox outbox = {0};
    static char long_text[200 * 1024];
    memset(long_text, 'y', sizeof long_text - 1);
    for (int i = 0; i < 20; i++)
        CHECK(add(&outbox, long_text));
    CHECK(outbox.size <= SOTTO_OUTBOX_SIZE_MAX);
    CHECK_EQ(outbox.count, 5);
    CHECK(sotto_outbox_can_resume(&outbox, 15));
    CHECK(!sotto_outbox_can_resume(&outbox, 14));
    sotto_outbox_clear(&outbox);
}

int main(void) {
    RUN(messages_are_numbered_from_one);
    RUN(the_newest_256_can_be_had_again);
    RUN(at_most_one_mebibyte_is_kept);
    return 0;
}
