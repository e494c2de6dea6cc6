/* Settings: one table for the command line, the recipes and run.json. */
#include "nn/architecture.h"
#include "task/folder.h"
#include "task/readers.h"
#include "task/recipe.h"
#include "task/settings.h"
#include "task/trainer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <taper.h>

static enum task_status set(struct task_settings *s, const char *name,
                            const char *text, struct task_error *err)
{
    const struct task_setting *const row = task_setting_find(name);
    assert_non_null(row);
    return task_settings_set(s, row, text, true, err);
}

static void a_value_out_of_range_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
    } bad[] = {{"epochs", "0"},        {"epochs", "-1"},  {"epochs", "nan"},
               {"epochs", "ten"},      {"batch", "0"},    {"batch", "1.5"},
               {"batch", "99999999"},  {"seed", "-1"},    {"momentum", "1"},
               {"threads", "-2"},      {"threads", ""},   {"precision", "f16"},
               {"optimizer", "adamv"}, {"flip", "maybe"}, {"schedule", ""},
               {"weight-decay", "-1"}, {"tta", "perhaps"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct task_settings s = {0};
        struct task_error err;
        assert_int_equal(set(&s, bad[i].name, bad[i].text, &err), TASK_E_USAGE);
        assert_one_line(err.message, bad[i].name);
        assert_false(task_settings_given(&s, bad[i].name));
        task_settings_free(&s);
    }
}

/* Whoever gave a number beyond what JSON keeps must not hear that it was
 * too small. */
static void a_bound_that_was_missed_is_named(void **state)
{
    (void)state;
    struct task_settings s = {0};
    struct task_error err;
    assert_int_equal(set(&s, "seed", "1e17", &err), TASK_E_USAGE);
    assert_one_line(err.message, "from 0 to 9007199254740992, not '1e17'");
    assert_int_equal(set(&s, "clip", "-1", &err), TASK_E_USAGE);
    assert_one_line(err.message, "a number >= 0, not '-1'");
    task_settings_free(&s);
}

/* As the schedule language writes numbers, in full: 1e-6, 1048576. */
static void a_range_is_told_in_exact_numbers(void **state)
{
    (void)state;
    struct task_settings s = {0};
    for (size_t i = 0; i < task_setting_count(); i++) {
        const struct task_setting *const row = task_setting_at(i);
        char number[TAPER_NUMBER_SIZE], part[TAPER_NUMBER_SIZE + 16];
        struct task_error err;
        if (row->kind != TASK_WHOLE && row->kind != TASK_REAL) continue;
        assert_int_equal(task_settings_set(&s, row, "x", true, &err),
                         TASK_E_USAGE);
        (void)taper_format_number(row->min, number);
        (void)snprintf(part, sizeof part, " %s", number);
        assert_one_line(err.message, part);
        if (!strstr(err.message, " to ")) continue;
        (void)taper_format_number(row->max, number);
        (void)snprintf(part, sizeof part, " to %s, not", number);
        assert_one_line(err.message, part);
    }
}

static void a_near_miss_is_suggested(void **state)
{
    (void)state;
    struct task_settings s = {0};
    struct task_error err;
    assert_int_equal(set(&s, "optimizer", "adamv", &err), TASK_E_USAGE);
    assert_one_line(err.message, "did you mean adam");
    task_settings_free(&s);
}

static void a_default_never_beats_what_was_given(void **state)
{
    (void)state;
    struct task_settings s = {0};
    struct task_error err;
    assert_int_equal(set(&s, "batch", "32", &err), TASK_OK);
    assert_int_equal(task_settings_default(&s, "batch", "64", &err), TASK_OK);
    assert_int_equal(task_settings_default(&s, "crop", "3", &err), TASK_OK);
    assert_int_equal(s.batch, 32);
    assert_int_equal(s.crop, 3);
    task_settings_free(&s);
}

/* Every network trains without an option, under every optimiser that its
 * recipes name, and its settings pass through run.json unchanged. */
