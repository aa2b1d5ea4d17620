/* SPDX-License-Identifier: Apache-2.0 */
#include "common/large.h"

#include <sys/mman.h>

void *large_new(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    (void)madvise(memory, size, MADV_HUGEPAGE);
    return memory;
}

void large_free(void *memory, size_t size)
{
    if (memory)
        (void)munmap(memory, size);
}
