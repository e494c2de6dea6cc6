/* Runs trials, each in a process of its own, several at a time.
 *
 * The runner knows no task and no store. It takes trials from a source and
 * hands results back; what runs as a trial, and what its output means, are
 * calls to whoever knows the task.
 *
 *     source --take--> runner --prepare--> command --> process
 *       ^                                                 |
 *       +------give------- runner <--collect-- output <---+
 *
 * A source is two functions, so that where trials come from can be replaced:
 * here it is the store of this very process (study/store_queue.h), on another
 * machine a process that asks the one which has the store. */
#ifndef TAPER_STUDY_RUNNER_H
#define TAPER_STUDY_RUNNER_H

#include "study/result.h"
#include "study/study_status.h"
#include "study/trial.h"

#include <stdbool.h>
#include <stddef.h>

/* ----------------------------------------------------------- where from */

enum study_take {
    STUDY_TAKEN, /* here is one */
    STUDY_LATER, /* none now, but results that are under way, here or
                    elsewhere, may bring some: ask again */
    STUDY_NEVER  /* the study is over */
};

struct study_source {
    /* Takes the next trial to run. With STUDY_TAKEN *out is filled in, and the
     * caller clears it; else it is zeroed. Called again within the second after
     * STUDY_LATER. */
    enum study_status (*take)(void *ctx, struct study_trial *out,
                              enum study_take *answer, struct study_error *err);

    /* Hands back a trial that was taken, with what came of it; state
     * STUDY_WAITING if it was not run to its end. Keeps no pointer. */
    enum study_status (*give)(void *ctx, const struct study_trial *t,
                              struct study_error *err);
    void *ctx;
};

/* -------------------------------------------------------------- what runs */

/* The command of one trial. All texts are owned: prepare makes them with
 * malloc, the runner frees them, whatever prepare returns. */
struct study_command {
    char **argv; /* ends with NULL; argv[0] is a path, or looked for in PATH */
    char **environment; /* "NAME=value", ends with NULL: in addition to those
                           of this process, or in their place; may be NULL */
};

/* Where and with what a trial runs. Borrowed. */
struct study_place {
    const char *folder; /* absolute path; exists, empty, the trial's own */
    int threads;        /* that the trial may use, >= 1 */
    int slot;           /* which of the jobs it is, from 0 */
};

/* What came out of a process. Borrowed. */
struct study_output {
    const struct study_place *place;
    int exit_status;    /* 0 ... 255; -1: a signal or the time limit ended it */
    const char *why;    /* NULL after exit 0, else in words: "exit status 1",
                           "killed by signal 9 (out of memory?)", "ran longer
                           than 60 s" */
    const char *errors; /* the end of standard error, at most STUDY_ERROR_BYTES,
                           ends with NUL; "" if it was silent */
    const struct study_lines *lines; /* of standard output */
    double seconds;
};

#define STUDY_ERROR_BYTES 4096 /* STUDY_TAIL_BYTES */

struct study_task {
    /* Says what to run for `t`. After STUDY_E_USAGE the trial is STUDY_FAILED
     * with the message of *err, and others go on; any other failure is not of
     * the trial, which waits again, and ends the run. */
    enum study_status (*prepare)(void *ctx, const struct study_trial *t,
                                 const struct study_place *place,
                                 struct study_command *out,
                                 struct study_error *err);

    /* Fills in what came of the trial: state, metric, error, curve, summary,
     * machine; it comes with `seconds` and `started_at` set and with what
     * study_collect_lines makes of the output, which is all that a command with
     * JSON lines needs: NULL is legal. Texts are replaced by freeing the old.
     * On failure the trial is STUDY_FAILED with the message of *err. */
    enum study_status (*collect)(void *ctx, struct study_trial *t,
                                 const struct study_output *output,
                                 struct study_error *err);

    /* Told that a trial has begun (STUDY_RUNNING) or ended; may be NULL. */
    void (*progress)(void *ctx, const struct study_trial *t);

    const char *metric_key; /* of the result's JSON object: "metric" */
    void *ctx;
};

/* What a command that prints JSON lines (study/result.h) came to: failed unless
 * it exited with 0 and printed a result, diverged if the metric is no number,
 * else done. The base of `collect`. */
enum study_status study_collect_lines(struct study_trial *t,
                                      const struct study_output *output,
                                      struct study_error *err);

/* -------------------------------------------------------------------- how */

struct study_runner {
    struct study_source source;
    struct study_task task;
    int jobs;           /* trials at a time, >= 1 */
    int threads;        /* that each may use, >= 1; told to it by
                           OMP_NUM_THREADS and TAPER_THREADS */
    double timeout;     /* seconds after which a trial is killed; 0: never */
    double grace;       /* seconds between asking a trial to end and killing it;
                           0: STUDY_GRACE_SECONDS */
    const char *folder; /* trials get folders below it, named by id; made for
                           the run if its parent exists */
    bool keep;          /* keep these folders; else those of trials that did not
                           fail are removed, and at the end `folder` if it is
                           empty */
    bool (*stopped)(void *ctx); /* whether a person asked to stop, looked at
                                   whenever a signal came and ten times a
                                   second; NULL: nobody can */
    void *ctx;                  /* of `stopped` */
};

/* Runs trials until the source has no more.
 *
 * When `stopped` says so, or the source fails, no trial is begun any more;
 * those that run are asked to end (SIGTERM to each one's group of processes)
 * and killed after `grace`, and are handed back as STUDY_WAITING. Whichever way
 * this process ends, the processes of its trials end with it, those that they
 * started included.
 *
 * A trial that fails is a result. Returns STUDY_OK when all is done,
 * STUDY_E_STOPPED, STUDY_E_PROCESS if no process can be started, or what the
 * source or `prepare` returned. */
enum study_status study_run(const struct study_runner *r,
                            struct study_error *err);

#define STUDY_GRACE_SECONDS 5.0

#endif
