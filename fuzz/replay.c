// Runs one fuzz target over files and folders of inputs, so that what was found once is looked at
// in every test run, with gcc and without a fuzzer. Each input lies in memory of exactly its size.
//   replay FILE-OR-FOLDER…
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t input_count;

__attribute__((noreturn)) static void fail(const char *path) {
    perror(path);
    exit(1);
}

static void run_bytes(const uint8_t *bytes, size_t size) {
    uint8_t *exact = malloc(size > 0 ? size : 1);
    if (!exact)
        fail("malloc");
    memcpy(exact, bytes, size);
    (void)LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    input_count++;
}

// The whole input, and what is left when its end is cut off.
static void run_file(const char *path, size_t size) {
    enum { CUTS = 16 };
    uint8_t *bytes = malloc(size + 1);
    FILE *file = fopen(path, "rb");
    if (!file || !bytes || fread(bytes, 1, size, file) != size)
        fail(path);
    fclose(file);
    run_bytes(bytes, size);
    for (size_t i = 0; i < CUTS; i++)
        run_bytes(bytes, size * i / CUTS);
    free(bytes);
}

static void run_path(const char *path) {
    struct stat status;
    if (stat(path, &status) != 0)
        fail(path);
    if (!S_ISDIR(status.st_mode)) {
        run_file(path, (size_t)status.st_size);
        return;
    }
    DIR *folder = opendir(path);
    if (!folder)
        fail(path);
    for (struct dirent *entry; (entry = readdir(folder));) {
        char child[4096];
        if (entry->d_name[0] == '.')
            continue;
        if (snprintf(child, sizeof child, "%s/%s", path, entry->d_name) >= (int)sizeof child)
            fail(path);
        run_path(child);
    }
    closedir(folder);
}

int main(int argument_count, char **arguments) {
    for (int i = 1; i < argument_count; i++)
        run_path(arguments[i]);
    printf("%zu inputs\n", input_count);
    return input_count > 0 ? 0 : 1;
}
