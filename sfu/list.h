// Doubly linked lists whose links lie inside the elements: adding and removing cost nothing and
// cannot fail.
#ifndef SOTTO_SFU_LIST_H
#define SOTTO_SFU_LIST_H

#include <stdbool.h>
#include <stddef.h>

// Part of an element. All zero while the element is in no list.
struct sotto_list_node {
    struct sotto_list_node *next;
    struct sotto_list_node *previous;
    bool linked;
};

// All zero while empty.
struct sotto_list {
    struct sotto_list_node *first;
    struct sotto_list_node *last;
};

// The element of type `type` whose member `member` the node is. The node is not NULL.
#define SOTTO_LIST_ELEMENT(node, type, member)                                                     \
    ((type *)(void *)((char *)(node) - offsetof(type, member)))

// At the end; does nothing if the node is in a list already.
static inline void sotto_list_add(struct sotto_list *list, struct sotto_list_node *node) {
    if (node->linked)
        return;
    *node = (struct sotto_list_node){.previous = list->last, .linked = true};
    if (list->last)
        list->last->next = node;
    else
        list->first = node;
    list->last = node;
}

// Does nothing if the node is in no list. A linked node must be in this list.
static inline void sotto_list_remove(struct sotto_list *list, struct sotto_list_node *node) {
    if (!node->linked)
        return;
    if (node->previous)
        node->previous->next = node->next;
    else
        list->first = node->next;
    if (node->next)
        node->next->previous = node->previous;
    else
        list->last = node->previous;
    *node = (struct sotto_list_node){0};
}

#endif
