/* Sugar: how names are found, and arguments as Python writes them. */
#include "schedule/refusal.h"

/* Fails unless both texts are the same schedule. */
static void assert_means(const char *text, const char *plain)
{
    taper_schedule *a = parse(text), *b = parse(plain);
    if (taper_size(a) != taper_size(b) || memcmp(a, b, taper_size(a)) != 0) {
        char canonical[400];
        taper_describe(a, canonical, sizeof canonical);
        fail_msg("%s is %s, not %s", text, canonical, plain);
    }
    taper_free(a, NULL);
    taper_free(b, NULL);
}

static void a_class_is_found_by_any_path_to_it(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "torch.StepLR(lr=0.1, step_size=5)",
        "torch.optim.lr_scheduler.StepLR(lr=0.1, step_size=5)",
        "optim.lr_scheduler.StepLR(lr=0.1, step_size=5)",
        "lr_scheduler.StepLR(lr=0.1, step_size=5)",
        "torch.StepLR(optimizer, 5, lr=0.1)",
        "torch.StepLR(self.optimizer, step_size=5, lr=0.1,)",
        "torch.StepLR(opt, 5, lr=0.1, last_epoch=-1, verbose=False)",
        "torch.StepLR(optimizer=optimizer, step_size=5, lr=0.1)",
        "torch.StepLR(step_size=5, lr=0.1, optimizer=opt)",
        "torch.StepLR( 5 , 0.1 , lr = 0.1 )",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_means(texts[i], "exp(0.1, rate=0.1, stair=5)");
    assert_means("tf.keras.optimizers.schedules.CosineDecay(0.1, 100)",
                 "keras.CosineDecay(0.1, 100)");
    assert_means("transformers.get_constant_schedule(lr=0.1)",
                 "hf.get_constant_schedule(lr=0.1)");
}

static void lists_tuples_and_dicts_are_read(void **state)
{
    (void)state;
    static const char plain[] = "hold(0.5, 3) then hold(0.25, 3) then 0.125";
    assert_means("torch.MultiStepLR(lr=0.5, milestones=[3, 6], gamma=0.5)",
                 plain);
    assert_means("torch.MultiStepLR(lr=0.5, milestones=(3, 6), gamma=0.5)",
                 plain);
    assert_means("torch.MultiStepLR([3, 6,], gamma=0.5, lr=0.5)", plain);
    assert_means("torch.MultiStepLR(lr=0.5, milestones=(3,), gamma=0.5)",
                 "hold(0.5, 3) then 0.25");
    assert_means("torch.MultiStepLR(lr=0.5, milestones=(), gamma=0.5)", "0.5");
    assert_means("optax.piecewise_constant_schedule(0.5, {3: 0.5, 6: 0.5})",
                 plain);
    assert_means("optax.sgdr_schedule([dict(init_value=0, peak_value=0.5, "
                 "warmup_steps=2, decay_steps=10, end_value=0,)])",
                 "optax.sgdr_schedule([{'init_value': 0, 'peak_value': 0.5, "
                 "'warmup_steps': 2, 'decay_steps': 10, 'end_value': 0}])");
    assert_means("torch.MultiStepLR(lr=(0.5), milestones=(3), gamma=0.5)",
                 "hold(0.5, 3) then 0.25");
    assert_means("optax.piecewise_constant_schedule(0.5)", "0.5");
    assert_means("optax.piecewise_constant_schedule(0.5, None)", "0.5");
}

static void constructors_within_one_take_its_peer_and_its_rate(void **state)
{
    (void)state;
    static const char plain[] =
        "linear(0.05, 0.1, 4) then exp(0.1, rate=0.1, stair=5)";
    assert_means("torch.SequentialLR(lr=0.1, schedulers=[LinearLR(optimizer, "
                 "0.5, total_iters=4), StepLR(optimizer, 5)], milestones=[4])",
                 plain);
    assert_means("torch.SequentialLR(optimizer, [LinearLR(optimizer, 0.5, "
                 "total_iters=4), StepLR(optimizer, 5)], [4], lr=0.1)",
                 plain);
    assert_means("torch.SequentialLR([LinearLR(0.5, total_iters=4, lr=0.1), "
                 "torch.StepLR(5, lr=0.1)], [4])",
                 plain);
    assert_means("optax.join_schedules([constant_schedule(1), 0.5, 0.1 * "
                 "cosine(1, 0, 5), (0.2)], [10, 20, 30])",
                 "hold(1, 10) then hold(0.5, 10) then cut(0.1 * cosine(1, 0, "
                 "5), 10) then 0.2");
}

static void numbers_may_be_multiplied_and_divided(void **state)
{
    (void)state;
    assert_means("torch.ConstantLR(factor=1/4, total_iters=2*3*4 / 8, lr=1)",
                 "hold(0.25, 3) then 1");
    assert_means("torch.MultiStepLR([2*3, 10 / 1], gamma=1/2, lr=2 * 0.5)",
                 "hold(1, 6) then hold(0.5, 4) then 0.25");
    assert_means("warmup(2 * 3 * hold(1, 5), over=1*2)",
                 "warmup((2 * 3 * hold(1, 5)), over=2)");
    assert_means("warmup((linear(6, 3, 5) then 3), over=2)",
                 "warmup(linear(6, 3, 5) then 3, over=2)");
    assert_means("optax.join_schedules([2*3, 0.5 * 0.5], [1*4])",
                 "hold(6, 4) then 0.25");
}

