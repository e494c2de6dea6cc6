/* What the names of a plan drive, on groups without a network behind them. */
#include "task/folder.h"
#include "task/hyper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 20 };

/* The groups of a small network: filters, a normalisation's scale, its shift at
 * 8 times the rate, the head's matrix and bias, and what is never trained. */
static const struct task_member members[] = {
    {.groups = {"weight"}, .decays = true, .decay_over = 1},
    {.groups = {"norm"}, .decay_over = 1},
    {.groups = {"norm"}, .decay_over = 8},
    {.groups = {"head", "weight"}, .decays = true, .decay_over = 1},
    {.groups = {"head", "bias"}, .decay_over = 1},
    {.groups = {NULL}, .decay_over = 1}};
enum { MEMBERS = sizeof members / sizeof members[0] };

/* A plan for an optimiser, bound to the members; `given` is an option that the
 * person gave, or NULL. */
static enum task_status open_plan(const char *text, const char *optimizer,
                                  const char *given, bool resumed,
                                  struct task_hyper *h, struct task_error *err)
{
    const taper_run facts = {.steps = STEPS, .epoch = 5};
    taper_plan *plan;
    assert_int_equal(taper_plan_parse(text, strlen(text), &facts, NULL, &plan,
                                      NULL),
                     TAPER_OK);
    struct task_settings s = {0};
    assert_int_equal(task_settings_set(&s, task_setting_find("optimizer"),
                                       optimizer, true, NULL),
                     TASK_OK);
    if (given)
        assert_int_equal(task_settings_set(&s, task_setting_find(given), "0.5",
                                           true, NULL),
                         TASK_OK);
    enum task_status status =
        task_hyper_open(h, plan, TASK_FOR_IMAGE, &s, resumed, STEPS, err);
    if (status == TASK_OK)
        status = task_hyper_bind(h, "toynet", members, MEMBERS, err);
    task_settings_free(&s);
    return status;
}

static void must_open(const char *text, const char *optimizer,
                      struct task_hyper *h)
{
    struct task_error err;
    if (open_plan(text, optimizer, NULL, false, h, &err) != TASK_OK)
        fail_msg("%s", err.message);
}

static void assert_exactly(double got, double want)
{
    if (got < want || got > want) fail_msg("%.17g, not %.17g", got, want);
}

/* Knobs with values that no plan below sets. */
struct bench {
    struct optim_group groups[MEMBERS];
    struct task_knobs knobs;
};

static void reset(struct bench *b)
{
    memset(b, 0, sizeof *b);
    for (size_t i = 0; i < MEMBERS; i++)
        b->groups[i].weight_decay = 0.75;
    b->knobs = (struct task_knobs){.options = {.momentum = 0.25,
                                               .beta1 = 0.375,
                                               .beta2 = 0.125},
                                   .groups = b->groups,
                                   .group_count = MEMBERS,
                                   .clip = 3};
}

static void a_run_without_a_plan_keeps_everything(void **state)
{
    (void)state;
    struct task_hyper h = {0};
    struct task_error err;
    struct bench b, before;
    reset(&b);
    reset(&before);
    assert_int_equal(task_hyper_bind(&h, "toynet", members, MEMBERS, &err),
                     TASK_OK);
    task_hyper_largest(&h);
    task_hyper_at(&h, 3);
    task_hyper_set(&h, &b.knobs);
    assert_memory_equal(b.groups, before.groups, sizeof b.groups);
    assert_memory_equal(&b.knobs.options, &before.knobs.options,
                        sizeof b.knobs.options);
    assert_exactly(b.knobs.clip, 3);
    assert_exactly(task_hyper_value(&h, TASK_HYPER_CLIP, 7), 7);
    task_hyper_close(&h);
}

static void only_what_is_named_is_driven(void **state)
{
    (void)state;
    struct task_hyper h;
    struct bench b;
    reset(&b);
    must_open("lr = 0.1; clip = linear(0, 10, 10)", "sgd", &h);
    task_hyper_at(&h, 4);
    task_hyper_set(&h, &b.knobs);
    assert_exactly(b.knobs.clip, 4);
    assert_exactly(b.knobs.options.momentum, 0.25);
    for (size_t i = 0; i < MEMBERS; i++) {
        assert_false(b.groups[i].own_lr);
        assert_exactly(b.groups[i].weight_decay, 0.75);
    }
    assert_exactly(task_hyper_value(&h, TASK_HYPER_LR, 7), 0.1);
    assert_exactly(task_hyper_value(&h, TASK_HYPER_LABEL_SMOOTHING, 7), 7);
    task_hyper_close(&h);
}

