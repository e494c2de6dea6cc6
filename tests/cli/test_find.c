/* taper find: what it suggests for trainings whose best rates are known, how
 * it ends them, what it refuses, and that it leaves nothing behind. */
#include "studies.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A training in a line of shell, whose loss is 2, falls from 1e-4 to 1 at 1e-2,
 * and rises from 0.1 by 1 in a decade: half of the fall is made at 10^-3, and
 * 95 % of it are there from 10^-2.1 to 10^-0.95. */
#define VALLEY \
    "awk -F, 'NR > 1 {d = log($2) / log(10); v = 2;" \
    " if (d > -4) v = 2 - (d + 4) / 2;" \
    " if (d > -2) v = 1;" \
    " if (d > -1) v = 2 + d;" \
    " printf \"{\\\"step\\\": %d, \\\"loss\\\": %.9g}\\n\", $1, v}' " \
    "\"$TAPER_LR_TABLE\""

static const double middle = (-3.0 + (-2.1 - 0.95) / 2.0) / 2.0;

static double number_in(const char *json, const char *key)
{
    cJSON *const o = cJSON_Parse(json);
    const cJSON *const item = cJSON_GetObjectItemCaseSensitive(o, key);
    const double value = cJSON_IsNumber(item) ? item->valuedouble : (double)NAN;
    cJSON_Delete(o);
    return value;
}

/* Whether this build has nothing for a task. */
static bool lacks_trainers(void)
{
    return TAPER("train", "cartpole", "--help")->status == 1;
}

/* `taper find`, with its temporary folders in the test's own. */
static const struct outcome *find_rates(const char *const *args)
{
    const char *all[32] = {"find"};
    for (size_t k = 0; args[k] && k < 30; k++)
        all[k + 1] = args[k];
    const char *const before = getenv("TMPDIR");
    char *const kept = before ? strdup(before) : NULL;
    (void)setenv("TMPDIR", in_folder(""), 1);
    const struct outcome *const o = run_program(NULL, all);
    if (kept)
        (void)setenv("TMPDIR", kept, 1);
    else
        (void)unsetenv("TMPDIR");
    free(kept);
    return o;
}
#define FIND(...) find_rates((const char *const[]){__VA_ARGS__, NULL})

/* ---- what it suggests ---- */

static void a_command_gets_the_middle_of_its_valley(void **state)
{
    (void)state;
    const struct outcome *o = FIND("--exec", VALLEY, "--json");
    assert_status(o, 0);
    assert_true(fabs(log10(number_in(o->out, "suggestion")) - middle) < 0.06);
    assert_true(fabs(log10(number_in(o->out, "half_rate")) + 3.0) < 0.06);
    assert_true(fabs(log10(number_in(o->out, "floor_from")) + 2.1) < 0.15);
    assert_true(fabs(log10(number_in(o->out, "floor_to")) + 0.95) < 0.15);
    o = FIND("--exec", VALLEY);
    assert_status(o, 0);
    assert_says(o->out, "suggested peak: 0.00");
    assert_says(o->out, "midway ");
    assert_says(o->out, "tenth ");
    assert_says(o->out, "Learning Rate");
}

static void a_return_is_sought_where_it_is_high(void **state)
{
    (void)state;
    static const char command[] =
        "awk -F, 'NR > 1 {d = log($2) / log(10); v = 20;"
        " if (d > -4) v = 20 + 90 * (d + 4);"
        " if (d > -2) v = 200;"
        " if (d > -1) v = 200 - 100 * (d + 1);"
        " printf \"{\\\"step\\\": %d, \\\"gain\\\": %.9g}\\n\", $1, v}' "
        "\"$TAPER_LR_TABLE\"";
    const struct outcome *const o = FIND("--exec", command, "--metric", "gain",
                                         "--maximize", "--to", "1", "--json");
    /* Half of 180 is gained at 1e-3; 171 are there from 10^-2.1 to 10^-0.91. */
    assert_status(o, 0);
    assert_true(fabs(log10(number_in(o->out, "suggestion")) + 2.2525) < 0.06);
    assert_true(number_in(o->out, "best") > number_in(o->out, "start"));
}

