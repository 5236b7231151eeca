// libfuse asks every program for the version of its interface that the program was written for.
#define FUSE_USE_VERSION 31
#include <fuse.h>

// In libfuse `fuse_new` is a macro, which Swift cannot call.
static inline struct fuse *lamella_fuse_new(
    struct fuse_args *arguments, const struct fuse_operations *operations, void *context) {
    return fuse_new(arguments, operations, sizeof *operations, context);
}
