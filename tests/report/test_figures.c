/* What figures are made of: seeds gathered, percent where it is percent, and
 * nothing where there is nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/figures.h"
#include "report/sample.h"
#include "report/series.h"

/* A schedule "s" whose seeds logged these curves. */
static void store_curves(const char *path, const char *const *curves, size_t n)
{
    struct study_store *const s = sample_store(path, true);
    for (size_t k = 0; k < n; k++)
        sample_add(s, &(struct sample){.name = "s",
                                       .spec = "0.1",
                                       .budget = 10,
                                       .seed = (int64_t)k,
                                       .role = STUDY_SCORE,
                                       .state = STUDY_DONE,
                                       .metric = 0.5,
                                       .curve = curves[k]});
    study_store_close(s);
}

static void gather(const char *path, const char *key, struct report_series *out)
{
    struct report r;
    sample_load(path, &r);
    const struct study_table *const t = &r.analysis.tables[0];
    assert_true(report_gather(&r, t, &t->rows[0], key, out));
    report_close(&r);
}

static void seeds_of_the_same_steps_keep_them(void **state)
{
    (void)state;
    static const char *const curves[] = {
        "{\"step\":[0,10,30],\"loss\":[4,2,1]}",
        "{\"step\":[0,10,30],\"loss\":[2,4,1]}",
        "{\"step\":[0,10,30],\"loss\":[3,3,4]}"};
    store_curves("same.db", curves, 3);
    struct report_series s;
    gather("same.db", "loss", &s);
    assert_int_equal(s.n, 3);
    assert_int_equal(s.seeds, 3);
    static const double x[] = {0, 10, 30}, mean[] = {3, 3, 2},
                        low[] = {2, 2, 1}, high[] = {4, 4, 4};
    for (size_t k = 0; k < 3; k++) {
        assert_true(s.x[k] == x[k] && s.mean[k] == mean[k]);
        assert_true(s.low[k] == low[k] && s.high[k] == high[k]);
    }
    report_series_free(&s);
}

/* Two straight lines, 2x and 2x + 4, logged at other steps and one of them for
 * half the way: where both are known the mean is 2x + 2. */
static void seeds_of_other_steps_are_brought_together(void **state)
{
    (void)state;
    char first[8000] = "{\"step\":[", second[8000] = "{\"step\":[";
    size_t a = strlen(first), b = strlen(second);
    for (int k = 0; k <= 250; k++)
        a += (size_t)snprintf(first + a, sizeof first - a, "%s%d", k ? "," : "",
                              4 * k);
    for (int k = 0; k <= 250; k++)
        b += (size_t)snprintf(second + b, sizeof second - b, "%s%d",
                              k ? "," : "", 2 * k);
    a += (size_t)snprintf(first + a, sizeof first - a, "],\"loss\":[");
    b += (size_t)snprintf(second + b, sizeof second - b, "],\"loss\":[");
    for (int k = 0; k <= 250; k++)
        a += (size_t)snprintf(first + a, sizeof first - a, "%s%d", k ? "," : "",
                              8 * k);
    for (int k = 0; k <= 250; k++)
        b += (size_t)snprintf(second + b, sizeof second - b, "%s%d",
                              k ? "," : "", 4 * k + 4);
    snprintf(first + a, sizeof first - a, "]}");
    snprintf(second + b, sizeof second - b, "]}");
    store_curves("other.db", (const char *const[]){first, second}, 2);
    struct report_series s;
    gather("other.db", "loss", &s);
    assert_in_range(s.n, 90, 110);
    assert_true(s.x[s.n - 1] == 1000);
    for (size_t k = 0; k < s.n; k++) {
        /* A bin of 10 steps holds points off its middle by 4 at most. */
        const double both = 2 * s.x[k] + 2, one = 2 * s.x[k];
        if (s.x[k] < 495)
            assert_true(fabs(s.mean[k] - both) <= 8 &&
                        s.high[k] - s.low[k] > 0);
        if (s.x[k] > 505) {
            assert_true(fabs(s.mean[k] - one) <= 12);
            assert_true(s.low[k] == s.high[k]);
        }
        if (k) assert_true(s.x[k] > s.x[k - 1]);
    }
    report_series_free(&s);
}