static void a_training_that_learns_nothing_gets_no_rate(void **state)
{
    (void)state;
    static const char command[] =
        "awk 'BEGIN {srand(1); for (i = 0; i < 200; i++)"
        " printf \"{\\\"step\\\": %d, \\\"loss\\\": %.4f}\\n\", i, 2 + "
        "rand()}'";
    const struct outcome *o = FIND("--exec", command, "--json");
    assert_status(o, 1);
    assert_true(isnan(number_in(o->out, "suggestion")));
    assert_says(o->err, "no more than noise");
    o = FIND("--exec", command);
    assert_status(o, 1);
    assert_null(strstr(o->out, "suggested"));
}

/* The sweep ends where the loss still falls. */
static void a_sweep_that_is_too_short_is_doubted(void **state)
{
    (void)state;
    const struct outcome *const o = FIND("--exec", VALLEY, "--to", "0.01");
    assert_status(o, 0);
    assert_says(o->err, "end higher, with --to");
}

/* With rollouts so short that few updates are enough. An untrained policy's
 * episodes have 22 steps in the mean. */
static void an_agent_is_judged_by_its_returns(void **state)
{
    (void)state;
    if (lacks_trainers()) skip();
    const struct outcome *const o =
        FIND("cartpole", "--envs", "4", "--horizon", "16", "--update-epochs",
             "1", "--sweeps", "2", "--steps", "400", "--json");
    assert_status(o, 0);
    assert_says(o->out, "\"return\"");
    assert_true(number_in(o->out, "start") > 15);
    assert_true(number_in(o->out, "start") < 35);
    assert_true(number_in(o->out, "best") > 60);
    const double rate = number_in(o->out, "suggestion");
    assert_true(rate > 3e-4 && rate < 0.1);
}

/* They are those of the training that is to come: one that concerns the weight
 * decay, which a sweep leaves out, is none the worse. */
static void options_of_the_training_are_taken(void **state)
{
    (void)state;
    if (lacks_trainers()) skip();
    assert_status(FIND("cartpole", "--decay-all", "yes", "--envs", "4",
                       "--horizon", "16", "--update-epochs", "1", "--sweeps",
                       "2", "--steps", "400"),
                  0);
}

/* ---- what a command learns, and how it ends ---- */

static void a_command_is_told_what_to_do(void **state)
{
    (void)state;
    static const char command[] =
        "test \"$TAPER_STEPS\" = 50 && test -d \"$TAPER_OUT\" &&"
        " test \"$TAPER_SCHEDULE\" = 'exp(0.001, 1, 49)' &&"
        " test \"$(wc -l <\"$TAPER_LR_TABLE\")\" = 51 &&"
        " test \"$(tail -n 1 \"$TAPER_LR_TABLE\")\" = 49,1 &&"
        " echo \"$TAPER_SEED\" >>\"$HERE/seeds\" && touch \"$TAPER_OUT/a\" &&"
        " " VALLEY;
    (void)setenv("TAPER_SEED", "99", 1);
    const struct outcome *const o =
        FIND("--exec", command, "--steps", "50", "--from", "1e-3", "--to", "1",
             "--seed", "7", "--sweeps", "3", "--json");
    (void)unsetenv("TAPER_SEED");
    assert_true(o->status == 0 || strstr(o->err, "no rate to suggest"));
    assert_int_equal(count_lines("seeds"), 3);
    FILE *const f = fopen(in_folder("seeds"), "r");
    int seed;
    for (int i = 7; i < 10; i++) {
        assert_int_equal(fscanf(f, "%d", &seed), 1);
        assert_int_equal(seed, i);
    }
    (void)fclose(f);
}

/* The command would go on for a minute, and its child as well. */
static void a_command_that_diverged_is_ended(void **state)
{
    (void)state;
    static const char command[] =
        "for i in 0 1 2 3 4 5 6 7 8 9; do echo "
        "\"{\\\"step\\\": $i, \\\"loss\\\": 1}\"; done;"
        " echo '{\"step\": 10, \"loss\": NaN}'; sleep 60; echo $? "
        ">\"$HERE/late\"";
    const time_t before = time(NULL);
    const struct outcome *const o = FIND("--exec", command);
    assert_status(o, 1);
    assert_says(o->err, "10 values");
    assert_true(time(NULL) - before < 20);
    assert_int_equal(access(in_folder("late"), F_OK), -1);
}

