#include "server/http_response.h"
#include "server/json.h"
#include "tests/check.h"

static char head[SOTTO_HTTP_RESPONSE_HEAD_SIZE_MAX];

static const char *write(const struct sotto_http_response *response) {
    size_t size = sotto_http_response_write_head(response, 1769860800000, head, sizeof head);
    CHECK_EQ(size, strlen(head));
    CHECK(strcmp(head + size - 4, "\r\n\r\n") == 0);
    return head;
}

TEST(the_largest_head_fits) {
    struct sotto_http_response response;
    sotto_http_response_init(&response, 426);
    response.content_type = "application/manifest+json";
    response.cache_control = "public, max-age=31536000, immutable";
    response.allow = "GET, POST, OPTIONS";
    response.retry_after_s = 4294967295u;
    response.is_page = response.any_origin = true;
    response.size = UINT64_MAX;
    memset(response.etag, 'x', sizeof response.etag - 1);
    const char *text = write(&response);
    CHECK(strstr(text, "HTTP/1.1 426 Upgrade Required\r\nDate: Sat, 31 Jan 2026 12:00:00 GMT\r\n"));
    CHECK(strstr(text, "\r\nContent-Length: 18446744073709551615\r\n"));
}

TEST(a_response_without_content_says_no_length) {
    struct sotto_http_response response;
    sotto_http_response_init(&response, 204);
    CHECK(strstr(write(&response), "Content-Length") == NULL);
    CHECK(strstr(head, "Cache-Control: no-store\r\n"));
    CHECK(strstr(head, "Access-Control") == NULL);
    sotto_http_response_init(&response, 200);
    CHECK(strstr(write(&response), "Content-Length: 0\r\n"));
}

TEST(an_error_is_an_object_with_status_sentence_and_code) {
    struct sotto_http_response response;
    sotto_http_response_init(&response, 200);
    sotto_http_response_set_error(&response, 403, "No \"way\".", 4022);
    json_t *object = sotto_json_parse_object(sotto_text_of(response.body));
    CHECK_EQ(json_integer_value(json_object_get(object, "statusCode")), 403);
    CHECK_TEXT(json_string_value(json_object_get(object, "error")), "No \"way\".");
    CHECK_EQ(json_integer_value(json_object_get(object, "code")), 4022);
    CHECK_EQ(response.size, strlen(response.body));
    json_decref(object);
    sotto_http_response_reset(&response, 404);
    CHECK(response.body == NULL && response.size == 0 && response.file == -1);
}

int main(void) {
    RUN(the_largest_head_fits);
    RUN(a_response_without_content_says_no_length);
    RUN(an_error_is_an_object_with_status_sentence_and_code);
    return 0;
}
