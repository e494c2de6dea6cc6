/* Fitting a law: checks, starts, descents, and the summary of the best. */
#include "law/fit.h"

#include <stdlib.h>

/* The clock where the runs do not say: measured on the runs of a dozen models,
 * it predicts other peak rates far better than 1, and the same one as well. */
static const double usual_clock = 0.6;

/* A change of a parameter by a factor of e then weighs as much as one residual
 * at the corner of the usual Huber's function. On the two sets of curves that
 * the tests fit, predictions are a tenth nearer than without a prior. */
static const double usual_prior = 1e-3;

/* Runs with more points are binned to this many: the parameters are few, and
 * the time of a fit goes with the points. To find the way from all starts a
 * few hundred points are enough. */
enum { POINTS = 1000, START_POINTS = 200, START_POINTS_RUN = 24 };

/* Of so many starts one end is followed to the end, if it is different. */
enum { STARTS_PER_END = 3 };

taper_law_fit_options taper_law_fit_defaults(void)
{
    return (taper_law_fit_options){
        .kind = TAPER_LAW_MULTI_POWER,
        .clock = (double)NAN,
        .huber = 1e-3,
        .prior = (double)NAN,
        .skip = 1.0,
        .starts = 12,
    };
}

static taper_law_status check_options(const taper_law_fit_options *o,
                                      taper_law_error *err)
{
    const char *wrong = NULL;
    if (!taper_law_kind_name(o->kind)) wrong = "there is no such law";
    if (!isnan(o->clock) && !(o->clock > 0.0 && o->clock <= 1.0))
        wrong = "the clock has to be above 0 and at most 1";
    if (!(o->huber > 0.0)) wrong = "huber has to be above 0";
    if (o->prior < 0.0) wrong = "the weight of the prior has to be at least 0";
    if (!(o->skip >= 0.0)) wrong = "skip has to be at least 0";
    if (o->starts < 1 || o->starts > LAW_STARTS)
        wrong = "there have to be 1 to 64 starts";
    for (int i = 0; i < TAPER_LAW_CLOCK; i++) {
        if (!o->fixed[i]) continue;
        const double v = o->values[i];
        const bool below = i == TAPER_LAW_LAMBDA  ? v >= 0.0 && v < 1.0
                           : i == TAPER_LAW_GAMMA ? v >= 0.0
                                                  : v > 0.0;
        if (!below || !isfinite(v))
            wrong = "a fixed parameter is out of its range";
    }
    if (!wrong) return TAPER_LAW_OK;
    return law_fail(err, TAPER_LAW_E_ARGUMENT, 0, 0, "%s", wrong);
}

static double peak_of(const taper_law_run *run)
{
    double peak = 0.0;
    for (size_t t = 0; t < run->steps; t++)
        peak = fmax(peak, run->rates[t]);
    return peak;
}

/* Whether peak rates differ by a tenth. */
static bool peaks_differ(const taper_law_run *runs, size_t count)
{
    double low = HUGE_VAL, high = 0.0;
    for (size_t i = 0; i < count; i++) {
        low = fmin(low, peak_of(&runs[i]));
        high = fmax(high, peak_of(&runs[i]));
    }
    return high >= 1.1 * low;
}

/* Losses that differ by less of themselves are the same. */
static const double rounding = 1e-6;

/* The mean of some points' losses. */
static double mean_loss(const struct law_point *point, size_t n)
{
    double mean = 0.0;
    for (size_t i = 0; i < n; i++)
        mean += point[i].loss / (double)n;
    return mean;
}

/* Of fewer points noise may well raise the last above the first. */
enum { TELLING = 5 };

/* Each run has to end lower than it began, by more than its rounding. */
static taper_law_status check_fall(const struct law_problem *p, size_t from,
                                   size_t n, taper_law_error *err)
{
    const size_t part = (n + 9) / 10;
    const double first = mean_loss(p->point + from, part);
    const double last = mean_loss(p->point + from + n - part, part);
    if (n < TELLING || last < first * (1.0 - rounding)) return TAPER_LAW_OK;
    const size_t run = p->point[from].run;
    return law_fail(err, TAPER_LAW_E_SHAPE, run, 0,
                    "the loss of run %zu does not fall (%.4g where it begins, "
                    "%.4g where it ends): leave that run out",
                    run + 1, first, last);
}

static taper_law_status check_falls(const struct law_problem *p,
                                    taper_law_error *err)
{
    double low = HUGE_VAL, high = 0.0;
    for (size_t i = 0; i < p->points; i++) {
        low = fmin(low, p->point[i].loss);
        high = fmax(high, p->point[i].loss);
    }
    for (size_t from = 0, to; from < p->points; from = to) {
        for (to = from + 1; to < p->points; to++)
            if (p->point[to].run != p->point[from].run) break;
        const taper_law_status status = check_fall(p, from, to - from, err);
        if (status != TAPER_LAW_OK) return status;
    }
    if (low < high * (1.0 - rounding)) return TAPER_LAW_OK;
    return law_fail(err, TAPER_LAW_E_SHAPE, 0, 0,
                    "no loss is lower than another: all are %.4g", high);
}

