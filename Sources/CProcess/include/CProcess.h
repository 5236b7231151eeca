#ifndef LAMELLA_CPROCESS_H
#define LAMELLA_CPROCESS_H

#include <sys/types.h>

// What a child process is to be, before it runs its program. All strings and arrays belong to the caller.
struct lamella_child {
    const char *program;               // a path; the search path is not used
    char *const *arguments;            // arguments[0] is the program's name; ends with NULL
    char *const *environment;          // ends with NULL
    int standard_input;                // descriptors that become 0, 1 and 2
    int standard_output;
    int standard_error;
    int nice_level;                    // added to the parent's
    int out_of_memory_score;           // written to oom_score_adj; below -1000: left as it is
    unsigned long long data_limit;     // RLIMIT_DATA in bytes; 0: left as it is
};

// Starts a child that is killed when the calling thread ends, leads its own process group, has default
// signal handling and holds no descriptor but 0, 1 and 2.
//
// Returns the process id, or -1 with errno set and *step naming what failed.
pid_t lamella_start_child(const struct lamella_child *child, const char **step);

// Asks the kernel to send `signal` to the calling process when the thread that started it ends. Returns 0, or
// -1 with errno set; ESRCH where the parent is gone already.
int lamella_follow_parent(pid_t parent, int signal);

// A pipe whose ends do not pass to programs. Returns 0, or -1 with errno set.
int lamella_make_pipe(int ends[2]);

#endif
