#include "crypto/certificate.h"

#include "tests/check.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <unistd.h>

static const char zero_text[] = "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:"
                                "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00";

TEST(a_certificate_is_self_signed_with_ecdsa_on_p256_over_sha256) {
    struct sotto_certificate certificate;
    CHECK(sotto_certificate_init(&certificate));
    char group[32];
    CHECK(EVP_PKEY_get_group_name(certificate.key, group, sizeof group, NULL) == 1);
    CHECK_TEXT(group, "prime256v1");
    CHECK_EQ(X509_get_signature_nid(certificate.x509), NID_ecdsa_with_SHA256);
    CHECK_EQ(X509_verify(certificate.x509, certificate.key), 1);
    CHECK_EQ(X509_check_private_key(certificate.x509, certificate.key), 1);
    CHECK(X509_cmp_current_time(X509_get0_notBefore(certificate.x509)) < 0);
    CHECK(X509_cmp_current_time(X509_get0_notAfter(certificate.x509)) > 0);
    sotto_certificate_wipe(&certificate);
}

TEST(a_certificate_says_nothing_about_its_host) {
    struct sotto_certificate certificate;
    CHECK(sotto_certificate_init(&certificate));
    char name[256];
    X509_NAME_oneline(X509_get_subject_name(certificate.x509), name, sizeof name);
    CHECK_TEXT(name, "/CN=sotto");
    X509_NAME_oneline(X509_get_issuer_name(certificate.x509), name, sizeof name);
    CHECK_TEXT(name, "/CN=sotto");
    CHECK_EQ(X509_get_ext_count(certificate.x509), 0);

    uint8_t *der = NULL;
    int size = i2d_X509(certificate.x509, &der);
    CHECK(size > 200 && size < 400);
    char host[256] = {0};
    CHECK(gethostname(host, sizeof host - 1) == 0);
    CHECK(strlen(host) > 0 && !memmem(der, (size_t)size, host, strlen(host)));
    OPENSSL_free(der);
    sotto_certificate_wipe(&certificate);
}

TEST(two_certificates_share_neither_key_nor_serial_number_nor_fingerprint) {
    struct sotto_certificate one;
    struct sotto_certificate other;
    CHECK(sotto_certificate_init(&one) && sotto_certificate_init(&other));
    CHECK(EVP_PKEY_eq(one.key, other.key) == 0);
    CHECK(ASN1_INTEGER_cmp(X509_get0_serialNumber(one.x509),
                           X509_get0_serialNumber(other.x509)) != 0);
    CHECK(memcmp(one.fingerprint, other.fingerprint, sizeof one.fingerprint) != 0);
    CHECK_EQ(ASN1_STRING_length(X509_get0_serialNumber(one.x509)), 16);
    sotto_certificate_wipe(&one);
    sotto_certificate_wipe(&other);
}

TEST(the_fingerprint_is_sha256_over_the_der_form) {
    struct sotto_certificate certificate;
    CHECK(sotto_certificate_init(&certificate));
    uint8_t *der = NULL;
    int size = i2d_X509(certificate.x509, &der);
    CHECK(size > 0);
    uint8_t digest[32];
    CHECK(EVP_Digest(der, (size_t)size, digest, NULL, EVP_sha256(), NULL) == 1);
    CHECK_BYTES(certificate.fingerprint, digest, sizeof digest);
    OPENSSL_free(der);
    sotto_certificate_wipe(&certificate);
}

TEST(a_wiped_certificate_is_all_zero_and_can_be_wiped_again) {
    static const struct sotto_certificate zero;
    struct sotto_certificate certificate;
    CHECK(sotto_certificate_init(&certificate));
    sotto_certificate_wipe(&certificate);
    CHECK_BYTES(&certificate, &zero, sizeof zero);
    sotto_certificate_wipe(&certificate);
}

