/* The trials of a plan as a source for runners: see store_queue.h. */
#include "study/store_queue.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Another process's results are looked at this often while we have trials of
 * our own; without any, whenever we are asked. In seconds. */
#define LOOK_SECONDS 1.0

struct study_queue {
    struct study_store *store;
    const struct study_plan *plan;
    struct study_trials trials; /* all in the store, as they were last read */
    struct study_next next;
    int64_t *ids; /* [id_count]: of next.run, those that waited */
    size_t id_count;
    int64_t version; /* of the store when it was read */
    double looked;   /* when that was */
};

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Stores trials that the store does not have as they are here; *changed becomes
 * true if there are such. */
static enum study_status store_new(struct study_queue *q,
                                   struct study_trials *list, bool *changed,
                                   struct study_error *err)
{
    bool any = false;
    for (size_t i = 0; i < list->count; i++)
        any = any || list->items[i].id == 0 ||
              list->items[i].state == STUDY_HALVED;
    if (!any) return STUDY_OK;
    *changed = true;
    return study_store_add(q->store, list->items, list->count, NULL, err);
}

static enum study_status collect_ids(struct study_queue *q,
                                     struct study_error *err)
{
    const struct study_trials *run = &q->next.run;
    int64_t *ids = realloc(q->ids, (run->count + 1) * sizeof *ids);
    if (!ids) return study_fail(err, STUDY_E_MEMORY, "out of memory");
    q->ids = ids;
    q->id_count = 0;
    for (size_t i = 0; i < run->count; i++)
        if (run->items[i].state == STUDY_WAITING)
            ids[q->id_count++] = run->items[i].id;
    return STUDY_OK;
}

/* Reads the store and finds out what can run. What is stored then is read once
 * more: giving trials up may settle what was open. */
static enum study_status refresh(struct study_queue *q, struct study_error *err)
{
    enum study_status status = study_store_reclaim(q->store, NULL, err);
    bool again = true;
    while (!status && again) {
        again = false;
        study_next_clear(&q->next);
        study_trials_clear(&q->trials);
        status = study_store_version(q->store, &q->version, err);
        if (!status)
            status = study_store_list(q->store, STUDY_BRIEF, &q->trials, err);
        if (!status)
            status = study_design_next(q->plan, &q->trials, &q->next, err);
        if (!status) status = store_new(q, &q->next.run, &again, err);
        if (!status) status = store_new(q, &q->next.give_up, &again, err);
    }
    q->looked = now();
    return status ? status : collect_ids(q, err);
}

enum study_status study_queue_create(struct study_queue **out,
                                     struct study_store *store,
                                     const struct study_plan *plan,
                                     struct study_error *err)
{
    *out = NULL;
    struct study_queue *q = calloc(1, sizeof *q);
    if (!q) return study_fail(err, STUDY_E_MEMORY, "out of memory");
    q->store = store;
    q->plan = plan;
    const enum study_status status = refresh(q, err);
    if (status)
        study_queue_free(q);
    else
        *out = q;
    return status;
}

void study_queue_free(struct study_queue *q)
{
    if (!q) return;
    study_trials_clear(&q->trials);
    study_next_clear(&q->next);
    free(q->ids);
    free(q);
}

/* ------------------------------------------------------------------- source */

/* Keeps what was read from the store up to date with what we did to it. */
static void note(struct study_queue *q, const struct study_trial *t)
{
    for (size_t i = 0; i < q->trials.count; i++) {
        struct study_trial *known = &q->trials.items[i];
        if (known->id != t->id) continue;
        known->state = t->state;
        known->metric = t->metric;
        known->seconds = t->seconds;
    }
}

/* Claims the first trial that can run; what is before it has gone to others. */
static enum study_status claim(struct study_queue *q, struct study_trial *out,
                               bool *claimed, struct study_error *err)
{
    *claimed = false;
    if (!q->id_count) return STUDY_OK;
    const enum study_status status =
        study_store_claim(q->store, q->ids, q->id_count, out, claimed, err);
    if (status) return status;
    size_t used = 0;
    while (*claimed && used < q->id_count && q->ids[used] != out->id)
        used++;
    used = *claimed ? used + 1 : q->id_count;
    q->id_count -= used;
    (void)memmove(q->ids, q->ids + used, q->id_count * sizeof *q->ids);
    if (*claimed) note(q, out);
    return STUDY_OK;
}

