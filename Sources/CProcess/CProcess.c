// Starting a child needs steps between fork and exec that posix_spawn has no name for: the death signal, the
// score for the kernel's memory killer, the nice level. After fork a threaded program may only call what is
// async-signal-safe, which Swift code cannot promise: hence C.
#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct failure {
    int code;
    int step;
};

static const char *const steps[] = {
    "fork", "tie the child to its parent", "connect standard input and output", "close other descriptors",
    "set the nice level", "set the memory limit", "run the program",
};

enum { STEP_FORK, STEP_PARENT, STEP_STREAMS, STEP_CLOSE, STEP_NICE, STEP_LIMIT, STEP_EXEC };

static int close_from(int first) {
#ifdef SYS_close_range
    if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0) return 0;
#endif
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
    long last = limit.rlim_cur > 1048576 ? 1048576 : (long)limit.rlim_cur;
    for (long descriptor = first; descriptor < last; descriptor++) close((int)descriptor);
    return 0;
}

// Copies a descriptor to a number above the standard three, so that dup2 onto 0..2 cannot overwrite a source.
static int lift(int descriptor) { return fcntl(descriptor, F_DUPFD_CLOEXEC, 16); }

static void become(const struct lamella_child *child, pid_t parent, int report) {
    int step = STEP_PARENT;
    if (lamella_follow_parent(parent, SIGKILL) != 0) goto failed;
    setpgid(0, 0);

    // Handlers are reset by exec, but signals that the parent ignores or blocks stay so.
    for (int signal_number = 1; signal_number < NSIG; signal_number++) signal(signal_number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);

    step = STEP_STREAMS;
    int input = lift(child->standard_input);
    int output = lift(child->standard_output);
    int error = lift(child->standard_error);
    report = lift(report);
    if (input < 0 || output < 0 || error < 0 || report < 0) goto failed;
    if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(error, 2) < 0) goto failed;

    step = STEP_CLOSE;
    int moved = dup3(report, 3, O_CLOEXEC);
    if (moved < 0) goto failed;
    report = moved;
    if (close_from(4) != 0) goto failed;

    step = STEP_NICE;
    errno = 0;
    if (child->nice_level != 0 && nice(child->nice_level) == -1 && errno != 0) goto failed;

    if (child->out_of_memory_score >= -1000) {
        // Only a hint to the kernel: where /proc is missing or refuses, the child runs all the same.
        char text[16];
        int value = child->out_of_memory_score, length = 0;
        unsigned magnitude = value < 0 ? (unsigned)-value : (unsigned)value;
        char digits[8];
        int count = 0;
        do { digits[count++] = (char)('0' + magnitude % 10); magnitude /= 10; } while (magnitude && count < 7);
        if (value < 0) text[length++] = '-';
        while (count) text[length++] = digits[--count];
        int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
        if (file >= 0) {
            if (write(file, text, (size_t)length) < 0) errno = 0;
            close(file);
        }
    }

    step = STEP_LIMIT;
    if (child->data_limit != 0) {
        struct rlimit limit = {.rlim_cur = child->data_limit, .rlim_max = child->data_limit};
        if (setrlimit(RLIMIT_DATA, &limit) != 0) goto failed;
    }

    step = STEP_EXEC;
    execve(child->program, child->arguments, child->environment);
failed:;
    struct failure failure = {.code = errno, .step = step};
    ssize_t written = write(report, &failure, sizeof failure);
    _exit(written == (ssize_t)sizeof failure ? 126 : 127);
}

pid_t lamella_start_child(const struct lamella_child *child, const char **step) {
    *step = steps[STEP_FORK];
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0) return -1;
    pid_t parent = getpid();
    // No signal may reach a handler of the parent's inside the child.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t identifier = fork();
    if (identifier == 0) become(child, parent, report[1]);
    int code = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(report[1]);
    if (identifier < 0) {
        close(report[0]);
        errno = code;
        return -1;
    }
    // The pipe closes by itself when the program runs; until then this waits, for microseconds.
    struct failure failure;
    ssize_t count;
    do { count = read(report[0], &failure, sizeof failure); } while (count < 0 && errno == EINTR);
    close(report[0]);
    if (count != (ssize_t)sizeof failure) return identifier;
    while (waitpid(identifier, NULL, 0) < 0 && errno == EINTR) {}
    *step = steps[failure.step];
    errno = failure.code;
    return -1;
}

int lamella_follow_parent(pid_t parent, int signal_number) {
    if (prctl(PR_SET_PDEATHSIG, (unsigned long)signal_number, 0UL, 0UL, 0UL) != 0) return -1;
    // The parent may have ended before the call.
    if (getppid() != parent) {
        errno = ESRCH;
        return -1;
    }
    return 0;
}

int lamella_make_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }
