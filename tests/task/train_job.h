/* Runs of any trainer on a tiny data set. Every run is a child process, as it
 * is for a person: the parent never starts a thread, and kill -9 hits
 * everything at once. */
#ifndef TAPER_TESTS_TRAIN_JOB_H
#define TAPER_TESTS_TRAIN_JOB_H

#include "task/trainer.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <taper.h>

enum { TRAIN_VARIANTS = 4 };

/* What the tests need to know of a trainer: one row for each. */
struct train_kind {
    const struct task_trainer *trainer;
    /* Whole sets of options, "batch=8 epochs=3", each of some dozen updates and
     * with something else that a killed run must get back. The first is the
     * usual one; NULL past the last. No controller moves the rate. */
    const char *variants[TRAIN_VARIANTS + 1];
    /* What follows the usual options for */
    const char *once;     /* one update, scored once */
    const char *longer;   /* hundreds of updates */
    const char *diverges; /* a rate of 10^6 that the network cannot bear */
    double score;         /* what the usual options reach at least */
    /* A signal in an evaluation ends it, rather than waits for it. */
    bool patient;
    const char *file; /* that its runs leave besides those of all; or NULL */
    /* Writes so many training samples into the folder; NULL: it needs none. */
    void (*write)(const char *folder, unsigned samples);
    unsigned samples; /* that the options are for */
};

/* The row of a trainer, whose absence fails the test. */
const struct train_kind *train_kind(const struct task_trainer *trainer);

/* What a child does, beside training. */
struct train_job {
    const struct task_trainer *trainer;
    const char *data; /* NULL: none is named */
    const char *out;
    size_t variant;           /* of the kind's options */
    bool bare;                /* none of these */
    const char *options;      /* after these; NULL: none */
    const char *plan;         /* NULL: none */
    const taper_files *files; /* of the schedule; NULL: none */
    bool resume;
    bool stop;         /* a signal has come before the first update is done */
    rlim_t file_limit; /* bytes; 0: none */
};

/* Makes the trainer's data set in the test's folder; NULL if it needs none. */
const char *train_data(void **state, const struct task_trainer *trainer);

/* Begins a run; ends it: the exit code, which is a task_status, or minus the
 * signal. */
pid_t train_start(const struct train_job *job);
int train_wait(pid_t child);
int train_run(const struct train_job *job);

/* The message of the last run into `out`, and the notes that it showed. */
const char *train_message(const char *out);
const char *train_notes(const char *out);

/* Kills a run again and again until it is done, with a checkpoint after every
 * update, so that many kills hit one being written. Most attempts are killed
 * within moments of their first progress; every fourth at any moment from its
 * start, when it may not even have its run.json. Adds to *kills. */
void train_kill_until_done(const struct train_job *what, unsigned *kills);

/* Waits until the run writes a checkpoint; false if it ended before. */
bool train_wait_for_checkpoint(pid_t child, const char *out);

void train_sleep(long ms);

/* A file of a run, and what it says under a key. */
cJSON *train_json(const char *folder, const char *name);
double train_number(const cJSON *json, const char *key);
void assert_json_text(const cJSON *json, const char *key, const char *want);

/* Of each tensor of two runs' networks, by name, whether its bytes differ. */
cJSON *train_moved(const char *a, const char *b);

/* Everything that two runs leave behind but the seconds. */
void assert_same_results(const char *a, const char *b);

#endif
