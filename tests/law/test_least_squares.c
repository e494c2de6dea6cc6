/* The solver of a fit on sums of squares whose minimum is known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "law/least_squares.h"

/* 1/2 K^2 (x + y)^2 + 1/2 (x - y - 10)^2: a valley along x = -y whose floor
 * falls to (5, -5). */
static bool valley(void *ctx, const double *x, double *r, double *J)
{
    const double steep = *(const double *)ctx;
    r[0] = steep * (x[0] + x[1]);
    r[1] = x[0] - x[1] - 10.0;
    if (J) {
        J[0] = J[1] = steep;
        J[2] = 1.0;
        J[3] = -1.0;
    }
    return true;
}

/* From (0, 0) with y >= `low`. A step down the valley is cut off at the bound,
 * which lifts it up a wall: that is no minimum, and less of a step leads down.
 */
static void assert_valley(double steep, double low)
{
    double r[2], J[4], x[2] = {0.0, 0.0};
    const struct law_lsq lsq = {.params = 2,
                                .residuals = 2,
                                .robust = 0,
                                .tolerance = 1e-12,
                                .low = {-100.0, low},
                                .high = {100.0, 100.0},
                                .eval = valley,
                                .ctx = &steep,
                                .r = r,
                                .J = J};
    const struct law_lsq_end end = law_lsq_solve(&lsq, x, 400);
    const double y = fmax(low, -5.0), square = steep * steep;
    const double want = (10.0 + y - square * y) / (square + 1.0);
    assert_true(end.converged);
    if (!(fabs(x[0] - want) < 1e-3 && fabs(x[1] - y) < 1e-3))
        fail_msg("steep %g, y >= %g: (%g, %g), not (%g, %g), cost %g", steep,
                 low, x[0], x[1], want, y, end.cost);
}

static void a_valley_is_followed_to_its_end(void **state)
{
    (void)state;
    for (double steep = 1.0; steep <= 1000.0; steep *= 10.0)
        assert_valley(steep, -100.0);
}

static void a_valley_is_followed_to_the_bound_that_ends_it(void **state)
{
    (void)state;
    for (double steep = 1.0; steep <= 1000.0; steep *= 10.0) {
        assert_valley(steep, -2.0);
        assert_valley(steep, -0.1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_valley_is_followed_to_its_end),
        cmocka_unit_test(a_valley_is_followed_to_the_bound_that_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