// RFC 8122 section 5 shows the syntax with this value.
TEST(the_text_of_rfc_8122_is_parsed_and_written_again) {
    static const char text[] = "12:DF:3E:5D:49:6B:19:E5:7C:AB:4A:AD:B9:B1:3F:82:"
                               "18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:4A:AD";
    static const uint8_t expected[32] = {
        0x12, 0xdf, 0x3e, 0x5d, 0x49, 0x6b, 0x19, 0xe5, 0x7c, 0xab, 0x4a, 0xad, 0xb9, 0xb1, 0x3f,
        0x82, 0x18, 0x3b, 0x54, 0x02, 0x12, 0xdf, 0x3e, 0x5d, 0x49, 0x6b, 0x19, 0xe5, 0x7c, 0xab,
        0x4a, 0xad};
    uint8_t fingerprint[SOTTO_FINGERPRINT_SIZE];
    CHECK(sotto_certificate_parse_fingerprint("sha-256", text, fingerprint));
    CHECK_BYTES(fingerprint, expected, sizeof expected);
    char written[SOTTO_FINGERPRINT_TEXT_SIZE];
    sotto_certificate_write_fingerprint(fingerprint, written);
    CHECK_TEXT(written, text);

    char lower[sizeof text];
    for (size_t i = 0; i < sizeof text; i++)
        lower[i] = (char)(text[i] >= 'A' && text[i] <= 'F' ? text[i] - 'A' + 'a' : text[i]);
    CHECK(sotto_certificate_parse_fingerprint("SHA-256", lower, fingerprint));
    CHECK_BYTES(fingerprint, expected, sizeof expected);
}

TEST(every_byte_value_survives_writing_and_parsing) {
    uint8_t fingerprint[SOTTO_FINGERPRINT_SIZE];
    uint8_t parsed[SOTTO_FINGERPRINT_SIZE];
    char text[SOTTO_FINGERPRINT_TEXT_SIZE];
    for (unsigned value = 0; value < 256; value++) {
        for (unsigned i = 0; i < sizeof fingerprint; i++)
            fingerprint[i] = (uint8_t)(value + i * 37);
        sotto_certificate_write_fingerprint(fingerprint, text);
        CHECK_EQ(strlen(text), 95);
        CHECK(sotto_certificate_parse_fingerprint("sha-256", text, parsed));
        CHECK_BYTES(parsed, fingerprint, sizeof parsed);
    }
}

static void check_refused(const char *algorithm, const char *text) {
    uint8_t fingerprint[SOTTO_FINGERPRINT_SIZE];
    static const uint8_t zero[SOTTO_FINGERPRINT_SIZE];
    memset(fingerprint, 0xee, sizeof fingerprint);
    CHECK(!sotto_certificate_parse_fingerprint(algorithm, text, fingerprint));
    CHECK_BYTES(fingerprint, zero, sizeof zero);
}

TEST(other_algorithms_are_refused) {
    check_refused("sha-1", zero_text);
    check_refused("sha-512", zero_text);
    check_refused("sha256", zero_text);
    check_refused("sha-256 ", zero_text);
    check_refused("", zero_text);
}

TEST(text_with_any_character_changed_cut_or_added_is_refused) {
    char text[sizeof zero_text + 1];
    for (size_t i = 0; i < sizeof zero_text - 1; i++) {
        static const char wrong[] = "gG/@`: ;.-x\x80\n";
        for (size_t j = 0; j < sizeof wrong - 1; j++) {
            memcpy(text, zero_text, sizeof zero_text);
            if (text[i] == wrong[j])
                continue;
            text[i] = wrong[j];
            check_refused("sha-256", text);
        }
        memcpy(text, zero_text, sizeof zero_text);
        text[i] = text[i] == ':' ? '0' : ':';
        check_refused("sha-256", text);
        memcpy(text, zero_text, sizeof zero_text);
        text[i] = 0;
        check_refused("sha-256", text);
    }
    snprintf(text, sizeof text, "%s:", zero_text);
    check_refused("sha-256", text);
    snprintf(text, sizeof text, " %s", zero_text);
    check_refused("sha-256", text);
}

int main(void) {
    RUN(a_certificate_is_self_signed_with_ecdsa_on_p256_over_sha256);
    RUN(a_certificate_says_nothing_about_its_host);
    RUN(two_certificates_share_neither_key_nor_serial_number_nor_fingerprint);
    RUN(the_fingerprint_is_sha256_over_the_der_form);
    RUN(a_wiped_certificate_is_all_zero_and_can_be_wiped_again);
    RUN(the_text_of_rfc_8122_is_parsed_and_written_again);
    RUN(every_byte_value_survives_writing_and_parsing);
    RUN(other_algorithms_are_refused);
    RUN(text_with_any_character_changed_cut_or_added_is_refused);
    return 0;
}
