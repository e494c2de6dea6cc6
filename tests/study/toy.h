/* A study whose trials are shell commands, for tests of the runner. */
#ifndef TAPER_TESTS_TOY_H
#define TAPER_TESTS_TOY_H

#include "study/design.h"
#include "study/runner.h"
#include "study/store.h"
#include "study/store_queue.h"

/* Runs `script` by /bin/sh for every trial, with SEED and PEAK of the trial,
 * FOLDER, the trial's own, and ROOM in its environment. */
struct toy {
    const char *script;
    const char *room; /* folder of the test; may be NULL */
    /* What study_run asks; NULL: nobody stops it. */
    bool (*stopped)(void *ctx);
    void *ctx;
    int jobs, threads;
    double timeout, grace;
    bool keep;

    int begun, ended; /* trials, as progress told */
};

/* A plan of one schedule, "flat", and `seeds` seeds. */
struct study_plan toy_plan(int64_t seeds);

/* Runs what the plan lacks in the store. */
enum study_status toy_run(struct toy *toy, struct study_store *store,
                          const struct study_plan *plan,
                          struct study_error *err);

/* What runs them, for those who run it by other means. */
struct study_runner toy_runner(struct toy *toy, struct study_source source,
                               const char *folder);

/* The same with a source of the caller's. */
enum study_status toy_run_from(struct toy *toy, struct study_source source,
                               const char *folder, struct study_error *err);

#endif
