// What a STUN check costs before anything in it is known to be true. Its MAC is compared with the
// RFC's in tests/proto/stun_crypto_test.c.
#include "proto/ice_lite.h"
#include "proto/stun.h"
#include "proto/stun_crypto.h"
#include "tests/check.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

// Every allocation of the library goes through these, counted.
static size_t allocation_count;

static void *counted_malloc(size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    allocation_count++;
    return malloc(size);
}

static void *counted_realloc(void *memory, size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    allocation_count++;
    return realloc(memory, size);
}

static void counted_free(void *memory, const char *file, int line) {
    (void)file;
    (void)line;
    free(memory);
}

TEST(the_count_sees_the_librarys_allocations) {
    size_t before = allocation_count;
    EVP_MD_CTX_free(EVP_MD_CTX_new());
    CHECK(allocation_count > before);
}

// The second password is wrong, as of somebody who knows a ufrag and no more.
TEST(a_check_allocates_nothing_whether_it_is_answered_or_refused) {
    static const char *const passwords[] = {"serverPasswordOf24Chars+",
                                            "strangerPasswordOf26Chars+"};
    struct sotto_ice_credentials credentials = {
        .ufrag = "srvUfrag", .ufrag_size = 8, .password_size = 24};
    memcpy(credentials.password, passwords[0], 24);
    struct sotto_ice_lite agent;
    sotto_ice_lite_init(&agent, &credentials);
    struct sotto_address from = sotto_address_from_ipv4((const uint8_t[]){192, 0, 2, 1}, 4000);
    const struct sotto_stun_message request = {.class = SOTTO_STUN_REQUEST,
                                               .username = (const uint8_t *)"srvUfrag:cltUfrag",
                                               .username_size = 17,
                                               .priority = 1,
                                               .role = SOTTO_STUN_CONTROLLING,
                                               .has_fingerprint = true};
    size_t before = allocation_count;
    for (size_t i = 0; i < 1000; i++) {
        uint8_t datagram[256];
        const char *password = passwords[i % 2];
        size_t size = sotto_stun_write(&request, (const uint8_t *)password, strlen(password),
                                       datagram, sizeof datagram);
        CHECK(size > 0);
        sotto_ice_lite_handle_packet(&agent, i, &from, datagram, size);
        struct sotto_ice_lite_transmit answer;
        CHECK_EQ(sotto_ice_lite_poll_transmit(&agent, &answer), i % 2 == 0);
    }
    CHECK_EQ(allocation_count - before, 0);
    CHECK_EQ(ERR_peek_error(), 0);
    sotto_ice_lite_wipe(&agent);
}

TEST(a_key_of_any_size_allocates_nothing) {
    static const uint8_t key[200] = {1};
    const struct sotto_stun_piece piece = {key, sizeof key};
    size_t before = allocation_count;
    for (size_t size = 0; size <= sizeof key; size++) {
        uint8_t mac[SOTTO_STUN_MAC_SIZE];
        CHECK(sotto_stun_hmac_sha1(key, size, &piece, 1, mac));
    }
    CHECK_EQ(allocation_count - before, 0);
}

int main(void) {
    CHECK(CRYPTO_set_mem_functions(counted_malloc, counted_realloc, counted_free));
    RUN(the_count_sees_the_librarys_allocations);
    RUN(a_check_allocates_nothing_whether_it_is_answered_or_refused);
    RUN(a_key_of_any_size_allocates_nothing);
    return 0;
}
