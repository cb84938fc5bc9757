#include "server/mailbox.h"

#include <assert.h>

void sotto_mailbox_create(struct sotto_mailbox *mailbox) {
    int failed = pthread_mutex_init(&mailbox->lock, NULL);
    assert(!failed);
    mailbox->first = NULL;
    mailbox->last = &mailbox->first;
}

void sotto_mailbox_destroy(struct sotto_mailbox *mailbox) {
    assert(!mailbox->first);
    pthread_mutex_destroy(&mailbox->lock);
}

bool sotto_mailbox_post(struct sotto_mailbox *mailbox, struct sotto_mail *mail) {
    mail->next = NULL;
    pthread_mutex_lock(&mailbox->lock);
    bool was_empty = !mailbox->first;
    *mailbox->last = mail;
    mailbox->last = &mail->next;
    pthread_mutex_unlock(&mailbox->lock);
    return was_empty;
}

struct sotto_mail *sotto_mailbox_take(struct sotto_mailbox *mailbox) {
    pthread_mutex_lock(&mailbox->lock);
    struct sotto_mail *first = mailbox->first;
    mailbox->first = NULL;
    mailbox->last = &mailbox->first;
    pthread_mutex_unlock(&mailbox->lock);
    return first;
}
