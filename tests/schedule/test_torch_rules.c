/* What the constructors of PyTorch and Paddle refuse, how they may be written,
 * and what they stand for: the part of them that golden tables cannot hold. */
#include "schedule/support.h"

#include <stdlib.h>

static const struct {
    const char *text, *why; /* a part of the message */
    const char *at;         /* what it points to */
} refused[] = {
    {"torch.StepLR(step_size=3)", "needs 'lr'", "torch.StepLR"},
    {"torch.StepLR(lr=-1, step_size=3)", "'lr' must not be negative", "-1"},
    {"torch.StepLR(lr=1, step_size=0)", "'step_size' must be at least one",
     "0"},
    {"torch.StepLR(lr=1, step_size=2.5)", "'step_size' must be a whole", "2.5"},
    {"torch.StepLR(lr=1, step_size=2, gamma=-2)", "'gamma' must not", "-2"},
    {"torch.StepLR(lr=1, step_size=2, last_epoch=3)", "'last_epoch'", "3"},
    {"torch.MultiStepLR(lr=1, milestones=[3, 4.5])", "whole number", "4.5"},
    {"torch.MultiStepLR(lr=1, milestones=[3, -4])", "negative", "-4"},
    {"torch.MultiStepLR(lr=1, milestones='3')", "must be a list", "'3'"},
    {"torch.ConstantLR(lr=1, factor=1.5)", "'factor' must be from 0 to 1",
     "1.5"},
    {"torch.ConstantLR(lr=1, total_iters=-1)", "negative", "-1"},
    {"torch.LinearLR(lr=1, start_factor=0)", "starts from 0", "0)"},
    {"torch.LinearLR(lr=1, end_factor=2)", "'end_factor' must be from", "2"},
    {"torch.ExponentialLR(lr=1)", "needs 'gamma'", "torch.ExponentialLR"},
    {"torch.PolynomialLR(lr=1, power=-1)", "'power' must not", "-1"},
    {"torch.CosineAnnealingLR(lr=1, T_max=0)", "'T_max' must be above 0", "0"},
    {"torch.CosineAnnealingWarmRestarts(lr=1, T_0=0)", "'T_0'", "0)"},
    {"torch.CosineAnnealingWarmRestarts(lr=1, T_0=5, T_mult=1.5)",
     "'T_mult' must be a whole number from 1", "1.5"},
    {"torch.CosineAnnealingWarmRestarts(lr=1, T_0=5, T_mult=0)", "'T_mult'",
     "0)"},
    {"torch.CosineAnnealingWarmRestarts(lr=1, T_0=5, T_mult=1e16)", "'T_mult'",
     "1e16"},
    {"torch.CyclicLR(0.01, 0.1, 0)", "'step_size_up' must be above 0", "0)"},
    {"torch.CyclicLR(0.01, 0.1, 3.14159)", "three decimals", "3.14159"},
    {"torch.CyclicLR(0.01, 0.1, mode='sine')",
     "triangular|triangular2|exp_range", "'sine'"},
    {"torch.CyclicLR(0.01, 0.1, mode='exp_range', gamma=0)",
     "'gamma' must be above 0", "0)"},
    {"torch.CyclicLR(0.01, 0.1, scale_fn=f)", "repeat(...)", "f)"},
    {"torch.CyclicLR([0.01, 0.02], 0.1)", "'base_lr' must be a number", "["},
    {"torch.CyclicLR.momentum(0.01, 0.1, cycle_momentum=False)",
     "no momentum with cycle_momentum=False", "False"},
    {"torch.CyclicLR.momentum(0.01, 0.1, base_momentum=-0.5)",
     "'base_momentum' must not be negative", "-0.5"},
    {"torch.OneCycleLR.momentum(0.1)", "needs 'total_steps', or",
     "torch.OneCycleLR.momentum"},
    {"torch.OneCycleLR.momentum(0.1, 10, cycle_momentum=False)",
     "no momentum with cycle_momentum=False", "False"},
    {"torch.StepLR.momentum(lr=1, step_size=3)", "torch.StepLR.momentum",
     "torch.StepLR.momentum"},
    {"torch.OneCycleLR(0.1)", "needs 'total_steps', or", "torch.OneCycleLR"},
    {"torch.OneCycleLR(0.1, epochs=3)", "'steps_per_epoch'", "torch.OneCycle"},
    {"torch.OneCycleLR(0.1, 10, pct_start=1.1)", "'pct_start'", "1.1"},
    {"torch.OneCycleLR(0.1, 10, div_factor=0)", "'div_factor' must be above",
     "0)"},
    {"torch.OneCycleLR(0.1, 10, anneal_strategy='exp')", "cos|linear", "'exp'"},
    {"torch.SequentialLR(lr=1, schedulers=[StepLR(3), StepLR(4)], "
     "milestones=[])",
     "must be one less than 'schedulers'", "[])"},
    {"torch.SequentialLR(lr=1, schedulers=[StepLR(3), StepLR(4), StepLR(5)], "
     "milestones=[7, 4])",
     "rising order", "[7, 4]"},
    {"torch.SequentialLR(schedulers=[StepLR(3), StepLR(4)], milestones=[3])",
     "needs 'lr'", "StepLR(3)"},
    {"torch.SequentialLR(lr=1, schedulers=['a', StepLR(4)], milestones=[3])",
     "a schedule or a number", "'a'"},
    {"torch.ChainedScheduler(lr=1, schedulers=[])", "must be a scheduler",
     "[]"},
    {"torch.ChainedScheduler(lr=1, schedulers=[StepLR(4), 'a'])",
     "a schedule or a number", "'a'"},
    {"paddle.NoamDecay(0, 100)", "'d_model' must be above 0", "0"},
    {"paddle.NoamDecay(64, 0)", "'warmup_steps' must be at least", "0)"},
    {"paddle.PiecewiseDecay([3, 4], [1, 2])", "more values", "[1, 2]"},
    {"paddle.PiecewiseDecay([], [1, 2])", "a boundary", "[1, 2]"},
    {"paddle.PiecewiseDecay([3], ['a', 2])", "a number", "'a'"},
    {"paddle.NaturalExpDecay(0.1, 0)", "'gamma' must be above 0", "0)"},
    {"paddle.InverseTimeDecay(0.1, -1)", "'gamma' must not", "-1"},
    {"paddle.PolynomialDecay(0.1, 0)", "'decay_steps'", "0)"},
    {"paddle.PolynomialDecay(0.1, 10, power=0)", "'power' must be above", "0)"},
    {"paddle.LinearWarmup(0.1, 10, 0.2, 0.1)", "above 'start_lr'", "0.1)"},
    {"paddle.LinearWarmup('a', 10, 0, 0.1)", "a schedule or a number", "'a'"},
    {"paddle.ExponentialDecay(0.1, 1)", "'gamma' must be below 1", "1)"},
    {"paddle.ExponentialDecay(0.1, 0)", "'gamma' must be above 0", "0)"},
    {"paddle.MultiStepDecay(0.1, [4, 4])", "must rise", "[4, 4]"},
    {"paddle.MultiStepDecay(0.1, [4], 1.0)", "'gamma' must be below", "1.0"},
    {"paddle.StepDecay(0.1, 4, 2)", "'gamma' must be below 1", "2)"},
    {"paddle.CosineAnnealingDecay(0.1, 7.5)", "'T_max' must be a whole", "7.5"},
    {"paddle.OneCycleLR(0.1, 100, phase_pct=0.5, three_phase=True)",
     "must be below 0.5", "0.5"},
    {"paddle.CyclicLR(0.01, 0.1, 2.5)", "'step_size_up' must be a whole",
     "2.5"},
    {"paddle.CyclicLR(0.01, 0.1, 5, step_size_down=0)", "'step_size_down'",
     "0)"},
    {"paddle.LinearLR(0.1, 10, start_factor=0)", "starts from 0", "0)"},
    {"paddle.CosineAnnealingWarmRestarts(0.1, 5, last_epoch=7)", "'last_epoch'",
     "7"},
};