static taper_law_status check_enough(const struct law_fitting *f,
                                     taper_law_error *err)
{
    const size_t need = f->search.n + 3, have = f->problem.points;
    if (have >= need) return TAPER_LAW_OK;
    return law_fail(err, TAPER_LAW_E_FEW, 0, 0,
                    "%zu point%s left after the warm-up, and %zu parameters "
                    "need at least %zu",
                    have, have == 1 ? " is" : "s are", f->search.n, need);
}

taper_law_status law_fitting_make(const taper_law_run *runs, size_t count,
                                  const taper_law_fit_options *options,
                                  struct law_fitting *out, taper_law_error *err)
{
    *out = (struct law_fitting){.options = options ? *options
                                                   : taper_law_fit_defaults()};
    taper_law_fit_options *o = &out->options;
    taper_law_status status = check_options(o, err);
    if (status != TAPER_LAW_OK) return status;
    if (isnan(o->prior)) o->prior = o->clock == 1.0 ? 0.0 : usual_prior;
    if (count == 0)
        return law_fail(err, TAPER_LAW_E_ARGUMENT, 0, 0, "there is no run");
    const bool open = isnan(o->clock);
    const double clock = open ? usual_clock : o->clock;
    status =
        law_problem_make(runs, count, o, clock, POINTS, &out->problem, err);
    if (status != TAPER_LAW_OK) return status;
    if (!law_search_make(&out->problem, o, clock,
                         open && peaks_differ(runs, count), &out->search))
        return law_fail(err, TAPER_LAW_E_NOMEM, 0, 0, "out of memory");
    status = check_enough(out, err);
    if (status == TAPER_LAW_OK) status = check_falls(&out->problem, err);
    return status;
}

void law_fitting_free(struct law_fitting *f)
{
    law_search_free(&f->search);
    law_problem_free(&f->problem);
}

size_t law_ends_equal(const struct law_ends *ends)
{
    size_t n = 0;
    while (n < ends->n && ends->end[n].cost <= 1.01 * ends->end[0].cost)
        n++;
    return n;
}

/* Put an end in its place by cost. */
static void insert(struct law_ends *ends, struct law_end end)
{
    if (!isfinite(end.cost)) return;
    size_t i = ends->n++;
    for (; i > 0 && ends->end[i - 1].cost > end.cost; i--)
        ends->end[i] = ends->end[i - 1];
    ends->end[i] = end;
}

static struct law_end descend(struct law_search *s, taper_law_params from)
{
    struct law_end end = {.params = from};
    end.converged = law_search_descend(s, &end.params, &end.cost);
    return end;
}

taper_law_status law_fitting_thin(const struct law_fitting *f, double clock,
                                  struct law_problem *problem,
                                  struct law_search *search,
                                  taper_law_error *err)
{
    const struct law_problem *all = &f->problem;
    const size_t share = START_POINTS / all->count;
    const size_t most = share > START_POINTS_RUN ? share : START_POINTS_RUN;
    *search = (struct law_search){0};
    const taper_law_status status =
        law_problem_make(all->runs, all->count, &f->options, clock, most,
                         problem, err);
    if (status != TAPER_LAW_OK) return status;
    if (!law_search_make(problem, &f->options, clock, false, search))
        return law_fail(err, TAPER_LAW_E_NOMEM, 0, 0, "out of memory");
    search->tolerance = 1e-5;
    return TAPER_LAW_OK;
}

static taper_law_status search_starts(struct law_fitting *f,
                                      taper_law_error *err)
{
    struct law_problem problem;
    struct law_search search;
    const taper_law_status status =
        law_fitting_thin(f, f->search.clock, &problem, &search, err);
    for (int i = 0; status == TAPER_LAW_OK && i < f->options.starts; i++)
        insert(&f->starts, descend(&search, law_search_start(&search, i)));
    law_search_free(&search);
    law_problem_free(&problem);
    return status;
}

/* Whether two ends are the same place: within 1 % in every coordinate. */
static bool same(const struct law_search *s, const struct law_end *a,
                 const struct law_end *b)
{
    double x[LAW_LSQ_MAX], y[LAW_LSQ_MAX];
    law_search_enter(s, &a->params, x);
    law_search_enter(s, &b->params, y);
    for (size_t i = 0; i < s->n; i++)
        if (fabs(x[i] - y[i]) > 0.01) return false;
    return true;
}

