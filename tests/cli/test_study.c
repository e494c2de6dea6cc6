/* taper study: what it shows of studies, and what it makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "studies.h"

/* A training with a curve of three points; a seed of 1 fails. */
#define CURVED \
    "[ $TAPER_SEED != 1 ] || { echo 'a \"bad\", bad seed' >&2; exit 1; }; " \
    "for i in 0 1 2; do echo \"{\\\"step\\\": $i, \\\"loss\\\": 1.5}\"; " \
    "done; " \
    "echo \"{\\\"metric\\\": $TAPER_SEED.25}\""

static void make_study(void)
{
    assert_status(COMPARE(CURVED, TWO_SCHEDULES, "--seeds", "3"), 0);
}

static void a_listing_says_how_far_studies_are(void **state)
{
    (void)state;
    make_study();
    write_file("other.txt", "no study\n");
    const struct outcome *o = TAPER("study", "list", in_folder(""));
    assert_status(o, 0);
    assert_says(o->out, "study.db");
    assert_says(o->out, "exec");
    assert_says(o->out, "6 of 6");
    o = TAPER("study", "list", in_folder("study.db"), "--json");
    assert_status(o, 0);
    cJSON *const json = cJSON_Parse(o->out);
    const cJSON *const study =
        cJSON_GetArrayItem(cJSON_GetObjectItem(json, "studies"), 0);
    assert_int_equal(cJSON_GetObjectItem(study, "done")->valueint, 4);
    assert_int_equal(cJSON_GetObjectItem(study, "failed")->valueint, 2);
    assert_string_equal(cJSON_GetStringValue(
                            cJSON_GetObjectItem(study, "direction")),
                        "minimize");
    cJSON_Delete(json);
}

static void a_file_that_is_no_study_is_named(void **state)
{
    (void)state;
    write_file("other.db", "this is no study, but a text of some length\n");
    const struct outcome *o = TAPER("study", "list", in_folder("other.db"));
    assert_status(o, 1);
    assert_says(o->err, "other.db");
    o = TAPER("study", "show", in_folder("missing.db"));
    assert_status(o, 1);
    assert_says(o->err, "missing.db");
    assert_status(TAPER("study", "list", in_folder("")), 1);
}

static void a_folder_without_studies_is_named(void **state)
{
    (void)state;
    const struct outcome *o = TAPER("study", "list", in_folder(""));
    assert_status(o, 1);
    assert_says(o->err, "there is no study (*.db) in ");
    assert_says(o->err, in_folder(""));
    o = TAPER("study", "list", in_folder(""), in_folder(""));
    assert_says(o->err, " and the other places: ");
}

static void a_trial_is_shown_with_all_that_is_known(void **state)
{
    (void)state;
    make_study();
    size_t shown = 0;
    for (int id = 1; id <= 6; id++) {
        char number[16];
        (void)snprintf(number, sizeof number, "%d", id);
        const struct outcome *const o =
            TAPER("study", "show", in_folder("study.db"), number);
        assert_status(o, 0);
        if (!strstr(o->out, "failed")) continue;
        assert_says(o->out, "a \"bad\", bad seed");
        assert_says(o->out, "exit status 1");
        shown++;
    }
    assert_int_equal(shown, 2);
    const struct outcome *const o =
        TAPER("study", "show", in_folder("study.db"), "7");
    assert_status(o, 1);
    assert_says(o->err, "no trial 7");
}

static void
what_a_trial_printed_is_shown_without_commanding_a_terminal(void **state)
{
    (void)state;
    (void)COMPARE("printf 'one\\n\\033]0;two\\007' >&2; exit 1", "--schedule",
                  "0.1", "--seeds", "1");
    const struct outcome *const o =
        TAPER("study", "show", in_folder("study.db"), "1");
    assert_status(o, 0);
    assert_says(o->out, "\none\n\\x1b]0;two\\x07\n");
}

