#define _GNU_SOURCE
#include "CLinux.h"

#include <link.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

int lamella_signal_at_parent_death(int signal) { return prctl(PR_SET_PDEATHSIG, (unsigned long)signal, 0, 0, 0); }

static int release(struct dl_phdr_info *object, size_t size, void *failed) {
    (void)size;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int index = 0; index < object->dlpi_phnum; index++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[index];
        // What was written to is nowhere else: only segments that are the same as in their file.
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W)) continue;
        uintptr_t start = (object->dlpi_addr + segment->p_vaddr + page - 1) & ~(page - 1);
        uintptr_t end = (object->dlpi_addr + segment->p_vaddr + segment->p_filesz) & ~(page - 1);
        // The kernel's own object has no file behind it and refuses; so may others, and nothing is lost by it.
        if (end > start && madvise((void *)start, end - start, MADV_DONTNEED) != 0 && object->dlpi_name[0] == 0)
            *(int *)failed = -1;
    }
    return 0;
}

int lamella_release_unused_code(void) {
    int failed = 0;
    dl_iterate_phdr(release, &failed);
    return failed;
}

void lamella_heap_for_loading(void) { mallopt(M_MMAP_THRESHOLD, 128 << 10); }

void lamella_heap_for_running(void) {
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
    mallopt(M_TRIM_THRESHOLD, 8 << 20);
    malloc_trim(0);
}