taper_law_status law_fitting_search(struct law_fitting *f, taper_law_error *err)
{
    const taper_law_status status = search_starts(f, err);
    if (status != TAPER_LAW_OK) return status;
    const struct law_ends *starts = &f->starts;
    const size_t most =
        ((size_t)f->options.starts + STARTS_PER_END - 1) / STARTS_PER_END;
    for (size_t i = 0; i < starts->n && f->ends.n < most; i++) {
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++)
            seen = same(&f->search, &starts->end[i], &starts->end[k]);
        if (seen || starts->end[i].cost > 2.0 * starts->end[0].cost) continue;
        insert(&f->ends, descend(&f->search, starts->end[i].params));
    }
    if (f->search.no_memory)
        return law_fail(err, TAPER_LAW_E_NOMEM, 0, 0, "out of memory");
    if (f->ends.n == 0)
        return law_fail(err, TAPER_LAW_E_SOLVE, 0, 0,
                        "no start led to parameters with finite losses");
    if (!law_problem_clock(&f->problem, f->ends.end[0].params.clock))
        return law_fail(err, TAPER_LAW_E_NOMEM, 0, 0, "out of memory");
    return TAPER_LAW_OK;
}

/* The losses of one run at some of the problem's points. */
static taper_law_status predict_run(const struct law_problem *p,
                                    const taper_law_params *q, size_t from,
                                    size_t n, double *out, taper_law_error *err)
{
    const taper_law_run *run = &p->runs[p->point[from].run];
    const size_t used = (size_t)p->point[from + n - 1].step + 1;
    double *curve = malloc(used * sizeof *curve);
    if (!curve) return law_fail(err, TAPER_LAW_E_NOMEM, 0, 0, "out of memory");
    const taper_law_status status =
        taper_law_curve(q, run->rates, used, curve, err);
    for (size_t i = 0; status == TAPER_LAW_OK && i < n; i++)
        out[i] = curve[p->point[from + i].step];
    free(curve);
    return status;
}

taper_law_status law_fit_predict(const struct law_problem *p,
                                 const taper_law_params *q, double *out,
                                 taper_law_error *err)
{
    for (size_t from = 0, to; from < p->points; from = to) {
        for (to = from + 1; to < p->points; to++)
            if (p->point[to].run != p->point[from].run) break;
        const taper_law_status status =
            predict_run(p, q, from, to - from, out + from, err);
        if (status != TAPER_LAW_OK) return status;
    }
    return TAPER_LAW_OK;
}

static taper_law_status measure(const struct law_fitting *f, taper_law_fit *fit,
                                taper_law_error *err)
{
    const struct law_problem *p = &f->problem;
    double *predicted = malloc(2 * p->points * sizeof *predicted);
    if (!predicted)
        return law_fail(err, TAPER_LAW_E_NOMEM, 0, 0, "out of memory");
    double *losses = predicted + p->points;
    const taper_law_status status =
        law_fit_predict(p, &fit->params, predicted, err);
    for (size_t i = 0; status == TAPER_LAW_OK && i < p->points; i++) {
        losses[i] = p->point[i].loss;
        fit->cost += law_huber(log(predicted[i]) - p->point[i].log_loss,
                               f->options.huber);
        fit->runs += i == 0 || p->point[i].run != p->point[i - 1].run;
    }
    if (status == TAPER_LAW_OK)
        fit->quality = taper_law_quality_of(predicted, losses, p->points);
    free(predicted);
    return status;
}

static taper_law_status summarise(struct law_fitting *f, taper_law_fit *fit,
                                  taper_law_error *err)
{
    fit->params = f->ends.end[0].params;
    fit->used = f->problem.points;
    fit->dropped = f->problem.dropped;
    fit->starts = f->options.starts;
    for (size_t i = 0; i < f->starts.n; i++)
        fit->converged += f->starts.end[i].converged;
    fit->equal = (int)law_ends_equal(&f->starts);
    const taper_law_status status = measure(f, fit, err);
    if (status == TAPER_LAW_OK) law_fit_identify(f, fit);
    return status;
}

taper_law_status taper_law_fit_runs(const taper_law_run *runs, size_t count,
                                    const taper_law_fit_options *options,
                                    taper_law_fit *out, taper_law_error *err)
{
    *out = (taper_law_fit){0};
    struct law_fitting *f = malloc(sizeof *f);
    if (!f) return law_fail(err, TAPER_LAW_E_NOMEM, 0, 0, "out of memory");
    taper_law_status status = law_fitting_make(runs, count, options, f, err);
    if (status == TAPER_LAW_OK) status = law_fitting_search(f, err);
    if (status == TAPER_LAW_OK) status = summarise(f, out, err);
    if (status != TAPER_LAW_OK) *out = (taper_law_fit){0};
    law_fitting_free(f);
    free(f);
    return status;
}
