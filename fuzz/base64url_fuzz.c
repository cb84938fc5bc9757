// What is read as text is written as the same text, and what is written is read as the same bytes;
// whatever does not fit or is of another form leaves nothing. The input is both in turn; its first
// byte says how much room there is.
#include "core/assert.h"
#include "core/base64url.h"
#include "core/memory.h"

enum { BYTES_MAX = 4096, TEXT_MAX = SOTTO_BASE64URL_SIZE(BYTES_MAX) + 1 };

static void check_zero(const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size; i++)
        SOTTO_ASSERT(bytes[i] == 0);
}

static void check_text(const char *text, size_t text_size, size_t capacity) {
    static uint8_t bytes[BYTES_MAX];
    static char again[TEXT_MAX];
    size_t size;
    memset(bytes, 0xA5, sizeof bytes);
    if (!sotto_base64url_read(text, text_size, bytes, capacity, &size)) {
        SOTTO_ASSERT(size == 0);
        check_zero(bytes, capacity);
        return;
    }
    SOTTO_ASSERT(size <= capacity && SOTTO_BASE64URL_SIZE(size) == text_size);
    SOTTO_ASSERT(sotto_base64url_write(bytes, size, again, sizeof again));
    SOTTO_ASSERT(memcmp(again, text, text_size) == 0 && again[text_size] == '\0');
}

static void check_bytes(const uint8_t *bytes, size_t size, size_t capacity) {
    static char text[TEXT_MAX];
    static uint8_t again[BYTES_MAX];
    size_t again_size;
    const size_t text_size = SOTTO_BASE64URL_SIZE(size);
    text[0] = 'x';
    if (!sotto_base64url_write(bytes, size, text, capacity)) {
        SOTTO_ASSERT(capacity < text_size + 1 && (capacity == 0 || text[0] == '\0'));
        return;
    }
    SOTTO_ASSERT(capacity >= text_size + 1);
    SOTTO_ASSERT(sotto_base64url_read(text, text_size, again, size, &again_size));
    SOTTO_ASSERT(again_size == size && memcmp(again, bytes, size) == 0);
    if (size > 0)
        SOTTO_ASSERT(!sotto_base64url_read(text, text_size, again, size - 1, &again_size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0 || size > BYTES_MAX)
        return 0;
    const size_t capacity = data[0];
    check_text((const char *)data + 1, size - 1, capacity);
    check_bytes(data + 1, size - 1, capacity);
    return 0;
}
