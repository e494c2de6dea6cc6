/* What is said of laws, fits and predictions in more than one command. */
#ifndef CLI_LAW_WORDS_H
#define CLI_LAW_WORDS_H

#include <taper_law.h>

#include "cli/model_json.h"

/* Prints a complaint of taper_law.h about a run (`path`, or NULL) and returns
 * CLI_FAILED. */
int cli_law_failed(const char *path, const taper_law_error *err);

/* One line for each thing that the fit does not tell, with what would help; or
 * that there is none. */
void cli_law_print_flags(const struct cli_model *m);

/* Prints "R2 0.9988, MAE 0.0036, ..." and a newline. */
void cli_law_print_quality(const taper_law_quality *q);

/* Where a schedule goes beyond the runs of a model: flags. */
enum {
    CLI_BEYOND_PEAK = 1,  /* its peak rate is higher or lower than theirs */
    CLI_BEYOND_STEPS = 2, /* it is longer */
    CLI_BEYOND_END = 4,   /* it decays further */
    CLI_BEYOND_START = 8, /* it has no warm-up, and they had one */
    CLI_BEYOND_COUNT = 4  /* how many flags there are */
};
unsigned cli_law_beyond(const struct cli_model *m, const double *rates,
                        size_t steps);

/* The words of the flags, of the lowest bit first: "peak", ... */
extern const char *const cli_beyond_words[CLI_BEYOND_COUNT];

/* What last losses are off by: on runs that were held out, or, where none could
 * be, what the law leaves unexplained of its own, which is less than on others.
 * NaN of a model that was typed in. */
double cli_law_error(const struct cli_model *m);

/* Says what cli_law_error is, in one line of text or one word. */
void cli_law_print_error(const struct cli_model *m);
const char *cli_law_error_is(const struct cli_model *m);

/* The rates of a schedule, [steps], for the caller to free; NULL after a
 * complaint. */
double *cli_law_rates(const taper_schedule *s, const char *name, size_t steps);

#endif
