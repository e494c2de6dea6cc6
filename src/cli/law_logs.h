/* The logs that `taper fit`, `predict` and `refine` are given, read and made
 * into runs that laws understand: rates of every step, and few enough losses.
 */
#ifndef CLI_LAW_LOGS_H
#define CLI_LAW_LOGS_H

#include <taper.h>
#include <taper_law.h>

#include <cjson/cJSON.h>

#include "cli/options.h"
#include "log/loss_log.h"

/* Options about logs, which commands put into their tables by
 * CLI_LAW_LOG_OPTIONS. */
struct cli_law_reading {
    const char *columns;         /* --columns, or NULL */
    struct cli_texts schedules;  /* --schedule: of all runs, or one of each */
    taper_run run;               /* what their lengths refer to */
    int64_t warmup;              /* --warmup; -1: not said */
    int64_t points;              /* --points: most of a run */
    const int64_t *known_warmup; /* of the runs of a model; NULL: unknown */
};

/* One log as a run. */
struct cli_law_log {
    const char *path; /* or "standard input"; borrowed */
    struct log_findings found;
    struct log_names names;
    char other_loss[LOG_NAME_SIZE];
    size_t rows;         /* with a loss */
    int64_t first, last; /* steps of the first and the last of them */
    int64_t bin;         /* steps that a point is the mean of; 1: a point is a
                            row */
    enum { CLI_RATES_LOGGED, CLI_RATES_RUN, CLI_RATES_GIVEN } source;
    bool hidden;          /* a warm-up before the first row is assumed */
    int64_t logged_first; /* the first step with a logged rate */
    double logged_rate;   /* that rate */
    int64_t warmup;       /* steps of the warm-up; 0: none */
    double peak;          /* the largest rate */
    int64_t length;       /* steps of the run, as far as it was logged */
    /* In units of the logs' stride: */
    size_t steps;
    size_t points;
    double *rates;  /* [steps], owned */
    int64_t *at;    /* [points], owned */
    double *losses; /* [points], owned */
};

struct cli_law_logs {
    struct cli_law_log *items; /* [count], owned */
    taper_law_run *runs;       /* [count], owned: the same for the law */
    size_t count;
    int64_t stride;   /* steps that one rate stands for: 1, or more for runs
                         that are longer than CLI_LAW_FINE */
    int64_t shortest; /* steps of the shortest run */
    int64_t warmup;   /* the longest warm-up of a run; 0: none */
    int64_t hidden;   /* the warm-up that was assumed; 0: none was */
};

/* Reads logs. On failure prints the complaint and returns the status to exit
 * with, with nothing in *out; else CLI_GO, and *out is the caller's to
 * cli_law_logs_free. */
int cli_law_logs_read(char *const *paths, size_t count,
                      const struct cli_law_reading *how,
                      struct cli_law_logs *out);
void cli_law_logs_free(struct cli_law_logs *logs);

/* Runs of more steps are looked at in strides of several: a law is as smooth as
 * its clock, and a fit goes over every step a few hundred times. */
#define CLI_LAW_FINE (INT64_C(1) << 18)

/* The most steps of a run: rates take 8 bytes each. */
#define CLI_LAW_STEPS (INT64_C(1) << 26)

/* The stride for runs of so many steps. */
int64_t cli_law_stride(int64_t steps);

/* Replaces every `stride` rates by their mean; returns how many there are then.
 */
size_t cli_law_coarsen(double *rates, size_t steps, int64_t stride);

/* Prints what each log is and what was put right in it, two lines or more of
 * text for each. */
void cli_law_logs_print(const struct cli_law_logs *logs);

/* The same as a JSON array. */
cJSON *cli_law_logs_json(const struct cli_law_logs *logs);

/* A number, or null where JSON has none. */
cJSON *cli_json_finite(double value);

/* The options of a struct whose member of type cli_law_reading is called
 * `reading`. */
#define CLI_LAW_LOG_OPTIONS(type) \
    {.name = "columns", \
     .kind = CLI_TEXT, \
     .offset = \
         offsetof(type, reading) + offsetof(struct cli_law_reading, columns), \
     .value = "LIST", \
     .help = \
         "step=NAME,lr=NAME,loss=NAME: columns, keys or tags of the logs"}, \
        {.name = "points", \
         .kind = CLI_COUNT, \
         .offset = offsetof(type, reading) + \
                   offsetof(struct cli_law_reading, points), \
         .value = "N", \
         .help = "points of a run at most: more rows are averaged (1000)", \
         .min = 10, \
         .max = 100000}, \
    { \
        .name = "warmup", .kind = CLI_COUNT, \
        .offset = offsetof(type, reading) + \
                  offsetof(struct cli_law_reading, warmup), \
        .value = "N", \
        .help = "updates of a linear warm-up that the logs do not show", \
        .min = 0, .max = (double)CLI_LAW_STEPS \
    }

#endif
