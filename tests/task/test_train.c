/* taper train as a person meets it: words, exit statuses, what is printed. */
#include "task/folder.h"

#include "cli/program.h"
#include "task/settings.h"
#include "task/trainer.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A tiny run; more options may follow. */
#define TINY(data, out) \
    "train", "image", "--data", data, "--out", out, "--batch", "8", \
        "--threads", "1", "--epochs", "2"

static const char *make_data(void **state)
{
    const char *const data = folder_path(*state, "data");
    folder_images(data, 96, 30, 12);
    return data;
}

/* Each task's help names its own settings, with the defaults that it trains
 * with, and no other task's. */
static void the_help_names_every_setting(void **state)
{
    (void)state;
    const struct task_trainer *t;
    for (size_t k = 0; (t = task_trainer_at(k)); k++) {
        const struct outcome *const o = TAPER("train", t->name, "--help");
        assert_status(o, 0);
        struct task_settings s = {0};
        assert_int_equal(t->settle(&s, NULL), TASK_OK);
        for (size_t i = 0; i < task_setting_count(); i++) {
            const struct task_setting *const row = task_setting_at(i);
            char option[40], value[TASK_SETTING_TEXT], shown[160];
            (void)snprintf(option, sizeof option, "--%s ", row->name);
            if (!(row->tasks & t->bit)) {
                assert_null(strstr(o->out, option));
                continue;
            }
            assert_says(o->out, option);
            if (!task_setting_text(&s, row, value)) continue;
            (void)snprintf(shown, sizeof shown, "[%s]", value);
            assert_says(strstr(o->out, option), shown);
        }
        task_settings_free(&s);
        assert_says(o->out, "--resume");
        assert_says(o->out, "example:");
    }
}

/* Without a task, the help names them all. */
static void the_help_names_every_task(void **state)
{
    (void)state;
    const struct outcome *const o = TAPER("train", "--help");
    assert_status(o, 0);
    for (size_t k = 0; task_trainer_at(k); k++)
        assert_says(o->out, task_trainer_at(k)->name);
}

static void assert_wrong(const struct outcome *o, const char *part)
{
    assert_status(o, 2);
    assert_string_equal(o->out, "");
    assert_says(o->err, part);
    assert_ptr_equal(strchr(o->err, '\n'), o->err + strlen(o->err) - 1);
}

static void wrong_usage_is_one_line_and_exits_2(void **state)
{
    const char *const data = make_data(state);
    const char *const out = folder_path(*state, "run");
    assert_wrong(TAPER("train"), "taper train image");
    assert_wrong(TAPER("train", "imgae"), "did you mean image?");
    assert_wrong(TAPER("train", "audio"), "no task 'audio'");
    assert_wrong(TAPER("train", "image", "--gamma", "1"), "--gamma");
    assert_wrong(TAPER("train", "image", "more"), "'more'");
    assert_wrong(TAPER("train", "image", "--epoch", "3"), "--epochs");
    assert_wrong(TAPER("train", "image", "--epochs", "0"), "--epochs");
    assert_wrong(TAPER("train", "image", "--lr", "1e-3"), "use --schedule");
    assert_wrong(TAPER("train", "image", "--learning-rate=1"), "--schedule");
    assert_wrong(TAPER("train", "image", "--resume"), "--out DIR");
    assert_wrong(TAPER("train", "image", "--data", "fashion-mnits"),
                 "fashion-mnist");
    assert_wrong(TAPER(TINY(data, out), "--model", "resnet8"), "resnet9");
    assert_wrong(TAPER(TINY(data, out), "--optimizer", "adan"), "adam");
    assert_false(folder_has(*state, "run"));
}

/* As for every other command: see cli/complain.h. */
static void a_mistake_in_the_schedule_is_marked(void **state)
{
    const char *const data = make_data(state);
    const char *const out = folder_path(*state, "run");
    const struct outcome *o =
        TAPER(TINY(data, out), "--schedule", "1 * cosin(1, 0, 9)");
    assert_status(o, 2);
    assert_string_equal(o->err,
                        "taper: unknown name 'cosin', did you mean 'cosine'?\n"
                        "  1 * cosin(1, 0, 9)\n"
                        "      ^~~~~\n");
    /* Images have no tokens, and no option gives any. */
    o = TAPER(TINY(data, out), "--schedule", "linear(0, 1, 5tok)");
    assert_status(o, 2);
    assert_says(o->err, "\n  linear(0, 1, 5tok)\n               ^~~~\n");
    assert_null(strstr(o->err, "--tokens"));
    assert_false(folder_has(*state, "run"));
}

/* A plan is a file, standard input, or its text; of several lines the one at
 * fault is shown. */
static void a_mistake_in_the_plan_is_marked_in_its_line(void **state)
{
    const char *const data = make_data(state);
    const char *const out = folder_path(*state, "run");
    const char *const file = folder_path(*state, "plan.txt");
    const struct outcome *o =
        TAPER(TINY(data, out), "--plan", "lr = cosin(1, 0)");
    assert_status(o, 2);
    assert_string_equal(o->err,
                        "taper: unknown name 'cosin', did you mean 'cosine'?\n"
                        "  lr = cosin(1, 0)\n"
                        "       ^~~~~\n");
    static const char text[] = "# rates\nlr = 0.1\nlr[head] = 10 * rl\n";
    folder_write(*state, "plan.txt", text, sizeof text - 1);
    o = TAPER(TINY(data, out), "--plan", file);
    assert_status(o, 2);
    assert_says(o->err, "plan.txt, line 3: ");
    assert_says(o->err, "\n  lr[head] = 10 * rl\n                  ^~\n");
    assert_false(folder_has(*state, "run"));
}