static void a_rate_of_zero_is_handed_down(void **state)
{
    (void)state;
    assert_means("torch.SequentialLR([StepLR(5), StepLR(5)], [3], lr=0)",
                 "exp(0, rate=0.1, stair=5, over=3) then exp(0, rate=0.1, "
                 "stair=5)");
}

static void sugar_says_what_comes_after_it(void **state)
{
    (void)state;
    assert_means("optax.linear_schedule(1, 0, 10, after=mirror)",
                 "repeat(linear(1, 0, 10), times=1, after=mirror)");
    assert_means("optax.linear_schedule(1, 0, 10, after=hold)",
                 "repeat(linear(1, 0, 10), times=1)");
    assert_means("cosine(1, 0, 10, after='mirror')",
                 "cosine(1, 0, 10, after=mirror)");
}

static const struct refusal refusals[] = {
    {"StepLR(lr=1, step_size=5)", TAPER_E_NAME, 0, "'torch.StepLR'"},
    {"torch.StepLr(lr=1)", TAPER_E_NAME, 0, "'torch.StepLR'"},
    {"torch.optim.Nothing(lr=1)", TAPER_E_NAME, 0, "unknown name"},
    {"2 * torch.ReduceLROnPlateau(lr=1)", TAPER_E_NAME, 4, "a controller"},
    {"greedy(patience=3)", TAPER_E_NAME, 0, "a controller"},
    {"torch.optim.lr_scheduler.LambdaLR(lr=1, lr_lambda=f)", TAPER_E_NAME, 0,
     "runs code"},
    {"torch.StepLR(step_size=5)", TAPER_E_ARGUMENT, 0, "needs 'lr'"},
    {"torch.StepLR(lr=1, 5)", TAPER_E_ARGUMENT, 19, "cannot follow"},
    {"torch.StepLR(5, 0.1, -1, False, 1)", TAPER_E_ARGUMENT, 32, "too many"},
    {"torch.StepLR(5, lr=1, lr=2)", TAPER_E_ARGUMENT, 22, "twice"},
    {"torch.StepLR(5, lr=1, gama=2)", TAPER_E_ARGUMENT, 22, "'gamma'"},
    {"torch.StepLR(5, lr=1, after=x)", TAPER_E_NAME, 28, "mirror"},
    {"torch.StepLR(5, lr=1", TAPER_E_SYNTAX, 20, "')'"},
    {"torch.StepLR(5 6, lr=1)", TAPER_E_SYNTAX, 15, "')'"},
    {"torch.StepLR(5, lr='x')", TAPER_E_ARGUMENT, 19, "must be a number"},
    {"torch.StepLR(5, lr=1ep)", TAPER_E_ARGUMENT, 19, "without a unit"},
    {"torch.StepLR([5], lr=1)", TAPER_E_ARGUMENT, 13, "must be a length"},
    {"torch.StepLR(-5, lr=1)", TAPER_E_RANGE, 13, "negative"},
    {"torch.StepLR(1e20, lr=1)", TAPER_E_RANGE, 13, "2^53"},
    {"torch.StepLR(None, lr=1)", TAPER_E_ARGUMENT, 13, "must be given"},
    {"torch.StepLR(5ep, lr=1)", TAPER_E_RUN, 13, "epoch"},
    {"torch.StepLR(5, lr=1, last_epoch=3)", TAPER_E_ARGUMENT, 33,
     "not supported"},
    {"torch.OneCycleLR(1, 50, three_phase='no')", TAPER_E_ARGUMENT, 36,
     "True or False"},
    {"torch.OneCycleLR(1, 50, anneal_strategy='x')", TAPER_E_ARGUMENT, 40,
     "cos|linear"},
    {"torch.MultiStepLR('3', lr=1)", TAPER_E_ARGUMENT, 18, "a list"},
    {"torch.MultiStepLR(['3'], lr=1)", TAPER_E_ARGUMENT, 19, "is expected"},
    {"torch.MultiStepLR([3, lr=1)", TAPER_E_SYNTAX, 24, "']'"},
    {"torch.MultiStepLR((3, 4], lr=1)", TAPER_E_SYNTAX, 23, "')'"},
    {"torch.MultiStepLR(['3], lr=1)", TAPER_E_SYNTAX, 19, "never closed"},
    {"optax.piecewise_constant_schedule(1, {3 1})", TAPER_E_SYNTAX, 40, "':'"},
    {"optax.piecewise_constant_schedule(1, {3: 1)", TAPER_E_SYNTAX, 42, "'}'"},
    {"optax.piecewise_constant_schedule(1, {'a': 1})", TAPER_E_ARGUMENT, 38,
     "is expected"},
    {"optax.sgdr_schedule([3])", TAPER_E_ARGUMENT, 21, "a dict"},
    {"optax.sgdr_schedule([dict(peak 1)])", TAPER_E_SYNTAX, 31, "'='"},
    {"optax.sgdr_schedule([dict(a=1])", TAPER_E_SYNTAX, 29, "')'"},
    {"optax.sgdr_schedule([dict 1])", TAPER_E_SYNTAX, 26, "']'"},
    {"optax.join_schedules([1, 'a'], [10])", TAPER_E_ARGUMENT, 25,
     "a schedule or a number"},
    {"optax.join_schedules([1, cosin(1)], [10])", TAPER_E_NAME, 25, "cosine"},
    {"torch.ConstantLR(factor=1/0, lr=1)", TAPER_E_SYNTAX, 25, "'/'"},
    {"torch.ConstantLR(factor=1/x, lr=1)", TAPER_E_SYNTAX, 25, "'/'"},
    {"wsd(0.1, warmup='a', decay=5)", TAPER_E_ARGUMENT, 16, "a length"},
    {"wsd(0.1, warmup=1, decay=5, shape=lin)", TAPER_E_ARGUMENT, 34,
     "'shape' cannot be 'lin', did you mean 'linear'?"},
    {"wsd(0.1, warmup=1, decay=5, shape=q)", TAPER_E_ARGUMENT, 34, "linear|"},
    {"hf.get_scheduler('cosine_with_restart', 1, 9, lr=1)", TAPER_E_ARGUMENT,
     17, "did you mean 'cosine_with_restarts'?"},
    {"hf.get_scheduler('greed', 1, 9, lr=1)", TAPER_E_ARGUMENT, 17, "'greedy'"},
    {"hf.get_scheduler('x', 1, 9, lr=1)", TAPER_E_ARGUMENT, 17,
     "reduce_lr_on_plateau..."},
    /* Lengths that would leave the range of an integer. */
    {"torch.OneCycleLR(0.1, epochs=4503599627370496, "
     "steps_per_epoch=4503599627370496)",
     TAPER_E_RANGE, 0, "at most 2^53 steps"},
    {"fairseq.tri_stage(phase_ratio=[1e300, 0.5, 0.5], max_update=9, lr=1)",
     TAPER_E_ARGUMENT, 30, "three parts of 1"},
    {"hf.get_cosine_with_hard_restarts_schedule_with_warmup(1, 9, 1e-320, "
     "lr=1)",
     TAPER_E_RANGE, 0, "at most 2^53 steps"},
    {"warmup('a', over=5)", TAPER_E_ARGUMENT, 7, "a schedule or a number"},
    {"add(1)", TAPER_E_ARGUMENT, 0, "at least two"},
    {"add(1, 2, after=no)", TAPER_E_NAME, 16, "mirror"},
    {"noise(1, amount=0.1, kind=x)", TAPER_E_NAME, 26, "uniform or normal"},
    {"cosine(1, 0, ", TAPER_E_SYNTAX, 13, "for 'over'"},
};

