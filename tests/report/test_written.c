/* The report as text, Markdown and HTML: what stands where, and that nothing
 * of what people wrote is taken for markup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/format.h"
#include "report/sample.h"

static bool plain(const struct report *r, FILE *out)
{
    return report_text(r, 100, out);
}

/* What `write` makes of a store; to be freed. */
static char *text_of(const char *path,
                     bool (*write)(const struct report *, FILE *))
{
    struct report r;
    sample_load(path, &r);
    char *text = NULL;
    size_t size = 0;
    FILE *const out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_true(write(&r, out));
    assert_int_equal(fclose(out), 0);
    report_close(&r);
    char *const copy = strdup(text);
    free(text);
    assert_non_null(copy);
    return copy;
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part)) fail_msg("no '%s' in\n%s", part, text);
}

static void assert_lacks(const char *text, const char *part)
{
    const char *const found = strstr(text, part);
    if (found) fail_msg("'%s' is there: %.60s", part, found);
}

static size_t count_of(const char *text, const char *part)
{
    size_t n = 0;
    while ((text = strstr(text, part)) != NULL) {
        n++;
        text += strlen(part);
    }
    return n;
}

/* -------------------------------------------------------------------- text */

static void schedules_stand_in_the_order_of_their_ranks(void **state)
{
    (void)state;
    static const double worst[] = {0.70, 0.71, 0.72},
                        best[] = {0.90, 0.91, 0.92};
    struct study_store *const s = sample_store("order.db", true);
    sample_row(s, "afterwards", 10, worst, 3);
    sample_row(s, "before", 10, best, 3);
    study_store_close(s);
    char *const text = text_of("order.db", plain);
    assert_has(text, "test accuracy, higher is better; 10 epochs");
    assert_has(text, "mean, %");
    const char *const first = strstr(text, "   1  before");
    const char *const second = strstr(text, "   2  afterwards");
    assert_true(first && second && first < second);
    /* The mean in percent: the digits follow the spread, 1 point. */
    assert_has(first, "91.0");
    assert_has(second, "71.0");
    free(text);
}

static void no_line_is_wider_than_asked_nor_ends_in_space(void **state)
{
    (void)state;
    sample_study("wide.db", 6, 5, 2);
    struct report r;
    sample_load("wide.db", &r);
    static const size_t widths[] = {90, 120};
    for (size_t k = 0; k < 2; k++) {
        char *text = NULL;
        size_t size = 0;
        FILE *const out = open_memstream(&text, &size);
        assert_non_null(out);
        assert_true(report_text(&r, widths[k], out));
        assert_int_equal(fclose(out), 0);
        assert_null(strchr(text, '\x1b'));
        for (const char *line = text; *line;) {
            const size_t n = strcspn(line, "\n");
            if (n > widths[k]) fail_msg("too wide: %.*s", (int)n, line);
            if (n) assert_int_not_equal(line[n - 1], ' ');
            line += n + 1;
        }
        free(text);
    }
    report_close(&r);
}

static void one_trial_is_no_trials(void **state)
{
    (void)state;
    const double metric = 0.5;
    struct study_store *s = sample_store("one.db", true);
    sample_row(s, "alone", 0, &metric, 1);
    study_store_close(s);
    char *text = text_of("one.db", report_markdown);
    assert_has(text, "1 trial, ");
    free(text);
}

/* Losses near 0: six decimals would show nothing of them. */
static void means_too_small_for_decimals_have_exponents(void **state)
{
    (void)state;
    struct study_row rows[] = {{.moments = {3, 1.25e-9, 2e-10}},
                               {.moments = {3, 4e-8, 0}}};
    const struct study_table small = {.rows = rows, .row_count = 2};
    const struct report r = {.path = NULL};
    char out[REPORT_WORDS];
    report_bare(&r, 1.25e-9, report_decimals(&r, &small), false, out);
    assert_string_equal(out, "1.25e-09");
    report_bare(&r, 4e-8, report_decimals(&r, &small), true, out);
    assert_string_equal(out, "+4e-08");
    rows[1].moments.mean = 2.5e-4;
    report_bare(&r, 2.5e-4, report_decimals(&r, &small), false, out);
    assert_string_equal(out, "0.000250");
}

