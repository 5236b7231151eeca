#include "CLinux.h"

#include <sys/prctl.h>

int lamella_signal_at_parent_death(int signal) { return prctl(PR_SET_PDEATHSIG, (unsigned long)signal, 0, 0, 0); }
