// Writes the seeds of dtls_prefilter_fuzz and dtls_fuzz: what real handshakes put on the wire.
// Usage: dtls_corpus FOLDER, which has the folders dtls_prefilter and dtls.
#include "tests/crypto/dtls_pair.h"

#include <openssl/ssl.h>

static FILE *to_server;
static FILE *to_client;
static uint64_t last_us[PAIR_SIDES];

static void write_to(FILE *file, int to, uint64_t now_us, const struct pair_datagram *datagram) {
    if (!file)
        return;
    uint64_t pause = (now_us - last_us[to]) / 50000;
    last_us[to] = now_us;
    uint8_t head[3] = {(uint8_t)(pause > 255 ? 255 : pause), (uint8_t)(datagram->size >> 8),
                       (uint8_t)datagram->size};
    CHECK(fwrite(head, 1, 3, file) == 3);
    CHECK(fwrite(datagram->bytes, 1, datagram->size, file) == datagram->size);
}

static bool record(struct pair *pair, struct pair_datagram *datagram) {
    FILE *file = datagram->to == PAIR_SERVER ? to_server : to_client;
    write_to(file, datagram->to, pair->now_us, datagram);
    return true;
}

static FILE *open_seed(const char *folder, const char *module, const char *name, int options) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s/%s", folder, module, name);
    FILE *file = fopen(path, "wb");
    CHECK(file && fputc(options, file) == options);
    return file;
}

static int add_extension(SSL *ssl, unsigned int type, unsigned int context,
                         const unsigned char **out, size_t *out_size, X509 *x509, size_t index,
                         int *alert, void *argument) {
    static const unsigned char key_share[1308];
    (void)ssl, (void)type, (void)context, (void)x509, (void)index, (void)alert, (void)argument;
    *out = key_share;
    *out_size = sizeof key_share;
    return 1;
}

struct seed {
    const char *server_name;
    const char *client_name;
    unsigned loss_percent;
    bool long_hello;
    bool close;
    bool renegotiate;
};

static void write_pair(const char *folder, const char *module, const struct seed *seed) {
    struct pair *pair = pair_create(11);
    SSL_CTX *context = pair->sides[PAIR_CLIENT].context.ssl_context;
    last_us[0] = last_us[1] = pair->now_us;
    to_server = open_seed(folder, module, seed->server_name, 0);
    to_client = NULL;
    if (strcmp(module, "dtls_prefilter") == 0) // the other target is always a server
        to_client = open_seed(folder, module, seed->client_name, 1);
    if (seed->long_hello)
        CHECK(SSL_CTX_add_custom_ext(context, 0xff33, SSL_EXT_CLIENT_HELLO, add_extension, NULL,
                                     NULL, NULL, NULL) == 1);
    SSL_CTX_clear_options(context, SSL_OP_NO_RENEGOTIATION);
    pair->tap = record;
    pair->loss_percent = seed->loss_percent;
    pair_connect(pair);
    pair_run(pair, 8000000);
    if (seed->renegotiate) {
        CHECK(SSL_renegotiate(pair->sides[PAIR_CLIENT].dtls.ssl) == 1);
        CHECK(SSL_do_handshake(pair->sides[PAIR_CLIENT].dtls.ssl) == -1);
        pair_pull(pair, PAIR_CLIENT);
    }
    for (int i = 0; seed->close && i < PAIR_SIDES; i++) {
        sotto_dtls_close(&pair->sides[i].dtls);
        pair_pull(pair, i);
    }
    fclose(to_server);
    if (to_client)
        fclose(to_client);
    pair_destroy(pair);
}

int main(int count, char **arguments) {
    static const struct seed seeds[] = {
        {.server_name = "server_handshake_and_close", .client_name = "client_handshake_and_close",
         .close = true},
        {.server_name = "server_hello_in_two_datagrams", .client_name = "client_of_a_long_hello",
         .long_hello = true},
        {.server_name = "server_half_of_all_lost", .client_name = "client_half_of_all_lost",
         .loss_percent = 50},
        {.server_name = "server_renegotiation", .client_name = "client_renegotiation",
         .renegotiate = true},
    };
    CHECK(count == 2);
    for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++) {
        write_pair(arguments[1], "dtls_prefilter", &seeds[i]);
        write_pair(arguments[1], "dtls", &seeds[i]);
    }
    return 0;
}
