// The inside of a sotto_keys (sotto/keys.h), for those who use it on every frame.
//
// The room secrets are in one key store behind a lock. A sealer or opener has a copy of the store,
// which only its own thread touches, and renews it when the generation has moved on: a frame costs
// one look at a number, never a lock.
#ifndef SOTTO_LIB_KEYS_H
#define SOTTO_LIB_KEYS_H

#include "core/key_store.h"
#include "sotto/keys.h"

#include <pthread.h>
#include <stdatomic.h>

struct sotto_keys {
    atomic_size_t user_count;    // the creator, and every stream. 0: emptied by fork()
    _Atomic uint64_t generation; // of `store`, told after it has changed
    pthread_mutex_t lock;        // on what follows
    uint64_t now_ms;             // the latest that anybody told
    struct sotto_key_store store;
};

// One user more, who ends with sotto_keys_destroy. False if fork() emptied the keys.
bool sotto_keys_share(struct sotto_keys *keys);

// The lock on the store. False, and no lock, if fork() emptied the keys.
bool sotto_keys_lock(struct sotto_keys *keys);

// Also tells the streams of a change, if there was one.
void sotto_keys_unlock(struct sotto_keys *keys);

// Ends old secrets. `kid` is that of a stream's latest opened frame, or 0: if it is one of a
// ratchet window, somebody took the steps to it first, and it becomes the newest.
void sotto_keys_pass_time(struct sotto_keys *keys, uint64_t now_ms, uint64_t kid);

void sotto_keys_copy(struct sotto_keys *keys, struct sotto_key_store *copy);

// Renews a copy of the store if there was a change. `copy` began as zeros.
static inline void sotto_keys_follow(struct sotto_keys *keys, struct sotto_key_store *copy) {
    if (atomic_load_explicit(&keys->generation, memory_order_acquire) != copy->generation)
        sotto_keys_copy(keys, copy);
}

#endif
