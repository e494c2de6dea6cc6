/* Tests of softmax cross-entropy against its definition in long double, and of
 * its gradient against central differences of the same. */
#include "kernels_case.h"

/* -sum target log softmax of one row. */
static long double row_loss(const long double *l, size_t classes, size_t label,
                            double smoothing)
{
    long double max = l[0], sum = 0, loss = 0;
    for (size_t c = 1; c < classes; c++)
        max = l[c] > max ? l[c] : max;
    for (size_t c = 0; c < classes; c++)
        sum += expl(l[c] - max);
    for (size_t c = 0; c < classes; c++) {
        const long double target =
            (c == label ? 1 - (long double)smoothing : 0) +
            (long double)smoothing / (long double)classes;
        loss -= target * (l[c] - max - logl(sum));
    }
    return loss;
}

static long double row_slope(long double *l, size_t classes, size_t label,
                             double smoothing, size_t c)
{
    const long double at = l[c], h = 1e-6L;
    l[c] = at + h;
    const long double up = row_loss(l, classes, label, smoothing);
    l[c] = at - h;
    const long double down = row_loss(l, classes, label, smoothing);
    l[c] = at;
    return (up - down) / (2 * h);
}

static void check(size_t rows, size_t classes, size_t stride, double size,
                  double smoothing, int differences)
{
    float *logits = case_alloc(rows * stride * sizeof *logits);
    float *d = case_alloc(rows * stride * sizeof *d);
    int32_t *labels = case_alloc(rows * sizeof *labels);
    long double *row = case_alloc(classes * sizeof *row);
    uint64_t random = classes + 1;
    const double weight = 1.0 / (double)rows;
    long double want = 0;
    size_t right = 0;
    for (size_t r = 0; r < rows; r++) {
        labels[r] = (int32_t)(r * 7 % classes);
        size_t best = 0;
        for (size_t c = 0; c < classes; c++) {
            logits[r * stride + c] = (float)(size * case_random(&random));
            row[c] = (long double)logits[r * stride + c];
            best = row[c] > row[best] ? c : best;
        }
        right += best == (size_t)labels[r];
        want += row_loss(row, classes, (size_t)labels[r], smoothing);
    }
    FOR_EACH_KERNELS(k)
    {
        size_t correct = 10, again = 0;
        const double loss =
            k->cross_entropy(rows, classes, stride, logits, labels, smoothing,
                             weight, d, &correct);
        assert_true(fabs(loss - (double)want) <=
                    2e-7 * fabs((double)want) + 1e-7 * (double)rows);
        assert_int_equal(correct, 10 + right);
        assert_true(loss == k->cross_entropy(rows, classes, stride, logits,
                                             labels, smoothing, weight, NULL,
                                             &again));
        for (size_t r = 0; r < rows && differences; r++) {
            for (size_t c = 0; c < classes; c++)
                row[c] = (long double)logits[r * stride + c];
            for (size_t c = 0; c < classes; c++) {
                const double slope =
                    weight * (double)row_slope(row, classes, (size_t)labels[r],
                                               smoothing, c);
                const double got = (double)d[r * stride + c];
                assert_true(fabs(got - slope) <= 3e-7 * weight);
            }
            /* What lies between the rows is not ours. */
            for (size_t c = classes; c < stride; c++)
                assert_true(isnan(d[r * stride + c]));
        }
    }
    free(row);
    free(labels);
    free(d);
    free(logits);
}

static void loss_is_the_formula(void **state)
{
    (void)state;
    static const size_t classes[] = {1, 2, 3, 10, 16, 17, 100, 1000};
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        for (int smooth = 0; smooth < 2; smooth++) {
            check(9, classes[i], classes[i], 5.0, 0.2 * smooth, 1);
            check(5, classes[i], classes[i] + 6, 5.0, 0.2 * smooth, 1);
        }
}

/* Logits of 1e4 neither overflow nor lose the loss. */
static void huge_logits_are_no_trouble(void **state)
{
    (void)state;
    check(50, 10, 10, 1e4, 0.0, 1);
    check(50, 10, 10, 1e4, 0.2, 1);
    check(50, 10, 10, 1e30, 0.0, 0);
}

/* The sum over many rows stays accurate. */
static void many_rows_add_up(void **state)
{
    (void)state;
    check(100000, 10, 16, 8.0, 0.2, 0);
}

static void gradient_may_replace_the_logits(void **state)
{
    (void)state;
    FOR_EACH_KERNELS(k)
    {
        float logits[34], d[34];
        const int32_t labels[] = {3, 16};
        size_t correct = 0, again = 0;
        for (size_t i = 0; i < 34; i++)
            logits[i] = (float)(i * 7 % 11);
        const double loss =
            k->cross_entropy(2, 17, 17, logits, labels, 0.1, 1, d, &correct);
        assert_true(loss == k->cross_entropy(2, 17, 17, logits, labels, 0.1, 1,
                                             logits, &again));
        assert_memory_equal(logits, d, sizeof d);
        assert_int_equal(correct, again);
    }
}

static void equal_logits_predict_the_first_class(void **state)
{
    (void)state;
    const float logits[] = {2, 2, 2, 1, 3, 3};
    FOR_EACH_KERNELS(k)
    {
        size_t correct = 0;
        const int32_t first[] = {0, 1}, second[] = {1, 2};
        k->cross_entropy(2, 3, 3, logits, first, 0, 1, NULL, &correct);
        assert_int_equal(correct, 2);
        k->cross_entropy(2, 3, 3, logits, second, 0, 1, NULL, &correct);
        assert_int_equal(correct, 2);
    }
}

/* A diverged network shows: the loss is NaN and the row is not right. So does
 * a label that names no class, which must not read beyond the row. */
static void what_has_no_loss_gives_nan(void **state)
{
    (void)state;
    static const float odd[] = {NAN, INFINITY, -NAN};
    FOR_EACH_KERNELS(k)
    {
        for (size_t i = 0; i < 3; i++)
            for (size_t c = 0; c < 20; c++) {
                float logits[20] = {0}, d[20];
                const int32_t label = (int32_t)(i % 2 ? c : 0);
                size_t correct = 0;
                logits[c] = odd[i];
                const double loss = k->cross_entropy(1, 20, 20, logits, &label,
                                                     0.2, 1, d, &correct);
                assert_true(isnan(loss));
                assert_true(correct == 0 || isinf(odd[i]));
                assert_true(isnan(d[0]));
            }
        static const int32_t wrong[] = {-1, 3, INT32_MIN, INT32_MAX};
        for (size_t i = 0; i < 4; i++) {
            const float logits[3] = {1, 2, 3};
            size_t correct = 0;
            assert_true(isnan(k->cross_entropy(1, 3, 3, logits, &wrong[i], 0, 1,
                                               NULL, &correct)));
            assert_int_equal(correct, 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loss_is_the_formula),
        cmocka_unit_test(huge_logits_are_no_trouble),
        cmocka_unit_test(many_rows_add_up),
        cmocka_unit_test(gradient_may_replace_the_logits),
        cmocka_unit_test(equal_logits_predict_the_first_class),
        cmocka_unit_test(what_has_no_loss_gives_nan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
