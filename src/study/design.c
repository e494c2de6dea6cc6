/* Which trials a plan consists of, and which can run now: see design.h.
 *
 * The trials of one schedule, budget, role and peak, which differ in their
 * seeds, are a lane. Where a lane's trials may run up to now, and from where on
 * they are given up, is decided first; then all lanes are written out, seed by
 * seed, so that a study which is cut short has as many seeds of each schedule
 * as of the others. */
#include "study/design.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "study/design_text.h"

struct lane {
    size_t entry; /* of the plan */
    enum study_role role;
    double peak;       /* 0: as written */
    char *schedule;    /* owned; NULL while the peak is not known */
    int64_t seeds;     /* of the lane; its first seed is that of its role */
    int64_t limit;     /* seeds that may run now, <= seeds */
    int64_t keep;      /* seeds after which it is given up, <= seeds */
    bool given_up_yet; /* what was given up is stored as such */
};

/* One call's work. */
struct design {
    const struct study_plan *plan;
    const struct study_trial **sorted; /* [count]: the trials by identity */
    size_t count;
    const struct study_trials *trials;
    struct study_next *out;
    struct study_error *err;
};

static enum study_status no_memory(struct study_error *err)
{
    return study_fail(err, STUDY_E_MEMORY, "out of memory");
}

/* ------------------------------------------------------------- trials so far
 */

static int order(double a, double b)
{
    return (a > b) - (a < b);
}

static int compare_trials(const void *left, const void *right)
{
    const struct study_trial *a = *(const struct study_trial *const *)left;
    const struct study_trial *b = *(const struct study_trial *const *)right;
    if (a->seed != b->seed) return a->seed < b->seed ? -1 : 1;
    if (a->role != b->role) return a->role < b->role ? -1 : 1;
    int c = order(a->budget, b->budget);
    if (!c) c = order(a->peak, b->peak);
    return c ? c : strcmp(a->schedule, b->schedule);
}

static int64_t first_seed(enum study_role role)
{
    return role == STUDY_TUNE ? STUDY_TUNE_SEED : 0;
}

/* Trial number `i` of a lane as it is known; NULL if it is not there. */
static const struct study_trial *
find(const struct design *d, const struct lane *lane, double budget, int64_t i)
{
    if (!lane->schedule || !d->count) return NULL;
    const struct study_trial key = {.schedule = lane->schedule,
                                    .role = lane->role,
                                    .peak = lane->peak,
                                    .budget = budget,
                                    .seed = first_seed(lane->role) + i};
    const struct study_trial *wanted = &key;
    const struct study_trial **found =
        bsearch(&wanted, d->sorted, d->count, sizeof *d->sorted,
                compare_trials);
    return found ? *found : NULL;
}

/* A result, good or bad: what was given up may still be wanted now. */
static bool has_result(const struct study_trial *t)
{
    return t && study_state_over(t->state) && t->state != STUDY_HALVED;
}

static bool has_results(const struct design *d, const struct lane *lane,
                        double budget, int64_t seeds)
{
    for (int64_t i = 0; i < seeds; i++)
        if (!has_result(find(d, lane, budget, i))) return false;
    return lane->schedule != NULL;
}

/* ------------------------------------------------------------------ halving */

/* A lane's first seeds, all of which have results. */
struct standing {
    size_t lane;
    size_t bad;  /* that diverged or failed */
    double mean; /* of the others, turned so that more is better */
};

static double goodness(const struct design *d, const struct study_trial *t)
{
    return d->plan->maximize ? t->metric : -t->metric;
}

static struct standing stand(const struct design *d, const struct lane *lanes,
                             size_t lane, double budget, int64_t seeds)
{
    struct standing s = {.lane = lane};
    double sum = 0.0;
    for (int64_t i = 0; i < seeds; i++) {
        const struct study_trial *t = find(d, &lanes[lane], budget, i);
        if (t->state == STUDY_DONE)
            sum += goodness(d, t);
        else
            s.bad++;
    }
    const double good = (double)seeds - (double)s.bad;
    s.mean = good > 0.0 ? sum / good : -(double)INFINITY;
    return s;
}

/* The best first; of equals the lane that comes first. */
static int compare_standings(const void *left, const void *right)
{
    const struct standing *a = left, *b = right;
    if (a->bad != b->bad) return a->bad < b->bad ? -1 : 1;
    const int c = order(b->mean, a->mean);
    return c ? c : (a->lane > b->lane) - (a->lane < b->lane);
}

/* Whether a lane is worse than the best one by a one-sided paired t test at the
 * 5 % level over the seeds at which both are done. */