static void what_the_peers_refuse_is_refused_at_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const char *const text = refused[i].text;
        taper_schedule *s;
        taper_error err;
        if (taper_parse(text, strlen(text), NULL, NULL, &s, &err) == TAPER_OK)
            fail_msg("%s: is taken", text);
        if (!strstr(err.message, refused[i].why) ||
            strncmp(text + err.position, refused[i].at,
                    strlen(refused[i].at)) != 0)
            fail_msg("%s: %s, at %s", text, err.message, text + err.position);
    }
}

static const struct {
    const char *text, *canonical;
} pasted[] = {
    /* As Python imports and calls them. */
    {"torch.optim.lr_scheduler.StepLR(optimizer, step_size=30, lr=0.5)",
     "exp(0.5, rate=0.1, stair=30)"},
    {"torch.StepLR(optimizer, 30, 0.2, verbose=True, lr=0.5,)",
     "exp(0.5, rate=0.2, stair=30)"},
    {"torch.StepLR(30, lr=0.5, last_epoch=-1)", "exp(0.5, rate=0.1, stair=30)"},
    {"lr_scheduler.ExponentialLR(opt, gamma=1, lr=0.5)", "0.5"},
    {"paddle.optimizer.lr.NoamDecay(d_model=4, warmup_steps=4)",
     "linear(0, 0.25, 4) then inverse(0.25, rate=1, power=0.5, per=4)"},
    /* With units, of a run with epochs of 100 steps. */
    {"torch.StepLR(step_size=1.5ep, lr=0.5)", "exp(0.5, rate=0.1, stair=150)"},
    {"torch.MultiStepLR(milestones=[1ep, 2ep], gamma=0.5, lr=0.5)",
     "hold(0.5, 100) then hold(0.25, 100) then 0.125"},
    {"torch.MultiStepLR(milestones=(), lr=0.5)", "0.5"},
    {"torch.OneCycleLR(max_lr=1, epochs=3, steps_per_epoch=1ep, div_factor=2, "
     "final_div_factor=2)",
     "cosine(0.5, 1, 89) then cosine(1, 0.25, 210)"},
    /* Phases that end on whole steps are whole curves. */
    {"torch.OneCycleLR(max_lr=1, total_steps=8, pct_start=0.25, div_factor=2, "
     "final_div_factor=2, anneal_strategy='linear')",
     "linear(0.5, 1, 1) then linear(1, 0.25, 6)"},
    {"torch.OneCycleLR(max_lr=1, total_steps=8, pct_start=0.25, div_factor=2, "
     "final_div_factor=2, three_phase=True)",
     "cosine(0.5, 1, 1) then cosine(1, 0.5, 1) then cosine(0.5, 0.25, 5)"},
    {"torch.OneCycleLR(max_lr=1, total_steps=8, pct_start=1, div_factor=2)",
     "cosine(0.5, 1, 7)"},
    {"torch.OneCycleLR(max_lr=1, total_steps=1, div_factor=2, "
     "final_div_factor=2)",
     "0.25"},
    {"torch.OneCycleLR(max_lr=1, total_steps=1, pct_start=1, div_factor=2, "
     "final_div_factor=2)",
     "0.25"},
    {"torch.CosineAnnealingLR(T_max=7.5, lr=0.5)",
     "stretch(cosine(0.5, 0, 1), 7.5)"},
    /* The momentum falls where the rate rises, under every name of it. */
    {"torch.optim.lr_scheduler.OneCycleLR.momentum(optimizer, max_lr=1, "
     "total_steps=8, pct_start=0.25, base_momentum=0.5, max_momentum=0.75)",
     "cosine(0.75, 0.5, 1) then cosine(0.5, 0.75, 6)"},
    {"lr_scheduler.CyclicLR.momentum(opt, 0.1, 1, 4, base_momentum=0.5, "
     "max_momentum=0.75)",
     "repeat(linear(0.75, 0.5, 4) then linear(0.5, 0.75, 4))"},
    {"torch.SequentialLR([OneCycleLR.momentum(1, 8, pct_start=0.25, "
     "base_momentum=0.5, max_momentum=0.75)], [])",
     "cosine(0.75, 0.5, 1) then cosine(0.5, 0.75, 6)"},
    {"torch.CyclicLR(0.25, 0.75, 4, mode='triangular2')",
     "add(0.25, repeat(linear(0, 0.5, 4) then linear(0.5, 0, 4), scale=0.5))"},
    {"torch.CyclicLR(0.25, 0.75, 2.5)",
     "stretch(repeat(linear(0.25, 0.75, 5) then linear(0.75, 0.25, 5)), 0.5)"},
    {"torch.CyclicLR(0.25, 0.75, 4, 6)",
     "repeat(linear(0.25, 0.75, 4) then linear(0.75, 0.25, 6))"},
    {"torch.CyclicLR(0, 0.5, 4, mode='exp_range', gamma=0.5)",
     "repeat(linear(0, 0.5, 4) then linear(0.5, 0, 4)) * exp(1, rate=0.5)"},
    /* What has no length is left out, and what is 0 stays 0. */
    {"torch.ConstantLR(total_iters=0, lr=0.5)", "0.5"},
    {"torch.StepLR(4, gamma=0, lr=0.5)", "hold(0.5, 4) then 0"},
    {"torch.PolynomialLR(9, power=0, lr=0.5)", "0.5"},
    {"paddle.InverseTimeDecay(0.5, 0)", "0.5"},
    {"paddle.NaturalExpDecay(0.5, 1000)", "hold(0.5, 1) then 0"},
    /* One schedule after the other, and all at once. */
    {"torch.SequentialLR(lr=0.5, schedulers=[ConstantLR(0.5, 4), "
     "ExponentialLR(0.5), StepLR(9)], milestones=[9, 12])",
     "hold(0.25, 4) then hold(0.5, 5) then exp(0.5, over=3, rate=0.5) then "
     "exp(0.5, rate=0.1, stair=9)"},
    {"torch.SequentialLR(lr=0.5, schedulers=[ConstantLR(0.5, 4), 0.125, "
     "PolynomialLR(4)], milestones=[3, 5])",
     "cut(hold(0.25, 4) then 0.5, 3) then hold(0.125, 2) then linear(0.5, 0, "
     "4)"},
    {"torch.SequentialLR(schedulers=[linear(0, 1, 4) then repeat(cosine(1, 0, "
     "2)), 0.5], milestones=[9])",
     "cut(linear(0, 1, 4) then repeat(cosine(1, 0, 2)), 9) then 0.5"},
    {"torch.SequentialLR(schedulers=[stair(cosine(1, 0, 8), 2) then 1, "
     "cosine(1, 0, 1ep) then 1, linear(1, 0, 1ep), 0.5], "
     "milestones=[9, 119, 219])",
     "cut(stair(cosine(1, 0, 8), 2) then 1, 9) then cut(cosine(1, 0, 100) then "
     "1, 110) then cut(linear(1, 0, 100), 100) then 0.5"},
    {"torch.OneCycleLR(max_lr=1, total_steps=9007199254740992, pct_start=0.5, "
     "div_factor=2, final_div_factor=2)",
     "cosine(0.5, 1, 4503599627370495) then cosine(1, 0.25, 4503599627370496)"},
    {"torch.ChainedScheduler(lr=0.5, schedulers=[ExponentialLR(0.5), "
     "StepLR(4)])",
     "2 * exp(0.5, rate=0.5) * exp(0.5, rate=0.1, stair=4)"},
    {"torch.ChainedScheduler(lr=1, schedulers=[ExponentialLR(0.5), StepLR(4)])",
     "exp(1, rate=0.5) * exp(1, rate=0.1, stair=4)"},
    {"torch.ChainedScheduler(lr=0, schedulers=[1, 2])", "0"},
    {"torch.ChainedScheduler(lr=1, schedulers=[StepLR(4)])",
     "exp(1, rate=0.1, stair=4)"},
    {"paddle.LinearWarmup(paddle.PiecewiseDecay([3, 6], [1, 0.5, 0.25]), 4, 0, "
     "1)",
     "linear(0, 1, 4) then hold(1, 3) then hold(0.5, 3) then 0.25"},
    {"paddle.PolynomialDecay(0.5, 4, end_lr=0, cycle=True)",
     "hold(0.5, 1) then repeat(cut(shift(linear(0.5, 0, 4), 1), 4)) * "
     "stair(inverse(1, rate=1, per=4), 4)"},
};

