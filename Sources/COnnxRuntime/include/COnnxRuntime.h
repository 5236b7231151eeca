#pragma once
// The part of ONNX Runtime's C interface that Lamella uses.
//
// ONNX Runtime hands out a table of function pointers to which each version only appends, so the position of
// a function is part of its published binary interface. Each function below stands at its position; what lies
// between is padding. The library itself is opened at run time (dlopen), never linked.
//
// Positions are those of API version 12 (ONNX Runtime 1.12) and hold for every later version.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LAMELLA_ORT_API_VERSION 12

typedef struct OrtStatus OrtStatus;
typedef struct OrtEnv OrtEnv;
typedef struct OrtSession OrtSession;
typedef struct OrtSessionOptions OrtSessionOptions;
typedef struct OrtRunOptions OrtRunOptions;
typedef struct OrtValue OrtValue;
typedef struct OrtMemoryInfo OrtMemoryInfo;
typedef struct OrtAllocator OrtAllocator;
typedef struct OrtTypeInfo OrtTypeInfo;
typedef struct OrtTensorTypeAndShapeInfo OrtTensorTypeAndShapeInfo;

// Where ONNX Runtime gets memory from: the part of the structure that every version has.
struct OrtAllocator {
    uint32_t version;
    void *(*Alloc)(OrtAllocator *allocator, size_t bytes);
    void (*Free)(OrtAllocator *allocator, void *pointer);
    const OrtMemoryInfo *(*Info)(const OrtAllocator *allocator);
};

// Values of the enumerations that the functions below take.
enum { ORT_LOG_WARNING = 2, ORT_LOG_ERROR = 3 };
enum { ORT_SEQUENTIAL = 0 };
enum { ORT_ARENA_ALLOCATOR = 1, ORT_DEVICE_ALLOCATOR = 0 };
enum { ORT_MEMORY_DEFAULT = 0 };

typedef struct LamellaOrtApi {
    void *padding_0[1];
    int (*GetErrorCode)(const OrtStatus *status);                                                          // 1
    const char *(*GetErrorMessage)(const OrtStatus *status);                                               // 2
    OrtStatus *(*CreateEnv)(int severity, const char *log_identifier, OrtEnv **out);                       // 3
    void *padding_4[2];
    OrtStatus *(*DisableTelemetryEvents)(const OrtEnv *env);                                               // 6
    void *padding_7[1];
    OrtStatus *(*CreateSessionFromArray)(                                                                  // 8
        const OrtEnv *env, const void *model, size_t model_bytes, const OrtSessionOptions *options, OrtSession **out);
    OrtStatus *(*Run)(                                                                                     // 9
        OrtSession *session, const OrtRunOptions *run_options, const char *const *input_names,
        const OrtValue *const *inputs, size_t input_count, const char *const *output_names, size_t output_count,
        OrtValue **outputs);
    OrtStatus *(*CreateSessionOptions)(OrtSessionOptions **out);                                           // 10
    void *padding_11[2];
    OrtStatus *(*SetSessionExecutionMode)(OrtSessionOptions *options, int mode);                           // 13
    void *padding_14[3];
    OrtStatus *(*DisableMemPattern)(OrtSessionOptions *options);                                           // 17
    void *padding_18[4];
    OrtStatus *(*SetSessionLogSeverityLevel)(OrtSessionOptions *options, int level);                       // 22
    OrtStatus *(*SetSessionGraphOptimizationLevel)(OrtSessionOptions *options, int level);                 // 23
    OrtStatus *(*SetIntraOpNumThreads)(OrtSessionOptions *options, int count);                             // 24
    OrtStatus *(*SetInterOpNumThreads)(OrtSessionOptions *options, int count);                             // 25
    void *padding_26[4];
    OrtStatus *(*SessionGetInputCount)(const OrtSession *session, size_t *out);                            // 30
    OrtStatus *(*SessionGetOutputCount)(const OrtSession *session, size_t *out);                           // 31
    void *padding_32[1];
    OrtStatus *(*SessionGetInputTypeInfo)(const OrtSession *session, size_t index, OrtTypeInfo **out);     // 33
    OrtStatus *(*SessionGetOutputTypeInfo)(const OrtSession *session, size_t index, OrtTypeInfo **out);    // 34
    void *padding_35[1];
    OrtStatus *(*SessionGetInputName)(                                                                     // 36
        const OrtSession *session, size_t index, OrtAllocator *allocator, char **out);
    OrtStatus *(*SessionGetOutputName)(                                                                    // 37
        const OrtSession *session, size_t index, OrtAllocator *allocator, char **out);
    void *padding_38[11];
    OrtStatus *(*CreateTensorWithDataAsOrtValue)(                                                          // 49
        const OrtMemoryInfo *info, void *data, size_t data_bytes, const int64_t *shape, size_t rank, int element_type,
        OrtValue **out);
    void *padding_50[1];
    OrtStatus *(*GetTensorMutableData)(OrtValue *value, void **out);                                       // 51
    void *padding_52[3];
    OrtStatus *(*CastTypeInfoToTensorInfo)(                                                                // 55
        const OrtTypeInfo *type, const OrtTensorTypeAndShapeInfo **out);
    void *padding_56[4];
    OrtStatus *(*GetTensorElementType)(const OrtTensorTypeAndShapeInfo *info, int *out);                   // 60
    OrtStatus *(*GetDimensionsCount)(const OrtTensorTypeAndShapeInfo *info, size_t *out);                  // 61
    OrtStatus *(*GetDimensions)(const OrtTensorTypeAndShapeInfo *info, int64_t *values, size_t count);     // 62
    void *padding_63[1];
    OrtStatus *(*GetTensorShapeElementCount)(const OrtTensorTypeAndShapeInfo *info, size_t *out);          // 64
    OrtStatus *(*GetTensorTypeAndShape)(const OrtValue *value, OrtTensorTypeAndShapeInfo **out);           // 65
    void *padding_66[3];
    OrtStatus *(*CreateCpuMemoryInfo)(int allocator_type, int memory_type, OrtMemoryInfo **out);           // 69
    void *padding_70[6];
    OrtStatus *(*AllocatorFree)(OrtAllocator *allocator, void *pointer);                                   // 76
    void *padding_77[1];
    OrtStatus *(*GetAllocatorWithDefaultOptions)(OrtAllocator **out);                                      // 78
    void *padding_79[13];
    void (*ReleaseEnv)(OrtEnv *env);                                                                       // 92
    void (*ReleaseStatus)(OrtStatus *status);                                                              // 93
    void (*ReleaseMemoryInfo)(OrtMemoryInfo *info);                                                        // 94
    void (*ReleaseSession)(OrtSession *session);                                                           // 95
    void (*ReleaseValue)(OrtValue *value);                                                                 // 96
    void *padding_97[1];
    void (*ReleaseTypeInfo)(OrtTypeInfo *type);                                                            // 98
    void (*ReleaseTensorTypeAndShapeInfo)(OrtTensorTypeAndShapeInfo *info);                                // 99
    void (*ReleaseSessionOptions)(OrtSessionOptions *options);                                             // 100
    void *padding_101[29];
    OrtStatus *(*AddSessionConfigEntry)(OrtSessionOptions *options, const char *key, const char *value);   // 130
    void *padding_131[45];
    OrtStatus *(*RegisterAllocator)(OrtEnv *env, OrtAllocator *allocator);                                 // 176
} LamellaOrtApi;