static void a_study_without_trials_says_so(void **state)
{
    (void)state;
    study_store_close(sample_store("empty.db", true));
    char *text = text_of("empty.db", plain);
    assert_has(text, "no trials yet");
    free(text);
    text = text_of("empty.db", report_markdown);
    assert_has(text, "no trials yet");
    free(text);
}

static void columns_without_content_are_left_out(void **state)
{
    (void)state;
    static const double fine[] = {0.5, 0.6};
    struct study_store *const s = sample_store("few.db", false);
    sample_row(s, "a", 100, fine, 2);
    study_store_close(s);
    char *const text = text_of("few.db", plain);
    assert_lacks(text, "diverged");
    assert_lacks(text, "failed");
    assert_lacks(text, "best peak");
    assert_has(text, "std");
    free(text);
}

/* ---------------------------------------------------------------- Markdown */

/* Bars that end cells in a line: not those that are escaped. */
static size_t bars_in(const char *line, size_t n)
{
    size_t bars = 0;
    for (size_t k = 0; k < n; k++)
        if (line[k] == '|' && (k == 0 || line[k - 1] != '\\')) bars++;
    return bars;
}

static void every_row_of_a_markdown_table_has_its_columns(void **state)
{
    (void)state;
    sample_study("md.db", 5, 5, 2);
    char *const text = text_of("md.db", report_markdown);
    assert_has(text, "## At 10 epochs");
    assert_has(text, "## At 20 epochs");
    size_t columns = 0, tables = 0;
    for (const char *line = text; *line;) {
        const size_t n = strcspn(line, "\n");
        const size_t bars = line[0] == '|' ? bars_in(line, n) : 0;
        if (bars && !columns) tables++;
        if (bars && columns) assert_int_equal(bars, columns);
        columns = bars;
        line += n + (line[n] == '\n');
    }
    assert_int_equal(tables, 6); /* ranking, pairs, what ran; twice */
    free(text);
}

static void markdown_takes_nothing_for_markup(void **state)
{
    (void)state;
    sample_study("hostile.db", 4, 5, 1);
    char *const text = text_of("hostile.db", report_markdown);
    assert_lacks(text, "\x1b");
    assert_has(text, "\\<script\\>");
    assert_has(text, "\\$x\\$\\</script\\>");
    /* The command that follows is a block of code, where nothing is markup. */
    *strstr(text, "```sh") = '\0';
    for (const char *c = strchr(text, '<'); c; c = strchr(c + 1, '<'))
        assert_true(c[-1] == '\\' || strncmp(c, "<details>", 9) == 0 ||
                    strncmp(c, "</details>", 10) == 0 ||
                    strncmp(c, "<summary>", 9) == 0 ||
                    strncmp(c, "</summary>", 10) == 0);
    free(text);
}

static void markdown_says_how_to_repeat(void **state)
{
    (void)state;
    static const double fine[] = {0.5, 0.6};
    struct study_store *const s = sample_store("again.db", true);
    sample_row(s, "a", 10, fine, 2);
    study_store_close(s);
    char *text = text_of("again.db", report_markdown);
    /* The store does not know the command, so it is made of what ran. */
    assert_has(text, "taper compare image --schedule 'a=file(\"a\")' --db "
                     "again.db");
    assert_has(text, "host, processor, 2 cores");
    free(text);

    struct study_store *again = NULL;
    assert_int_equal(study_store_open(&again, "again.db", STUDY_WRITE, NULL),
                     STUDY_OK);
    assert_int_equal(study_store_set(again, "asked", "taper compare ```x",
                                     NULL),
                     STUDY_OK);
    study_store_close(again);
    text = text_of("again.db", report_markdown);
    /* A fence is longer than what it fences. */
    assert_has(text, "````sh\ntaper compare ```x\n````\n");
    free(text);
}