static void every_hyperparameter_reaches_its_place(void **state)
{
    (void)state;
    struct task_hyper h;
    struct bench b;
    reset(&b);
    must_open("lr = 0.1; momentum = linear(0, 0.8, 8); label_smoothing = 0.5 * "
              "momentum; weight_decay = momentum",
              "sgd", &h);
    task_hyper_at(&h, 5);
    task_hyper_set(&h, &b.knobs);
    assert_exactly(b.knobs.options.momentum, 0.5);
    assert_exactly(task_hyper_value(&h, TASK_HYPER_LABEL_SMOOTHING, 7), 0.25);
    /* Where the settings' weight decay would be, and nowhere else. */
    static const double decay[MEMBERS] = {0.5, 0.75, 0.75, 0.5, 0.75, 0.75};
    for (size_t i = 0; i < MEMBERS; i++)
        assert_exactly(b.groups[i].weight_decay, decay[i]);
    task_hyper_largest(&h);
    task_hyper_set(&h, &b.knobs);
    assert_exactly(b.knobs.options.momentum, 0.8);
    task_hyper_close(&h);

    static const char *const adaptive[] = {"adam", "adamw"};
    for (size_t i = 0; i < 2; i++) {
        reset(&b);
        must_open("lr = 0.1; beta1 = 0.5; beta2 = linear(0.9, 0.99, 9)",
                  adaptive[i], &h);
        task_hyper_at(&h, 100);
        task_hyper_set(&h, &b.knobs);
        assert_exactly(b.knobs.options.beta1, 0.5);
        assert_exactly(b.knobs.options.beta2, 0.99);
        task_hyper_close(&h);
    }
}

/* The most specific group wins, whatever the order of the lines. */
static void groups_have_values_of_their_own(void **state)
{
    (void)state;
    static const char *const plans[] = {
        "lr = 0.5; lr[head] = 2 * lr; lr[weight] = 4 * lr; weight_decay = 0.25;"
        "weight_decay[norm] = 8 * weight_decay; weight_decay[head] = 0",
        "weight_decay[head] = 0; weight_decay = 0.25; lr = 0.5;"
        "weight_decay[norm] = 2; lr[weight] = 4 * lr; lr[head] = 2 * lr"};
    static const double lr[MEMBERS] = {2, -1, -1, 1, 1, -1}; /* -1: the run's */
    static const double decay[MEMBERS] = {0.25, 2, 0.25, 0, 0, 0.75};
    for (size_t k = 0; k < 2; k++) {
        struct task_hyper h;
        struct bench b;
        reset(&b);
        must_open(plans[k], "sgd", &h);
        task_hyper_at(&h, 0);
        task_hyper_set(&h, &b.knobs);
        for (size_t i = 0; i < MEMBERS; i++) {
            assert_int_equal(b.groups[i].own_lr, lr[i] >= 0);
            if (lr[i] >= 0) assert_exactly(b.groups[i].lr, lr[i]);
            assert_exactly(b.groups[i].weight_decay, decay[i]);
        }
        task_hyper_close(&h);
    }
}

