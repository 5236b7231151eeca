#pragma once
// The part of libcurl's easy interface that Lamella calls. The library is opened at run time; its functions for
// options take a variable number of arguments, which Swift cannot call, so each kind of argument has a function here
// that is handed the address of the real one.
//
// Numbers are those of curl/curl.h, which are fixed for all of libcurl 7 and 8 (soname 4).

#include <stddef.h>
#include <stdint.h>

typedef int (*lamella_curl_global_init)(long flags);
typedef void *(*lamella_curl_easy_init)(void);
typedef int (*lamella_curl_easy_perform)(void *handle);
typedef void (*lamella_curl_easy_cleanup)(void *handle);
typedef const char *(*lamella_curl_easy_strerror)(int code);
typedef void *(*lamella_curl_slist_append)(void *list, const char *text);
typedef void (*lamella_curl_slist_free_all)(void *list);

typedef size_t (*lamella_curl_write)(char *bytes, size_t size, size_t count, void *context);
typedef int (*lamella_curl_progress)(
    void *context, int64_t download_total, int64_t downloaded, int64_t upload_total, int64_t uploaded);

// `setopt` and `getinfo` are the addresses of curl_easy_setopt and curl_easy_getinfo.
int lamella_curl_set_long(void *setopt, void *handle, int option, long value);
int lamella_curl_set_pointer(void *setopt, void *handle, int option, const void *value);
int lamella_curl_set_write(void *setopt, void *handle, int option, lamella_curl_write function);
int lamella_curl_set_progress(void *setopt, void *handle, int option, lamella_curl_progress function);
int lamella_curl_get_long(void *getinfo, void *handle, int info, long *value);
int lamella_curl_get_offset(void *getinfo, void *handle, int info, int64_t *value);
int lamella_curl_get_text(void *getinfo, void *handle, int info, const char **value);

typedef enum {
    LAMELLA_CURL_OPTION_NOPROGRESS = 43,
    LAMELLA_CURL_OPTION_FOLLOWLOCATION = 52,
    LAMELLA_CURL_OPTION_SSL_VERIFYPEER = 64,
    LAMELLA_CURL_OPTION_SSL_VERIFYHOST = 81,
    LAMELLA_CURL_OPTION_NOSIGNAL = 99,
    LAMELLA_CURL_OPTION_HTTPAUTH = 107,
    LAMELLA_CURL_OPTION_TIMEOUT_MS = 155,
    LAMELLA_CURL_OPTION_CONNECTTIMEOUT_MS = 156,
    LAMELLA_CURL_OPTION_PROTOCOLS = 181,
    LAMELLA_CURL_OPTION_WRITEDATA = 10001,
    LAMELLA_CURL_OPTION_URL = 10002,
    LAMELLA_CURL_OPTION_ERRORBUFFER = 10010,
    LAMELLA_CURL_OPTION_USERAGENT = 10018,
    LAMELLA_CURL_OPTION_HTTPHEADER = 10023,
    LAMELLA_CURL_OPTION_XFERINFODATA = 10057,
    LAMELLA_CURL_OPTION_USERNAME = 10173,
    LAMELLA_CURL_OPTION_PASSWORD = 10174,
    LAMELLA_CURL_OPTION_NOPROXY = 10177,
    LAMELLA_CURL_OPTION_WRITEFUNCTION = 20011,
    LAMELLA_CURL_OPTION_XFERINFOFUNCTION = 20219
} lamella_curl_option;

typedef enum {
    LAMELLA_CURL_PROTOCOL_HTTP = 1,
    LAMELLA_CURL_PROTOCOL_HTTPS = 2
} lamella_curl_protocol;

typedef enum {
    LAMELLA_CURL_AUTH_BASIC = 1
} lamella_curl_authentication;

typedef enum {
    LAMELLA_CURL_INFO_CONTENT_TYPE = 0x100012,
    LAMELLA_CURL_INFO_RESPONSE_CODE = 0x200002,
    LAMELLA_CURL_INFO_RETRY_AFTER = 0x600039
} lamella_curl_info;

// What curl_easy_perform returns.
typedef enum {
    LAMELLA_CURL_OK = 0,
    LAMELLA_CURL_TIMED_OUT = 28,
    LAMELLA_CURL_TLS_FAILED = 35,
    LAMELLA_CURL_GOT_NOTHING = 52,
    LAMELLA_CURL_CERTIFICATE_REFUSED = 60,
    LAMELLA_CURL_CA_FILE_UNREADABLE = 77
} lamella_curl_code;

enum {
    LAMELLA_CURL_ERROR_SIZE = 256,
    LAMELLA_CURL_GLOBAL_DEFAULT = 3
};