/* -------------------------------------------------------------------- HTML */

static void the_page_takes_nothing_for_markup(void **state)
{
    (void)state;
    if (!report_has_charts()) skip();
    sample_study("page.db", 4, 5, 1);
    char *const text = text_of("page.db", report_html);
    /* One for each figure's data, one with uPlot, and the page's own. */
    const size_t data = count_of(text, "<script type=\"application/json\">");
    assert_int_equal(data, 4);
    assert_int_equal(count_of(text, "<script"), data + 2);
    assert_int_equal(count_of(text, "</script"), data + 2);
    assert_lacks(text, "<img");
    assert_lacks(text, "\x1b");
    assert_has(text, "&lt;script&gt;window.hurt=1&lt;/script&gt;");
    assert_has(text, "\\u003c\\u002fscript\\u003e");
    assert_has(text, "&lt;script&gt;window.hurt=3");
    free(text);
}

static void the_page_names_what_it_carries_and_loads_nothing(void **state)
{
    (void)state;
    if (!report_has_charts()) skip();
    sample_study("carries.db", 2, 3, 1);
    char *const text = text_of("carries.db", report_html);
    assert_has(text, "default-src 'none'");
    assert_has(text, "Leon Sorokin");
    assert_has(text, "Permission is hereby granted");
    assert_has(text, "0.003 * (cosine(1, 0))");
    assert_lacks(text, " src=");
    assert_int_equal(count_of(text, " href="), 1);
    assert_has(text, " href=\"data:,\"");
    assert_lacks(text, "@import");
    assert_lacks(text, "url(");
    free(text);
}

static void tags_are_closed(void **state)
{
    (void)state;
    if (!report_has_charts()) skip();
    static const struct {
        const char *path;
        size_t schedules, seeds, budgets;
    } studies[] = {{"t0.db", 0, 0, 0}, {"t1.db", 1, 1, 1}, {"t2.db", 9, 6, 2}};
    static const char *const tags[] = {"section", "details", "table", "tr",
                                       "td",      "figure",  "ul",    "li",
                                       "dl",      "dd",      "pre",   "main"};
    for (size_t k = 0; k < 3; k++) {
        sample_study(studies[k].path, studies[k].schedules, studies[k].seeds,
                     studies[k].budgets);
        char *const text = text_of(studies[k].path, report_html);
        for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
            char open[16], bare[16], close[16];
            snprintf(open, sizeof open, "<%s ", tags[i]);
            snprintf(bare, sizeof bare, "<%s>", tags[i]);
            snprintf(close, sizeof close, "</%s>", tags[i]);
            const size_t opened = count_of(text, open) + count_of(text, bare);
            if (opened != count_of(text, close))
                fail_msg("%s: %zu of <%s> opened, %zu closed", studies[k].path,
                         opened, tags[i], count_of(text, close));
        }
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schedules_stand_in_the_order_of_their_ranks),
        cmocka_unit_test(no_line_is_wider_than_asked_nor_ends_in_space),
        cmocka_unit_test(one_trial_is_no_trials),
        cmocka_unit_test(means_too_small_for_decimals_have_exponents),
        cmocka_unit_test(a_study_without_trials_says_so),
        cmocka_unit_test(columns_without_content_are_left_out),
        cmocka_unit_test(every_row_of_a_markdown_table_has_its_columns),
        cmocka_unit_test(markdown_takes_nothing_for_markup),
        cmocka_unit_test(markdown_says_how_to_repeat),
        cmocka_unit_test(the_page_takes_nothing_for_markup),
        cmocka_unit_test(the_page_names_what_it_carries_and_loads_nothing),
        cmocka_unit_test(tags_are_closed),
    };
    return cmocka_run_group_tests(tests, sample_enter, sample_leave);
}
