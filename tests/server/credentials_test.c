#include "server/credentials.h"
#include "server/limits.h"
#include "tests/check.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64], path[128];
static struct sotto_fault fault;

static void write_file(const char *text, mode_t mode) {
    FILE *file = fopen(path, "w");
    CHECK(file);
    fputs(text, file);
    fclose(file);
    CHECK_EQ(chmod(path, mode), 0);
}

static void check_refused(const char *reason) {
    struct sotto_credentials credentials, zero = {0};
    CHECK(!sotto_credentials_load(&credentials, folder, &fault));
    CHECK_BYTES(&credentials, &zero, sizeof zero);
    if (!strstr(fault.text, reason))
        check_fail(__FILE__, __LINE__, fault.text);
}

TEST(they_are_drawn_once_and_kept) {
    struct sotto_credentials first, second, checked;
    struct stat status;
    CHECK(sotto_credentials_check(&checked, folder, &fault));
    CHECK_TEXT(checked.api_key, "");
    umask(0);
    CHECK(sotto_credentials_load(&first, folder, &fault));
    CHECK(strlen(first.secret) >= SOTTO_SECRET_SIZE_MIN);
    CHECK_EQ(stat(path, &status), 0);
    CHECK_EQ(status.st_mode & 0777, 0600);
    CHECK(sotto_credentials_load(&second, folder, &fault));
    CHECK_TEXT(second.api_key, first.api_key);
    CHECK_TEXT(second.secret, first.secret);
    CHECK(sotto_credentials_check(&checked, folder, &fault));
    CHECK_TEXT(checked.secret, first.secret);
    CHECK_EQ(unlink(path), 0);
    CHECK(sotto_credentials_load(&second, folder, &fault));
    CHECK(strcmp(second.secret, first.secret) != 0);
}

TEST(of_many_that_start_at_once_all_get_the_same) {
    enum { COUNT = 16 };
    int pipe_ends[2];
    struct sotto_credentials own, others;
    unlink(path);
    CHECK_EQ(pipe(pipe_ends), 0);
    for (int i = 0; i < COUNT; i++)
        if (fork() == 0) {
            bool loaded = sotto_credentials_load(&others, folder, &fault);
            ssize_t size = write(pipe_ends[1], &others, sizeof others);
            _exit(loaded && size == sizeof others ? 0 : 1);
        }
    for (int i = 0; i < COUNT; i++) {
        int status;
        CHECK(wait(&status) > 0);
        CHECK_EQ(status, 0);
    }
    CHECK(sotto_credentials_load(&own, folder, &fault));
    for (int i = 0; i < COUNT; i++) {
        CHECK_EQ(read(pipe_ends[0], &others, sizeof others), sizeof others);
        CHECK_TEXT(others.secret, own.secret);
    }
}

TEST(files_that_others_read_or_that_are_wrong_are_refused) {
    const char *good = "{\"apiKey\":\"k\",\"secret\":\"0123456789abcdef0123456789abcdef\"}";
    struct sotto_credentials credentials;
    write_file(good, 0640);
    check_refused("others may read it (mode 0640)");
    write_file(good, 0602);
    check_refused("others may read it");
    write_file("", 0600);
    check_refused("not an object");
    write_file("{\"apiKey\":\"\",\"secret\":\"0123456789abcdef0123456789abcdef\"}", 0600);
    check_refused("not an object");
    write_file("{\"apiKey\":\"k\",\"secret\":\"0123456789abcdef0123456789abcde\"}", 0600);
    check_refused("shorter than 32 bytes");
    CHECK_EQ(unlink(path), 0);
    CHECK_EQ(mkdir(path, 0700), 0);
    check_refused("not a regular file");
    CHECK_EQ(rmdir(path), 0);
    write_file(good, 0600);
    CHECK(sotto_credentials_load(&credentials, folder, &fault));
    CHECK_TEXT(credentials.secret, "0123456789abcdef0123456789abcdef");
}

int main(void) {
    snprintf(folder, sizeof folder, "/tmp/sotto-credentials-XXXXXX");
    CHECK(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/credentials.json", folder);
    RUN(they_are_drawn_once_and_kept);
    RUN(of_many_that_start_at_once_all_get_the_same);
    RUN(files_that_others_read_or_that_are_wrong_are_refused);
    unlink(path);
    CHECK_EQ(rmdir(folder), 0); // no temporary file is left
    return 0;
}