static void a_command_that_fails_is_quoted(void **state)
{
    (void)state;
    const struct outcome *o =
        FIND("--exec", "echo 'File x, line 3' >&2; echo 'Error: no data' >&2;"
                       " exit 4");
    assert_status(o, 1);
    assert_says(o->err, "exit status 4): Error: no data");
    o = FIND("--exec", "exit 4");
    assert_status(o, 1);
    assert_says(o->err, "exit status 4): it wrote nothing to standard error");
    o = FIND("--exec", "echo '{\"metric\": 3}'");
    assert_status(o, 1);
    assert_says(o->err, "printed no line such as");
    /* One that gives up where its loss is no number has diverged. */
    o = FIND("--exec", VALLEY "; exit 5");
    assert_status(o, 0);
    assert_says(o->err, "counts as diverged");
}

/* ---- files ---- */

static void points_and_picture_are_written(void **state)
{
    (void)state;
    const char *const table = in_folder("points.csv");
    const struct outcome *o = FIND("--exec", VALLEY, "-o", table, "-o",
                                   in_folder("a.svg"), "--sweeps", "2");
    if (strstr(o->err, "gnuplot")) skip();
    assert_status(o, 0);
    assert_null(strstr(o->out, "Learning Rate")); /* the file has it */
    assert_int_equal(access(in_folder("a.svg"), R_OK), 0);
    assert_int_equal(count_lines("points.csv"), 401);
    FILE *const f = fopen(in_folder("points.csv"), "r");
    char line[200];
    assert_non_null(fgets(line, sizeof line, f));
    assert_string_equal(line, "seed,step,rate,loss,smoothed\n");
    assert_non_null(fgets(line, sizeof line, f));
    assert_int_equal(strncmp(line, "0,0,1e-6,2,2", 12), 0);
    (void)fclose(f);
}

/* The folder has what the test put there, and nothing of the sweeps. */
static void nothing_is_left_behind(void **state)
{
    (void)state;
    assert_status(FIND("--exec", VALLEY, "--sweeps", "3"), 0);
    (void)FIND("--exec", "touch $TAPER_OUT/x; exit 1");
    assert_int_equal(rmdir(in_folder("")), 0);
}

/* ---- refusals ---- */

struct refusal {
    const char *args[8];
    const char *says;
};

static void assert_refused(const struct refusal *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct outcome *const o = find_rates(cases[i].args);
        assert_status(o, 2);
        assert_says(o->err, cases[i].says);
        assert_string_equal(o->out, "");
    }
}

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {{NULL}, "find what?"},
        {{"--exec", VALLEY, "--from", "1", "--to", "1"}, "not below --to"},
        {{"--exec", VALLEY, "--steps", "19"}, "--steps needs"},
        {{"--exec", VALLEY, "-o", "a.gif"}, "names no format"},
        {{"--exec", VALLEY, "extra"}, "too much"},
    };
    assert_refused(cases, sizeof cases / sizeof cases[0]);
}

static void options_that_a_task_has_no_use_for_are_refused(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {{"imag"}, "image"},
        {{"image", "--schedule", "0.1"}, "not for find"},
        {{"image", "--lr", "0.1"}, "not for find"},
        {{"text", "--epochs", "3"}, "not for find"},
        {{"image", "--envs", "3"}, "for cartpole"},
        {{"cartpole", "--seed", "-1"}, "seed"},
        {{"cartpole", "--momentum", "0.5"}, "with --optimizer sgd only"},
    };
    if (lacks_trainers()) skip();
    assert_refused(cases, sizeof cases / sizeof cases[0]);
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        TEST(a_command_gets_the_middle_of_its_valley),
        TEST(a_return_is_sought_where_it_is_high),
        TEST(a_training_that_learns_nothing_gets_no_rate),
        TEST(a_sweep_that_is_too_short_is_doubted),
        TEST(an_agent_is_judged_by_its_returns),
        TEST(options_of_the_training_are_taken),
        TEST(a_command_is_told_what_to_do),
        TEST(a_command_that_diverged_is_ended),
        TEST(a_command_that_fails_is_quoted),
        TEST(points_and_picture_are_written),
        TEST(nothing_is_left_behind),
        TEST(what_makes_no_sense_is_refused),
        TEST(options_that_a_task_has_no_use_for_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
