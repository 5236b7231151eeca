#define _GNU_SOURCE
#include "RunMemory.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

struct LamellaArena {
    char *base;
    size_t byte_count;
    _Atomic size_t live_blocks;
};

typedef struct Header {
    // 0: no run's.
    uint64_t serial;
    size_t index;
    size_t byte_count;
    // Null: from the heap.
    LamellaArena *arena;
} Header;

_Static_assert(sizeof(Header) <= LAMELLA_BLOCK_HEADER_BYTES, "a header does not fit in front of its block");

static _Thread_local LamellaRunMemory *current;
static _Atomic uint64_t serials = 1;

// ONNX Runtime's own: what it throws where there is no memory passes through here and becomes the run's error.
static OrtAllocator *heap;
static OrtMemoryInfo *information;

static Header *header_of(void *pointer) { return (Header *)((char *)pointer - LAMELLA_BLOCK_HEADER_BYTES); }

static void *block_at(void *place, uint64_t serial, size_t index, size_t bytes, LamellaArena *arena) {
    *(Header *)place = (Header){serial, index, bytes, arena};
    return (char *)place + LAMELLA_BLOCK_HEADER_BYTES;
}

static void *heap_block(uint64_t serial, size_t index, size_t bytes) {
    // A size beyond counting is left as it is, for the heap to refuse.
    size_t whole = bytes > SIZE_MAX - LAMELLA_BLOCK_HEADER_BYTES ? bytes : bytes + LAMELLA_BLOCK_HEADER_BYTES;
    void *place = heap->Alloc(heap, whole);
    return place == NULL ? NULL : block_at(place, serial, index, bytes, NULL);
}

static void *allocate(OrtAllocator *allocator, size_t bytes) {
    (void)allocator;
    LamellaRunMemory *run = current;
    if (bytes == 0) return NULL;
    if (run == NULL) return heap_block(0, 0, bytes);
    size_t index = run->block_count++;
    size_t event = run->event_count++;
    run->live_bytes += bytes;
    if (run->live_bytes > run->peak_bytes) run->peak_bytes = run->live_bytes;
    if (run->is_recording) {
        if (index < run->block_limit) run->blocks[index] = (LamellaBlock){bytes, event, UINT64_MAX, 0};
    } else if (run->arena != NULL && !run->is_different) {
        // The same events so far: whatever was in use at this place when it was recorded is free now as it was then.
        const LamellaBlock *block = &run->blocks[index];
        if (index < run->block_limit && block->byte_count == bytes && block->allocated_at == event) {
            atomic_fetch_add(&run->arena->live_blocks, 1);
            return block_at(run->arena->base + block->offset, run->serial, index, bytes, run->arena);
        }
        run->is_different = true;
    }
    run->heap_blocks++;
    return heap_block(run->serial, index, bytes);
}

static void release(OrtAllocator *allocator, void *pointer) {
    (void)allocator;
    if (pointer == NULL) return;
    Header *header = header_of(pointer);
    LamellaRunMemory *run = current;
    if (run != NULL && header->serial == run->serial) {
        size_t event = run->event_count++;
        run->live_bytes -= header->byte_count;
        if (header->index < run->block_limit) {
            LamellaBlock *block = &run->blocks[header->index];
            if (run->is_recording) {
                block->freed_at = event;
            } else if (run->arena != NULL && block->freed_at != event) {
                run->is_different = true;
            }
        }
    }
    if (header->arena != NULL) {
        atomic_fetch_sub(&header->arena->live_blocks, 1);
    } else {
        heap->Free(heap, header);
    }
}

static const OrtMemoryInfo *describe(const OrtAllocator *allocator) {
    (void)allocator;
    return information;
}

OrtAllocator *lamella_run_memory_allocator(const LamellaOrtApi *api) {
    static OrtAllocator allocator = {LAMELLA_ORT_API_VERSION, allocate, release, describe};
    static atomic_flag busy = ATOMIC_FLAG_INIT;
    while (atomic_flag_test_and_set(&busy)) {
    }
    OrtStatus *status = NULL;
    if (heap == NULL) {
        status = api->GetAllocatorWithDefaultOptions(&heap);
        if (status != NULL) heap = NULL;
    }
    if (status == NULL && information == NULL) {
        status = api->CreateCpuMemoryInfo(ORT_DEVICE_ALLOCATOR, ORT_MEMORY_DEFAULT, &information);
        if (status != NULL) information = NULL;
    }
    if (status != NULL) api->ReleaseStatus(status);
    bool is_whole = heap != NULL && information != NULL;
    atomic_flag_clear(&busy);
    return is_whole ? &allocator : NULL;
}

void lamella_run_memory_begin(LamellaRunMemory *run) {
    run->serial = atomic_fetch_add(&serials, 1);
    current = run;
}

void lamella_run_memory_end(void) { current = NULL; }

// ONNX Runtime's kernels for small integers read up to 30 bytes past their tensors on ARM: there must be memory behind
// the last one, too.
enum { READ_PAST_END_BYTES = 64 };

LamellaArena *lamella_arena_create(size_t byte_count) {
    LamellaArena *arena = malloc(sizeof *arena);
    if (arena == NULL) return NULL;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE;
    byte_count += READ_PAST_END_BYTES;
    void *base = mmap(NULL, byte_count, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (base == MAP_FAILED) {
        free(arena);
        return NULL;
    }
    arena->base = base;
    arena->byte_count = byte_count;
    atomic_init(&arena->live_blocks, 0);
    return arena;
}

size_t lamella_arena_live_blocks(const LamellaArena *arena) { return atomic_load(&arena->live_blocks); }

void lamella_arena_destroy(LamellaArena *arena) {
    munmap(arena->base, arena->byte_count);
    free(arena);
}
