/* What the runner of studies costs: milliseconds a trial, one at a time, of a
 * command that prints its result and returns at once.
 *
 *   bench_study [TRIALS] [DB]
 *
 * The store is a new file DB, "bench_study.db" in the current folder, on whose
 * disk the figure depends: a result is on disk before the next trial begins. */
#define _GNU_SOURCE /* strdup, asprintf */
#include "study/runner.h"
#include "study/store.h"
#include "study/store_queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char result[] = "{\"metric\": 1}";

static double seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* `ctx` says whether a shell runs the command, as for --exec. */
static enum study_status prepare(void *ctx, const struct study_trial *t,
                                 const struct study_place *place,
                                 struct study_command *out,
                                 struct study_error *err)
{
    const bool *shell = ctx;
    (void)t;
    (void)place;
    out->argv = calloc(4, sizeof *out->argv);
    if (!out->argv) return study_fail(err, STUDY_E_MEMORY, "out of memory");
    out->argv[0] = strdup(*shell ? "/bin/sh" : "/bin/echo");
    out->argv[1] = strdup(*shell ? "-c" : result);
    if (*shell && asprintf(&out->argv[2], "echo '%s'", result) < 0)
        out->argv[2] = NULL;
    return STUDY_OK;
}

/* Seconds for `trials` trials, opening and closing included; < 0 if it
 * failed. */
static double run(const char *path, int64_t trials, bool shell,
                  struct study_error *err)
{
    static const struct study_entry entry = {.name = "flat", .spec = "0.1"};
    const struct study_plan plan = {.entries = &entry,
                                    .entry_count = 1,
                                    .seeds = trials};
    struct study_store *store = NULL;
    struct study_queue *queue = NULL;
    char *folder = NULL;
    const double began = seconds();
    if (asprintf(&folder, "%s.trials", path) < 0) return -1.0;
    enum study_status status =
        study_store_open(&store, path, STUDY_CREATE, err);
    if (!status) status = study_queue_create(&queue, store, &plan, err);
    const struct study_runner runner = {
        .source = status ? (struct study_source){0} : study_queue_source(queue),
        .task = {.prepare = prepare, .metric_key = "metric", .ctx = &shell},
        .jobs = 1,
        .threads = 1,
        .folder = folder,
    };
    if (!status) status = study_run(&runner, err);
    study_queue_free(queue);
    study_store_close(store);
    free(folder);
    (void)unlink(path);
    return status ? -1.0 : seconds() - began;
}

int main(int argc, char **argv)
{
    const int64_t trials = argc > 1 ? atoll(argv[1]) : 200;
    const char *path = argc > 2 ? argv[2] : "bench_study.db";
    if (trials < 1 || access(path, F_OK) == 0) {
        (void)fprintf(stderr, "usage: bench_study [TRIALS] [NEW-FILE]\n");
        return 2;
    }
    for (int shell = 0; shell < 2; shell++) {
        struct study_error err = {.message = "out of memory"};
        const double took = run(path, trials, shell != 0, &err);
        if (took < 0.0) {
            (void)fprintf(stderr, "bench_study: %s\n", err.message);
            return 1;
        }
        (void)printf("%s%.2f", shell ? " " : "", 1e3 * took / (double)trials);
    }
    (void)printf("\n");
    return 0;
}
