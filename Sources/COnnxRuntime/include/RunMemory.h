#pragma once
// Memory for the tensors of a run, which ONNX Runtime asks for block by block (OrtApi::RegisterAllocator).
//
// A run of fixed shapes asks for the same blocks in the same order each time. One run is recorded; later ones get
// their blocks from one piece of memory, at offsets that were laid out from the record. As soon as a run asks
// for anything else it gets the rest from the heap: blocks of the arena never overlap while they are in use.
//
// A run's memory belongs to the thread that runs it. What other threads ask for comes from the heap.

#include "COnnxRuntime.h"

// What stands in front of each block; blocks in an arena need room for it.
enum { LAMELLA_BLOCK_HEADER_BYTES = 64 };

// A block of a run. Events are the run's own allocations and releases, counted from 0.
typedef struct LamellaBlock {
    size_t byte_count;
    size_t allocated_at;
    // UINT64_MAX: not before the end of the run. No size_t, as Swift makes an Int of it, in which SIZE_MAX is -1.
    uint64_t freed_at;
    // Of the header, in an arena.
    size_t offset;
} LamellaBlock;

// A piece of memory that one run at a time lays its blocks out in.
typedef struct LamellaArena LamellaArena;

// One run. The first fields say what it may do, the others what it did.
typedef struct LamellaRunMemory {
    // Recording: filled, up to block_limit. Otherwise what was recorded.
    LamellaBlock *blocks;
    size_t block_limit;
    bool is_recording;
    // Null: everything from the heap.
    LamellaArena *arena;

    uint64_t serial;
    size_t block_count;
    size_t event_count;
    size_t live_bytes;
    size_t peak_bytes;
    size_t heap_blocks;
    // It asked for something else than what was recorded.
    bool is_different;
} LamellaRunMemory;

// The allocator to register with an environment; one for the process, never freed. Null where ONNX Runtime does not
// describe memory or has no allocator of its own, which gives the heap's blocks and throws where there are none.
OrtAllocator *lamella_run_memory_allocator(const LamellaOrtApi *api);

// Lets the calling thread's blocks come from this run's memory until the end.
void lamella_run_memory_begin(LamellaRunMemory *run);
void lamella_run_memory_end(void);

// Null where there is no memory for it. Its pages are there from the beginning.
LamellaArena *lamella_arena_create(size_t byte_count);
// Blocks that are still in use, be it after the run that asked for them.
size_t lamella_arena_live_blocks(const LamellaArena *arena);
// No block may be in use.
void lamella_arena_destroy(LamellaArena *arena);
