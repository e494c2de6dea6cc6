/* Thinning by columns; see thin.h for what is kept and why. */
#include "plot/thin.h"

#include <math.h>
#include <stdlib.h>

void plot_points_free(struct plot_points *p)
{
    free(p->x);
    free(p->y);
    *p = (struct plot_points){NULL, NULL, 0, 0};
}

static bool push(struct plot_points *p, double x, double y)
{
    if (p->n == p->capacity) {
        const size_t capacity = p->capacity ? 2 * p->capacity : 256;
        double *xs = realloc(p->x, capacity * sizeof *xs);
        if (xs) p->x = xs;
        double *ys = realloc(p->y, capacity * sizeof *ys);
        if (ys) p->y = ys;
        if (!xs || !ys) return false;
        p->capacity = capacity;
    }
    p->x[p->n] = x;
    p->y[p->n] = y;
    p->n++;
    return true;
}

void plot_thin_begin(struct plot_thin *t, struct plot_points *out, double low,
                     double high, size_t columns)
{
    *t = (struct plot_thin){
        .out = out,
        .x = {low, high, false},
        .columns = columns ? (double)columns : 1.0,
        .column = -1.0,
    };
}

/* Writes the four points of the column in their order, each once. */
static bool flush(struct plot_thin *t)
{
    if (t->column < 0.0) return true;
    t->column = -1.0;
    const bool falls = t->highest.order < t->lowest.order;
    const struct plot_extreme *in_order[] = {
        &t->first,
        falls ? &t->highest : &t->lowest,
        falls ? &t->lowest : &t->highest,
        &t->last,
    };
    for (size_t k = 0; k < 4; k++) {
        if (k && in_order[k]->order == in_order[k - 1]->order) continue;
        if (!push(t->out, in_order[k]->x, in_order[k]->y)) return false;
    }
    return true;
}

static bool add_point(struct plot_thin *t, double x, double y)
{
    if (!isfinite(y)) {
        if (!flush(t)) return false;
        const bool known = t->gap;
        t->gap = true;
        return known || push(t->out, x, NAN);
    }
    t->gap = false;
    const double place = plot_axis_place(&t->x, x);
    const double column = fmin(floor(place * t->columns), t->columns - 1.0);
    const struct plot_extreme here = {x, y, t->last.order + 1};
    if (column != t->column) {
        if (!flush(t)) return false;
        t->column = column;
        t->first = t->lowest = t->highest = t->last = here;
        return true;
    }
    if (y < t->lowest.y) t->lowest = here;
    if (y > t->highest.y) t->highest = here;
    t->last = here;
    return true;
}

bool plot_thin_add(struct plot_thin *t, const double *x, const double *y,
                   size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!add_point(t, x[i], y[i])) return false;
    return true;
}

bool plot_thin_end(struct plot_thin *t)
{
    return flush(t);
}

static double change(const struct plot_points *p, size_t i)
{
    return i + 1 < p->n ? fabs(p->y[i + 1] - p->y[i]) : 0.0;
}

/* A change is sudden when it is visible and dwarfs both of its neighbours.
 * Comparisons with the NaN of a gap are false, which leaves gaps alone. */
static bool is_jump(const struct plot_points *p, size_t i, double span)
{
    const double here = change(p, i);
    const double before = i ? change(p, i - 1) : 0.0;
    const double after = change(p, i + 1);
    return here > span / 100.0 && here > 4.0 * before && here > 4.0 * after;
}

/* Copies `from`, with a corner before every jump: the old value at the new x.
 * A value holds until the next update, so that is where it changes. */
static bool stand_up(const struct plot_points *from, double span,
                     struct plot_points *out)
{
    for (size_t i = 0; i < from->n; i++) {
        if (!push(out, from->x[i], from->y[i])) return false;
        if (i + 1 < from->n && is_jump(from, i, span) &&
            !push(out, from->x[i + 1], from->y[i]))
            return false;
    }
    return true;
}

bool plot_thin_curve(const struct plot_curve *c, const struct plot_axis *x,
                     double span, size_t columns, struct plot_points *out)
{
    struct plot_thin t;
    struct plot_points thinned = {NULL, NULL, 0, 0};
    plot_thin_begin(&t, c->upright_jumps ? &thinned : out, x->low, x->high,
                    columns);
    t.x.log = x->log;
    bool ok = plot_thin_add(&t, c->x, c->y, c->n) && plot_thin_end(&t);
    if (ok && c->upright_jumps) ok = stand_up(&thinned, span, out);
    plot_points_free(&thinned);
    return ok;
}
