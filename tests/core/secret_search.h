// Searches memory for the body: what the tests of wiping need. Included once in a program, by its
// own file.
#ifndef SOTTO_TESTS_CORE_SECRET_SEARCH_H
#define SOTTO_TESTS_CORE_SECRET_SEARCH_H

#include "tests/check.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <ucontext.h>
#include <unistd.h>

enum { NEEDLE_SIZE = 16, NEEDLES_MAX = 24, STACK_SIZE = 1 << 18 };

// The first 16 bytes of everything that must not be found.
static struct needle {
    const char *what;
    uint8_t bytes[NEEDLE_SIZE];
} needles[NEEDLES_MAX];
static size_t needle_count;

static void look_for(const char *what, const uint8_t *secret) {
    CHECK(needle_count < NEEDLES_MAX);
    needles[needle_count].what = what;
    memcpy(needles[needle_count].bytes, secret, NEEDLE_SIZE);
    needle_count++;
}

// As HMAC turns a key into its first block.
static void look_for_padded(const char *what, const uint8_t *secret, uint8_t pad) {
    uint8_t padded[NEEDLE_SIZE];
    for (size_t i = 0; i < NEEDLE_SIZE; i++)
        padded[i] = secret[i] ^ pad;
    look_for(what, padded);
}

// What was found, or NULL.
static const char *search(const void *memory, size_t size) {
    for (size_t i = 0; i < needle_count; i++)
        if (memmem(memory, size, needles[i].bytes, NEEDLE_SIZE))
            return needles[i].what;
    return NULL;
}

static void check_absent(const char *where, const void *memory, size_t size) {
    const char *found = search(memory, size);
    if (!found)
        return;
    fprintf(stderr, "%s is left in %s\n", found, where);
    exit(1);
}

// The library's memory goes through these; what it gives back is searched first.
static const char *found_in_freed;
static size_t freed_count;

static void *allocate(size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    return malloc(size);
}

static void give_back(void *memory, const char *file, int line) {
    (void)file;
    (void)line;
    if (memory && !found_in_freed)
        found_in_freed = search(memory, malloc_usable_size(memory));
    freed_count++;
    free(memory);
}

static void *reallocate(void *memory, size_t size, const char *file, int line) {
    void *moved = allocate(size, file, line);
    size_t old_size = memory ? malloc_usable_size(memory) : 0;
    if (moved && memory)
        memcpy(moved, memory, old_size < size ? old_size : size);
    if (moved)
        give_back(memory, file, line);
    return moved;
}

// Runs a function on a stack of our own, to search that stack afterwards.
static uint8_t *stack;
static ucontext_t caller;
static void (*running)(void);

// Tells the compiler that the memory is looked at.
static void keep(void *memory) {
    __asm__ volatile("" : : "r"(memory) : "memory");
}

// What ends a context runs where its first frame was: the function starts below that.
static void run_below_padding(void) {
    uint8_t padding[1024];
    keep(padding);
    running();
    keep(padding);
}

static void run_on_own_stack(void (*function)(void)) {
    static ucontext_t callee;
    running = function;
    stack = malloc(STACK_SIZE);
    CHECK(stack);
    memset(stack, 0x5A, STACK_SIZE);
    CHECK(getcontext(&callee) == 0);
    callee.uc_stack.ss_sp = stack;
    callee.uc_stack.ss_size = STACK_SIZE;
    callee.uc_link = &caller;
    makecontext(&callee, run_below_padding, 0);
    CHECK(swapcontext(&caller, &callee) == 0);
}

static void check_stack(const char *where) {
    size_t untouched = 0;
    while (untouched < STACK_SIZE && stack[untouched] == 0x5A)
        untouched++;
    CHECK(untouched > 0 && untouched < STACK_SIZE - 500); // it was used, and did not overflow
    check_absent(where, stack, STACK_SIZE);
    free(stack);
}

// The dynamic linker, when it binds a function at its first call, saves the vector registers on the
// stack, and AES keys are in them. Programs that hold keys bind at start.
static void bind_at_start(char **arguments) {
    if (getenv("LD_BIND_NOW"))
        return;
    CHECK(setenv("LD_BIND_NOW", "1", 1) == 0);
    execv("/proc/self/exe", arguments);
    check_fail(__FILE__, __LINE__, "the program starts again");
}

#endif
