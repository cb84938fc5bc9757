#include "sfu/list.h"

#include "tests/check.h"

struct item {
    int number;
    struct sotto_list_node node;
};

static struct sotto_list list;
static struct item items[10];

static void begin(void) {
    list = (struct sotto_list){0};
    memset(items, 0, sizeof items);
    for (int i = 0; i < 10; i++)
        items[i].number = i;
}

// The list forwards and backwards, as digits.
static void check_list(const char *digits) {
    char forwards[11] = "";
    size_t count = 0;
    for (struct sotto_list_node *node = list.first; node; node = node->next) {
        CHECK(count < 10);
        forwards[count++] = (char)('0' + SOTTO_LIST_ELEMENT(node, struct item, node)->number);
    }
    CHECK_TEXT(forwards, digits);
    for (struct sotto_list_node *node = list.last; node; node = node->previous)
        CHECK_EQ(SOTTO_LIST_ELEMENT(node, struct item, node)->number, digits[--count] - '0');
    CHECK_EQ(count, 0);
}

TEST(items_keep_the_order_in_which_they_were_added) {
    begin();
    check_list("");
    for (int i = 0; i < 4; i++)
        sotto_list_add(&list, &items[i].node);
    check_list("0123");
    sotto_list_add(&list, &items[2].node);
    check_list("0123");
}

TEST(any_item_can_be_removed_and_added_again) {
    begin();
    for (int i = 0; i < 5; i++)
        sotto_list_add(&list, &items[i].node);
    sotto_list_remove(&list, &items[0].node);
    check_list("1234");
    sotto_list_remove(&list, &items[4].node);
    check_list("123");
    sotto_list_remove(&list, &items[2].node);
    check_list("13");
    sotto_list_remove(&list, &items[2].node);
    check_list("13");
    sotto_list_add(&list, &items[0].node);
    check_list("130");
    sotto_list_remove(&list, &items[1].node);
    sotto_list_remove(&list, &items[3].node);
    sotto_list_remove(&list, &items[0].node);
    check_list("");
}

int main(void) {
    RUN(items_keep_the_order_in_which_they_were_added);
    RUN(any_item_can_be_removed_and_added_again);
    return 0;
}
