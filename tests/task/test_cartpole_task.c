/* Whole runs of `taper train cartpole`: that both algorithms learn, that a run
 * which is stopped after any update ends in the same bits, what a schedule may
 * count, what the files say, and what is refused. */
#include "task/folder.h"
#include "task/metrics.h"
#include "task/stop.h"
#include "task/trainer.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <taper.h>

/* ---- running ---- */

/* "name=value name=value", where a value may be quoted by apostrophes. */
static enum task_status apply(struct task_settings *s, const char *options,
                              struct task_error *err)
{
    char name[32], value[256];
    enum task_status status = TASK_OK;
    while (*options && status == TASK_OK) {
        int used = 0;
        if (sscanf(options, "%31[^=]='%255[^']' %n", name, value, &used) != 2 ||
            used == 0)
            assert_int_equal(sscanf(options, "%31[^=]=%255s %n", name, value,
                                    &used),
                             2);
        const struct task_setting *const row = task_setting_find(name);
        assert_non_null(row);
        status = task_settings_set(s, row, value, true, err);
        options += used;
    }
    return status;
}

struct made {
    enum task_status status;
    struct task_error err;
};

/* Trains into `out`, without a picture. With `stop`, a signal has come before
 * the first update. */
static struct made train(const char *out, const char *options, bool resume,
                         bool stop)
{
    struct made m = {.err = {.message = ""}};
    struct task_settings s = {0};
    struct task_progress progress = {0};
    char path[TASK_PATH_SIZE];
    cJSON *summary = NULL;
    m.status = apply(&s, "pictures=no ", &m.err);
    if (m.status == TASK_OK) m.status = apply(&s, options, &m.err);
    s.out = strdup(out);
    task_stop_install();
    if (stop) (void)raise(SIGINT);
    if (m.status == TASK_OK)
        m.status = task_train(&task_cartpole, &s, resume, &progress, path,
                              &summary, &m.err);
    task_stop_remove();
    cJSON_Delete(summary);
    task_settings_free(&s);
    return m;
}

static void run(const char *out, const char *options)
{
    const struct made m = train(out, options, false, false);
    if (m.status != TASK_OK) fail_msg("%s", m.err.message);
}

static cJSON *summary_of(const char *out)
{
    size_t n;
    char *const text = folder_read(out, "summary.json", &n);
    assert_non_null(text);
    cJSON *const json = cJSON_Parse(text);
    assert_non_null(json);
    free(text);
    return json;
}

/* NaN for null. */
static double number(const cJSON *json, const char *key)
{
    const cJSON *const item = cJSON_GetObjectItemCaseSensitive(json, key);
    assert_non_null(item);
    if (cJSON_IsNull(item)) return NAN;
    assert_true(cJSON_IsNumber(item));
    return item->valuedouble;
}

static double result(const char *out, const char *key)
{
    cJSON *const json = summary_of(out);
    const double value = number(json, key);
    cJSON_Delete(json);
    return value;
}

static struct task_table table_of(const char *out)
{
    struct task_table t;
    assert_int_equal(task_table_read(folder_path(out, "metrics.csv"), &t, NULL),
                     TASK_OK);
    return t;
}

static double cell(const struct task_table *t, const char *name, size_t row)
{
    const double *const column = task_table_column(t, name);
    assert_non_null(column);
    assert_true(row < t->count);
    return column[row];
}

/* ---- learning ---- */

/* A random policy returns 22 and the first, which a seed draws, 9 to 60 or so
 * (as it is when the rate is 0); 12,000 steps teach more than 200. */
static void ppo_learns_within_seconds(void **state)
{
    const char *const idle = folder_path(*state, "idle");
    const char *const taught = folder_path(*state, "taught");
    run(idle, "env-steps=512 schedule=0");
    run(taught, "env-steps=12000 eval-every=0");
    assert_true(result(idle, "mean_return") < 100);
    assert_true(result(taught, "mean_return") > 200);
    assert_true(result(taught, "episode_return") > 22.2 + 10);
}

