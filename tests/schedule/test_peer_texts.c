/* What the constructors of Optax, Keras and transformers stand for, as a person
 * would write it, and what they refuse. Their values are in golden tables. */
#include "schedule/support.h"

static const struct {
    const char *text, *same;
} texts[] = {
    /* Whole sequences are flat, and what ends in time is not cut. */
    {"optax.warmup_cosine_decay_schedule(0.0, 0.1, 100, 1000)",
     "linear(0, 0.1, 100) then cosine(0.1, 0, 900)"},
    {"optax.join_schedules([optax.linear_schedule(0.0, 0.1, 100), "
     "optax.constant_schedule(0.1), optax.cosine_decay_schedule(0.1, 900)], "
     "[100, 150])",
     "linear(0, 0.1, 100) then hold(0.1, 50) then cosine(0.1, 0, 900)"},
    {"optax.join_schedules([linear_schedule(0, 1, 9), 0.5], [0])", "0.5"},
    {"optax.join_schedules([linear_schedule(0, 1, 9), 0.5], [4])",
     "cut(linear(0, 1, 9), 4) then 0.5"},
    {"optax.sgdr_schedule([{'init_value': 0, 'peak_value': 1, "
     "'warmup_steps': 5, 'decay_steps': 25}, {'init_value': 0, 'peak_value': "
     "0.5, 'warmup_steps': 0, 'decay_steps': 20}])",
     "linear(0, 1, 5) then cosine(1, 0, 20) then cosine(0.5, 0, 20)"},
    {"optax.exponential_decay(0.1, 100, 0.9, 20, end_value=1e-3)",
     "clamp(hold(0.1, 20) then exp(0.1, rate=0.9, per=100), min=0.001)"},
    {"optax.exponential_decay(0.1, 100, 2, end_value=0.8)",
     "clamp(exp(0.1, rate=2, per=100), max=0.8)"},
    {"optax.exponential_decay(0.1, 0, 0.9)", "0.1"},
    {"optax.warmup_exponential_decay_schedule(0, 1, 5, 10, 0.5, 3)",
     "linear(0, 1, 5) then hold(1, 3) then exp(1, rate=0.5, per=10)"},
    {"optax.warmup_cosine_decay_schedule(0.1, 0.0, 5, 25, 0.5)",
     "linear(0.1, 0, 5) then cosine(0, 0, 20)"},
    {"optax.piecewise_constant_schedule(1, {20: 0.5, 10: 0.1, 20: 0.1})",
     "hold(1, 10) then hold(0.1, 10) then 0.010000000000000002"},
    {"optax.piecewise_constant_schedule(1, {0: 0.5, 10: 0.1})",
     "hold(0.5, 10) then 0.05"},
    {"optax.piecewise_interpolate_schedule('linear', 1, {0: 0.5})", "0.5"},
    {"optax.linear_onecycle_schedule(10, 1, 0.5, 0.5, 4, 10)",
     "linear(0.25, 0.0625, 5) then linear(0.0625, 0.00625, 5)"},
    {"optax.polynomial_schedule(0.1, 0, 2, 0)", "0.1"},
    /* Lengths may have a unit. */
    {"optax.linear_schedule(0.1, 0, 50%, 2ep)",
     "hold(0.1, 20) then linear(0.1, 0, 500)"},

    {"optax.linear_schedule(0.1, 0, 10.5)", "stretch(linear(0.1, 0, 1), 10.5)"},
    {"optax.polynomial_schedule(0.1, 0, 0, 10, 5)", "0.1"},
    {"optax.exponential_decay(0.1, 2.5, 0.9, staircase=True)",
     "stretch(exp(0.1, rate=0.9, stair=1), 2.5)"},

    {"keras.PolynomialDecay(0.1, 10, power=0, cycle=True)", "0.1"},
    {"keras.InverseTimeDecay(0.1, 2.5, 0.5, True)",
     "stretch(stair(inverse(0.1, rate=0.5, per=1), 1), 2.5)"},
    /* What has a unit is rounded, as everywhere. */
    {"keras.CosineDecay(0.5, 0.55ep)", "cosine(0.5, 0, 6)"},
    {"keras.CosineDecay(0.5, 900, warmup_target=0.1, warmup_steps=100)",
     "linear(0.5, 0.1, 100) then cosine(0.1, 0, 900)"},
    {"keras.CosineDecay(0.5, 900, 0.5, 'CosineDecay', None, 100)",
     "cosine(0.5, 0.25, 900)"},
    {"keras.CosineDecayRestarts(0.1, 100)",
     "repeat(cosine(0.1, 0, 100), stretch=2)"},
    {"keras.CosineDecayRestarts(1, 8, 1, 0.5, 0.25)",
     "add(repeat(cosine(0.75, 0, 8), scale=0.5), 0.25)"},
    {"keras.PiecewiseConstantDecay([0, 8, 8], [4, 3, 2, 1])",
     "hold(4, 1) then hold(3, 8) then 1"},
    {"keras.InverseTimeDecay(0.1, 100, 0.5, staircase=True)",
     "stair(inverse(0.1, rate=0.5, per=100), 100)"},
    {"keras.InverseTimeDecay(0.1, 100, 0)", "0.1"},
    {"keras.ExponentialDecay(0.1, 100, 0.5, True)",
     "exp(0.1, rate=0.5, stair=100)"},
    {"keras.linear_cosine_decay(1, 100, beta=0)",
     "linear(1, 0, 100) * cosine(1, 0, 100)"},
    {"keras.linear_cosine_decay(1, 100, 2, 0.5, 0.25)",
     "add(linear(1.5, 0.5, 100) * cut(cosine(1, 0, 25, after=mirror), 100), "
     "0.25)"},
    {"tf.keras.optimizers.schedules.PolynomialDecay(0.1, 100, 0)",
     "linear(0.1, 0, 100)"},

    {"hf.get_cosine_schedule_with_warmup(100, 1000, lr=0.1)",
     "linear(0, 0.1, 100) then cosine(0.1, 0, 900)"},
    {"hf.get_cosine_schedule_with_warmup(optimizer, num_warmup_steps=0, "
     "num_training_steps=100, num_cycles=0.25, lr=0.1)",
     "cut(cosine(0.1, 0, 200), 100)"},
    {"hf.get_cosine_with_hard_restarts_schedule_with_warmup(0, 90, 3, lr=1)",
     "repeat(cosine(1, 0, 30), times=3)"},
    {"hf.get_cosine_with_hard_restarts_schedule_with_warmup(0, 9, 2, lr=1)",
     "stretch(repeat(cosine(1, 0, 1), times=2), 4.5)"},
    {"hf.get_cosine_with_hard_restarts_schedule_with_warmup(0, 90, 1.5, lr=1)",
     "cut(repeat(cosine(1, 0, 60)), 90) then 0"},
    {"hf.get_cosine_with_hard_restarts_schedule_with_warmup(0, 90, 0, lr=1)",
     "hold(1, 90) then 0"},
    {"hf.get_cosine_schedule_with_warmup(5, 25, 0, lr=1)",
     "linear(0, 1, 5) then hold(1, 20)"},
    {"hf.get_polynomial_decay_schedule_with_warmup(5, 25, power=0, lr=1)",
     "linear(0, 1, 5) then hold(1, 21) then 1e-7"},
    {"hf.get_polynomial_decay_schedule_with_warmup(5, 5, power=0, lr=1)",
     "linear(0, 1, 5) then 1e-7"},
    {"hf.get_cosine_with_min_lr_schedule_with_warmup_lr_rate(5, 25, min_lr=0, "
     "lr=1)",
     "linear(0.2, 1, 4) then cosine(1, 0, 20)"},
    {"hf.get_wsd_schedule(10, 20, 100, 60, 'cosine', '1-sqrt', lr=1)",
     "cosine(0, 1, 10) then hold(1, 60) then sqrt(1, 0, 20)"},
    {"hf.get_wsd_schedule(0, 20, 100, min_lr_ratio=0.5, num_cycles=1, lr=1)",
     "hold(1, 80) then cut(cosine(1, 0.5, 10, after=mirror), 20) then 0.5"},
    {"hf.get_inverse_sqrt_schedule(0, lr=1)",
     "inverse(1, rate=1, power=0.5, per=10000)"},
    {"hf.get_polynomial_decay_schedule_with_warmup(5, 5, lr=1)",
     "linear(0, 1, 5) then linear(1, 1e-7, 0)"},
    {"hf.get_scheduler('linear', optimizer, 100, 1000, lr=0.1)",
     "linear(0, 0.1, 100) then linear(0.1, 0, 900)"},
    {"transformers.get_scheduler(name='cosine', optimizer=optimizer, "
     "num_warmup_steps=10%, num_training_steps=100%, "
     "scheduler_specific_kwargs={'num_cycles': 0.5}, lr=0.1)",
     "linear(0, 0.1, 100) then cosine(0.1, 0, 900)"},
    {"hf.get_scheduler('constant', num_warmup_steps=100, lr=0.1)", "0.1"},
};

