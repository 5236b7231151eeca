#include <mosquitto.h>
// Swift's Glibc module leaves this header out; the client's thread is woken through an eventfd.
#include <sys/eventfd.h>
// Nor does it show this function (glibc 2.34 or newer), which keeps our sockets out of the private broker.
#include <spawn.h>
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
