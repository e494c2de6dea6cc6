/* A job without a network, for tests of the loop: a few hundred weights that
 * are drawn to a target which moves with the step. */
#ifndef TAPER_TESTS_TOY_H
#define TAPER_TESTS_TOY_H

#include "task/loop.h"

#include <stdio.h>

enum { SIZE = 300, BUFFERS = 7, STEPS = 23, EPOCH = 5 };

struct toy {
    float weights[SIZE], gradients[SIZE], buffers[BUFFERS];
    struct task_part parts[2];
    unsigned char state[13]; /* begins with ticks; the buffers feel its end */
    bool clocked;            /* the schedule counts ticks, not updates */
    int64_t nan_loss_at, nan_gradient_at, nan_score_at, stop_at; /* -1: never */
    int64_t frozen_from; /* the second half of the weights */
    int64_t command_at;  /* the step of a SIGUSR1; -1: none */
    void (*set)(int64_t step, struct task_knobs *knobs); /* NULL: nothing */
    float *trace; /* [STEPS][SIZE] weights before each update; may be NULL */
    int prepared; /* calls, which come before each step */
    int stop_in;  /* the evaluation that a signal ends, from 1; 0: none */
    int evaluations, seeks;
    int64_t first;
};

/* Before its first update. */
void toy_reset(struct toy *t);

/* So many ticks have gone by before update `step`: none, one or two in each. */
int64_t toy_ticks(int64_t step);

/* The gradients of update `step` by the weights as they are, and its loss. */
enum task_status toy_step(void *self, int64_t step, double *loss,
                          struct task_error *err);

/* How the toy is trained; every test changes what it is about. */
struct toy_setup {
    const char *schedule, *rule;
    double clip, checkpoint_every;
    int64_t lookahead, eval_every, log_every;
    const char *controller; /* NULL: none */
    size_t monitor;
    double momentum; /* of sgd; 0 usually, whose moves are easily said */
    void (*set)(int64_t step, struct task_knobs *knobs);
    int64_t command_at; /* 0: never */
    bool clocked;
    FILE *notes;                    /* what a person would see; NULL: nothing */
    const struct task_watch *watch; /* NULL: none */
};

/* Adam with a warm-up, scored after each epoch and logged after each update. */
extern const struct toy_setup toy_usual;

/* A schedule of a run of STEPS steps; the caller frees it. */
taper_schedule *toy_parse(const char *text);

/* Trains it in a folder, from the checkpoint if there is one. */
enum task_status toy_run(struct toy *t, const struct toy_setup *u,
                         const char *folder, struct task_counters *counters,
                         struct task_error *err);

/* The metrics.csv of a folder. */
void toy_table(const char *folder, struct task_table *table);

/* Stops after every step in turn, and continues with a toy that knows nothing:
 * same weights, same log. Returns the counters of the run that was not
 * stopped. */
struct task_counters toy_stop_anywhere(void **state, struct toy_setup u);

#endif
