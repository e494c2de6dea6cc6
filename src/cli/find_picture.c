/* See find_picture.h. */
#include "cli/find_picture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/curve.h"

/* Rates at which the smooth curve is drawn. */
enum { SMOOTH = 200, CURVES = 2 + STUDY_RANGE_RULES, NAME = 64 };

/* The numbers that the curves of a picture borrow. */
struct picture {
    double *rate, *value; /* [points], of the sweeps */
    size_t points;
    double smooth_rate[SMOOTH], smooth[SMOOTH];
    double mark_rate[STUDY_RANGE_RULES][2], mark[STUDY_RANGE_RULES][2];
    char names[STUDY_RANGE_RULES][NAME];
    struct plot_curve curves[CURVES];
    size_t count; /* of curves */
};

static void add_curve(struct picture *p, const char *name, const double *x,
                      const double *y, size_t n)
{
    p->curves[p->count++] =
        (struct plot_curve){.name = name, .x = x, .y = y, .n = n};
}

/* Only a file has room for every value beside the smooth curve. */
static bool add_points(struct picture *p, const struct study_range_curve *c,
                       const char *name)
{
    p->rate = calloc(c->count, sizeof *p->rate);
    p->value = calloc(c->count, sizeof *p->value);
    if (!p->rate || !p->value) return false;
    for (size_t i = 0; i < c->count; i++) {
        p->rate[i] = c->points[i].rate;
        p->value[i] = c->points[i].value;
    }
    add_curve(p, name, p->rate, p->value, c->count);
    return true;
}

static void add_smooth(struct picture *p, const struct study_range_curve *c)
{
    const double low = c->points[0].rate, high = c->points[c->count - 1].rate;
    for (size_t i = 0; i < SMOOTH; i++) {
        const double share = (double)i / (SMOOTH - 1);
        p->smooth_rate[i] = low * pow(high / low, share);
        p->smooth[i] = study_range_at(c, p->smooth_rate[i]);
    }
    add_curve(p, "smoothed", p->smooth_rate, p->smooth, SMOOTH);
}

/* Upright lines at the rules' rates, from the smooth curve's lowest value to
 * its highest. */
static void add_marks(struct picture *p, const struct study_range_verdict *v)
{
    double low = p->smooth[0], high = low;
    for (size_t i = 1; i < SMOOTH; i++) {
        low = fmin(low, p->smooth[i]);
        high = fmax(high, p->smooth[i]);
    }
    for (int i = 0; i < STUDY_RANGE_RULES; i++) {
        p->mark_rate[i][0] = p->mark_rate[i][1] = v->rate[i];
        p->mark[i][0] = low;
        p->mark[i][1] = high;
        (void)snprintf(p->names[i], NAME, "%s %g",
                       study_range_rule_name((enum study_range_rule)i),
                       find_round(v->rate[i]));
        add_curve(p, p->names[i], p->mark_rate[i], p->mark[i], 2);
    }
}

static int draw(struct picture *p, const struct find_result *r,
                const char *file)
{
    char title[256];
    if (file && !add_points(p, &r->curve, r->test->value))
        return cli_failed("out of memory");
    add_smooth(p, &r->curve);
    if (r->verdict.outcome == STUDY_RANGE_FOUND) add_marks(p, &r->verdict);
    (void)snprintf(title, sizeof title, "Range test: %.200s", r->test->subject);
    const struct plot_panel panel = {.ylabel = r->test->value,
                                     .curves = p->curves,
                                     .count = p->count};
    const struct plot_figure f = {.title = title,
                                  .xlabel = "Learning Rate",
                                  .panels = &panel,
                                  .count = 1,
                                  .log_x = true};
    return cli_show(&f, file);
}

int find_draw(const struct find_result *r, const char *file)
{
    struct picture *const p = calloc(1, sizeof *p);
    if (!p) return cli_failed("out of memory");
    const int status = draw(p, r, file);
    free(p->rate);
    free(p->value);
    free(p);
    return status;
}
