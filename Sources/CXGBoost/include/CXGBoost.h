#pragma once
// The part of the XGBoost C interface that Lamella calls, as types of the functions found by dlsym.
// These have been the same since XGBoost 1.6 (checked at run time by the version). All but the two that say so give
// 0, or -1 and a text for the calling thread.

#include <stdint.h>

typedef void (*lamella_xgboost_version)(int *major, int *minor, int *patch);
typedef const char *(*lamella_xgboost_last_error)(void);
typedef int (*lamella_xgboost_matrix_from_dense)(
    const float *values, uint64_t row_count, uint64_t column_count, float missing, void **matrix);
typedef int (*lamella_xgboost_matrix_set_float)(
    void *matrix, const char *field, const float *values, uint64_t count);
typedef int (*lamella_xgboost_matrix_free)(void *matrix);
typedef int (*lamella_xgboost_booster_create)(void *const *matrices, uint64_t count, void **booster);
typedef int (*lamella_xgboost_booster_free)(void *booster);
typedef int (*lamella_xgboost_booster_set)(void *booster, const char *name, const char *value);
typedef int (*lamella_xgboost_booster_update)(void *booster, int round, void *matrix);
// Shape and values belong to the booster, until it predicts again or is freed.
typedef int (*lamella_xgboost_booster_predict)(
    void *booster, void *matrix, const char *options, const uint64_t **shape, uint64_t *dimension_count,
    const float **values);
typedef int (*lamella_xgboost_booster_feature_count)(void *booster, uint64_t *count);
// The bytes belong to the booster, until it saves again or is freed.
typedef int (*lamella_xgboost_booster_save)(
    void *booster, const char *options, uint64_t *byte_count, const char **bytes);
typedef int (*lamella_xgboost_booster_load)(void *booster, const void *bytes, uint64_t byte_count);