static void every_network_has_a_recipe(void **state)
{
    (void)state;
    const char *model;
    for (int i = 0; (model = nn_architecture_name(i)); i++) {
        assert_non_null(task_recipe_find(TASK_FOR_IMAGE, model, NULL));
        struct task_settings s = {0}, back = {0};
        struct task_error err;
        assert_int_equal(set(&s, "model", model, &err), TASK_OK);
        assert_int_equal(set(&s, "data", "x", &err), TASK_OK);
        assert_int_equal(task_recipe_apply(&s, TASK_FOR_IMAGE, s.model, &err),
                         TASK_OK);
        assert_non_null(s.schedule);
        assert_true(s.epochs > 0 && s.batch > 0 && s.checkpoint_every > 0);

        cJSON *const json = task_settings_to_json(&s, TASK_FOR_IMAGE, NULL);
        assert_non_null(json);
        assert_int_equal(task_settings_from_json(&back, TASK_FOR_IMAGE, json,
                                                 "run.json", &err),
                         TASK_OK);
        cJSON *const again = task_settings_to_json(&back, TASK_FOR_IMAGE, NULL);
        assert_true(cJSON_Compare(json, again, true));
        cJSON_Delete(json);
        cJSON_Delete(again);
        task_settings_free(&s);
        task_settings_free(&back);
    }
}

/* airbench94's published numbers, restated for the mean of the loss. */
static void airbench_has_its_published_numbers(void **state)
{
    (void)state;
    struct task_settings s = {0};
    struct task_error err;
    assert_int_equal(set(&s, "model", "airbench94", &err), TASK_OK);
    assert_int_equal(task_recipe_apply(&s, TASK_FOR_IMAGE, s.model, &err),
                     TASK_OK);
    const double ratio = 1024 * (1 + 1 / (1 - 0.85)); /* kilostep_scale */
    const double lr = 11.5 / ratio, decay = 0.0153 * 1024 / ratio;
    assert_int_equal(s.batch, 1024);
    assert_true(lr * 1024 > 1.4999 && lr * 1024 < 1.5001);
    assert_non_null(strstr(s.schedule, "1.5"));
    const double relative = s.weight_decay / (decay / (lr * 1024));
    assert_true(relative > 0.999 && relative < 1.001);
    assert_true(s.decay_all && s.tta && s.lookahead == 5);
    task_settings_free(&s);
}

static void an_optimizer_without_a_recipe_needs_a_schedule(void **state)
{
    (void)state;
    struct task_settings s = {0};
    struct task_error err;
    assert_int_equal(set(&s, "model", "airbench94", &err), TASK_OK);
    assert_int_equal(set(&s, "optimizer", "adam", &err), TASK_OK);
    assert_int_equal(task_recipe_apply(&s, TASK_FOR_IMAGE, s.model, &err),
                     TASK_E_USAGE);
    assert_one_line(err.message, "give --schedule");
    assert_int_equal(set(&s, "schedule", "1e-3", &err), TASK_OK);
    assert_int_equal(task_recipe_apply(&s, TASK_FOR_IMAGE, s.model, &err),
                     TASK_OK);
    assert_string_equal(s.optimizer, "adam");
    assert_int_equal(s.batch, 1024);
    task_settings_free(&s);
}

static void a_contradiction_is_refused(void **state)
{
    (void)state;
    struct task_settings s = {0};
    struct task_error err;
    assert_int_equal(set(&s, "model", "cnn", &err), TASK_OK);
    assert_int_equal(set(&s, "data", "x", &err), TASK_OK);
    assert_int_equal(task_recipe_apply(&s, TASK_FOR_IMAGE, s.model, &err),
                     TASK_OK);
    cJSON *const json = task_settings_to_json(&s, TASK_FOR_IMAGE, NULL);
    static const struct {
        const char *name, *text;
        enum task_status status;
    } cases[] = {{"batch", "7", TASK_E_USAGE},
                 {"schedule", "0.25", TASK_E_USAGE},
                 {"decay-all", "yes", TASK_E_USAGE},
                 {"model", "cnn", TASK_OK},
                 {"batch", "128", TASK_OK},
                 {"checkpoint-every", "5", TASK_OK}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct task_settings t = {0};
        assert_int_equal(set(&t, cases[i].name, cases[i].text, &err), TASK_OK);
        assert_int_equal(task_settings_from_json(&t, TASK_FOR_IMAGE, json,
                                                 "d/run.json", &err),
                         cases[i].status);
        if (cases[i].status == TASK_E_USAGE) {
            assert_one_line(err.message, cases[i].name);
            assert_one_line(err.message, "d/run.json");
        }
        task_settings_free(&t);
    }
    cJSON_Delete(json);
    task_settings_free(&s);
}

/* A plan takes the place of the recipe's schedule, and a run without one has no
 * such key: the bytes of its record are those of earlier versions. */
