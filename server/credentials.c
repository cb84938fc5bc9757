#include "server/credentials.h"

#include "core/base64url.h"
#include "core/wipe.h"
#include "crypto/random.h"
#include "server/json.h"
#include "server/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_CAPACITY = 640, FILE_SIZE_MAX = 1024, KEY_SIZE = 16, SECRET_SIZE = 32 };

void sotto_credentials_wipe(struct sotto_credentials *credentials) {
    sotto_wipe(credentials, sizeof *credentials);
}

static bool read_text(const json_t *object, const char *name, char *to, size_t capacity) {
    const json_t *value = json_object_get(object, name);
    struct sotto_text text = {.data = json_string_value(value), .size = json_string_length(value)};
    return text.size > 0 && sotto_text_copy(text, to, capacity);
}

static bool parse(struct sotto_credentials *credentials, struct sotto_text text, const char *path,
                  struct sotto_fault *fault) {
    json_t *object = sotto_json_parse_object(text);
    bool complete =
        object &&
        read_text(object, "apiKey", credentials->api_key, sizeof credentials->api_key) &&
        read_text(object, "secret", credentials->secret, sizeof credentials->secret);
    json_decref(object);
    if (!complete) {
        sotto_fault_set(fault,
                        "%s: not an object with apiKey and secret; restore it, or remove it and "
                        "new credentials are made",
                        path);
        return false;
    }
    if (strlen(credentials->secret) < SOTTO_SECRET_SIZE_MIN) {
        sotto_fault_set(fault, "%s: the secret is shorter than %d bytes; use a longer one", path,
                        SOTTO_SECRET_SIZE_MIN);
        return false;
    }
    return true;
}

static bool read_file(struct sotto_credentials *credentials, int fd, const char *path,
                      struct sotto_fault *fault) {
    struct stat status;
    char text[FILE_SIZE_MAX];
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        sotto_fault_set(fault, "%s: not a regular file; remove it", path);
        return false;
    }
    if (status.st_mode & 077) {
        sotto_fault_set(fault, "%s: others may read it (mode %04o); run chmod 600 on it", path,
                        (unsigned)(status.st_mode & 07777));
        return false;
    }
    ssize_t size = read(fd, text, sizeof text);
    struct sotto_text content = {.data = text, .size = size < 0 ? 0 : (size_t)size};
    bool done = parse(credentials, content, path, fault);
    sotto_wipe(text, sizeof text);
    return done;
}

// 1 read, 0 not there, -1 fault.
static int open_file(struct sotto_credentials *credentials, const char *path,
                     struct sotto_fault *fault) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0) {
        sotto_fault_set(fault, "%s: %s; make it readable for the user who runs sottod", path,
                        strerror(errno));
        return -1;
    }
    bool done = read_file(credentials, fd, path, fault);
    close(fd);
    if (!done)
        sotto_credentials_wipe(credentials);
    return done ? 1 : -1;
}

static bool draw(char *text, size_t capacity, size_t size) {
    uint8_t bytes[SECRET_SIZE];
    sotto_random_fill(bytes, size);
    bool drawn = sotto_base64url_write(bytes, size, text, capacity);
    sotto_wipe(bytes, sizeof bytes);
    return drawn;
}

static bool write_whole(int fd, const char *text, size_t size) {
    return write(fd, text, size) == (ssize_t)size && fsync(fd) == 0;
}

static bool write_file(const char *path, const char *text, size_t size) {
    char temporary[PATH_CAPACITY + 16];
    snprintf(temporary, sizeof temporary, "%s.%ld", path, (long)getpid());
    unlink(temporary);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return false;
    bool written = write_whole(fd, text, size);
    close(fd);
    // A link, unlike a rename, does not replace what another process has put there meanwhile.
    written = written && (link(temporary, path) == 0 || errno == EEXIST);
    int error = errno;
    unlink(temporary);
    errno = error;
    return written;
}

static bool create_file(const char *path) {
    struct sotto_credentials drawn;
    char text[FILE_SIZE_MAX];
    bool done = draw(drawn.api_key, sizeof drawn.api_key, KEY_SIZE) &&
                draw(drawn.secret, sizeof drawn.secret, SECRET_SIZE);
    if (done) {
        int size = snprintf(text, sizeof text,
                            "{\n  \"apiKey\": \"%s\",\n  \"secret\": \"%s\"\n}\n",
                            drawn.api_key, drawn.secret);
        done = write_file(path, text, (size_t)size);
    }
    sotto_wipe(text, sizeof text);
    sotto_credentials_wipe(&drawn);
    return done;
}

static bool path_of(char path[PATH_CAPACITY], const char *folder, struct sotto_fault *fault) {
    int size = snprintf(path, PATH_CAPACITY, "%s/credentials.json", folder);
    if (size > 0 && size < PATH_CAPACITY)
        return true;
    sotto_fault_set(fault, "data: the path is too long; choose a shorter one");
    return false;
}

bool sotto_credentials_check(struct sotto_credentials *credentials, const char *folder,
                             struct sotto_fault *fault) {
    char path[PATH_CAPACITY];
    *credentials = (struct sotto_credentials){0};
    return path_of(path, folder, fault) && open_file(credentials, path, fault) >= 0;
}

bool sotto_credentials_load(struct sotto_credentials *credentials, const char *folder,
                            struct sotto_fault *fault) {
    char path[PATH_CAPACITY];
    *credentials = (struct sotto_credentials){0};
    if (!path_of(path, folder, fault))
        return false;
    int found = open_file(credentials, path, fault);
    if (found != 0)
        return found > 0;
    if (!create_file(path)) {
        sotto_fault_set(fault, "%s: cannot be written: %s; make the folder writable", path,
                        strerror(errno));
        return false;
    }
    return open_file(credentials, path, fault) > 0;
}