static void a_plan_that_cannot_be_is_one_line(void **state)
{
    const char *const data = make_data(state);
    const char *const out = folder_path(*state, "run");
    assert_wrong(TAPER(TINY(data, out), "--plan", "lr = 1", "--schedule", "1"),
                 "--plan and --schedule exclude each other");
    assert_wrong(TAPER(TINY(data, out), "--plan", "lr = 1; lr[haed] = 1"),
                 "did you mean head?");
    assert_wrong(TAPER(TINY(data, out), "--plan", "momentum = 0.9",
                       "--optimizer", "sgd"),
                 "the plan has no lr");
    const struct outcome *const o =
        TAPER(TINY(data, out), "--plan", folder_path(*state, "none.txt"));
    assert_status(o, 1);
    assert_says(o->err, "none.txt: No such file");
    assert_false(folder_has(*state, "run"));
}

/* The folder alone is then enough: neither the plan nor what it reads. */
static void a_plan_from_a_file_trains(void **state)
{
    const char *const data = make_data(state);
    const char *const out = folder_path(*state, "run");
    const char *const file = folder_path(*state, "plan.txt");
    const char *const rates = folder_path(*state, "rates.csv");
    char text[2000];
    const int n = snprintf(text, sizeof text,
                           "lr = file(\"%s\")\nlabel_smoothing = 0.1\n", rates);
    folder_write(*state, "plan.txt", text, (size_t)n);
    static const char points[] = "step,value\n0,0.001\n24,0.01\n";
    folder_write(*state, "rates.csv", points, sizeof points - 1);
    assert_status(TAPER(TINY(data, out), "--plan", file), 0);
    size_t size;
    char *const record = folder_read(out, "run.json", &size);
    assert_says(record, "linear(0.001, 0.01, 24)");
    free(record);

    (void)unlink(file);
    (void)unlink(rates);
    (void)unlink(folder_path(out, "summary.json"));
    assert_status(TAPER("train", "image", "--resume", "--out", out), 0);
    assert_true(folder_has(out, "summary.json"));
}

static void what_is_missing_exits_1(void **state)
{
    const struct outcome *const o = TAPER("train", "image", "--data", *state);
    assert_status(o, 1);
    assert_string_equal(o->out, "");
    assert_ptr_equal(strchr(o->err, '\n'), o->err + strlen(o->err) - 1);
}

/* A quick run says one line on standard output and nothing else. */
static void a_run_prints_its_result(void **state)
{
    const char *const data = make_data(state);
    const char *const out = folder_path(*state, "run");
    const struct outcome *o = TAPER(TINY(data, out));
    assert_status(o, 0);
    assert_says(o->out, "test accuracy ");
    assert_says(o->out, out);
    assert_ptr_equal(strchr(o->out, '\n'), o->out + strlen(o->out) - 1);
    assert_null(strchr(o->err, '\r'));

    /* The same words again are refused; with --resume they are done. */
    o = TAPER(TINY(data, out));
    assert_status(o, 2);
    assert_says(o->err, "--resume");
    o = TAPER(TINY(data, out), "--resume");
    assert_status(o, 0);
    assert_says(o->out, "test accuracy ");
}

static void json_has_the_keys_in_their_order(void **state)
{
    static const char *const keys[] = {"task",
                                       "data",
                                       "model",
                                       "schedule",
                                       "seed",
                                       "epochs",
                                       "steps",
                                       "test_accuracy",
                                       "test_loss",
                                       "final_loss",
                                       "train_seconds",
                                       "total_seconds",
                                       "samples_per_second",
                                       "threads",
                                       "precision",
                                       "status"};
    const char *const data = make_data(state);
    const char *const out = folder_path(*state, "run");
    const struct outcome *const o =
        TAPER(TINY(data, out), "--schedule", "cosine(1e-3, 0, 100%)", "--json");
    assert_status(o, 0);
    cJSON *const json = cJSON_Parse(o->out);
    assert_non_null(json);
    const cJSON *item = json->child;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        assert_non_null(item);
        assert_string_equal(item->string, keys[i]);
        item = item->next;
    }
    assert_null(item);
    cJSON_Delete(json);
}

static void divergence_exits_1_and_keeps_the_folder(void **state)
{
    const char *const data = make_data(state);
    const char *const out = folder_path(*state, "run");
    const struct outcome *const o =
        TAPER(TINY(data, out), "--schedule", "1e6", "--optimizer", "sgd",
              "--epochs", "20");
    assert_status(o, 1);
    assert_says(o->err, "diverged at step ");
    assert_says(o->err, "at rate 1000000");
    assert_says(o->err, out);
    assert_true(folder_has(out, "summary.json"));
    assert_true(folder_has(out, "metrics.csv"));
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, folder_create, folder_remove)
    const struct CMUnitTest tests[] = {
        TEST(the_help_names_every_setting),
        TEST(the_help_names_every_task),
        TEST(wrong_usage_is_one_line_and_exits_2),
        TEST(a_mistake_in_the_schedule_is_marked),
        TEST(a_mistake_in_the_plan_is_marked_in_its_line),
        TEST(a_plan_that_cannot_be_is_one_line),
        TEST(a_plan_from_a_file_trains),
        TEST(what_is_missing_exits_1),
        TEST(a_run_prints_its_result),
        TEST(json_has_the_keys_in_their_order),
        TEST(divergence_exits_1_and_keeps_the_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
