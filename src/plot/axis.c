/* Ranges and ticks of axes. Arithmetic on halves avoids overflow: a diverged
 * loss may well be 1e308, and its picture must still appear. */
#include "plot/axis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Air above and below the curves, as a part of what they span. */
#define AIR 0.05

/* Values that differ by less than this part of their size are drawn as one
 * constant: there is no round tick between them that can be told apart. */
#define FLAT 1e-9

/* A logarithmic axis reaches down this far from its highest value. A cosine
 * that ends at 0 comes so near to it in its last steps that the rest would be
 * a line along the top. */
#define DEEPEST 1e-8

static bool showable(double v, bool log_axis)
{
    return isfinite(v) && (!log_axis || v > 0.0);
}

/* What values lie between; empty while low > high. */
struct extent {
    double low, high;
    bool log; /* values that a logarithmic axis cannot show do not count */
};

static void cover(struct extent *e, double v)
{
    if (!showable(v, e->log)) return;
    if (v < e->low) e->low = v;
    if (v > e->high) e->high = v;
}

/* [n]; NULL covers nothing. */
static void cover_all(struct extent *e, const double *v, size_t n)
{
    for (size_t i = 0; v && i < n; i++)
        cover(e, v[i]);
}

static struct extent y_extent(const struct plot_panel *panel)
{
    struct extent e = {INFINITY, -INFINITY, panel->log_y};
    for (size_t k = 0; k < panel->count; k++) {
        const struct plot_curve *c = &panel->curves[k];
        cover_all(&e, c->y, c->n);
        cover_all(&e, c->low, c->n);
        cover_all(&e, c->high, c->n);
    }
    return e;
}

static struct extent x_extent(const struct plot_figure *f)
{
    struct extent e = {INFINITY, -INFINITY, f->log_x};
    for (size_t p = 0; p < f->count; p++) {
        const struct plot_panel *panel = &f->panels[p];
        for (size_t k = 0; k < panel->count; k++) {
            const struct plot_curve *c = &panel->curves[k];
            if (!c->n) continue;
            cover(&e, c->x[0]);
            cover(&e, c->x[c->n - 1]);
        }
        for (size_t k = 0; k < panel->row_count; k++) {
            const struct plot_row *r = &panel->rows[k];
            if (!showable(r->value, e.log)) continue;
            cover(&e, r->value);
            cover(&e, r->low);
            cover(&e, r->high);
            cover_all(&e, r->points, r->n);
        }
    }
    return e;
}

static bool any_rows(const struct plot_figure *f)
{
    for (size_t p = 0; p < f->count; p++)
        if (f->panels[p].row_count) return true;
    return false;
}

static double limit(double v)
{
    return fmin(fmax(v, -1.7e308), 1.7e308);
}

static struct plot_axis log_axis(double low, double high)
{
    /* The room around a constant is half a decade each way. */
    double ratio = AIR * (log10(high) - log10(low));
    if (ratio < FLAT) ratio = 0.5;
    const struct plot_axis a = {
        .low = fmax(low / pow(10.0, ratio), 1e-307),
        .high = fmin(high * pow(10.0, ratio), 1.7e308),
        .log = true,
    };
    return a;
}

/* A constant stands in the middle of its axis, or at four fifths above 0. */
static struct plot_axis flat_axis(double v)
{
    /* Below this a step between ticks would not be a normal number. */
    if (fabs(v) < 1e-300) return (struct plot_axis){0.0, 1.0, false};
    if (v > 0.0) return (struct plot_axis){0.0, limit(v * 1.25), false};
    return (struct plot_axis){limit(v * 1.25), 0.0, false};
}

struct plot_axis plot_axis_y(const struct plot_panel *panel)
{
    const struct extent e = y_extent(panel);
    const double low = e.low, high = e.high;
    if (!(low <= high))
        return (struct plot_axis){panel->log_y ? 0.1 : 0.0, 1.0, panel->log_y};
    if (panel->log_y) {
        /* Numbers below 1e-306 have no decade of normal numbers under them. */
        const double from = fmax(fmax(low, high * DEEPEST), 1e-306);
        return log_axis(from, fmax(from, high));
    }