#define LAMELLA_ORT_AT(function, position) \
    _Static_assert(offsetof(LamellaOrtApi, function) == (position) * sizeof(void *), #function " is misplaced")
LAMELLA_ORT_AT(GetErrorCode, 1);
LAMELLA_ORT_AT(GetErrorMessage, 2);
LAMELLA_ORT_AT(CreateEnv, 3);
LAMELLA_ORT_AT(DisableTelemetryEvents, 6);
LAMELLA_ORT_AT(CreateSessionFromArray, 8);
LAMELLA_ORT_AT(Run, 9);
LAMELLA_ORT_AT(CreateSessionOptions, 10);
LAMELLA_ORT_AT(SetSessionExecutionMode, 13);
LAMELLA_ORT_AT(DisableMemPattern, 17);
LAMELLA_ORT_AT(SetSessionLogSeverityLevel, 22);
LAMELLA_ORT_AT(SetSessionGraphOptimizationLevel, 23);
LAMELLA_ORT_AT(SetIntraOpNumThreads, 24);
LAMELLA_ORT_AT(SetInterOpNumThreads, 25);
LAMELLA_ORT_AT(SessionGetInputCount, 30);
LAMELLA_ORT_AT(SessionGetOutputCount, 31);
LAMELLA_ORT_AT(SessionGetInputTypeInfo, 33);
LAMELLA_ORT_AT(SessionGetOutputTypeInfo, 34);
LAMELLA_ORT_AT(SessionGetInputName, 36);
LAMELLA_ORT_AT(SessionGetOutputName, 37);
LAMELLA_ORT_AT(CreateTensorWithDataAsOrtValue, 49);
LAMELLA_ORT_AT(GetTensorMutableData, 51);
LAMELLA_ORT_AT(CastTypeInfoToTensorInfo, 55);
LAMELLA_ORT_AT(GetTensorElementType, 60);
LAMELLA_ORT_AT(GetDimensionsCount, 61);
LAMELLA_ORT_AT(GetDimensions, 62);
LAMELLA_ORT_AT(GetTensorShapeElementCount, 64);
LAMELLA_ORT_AT(GetTensorTypeAndShape, 65);
LAMELLA_ORT_AT(CreateCpuMemoryInfo, 69);
LAMELLA_ORT_AT(AllocatorFree, 76);
LAMELLA_ORT_AT(GetAllocatorWithDefaultOptions, 78);
LAMELLA_ORT_AT(ReleaseEnv, 92);
LAMELLA_ORT_AT(ReleaseStatus, 93);
LAMELLA_ORT_AT(ReleaseMemoryInfo, 94);
LAMELLA_ORT_AT(ReleaseSession, 95);
LAMELLA_ORT_AT(ReleaseValue, 96);
LAMELLA_ORT_AT(ReleaseTypeInfo, 98);
LAMELLA_ORT_AT(ReleaseTensorTypeAndShapeInfo, 99);
LAMELLA_ORT_AT(ReleaseSessionOptions, 100);
LAMELLA_ORT_AT(AddSessionConfigEntry, 130);
LAMELLA_ORT_AT(RegisterAllocator, 176);
#undef LAMELLA_ORT_AT

typedef struct LamellaOrtApiBase {
    const LamellaOrtApi *(*GetApi)(uint32_t version);
    const char *(*GetVersionString)(void);
} LamellaOrtApiBase;

// The one exported function that everything starts from: OrtGetApiBase.
typedef const LamellaOrtApiBase *(*LamellaOrtGetApiBase)(void);

// Calls the address that dlsym gave for OrtGetApiBase.
static inline const LamellaOrtApiBase *lamella_ort_api_base(void *address) {
    return ((LamellaOrtGetApiBase)address)();
}

#include "RunMemory.h"