static bool clearly_worse(const struct design *d, const struct lane *best,
                          const struct lane *lane, double budget, int64_t seeds)
{
    double n = 0.0, mean = 0.0, squares = 0.0; /* Welford's running sums */
    for (int64_t i = 0; i < seeds; i++) {
        const struct study_trial *a = find(d, best, budget, i);
        const struct study_trial *b = find(d, lane, budget, i);
        if (a->state != STUDY_DONE || b->state != STUDY_DONE) continue;
        const double gap = goodness(d, a) - goodness(d, b);
        const double off = gap - mean;
        n += 1.0;
        mean += off / n;
        squares += off * (gap - mean);
    }
    if (n < 2.0 || !(mean > 0.0)) return false;
    const double error = sqrt(squares / (n - 1.0) / n);
    return mean > gsl_cdf_tdist_Pinv(0.95, n - 1.0) * error;
}

/* Whether a lane whose place is in the worse half is given up. */
static bool hopeless(const struct design *d, const struct lane *lanes,
                     const struct standing *best, const struct standing *s,
                     double budget, int64_t seeds)
{
    if (lanes[s->lane].role == STUDY_TUNE) return true;
    if (s->bad > best->bad && 2 * (int64_t)s->bad >= seeds) return true;
    return clearly_worse(d, &lanes[best->lane], &lanes[s->lane], budget, seeds);
}

/* The seeds of the first round, and of the one after `seeds`. */
static int64_t first_round(const struct lane *lane)
{
    const int64_t quarter = (lane->seeds + 3) / 4;
    const int64_t first = lane->role == STUDY_TUNE ? 1
                          : quarter > 2            ? quarter
                                                   : 2;
    return first < lane->seeds ? first : lane->seeds;
}

static int64_t next_round(const struct lane *lane, int64_t seeds)
{
    return 2 * seeds < lane->seeds ? 2 * seeds : lane->seeds;
}

/* One round: after `seeds` seeds of all `count` lanes that are left, whose
 * standings are in `table`, gives up the hopeless. Returns how many remain, in
 * the front of the table. */
static size_t drop(const struct design *d, struct lane *lanes,
                   struct standing *table, size_t count, double budget,
                   int64_t seeds)
{
    for (size_t k = 0; k < count; k++)
        table[k] = stand(d, lanes, table[k].lane, budget, seeds);
    qsort(table, count, sizeof *table, compare_standings);
    size_t kept = (count + 1) / 2;
    for (size_t k = kept; k < count; k++)
        if (hopeless(d, lanes, &table[0], &table[k], budget, seeds))
            lanes[table[k].lane].keep = seeds;
        else
            table[kept++] = table[k];
    return kept;
}

/* Sets limit and keep of lanes that compete. Without halving all may run. */
static enum study_status rounds(const struct design *d, struct lane *lanes,
                                size_t count, double budget)
{
    for (size_t k = 0; k < count; k++)
        lanes[k].limit = lanes[k].keep = lanes[k].seeds;
    if (!d->plan->halving || !count) return STUDY_OK;

    struct standing *table = calloc(count, sizeof *table);
    if (!table) return no_memory(d->err);
    size_t left = count;
    for (size_t k = 0; k < count; k++)
        table[k].lane = k;
    for (int64_t seeds = first_round(lanes);;) {
        bool known = true;
        for (size_t k = 0; k < left; k++) {
            struct lane *lane = &lanes[table[k].lane];
            lane->limit = seeds;
            known = known && has_results(d, lane, budget, seeds);
        }
        if (!known || seeds == lanes[0].seeds) break;
        left = drop(d, lanes, table, left, budget, seeds);
        seeds = next_round(lanes, seeds);
    }
    free(table);
    for (size_t k = 0; k < count; k++)
        if (lanes[k].limit > lanes[k].keep) lanes[k].limit = lanes[k].keep;
    return STUDY_OK;
}

/* -------------------------------------------------------------- writing out */

/* A trial of a lane, as the store has it or as it is to be. */
static enum study_status want(const struct design *d, const struct lane *lane,
                              double budget, int64_t i, enum study_state state,
                              struct study_trials *list)
{
    const struct study_entry *entry = &d->plan->entries[lane->entry];
    const struct study_trial *known = find(d, lane, budget, i);
    struct study_trial t = {.name = strdup(entry->name),
                            .spec = study_normal_text(entry->spec),
                            .schedule = strdup(lane->schedule),
                            .peak = lane->peak,
                            .budget = budget,
                            .seed = first_seed(lane->role) + i,
                            .role = lane->role,
                            .state = known ? known->state : STUDY_WAITING,
                            .id = known ? known->id : 0,
                            .metric = (double)NAN};
    if (state == STUDY_HALVED) {
        t.state = STUDY_HALVED;
    } else if (t.state == STUDY_HALVED) {
        t.state = STUDY_WAITING; /* given up before, and wanted after all */
        t.id = 0;
    }
    if (t.name && t.spec && t.schedule && study_trials_push(list, &t))
        return STUDY_OK;
    study_trial_clear(&t);
    return no_memory(d->err);
}

