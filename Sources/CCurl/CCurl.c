#include "CCurl.h"

typedef int (*setopt_function)(void *handle, int option, ...);
typedef int (*getinfo_function)(void *handle, int info, ...);

int lamella_curl_set_long(void *setopt, void *handle, int option, long value) {
    return ((setopt_function)setopt)(handle, option, value);
}

int lamella_curl_set_pointer(void *setopt, void *handle, int option, const void *value) {
    return ((setopt_function)setopt)(handle, option, value);
}

int lamella_curl_set_write(void *setopt, void *handle, int option, lamella_curl_write function) {
    return ((setopt_function)setopt)(handle, option, function);
}

int lamella_curl_set_progress(void *setopt, void *handle, int option, lamella_curl_progress function) {
    return ((setopt_function)setopt)(handle, option, function);
}

int lamella_curl_get_long(void *getinfo, void *handle, int info, long *value) {
    return ((getinfo_function)getinfo)(handle, info, value);
}

int lamella_curl_get_offset(void *getinfo, void *handle, int info, int64_t *value) {
    return ((getinfo_function)getinfo)(handle, info, value);
}

int lamella_curl_get_text(void *getinfo, void *handle, int info, const char **value) {
    return ((getinfo_function)getinfo)(handle, info, value);
}
