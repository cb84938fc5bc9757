#include "server/static_files.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_CAPACITY = 512, HASH_SIZE = 8 };

bool sotto_static_files_init(struct sotto_static_files *files, const char *path) {
    files->folder = path[0] ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    return !path[0] || files->folder >= 0;
}

void sotto_static_files_wipe(struct sotto_static_files *files) {
    if (files->folder >= 0)
        close(files->folder);
    files->folder = -1;
}

const char *sotto_static_files_type(const char *name) {
    static const struct {
        const char *extension;
        const char *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".wasm", "application/wasm"},
        {".json", "application/json; charset=utf-8"},
        {".map", "application/json; charset=utf-8"},
        {".webmanifest", "application/manifest+json"},
        {".txt", "text/plain; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".webp", "image/webp"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".mp3", "audio/mpeg"},
        {".ogg", "audio/ogg"},
        {".webm", "video/webm"},
        {".mp4", "video/mp4"},
    };
    const char *extension = strrchr(name, '.');
    for (size_t i = 0; extension && i < sizeof types / sizeof types[0]; i++)
        if (strcmp(extension, types[i].extension) == 0)
            return types[i].type;
    return "application/octet-stream";
}

static bool is_hash_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

// A bundler's hash mixes cases and digits; a word of eight letters does not, and is not taken for
// one.
static bool is_hash(const char *text, size_t size) {
    bool mixed = false;
    for (size_t i = 0; i < size; i++) {
        if (!is_hash_character(text[i]))
            return false;
        mixed = mixed || !(text[i] >= 'a' && text[i] <= 'z');
    }
    return mixed;
}

bool sotto_static_files_is_immutable(const char *path) {
    const char *extension = strncmp(path, "/assets/", 8) == 0 ? strchr(path, '.') : NULL;
    if (!extension || extension - path < 8 + HASH_SIZE + 1)
        return false;
    const char *hash = extension - HASH_SIZE;
    return hash[-1] == '-' && is_hash(hash, HASH_SIZE);
}

// A part of a path: letters, digits and a few signs, and not a dot in front. So neither "..",
// hidden files, backslashes, control characters nor second escapes get through.
static bool is_part(const char *part) {
    if (part[0] == 0 || part[0] == '.')
        return false;
    for (const char *c = part; *c; c++)
        if (!is_hash_character(*c) && !strchr(".@+~", *c))
            return false;
    return true;
}

static int open_part(int folder, const char *part, bool last) {
    if (!is_part(part))
        return -1;
    // O_NONBLOCK: a named pipe would block until somebody writes to it.
    return openat(folder, part, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
                                    (last ? 0 : O_DIRECTORY));
}

// Opens one part after the other below the folder. `path` is cut up.
static int open_path(int folder, char *path) {
    int current = dup(folder);
    char *rest = path + 1;
    while (current >= 0) {
        char *slash = strchr(rest, '/');
        if (slash)
            *slash = 0;
        int next = open_part(current, rest, slash == NULL);
        close(current);
        current = next;
        if (!slash)
            break;
        rest = slash + 1;
    }
    return current;
}

static bool is_match(struct sotto_text if_none_match, const char *etag) {
    struct sotto_text item;
    while (sotto_text_take_item(&if_none_match, &item))
        if (sotto_text_equals(item, etag) || sotto_text_equals(item, "*"))
            return true;
    return false;
}

static bool serve(int file, const char *path, const struct sotto_http_request *request,
                  struct sotto_http_response *response) {
    struct stat status;
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
        return false;
    response->status = 200;
    response->is_page = true;
    response->content_type = sotto_static_files_type(path);
    response->cache_control = sotto_static_files_is_immutable(path)
                                  ? "public, max-age=31536000, immutable"
                                  : "no-cache";
    snprintf(response->etag, sizeof response->etag, "\"%" PRIx64 "-%" PRIx64 "\"",
             (uint64_t)status.st_size,
             (uint64_t)status.st_mtim.tv_sec * 1000000000u + (uint64_t)status.st_mtim.tv_nsec);
    if (is_match(request->if_none_match, response->etag)) {
        response->status = 304;
        response->content_type = NULL;
        return true;
    }
    response->size = (uint64_t)status.st_size;
    response->file = dup(file);
    return response->file >= 0;
}

static void refuse(struct sotto_http_response *response, unsigned status, const char *text) {
    sotto_http_response_reset(response, status);
    sotto_http_response_set_text(response, "text/plain; charset=utf-8", text);
}

void sotto_static_files_handle(const struct sotto_static_files *files,
                               const struct sotto_http_request *request,
                               struct sotto_http_response *response) {
    if (request->method != SOTTO_HTTP_GET && request->method != SOTTO_HTTP_HEAD) {
        refuse(response, 405, "Only GET and HEAD are possible here.\n");
        response->allow = "GET, HEAD";
        return;
    }
    char path[PATH_CAPACITY];
    char parts[PATH_CAPACITY];
    bool named = sotto_text_copy(request->path, path, sizeof path);
    if (sotto_text_equals(request->path, "/") ||
        sotto_text_starts_with(request->path, "/m/")) {
        snprintf(path, sizeof path, "/index.html");
        named = true;
    }
    snprintf(parts, sizeof parts, "%s", path);
    int file = named && files->folder >= 0 ? open_path(files->folder, parts) : -1;
    if (file < 0 || !serve(file, path, request, response))
        refuse(response, 404, "There is nothing here.\n");
    if (file >= 0)
        close(file);
}