static void pasted_lines_stand_for_short_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pasted / sizeof *pasted; i++) {
        taper_schedule *s = parse(pasted[i].text);
        char text[400];
        taper_describe(s, text, sizeof text);
        if (strcmp(text, pasted[i].canonical) != 0)
            fail_msg("%s\n    is %s\n    not %s", pasted[i].text, text,
                     pasted[i].canonical);
        taper_free(s, NULL);
    }
}

/* Searching for each among all must not take for ever. */
static void there_may_be_a_thousand_milestones_in_any_order(void **state)
{
    (void)state;
    enum { room = 16000 };
    char *const text = malloc(room);
    assert_non_null(text);
    for (int count = 1000; count <= 1001; count++) {
        int len = snprintf(text, room,
                           "torch.MultiStepLR(lr=1, gamma=0.5, "
                           "milestones=[");
        for (int i = count; i > 0; i--)
            len += snprintf(text + len, room - (size_t)len, "%d, ", 3 * i);
        snprintf(text + len, room - (size_t)len, "])");
        taper_schedule *s;
        const taper_status status =
            taper_parse(text, strlen(text), NULL, NULL, &s, NULL);
        assert_int_equal(status, count == 1000 ? TAPER_OK : TAPER_E_ARGUMENT);
        if (s) assert_same(taper_at(s, 12), 0.0625);
        taper_free(s, NULL);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_peers_refuse_is_refused_at_its_place),
        cmocka_unit_test(pasted_lines_stand_for_short_texts),
        cmocka_unit_test(there_may_be_a_thousand_milestones_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
