/* The trials of a plan as a source for runners: looks into the store, asks the
 * design what can run, claims, and stores results. One process has it; what
 * runs elsewhere reaches it through a source of its own. */
#ifndef TAPER_STUDY_STORE_QUEUE_H
#define TAPER_STUDY_STORE_QUEUE_H

#include "study/design.h"
#include "study/runner.h"
#include "study/store.h"

struct study_queue;

/* Prepares the plan for running: adds what can run to the store. Both are
 * borrowed for the life of the queue. The caller owns *out, NULL on failure. */
enum study_status study_queue_create(struct study_queue **out,
                                     struct study_store *store,
                                     const struct study_plan *plan,
                                     struct study_error *err);
void study_queue_free(struct study_queue *q); /* NULL is legal */

/* Its two functions, for struct study_runner; valid as long as the queue. */
struct study_source study_queue_source(struct study_queue *q);

/* How far the plan is, others' work on the same store included. */
struct study_queue_state {
    size_t total;   /* as far as it is known now: the plan's, without halved */
    size_t over;    /* of these done, failed or diverged */
    size_t running; /* here or elsewhere */
    double trial_seconds;  /* that a trial takes on average; 0: not known yet */
    double best;           /* metric of the best scoring trial; NaN: none yet */
    const char *best_name; /* its schedule's; valid until the next call; NULL */
};
struct study_queue_state study_queue_look(const struct study_queue *q);

#endif
