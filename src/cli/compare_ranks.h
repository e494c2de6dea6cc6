/* A study whose trials run in several processes that mpirun or srun started,
 * perhaps on several machines: study/ranks.h, as `taper compare` uses it.
 *
 * Rank 0 has the study's file and is the only one that prints. */
#ifndef CLI_COMPARE_RANKS_H
#define CLI_COMPARE_RANKS_H

#include <stdbool.h>
#include <sys/types.h>

#include "cli/compare_study.h"
#include "study/ranks.h"
#include "study/runner.h"
#include "study/temporary.h"

struct compare_ranks {
    int rank, size; /* size 1: this process is the only one; nothing else
                       below counts then */
    struct study_ranks how;
    pid_t parent;                  /* without it there is nobody to work for */
    struct study_temporary folder; /* of this rank's trials */
    bool met, whole;   /* the others were met, and have left as they should */
    int words, errors; /* while a rank may not print: where it prints to, and
                          standard error; -1: it may */
};

/* Finds out whether this process is one of several, and joins the others.
 * Complains and returns the status to exit with if that fails, else CLI_GO. */
int compare_ranks_begin(struct compare_ranks *r);

/* Whether this process is to hand its source over to another, by
 * compare_ranks_work: it is not the only one, and not rank 0. */
bool compare_ranks_is_worker(const struct compare_ranks *r);

/* Any rank but 0: runs trials of `s` as long as rank 0 has some. */
int compare_ranks_work(struct compare_ranks *r, const struct compare_study *s,
                       const struct compare_options *o);

/* Where this rank's trials have their folders: on its own machine, unless they
 * are to be kept: then it is NULL. Complains if none can be made. */
int compare_ranks_folder(struct compare_ranks *r,
                         const struct compare_options *o, const char **folder);

/* Rank 0: study_run for all ranks together. */
enum study_status compare_ranks_serve(struct compare_ranks *r,
                                      const struct study_runner *runner,
                                      void (*say)(void *ctx, const char *line),
                                      void *ctx, struct study_error *err);

/* Leaves the others, with the status that this process is to exit with, and
 * returns it. With a lost rank rank 0 does not return. */
int compare_ranks_end(struct compare_ranks *r, int status);

#endif