static void reinforce_learns_by_any_baseline(void **state)
{
    static const char *const baselines[] = {"value", "mean", "none"};
    for (size_t i = 0; i < 3; i++) {
        char options[128];
        (void)snprintf(options, sizeof options,
                       "algorithm=reinforce episodes=160 baseline=%s "
                       "eval-every=0",
                       baselines[i]);
        const char *const out = folder_path(*state, baselines[i]);
        run(out, options);
        struct task_table t = table_of(out);
        const double *const mean = task_table_column(&t, "episode_return");
        assert_true(mean[3] < 60);
        assert_true(mean[t.count - 1] > 2 * mean[3]);
        task_table_free(&t);
    }
}

/* The first update of a rollout meets the policy that played it, up to the
 * single precision of the logarithms; the others move away from it. */
static void ppo_logs_how_far_the_policy_moves(void **state)
{
    const char *const out = folder_path(*state, "logged");
    run(out, "env-steps=512 envs=4 horizon=32 batch=32 update-epochs=3 "
             "schedule=0.05 eval-every=0");
    struct task_table t = table_of(out);
    double most = 0;
    assert_int_equal(t.count, 4 * 12);
    for (size_t i = 0; i < t.count; i++) {
        const double kl = cell(&t, "approx_kl", i);
        const double share = cell(&t, "clip_fraction", i);
        assert_true(share >= 0 && share <= 1);
        if (i % 12 == 0)
            assert_true(fabs(kl) < 1e-12 && !(share > 0));
        else
            assert_true(kl > 0);
        most = fmax(most, share);
    }
    assert_true(most > 0);
    task_table_free(&t);
}

static void reinforce_has_no_columns_of_ppo(void **state)
{
    const char *const out = folder_path(*state, "plain");
    run(out, "algorithm=reinforce episodes=8 eval-every=0");
    struct task_table t = table_of(out);
    assert_non_null(task_table_column(&t, "entropy"));
    assert_null(task_table_column(&t, "approx_kl"));
    assert_null(task_table_column(&t, "clip_fraction"));
    task_table_free(&t);
}

/* ---- resuming ---- */

static const char *const small[] = {
    "env-steps=96 envs=3 horizon=8 batch=9 update-epochs=2 hidden=8 "
    "eval-every=2 schedule='linear(1e-2, 0)'",
    "env-steps=96 envs=3 horizon=8 batch=9 update-epochs=2 hidden=8 "
    "eval-every=1 schedule='linear(1e-2, 0, 4ep)'",
    "algorithm=reinforce episodes=40 batch=4 hidden=8 baseline=mean "
    "eval-every=3 schedule='cosine(1e-2, 1e-4, 40ep)'",
    "env-steps=96 envs=3 horizon=8 batch=9 update-epochs=2 hidden=8 "
    "eval-every=2 plan='lr = linear(1e-2, 0); clip_range = linear(0.3, 0.01); "
    "entropy = linear(0.1, 0)'",
};

/* Each process does one update, so the run is stopped after every one of them:
 * between rollouts and in the midst of one. */
static void a_run_stopped_after_every_update_has_the_same_bits(void **state)
{
    for (size_t i = 0; i < sizeof small / sizeof small[0]; i++) {
        char a[600], b[600], name[8];
        (void)snprintf(name, sizeof name, "a%zu", i);
        (void)snprintf(a, sizeof a, "%s", folder_path(*state, name));
        name[0] = 'b';
        (void)snprintf(b, sizeof b, "%s", folder_path(*state, name));
        run(a, small[i]);
        struct made m = train(b, small[i], false, true);
        int stops = 0;
        for (; m.status == TASK_E_STOPPED; stops++)
            m = train(b, "", true, true);
        if (m.status != TASK_OK) fail_msg("%s", m.err.message);
        assert_true(stops >= 9);
        assert_same_file(a, b, "metrics.csv");
        assert_same_file(a, b, "model.safetensors");
        cJSON *const x = summary_of(a), *const y = summary_of(b);
        static const char *const same[] = {"mean_return", "return_std",
                                           "return_min", "env_steps",
                                           "episodes"};
        for (size_t k = 0; k < sizeof same / sizeof same[0]; k++)
            assert_true(number(x, same[k]) == number(y, same[k]));
        cJSON_Delete(x);
        cJSON_Delete(y);
    }
}

/* Writes run.json anew with another key among its options, as versions did that
 * recorded what the run does not read. */
