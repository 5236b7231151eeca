#pragma once
// The part of the HiGHS C interface that Lamella calls, as types of the functions found by dlsym.
// Widths and numbers follow HiGHS 1.x built with 32-bit HighsInt (checked at run time by sizeof_int).

typedef void *(*lamella_highs_create)(void);
typedef void (*lamella_highs_destroy)(void *highs);
typedef const char *(*lamella_highs_version)(void);
typedef int (*lamella_highs_sizeof_int)(const void *highs);
typedef int (*lamella_highs_set_bool_option)(void *highs, const char *option, int value);
typedef int (*lamella_highs_set_int_option)(void *highs, const char *option, int value);
typedef int (*lamella_highs_set_double_option)(void *highs, const char *option, double value);
typedef int (*lamella_highs_pass_mip)(
    void *highs, int column_count, int row_count, int nonzero_count, int matrix_format, int sense, double offset,
    const double *column_cost, const double *column_lower, const double *column_upper, const double *row_lower,
    const double *row_upper, const int *starts, const int *indices, const double *values, const int *integrality);
typedef int (*lamella_highs_run)(void *highs);
typedef int (*lamella_highs_get_model_status)(const void *highs);
typedef int (*lamella_highs_get_int_info)(const void *highs, const char *info, int *value);
typedef int (*lamella_highs_get_double_info)(const void *highs, const char *info, double *value);
typedef int (*lamella_highs_get_solution)(
    const void *highs, double *column_value, double *column_dual, double *row_value, double *row_dual);
typedef double (*lamella_highs_get_objective_value)(const void *highs);

enum {
    LAMELLA_HIGHS_STATUS_ERROR = -1,
    LAMELLA_HIGHS_MATRIX_ROWWISE = 2,
    LAMELLA_HIGHS_SENSE_MINIMIZE = 1,
    LAMELLA_HIGHS_VARIABLE_CONTINUOUS = 0,
    LAMELLA_HIGHS_VARIABLE_INTEGER = 1,
    LAMELLA_HIGHS_MODEL_OPTIMAL = 7,
    LAMELLA_HIGHS_MODEL_INFEASIBLE = 8,
    LAMELLA_HIGHS_MODEL_UNBOUNDED_OR_INFEASIBLE = 9,
    LAMELLA_HIGHS_MODEL_TIME_LIMIT = 13,
    LAMELLA_HIGHS_SOLUTION_FEASIBLE = 2
};
