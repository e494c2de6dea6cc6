/* The report for programs: every number where it belongs, null where there is
 * none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/sample.h"

/* The report of a store, printed and read back; the caller deletes it. */
static cJSON *json_of(const char *path)
{
    struct report r;
    sample_load(path, &r);
    cJSON *const made = report_json(&r);
    report_close(&r);
    assert_non_null(made);
    char *const text = cJSON_Print(made);
    cJSON_Delete(made);
    assert_non_null(text);
    cJSON *const read = cJSON_Parse(text);
    assert_non_null(read);
    free(text);
    return read;
}

static const cJSON *get(const cJSON *o, const char *key)
{
    const cJSON *const item = cJSON_GetObjectItemCaseSensitive(o, key);
    if (!item) fail_msg("no member '%s'", key);
    return item;
}

static void assert_number(const cJSON *o, const char *key, double expected)
{
    const cJSON *const item = get(o, key);
    if (!cJSON_IsNumber(item) || !(fabs(item->valuedouble - expected) < 1e-9))
        fail_msg("%s is %.17g, not %.17g", key, item->valuedouble, expected);
}

static void assert_text(const cJSON *o, const char *key, const char *expected)
{
    assert_true(cJSON_IsString(get(o, key)));
    assert_string_equal(get(o, key)->valuestring, expected);
}

static void assert_null_member(const cJSON *o, const char *key)
{
    assert_true(cJSON_IsNull(get(o, key)));
}

static const cJSON *item(const cJSON *o, const char *key, int index)
{
    const cJSON *const found = cJSON_GetArrayItem(get(o, key), index);
    assert_non_null(found);
    return found;
}

static void assert_interval(const cJSON *o, double low, double high)
{
    const cJSON *const i = get(o, "ci95");
    assert_int_equal(cJSON_GetArraySize(i), 2);
    assert_true(fabs(cJSON_GetArrayItem(i, 0)->valuedouble - low) < 1e-9);
    assert_true(fabs(cJSON_GetArrayItem(i, 1)->valuedouble - high) < 1e-9);
}

/* 0.90 to 0.93: mean 0.915, variance 5/3 of a hundredth squared. Student's t
 * with 3 degrees of freedom is 3.182446305284263 at 0.975 (any table). */
static void a_schedule_has_its_mean_spread_and_interval(void **state)
{
    (void)state;
    static const double a[] = {0.90, 0.91, 0.92, 0.93};
    static const double b[] = {0.80, 0.82, 0.81, NAN};
    struct study_store *const s = sample_store("a.db", true);
    sample_row(s, "better", 5, a, 4);
    sample_row(s, "worse", 5, b, 4);
    study_store_close(s);
    cJSON *const o = json_of("a.db");
    assert_int_equal(cJSON_GetArraySize(get(o, "schedules")), 2);

    const cJSON *const first = item(o, "schedules", 0);
    const double std = 0.01 * sqrt(5.0 / 3.0);
    const double half = 3.182446305284263 * std / 2.0;
    assert_text(first, "name", "better");
    assert_text(first, "schedule", "file(\"better\")");
    assert_number(first, "rank", 1);
    assert_number(first, "budget", 5);
    assert_number(first, "trials", 4);
    assert_number(first, "done", 4);
    assert_number(first, "mean", 0.915);
    assert_number(first, "std", std);
    assert_interval(first, 0.915 - half, 0.915 + half);
    assert_int_equal(cJSON_GetArraySize(get(first, "values")), 4);
    assert_int_equal(cJSON_GetArraySize(get(first, "seeds")), 4);
    assert_null_member(first, "peak");
    assert_null_member(first, "best_peak");

    const cJSON *const second = item(o, "schedules", 1);
    assert_text(second, "name", "worse");
    assert_number(second, "trials", 4);
    assert_number(second, "diverged", 1);
    assert_number(second, "mean", 0.81);
    const double sum = get(first, "probability_best")->valuedouble +
                       get(second, "probability_best")->valuedouble;
    assert_true(fabs(sum - 1.0) < 1e-9);
    cJSON_Delete(o);
}

