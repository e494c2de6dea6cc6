/* How far a fit's predictions are to be trusted: parameter sets that the runs
 * cannot tell from the best one, and what the law itself is off by. */
#include "law/fit.h"
#include "law/random.h"

#include <stdlib.h>
#include <string.h>

/* What the law is off by on a schedule that it was not fitted to, as a
 * multiple of what it is off by on those that it was. Chosen so that bands for
 * nine in ten hold that many of the last losses of published curves: see
 * taper_law_band. */
static const double unseen = 4.5;

/* A block is so many points, a run's residuals being alike over many. */
static size_t block_of(size_t points)
{
    const size_t n = (size_t)ceil(sqrt((double)points));
    return n < points ? n : points;
}

/* Log losses as they might have been in a run whose points are [from, to): the
 * fit's, and blocks of its residuals that begin at random places. */
static void resample_run(const double *fitted, const double *residuals,
                         size_t from, size_t to, uint64_t seed, uint64_t member,
                         double *targets)
{
    const size_t n = to - from, block = block_of(n);
    for (size_t i = 0; i < n; i++) {
        const double u = law_uniform(seed, member, from + i / block);
        const size_t begin = (size_t)(u * (double)n);
        targets[from + i] =
            fitted[from + i] + residuals[from + (begin + i % block) % n];
    }
}

static void resample(const struct law_problem *p, const double *fitted,
                     const double *residuals, uint64_t seed, uint64_t member,
                     double *targets)
{
    for (size_t from = 0, to; from < p->points; from = to) {
        for (to = from + 1; to < p->points; to++)
            if (p->point[to].run != p->point[from].run) break;
        resample_run(fitted, residuals, from, to, seed, member, targets);
    }
}

/* Members [first, members) of the spread: fits to resampled losses, all from
 * the best fit. */
static taper_law_status resampled(const struct law_fitting *f,
                                  const taper_law_params *best, size_t first,
                                  size_t members, taper_law_spread *out,
                                  taper_law_error *err)
{
    struct law_problem p;
    struct law_search search;
    taper_law_status status =
        law_fitting_thin(f, best->clock, &p, &search, err);
    double *fitted =
        status == TAPER_LAW_OK ? malloc(3 * p.points * sizeof *fitted) : NULL;
    if (status == TAPER_LAW_OK && !fitted)
        status = law_fail(err, TAPER_LAW_E_NOMEM, 0, 0, "out of memory");
    if (status != TAPER_LAW_OK) goto done;
    double *residuals = fitted + p.points, *targets = residuals + p.points;
    double slopes[TAPER_LAW_PARAMS];
    for (size_t i = 0; i < p.points; i++) {
        fitted[i] = log(law_problem_slopes(&p, best, i, slopes));
        residuals[i] = p.point[i].log_loss - fitted[i];
    }
    search.targets = targets;
    for (size_t m = first; m < members; m++) {
        double cost;
        resample(&p, fitted, residuals, f->options.seed, m, targets);
        out->member[m] = *best;
        law_search_descend(&search, &out->member[m], &cost);
    }
done:
    free(fitted);
    law_search_free(&search);
    law_problem_free(&p);
    return status;
}

/* The fits that starts ended in and that are as good as the best: up to a
 * quarter of the members. */
static size_t equals(const struct law_fitting *f, size_t members,
                     taper_law_spread *out)
{
    const size_t equal = law_ends_equal(&f->ends);
    size_t n = 0;
    for (size_t i = 0; i < equal && n < members / 4; i++)
        out->member[n++] = f->ends.end[i].params;
    return n;
}

/* The mean size of the residuals of the later half of each run, where those who
 * ask for predictions look, as a standard deviation. Steep beginnings, which no
 * law follows, would make bands useless; they are all there is where no run has
 * a point later than its middle. */
static double late_error(const struct law_fitting *f,
                         const taper_law_params *best)
{
    double all = 0.0, sum = 0.0, n = 0.0, slopes[TAPER_LAW_PARAMS];
    const struct law_problem *p = &f->problem;
    for (size_t i = 0; i < p->points; i++) {
        const struct law_point *point = &p->point[i];
        const double loss = law_problem_slopes(p, best, i, slopes);
        const double off = fabs(log(loss) - point->log_loss);
        all += off / (double)p->points;
        if ((size_t)point->step < p->runs[point->run].steps / 2) continue;
        sum += off;
        n += 1.0;
    }
    /* Of a normal deviate the mean size is sqrt(2 / pi) deviations. */
    return 1.2533141373155 * (n > 0.0 ? sum / n : all);
}

taper_law_status taper_law_spread_of(const taper_law_run *runs, size_t count,
                                     const taper_law_fit_options *options,
                                     const taper_law_fit *fit, size_t members,
                                     taper_law_spread *out,
                                     taper_law_error *err)
{
    *out = (taper_law_spread){0};
    if (members < 2 || members > TAPER_LAW_MEMBERS)
        return law_fail(err, TAPER_LAW_E_ARGUMENT, 0, 0,
                        "a spread has 2 to %d members", TAPER_LAW_MEMBERS);
    struct law_fitting *f = malloc(sizeof *f);
    if (!f) return law_fail(err, TAPER_LAW_E_NOMEM, 0, 0, "out of memory");
    taper_law_status status = law_fitting_make(runs, count, options, f, err);
    if (status == TAPER_LAW_OK) status = law_fitting_search(f, err);
    size_t first = 0;
    if (status == TAPER_LAW_OK) {
        first = equals(f, members, out);
        status = resampled(f, &fit->params, first, members, out, err);
    }
    if (status == TAPER_LAW_OK) {
        out->members = members;
        out->error = unseen * late_error(f, &f->ends.end[0].params);
    }
    law_fitting_free(f);
    free(f);
    return status;
}
