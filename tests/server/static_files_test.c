#include "server/static_files.h"
#include "tests/check.h"

#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static struct sotto_static_files files;

static void write_file(const char *name, const char *text) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    CHECK(file);
    fputs(text, file);
    fclose(file);
}

static unsigned status_of(const char *path) {
    struct sotto_http_request request = {.path = sotto_text_of(path)};
    struct sotto_http_response response;
    sotto_http_response_init(&response, 404);
    sotto_static_files_handle(&files, &request, &response);
    unsigned status = response.status;
    CHECK_EQ(response.file >= 0, status == 200);
    sotto_http_response_reset(&response, 0);
    return status;
}

TEST(files_of_the_folder_are_found_and_nothing_else) {
    static const char *const missing[] = {
        "",            "//index.html",  "/../outside",  "/sub/../index.html", "/./index.html",
        "/.hidden",    "/sub/.hidden",  "/sub",         "/sub/",              "/link",
        "/linked/inside.js", "/pipe",   "/index.html/", "/index.html/x",      "/a\\b",
        "/index.html\n", "/sub//inside.js", "/SUB/inside.js", "/%2e%2e/outside"};
    CHECK_EQ(status_of("/"), 200);
    CHECK_EQ(status_of("/m/anything/at all/../here"), 200);
    CHECK_EQ(status_of("/index.html"), 200);
    CHECK_EQ(status_of("/sub/inside.js"), 200);
    for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++)
        if (status_of(missing[i]) != 404)
            check_fail(__FILE__, __LINE__, missing[i]);
    char longest[2000] = "/";
    memset(longest + 1, 'a', sizeof longest - 2);
    CHECK_EQ(status_of(longest), 404);
}

TEST(what_is_named_after_its_content_may_be_kept_for_ever) {
    CHECK(sotto_static_files_is_immutable("/assets/index-B1a2C3d4.js"));
    CHECK(sotto_static_files_is_immutable("/assets/x-a-b_cdEf.css"));
    CHECK(sotto_static_files_is_immutable("/assets/worker-12345678.js.map"));
    CHECK(!sotto_static_files_is_immutable("/index-B1a2C3d4.js"));
    CHECK(!sotto_static_files_is_immutable("/assets/index.js"));
    CHECK(!sotto_static_files_is_immutable("/assets/my-settings.js"));
    CHECK(!sotto_static_files_is_immutable("/assets/B1a2C3d4.js"));
    CHECK(!sotto_static_files_is_immutable("/assets/index-B1a2C3d.js"));
    CHECK(!sotto_static_files_is_immutable("/assets/index-B1a2C3d4"));
}

TEST(types_follow_the_extension) {
    CHECK_TEXT(sotto_static_files_type("/a/b.mjs"), "text/javascript; charset=utf-8");
    CHECK_TEXT(sotto_static_files_type("core.wasm"), "application/wasm");
    CHECK_TEXT(sotto_static_files_type("x.html.exe"), "application/octet-stream");
    CHECK_TEXT(sotto_static_files_type("html"), "application/octet-stream");
}

TEST(without_a_folder_everything_is_missing) {
    struct sotto_static_files none;
    CHECK(sotto_static_files_init(&none, ""));
    struct sotto_http_request request = {.path = sotto_text_of("/")};
    struct sotto_http_response response;
    sotto_http_response_init(&response, 404);
    sotto_static_files_handle(&none, &request, &response);
    CHECK_EQ(response.status, 404);
    sotto_http_response_reset(&response, 0);
    CHECK(!sotto_static_files_init(&none, "/nowhere/at/all"));
    sotto_static_files_wipe(&none);
}

int main(void) {
    char path[256];
    snprintf(folder, sizeof folder, "/tmp/sotto-files-XXXXXX");
    CHECK(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/sub", folder);
    CHECK_EQ(mkdir(path, 0700), 0);
    write_file("index.html", "page");
    write_file(".hidden", "hidden");
    write_file("sub/inside.js", "1");
    write_file("sub/.hidden", "hidden");
    snprintf(path, sizeof path, "%s/link", folder);
    CHECK_EQ(symlink("/etc/passwd", path), 0);
    snprintf(path, sizeof path, "%s/linked", folder);
    CHECK_EQ(symlink("sub", path), 0);
    snprintf(path, sizeof path, "%s/pipe", folder);
    CHECK_EQ(mkfifo(path, 0600), 0);
    CHECK(sotto_static_files_init(&files, folder));
    RUN(files_of_the_folder_are_found_and_nothing_else);
    RUN(what_is_named_after_its_content_may_be_kept_for_ever);
    RUN(types_follow_the_extension);
    RUN(without_a_folder_everything_is_missing);
    sotto_static_files_wipe(&files);
    snprintf(path, sizeof path, "rm -rf %s", folder);
    CHECK_EQ(system(path), 0);
    return 0;
}
