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

#define TINY_TEXT(data, out) \
    "train", "text", "--data", data, "--out", out, "--batch", "8", \
        "--threads", "1", "--epochs", "2", "--dim", "16", "--heads", "2"

#define TINY_POLE(out) \
    "train", "cartpole", "--out", out, "--env-steps", "512", "--hidden", "8"

static const char *make_texts(void **state)
{
    const char *const data = folder_path(*state, "texts");
    folder_texts(data, 72, 30);
    return data;
}

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
            if (row->choices) {
                task_setting_value(row, t->bit, value);
                (void)snprintf(shown, sizeof shown, "--%s %s", row->name,
                               value);
                assert_says(o->out, shown);
            }
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
    assert_wrong(TAPER("train", "image", "--gamma", "1"), "is for cartpole");
    assert_wrong(TAPER("train", "image", "--gamma=1"), "is for cartpole");
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
    assert_wrong(TAPER(TINY(data, out), "--other-rate", "3"),
                 "is read with --optimizer muon only");
    assert_false(folder_has(*state, "run"));
}

/* What each of these words is refused for says what to do. */
static void wrong_usage_of_text_is_one_line(void **state)
{
    const char *const data = make_texts(state);
    const char *const out = folder_path(*state, "run");
    static const char *const cases[][3] = {
        {"--heads", "3", "--heads 3 does not divide --dim 16"},
        {"--momentum", "0.5", "is read with --optimizer sgd only"},
        {"--optimizer", "muon", "--optimizer muon is not for text"},
        {"--optimizer", "adan", "is one of sgd|adam|adamw, not 'adan'"},
        {"--pooling", "max", "one of mean|first, not 'max'"},
        {"--tokenizer", "word", "did you mean words?"},
        {"--vocabulary", "299", "from 300 to"},
        {"--length", "1", "from 2 to 4096"},
        {"--dropout", "1", "from 0 to 0.9"},
        {"--token-dropout", "-0.1", "from 0 to 0.9"},
        {"--batch", "73", "more than the 72 training texts"},
        {"--model", "smal", "did you mean small?"},
        {"--crop", "2", "--crop is for image, not for text"},
        {"--env-steps", "9", "--env-steps is for cartpole"},
        {"--flip", "none", "--flip is for image, not for text"},
        {"--lr", "1e-3", "use --schedule"},
        {"--plan", "lr = 1; lr[embeding] = 2", "did you mean embedding?"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_wrong(TAPER(TINY_TEXT(data, out), cases[i][0], cases[i][1]),
                     cases[i][2]);
    assert_wrong(TAPER("train", "text", "--data", "spm", "--out", out),
                 "did you mean spam?");
    assert_wrong(TAPER("train", "txt"), "did you mean text?");
    assert_false(folder_has(*state, "run"));
}

static void wrong_usage_of_cartpole_is_one_line(void **state)
{
    const char *const out = folder_path(*state, "run");
    static const char *const cases[][3] = {
        {"--algorithm", "dqn", "one of ppo|reinforce, not 'dqn'"},
        {"--algorithm", "pp", "did you mean ppo?"},
        {"--episodes", "9", "is read with --algorithm reinforce only"},
        {"--algorithm", "reinforce", "is read with --algorithm ppo only"},
        {"--momentum", "0.5", "is read with --optimizer sgd only"},
        {"--optimizer", "muon", "--optimizer muon is not for cartpole"},
        {"--envs", "0", "from 1 to"},
        {"--gamma", "1.5", "from 0 to 1"},
        {"--batch", "257", "at most --envs times --horizon"},
        {"--threads", "2", "--threads 2 is not for cartpole"},
        {"--precision", "bf16", "--precision bf16 is not for cartpole"},
        {"--data", "spam", "--data is for image and text"},
        {"--epochs", "3", "--epochs is for image and text"},
        {"--plan", "lr = 1; lr[polcy] = 2", "did you mean policy?"},
        {"--plan", "lr = 1; label_smoothing = 0.1", "'label_smoothing'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_wrong(TAPER(TINY_POLE(out), cases[i][0], cases[i][1]),
                     cases[i][2]);
    assert_wrong(TAPER(TINY_POLE(out), "--controller", "plateau", "--monitor",
                       "test_loss"),
                 "--monitor test_loss");
    assert_wrong(TAPER("train", "cart"), "cartpole");
    assert_false(folder_has(*state, "run"));
}

/* An agent's text counts one thing, and nobody knows every number of them. */
static void a_unit_that_the_task_has_not_is_marked(void **state)
{
    const char *const out = folder_path(*state, "run");
    const struct outcome *o =
        TAPER(TINY_POLE(out), "--schedule", "linear(1, 0, 5tok)");
    assert_status(o, 2);
    assert_says(o->err, "no tokens");
    assert_says(o->err, "\n  linear(1, 0, 5tok)\n               ^~~~\n");
    o = TAPER(TINY_POLE(out), "--schedule", "hold(1, 5ep) then hold(1, 5smp)");
    assert_status(o, 2);
    assert_says(o->err, "one of them only");
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

/* The loss of an agent may be anything; one that prints as 0 is 0. */
static void a_loss_of_nothing_has_no_sign(void **state)
{
    const char *const out = folder_path(*state, "run");
    assert_status(TAPER(TINY_POLE(out)), 0);
    static const char key[] = "\"final_loss\":";
    size_t size;
    char *const text = folder_read(out, "summary.json", &size);
    char *const value = strstr(text, key) + sizeof key - 1;
    const size_t length = strcspn(value, ",\n");
    assert_in_range(length, strlen("-4e-5"), 100);
    memset(value, ' ', length);
    memcpy(value, "-4e-5", strlen("-4e-5"));
    folder_write(out, "summary.json", text, size);
    free(text);
    const struct outcome *const o = TAPER(TINY_POLE(out), "--resume");
    assert_status(o, 0);
    assert_says(o->out, "final loss 0.0000, ");
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
                                       "status",
                                       "canonical"};
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

/* A run folder has the norms that taper refine wants; also one whose last row
 * is of an update that diverged. */
static void a_run_can_be_refined(void **state)
{
    const char *const data = make_data(state);
    const char *const out = folder_path(*state, "run");
    assert_status(TAPER(TINY(data, out), "--schedule", "cosine(1e-3, 0, 100%)"),
                  0);
    const struct outcome *o = TAPER("refine", out);
    assert_status(o, 0);
    assert_int_equal(strncmp(o->out, "points({0: ", 11), 0);
    assert_says(o->out, ": 0.001, "); /* the run's peak */
    assert_says(o->out, "24 steps from 24 norms");

    const char *const lost = folder_path(*state, "lost");
    assert_status(TAPER(TINY(data, lost), "--schedule", "1e6", "--optimizer",
                        "sgd", "--epochs", "20"),
                  1);
    o = TAPER("refine", lost);
    assert_status(o, 0);
    assert_null(strstr(o->out, "nan"));
    assert_null(strstr(o->out, "inf"));
}

/* ---- the examples of the help texts ---- */

/* The words of a command line, in which apostrophes quote. They point into
 * `line`, which is cut up. */
static void split(char *line, const char *words[33])
{
    size_t n = 0;
    char *p = line;
    while (*p && n < 32) {
        const char end = *p == '\'' ? '\'' : ' ';
        words[n++] = p += end == '\'';
        p += strcspn(p, end == '\'' ? "'" : " ");
        if (*p) *p++ = '\0';
        p += strspn(p, " ");
    }
    words[n] = NULL;
}

/* What makes a run small, whatever its example says before. */
static const char *small(const char *example)
{
    if (strstr(example, "train image")) return "--batch 32 --epochs 1";
    if (strstr(example, "train text")) return "--dim 16 --heads 2 --epochs 1";
    return strstr(example, "reinforce") ? "--hidden 8 --episodes 16"
                                        : "--hidden 8 --env-steps 512";
}

/* Runs the example on tiny data, if there are any, into `out`. */
static void run_example(const char *example, const char *data, const char *out)
{
    const char *words[33];
    char line[4096];
    (void)snprintf(line, sizeof line, "%s %s --out '%s'%s%s%s", example,
                   small(example), out, data ? " --data '" : "",
                   data ? data : "", data ? "'" : "");
    split(line, words);
    assert_string_equal(words[0], "taper");
    assert_status(run_program(NULL, words + 1), 0);
    assert_true(folder_has(out, "summary.json"));
}

static void the_examples_of_the_help_run(void **state)
{
    const struct task_trainer *t;
    const struct {
        const struct task_trainer *trainer;
        const char *data;
    } sets[] = {{&task_image, make_data(state)},
                {&task_text, make_texts(state)}};
    for (size_t k = 0; (t = task_trainer_at(k)); k++) {
        const char *data = NULL;
        for (size_t i = 0; i < 2; i++)
            if (sets[i].trainer == t) data = sets[i].data;
        static char text[65536];
        char name[32];
        int runs = 0;
        (void)snprintf(text, sizeof text, "%s",
                       TAPER("train", t->name, "--help")->out);
        assert_non_null(strstr(text, "example:"));
        for (char *line = strtok(strstr(text, "example:"), "\n"); line;
             line = strtok(NULL, "\n")) {
            if (!strstr(line, "  taper train ") || strstr(line, "--resume"))
                continue;
            (void)snprintf(name, sizeof name, "%s%d", t->name, runs++);
            run_example(line + 2, data, folder_path(*state, name));
        }
        assert_true(runs >= 2);
    }
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, folder_create, folder_remove)
    const struct CMUnitTest tests[] = {
        TEST(the_help_names_every_setting),
        TEST(the_help_names_every_task),
        TEST(wrong_usage_is_one_line_and_exits_2),
        TEST(wrong_usage_of_text_is_one_line),
        TEST(wrong_usage_of_cartpole_is_one_line),
        TEST(a_unit_that_the_task_has_not_is_marked),
        TEST(the_examples_of_the_help_run),
        TEST(a_mistake_in_the_schedule_is_marked),
        TEST(a_mistake_in_the_plan_is_marked_in_its_line),
        TEST(a_plan_that_cannot_be_is_one_line),
        TEST(a_plan_from_a_file_trains),
        TEST(what_is_missing_exits_1),
        TEST(a_run_prints_its_result),
        TEST(a_loss_of_nothing_has_no_sign),
        TEST(json_has_the_keys_in_their_order),
        TEST(divergence_exits_1_and_keeps_the_folder),
        TEST(a_run_can_be_refined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