static void gaps_and_broken_curves_are_passed_over(void **state)
{
    (void)state;
    static const char *const curves[] = {
        "{\"step\":[0,1,2,3],\"loss\":[4,null,2,1]}", NULL,
        "{\"step\":[0,1],\"other\":[1,2]}"};
    store_curves("gaps.db", curves, 3);
    struct report_series s;
    gather("gaps.db", "loss", &s);
    assert_int_equal(s.n, 3);
    assert_int_equal(s.seeds, 1);
    assert_true(s.x[1] == 2 && s.mean[1] == 2);
    report_series_free(&s);
    gather("gaps.db", "nothing", &s);
    assert_int_equal(s.n, 0);
    report_series_free(&s);
}

static void measures_are_the_loss_and_what_counts(void **state)
{
    (void)state;
    static const struct {
        const char *path, *curve, *names[4];
    } logs[] = {
        {"agent.db",
         "{\"step\":[0,1],\"lr\":[1,1],\"kl\":[1,1],\"episode_return\":[1,2],"
         "\"test_accuracy\":[1,2],\"loss\":[2,1]}",
         {"loss", "test_accuracy", "episode_return"}},
        {"other.db1",
         "{\"step\":[0,1],\"loss\":[2,1],\"perplexity\":[9,8],\"x\":[1,1]}",
         {"loss", "perplexity"}},
        {"once.db",
         "{\"step\":[0,1],\"loss\":[2,1],\"test_accuracy\":[null,8]}",
         {"loss"}},
    };
    for (size_t k = 0; k < sizeof logs / sizeof logs[0]; k++) {
        store_curves(logs[k].path, &logs[k].curve, 1);
        struct report r;
        sample_load(logs[k].path, &r);
        char *names[3] = {NULL};
        const size_t count = report_measures(&r, names, 3);
        for (size_t i = 0; i < count; i++) {
            assert_non_null(logs[k].names[i]);
            assert_string_equal(names[i], logs[k].names[i]);
            free(names[i]);
        }
        assert_null(logs[k].names[count]);
        report_close(&r);
    }
}

static void draw(const struct report *r, enum report_kind kind,
                 struct report_figure *f)
{
    assert_true(report_draw(r, kind, 0, r->analysis.table_count, f));
}

static void figures_have_the_panels_of_their_kind(void **state)
{
    (void)state;
    sample_study("kinds.db", 3, 5, 2);
    struct report r;
    sample_load("kinds.db", &r);
    struct report_figure f;
    draw(&r, REPORT_INTERVALS, &f);
    assert_int_equal(f.figure.count, 2);
    assert_int_equal(f.figure.panels[0].row_count, 3);
    assert_string_equal(f.figure.panels[0].ylabel, "10 epochs");
    assert_string_equal(f.figure.xlabel, "test accuracy (%)");
    /* cosine at 10 epochs: 0.915 and a sawtooth of seeds 0, 7, 4, 1, 8. */
    const struct plot_row *const row = &f.figure.panels[0].rows[0];
    assert_string_equal(row->name, "cosine");
    assert_true(fabs(row->value - 91.9) < 1e-9);
    assert_int_equal(row->n, 5);
    assert_true(row->low < row->value && row->value < row->high);
    report_figure_free(&f);

    draw(&r, REPORT_RATES, &f);
    assert_int_equal(f.figure.count, 2);
    assert_int_equal(f.figure.panels[0].count, 3);
    assert_true(fabs(f.figure.panels[0].curves[0].y[0] - 0.003) < 1e-12);
    assert_null(f.figure.panels[0].curves[0].low);
    report_figure_free(&f);

    draw(&r, REPORT_CURVES, &f);
    assert_int_equal(f.figure.count, 4); /* loss and accuracy, twice */
    assert_string_equal(f.figure.panels[0].ylabel, "loss, 10 epochs");
    assert_string_equal(f.figure.panels[1].ylabel,
                        "test accuracy (%), 10 epochs");
    assert_true(f.figure.panels[0].log_y);
    assert_false(f.figure.panels[1].log_y);
    assert_non_null(f.figure.panels[0].curves[0].low);
    report_figure_free(&f);

    draw(&r, REPORT_PEAKS, &f);
    assert_int_equal(f.figure.count, 2);
    assert_true(f.figure.log_x);
    assert_int_equal(f.figure.panels[0].curves[0].n, 3);
    assert_true(f.figure.panels[0].curves[0].x[2] == 0.01);
    assert_true(f.figure.panels[0].curves[0].bars);
    report_figure_free(&f);
    report_close(&r);
}

