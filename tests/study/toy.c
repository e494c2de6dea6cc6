/* See toy.h. */
#define _GNU_SOURCE /* asprintf */
#include "toy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct study_plan toy_plan(int64_t seeds)
{
    static const struct study_entry flat = {.name = "flat", .spec = "0.1"};
    return (struct study_plan){.entries = &flat,
                               .entry_count = 1,
                               .seeds = seeds,
                               .peak_seeds = 1};
}

static enum study_status prepare(void *ctx, const struct study_trial *t,
                                 const struct study_place *place,
                                 struct study_command *out,
                                 struct study_error *err)
{
    const struct toy *toy = ctx;
    out->argv = calloc(4, sizeof *out->argv);
    out->environment = calloc(6, sizeof *out->environment);
    if (!out->argv || !out->environment)
        return study_fail(err, STUDY_E_MEMORY, "out of memory");
    out->argv[0] = strdup("/bin/sh");
    out->argv[1] = strdup("-c");
    out->argv[2] = strdup(toy->script);
    char **e = out->environment;
    if (asprintf(&e[0], "SEED=%" PRId64, t->seed) < 0 ||
        asprintf(&e[1], "PEAK=%g", t->peak) < 0 ||
        asprintf(&e[2], "FOLDER=%s", place->folder) < 0 ||
        asprintf(&e[3], "SLOT=%d", place->slot) < 0 ||
        asprintf(&e[4], "ROOM=%s", toy->room ? toy->room : "") < 0)
        return study_fail(err, STUDY_E_MEMORY, "out of memory");
    return STUDY_OK;
}

static void progress(void *ctx, const struct study_trial *t)
{
    struct toy *toy = ctx;
    toy->begun += t->state == STUDY_RUNNING;
    toy->ended += t->state != STUDY_RUNNING;
}

struct study_runner toy_runner(struct toy *toy, struct study_source source,
                               const char *folder)
{
    return (struct study_runner){
        .source = source,
        .task = {.prepare = prepare,
                 .progress = progress,
                 .metric_key = "metric",
                 .ctx = toy},
        .jobs = toy->jobs ? toy->jobs : 1,
        .threads = toy->threads ? toy->threads : 1,
        .timeout = toy->timeout,
        .grace = toy->grace,
        .folder = folder,
        .keep = toy->keep,
        .stopped = toy->stopped,
        .ctx = toy->ctx,
    };
}

enum study_status toy_run_from(struct toy *toy, struct study_source source,
                               const char *folder, struct study_error *err)
{
    const struct study_runner runner = toy_runner(toy, source, folder);
    return study_run(&runner, err);
}

enum study_status toy_run(struct toy *toy, struct study_store *store,
                          const struct study_plan *plan,
                          struct study_error *err)
{
    struct study_queue *queue;
    enum study_status status = study_queue_create(&queue, store, plan, err);
    if (status) return status;
    char *folder = NULL;
    if (asprintf(&folder, "%s.trials", study_store_path(store)) < 0)
        status = STUDY_E_MEMORY;
    else
        status = toy_run_from(toy, study_queue_source(queue), folder, err);
    free(folder);
    study_queue_free(queue);
    return status;
}
