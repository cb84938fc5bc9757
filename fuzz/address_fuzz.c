// A text of any content: what is read as an address is written in a form that is read as the same
// address, and hosts are read as the C library reads them.
#include "core/assert.h"
#include "proto/address.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static void check_round_trip(const struct sotto_address *address) {
    char text[SOTTO_ADDRESS_TEXT_SIZE_MAX];
    struct sotto_address again;
    size_t size = sotto_address_write(address, text, sizeof text);
    SOTTO_ASSERT(size > 0 && size == strlen(text));
    SOTTO_ASSERT(sotto_address_parse(&again, text, size));
    SOTTO_ASSERT(sotto_address_equal(address, &again));
}

static void check_host(const char *text, size_t size) {
    struct sotto_address address;
    struct sotto_address expected = {0};
    uint8_t bytes[16];
    if (inet_pton(AF_INET, text, bytes) == 1)
        expected = sotto_address_from_ipv4(bytes, 0);
    else if (inet_pton(AF_INET6, text, bytes) == 1)
        expected = sotto_address_from_ipv6(bytes, 0);
    bool parsed = sotto_address_parse_host(&address, text, size);
    SOTTO_ASSERT(parsed == (expected.family != SOTTO_ADDRESS_NONE));
    SOTTO_ASSERT(sotto_address_equal(&address, &expected));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    SOTTO_ASSERT(text);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = 0;
    if (strlen(text) == size)
        check_host(text, size);
    free(text);

    char *exact = malloc(size ? size : 1);
    SOTTO_ASSERT(exact);
    if (size > 0)
        memcpy(exact, data, size);
    struct sotto_address address;
    if (sotto_address_parse(&address, exact, size))
        check_round_trip(&address);
    free(exact);
    return 0;
}