static void a_schedule_has_one_colour_in_every_figure(void **state)
{
    (void)state;
    sample_study("colours.db", 4, 5, 2);
    struct report r;
    sample_load("colours.db", &r);
    struct report_figure rows, curves;
    draw(&r, REPORT_INTERVALS, &rows);
    draw(&r, REPORT_CURVES, &curves);
    for (size_t k = 0; k < 4; k++)
        for (size_t i = 0; i < curves.figure.panels[2].count; i++) {
            const struct plot_row *const a = &rows.figure.panels[0].rows[k];
            const struct plot_curve *const b =
                &curves.figure.panels[2].curves[i];
            assert_int_equal(strcmp(a->name, b->name) == 0,
                             a->colour == b->colour);
        }
    report_figure_free(&rows);
    report_figure_free(&curves);
    report_close(&r);
}

static void nothing_to_show_is_no_panel(void **state)
{
    (void)state;
    static const double none[] = {NAN, NAN};
    struct study_store *const s = sample_store("none.db", false);
    sample_row(s, "a", 100, none, 2);
    study_store_close(s);
    study_store_close(sample_store("empty.db", false));
    static const char *const paths[] = {"none.db", "empty.db"};
    for (size_t k = 0; k < 2; k++) {
        struct report r;
        sample_load(paths[k], &r);
        for (int kind = 0; kind < REPORT_KINDS; kind++) {
            struct report_figure f;
            draw(&r, (enum report_kind)kind, &f);
            assert_int_equal(f.figure.count, 0);
            report_figure_free(&f);
            assert_non_null(report_kind_missing((enum report_kind)kind));
        }
        report_close(&r);
    }
}

/* A command that logs nothing: its schedule says the rates, as its steps are
 * known. */
static void rates_come_from_the_schedule_where_no_log_has_them(void **state)
{
    (void)state;
    struct study_store *const s = sample_store("exec.db", false);
    sample_add(s, &(struct sample){.name = "line",
                                   .spec = "linear(1, 0, 100)",
                                   .budget = 101,
                                   .role = STUDY_SCORE,
                                   .state = STUDY_DONE,
                                   .metric = 1});
    study_store_close(s);
    struct report r;
    sample_load("exec.db", &r);
    struct report_figure f;
    draw(&r, REPORT_RATES, &f);
    assert_int_equal(f.figure.count, 1);
    const struct plot_curve *const c = &f.figure.panels[0].curves[0];
    assert_int_equal(c->n, 101);
    for (size_t k = 0; k < c->n; k++) {
        assert_true(c->x[k] == (double)k);
        assert_true(fabs(c->y[k] - (1.0 - (double)k / 100)) < 1e-12);
    }
    report_figure_free(&f);
    report_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeds_of_the_same_steps_keep_them),
        cmocka_unit_test(seeds_of_other_steps_are_brought_together),
        cmocka_unit_test(gaps_and_broken_curves_are_passed_over),
        cmocka_unit_test(measures_are_the_loss_and_what_counts),
        cmocka_unit_test(figures_have_the_panels_of_their_kind),
        cmocka_unit_test(a_schedule_has_one_colour_in_every_figure),
        cmocka_unit_test(nothing_to_show_is_no_panel),
        cmocka_unit_test(rates_come_from_the_schedule_where_no_log_has_them),
    };
    return cmocka_run_group_tests(tests, sample_enter, sample_leave);
}
