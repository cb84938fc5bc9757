// The least that forwarding can cost: one packet sealed with AES-128-GCM for each of 50 receivers
// and sent to all in one call, over loopback, and nothing else. CPU time per packet of the sending
// alone and with the sealing, medians of many rounds; the receivers are emptied off the clock.
#include "net/udp.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    ROUNDS = 601,
    RECEIVER_COUNT = 50,
    HEADER_SIZE = 12,
    PACKET_SIZE = 1100,
    TAG_SIZE = 16,
    CAPACITY = PACKET_SIZE + TAG_SIZE,
};

static struct sotto_udp sender;
static struct sotto_udp receivers[RECEIVER_COUNT];
static struct sotto_udp_datagram datagrams[RECEIVER_COUNT];
static uint8_t bytes[RECEIVER_COUNT][CAPACITY];
static EVP_CIPHER_CTX *contexts[RECEIVER_COUNT];
static uint64_t nonce;

static void require(bool condition, const char *what) {
    if (condition)
        return;
    fprintf(stderr, "udp_bench: %s\n", what);
    exit(1);
}

static uint64_t cpu_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void set_up(void) {
    static const uint8_t key[16] = {1, 2, 3};
    require(sotto_udp_create(&sender, 0), "no port");
    for (size_t i = 0; i < RECEIVER_COUNT; i++) {
        require(sotto_udp_create(&receivers[i], 0), "no port");
        contexts[i] = EVP_CIPHER_CTX_new();
        require(contexts[i] &&
                    EVP_EncryptInit_ex(contexts[i], EVP_aes_128_gcm(), NULL, key, NULL) == 1,
                "no cipher");
        datagrams[i] = (struct sotto_udp_datagram){
            .data = bytes[i],
            .capacity = CAPACITY,
            .size = CAPACITY,
            .address = {.bytes = {127, 0, 0, 1}, .port = receivers[i].port}};
    }
}

static void seal_all(void) {
    for (size_t i = 0; i < RECEIVER_COUNT; i++) {
        uint8_t *packet = bytes[i];
        uint8_t *payload = packet + HEADER_SIZE;
        uint8_t iv[12] = {0};
        int size;
        nonce++;
        memcpy(iv, &nonce, sizeof nonce);
        bool done =
            EVP_EncryptInit_ex(contexts[i], NULL, NULL, NULL, iv) == 1 &&
            EVP_EncryptUpdate(contexts[i], NULL, &size, packet, HEADER_SIZE) == 1 &&
            EVP_EncryptUpdate(contexts[i], payload, &size, payload, PACKET_SIZE - HEADER_SIZE) ==
                1 &&
            EVP_EncryptFinal_ex(contexts[i], packet + PACKET_SIZE, &size) == 1 &&
            EVP_CIPHER_CTX_ctrl(contexts[i], EVP_CTRL_AEAD_GET_TAG, TAG_SIZE,
                                packet + PACKET_SIZE) == 1;
        require(done, "sealing failed");
    }
}

static void drain(void) {
    static uint8_t sink[CAPACITY];
    struct sotto_udp_datagram datagram = {.data = sink, .capacity = sizeof sink};
    for (size_t i = 0; i < RECEIVER_COUNT; i++)
        require(sotto_udp_receive(&receivers[i], &datagram, 1) == 1 && datagram.size == CAPACITY,
                "a packet did not arrive");
}

static double round_ns(bool seals) {
    uint64_t start = cpu_ns();
    if (seals)
        seal_all();
    size_t sent = sotto_udp_send(&sender, datagrams, RECEIVER_COUNT);
    double taken = (double)(cpu_ns() - start) / (double)RECEIVER_COUNT;
    require(sent == RECEIVER_COUNT, "the kernel did not take all packets");
    drain();
    return taken;
}

static int compare(const void *left, const void *right) {
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

int main(void) {
    static double sends[ROUNDS], both[ROUNDS];
    set_up();
    for (size_t i = 0; i < ROUNDS; i++) {
        sends[i] = round_ns(false);
        both[i] = round_ns(true);
    }
    qsort(sends, ROUNDS, sizeof sends[0], compare);
    qsort(both, ROUNDS, sizeof both[0], compare);
    printf("{\"bench\": \"udp\", \"receivers\": %d, \"packet_bytes\": %d, \"send_ns\": %.0f, "
           "\"seal_and_send_ns\": %.0f}\n",
           RECEIVER_COUNT, CAPACITY, sends[ROUNDS / 2], both[ROUNDS / 2]);
    for (size_t i = 0; i < RECEIVER_COUNT; i++) {
        EVP_CIPHER_CTX_free(contexts[i]);
        sotto_udp_destroy(&receivers[i]);
    }
    sotto_udp_destroy(&sender);
    return 0;
}
