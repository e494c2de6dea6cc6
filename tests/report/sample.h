/* Studies for tests of reports: stores with trials whose numbers are known. */
#ifndef TEST_REPORT_SAMPLE_H
#define TEST_REPORT_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/report.h"
#include "study/store.h"

/* A name that wants to be markup, a formula, a script and an escape sequence.
 */
#define SAMPLE_HOSTILE \
    "$x$</script><script>window.hurt=1</script><img src=x " \
    "onerror='window.hurt=2'>&amp;\"|`*_\x1b[31m"

struct sample {
    const char *name, *spec;
    double peak, budget;
    int64_t seed;
    enum study_role role;
    enum study_state state; /* STUDY_WAITING leaves it there */
    double metric;
    const char *curve, *error;
};

/* A fresh folder under /tmp, and its end with all that lies in it: for the
 * group of a program's tests. */
int sample_enter(void **state);
int sample_leave(void **state);

/* Makes the store of a study; `accuracy` is maximised, else a loss minimised.
 */
struct study_store *sample_store(const char *path, bool accuracy);

void sample_add(struct study_store *s, const struct sample *trial);

/* Trials of schedule `name` at seeds 0, 1, ..., done with these metrics; one
 * that is not finite diverged. */
void sample_row(struct study_store *s, const char *name, double budget,
                const double *metrics, size_t n);

/* A study as compare leaves it: `schedules` of them with peaks tuned, seeds,
 * curves, a divergence, a failure, a hostile name (of the fourth); budgets 10,
 * 20, ... */
void sample_study(const char *path, size_t schedules, size_t seeds,
                  size_t budgets);

/* Loads the store of `path` with curves, and fails the test if it cannot. */
void sample_load(const char *path, struct report *r);

#endif