static const taper_run run = {.steps = 1000, .epoch = 10};

static void a_constructor_is_what_a_person_would_write(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        taper_schedule *s = parse_in(texts[i].text, &run);
        taper_schedule *same = parse_in(texts[i].same, &run);
        char text[500];
        taper_describe(s, text, sizeof text);
        if (taper_size(s) != taper_size(same) ||
            memcmp(s, same, taper_size(s)) != 0)
            fail_msg("%s: %s", texts[i].text, text);
        taper_free(s, NULL);
        taper_free(same, NULL);
    }
}

static const struct {
    const char *text, *why;
} refused[] = {
    {"optax.cosine_decay_schedule(0.1, 0)", "must be above 0"},
    {"optax.cosine_decay_schedule(0.1, 10, exponent=0)", "above 0"},
    {"optax.linear_schedule(0.1, 0, 10, 0.5)", "whole"},
    {"optax.polynomial_schedule(0.1, 0, -1, 10)", "not be negative"},
    {"optax.warmup_cosine_decay_schedule(0, 0.1, 5.5, 25)", "whole"},
    {"optax.sgdr_schedule([{'init_value': 0, 'peak_value': 1, "
     "'warmup_steps': 0, 'decay_steps': 2.5}])",
     "whole"},
    {"optax.exponential_decay(0.1, 10, -1)", "not be negative"},
    {"optax.warmup_cosine_decay_schedule(0, 0.1, 100, 100)",
     "counts the warm-up as well"},
    {"optax.piecewise_constant_schedule(0.1, [1, 2])", "{100: 0.1}"},
    {"optax.piecewise_constant_schedule(0.1, {1: -2})", "not be negative"},
    {"optax.piecewise_constant_schedule(0.1, {1: None})", "a number"},
    {"optax.piecewise_interpolate_schedule('cubic', 0.1)", "linear|cosine"},
    {"optax.linear_onecycle_schedule(0, 0.1)", "at least one step"},
    {"optax.linear_onecycle_schedule(10, 0.1, pct_start=0.9)", "'pct_final'"},
    {"optax.join_schedules([0.1, 0.2], [])", "one less"},
    {"optax.join_schedules([0.1, 0.2, 0.3], [5, 3])", "rising order"},
    {"optax.join_schedules([0.1, None], [5])", "a schedule or a number"},
    {"optax.sgdr_schedule([])", "no cycle"},
    {"optax.sgdr_schedule(3)", "a list or a dict"},
    {"optax.sgdr_schedule([{0.1: 3}])", "'name': 0.5"},
    {"optax.sgdr_schedule([['init_value']])", "'name': 0.5"},
    {"optax.sgdr_schedule([{'peak': 0.1}])", "no argument 'peak'"},
    {"optax.sgdr_schedule([{'init_value': 0, 'init_value': 1}])", "twice"},
    {"optax.sgdr_schedule([{'init_value': 0}])", "'peak_value' must be given"},
    {"keras.ExponentialDecay(0.1, 0, 0.5)", "must be above 0"},
    {"keras.ExponentialDecay(0.1, 10, 0)", "above 0"},
    {"keras.InverseTimeDecay(0.1, 10, -0.1)", "not be negative"},
    {"keras.PiecewiseConstantDecay([5, 8], [0.1, 0.01])", "one more"},
    {"keras.PiecewiseConstantDecay([], [0.1])", "at least one"},
    {"keras.PiecewiseConstantDecay([8, 5], [1, 2, 3])", "must increase"},
    {"keras.PolynomialDecay(0.1, 10, power=-1)", "not be negative"},
    {"keras.PolynomialDecay(0.1, 10.5, cycle=True)", "whole"},
    {"keras.CosineDecay(0.1, 10, 0, warmup_target=1, warmup_steps=2.5)",
     "whole"},
    {"keras.CosineDecayRestarts(0.1, 10, 0.5)", "at least 1"},
    {"keras.linear_cosine_decay(0.1, 10, num_periods=0)", "above 0"},
    {"keras.linear_cosine_decay(0.1, 10.5)", "whole"},
    {"keras.CosineDecayRestarts(0.1, 10.5)", "whole"},
    {"hf.get_cosine_schedule_with_warmup(10, 100)", "'lr'"},
    {"hf.get_cosine_schedule_with_warmup(10, 100, lr=1, last_epoch=3)",
     "last_epoch"},
    {"hf.get_cosine_schedule_with_warmup(10, 100, -1, lr=1)",
     "not be negative"},
    {"hf.get_cosine_with_hard_restarts_schedule_with_warmup(10, 100, -1, lr=1)",
     "from 0"},
    {"hf.get_polynomial_decay_schedule_with_warmup(10, 100, power=-1, lr=1)",
     "not be negative"},
    {"hf.get_cosine_with_min_lr_schedule_with_warmup(10, 100, lr=1)",
     "one of 'min_lr'"},
    {"hf.get_cosine_with_min_lr_schedule_with_warmup(10, 100, min_lr=0.1, "
     "min_lr_rate=0.1, lr=1)",
     "not both"},
    {"hf.get_polynomial_decay_schedule_with_warmup(10, 100, 1, lr=1)",
     "below 'lr'"},
    {"hf.get_inverse_sqrt_schedule(10, 0, lr=1)", "at least one step"},
    {"hf.get_wsd_schedule(100, 200, 250, lr=1)", "longer than"},
    {"hf.get_wsd_schedule(100, 200, lr=1)", "'num_stable_steps'"},
    {"hf.get_wsd_schedule(100, 200, 300, decay_type='exp', lr=1)", "1-sqrt"},
    {"hf.get_scheduler('cosin', lr=1)", "did you mean 'cosine'"},
    {"hf.get_scheduler('cosine', num_warmup_steps=3, lr=1)",
     "'num_training_steps' must be given"},
    {"hf.get_scheduler('greedy', lr=1)", "a controller"},
    {"hf.get_scheduler('cosine', optimizer, 3, 9, {'num_warmup_steps': 3}, "
     "lr=1)",
     "twice"},
    {"hf.get_scheduler('cosine', optimizer, 3, 9, {'cycles': 3}, lr=1)",
     "no argument 'cycles'"},
    {"hf.get_scheduler('cosine', optimizer, 3, 9, [3], lr=1)", "'name': 0.5"},
};

static void what_means_nothing_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        taper_schedule *s;
        taper_error err = {.message = "it is accepted"};
        const taper_status status =
            taper_parse(refused[i].text, strlen(refused[i].text), &run, NULL,
                        &s, &err);
        if (status != TAPER_E_ARGUMENT || !strstr(err.message, refused[i].why))
            fail_msg("%s: %s", refused[i].text, err.message);
        assert_null(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_constructor_is_what_a_person_would_write),
        cmocka_unit_test(what_means_nothing_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
