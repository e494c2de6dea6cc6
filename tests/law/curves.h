/* The published loss curves that the tests of laws use, and the schedules of
 * their runs. */
#ifndef TESTS_LAW_CURVES_H
#define TESTS_LAW_CURVES_H

#include <taper_law.h>

/* One curve. `run` points into the other members. */
struct curve {
    taper_law_run run;
    double *rates, *losses, *logged;
    int64_t *at;
};

/* The nine schedules of Luo et al., by the names of their files: the first
 * three are the fit set, the others the test set. */
enum { LUO_FIT = 3, LUO_CURVES = 9, LUO_SIZES = 3 };
extern const char *const luo_names[LUO_CURVES];
extern const char *const luo_sizes[LUO_SIZES];

/* The rates of a run of Luo et al. by the name of its file, as their code makes
 * them; caller frees. *steps is its length. */
double *luo_rates(const char *name, size_t *steps);

/* Read a curve, with the rates of luo_rates; fails the test if it cannot. */
struct curve luo_curve(const char *size, const char *name);

/* Read any curve of columns step, lr, loss, with rates rebuilt from the log. */
struct curve curve_read(const char *path);

void curve_free(struct curve *c);

#endif