    const double size = fmax(fabs(low), fabs(high));
    if (high / 2 - low / 2 <= FLAT * size || size < 1e-300)
        return flat_axis(high);

    struct plot_axis a = {low, high, false};
    if (low >= 0.0 && low < 0.4 * high) a.low = 0.0;
    if (high <= 0.0 && high > 0.4 * low) a.high = 0.0;
    const double air = 2.0 * AIR * (a.high / 2 - a.low / 2);
    if (a.high != 0.0) a.high = limit(a.high + air);
    if (a.low != 0.0) a.low = limit(a.low - air);
    return a;
}

struct plot_axis plot_axis_x(const struct plot_figure *f)
{
    const struct extent e = x_extent(f);
    const double low = e.low, high = e.high;
    if (!(low <= high))
        return (struct plot_axis){f->log_x ? 0.1 : 0.0, 1.0, f->log_x};
    if (f->log_x) return log_axis(fmax(low, 1e-306), fmax(high, 1e-306));
    if (high / 2 - low / 2 <= FLAT * fmax(fabs(low), fabs(high))) {
        const struct plot_axis a = {low - 0.5, high + 0.5, false};
        /* Beside a very large number a half is nothing. */
        return a.low < a.high ? a : flat_axis(high);
    }
    if (!any_rows(f)) return (struct plot_axis){low, high, false};
    /* The end of an interval is to be seen as one. */
    const double air = 2.0 * AIR * (high / 2 - low / 2);
    return (struct plot_axis){limit(low - air), limit(high + air), false};
}

bool plot_x_is_whole(const struct plot_figure *f)
{
    for (size_t p = 0; p < f->count; p++)
        for (size_t k = 0; k < f->panels[p].count; k++) {
            const struct plot_curve *c = &f->panels[p].curves[k];
            for (size_t i = 0; i < c->n; i++)
                if (c->x[i] != floor(c->x[i])) return false;
        }
    return !any_rows(f);
}

double plot_axis_place(const struct plot_axis *a, double v)
{
    if (!showable(v, a->log)) return NAN;
    const double place =
        a->log ? (log10(v) - log10(a->low)) / (log10(a->high) - log10(a->low))
               : (v / 2 - a->low / 2) / (a->high / 2 - a->low / 2);
    return fmin(fmax(place, 0.0), 1.0);
}

/* The round number (1, 2, 2.5 or 5 times a power of ten) at or above `step`,
 * as *mantissa and the power itself as the result. */
static double round_step(double step, bool whole, int *power)
{
    static const double mantissas[] = {1.0, 2.0, 2.5, 5.0, 10.0};
    *power = (int)floor(log10(step));
    for (;; ++*power)
        for (size_t k = 0; k < sizeof mantissas / sizeof mantissas[0]; k++) {
            /* Dividing keeps 0.1 the number nearest to a tenth. */
            const double m = mantissas[k];
            const double s =
                *power >= 0 ? m * pow(10.0, *power) : m / pow(10.0, -*power);
            if (whole && (s < 1.0 || s != floor(s))) continue;
            if (s >= step * (1.0 - 1e-12)) return s;
        }
}

/* Shortens "2.500e-04" to "2.5e-4" and "1.500" to "1.5". */
static void trim_number(char *text)
{
    char *e = strchr(text, 'e');
    char tail[16] = "";
    if (e) {
        int exponent = 0;
        if (sscanf(e, "e%d", &exponent) == 1 && exponent)
            snprintf(tail, sizeof tail, "e%d", exponent);
        *e = '\0';
    }
    if (strchr(text, '.')) {
        size_t n = strlen(text);
        while (n && text[n - 1] == '0')
            text[--n] = '\0';
        if (n && text[n - 1] == '.') text[n - 1] = '\0';
    }
    strcat(text, tail);
}

/* How the labels of one axis are written. */
struct form {
    double divisor; /* of SI suffixes, else 1 */
    const char *tail;
    int decimals; /* at most; trailing zeros go */
    bool exponent;
};