static void what_a_run_does_not_have_is_one_line(void **state)
{
    (void)state;
    static const struct {
        const char *plan, *optimizer, *part;
    } cases[] = {
        {"momentum = 0.9", "sgd", "the plan has no lr"},
        {"lr[head] = 0.9", "sgd", "the plan has no lr"},
        {"lr = 1; momentun = 0.9", "sgd",
         "no hyperparameter 'momentun' with sgd: did you mean momentum? (there "
         "are: lr, momentum, weight_decay, label_smoothing, clip)"},
        {"lr = 1; momentum = 0.9", "adamw",
         "'momentum' with adamw (there are: lr, beta1, beta2, weight_decay"},
        {"lr = 1; beta1 = 0.9", "sgd", "'beta1' with sgd"},
        {"lr = 1; batch_size = 8", "sgd", "give --batch"},
        {"lr = 1; batch = 8", "sgd", "give --batch"},
        {"lr = 1; momentum[head] = 0", "sgd", "leave out the brackets"},
        {"lr = 1; lr[haed] = 1", "sgd",
         "no parameter group 'haed' in toynet: did you mean head? (there are: "
         "weight, norm, head, bias)"},
        {"lr = 1; weight_decay[0] = 1", "sgd", "group '0' in toynet"},
        {"lr = 1; lr[bias] = 1; lr[head] = 1", "sgd",
         "lr[bias] drives nothing"},
        {"lr = linear(1, -1, 8)", "sgd", "lr is -0.25 at step 5: it must be 0"},
        {"lr = 1; lr[norm] = linear(1, -1, 8)", "sgd", "lr[norm] is -0.25 at"},
        {"lr = 1; momentum = linear(0, 1, 10)", "sgd",
         "momentum is 1 at step 10: it must be from 0 to 0.999999"},
        {"lr = 1; beta2 = hold(0.9, 19) then 1", "adam", "is 1 at step 19"},
        {"lr = 1; label_smoothing = 1", "sgd", "from 0 to 0.999999"},
        {"lr = 1; weight_decay = -1", "sgd", "from 0 to 1000000"},
        {"lr = 1; clip = -1", "sgd", "it must be 0 or more"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct task_hyper h;
        struct task_error err;
        assert_int_equal(open_plan(cases[i].plan, cases[i].optimizer, NULL,
                                   false, &h, &err),
                         TASK_E_USAGE);
        assert_one_line(err.message, cases[i].part);
        task_hyper_close(&h);
    }
}

/* Past the run's last step a value may be anything. */
static void values_count_within_the_run_only(void **state)
{
    (void)state;
    struct task_hyper h;
    must_open("lr = hold(0.1, 20) then -1; momentum = hold(0, 20) then 2",
              "sgd", &h);
    task_hyper_close(&h);
}

/* An option and the plan must not both say it; run.json may. */
static void an_option_that_the_plan_has_is_refused(void **state)
{
    (void)state;
    static const char *const names[][2] = {{"momentum", "momentum"},
                                           {"weight_decay", "weight-decay"},
                                           {"label_smoothing",
                                            "label-smoothing"},
                                           {"clip", "clip"}};
    struct task_hyper h;
    struct task_error err;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char plan[64], part[48];
        (void)snprintf(plan, sizeof plan, "lr = 1; %s = 0.5", names[i][0]);
        (void)snprintf(part, sizeof part, "the option --%s:", names[i][1]);
        assert_int_equal(open_plan(plan, "sgd", names[i][1], false, &h, &err),
                         TASK_E_USAGE);
        assert_one_line(err.message, part);
        task_hyper_close(&h);
        assert_int_equal(open_plan(plan, "sgd", names[i][1], true, &h, &err),
                         TASK_OK);
        task_hyper_close(&h);
    }
    assert_int_equal(open_plan("lr = 1; weight_decay[head] = 0.1", "sgd",
                               "weight-decay", false, &h, &err),
                     TASK_OK);
    task_hyper_close(&h);
}

/* An agent has no labels to smooth. */
static void a_plan_names_what_its_task_has(void **state)
{
    (void)state;
    static const char text[] = "lr = 0.1; label_smoothing = 0.1";
    static const struct {
        enum task_for task;
        enum task_status status;
    } cases[] = {{TASK_FOR_IMAGE, TASK_OK},
                 {TASK_FOR_TEXT, TASK_OK},
                 {TASK_FOR_CARTPOLE, TASK_E_USAGE}};
    for (size_t i = 0; i < 3; i++) {
        struct task_settings s = {.optimizer = strdup("adam")};
        struct task_hyper h;
        struct task_error err = {.message = ""};
        taper_plan *plan;
        assert_int_equal(taper_plan_parse(text, strlen(text), NULL, NULL, &plan,
                                          NULL),
                         TAPER_OK);
        assert_int_equal(task_hyper_open(&h, plan, cases[i].task, &s, false,
                                         STEPS, &err),
                         cases[i].status);
        if (cases[i].status != TASK_OK)
            assert_non_null(strstr(err.message, "(there are: lr, beta1, beta2, "
                                                "weight_decay, clip, "
                                                "clip_range, entropy)"));
        task_hyper_close(&h);
        task_settings_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_without_a_plan_keeps_everything),
        cmocka_unit_test(only_what_is_named_is_driven),
        cmocka_unit_test(every_hyperparameter_reaches_its_place),
        cmocka_unit_test(groups_have_values_of_their_own),
        cmocka_unit_test(what_a_run_does_not_have_is_one_line),
        cmocka_unit_test(values_count_within_the_run_only),
        cmocka_unit_test(an_option_that_the_plan_has_is_refused),
        cmocka_unit_test(a_plan_names_what_its_task_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