/* A trial that is there under another name would answer for this one, and be
 * reported under the name that nobody gave. */
static enum study_status check_name(const struct design *d,
                                    const struct lane *lane,
                                    const struct study_trial *known)
{
    const struct study_entry *entry = &d->plan->entries[lane->entry];
    if (!known || strcmp(known->name, entry->name) == 0) return STUDY_OK;
    return study_fail(d->err, STUDY_E_USAGE,
                      "the schedule %s is called '%s' in this study, not "
                      "'%s': call it so, or use another --db",
                      entry->spec, known->name, entry->name);
}

/* Trial number `i` of a lane: to run, to be given up, or neither. */
static enum study_status write_trial(const struct design *d, struct lane *lane,
                                     double budget, int64_t i)
{
    const struct study_trial *known = find(d, lane, budget, i);
    const enum study_status status = check_name(d, lane, known);
    if (status) return status;
    d->out->over += has_result(known);
    if (i < lane->keep || has_result(known)) d->out->total++;
    if (has_result(known)) return STUDY_OK;
    if (i < lane->limit && i < lane->keep)
        return want(d, lane, budget, i, STUDY_WAITING, &d->out->run);
    if (i < lane->keep || (known && known->state != STUDY_WAITING))
        return STUDY_OK;
    lane->given_up_yet = false;
    return want(d, lane, budget, i, STUDY_HALVED, &d->out->give_up);
}

static enum study_status write_lanes(const struct design *d, struct lane *lanes,
                                     size_t count, double budget)
{
    int64_t most = 0;
    for (size_t k = 0; k < count; k++) {
        lanes[k].given_up_yet = true;
        if (lanes[k].seeds > most) most = lanes[k].seeds;
    }
    for (int64_t i = 0; i < most; i++)
        for (size_t k = 0; k < count; k++) {
            if (i >= lanes[k].seeds) continue;
            const enum study_status status =
                write_trial(d, &lanes[k], budget, i);
            if (status) return status;
        }
    return STUDY_OK;
}

/* ------------------------------------------------------------------- budgets
 */

static enum study_status set_text(const struct design *d, struct lane *lane,
                                  double budget)
{
    const struct study_entry *entry = &d->plan->entries[lane->entry];
    taper_run run;
    if (d->plan->run) {
        run = *d->plan->run;
        if (budget > 0.0) run.steps = (int64_t)budget;
    }
    return study_schedule_text(entry->spec, lane->peak,
                               d->plan->run ? &run : NULL, &lane->schedule,
                               d->err);
}

/* Two entries that run the same are one entry with two names. The lanes of an
 * entry are `stride` apart. */
static enum study_status
check_different(const struct design *d, const struct lane *lanes, size_t stride)
{
    const struct study_entry *entries = d->plan->entries;
    for (size_t a = 0; a < d->plan->entry_count; a++)
        for (size_t b = a + 1; b < d->plan->entry_count; b++) {
            const struct lane *x = &lanes[a * stride], *y = &lanes[b * stride];
            if (x->schedule && y->schedule && order(x->peak, y->peak) == 0 &&
                strcmp(x->schedule, y->schedule) == 0)
                return study_fail(d->err, STUDY_E_USAGE,
                                  "'%s' and '%s' are the same schedule (%s): "
                                  "leave one out",
                                  entries[a].name, entries[b].name,
                                  entries[b].spec);
        }
    return STUDY_OK;
}

/* Makes the lanes of one budget with the peaks of the plan: [entry][peak]. */
static enum study_status tuning_lanes(const struct design *d, double budget,
                                      struct lane *lanes)
{
    const struct study_plan *p = d->plan;
    for (size_t e = 0; e < p->entry_count; e++)
        for (size_t k = 0; k < p->peak_count; k++) {
            struct lane *lane = &lanes[e * p->peak_count + k];
            *lane = (struct lane){.entry = e,
                                  .role = STUDY_TUNE,
                                  .peak = p->peaks[k],
                                  .seeds = p->peak_seeds};
            const enum study_status made = set_text(d, lane, budget);
            if (made) return made;
        }
    enum study_status status = check_different(d, lanes, p->peak_count);
    for (size_t e = 0; e < p->entry_count && !status; e++)
        status = rounds(d, &lanes[e * p->peak_count], p->peak_count, budget);
    if (status) return status;
    return write_lanes(d, lanes, p->entry_count * p->peak_count, budget);
}

