#include "crypto/certificate.h"

#include "core/wipe.h"
#include "crypto/random.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>
#include <strings.h>

enum {
    // RFC 5280 section 4.1.2.2: a positive number of at most 20 bytes.
    SERIAL_SIZE = 16,
};

static bool set_serial(X509 *x509) {
    uint8_t bytes[SERIAL_SIZE];
    sotto_random_fill(bytes, sizeof bytes);
    bytes[0] = (uint8_t)((bytes[0] & 0x7f) | 0x40);
    BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
    bool set = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509));
    BN_free(number);
    return set;
}

static bool set_name(X509 *x509) {
    static const unsigned char name[] = "sotto";
    X509_NAME *subject = X509_get_subject_name(x509);
    return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, name, -1, -1, 0) == 1 &&
           X509_set_issuer_name(x509, subject) == 1;
}

// RFC 5280 section 4.1.2.5 gives the last moment of the year 9999 to certificates without an end.
static bool set_validity(X509 *x509) {
    return ASN1_TIME_set_string_X509(X509_getm_notBefore(x509), "20000101000000Z") == 1 &&
           ASN1_TIME_set_string_X509(X509_getm_notAfter(x509), "99991231235959Z") == 1;
}

static bool fill(struct sotto_certificate *certificate) {
    certificate->key = EVP_EC_gen("P-256");
    certificate->x509 = X509_new();
    X509 *x509 = certificate->x509;
    if (!certificate->key || !x509)
        return false;
    if (X509_set_version(x509, X509_VERSION_3) != 1 || !set_serial(x509) || !set_name(x509) ||
        !set_validity(x509) || X509_set_pubkey(x509, certificate->key) != 1)
        return false;
    if (X509_sign(x509, certificate->key, EVP_sha256()) <= 0)
        return false;
    return X509_digest(x509, EVP_sha256(), certificate->fingerprint, NULL) == 1;
}

bool sotto_certificate_init(struct sotto_certificate *certificate) {
    *certificate = (struct sotto_certificate){0};
    if (fill(certificate))
        return true;
    sotto_certificate_wipe(certificate);
    return false;
}

void sotto_certificate_wipe(struct sotto_certificate *certificate) {
    X509_free(certificate->x509);
    EVP_PKEY_free(certificate->key);
    sotto_wipe(certificate, sizeof *certificate);
}

void sotto_certificate_write_fingerprint(const uint8_t fingerprint[SOTTO_FINGERPRINT_SIZE],
                                         char text[SOTTO_FINGERPRINT_TEXT_SIZE]) {
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < SOTTO_FINGERPRINT_SIZE; i++) {
        text[3 * i] = digits[fingerprint[i] >> 4];
        text[3 * i + 1] = digits[fingerprint[i] & 15];
        text[3 * i + 2] = ':';
    }
    text[SOTTO_FINGERPRINT_TEXT_SIZE - 1] = 0;
}

// The value of a hexadecimal digit, or -1.
static int digit_value(char digit) {
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return -1;
}

bool sotto_certificate_parse_fingerprint(const char *algorithm, const char *text,
                                         uint8_t fingerprint[SOTTO_FINGERPRINT_SIZE]) {
    memset(fingerprint, 0, SOTTO_FINGERPRINT_SIZE);
    if (strcasecmp(algorithm, "sha-256") != 0 || strlen(text) != SOTTO_FINGERPRINT_TEXT_SIZE - 1)
        return false;
    uint8_t bytes[SOTTO_FINGERPRINT_SIZE];
    for (size_t i = 0; i < SOTTO_FINGERPRINT_SIZE; i++) {
        int high = digit_value(text[3 * i]);
        int low = digit_value(text[3 * i + 1]);
        char end = text[3 * i + 2];
        if (high < 0 || low < 0 || end != (i + 1 < SOTTO_FINGERPRINT_SIZE ? ':' : 0))
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    memcpy(fingerprint, bytes, sizeof bytes);
    return true;
}
