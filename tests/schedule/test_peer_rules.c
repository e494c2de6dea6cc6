/* What the constructors of timm, fairseq, Megatron, DeepSpeed, Caffe, darknet
 * and llm.c refuse, as the peers do or because it means nothing here, and what
 * golden tables cannot hold: lengths in epochs. */
#include "schedule/support.h"

static const struct {
    const char *text, *why;
} refused[] = {
    {"timm.CosineLRScheduler(t_initial=50)", "lr"},
    {"timm.CosineLRScheduler(lr=1, t_initial=0)", "t_initial"},
    {"timm.CosineLRScheduler(lr=1, t_initial=50, lr_min=-1)", "lr_min"},
    {"timm.CosineLRScheduler(lr=1, t_initial=50, cycle_limit=1.5)",
     "cycle_limit"},
    {"timm.PolyLRScheduler(lr=1, t_initial=50, cycle_mul=0)", "cycle_mul"},
    {"timm.PolyLRScheduler(lr=1, t_initial=50, noise_range_t=30)",
     "noise(...)"},
    {"timm.TanhLRScheduler(lr=1, t_initial=50, lb=3, ub=-7)", "below 'ub'"},
    {"timm.StepLRScheduler(lr=1, decay_t=0)", "decay_t"},
    {"timm.MultiStepLRScheduler(lr=1, decay_t=[6, 3])", "rising"},
    {"timm.WSDLRScheduler(lr=1, t_initial=50, decay_t=51)", "t_initial"},
    {"timm.WSDLRScheduler(lr=1, t_initial=50, decay_t=5, stable_fn='rsqrt')",
     "stable_timescale"},
    {"timm.WSDLRScheduler(lr=1, t_initial=50, decay_t=5, decay_fn='exp', "
     "decay_ratio=1)",
     "below 1"},
    {"fairseq.cosine(lr=[0.1, 0.2], max_update=10)", "fairseq.fixed"},
    {"fairseq.cosine(lr=0.1, min_lr=0.1, max_update=10)", "min_lr"},
    {"fairseq.cosine(lr=0.1)", "max_update"},
    {"fairseq.cosine(lr=0.1, max_update=10, warmup_updates=10)", "period"},
    {"fairseq.triangular(max_lr=0.1, lr=0.1)", "max_lr"},
    {"fairseq.triangular(max_lr=0.1, lr=0.01, lr_period_updates=1)",
     "at least 2"},
    {"fairseq.tri_stage(lr=0.1)", "no steps"},
    {"fairseq.tri_stage(lr=0.1, decay_steps=9, final_lr_scale=0)",
     "final_lr_scale"},
    {"fairseq.tri_stage(lr=0.1, max_update=10, phase_ratio=[0.5, 0.4, 0.2])",
     "three parts"},
    {"fairseq.tri_stage(lr=0.1, max_update=10, phase_ratio=[0.5, 0.5])",
     "three parts"},
    {"fairseq.tri_stage(lr=0.1, max_update=9, phase_ratio=[1.5, -0.5, 0])",
     "three parts"},
    {"fairseq.polynomial_decay(lr=0.1, total_num_update=0)",
     "at least one step"},
    {"fairseq.polynomial_decay(lr=0.1, total_num_update=9, force_anneal=2)",
     "force_anneal"},
    {"fairseq.polynomial_decay(lr=0.1, total_num_update=9, power=0)", "power"},
    {"fairseq.step(lr=0.1, lr_deacy_period=0)", "lr_deacy_period"},
    {"fairseq.step(lr=0.1, lr_decay=1.5)", "lr_decay"},
    {"fairseq.step(lr=0.1, min_lr=0.2)", "min_lr"},
    {"fairseq.manual(update2lr={'5': 0.1})", "needs 'lr'"},
    {"fairseq.manual(update2lr={'5': 0.1}, lr=[1, 2])", "one rate"},
    {"fairseq.manual(update2lr='{\"5\": 0.1}', lr=1)", "must be a dict"},
    {"fairseq.manual(update2lr={'5-': 0.1}, lr=1)", "'3-9'"},
    {"fairseq.manual(update2lr={'-5': 0.1}, lr=1)", "'3-9'"},
    {"fairseq.manual(update2lr={'1-2-3': 0.1}, lr=1)", "'3-9'"},
    {"fairseq.manual(update2lr={'': 0.1}, lr=1)", "'3-9'"},
    {"fairseq.manual(update2lr={5: 0.1}, lr=1)", "'3-9'"},
    {"fairseq.manual(update2lr={'5': 'a'}, lr=1)", "number"},
    {"megatron.OptimizerParamScheduler(0, 0.1, 0.2, 1, 10, 'linear')",
     "min_lr"},
    {"megatron.OptimizerParamScheduler(1, 0.1, 0.0, 1, 10, 'linear')",
     "init_lr"},
    {"megatron.OptimizerParamScheduler(0, 0.1, 0.0, 10, 10, 'linear')",
     "lr_warmup_steps"},
    {"megatron.OptimizerParamScheduler(0, 0.1, 0.0, 1, 10, 'exponential')",
     "inverse-square-root"},
    {"megatron.OptimizerParamScheduler(0, 0.1, 0.0, 1, 10, 'WSD')",
     "wsd_decay_steps"},
    {"megatron.OptimizerParamScheduler.weight_decay(start_wd=0.1, end_wd=0.01, "
     "wd_incr_steps=10, wd_incr_style='linear')",
     "start_wd"},
    {"megatron.OptimizerParamScheduler.weight_decay(start_wd=0, end_wd=0.01, "
     "wd_incr_steps=10, wd_incr_style='constant')",
     "'constant'"},
    {"megatron.OptimizerParamScheduler.weight_decay(start_wd=0, end_wd=0.01, "
     "wd_incr_steps=10, wd_incr_style='exp')",
     "constant|linear|cosine"},
    {"deepspeed.WarmupLR(warmup_num_steps=0)", "warmup_num_steps"},
    {"deepspeed.WarmupLR(warmup_type='cosine')", "log|linear"},
    {"deepspeed.WarmupLR(last_batch_iteration=5)", "resumes"},
    {"deepspeed.OneCycle(0.1, 0.2, cycle_first_step_size=0)",
     "cycle_first_step_size"},
    {"deepspeed.OneCycle(0.1, 0.2, cycle_first_stair_count=2.5)", "whole"},
    {"deepspeed.OneCycle(0.1, 0.2, cycle_first_step_size=1e10)", "2^33"},
    {"deepspeed.LRRangeTest(0.1, 0)", "lr_range_test_step_size"},
    {"caffe.step(base_lr=0.1, gamma=0.1, stepsize=0)", "stepsize"},
    {"caffe.step(base_lr=0.1, gamma=-0.1, stepsize=9)", "gamma"},
    {"caffe.multistep(base_lr=0.1, gamma=0.1, stepvalue=[9, 3])", "rising"},
    {"caffe.exp(0.1, 0.9)", "without a name"},
    {"darknet.steps(steps=[3, 9], scales=[0.1])", "a scale for each"},
    {"darknet.poly()", "max_batches"},
    {"llmc.linear(0.1, 20, 10, 0)", "train_num_batches"},
};

