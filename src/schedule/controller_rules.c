/* The rules of controllers, one row each with its parameters. A rule is this
 * row and what it does with a metric, in controller.c. */
#include "schedule/controller.h"

/* The largest double below 1. */
#define BELOW_ONE (1.0 - DBL_EPSILON / 2.0)

static const struct taperi_range at_least_0 = {0, DBL_MAX, "of at least 0"};
static const struct taperi_range at_least_1 = {1, DBL_MAX, "of at least 1"};
static const struct taperi_range from_0_to_1 = {0, 1, "from 0 to 1"};
static const struct taperi_range below_1 = {0, BELOW_ONE, "from 0 to below 1"};
static const struct taperi_range within_1 = {DBL_MIN, BELOW_ONE,
                                             "above 0 and below 1"};
static const struct taperi_range counts = {0, TAPERI_COUNT_MAX,
                                           "of at least 0"};
static const struct taperi_range windows = {1, TAPER_CONTROLLER_WINDOW,
                                            "from 1 to 100"};

#define SETTING(type, name, field, range, otherwise) \
    { \
        name, TAPERI_SETTING_##type, offsetof(taper_controller, field), \
            otherwise, range \
    }
#define AT_LEAST_0(name, field, otherwise) \
    SETTING(REAL, name, field, &at_least_0, otherwise)
#define COUNT(name, field, otherwise) \
    SETTING(WHOLE, name, field, &counts, otherwise)
#define WORD(type, name, field, otherwise) \
    SETTING(type, name, field, NULL, otherwise)
/* Of a rule that also divides by it. */
#define DIVISOR SETTING(REAL, "factor", factor, &within_1, 0.95)
#define FACTOR SETTING(REAL, "factor", factor, &below_1, 0.1)
#define MODE WORD(MODE, "mode", mode, 0)
#define PATIENCE COUNT("patience", patience, 10)
#define COOLDOWN COUNT("cooldown", cooldown, 0)
#define WARMUP COUNT("warmup", warmup, 0)
#define EPS AT_LEAST_0("eps", eps, 1e-8)
#define VERBOSE WORD(IGNORED, "verbose", rule, 0)
/* Relative, of 1e-4; absolute, of 1e-6. */
#define RELATIVE \
    AT_LEAST_0("threshold", threshold, 1e-4), \
        WORD(THRESHOLD, "threshold_mode", threshold_mode, 0)
#define ABSOLUTE \
    AT_LEAST_0("threshold", threshold, 1e-6), \
        WORD(THRESHOLD, "threshold_mode", threshold_mode, 1)

static const struct taperi_setting plateau_settings[] = {
    FACTOR,
    PATIENCE,
    RELATIVE,
    COOLDOWN,
    SETTING(REAL, "min", min, &from_0_to_1, 0),
    MODE,
};

static const struct taperi_setting greedy_settings[] = {
    DIVISOR,
    PATIENCE,
    ABSOLUTE,
    COOLDOWN,
    WARMUP,
    SETTING(REAL, "min", min, &from_0_to_1, 0.01),
    SETTING(REAL, "max", max, &at_least_1, 10),
    SETTING(WHOLE, "window", window, &windows, 1),
    COUNT("reset", reset, 500),
    MODE,
};

static const struct taperi_setting cooldown_settings[] = {
    COUNT("patience", patience, -1),
    RELATIVE,
    MODE,
};

static const struct taperi_setting torch_settings[] = {
    MODE, FACTOR,  PATIENCE, RELATIVE, COOLDOWN, AT_LEAST_0("min_lr", min, 0),
    EPS,  VERBOSE,
};

static const struct taperi_setting hf_settings[] = {
    MODE,
    DIVISOR,
    PATIENCE,
    ABSOLUTE,
    COOLDOWN,
    WARMUP,
    AT_LEAST_0("min_lr", min, 1e-3),
    AT_LEAST_0("max_lr", max, 1),
    EPS,
    VERBOSE,
    WORD(FLAG, "smooth", smooth, 0),
    SETTING(WHOLE, "window_size", window, &windows, 50),
    COUNT("reset_start", reset, 500),
};

#define SETTINGS(rule) \
    rule##_settings, sizeof rule##_settings / sizeof *rule##_settings

const struct taperi_control taperi_controls[TAPER_RULE_COUNT] = {
    {{"none", "none()", "changes nothing", "none()", NULL, NULL}, NULL, 0},
    {{"plateau",
      "plateau(factor=0.1, patience=10, threshold=1e-4, "
      "threshold_mode=rel, cooldown=0, min=0, mode=min)",
      "multiplies by factor after more than patience metrics without an "
      "improvement",
      "plateau(factor=0.5, patience=3)", NULL, NULL},
     SETTINGS(plateau)},
    {{"greedy",
      "greedy(factor=0.95, patience=10, threshold=1e-6, "
      "threshold_mode=abs, cooldown=0, warmup=0, min=0.01, max=10, "
      "window=1, reset=500, mode=min)",
      "divides by factor after more than patience improvements in a row, "
      "multiplies after as many metrics without one",
      "greedy(factor=0.9, patience=2)", "GreedyLR, arXiv:2512.14527", NULL},
     SETTINGS(greedy)},
    {{"cooldown",
      "cooldown(patience, threshold=1e-4, threshold_mode=rel, mode=min)",
      "begins the schedule's last segment early: on command, or after more "
      "than patience metrics without an improvement if patience is given",
      "cooldown(patience=5)", "branches of WSD, arXiv:2405.18392", NULL},
     SETTINGS(cooldown)},
    {{"torch.ReduceLROnPlateau",
      "torch.ReduceLROnPlateau(mode='min', factor=0.1, patience=10, "
      "threshold=1e-4, threshold_mode='rel', cooldown=0, min_lr=0, "
      "eps=1e-8, verbose=False)",
      "PyTorch's rule, to the letter",
      "torch.ReduceLROnPlateau('min', factor=0.5)", "PyTorch 1.13",
      "NaN and worse negative metrics move it as in PyTorch; plateau(...) "
      "has neither defect"},
     SETTINGS(torch)},
    {{"hf.GreedyLR",
      "hf.GreedyLR(mode='min', factor=0.95, patience=10, threshold=1e-6, "
      "threshold_mode='abs', cooldown=0, warmup=0, min_lr=0.001, max_lr=1, "
      "eps=1e-8, verbose=False, smooth=False, window_size=50, "
      "reset_start=500)",
      "the rule of Hugging Face transformers, to the letter",
      "hf.GreedyLR(factor=0.9, smooth=True)", "transformers 5.23",
      "NaN moves it as in transformers; greedy(...) ignores it"},
     SETTINGS(hf)},
};

const taper_shape *taper_controller_shape_at(taper_rule rule)
{
    const int i = (int)rule;
    return i >= 0 && i < TAPER_RULE_COUNT ? &taperi_controls[i].shape : NULL;
}
