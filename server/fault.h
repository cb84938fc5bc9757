// What is wrong with the set-up, in one line for the person who runs the server: what is named
// first (a key of the configuration, a file), then the reason, then how to mend it.
#ifndef SOTTO_SERVER_FAULT_H
#define SOTTO_SERVER_FAULT_H

struct sotto_fault {
    char text[512]; // empty when there is none
};

// Longer texts are cut; control characters become '?', so that a fault is always one line.
__attribute__((format(printf, 2, 3))) void sotto_fault_set(struct sotto_fault *fault,
                                                           const char *format, ...);

#endif
