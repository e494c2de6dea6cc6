/* Thinning loses no peak, keeps order and gaps, and stands jumps upright. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "plot/thin.h"

static void few_points_come_back_as_they_were(void **state)
{
    (void)state;
    const double x[] = {0, 1, 2, 3}, y[] = {3, 1, 2, 2};
    const struct plot_curve c = {.x = x, .y = y, .n = 4};
    struct plot_points p = {NULL, NULL, 0, 0};
    assert_true(
        plot_thin_curve(&c, &(struct plot_axis){0, 3, false}, 2, 100, &p));
    assert_int_equal(p.n, 4);
    for (size_t k = 0; k < 4; k++)
        assert_true(p.x[k] == x[k] && p.y[k] == y[k]);
    plot_points_free(&p);
}

/* A long noisy curve with one spike, given in uneven pieces. */
static void extremes_of_every_column_survive(void **state)
{
    (void)state;
    enum { N = 100000, COLUMNS = 80, EACH = N / COLUMNS };
    double *x = malloc(N * sizeof *x), *y = malloc(N * sizeof *y);
    unsigned seed = 1;
    for (size_t i = 0; i < N; i++) {
        seed = seed * 1664525u + 1013904223u;
        x[i] = (double)i;
        y[i] = (double)(seed >> 8);
    }
    y[77777] = 1e9;
    struct plot_points p = {NULL, NULL, 0, 0};
    struct plot_thin t;
    plot_thin_begin(&t, &p, 0, N, COLUMNS);
    for (size_t done = 0, piece = 1; done < N; done += piece, piece += 37) {
        if (piece > N - done) piece = N - done;
        assert_true(plot_thin_add(&t, x + done, y + done, piece));
    }
    assert_true(plot_thin_end(&t));

    assert_in_range(p.n, COLUMNS, 4 * COLUMNS);
    for (size_t column = 0, k = 0; column < COLUMNS; column++) {
        double low = INFINITY, high = -INFINITY;
        double seen_low = INFINITY, seen_high = -INFINITY;
        for (size_t i = column * EACH; i < (column + 1) * EACH; i++) {
            low = fmin(low, y[i]);
            high = fmax(high, y[i]);
        }
        const size_t first = k;
        for (; k < p.n && p.x[k] < (double)((column + 1) * EACH); k++) {
            seen_low = fmin(seen_low, p.y[k]);
            seen_high = fmax(seen_high, p.y[k]);
            if (k) assert_true(p.x[k] > p.x[k - 1]);
        }
        assert_true(low == seen_low && high == seen_high);
        /* Lines enter and leave a column where the curve does. */
        assert_true(p.x[first] == (double)(column * EACH));
        assert_true(p.x[k - 1] == (double)((column + 1) * EACH - 1));
    }
    plot_points_free(&p);
    free(x);
    free(y);
}

static void a_run_of_nan_becomes_one_gap(void **state)
{
    (void)state;
    const double x[] = {0, 1, 2, 3, 4};
    const double y[] = {1, NAN, INFINITY, -INFINITY, 2};
    const struct plot_curve c = {.x = x, .y = y, .n = 5};
    struct plot_points p = {NULL, NULL, 0, 0};
    assert_true(
        plot_thin_curve(&c, &(struct plot_axis){0, 4, false}, 1, 50, &p));
    assert_int_equal(p.n, 3);
    assert_true(p.y[0] == 1 && isnan(p.y[1]) && p.y[2] == 2);
    plot_points_free(&p);
}

static void a_sudden_change_is_drawn_upright_at_the_later_step(void **state)
{
    (void)state;
    const double x[] = {0, 1, 2, 3}, y[] = {1, 1, 0.1, 0.1};
    struct plot_curve c = {.x = x, .y = y, .n = 4, .upright_jumps = true};
    struct plot_points p = {NULL, NULL, 0, 0};
    assert_true(
        plot_thin_curve(&c, &(struct plot_axis){0, 3, false}, 1, 50, &p));
    assert_int_equal(p.n, 5);
    assert_true(p.x[2] == 2 && p.y[2] == 1);
    assert_true(p.x[3] == 2 && p.y[3] == 0.1);
    plot_points_free(&p);

    c.upright_jumps = false;
    assert_true(
        plot_thin_curve(&c, &(struct plot_axis){0, 3, false}, 1, 50, &p));
    assert_int_equal(p.n, 4);
    plot_points_free(&p);
}

static void smooth_curves_have_no_corners(void **state)
{
    (void)state;
    double x[40], y[40];
    for (size_t i = 0; i < 40; i++) {
        x[i] = (double)i;
        y[i] = pow(0.5, x[i]);
    }
    const struct plot_curve c = {.x = x,
                                 .y = y,
                                 .n = 40,
                                 .upright_jumps = true};
    struct plot_points p = {NULL, NULL, 0, 0};
    assert_true(
        plot_thin_curve(&c, &(struct plot_axis){0, 39, false}, 1, 400, &p));
    assert_int_equal(p.n, 40);
    plot_points_free(&p);
    /* Nor does a line have one where it ends. */
    const struct plot_curve line = {.x = x,
                                    .y = x,
                                    .n = 5,
                                    .upright_jumps = true};
    assert_true(
        plot_thin_curve(&line, &(struct plot_axis){0, 4, false}, 4, 400, &p));
    assert_int_equal(p.n, 5);
    plot_points_free(&p);
}

static void a_single_point_is_kept(void **state)
{
    (void)state;
    const double x = 5, y = 1;
    const struct plot_curve c = {.x = &x,
                                 .y = &y,
                                 .n = 1,
                                 .upright_jumps = true};
    struct plot_points p = {NULL, NULL, 0, 0};
    assert_true(
        plot_thin_curve(&c, &(struct plot_axis){4.5, 5.5, false}, 1, 10, &p));
    assert_int_equal(p.n, 1);
    plot_points_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_points_come_back_as_they_were),
        cmocka_unit_test(extremes_of_every_column_survive),
        cmocka_unit_test(a_run_of_nan_becomes_one_gap),
        cmocka_unit_test(a_sudden_change_is_drawn_upright_at_the_later_step),
        cmocka_unit_test(smooth_curves_have_no_corners),
        cmocka_unit_test(a_single_point_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
