/* taper report: what it prints and writes, and what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "cli/program.h"
#include "report/sample.h"

static int enter(void **state)
{
    (void)sample_enter(state);
    sample_study("study.db", 3, 5, 1);
    study_store_close(sample_store("empty.db", true));
    return 0;
}

/* The beginning of a file, with a NUL; fails the test if it is not there. */
static const char *start_of(const char *path)
{
    static char bytes[4096];
    FILE *const f = fopen(path, "rb");
    if (!f) fail_msg("%s is not there", path);
    bytes[fread(bytes, 1, sizeof bytes - 1, f)] = '\0';
    fclose(f);
    return bytes;
}

static void the_terminal_gets_ranking_sentences_and_intervals(void **state)
{
    (void)state;
    const struct outcome *const o = TAPER("report", "study.db");
    assert_status(o, 0);
    assert_says(o->out, "test accuracy, higher is better; 10 epochs");
    assert_says(o->out, "   1  cosine");
    assert_says(o->out, "- cosine ");
    assert_says(o->out, "test accuracy (%)");
    assert_string_equal(o->err, "");
}

static void json_is_what_the_architecture_says(void **state)
{
    (void)state;
    const struct outcome *o = TAPER("report", "study.db", "--json");
    assert_status(o, 0);
    cJSON *const printed = cJSON_Parse(o->out);
    assert_non_null(printed);
    const cJSON *const first = cJSON_GetArrayItem(
        cJSON_GetObjectItemCaseSensitive(printed, "schedules"), 0);
    static const char *const members[] = {"name", "schedule", "trials",
                                          "mean", "std",      "ci95"};
    for (size_t k = 0; k < sizeof members / sizeof members[0]; k++)
        if (!cJSON_GetObjectItemCaseSensitive(first, members[k]))
            fail_msg("no member '%s'", members[k]);
    assert_status(TAPER("report", "study.db", "-o", "r.json"), 0);
    assert_says(start_of("r.json"), "\"schedules\"");
    cJSON_Delete(printed);
}

static void
a_difference_that_matters_is_what_seeds_are_counted_for(void **state)
{
    (void)state;
    const struct outcome *const o =
        TAPER("report", "study.db", "--json", "--difference", "0.125");
    assert_status(o, 0);
    cJSON *const report = cJSON_Parse(o->out);
    const cJSON *const pairs = cJSON_GetObjectItem(report, "pairs");
    const cJSON *pair;
    assert_true(cJSON_GetArraySize(pairs) > 0);
    cJSON_ArrayForEach(pair, pairs)
        assert_true(cJSON_GetObjectItem(pair, "sought")->valuedouble == 0.125);
    cJSON_Delete(report);
}

static void each_extension_is_its_format(void **state)
{
    (void)state;
    assert_status(TAPER("report", "study.db", "-o", "r.md"), 0);
    assert_int_equal(strncmp(start_of("r.md"), "# Schedules", 11), 0);
    if (report_has_charts()) {
        assert_status(TAPER("report", "study.db", "-o", "r.HTML"), 0);
        assert_int_equal(strncmp(start_of("r.HTML"), "<!doctype html>", 15), 0);
    } else {
        const struct outcome *const o =
            TAPER("report", "study.db", "-o", "r.html");
        assert_status(o, 1);
        assert_says(o->err, "tools/fetch-uplot");
        assert_int_not_equal(access("r.html", F_OK), 0);
    }
    if (system("gnuplot --version >/dev/null 2>&1") != 0) return;
    static const char *const kinds[] = {"intervals", "rates", "curves",
                                        "peaks"};
    for (size_t k = 0; k < 4; k++) {
        char name[32];
        snprintf(name, sizeof name, "%s.svg", kinds[k]);
        assert_status(TAPER("report", "study.db", "--figure", kinds[k], "-o",
                            name),
                      0);
        assert_int_equal(strncmp(start_of(name), "<?xml", 5), 0);
    }
    assert_status(TAPER("report", "study.db", "-o", "r.png"), 0);
    assert_int_equal(strncmp(start_of("r.png"), "\x89PNG", 4), 0);
}

static void figures_without_a_file_are_drawn_in_the_terminal(void **state)
{
    (void)state;
    const struct outcome *o = TAPER("report", "study.db", "--figure", "peaks");
    assert_status(o, 0);
    assert_says(o->out, "peak learning rate");
    assert_says(o->out, "cosine");
    o = TAPER("report", "study.db", "--figure", "curves");
    assert_status(o, 0);
    assert_says(o->out, "loss");
}

static void a_figure_of_nothing_says_why_and_writes_nothing(void **state)
{
    (void)state;
    const struct outcome *const o =
        TAPER("report", "empty.db", "--figure", "peaks", "-o", "none.svg");
    assert_status(o, 1);
    assert_says(o->err, "tuned no peaks");
    assert_int_not_equal(access("none.svg", F_OK), 0);
    assert_status(TAPER("report", "empty.db"), 0);
}

static void wrong_usage_says_what_to_do(void **state)
{
    (void)state;
    static const struct {
        const char *args[6];
        const char *says;
    } wrong[] = {
        {{"report"}, "needs one study"},
        {{"report", "a.db", "b.db"}, "needs one study"},
        {{"report", "study.db", "-o", "r.txt"}, "ends in none of"},
        {{"report", "study.db", "-o", "report"}, "ends in none of"},
        {{"report", "study.db", "--figure", "pie"}, "intervals"},
        {{"report", "study.db", "--json", "-o", "r.md"}, "-o FILE.json"},
        {{"report", "study.db", "--figure", "peaks", "-o", "r.md"},
         "one picture"},
    };
    for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; k++) {
        const char *args[8] = {NULL};
        for (size_t i = 0; i < 6; i++)
            args[i] = wrong[k].args[i];
        const struct outcome *const o = run_program(NULL, args);
        assert_status(o, 2);
        assert_says(o->err, wrong[k].says);
        assert_string_equal(o->out, "");
    }
}

static void what_is_no_study_is_said_in_a_line(void **state)
{
    (void)state;
    FILE *const f = fopen("text.db", "w");
    assert_non_null(f);
    fputs("this is no database, whatever its name says\n", f);
    fclose(f);
    static const char *const paths[] = {"missing.db", "text.db", "."};
    for (size_t k = 0; k < 3; k++) {
        const struct outcome *const o = TAPER("report", paths[k]);
        assert_status(o, 1);
        assert_says(o->err, "taper: ");
        assert_ptr_equal(strchr(o->err, '\n'), o->err + strlen(o->err) - 1);
    }
    assert_int_not_equal(access("missing.db", F_OK), 0);
}

/* Reading claims nothing: somebody may be working on the study. */
static void reading_takes_no_lock(void **state)
{
    (void)state;
    assert_status(TAPER("report", "study.db"), 0);
    assert_int_not_equal(access("study.db-lock", F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_terminal_gets_ranking_sentences_and_intervals),
        cmocka_unit_test(json_is_what_the_architecture_says),
        cmocka_unit_test(
            a_difference_that_matters_is_what_seeds_are_counted_for),
        cmocka_unit_test(each_extension_is_its_format),
        cmocka_unit_test(figures_without_a_file_are_drawn_in_the_terminal),
        cmocka_unit_test(a_figure_of_nothing_says_why_and_writes_nothing),
        cmocka_unit_test(wrong_usage_says_what_to_do),
        cmocka_unit_test(what_is_no_study_is_said_in_a_line),
        cmocka_unit_test(reading_takes_no_lock),
    };
    return cmocka_run_group_tests(tests, enter, sample_leave);
}
