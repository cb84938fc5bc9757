// The randomness of a simulation. A program that is linked with this has its own getrandom(), and
// OpenSSL draws from the same generator: keys, certificates, hellos and signatures of DTLS follow
// from a seed, and with them the sizes of all datagrams. Not for programs that keep a secret.
#ifndef SOTTO_TESTS_SIM_VIRTUAL_RANDOM_H
#define SOTTO_TESTS_SIM_VIRTUAL_RANDOM_H

#include <stdint.h>

// From now on everything is drawn from this seed.
void virtual_random_seed(uint64_t seed);

#endif