static void wrong_arguments_are_refused_at_their_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        taper_schedule *s = (taper_schedule *)state;
        taper_error err = {.code = TAPER_OK};
        const char *text = refusals[i].text;
        const taper_status status =
            taper_parse(text, strlen(text), NULL, NULL, &s, &err);
        assert_refusal(&refusals[i], status, &err);
        assert_null(s);
    }
}

/* Every kind of opening nests, and is counted. */
static void deep_nesting_of_literals_is_refused(void **state)
{
    (void)state;
    static const char *const openings[] = {
        "torch.MultiStepLR([", "optax.join_schedules([", "points({1: [",
        "torch.ChainedScheduler(lr=1, schedulers=["};
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
        char text[20000] = "";
        size_t len = 0;
        for (int k = 0; k < 100; k++)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s",
                                    openings[i]);
        taper_schedule *s;
        taper_error err;
        assert_int_equal(taper_parse(text, len, NULL, NULL, &s, &err),
                         TAPER_E_SIZE);
    }
}

static void a_long_list_is_read(void **state)
{
    (void)state;
    static char text[60000];
    size_t len = (size_t)snprintf(text, sizeof text,
                                  "torch.MultiStepLR(lr=1, gamma=1, "
                                  "milestones=[");
    for (int k = 1; k <= 900; k++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%d,", k);
    len += (size_t)snprintf(text + len, sizeof text - len, "])");
    taper_schedule *s;
    assert_int_equal(taper_parse(text, len, NULL, NULL, &s, NULL), TAPER_OK);
    assert_int_equal(taper_segment_count(s), 901);
    taper_free(s, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_class_is_found_by_any_path_to_it),
        cmocka_unit_test(lists_tuples_and_dicts_are_read),
        cmocka_unit_test(constructors_within_one_take_its_peer_and_its_rate),
        cmocka_unit_test(numbers_may_be_multiplied_and_divided),
        cmocka_unit_test(a_rate_of_zero_is_handed_down),
        cmocka_unit_test(sugar_says_what_comes_after_it),
        cmocka_unit_test(wrong_arguments_are_refused_at_their_place),
        cmocka_unit_test(deep_nesting_of_literals_is_refused),
        cmocka_unit_test(a_long_list_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
