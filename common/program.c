/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* dl_iterate_phdr */
#include "common/program.h"

#include <elf.h>
#include <link.h>

#define ALIGNED(n) (((n) + 3) & ~(size_t)3)

static const char *words(uintptr_t address)
{
    return (const char *)address; /* NOLINT(performance-no-int-to-ptr): where the loader put it */
}

/* The build id among the notes of one segment. */
static struct digest among(const char *notes, size_t size)
{
    ElfW(Nhdr) head;
    for (size_t at = 0; at + sizeof head <= size;) {
        memcpy(&head, notes + at, sizeof head);
        size_t name = at + sizeof head, id = name + ALIGNED(head.n_namesz);
        size_t end = id + ALIGNED(head.n_descsz);
        if (end > size || end < at)
            break;
        if (head.n_type == NT_GNU_BUILD_ID && head.n_namesz == sizeof ELF_NOTE_GNU &&
            memcmp(notes + name, ELF_NOTE_GNU, sizeof ELF_NOTE_GNU) == 0)
            return digest_of(notes + id, head.n_descsz);
        at = end;
    }
    return (struct digest){0};
}

/* The first object is the program itself. */
static int look(struct dl_phdr_info *object, size_t size, void *context)
{
    struct digest *found = context;
    (void)size;
    for (size_t i = 0; i < object->dlpi_phnum && digest_none(*found); i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        if (segment->p_type == PT_NOTE)
            *found = among(words(object->dlpi_addr + segment->p_vaddr), segment->p_memsz);
    }
    return 1;
}

struct digest program_digest(void)
{
    struct digest found = {0};
    dl_iterate_phdr(look, &found);
    return found;
}