static struct form choose_form(double largest, double step, bool whole)
{
    static const struct {
        double unit;
        const char *tail;
    } si[] = {{1e12, "T"}, {1e9, "B"}, {1e6, "M"}, {1e3, "k"}};
    struct form form = {1.0, "", 0, false};
    if (whole && largest >= 1e4 && largest < 1e15)
        for (size_t k = 0; k < sizeof si / sizeof si[0]; k++)
            if (largest >= si[k].unit) {
                form.divisor = si[k].unit;
                form.tail = si[k].tail;
                break;
            }
    largest /= form.divisor;
    step /= form.divisor;
    form.exponent = largest >= 1e6 || largest < 0.00999999;
    /* One more digit than the step's power covers the 5 of 2.5. */
    const double reach = form.exponent ? step / largest : step;
    const int digits = (int)ceil(-log10(reach) - 1e-9) + 1;
    form.decimals = digits < 0 ? 0 : digits > 12 ? 12 : digits;
    return form;
}

static void write_tick(double v, const struct form *form, char *text)
{
    if (v == 0.0) {
        strcpy(text, "0");
        return;
    }
    snprintf(text, PLOT_TICK_TEXT - 2, form->exponent ? "%.*e" : "%.*f",
             form->decimals, v / form->divisor);
    trim_number(text);
    strcat(text, form->tail);
}

static void linear_ticks(const struct plot_axis *a, size_t wanted, bool whole,
                         struct plot_ticks *out)
{
    const double span = a->high / 2 - a->low / 2;
    int power = 0;
    const double step =
        round_step(2.0 * (span / (double)wanted), whole, &power);
    const double slack = step * 1e-6;
    const struct form form =
        choose_form(fmax(fabs(a->low), fabs(a->high)), step, whole);
    const double first = ceil((a->low - slack) / step);
    for (size_t k = 0; out->count < PLOT_TICKS; k++) {
        /* Dividing by the whole 1/step gives 0.3, not 0.30000000000000004. */
        const double index = first + (double)k;
        const double v = step < 1.0 ? index / (1.0 / step) : index * step;
        if (!(v <= a->high + slack) || !isfinite(v)) break;
        out->at[out->count] = index == 0.0 ? 0.0 : v;
        write_tick(out->at[out->count], &form, out->text[out->count]);
        out->count++;
    }
}

/* Powers of ten, thinned so that about `wanted` remain; within less than two
 * decades also twice and five times a power. */
static void log_ticks(const struct plot_axis *a, size_t wanted,
                      struct plot_ticks *out)
{
    static const double mantissas[] = {1.0, 2.0, 5.0};
    const double low = log10(a->low), high = log10(a->high);
    const size_t each = high - low < 2.0 ? 3 : 1;
    const double stride = fmax(1.0, ceil((high - low) / (double)wanted));
    for (double power = floor(low / stride) * stride; power <= high;
         power += stride)
        for (size_t k = 0; k < each && out->count < PLOT_TICKS; k++) {
            const double v = power < 0.0 ? mantissas[k] / pow(10.0, -power)
                                         : mantissas[k] * pow(10.0, power);
            if (v < a->low || v > a->high) continue;
            const bool plain = v > 0.00999999 && v < 1e5;
            const struct form form = {1.0, "", plain ? 3 : 0, !plain};
            out->at[out->count] = v;
            write_tick(v, &form, out->text[out->count]);
            out->count++;
        }
}

void plot_axis_ticks(const struct plot_axis *a, size_t wanted, bool whole,
                     struct plot_ticks *out)
{
    out->count = 0;
    if (wanted < 2) wanted = 2;
    if (wanted > PLOT_TICKS - 1) wanted = PLOT_TICKS - 1;
    if (a->log) log_ticks(a, wanted, out);
    /* A log axis shorter than a factor of two may pass between all of them. */
    if (out->count < 2) {
        out->count = 0;
        linear_ticks(a, wanted, whole, out);
    }
}
