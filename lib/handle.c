#include "lib/handle.h"

#include "core/wipe.h"

#include <sys/mman.h>

void *sotto_handle_create(size_t size) {
    void *handle =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (handle == MAP_FAILED)
        return NULL;
    (void)madvise(handle, size, MADV_DONTDUMP);
    if (madvise(handle, size, MADV_WIPEONFORK) == 0 || madvise(handle, size, MADV_DONTFORK) == 0)
        return handle;
    (void)munmap(handle, size); // a child would use a sealer's nonces again
    return NULL;
}

void sotto_handle_destroy(void *handle, size_t size) {
    if (!handle)
        return;
    sotto_wipe(handle, size);
    (void)munmap(handle, size);
}