/* The peak to judge entry `e` at: its best one, the only one, or none (0).
 * False while that is not known. */
static bool scoring_peak(const struct design *d, const struct lane *tuning,
                         size_t e, double budget, double *peak)
{
    const struct study_plan *p = d->plan;
    *peak = p->peak_count ? p->peaks[0] : 0.0;
    if (p->peak_count < 2) return true;
    for (size_t k = 0; k < p->peak_count; k++) {
        const struct lane *lane = &tuning[e * p->peak_count + k];
        if (!lane->given_up_yet || !has_results(d, lane, budget, lane->keep))
            return false;
    }
    *peak = study_best_peak(d->trials, p->entries[e].name, budget, p->maximize)
                .best;
    return *peak > 0.0;
}

static enum study_status scoring_lanes(const struct design *d, double budget,
                                       const struct lane *tuning,
                                       struct lane *lanes)
{
    const struct study_plan *p = d->plan;
    for (size_t e = 0; e < p->entry_count; e++) {
        double peak;
        const bool known = scoring_peak(d, tuning, e, budget, &peak);
        lanes[e] = (struct lane){.entry = e,
                                 .role = STUDY_SCORE,
                                 .peak = peak,
                                 .seeds = p->seeds};
        const enum study_status status =
            known ? set_text(d, &lanes[e], budget) : STUDY_OK;
        if (status) return status;
    }
    enum study_status status = check_different(d, lanes, 1);
    if (!status) status = rounds(d, lanes, p->entry_count, budget);
    for (size_t e = 0; e < p->entry_count; e++)
        if (!lanes[e].schedule) lanes[e].limit = 0;
    if (!status) status = write_lanes(d, lanes, p->entry_count, budget);
    return status;
}

static enum study_status one_budget(const struct design *d, double budget)
{
    const struct study_plan *p = d->plan;
    const size_t tuning =
        p->peak_count > 1 ? p->entry_count * p->peak_count : 0;
    struct lane *lanes = calloc(tuning + p->entry_count, sizeof *lanes);
    if (!lanes) return no_memory(d->err);
    enum study_status status = STUDY_OK;
    if (tuning) status = tuning_lanes(d, budget, lanes);
    if (!status) status = scoring_lanes(d, budget, lanes, lanes + tuning);
    for (size_t k = 0; k < tuning + p->entry_count; k++)
        free(lanes[k].schedule);
    free(lanes);
    return status;
}

/* -------------------------------------------------------------------- plans */

static enum study_status check_plan(const struct study_plan *p,
                                    struct study_error *err)
{
    if (p->seeds < 1 || p->seeds > STUDY_TUNE_SEED)
        return study_fail(err, STUDY_E_USAGE,
                          "a study has 1 to %d seeds, not %lld",
                          (int)STUDY_TUNE_SEED, (long long)p->seeds);
    if (p->peak_count > 1 && p->peak_seeds < 1)
        return study_fail(err, STUDY_E_USAGE,
                          "a peak needs at least one seed to be tried with");
    for (size_t a = 0; a < p->entry_count; a++)
        for (size_t b = a + 1; b < p->entry_count; b++)
            if (strcmp(p->entries[a].name, p->entries[b].name) == 0)
                return study_fail(err, STUDY_E_USAGE,
                                  "two schedules are called '%s': give each a "
                                  "name of its own, as in name=SPEC",
                                  p->entries[a].name);
    return STUDY_OK;
}

enum study_status study_design_next(const struct study_plan *plan,
                                    const struct study_trials *trials,
                                    struct study_next *out,
                                    struct study_error *err)
{
    *out = (struct study_next){0};
    enum study_status status = check_plan(plan, err);
    if (status) return status;
    struct design d = {.plan = plan,
                       .count = trials->count,
                       .trials = trials,
                       .out = out,
                       .err = err};
    d.sorted = malloc((trials->count + 1) * sizeof *d.sorted);
    if (!d.sorted) return no_memory(err);
    for (size_t i = 0; i < trials->count; i++)
        d.sorted[i] = &trials->items[i];
    qsort(d.sorted, d.count, sizeof *d.sorted, compare_trials);
    if (!plan->budget_count) status = one_budget(&d, 0.0);
    for (size_t i = 0; i < plan->budget_count && !status; i++)
        status = one_budget(&d, plan->budgets[i]);
    free(d.sorted);
    if (status) study_next_clear(out);
    return status;
}

void study_next_clear(struct study_next *next)
{
    study_trials_clear(&next->run);
    study_trials_clear(&next->give_up);
    *next = (struct study_next){0};
}