static void what_a_peer_refuses_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        taper_schedule *s;
        taper_error err = {.message = "it is accepted"};
        const taper_status status =
            taper_parse(refused[i].text, strlen(refused[i].text), NULL, NULL,
                        &s, &err);
        if (status != TAPER_E_ARGUMENT || !strstr(err.message, refused[i].why))
            fail_msg("%s: %s", refused[i].text, err.message);
        assert_null(s);
    }
}

/* The values are those of fairseq's own FixedLRSchedule and ManualSchedule in
 * epochs of 10 updates, for updates 0 to 5, 6, 16, 26, ... */
static void fairseq_counts_epochs(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double want[11];
    } cases[] = {
        {"fairseq.fixed(lr=[0.1, 0.05], force_anneal=3, lr_shrink=0.5, "
         "warmup_updates=5)",
         {.02, .04, .06, .08, .1, .1, .1, .05, .025, .0125, .00625}},
        {"fairseq.fixed(lr=[0.1, 0.05, 0.02], force_anneal=2, lr_shrink=0.5)",
         {.1, .1, .1, .1, .1, .1, .1, .01, .005, .0025, .00125}},
        {"fairseq.fixed(lr=[0.1, 0.05])",
         {.1, .1, .1, .1, .1, .1, .1, .05, .05, .05, .05}},
        {"fairseq.fixed(lr=[0.1, 0.05], force_anneal=6, lr_shrink=0.5)",
         {.1, .1, .1, .1, .1, .1, .1, .05, .05, .05, .05}},
        {"fairseq.fixed(lr=[0.1], force_anneal=1, lr_shrink=0.5)",
         {.05, .05, .05, .05, .05, .05, .05, .025, .0125, .00625, .003125}},
        {"fairseq.manual(epoch2lr={'1-2': .1, '4': .05}, lr=.3)",
         {.1, .1, .1, .1, .1, .1, .1, .1, .1, .05, .05}},
        {"fairseq.manual(epoch2lr={'2': .1, '3,5': .05}, lr=[.3])",
         {.3, .3, .3, .3, .3, .3, .3, .1, .05, .05, .05}},
        {"fairseq.manual(epoch2lr={'2': .1, '3-5': .05}, "
         "update2lr={'1': .2, '36': .02, '40': .01}, lr=.3)",
         {.2, .2, .2, .2, .2, .2, .2, .2, .2, .02, .01}},
        {"fairseq.manual({'2': .1, '3-5': .05}, {'25': .2, '36-48': .02}, "
         "lr=.3)",
         {.3, .3, .3, .3, .3, .3, .3, .1, .2, .02, .02}},
    };
    const taper_run run = {.epoch = 10};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        taper_schedule *s = parse_in(cases[i].text, &run);
        for (int k = 0; k < 11; k++)
            assert_near(taper_at(s, k < 6 ? k : 10 * (k - 6) + 6),
                        cases[i].want[k], 1e-16);
        taper_free(s, NULL);
    }
}

/* A length that a peer counts in epochs may have that unit. */
static void lengths_may_have_units(void **state)
{
    (void)state;
    const taper_run run = {.epoch = 10};
    taper_schedule *s = parse_in(
        "timm.MultiStepLRScheduler(lr=1, decay_t=[3ep, 6ep], decay_rate=0.5, "
        "warmup_t=1ep)",
        &run);
    assert_same(taper_at(s, 5), 0.5);
    assert_same(taper_at(s, 39), 1.0);
    assert_same(taper_at(s, 40), 0.5);
    assert_same(taper_at(s, 70), 0.25);
    taper_free(s, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_peer_refuses_is_refused),
        cmocka_unit_test(fairseq_counts_epochs),
        cmocka_unit_test(lengths_may_have_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