static void a_plan_is_there_or_not(void **state)
{
    (void)state;
    static const struct {
        const char *recorded, *given;
        enum task_status status;
    } cases[] = {{NULL, NULL, TASK_OK},
                 {"lr = 1", NULL, TASK_OK},
                 {"lr = 1\n", "lr = 1\n", TASK_OK},
                 {"lr = 1", "lr = 2", TASK_E_USAGE},
                 {NULL, "lr = 1", TASK_E_USAGE}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct task_settings s = {0}, t = {0};
        struct task_error err;
        assert_int_equal(set(&s, "model", "airbench94", &err), TASK_OK);
        assert_int_equal(set(&s, "optimizer", "adam", &err), TASK_OK);
        assert_int_equal(set(&s, "data", "x", &err), TASK_OK);
        const char *const what = cases[i].recorded ? "plan" : "schedule";
        assert_int_equal(set(&s, what,
                             cases[i].recorded ? cases[i].recorded : "1", &err),
                         TASK_OK);
        assert_int_equal(task_recipe_apply(&s, TASK_FOR_IMAGE, s.model, &err),
                         TASK_OK);
        assert_int_equal(!s.schedule, cases[i].recorded != NULL);
        assert_int_equal(task_settings_default(&s, "schedule", "1", &err),
                         TASK_OK); /* as its lr will be */
        cJSON *const json = task_settings_to_json(&s, TASK_FOR_IMAGE, NULL);
        assert_int_equal(cJSON_HasObjectItem(json, "plan"),
                         cases[i].recorded != NULL);
        if (cases[i].given)
            assert_int_equal(set(&t, "plan", cases[i].given, &err), TASK_OK);
        assert_int_equal(task_settings_from_json(&t, TASK_FOR_IMAGE, json,
                                                 "d/run.json", &err),
                         cases[i].status);
        if (cases[i].status != TASK_OK)
            assert_one_line(err.message, "d/run.json");
        else if (cases[i].recorded)
            assert_string_equal(t.plan, cases[i].recorded);
        else
            assert_null(t.plan);
        cJSON_Delete(json);
        task_settings_free(&s);
        task_settings_free(&t);
    }
}

static void a_damaged_run_file_is_named(void **state)
{
    (void)state;
    static const char *const bad[] = {"{}",
                                      "{\"schedule\":3}",
                                      "{\"schedule\":\"1\",\"data\":null}",
                                      "{\"schedule\":\"1\",\"plan\":null}",
                                      "{\"schedule\":\"1\",\"plan\":\"\"}",
                                      "{\"schedule\":\"1\",\"data\":\"\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct task_settings s = {0};
        struct task_error err;
        cJSON *const json = cJSON_Parse(bad[i]);
        assert_int_equal(task_settings_from_json(&s, TASK_FOR_IMAGE, json,
                                                 "d/run.json", &err),
                         TASK_E_FORMAT);
        assert_one_line(err.message, "d/run.json");
        /* No word that reads as an option on the command line. */
        assert_null(strstr(err.message, "--"));
        cJSON_Delete(json);
        task_settings_free(&s);
    }
}

/* ---- what a run reads ---- */

/* "name=value name=value", as if given on the command line. */
static void set_all(struct task_settings *s, const char *options)
{
    char name[32], value[64];
    int used;
    for (; sscanf(options, "%31[^=]=%63s %n", name, value, &used) == 2;
         options += used)
        assert_int_equal(set(s, name, value, NULL), TASK_OK);
}

static enum task_status settle(const struct task_trainer *t,
                               const char *options, struct task_settings *s,
                               struct task_error *err)
{
    *s = (struct task_settings){0};
    *err = (struct task_error){.message = ""};
    set_all(s, options);
    return task_trainer_settle(t, s, err);
}

