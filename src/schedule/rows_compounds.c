/* The names of compounds: schedules made of other schedules. */
#include "schedule/shapes.h"

#define S \
    { \
        "s", TAPERI_TAKES_SCHEDULE, TAPERI_WHOLE, TAPERI_MUST_BE_GIVEN, 0, 0 \
    }
#define AFTER \
    { \
        "after", TAPERI_TAKES_AFTER, TAPERI_AFTER, TAPERI_MAY_BE_MISSING, 0, 0 \
    }
#define FORM(kind, positional, plain, rules) \
    { \
        kind, kind, positional, plain, false, sizeof(rules) / sizeof *(rules), \
            rules, NULL \
    }

#define MANY(kind) \
    { \
        kind, kind, 0, 0, true, 0, NULL, NULL \
    }

static const struct taperi_rule repeat_rules[] = {
    S,
    {"times", TAPERI_TAKES_COUNT, TAPERI_GIVEN_0, TAPERI_MAY_BE_MISSING, 0, 0},
    {"stretch", TAPERI_TAKES_VALUE, TAPERI_GIVEN_1, TAPERI_MAY_BE_MISSING, 0,
     1},
    {"scale", TAPERI_TAKES_VALUE, TAPERI_GIVEN_2, TAPERI_MAY_BE_MISSING, 0, 1},
    AFTER,
};
static const struct taperi_rule stair_rules[] = {
    S,
    {"every", TAPERI_TAKES_LENGTH, TAPERI_GIVEN_0, TAPERI_MUST_BE_GIVEN, 0, 0},
    AFTER,
};
static const struct taperi_rule clamp_rules[] = {
    S,
    {"min", TAPERI_TAKES_VALUE, TAPERI_GIVEN_0, TAPERI_MAY_BE_MISSING, 0,
     -DBL_MAX},
    {"max", TAPERI_TAKES_VALUE, TAPERI_GIVEN_1, TAPERI_MAY_BE_MISSING, 0,
     DBL_MAX},
    AFTER,
};

static const struct taperi_rule shift_rules[] = {
    S,
    {"by", TAPERI_TAKES_VALUE, TAPERI_GIVEN_0, TAPERI_MUST_BE_GIVEN, 0, 0},
    AFTER,
};
static const struct taperi_rule stretch_rules[] = {
    S,
    {"by", TAPERI_TAKES_LENGTH, TAPERI_GIVEN_0, TAPERI_MUST_BE_GIVEN, 0, 0},
    AFTER,
};
static const struct taperi_rule cut_rules[] = {
    S,
    {"over", TAPERI_TAKES_LENGTH, TAPERI_OVER, TAPERI_MAY_BE_MISSING, 0, 0},
    AFTER,
};
static const struct taperi_rule noise_rules[] = {
    S,
    {"amount", TAPERI_TAKES_VALUE, TAPERI_GIVEN_0, TAPERI_MUST_BE_GIVEN, 0, 0},
    {"seed", TAPERI_TAKES_VALUE, TAPERI_GIVEN_1, TAPERI_MAY_BE_MISSING, 0, 0},
    {"every", TAPERI_TAKES_LENGTH, TAPERI_GIVEN_2, TAPERI_MAY_BE_MISSING, 0, 1},
    {"kind", TAPERI_TAKES_NOISE, TAPERI_GIVEN_3, TAPERI_MAY_BE_MISSING, 0, 0},
    AFTER,
};

const char *taperi_noise_word(int kind)
{
    static const char *const words[] = {"uniform", "normal"};
    return words[kind];
}

static const struct taperi_form
    repeat_form = FORM(TAPERI_REPEAT, 4, 1, repeat_rules),
    stair_form = FORM(TAPERI_STAIR, 2, 2, stair_rules),
    clamp_form = FORM(TAPERI_CLAMP, 3, 1, clamp_rules),
    shift_form = FORM(TAPERI_SHIFT, 2, 2, shift_rules),
    stretch_form = FORM(TAPERI_STRETCH, 2, 2, stretch_rules),
    cut_form = FORM(TAPERI_CUT, 2, 2, cut_rules),
    noise_form = FORM(TAPERI_NOISE, 5, 1, noise_rules),
    add_form = MANY(TAPERI_ADD), min_form = MANY(TAPERI_MIN),
    max_form = MANY(TAPERI_MAX);

static const struct taperi_name rows[] = {
    {{"repeat", "repeat(s, times=, stretch=, scale=)",
      "warm restarts: cycle i is stretch^i times as long and scale^i times as "
      "high",
      "repeat(cosine(0.1, 0, 10), times=4, stretch=2, scale=0.5)",
      "Loshchilov and Hutter 2016, arXiv:1608.03983", NULL},
     &repeat_form,
     NULL},
    {{"stair", "stair(s, every)",
      "sample and hold: changes only every so many steps",
      "stair(cosine(0.1, 0, 1000), 100)", "Keras' staircase=True", NULL},
     &stair_form,
     NULL},
    {{"clamp", "clamp(s, min=, max=)", "keeps values within bounds",
      "clamp(exp(0.1, rate=0.96), min=1e-5)", NULL, NULL},
     &clamp_form,
     NULL},
    {{"add", "add(a, b, ...)", "the sum of schedules that run side by side",
      "add(linear(0.1, 0, 100), repeat(cosine(0.02, 0, 10)))", NULL, NULL},
     &add_form,
     NULL},
    {{"min", "min(a, b, ...)", "the lowest of schedules that run side by side",
      "min(linear(0, 0.1, 10), exp(0.2, rate=0.9))", NULL, NULL},
     &min_form,
     NULL},
    {{"max", "max(a, b, ...)", "the highest of schedules that run side by side",
      "max(cosine(0.1, 0, 100), 0.01)", NULL, NULL},
     &max_form,
     NULL},
    {{"shift", "shift(s, by)",
      "reads s at t + by, which need not be whole; below 0 it delays s",
      "shift(cosine(0.1, 0, 100), 10)", NULL, NULL},
     &shift_form,
     NULL},
    {{"stretch", "stretch(s, by)",
      "reads s at t / by: s takes so many times as long; a unit is not rounded",
      "stretch(cosine(0.1, 0, 1), 99.5)", NULL, NULL},
     &stretch_form,
     NULL},
    {{"cut", "cut(s, over)",
      "the first steps of s, which end on what s reads there",
      "cut(exp(0.1, rate=0.96), 100)", NULL, NULL},
     &cut_form,
     NULL},
    {{"noise", "noise(s, amount=, seed=0, every=1, kind=uniform | normal)",
      "s (1 + amount z), z random in [-1, 1], or normal within 3",
      "noise(cosine(0.1, 0, 100), amount=0.2, seed=1)",
      "the noise of timm's schedulers, with other random numbers", NULL},
     &noise_form,
     NULL},
};

const struct taperi_family taperi_family_compound = {"compound", rows,
                                                     sizeof rows /
                                                         sizeof *rows};
