// Messages from thread to thread. The lock is taken when something is posted and when the receiver
// has been woken, never per packet.
#ifndef SOTTO_SERVER_MAILBOX_H
#define SOTTO_SERVER_MAILBOX_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

// The beginning of every message; the message is owned by whoever holds it.
struct sotto_mail {
    struct sotto_mail *next;
};

struct sotto_mailbox {
    pthread_mutex_t lock;
    struct sotto_mail *first;
    struct sotto_mail **last;
};

void sotto_mailbox_create(struct sotto_mailbox *mailbox);
// The mailbox must be empty.
void sotto_mailbox_destroy(struct sotto_mailbox *mailbox);

// Hands a message over. True if the mailbox was empty, so that its owner needs waking.
bool sotto_mailbox_post(struct sotto_mailbox *mailbox, struct sotto_mail *mail);

// All messages in the order in which they were posted, or NULL.
struct sotto_mail *sotto_mailbox_take(struct sotto_mailbox *mailbox);

#endif