static void what_nothing_reads_is_refused(void **state)
{
    (void)state;
    static const struct {
        const struct task_trainer *task;
        const char *options, *says;
    } cases[] = {
        {&task_image, "other-rate=3",
         "--other-rate is read with --optimizer muon only, and this run's "
         "optimizer is adamw: leave it out, or take --optimizer muon"},
        {&task_image, "momentum=0.5", "with --optimizer sgd or muon only"},
        {&task_image, "optimizer=adam nesterov=yes", "optimizer is adam: "},
        {&task_image, "optimizer=sgd momentum=0 nesterov=yes",
         "--nesterov is read with a --momentum other than 0 only"},
        {&task_image, "whiten-epochs=3", "with --model airbench94 only"},
        {&task_image, "crop=0 pad=reflect",
         "--pad is read with a --crop other than 0 only, and this run's is 0: "
         "leave it out, or take another --crop"},
        {&task_image, "optimizer=adam decay-all=yes", "--weight-decay other"},
        {&task_image, "monitor=train_loss", "--controller other than none"},
        {&task_text, "momentum=0.5", "with --optimizer sgd only"},
        {&task_text, "min-count=3", "with --tokenizer words only"},
        {&task_cartpole, "momentum=0.5", "this run's optimizer is adam"},
        {&task_cartpole, "algorithm=reinforce envs=2", "--algorithm ppo"},
        {&task_cartpole, "episodes=10", "take --algorithm reinforce"},
        {&task_cartpole, "algorithm=reinforce baseline=mean value-weight=1",
         "with --baseline value only"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct task_settings s;
        struct task_error err;
        if (settle(cases[i].task, cases[i].options, &s, &err) != TASK_E_USAGE)
            fail_msg("%s is not refused", cases[i].options);
        assert_one_line(err.message, cases[i].says);
        task_settings_free(&s);
    }
}

/* Whatever a recipe says, and what a plan may drive in place of a setting. */
static void what_something_reads_is_taken(void **state)
{
    (void)state;
    static const struct {
        const struct task_trainer *task;
        const char *options;
    } cases[] = {
        {&task_image, ""},
        {&task_image, "optimizer=sgd momentum=0.5 nesterov=no"},
        {&task_image, "model=airbench94 whiten-epochs=1"},
        {&task_image, "model=airbench94 optimizer=muon other-rate=3"},
        {&task_image, "pad=reflect decay-all=yes"},
        {&task_image, "controller=plateau() monitor=train_loss"},
        {&task_image, "optimizer=adam decay-all=yes plan=lr=1"},
        {&task_image, "optimizer=sgd momentum=0 nesterov=yes plan=lr=1"},
        {&task_image, "optimizer=sgd momentum=0 nesterov=no"},
        {&task_image, "optimizer=adam nesterov=no decay-all=no"},
        {&task_text, "data=trec min-count=3"},
        {&task_cartpole, "envs=4 value-weight=1"},
        {&task_cartpole, "algorithm=reinforce value-weight=1 episodes=9"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct task_settings s;
        struct task_error err;
        if (settle(cases[i].task, cases[i].options, &s, &err) != TASK_OK)
            fail_msg("%s: %s", cases[i].options, err.message);
        task_settings_free(&s);
    }
}

static bool has_choice(const struct task_setting *row, const char *word)
{
    for (size_t i = 0; row->choices && row->choices[i]; i++)
        if (strcmp(row->choices[i], word) == 0) return true;
    for (int i = 0; row == task_setting_find("model") && i < 16; i++)
        if (nn_architecture_name(i) &&
            strcmp(nn_architecture_name(i), word) == 0)
            return true;
    return false;
}

/* run.json is read in the order of the table, and a word that is no choice
 * would have nothing read the setting. */
static void what_reads_a_setting_is_there_before_it(void **state)
{
    (void)state;
    const struct task_reader *r;
    for (size_t k = 0; (r = task_reader_at(k)); k++) {
        const struct task_setting *const by = task_setting_at(r->by);
        const struct task_setting *const row = task_setting_at(r->setting);
        assert_true(r->by < r->setting);
        assert_int_equal(row->tasks & by->tasks, row->tasks);
        for (size_t i = 0; i < TASK_READER_VALUES && r->values[i]; i++)
            assert_true(has_choice(by, r->values[i]));
    }
}

/* Whoever adds a network must say whether it reads --whiten-epochs. */
static void whitening_networks_read_their_epochs(void **state)
{
    (void)state;
    const char *name;
    for (int i = 0; (name = nn_architecture_name(i)); i++) {
        struct nn_architecture a;
        char why[160];
        assert_true(nn_architecture_find(name, 3, 32, 32, 10, &a, why));
        bool whitens = false;
        for (int k = 0; k < a.count; k++)
            whitens = whitens || a.layer[k].start == NN_START_WHITEN;
        struct task_settings s = {0};
        assert_int_equal(set(&s, "model", name, NULL), TASK_OK);
        const struct task_setting *const row =
            task_setting_find("whiten-epochs");
        assert_int_equal(task_setting_check_read(&s, row, NULL) == TASK_OK,
                         whitens);
        task_settings_free(&s);
    }
}

/* What the help of a task lists is what the task takes, choice by choice. */
static void a_task_takes_the_choices_that_it_lists(void **state)
{
    (void)state;
    const struct task_trainer *t;
    char listed[TASK_SETTING_TEXT];
    task_setting_value(task_setting_find("optimizer"), TASK_FOR_TEXT, listed);
    assert_string_equal(listed, "sgd|adam|adamw");
    for (size_t k = 0; (t = task_trainer_at(k)); k++)
        for (size_t i = 0; i < task_setting_count(); i++) {
            const struct task_setting *const row = task_setting_at(i);
            task_setting_value(row, t->bit, listed);
            for (size_t c = 0; row->choices && row->choices[c]; c++) {
                struct task_settings s = {0};
                struct task_error err = {.message = ""};
                if (!(row->tasks & t->bit)) continue;
                assert_int_equal(set(&s, row->name, row->choices[c], &err),
                                 TASK_OK);
                (void)task_trainer_settle(t, &s, &err);
                const bool refused = strstr(err.message, " is not for ");
                assert_int_equal(!refused,
                                 strstr(listed, row->choices[c]) != NULL);
                task_settings_free(&s);
            }
        }
}

/* ---- run.json ---- */

/* What a run ignores is not in its record, and so may have any default in
 * later versions; what an earlier version recorded stays. */
static void a_record_lists_what_the_run_reads(void **state)
{
    (void)state;
    static const char *const ignored[] = {"momentum", "nesterov", "monitor",
                                          "episodes", "baseline"};
    struct task_settings s, back = {0};
    struct task_error err;
    assert_int_equal(settle(&task_cartpole, "", &s, &err), TASK_OK);
    cJSON *const json = task_settings_to_json(&s, TASK_FOR_CARTPOLE, NULL);
    assert_true(cJSON_HasObjectItem(json, "clip_range"));
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        assert_false(cJSON_HasObjectItem(json, ignored[i]));
    cJSON *const old = cJSON_Duplicate(json, true);
    cJSON_AddNumberToObject(old, "episodes", 7);
    assert_int_equal(task_settings_from_json(&back, TASK_FOR_CARTPOLE, old,
                                             "d/run.json", &err),
                     TASK_OK);
    assert_int_equal(back.episodes, 7);
    cJSON *const again = task_settings_to_json(&back, TASK_FOR_CARTPOLE, old);
    assert_true(cJSON_Compare(old, again, true));
    cJSON_Delete(again);
    cJSON_Delete(old);
    task_settings_free(&back);

    /* One that the run does not read cannot be added, but a flag's no. */
    assert_int_equal(set(&back, "episodes", "7", &err), TASK_OK);
    assert_int_equal(task_settings_from_json(&back, TASK_FOR_CARTPOLE, json,
                                             "d/run.json", &err),
                     TASK_E_USAGE);
    assert_one_line(err.message, "--episodes is nothing that the run in d/run");
    task_settings_free(&back);
    assert_int_equal(set(&back, "nesterov", "yes", &err), TASK_OK);
    assert_int_equal(task_settings_from_json(&back, TASK_FOR_CARTPOLE, json,
                                             "d/run.json", &err),
                     TASK_E_USAGE);
    task_settings_free(&back);
    assert_int_equal(set(&back, "nesterov", "no", &err), TASK_OK);
    assert_int_equal(task_settings_from_json(&back, TASK_FOR_CARTPOLE, json,
                                             "d/run.json", &err),
                     TASK_OK);
    task_settings_free(&back);
    cJSON_DeleteItemFromObject(json, "clip_range");
    assert_int_equal(task_settings_from_json(&back, TASK_FOR_CARTPOLE, json,
                                             "d/run.json", &err),
                     TASK_E_FORMAT);
    cJSON_Delete(json);
    task_settings_free(&back);
    task_settings_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_out_of_range_is_refused),
        cmocka_unit_test(a_range_is_told_in_exact_numbers),
        cmocka_unit_test(a_bound_that_was_missed_is_named),
        cmocka_unit_test(a_near_miss_is_suggested),
        cmocka_unit_test(a_default_never_beats_what_was_given),
        cmocka_unit_test(every_network_has_a_recipe),
        cmocka_unit_test(airbench_has_its_published_numbers),
        cmocka_unit_test(an_optimizer_without_a_recipe_needs_a_schedule),
        cmocka_unit_test(a_contradiction_is_refused),
        cmocka_unit_test(a_plan_is_there_or_not),
        cmocka_unit_test(a_damaged_run_file_is_named),
        cmocka_unit_test(what_nothing_reads_is_refused),
        cmocka_unit_test(what_something_reads_is_taken),
        cmocka_unit_test(what_reads_a_setting_is_there_before_it),
        cmocka_unit_test(whitening_networks_read_their_epochs),
        cmocka_unit_test(a_task_takes_the_choices_that_it_lists),
        cmocka_unit_test(a_record_lists_what_the_run_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