static void record_more(const char *out, const char *key, double value)
{
    size_t n;
    char *const text = folder_read(out, "run.json", &n);
    assert_non_null(text);
    cJSON *const json = cJSON_Parse(text);
    free(text);
    cJSON *const options = cJSON_GetObjectItem(json, "options");
    assert_false(cJSON_HasObjectItem(options, key));
    cJSON_AddNumberToObject(options, key, value);
    char *const more = cJSON_Print(json);
    folder_write(out, "run.json", more, strlen(more));
    cJSON_free(more);
    cJSON_Delete(json);
}

/* A checkpoint belongs to all options of its run.json: one that was written
 * under more of them is gone on with, and not one of another record. */
static void a_record_of_an_earlier_version_is_resumed(void **state)
{
    const char *const whole = folder_path(*state, "whole");
    const char *const out = folder_path(*state, "parts");
    run(whole, small[0]);
    assert_int_equal(train(out, small[0], false, true).status, TASK_E_STOPPED);
    record_more(out, "episodes", 7);
    struct made m = train(out, "", true, true);
    assert_int_equal(m.status, TASK_E_FORMAT);
    assert_one_line(m.err.message, "checkpoint");

    assert_int_equal(remove(folder_path(out, "checkpoint")), 0);
    m = train(out, "", true, true);
    assert_int_equal(m.status, TASK_E_STOPPED);
    m = train(out, "", true, false);
    if (m.status != TASK_OK) fail_msg("%s", m.err.message);
    assert_same_file(whole, out, "metrics.csv");
    assert_same_file(whole, out, "model.safetensors");
}

/* ---- what a schedule counts ---- */

static double rate(const char *text, double step)
{
    taper_schedule *s;
    assert_int_equal(taper_parse(text, strlen(text), NULL, NULL, &s, NULL),
                     TAPER_OK);
    const double value = taper_at(s, (int64_t)step);
    taper_free(s, NULL);
    return value;
}

/* Rollouts of 24 steps: every update of the k-th reads at 24 k. */
static void a_schedule_in_samples_counts_environment_steps(void **state)
{
    const char *const out = folder_path(*state, "run");
    run(out, "env-steps=120 envs=3 horizon=8 batch=12 update-epochs=2 hidden=8 "
             "schedule='linear(1e-2, 0, 96smp)'");
    struct task_table t = table_of(out);
    assert_int_equal(t.count, 20);
    for (size_t i = 0; i < t.count; i++) {
        assert_true(cell(&t, "lr", i) ==
                    rate("linear(1e-2, 0, 96)", 24 * floor((double)i / 4)));
        assert_true(cell(&t, "env_steps", i) == 24 * floor((double)i / 4) + 24);
    }
    task_table_free(&t);
}

static void a_schedule_in_epochs_counts_episodes(void **state)
{
    const char *const out = folder_path(*state, "run");
    run(out, "algorithm=reinforce episodes=30 batch=4 hidden=8 "
             "schedule='cosine(1e-2, 1e-4, 24ep)'");
    struct task_table t = table_of(out);
    assert_int_equal(t.count, 8); /* 32 episodes are whole updates */
    for (size_t i = 0; i < t.count; i++) {
        assert_true(cell(&t, "lr", i) ==
                    rate("cosine(1e-2, 1e-4, 24)", 4 * (double)i));
        assert_true(cell(&t, "episodes", i) == 4 * (double)i + 4);
    }
    task_table_free(&t);
}

/* PPO cannot know how many episodes will end, but counts those that have. */
static void ppo_may_count_episodes_too(void **state)
{
    const char *const out = folder_path(*state, "run");
    run(out, "env-steps=480 envs=3 horizon=16 batch=48 update-epochs=2 "
             "hidden=8 schedule='linear(1e-2, 0, 40ep)'");
    struct task_table t = table_of(out);
    double before = 0;
    for (size_t i = 0; i < t.count; i++) {
        assert_true(cell(&t, "lr", i) == rate("linear(1e-2, 0, 40)", before));
        if (i % 2 == 1) before = cell(&t, "episodes", i);
    }
    assert_true(before > 10);
    task_table_free(&t);
}

/* ---- plans ---- */