/* Differences of 0.1, 0.09 and 0.11: their mean is 0.1, their std 0.01. */
static void a_pair_is_compared_on_the_seeds_that_both_have(void **state)
{
    (void)state;
    static const double a[] = {0.90, 0.91, 0.92, 0.93};
    static const double b[] = {0.80, 0.82, 0.81, NAN};
    struct study_store *const s = sample_store("b.db", true);
    sample_row(s, "better", 5, a, 4);
    sample_row(s, "worse", 5, b, 4);
    study_store_close(s);
    cJSON *const o = json_of("b.db");
    assert_int_equal(cJSON_GetArraySize(get(o, "pairs")), 1);
    const cJSON *const pair = item(o, "pairs", 0);
    assert_text(pair, "a", "better");
    assert_text(pair, "b", "worse");
    assert_number(pair, "seeds", 3);
    assert_number(pair, "unpaired", 1);
    assert_number(pair, "wins", 3);
    assert_number(pair, "difference", 0.1);
    assert_number(pair, "std", 0.01);
    assert_true(cJSON_IsTrue(get(pair, "apart")));
    cJSON_Delete(o);
}

static void each_budget_has_its_own_entries(void **state)
{
    (void)state;
    sample_study("c.db", 2, 3, 2);
    cJSON *const o = json_of("c.db");
    assert_int_equal(cJSON_GetArraySize(get(o, "schedules")), 4);
    assert_number(item(o, "schedules", 0), "budget", 10);
    assert_number(item(o, "schedules", 3), "budget", 20);
    assert_number(item(o, "pairs", 1), "budget", 20);
    const cJSON *const first = item(o, "schedules", 0);
    assert_number(first, "best_peak", 0.003);
    assert_number(first, "peak", 0.003);
    assert_text(first, "spec", "cosine(1, 0)");
    assert_text(first, "schedule", "0.003 * (cosine(1, 0))");
    assert_int_equal(cJSON_GetArraySize(get(first, "peaks")), 3);
    assert_true(cJSON_IsTrue(get(item(first, "peaks", 1), "best")));
    assert_null_member(first, "peak_edge");
    cJSON_Delete(o);
}

static void an_empty_study_is_empty_and_whole(void **state)
{
    (void)state;
    study_store_close(sample_store("d.db", false));
    cJSON *const o = json_of("d.db");
    assert_int_equal(cJSON_GetArraySize(get(o, "schedules")), 0);
    assert_int_equal(cJSON_GetArraySize(get(o, "pairs")), 0);
    assert_text(get(o, "study"), "metric", "loss");
    assert_text(get(o, "study"), "direction", "minimize");
    assert_text(get(o, "study"), "file", "d.db");
    assert_text(get(get(o, "study"), "facts"), "version", "9.8.7");
    cJSON_Delete(o);
}

static void what_is_not_known_is_null(void **state)
{
    (void)state;
    static const double one[] = {0.5}, none[] = {NAN};
    struct study_store *const s = sample_store("e.db", false);
    sample_row(s, "one", 100, one, 1);
    sample_row(s, "none", 100, none, 1);
    study_store_close(s);
    cJSON *const o = json_of("e.db");
    const cJSON *const first = item(o, "schedules", 0);
    assert_number(first, "mean", 0.5);
    assert_null_member(first, "std");
    assert_null_member(first, "ci95");
    const cJSON *const second = item(o, "schedules", 1);
    assert_null_member(second, "mean");
    assert_null_member(second, "rank");
    assert_number(second, "diverged", 1);
    const cJSON *const pair = item(o, "pairs", 0);
    assert_null_member(pair, "difference");
    assert_null_member(pair, "p_holm");
    assert_null_member(pair, "needed_seeds");
    cJSON_Delete(o);
}

static void sentences_are_those_of_the_analysis(void **state)
{
    (void)state;
    sample_study("f.db", 4, 5, 1);
    struct report r;
    sample_load("f.db", &r);
    cJSON *const o = report_json(&r);
    assert_int_equal(cJSON_GetArraySize(get(o, "sentences")), r.words.count);
    assert_true(r.words.count > 0);
    for (size_t k = 0; k < r.words.count; k++)
        assert_text(item(o, "sentences", (int)k), "text",
                    r.words.sentences[k].text);
    assert_text(item(o, "sentences", 0), "tone", "finding");
    cJSON_Delete(o);
    report_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_schedule_has_its_mean_spread_and_interval),
        cmocka_unit_test(a_pair_is_compared_on_the_seeds_that_both_have),
        cmocka_unit_test(each_budget_has_its_own_entries),
        cmocka_unit_test(an_empty_study_is_empty_and_whole),
        cmocka_unit_test(what_is_not_known_is_null),
        cmocka_unit_test(sentences_are_those_of_the_analysis),
    };
    return cmocka_run_group_tests(tests, sample_enter, sample_leave);
}