static void csv_has_a_row_for_each_trial_or_point(void **state)
{
    (void)state;
    make_study();
    const struct outcome *o = TAPER("study", "export", in_folder("study.db"));
    assert_status(o, 0);
    assert_memory_equal(o->out, "trial,role,name,peak,budget,seed,state", 38);
    assert_says(o->out, ",score,falling,,10,0,done,0.25,");
    /* A quotation mark within a field is doubled. */
    assert_says(o->out, "a \"\"bad\"\", bad seed");

    o = TAPER("study", "export", in_folder("study.db"), "-o", "-");
    assert_status(o, 0);
    assert_memory_equal(o->out, "trial,role,name,peak,budget,seed,state", 38);

    assert_status(TAPER("study", "export", in_folder("study.db"), "--curves",
                        "-o", in_folder("curves.csv")),
                  0);
    assert_int_equal(count_lines("curves.csv"), 1 + 4 * 3);
    assert_int_equal(
        system("grep -q '^trial,role,name,peak,budget,seed,step,loss$' "
               "\"$HERE/curves.csv\" && "
               "grep -q ',score,level,,10,2,1,1.5$' \"$HERE/curves.csv\""),
        0);
}

static void merged_studies_have_the_trials_of_both(void **state)
{
    (void)state;
    static const char command[] = "echo \"{\\\"metric\\\": $TAPER_SEED}\"";
    static const char *const names[] = {"one.db", "two.db"};
    for (size_t k = 0; k < 2; k++)
        assert_status(TAPER("compare", "--exec", command, "--steps", "10",
                            "--db", in_folder(names[k]), "--seeds",
                            k ? "3" : "2", TWO_SCHEDULES),
                      0);
    const struct outcome *o = TAPER("study", "merge", in_folder("study.db"),
                                    in_folder("one.db"), in_folder("two.db"));
    assert_status(o, 0);
    assert_says(o->out, "4 trials added");
    assert_says(o->out, "2 trials added");
    assert_int_equal(count_state("done"), 6);

    assert_status(TAPER("compare", "--exec", "echo '{\"metric\": 1}'",
                        "--steps", "10", "--db", in_folder("three.db"),
                        TWO_SCHEDULES),
                  0);
    o = TAPER("study", "merge", in_folder("study.db"), in_folder("three.db"));
    assert_status(o, 2);
    assert_says(o->err, "command");
    assert_int_equal(count_state("done"), 6);
}

static void merging_what_is_no_study_makes_none(void **state)
{
    (void)state;
    make_study();
    write_file("notes.db", "no study, but a text that is longer than a head\n");
    static const char *const wrong[] = {"missing.db", "notes.db"};
    for (size_t k = 0; k < 2; k++) {
        const struct outcome *const o =
            TAPER("study", "merge", in_folder("all.db"), in_folder("study.db"),
                  in_folder(wrong[k]));
        assert_status(o, 1);
        assert_says(o->err, wrong[k]);
        assert_int_not_equal(access(in_folder("all.db"), F_OK), 0);
    }
}

static void wrong_usage_is_refused_with_what_to_do(void **state)
{
    (void)state;
    static const struct {
        const char *args[4], *says;
    } rows[] = {
        {{NULL}, "list, show, merge or export"},
        {{"lst"}, "did you mean 'list'"},
        {{"show"}, "show FILE"},
        {{"merge", "a.db"}, "merge INTO FILE"},
        {{"export"}, "export FILE"},
        {{"list", "--curves"}, "for export"},
        {{"export", "a.db", "--json"}, "for list and show"},
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        const char *args[8] = {"study"};
        for (size_t i = 0; i < 4 && rows[k].args[i]; i++)
            args[i + 1] = rows[k].args[i];
        const struct outcome *const o = run_program(NULL, args);
        assert_status(o, 2);
        assert_says(o->err, rows[k].says);
    }
}

#define IN_FOLDER(test) \
    cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_listing_says_how_far_studies_are),
        IN_FOLDER(a_folder_without_studies_is_named),
        IN_FOLDER(a_file_that_is_no_study_is_named),
        IN_FOLDER(a_trial_is_shown_with_all_that_is_known),
        IN_FOLDER(what_a_trial_printed_is_shown_without_commanding_a_terminal),
        IN_FOLDER(csv_has_a_row_for_each_trial_or_point),
        IN_FOLDER(merged_studies_have_the_trials_of_both),
        IN_FOLDER(merging_what_is_no_study_makes_none),
        IN_FOLDER(wrong_usage_is_refused_with_what_to_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
