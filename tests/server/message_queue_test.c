#include "server/message_queue.h"
#include "tests/check.h"

static struct sotto_message_queue queue;

static void check_front(const char *text) {
    size_t size;
    const unsigned char *front = sotto_message_queue_front(&queue, &size);
    CHECK(front);
    CHECK_EQ(size, strlen(text));
    CHECK_BYTES(front, text, size);
    sotto_message_queue_remove(&queue);
}

TEST(messages_come_out_in_the_order_in_which_they_went_in) {
    size_t size;
    sotto_message_queue_init(&queue, 10000);
    CHECK(sotto_message_queue_add(&queue, "one", 3));
    CHECK(sotto_message_queue_add(&queue, "", 0));
    CHECK(sotto_message_queue_add(&queue, "three", 5));
    check_front("one");
    check_front("");
    CHECK(sotto_message_queue_add(&queue, "four", 4));
    check_front("three");
    check_front("four");
    CHECK(sotto_message_queue_front(&queue, &size) == NULL);
    CHECK_EQ(queue.size, 0);
}

TEST(the_limit_counts_text_and_many_empty_messages) {
    char text[1000] = {0};
    sotto_message_queue_init(&queue, 5000);
    CHECK(!sotto_message_queue_add(&queue, text, 5000));
    int count = 0;
    while (sotto_message_queue_add(&queue, text, sizeof text))
        count++;
    CHECK_EQ(count, 4);
    CHECK(queue.size <= 5000);
    sotto_message_queue_wipe(&queue);
    CHECK_EQ(queue.size, 0);
    for (count = 0; sotto_message_queue_add(&queue, "", 0); count++)
        ;
    CHECK(count > 10 && count < 500);
    sotto_message_queue_wipe(&queue);
}

int main(void) {
    RUN(messages_come_out_in_the_order_in_which_they_went_in);
    RUN(the_limit_counts_text_and_many_empty_messages);
    return 0;
}
