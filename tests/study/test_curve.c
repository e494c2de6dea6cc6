/* The curve of a trial: how it is thinned, and what of it stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>

#include "study/curve.h"
#include "study/trial.h"

enum { EVERY = 97 }; /* rows from one score to the next */

/* The curve of so many rows with a loss, and a score in every 97th and the
 * last; the caller deletes it. */
static cJSON *curve_of(size_t rows)
{
    static const char *const names[] = {"step", "loss", "score"};
    struct study_curve c = {.columns = 0};
    bool empty = true;
    for (size_t r = 0; r < rows; r++) {
        const bool scored = r % EVERY == 0 || r + 1 == rows;
        const double values[] = {(double)r, 1.0 / (double)(r + 1),
                                 scored ? (double)r : (double)NAN};
        assert_true(study_curve_add(&c, names, values, 3));
    }
    char *const text = study_curve_json(&c, &empty);
    assert_int_equal(empty, rows == 0);
    cJSON *const json = text ? cJSON_Parse(text) : NULL;
    free(text);
    study_curve_clear(&c);
    return json;
}

static double number(const cJSON *json, const char *name, int i)
{
    const cJSON *const item =
        cJSON_GetArrayItem(cJSON_GetObjectItem(json, name), i);
    return cJSON_IsNumber(item) ? item->valuedouble : (double)NAN;
}

static void a_short_curve_stays_as_it_is(void **state)
{
    (void)state;
    cJSON *const json = curve_of(STUDY_CURVE_POINTS);
    for (int i = 0; i < STUDY_CURVE_POINTS; i++) {
        assert_true(number(json, "step", i) == i);
        assert_true(number(json, "loss", i) == 1.0 / (i + 1));
    }
    cJSON_Delete(json);
    assert_null(curve_of(0));
}

static void a_long_curve_keeps_its_ends_and_its_order(void **state)
{
    (void)state;
    static const size_t lengths[] = {401, 800, 801, 802, 1601, 12345};
    for (size_t k = 0; k < sizeof lengths / sizeof lengths[0]; k++) {
        cJSON *const json = curve_of(lengths[k]);
        const int n = cJSON_GetArraySize(cJSON_GetObjectItem(json, "step"));
        assert_in_range(n, STUDY_CURVE_POINTS / 2, STUDY_CURVE_POINTS);
        assert_true(number(json, "step", 0) == 0.0);
        assert_true(number(json, "step", n - 1) == (double)(lengths[k] - 1));
        for (int i = 1; i < n; i++)
            assert_true(number(json, "step", i) > number(json, "step", i - 1));
        cJSON_Delete(json);
    }
}

/* A score after each epoch must not depend on which rows are kept. */
static void what_few_rows_have_is_not_lost(void **state)
{
    (void)state;
    static const size_t lengths[] = {500, 801, 1000, 5000, 12345};
    for (size_t k = 0; k < sizeof lengths / sizeof lengths[0]; k++) {
        cJSON *const json = curve_of(lengths[k]);
        const int n = cJSON_GetArraySize(cJSON_GetObjectItem(json, "score"));
        const double apart = (double)lengths[k] / (n - 1) + 1;
        size_t scores = 0;
        for (int i = 0; i < n; i++) {
            const double score = number(json, "score", i);
            if (isnan(score)) continue;
            scores++;
            /* It stands within a point of where it was. */
            assert_true(fabs(number(json, "step", i) - score) <= 2 * apart);
        }
        const size_t given = (lengths[k] - 1) / EVERY + 1;
        const bool last_too = (lengths[k] - 1) % EVERY != 0;
        assert_int_equal(scores, given + last_too);
        cJSON_Delete(json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_short_curve_stays_as_it_is),
        cmocka_unit_test(a_long_curve_keeps_its_ends_and_its_order),
        cmocka_unit_test(what_few_rows_have_is_not_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