static void a_plan_that_says_the_same_has_the_same_bits(void **state)
{
    const char *const a = folder_path(*state, "a");
    const char *const b = folder_path(*state, "b");
    const char *const c = folder_path(*state, "c");
    run(a, "env-steps=512 schedule='linear(1e-2, 0, 512smp)'");
    run(b, "env-steps=512 plan='lr = linear(1e-2, 0, 512smp); clip = 0.5; "
           "lr[policy] = lr; lr[value] = lr'");
    assert_same_file(a, b, "metrics.csv");
    assert_same_file(a, b, "model.safetensors");
    run(c, "env-steps=512 plan='lr = linear(1e-2, 0, 512smp); "
           "lr[value] = 2 * lr'");
    assert_true(result(a, "final_loss") != result(c, "final_loss"));
}

/* An option's clip range falls by the rollout, so that it is constant in a run
 * of one and a line of environment steps in a run of more. The numbers are such
 * that both ways of reckoning are exact. */
static void a_plan_drives_what_options_say(void **state)
{
    static const struct {
        const char *run, *option, *plan, *other;
    } cases[] = {
        {"env-steps=1024", "entropy=0.01", "entropy = 0.01", "entropy = 0.02"},
        {"algorithm=reinforce episodes=24", "entropy=0.01", "entropy = 0.01",
         "entropy = 0.02"},
        {"env-steps=256", "clip-range=0.05", "clip_range = 0.05",
         "clip_range = 0.06"},
        {"env-steps=1024", "clip-range=0.125",
         "clip_range = linear(0.125, 0, 1024smp)", "clip_range = 0.125"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *const unit = i == 1 ? "ep" : "smp";
        char options[512], names[3][8];
        const char *out[3];
        for (size_t k = 0; k < 3; k++) {
            (void)snprintf(names[k], sizeof names[k], "%zu%c", i,
                           (char)('a' + k));
            out[k] = folder_path(*state, names[k]);
        }
        (void)snprintf(options, sizeof options,
                       "%s %s schedule='linear(1e-2, 0, 1024%s)'", cases[i].run,
                       cases[i].option, unit);
        run(out[0], options);
        for (size_t k = 1; k < 3; k++) {
            (void)snprintf(options, sizeof options,
                           "%s plan='lr = linear(1e-2, 0, 1024%s); %s'",
                           cases[i].run, unit,
                           k == 1 ? cases[i].plan : cases[i].other);
            run(out[k], options);
        }
        assert_same_file(out[0], out[1], "metrics.csv");
        assert_same_file(out[0], out[1], "model.safetensors");
        assert_true(result(out[0], "final_loss") !=
                    result(out[2], "final_loss"));
    }
}

/* No ratio is beyond 1 + 10; each that has moved is beyond 1 + 0. */
static void a_clip_range_is_that_of_its_update(void **state)
{
    const char *const out = folder_path(*state, "run");
    run(out, "env-steps=512 eval-every=0 plan='lr = 1e-2; "
             "clip_range = hold(10, 63) then 0'");
    struct task_table t = table_of(out);
    assert_int_equal(t.count, 64);
    for (size_t i = 0; i < t.count; i++)
        if (i < 63)
            assert_true(!(cell(&t, "clip_fraction", i) > 0));
        else
            assert_true(cell(&t, "clip_fraction", i) > 0.9);
    task_table_free(&t);
}

/* ---- files ---- */

static void the_summary_says_what_was_reached(void **state)
{
    const char *const out = folder_path(*state, "run");
    run(out, "env-steps=1000 eval-every=1");
    cJSON *const s = summary_of(out);
    struct task_table t = table_of(out);
    assert_true(number(s, "env_steps") == 1024);
    assert_true(number(s, "env_steps") == cell(&t, "env_steps", t.count - 1));
    assert_true(number(s, "episodes") == cell(&t, "episodes", t.count - 1));
    assert_true(number(s, "episode_return") ==
                cell(&t, "episode_return", t.count - 1));
    assert_true(number(s, "mean_return") ==
                cell(&t, "mean_return", t.count - 1));
    assert_true(isnan(number(s, "solved_at_step")));
    assert_true(isnan(number(s, "solved_at_seconds")));
    assert_true(number(s, "return_min") <= number(s, "mean_return"));
    assert_true(number(s, "samples_per_second") > 0);
    task_table_free(&t);
    cJSON_Delete(s);
}

/* ---- what goes wrong ---- */

/* The article's rate for Adam is far too large for these networks: the run
 * must end by itself, one way or the other. */
static void a_rate_of_a_tenth_does_no_harm(void **state)
{
    const char *const a = folder_path(*state, "a");
    const char *const b = folder_path(*state, "b");
    const enum task_status ppo =
        train(a, "env-steps=5000 schedule=0.1", false, false).status;
    assert_true(ppo == TASK_OK || ppo == TASK_E_DIVERGED);
    const enum task_status reinforce =
        train(b, "algorithm=reinforce episodes=80 schedule=0.1", false, false)
            .status;
    assert_true(reinforce == TASK_OK || reinforce == TASK_E_DIVERGED);
}

static void a_run_that_blows_up_says_so(void **state)
{
    const char *const out = folder_path(*state, "run");
    const struct made m =
        train(out, "env-steps=2000 schedule=1e38", false, false);
    assert_int_equal(m.status, TASK_E_DIVERGED);
    assert_one_line(m.err.message, "diverged at step");
    assert_true(folder_has(out, "summary.json"));
}

static void bad_settings_are_refused_in_one_line(void **state)
{
    static const struct {
        const char *options, *says;
    } cases[] = {
        {"batch=257", "--batch"},
        {"algorithm=reinforce batch=5000", "--batch"},
        {"env-steps=9007199254740991", "--env-steps"},
        {"algorithm=reinforce env-steps=1000", "--env-steps is read with"},
        {"algorithm=reinforce clip-range=0.1", "--clip-range is read with"},
        {"episodes=10", "--episodes is read with"},
        {"baseline=mean", "--baseline is read with"},
        {"threads=2", "--threads"},
        {"schedule='linear(1e-3, 0, 1000tok)'", "tokens"},
        {"schedule='linear(1e-3, 0, 10ep) then linear(to=1, over=10smp)'",
         "one of them"},
        {"schedule='linear(1e-3, 0, 10ep) then linear(to=0)'", "episodes"},
        {"schedule='linear(1e-3, -1)'", "0 or more"},
        {"plan='lr = 1e-3; lr[head] = 1'", "head"},
        {"plan='lr = 1e-3; clip_range = 0.2' clip-range=0.2",
         "so has the option --clip-range"},
        {"plan='lr = 1e-3; clip_range = 11'", "from 0 to 10"},
        {"plan='lr = 1e-3; entropy = linear(0, -1)'", "from 0 to 10"},
        {"plan='lr = 1e-3; clip_range[policy] = 1'", "leave out the brackets"},
        {"algorithm=reinforce plan='lr = 1e-3; clip_range = 0.2'",
         "'clip_range' with reinforce and adam"},
        {"algorithm=dqn", "dqn"},
        {"gamma=1.5", "gamma"},
        {"monitor=test_loss controller='plateau()'", "--monitor"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "%zu", i);
        const char *const out = folder_path(*state, name);
        const struct made m = train(out, cases[i].options, false, false);
        if (m.status != TASK_E_USAGE)
            fail_msg("%s: status %d, %s", cases[i].options, (int)m.status,
                     m.err.message);
        assert_one_line(m.err.message, cases[i].says);
        assert_false(folder_has(*state, name));
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, folder_create, folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ppo_learns_within_seconds),
        TEST(reinforce_learns_by_any_baseline),
        TEST(ppo_logs_how_far_the_policy_moves),
        TEST(reinforce_has_no_columns_of_ppo),
        TEST(a_run_stopped_after_every_update_has_the_same_bits),
        TEST(a_schedule_in_samples_counts_environment_steps),
        TEST(a_schedule_in_epochs_counts_episodes),
        TEST(ppo_may_count_episodes_too),
        TEST(a_plan_that_says_the_same_has_the_same_bits),
        TEST(a_plan_drives_what_options_say),
        TEST(a_clip_range_is_that_of_its_update),
        TEST(a_record_of_an_earlier_version_is_resumed),
        TEST(the_summary_says_what_was_reached),
        TEST(a_rate_of_a_tenth_does_no_harm),
        TEST(a_run_that_blows_up_says_so),
        TEST(bad_settings_are_refused_in_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
