/* What `taper compare` was asked for: its options, and what they say. */
#ifndef CLI_COMPARE_OPTIONS_H
#define CLI_COMPARE_OPTIONS_H

#include "cli/options.h"
#ifdef TAPER_HAVE_TRAIN
#include "cli/task_options.h"
#endif

#include <taper.h>

struct compare_ranks;

/* As the option parser fills it in. Texts are borrowed from argv. */
struct compare_options {
    struct cli_texts schedules;
    const char *file;          /* of --schedules */
    const char *exec;          /* the command, or NULL: one of taper's tasks */
    const char *peak, *budget; /* lists of numbers, as given */
    const char *db, *metric;
    int64_t seeds, peak_seeds; /* peak_seeds 0: not said */
    int64_t jobs, threads;     /* jobs 0: not said */
    double timeout;            /* seconds; 0: none */
    bool halving, maximize, minimize, retry, keep, json;
    struct compare_ranks *ranks; /* no option: with which others this process
                                    was started */
    taper_run run;               /* of --exec */
#ifdef TAPER_HAVE_TRAIN
    struct cli_task_texts given; /* of a task */
#endif
};

extern const struct compare_options compare_defaults;

/* The options that every study has, and those of --exec beside them. */
extern const struct cli_option compare_common[];
extern const size_t compare_common_count;
extern const struct cli_option compare_exec_rows[];
extern const size_t compare_exec_count;

/* Refuses an option of `taper train` that a study sets itself, with the reason.
 * Returns CLI_GO if there is none. */
int compare_refuse_own(int argc, char **argv);

/* Refuses options that contradict each other. */
int compare_check(const struct compare_options *o);

/* Numbers with commas between, ascending. */
struct compare_numbers {
    double *items; /* [count], owned */
    size_t count;
};

/* Reads the list of --`option`: numbers above 0 and at most `most`, whole ones
 * if `whole`, none twice. NULL is the empty list. Complains and returns the
 * status to exit with, or CLI_GO; the caller frees out->items. */
int compare_read_numbers(const char *option, const char *text, bool whole,
                         double most, struct compare_numbers *out);

#endif