/* Whether others may have changed the store since we read it. */
static enum study_status is_old(struct study_queue *q, bool *old,
                                struct study_error *err)
{
    int64_t version;
    *old = false;
    if (now() - q->looked < LOOK_SECONDS) return STUDY_OK;
    const enum study_status status =
        study_store_version(q->store, &version, err);
    *old = version != q->version;
    if (!*old) q->looked = now();
    return status;
}

static enum study_status take(void *ctx, struct study_trial *out,
                              enum study_take *answer, struct study_error *err)
{
    struct study_queue *q = ctx;
    bool claimed = false, old;
    *out = (struct study_trial){0};
    *answer = STUDY_LATER;
    enum study_status status = is_old(q, &old, err);
    if (!status && old) status = refresh(q, err);
    if (!status) status = claim(q, out, &claimed, err);
    if (!status && !claimed) {
        status = refresh(q, err);
        if (!status) status = claim(q, out, &claimed, err);
    }
    if (status) return status;
    if (claimed)
        *answer = STUDY_TAKEN;
    else if (q->next.over == q->next.total)
        *answer = STUDY_NEVER;
    return STUDY_OK;
}

static enum study_status give(void *ctx, const struct study_trial *t,
                              struct study_error *err)
{
    struct study_queue *q = ctx;
    const enum study_status status = study_store_finish(q->store, t, err);
    if (status) return status;
    note(q, t);
    q->next.over += study_state_over(t->state);
    return STUDY_OK;
}

struct study_source study_queue_source(struct study_queue *q)
{
    return (struct study_source){.take = take, .give = give, .ctx = q};
}

/* -------------------------------------------------------------------- looks */

static bool counts(const struct study_trial *t)
{
    return t->role == STUDY_SCORE && t->state == STUDY_DONE;
}

static bool same_score(const struct study_trial *a, const struct study_trial *b)
{
    return !(a->budget < b->budget) && !(a->budget > b->budget) &&
           strcmp(a->name, b->name) == 0;
}

/* The mean of the scoring trials with the name and the budget of trial `i`, if
 * it is the first of them; else NaN. */
static double mean_from(const struct study_trials *trials, size_t i)
{
    const struct study_trial *first = &trials->items[i];
    double sum = 0.0, n = 0.0;
    if (!counts(first)) return (double)NAN;
    for (size_t k = 0; k < trials->count; k++) {
        const struct study_trial *t = &trials->items[k];
        if (!counts(t) || !same_score(t, first)) continue;
        if (k < i) return (double)NAN;
        sum += t->metric;
        n += 1.0;
    }
    return sum / n;
}

static void look_at_best(const struct study_queue *q,
                         struct study_queue_state *s)
{
    for (size_t i = 0; i < q->trials.count; i++) {
        const double mean = mean_from(&q->trials, i);
        if (isnan(mean)) continue;
        if (s->best_name &&
            (q->plan->maximize ? mean <= s->best : mean >= s->best))
            continue;
        s->best = mean;
        s->best_name = q->trials.items[i].name;
    }
}

struct study_queue_state study_queue_look(const struct study_queue *q)
{
    struct study_queue_state s = {.total = q->next.total,
                                  .over = q->next.over,
                                  .best = (double)NAN};
    double ran = 0.0;
    for (size_t i = 0; i < q->trials.count; i++) {
        const struct study_trial *t = &q->trials.items[i];
        s.running += t->state == STUDY_RUNNING;
        if (!study_state_over(t->state) || !(t->seconds > 0.0)) continue;
        s.trial_seconds += t->seconds;
        ran += 1.0;
    }
    if (ran > 0.0) s.trial_seconds /= ran;
    look_at_best(q, &s);
    return s;
}
