/* The names of curves: a value as a function of the time since it began. */
#include "schedule/shapes.h"

#define FROM \
    { \
        "from", TAPERI_TAKES_VALUE, TAPERI_GIVEN_0, TAPERI_OR_PREVIOUS, 0, 0 \
    }
#define TO \
    { \
        "to", TAPERI_TAKES_VALUE, TAPERI_GIVEN_1, TAPERI_MUST_BE_GIVEN, 0, 0 \
    }
#define OVER \
    { \
        "over", TAPERI_TAKES_LENGTH, TAPERI_OVER, TAPERI_MAY_BE_MISSING, 0, 0 \
    }
#define AFTER \
    { \
        "after", TAPERI_TAKES_AFTER, TAPERI_AFTER, TAPERI_MAY_BE_MISSING, 0, 0 \
    }
#define FORM(kind, kind_too, positional, plain, rules, settle) \
    { \
        kind, kind_too, positional, plain, false, \
            sizeof(rules) / sizeof *(rules), rules, settle \
    }

static const struct taperi_rule hold_rules[] = {
    {"value", TAPERI_TAKES_VALUE, TAPERI_GIVEN_0, TAPERI_OR_PREVIOUS, 0, 0},
    OVER,
    AFTER,
};
static const struct taperi_rule curve_rules[] = {FROM, TO, OVER, AFTER};
static const struct taperi_rule poly_rules[] = {
    FROM,
    TO,
    OVER,
    {"power", TAPERI_TAKES_VALUE, TAPERI_GIVEN_2, TAPERI_MUST_BE_GIVEN, 0, 0},
    {"k", TAPERI_TAKES_VALUE, TAPERI_GIVEN_3, TAPERI_MAY_BE_MISSING,
     TAPERI_BENT_POLY, 1},
    AFTER,
};
static const struct taperi_rule cosine_rules[] = {
    FROM,
    TO,
    OVER,
    {"power", TAPERI_TAKES_VALUE, TAPERI_GIVEN_2, TAPERI_MAY_BE_MISSING,
     TAPERI_BENT_COSINE, 1},
    {"k", TAPERI_TAKES_VALUE, TAPERI_GIVEN_3, TAPERI_MAY_BE_MISSING,
     TAPERI_BENT_COSINE, 1},
    AFTER,
};
static const struct taperi_rule rex_rules[] = {
    FROM,
    TO,
    OVER,
    {"beta", TAPERI_TAKES_VALUE, TAPERI_GIVEN_2, TAPERI_MAY_BE_MISSING, 0, 0.5},
    AFTER,
};
static const struct taperi_rule hyperbolic_rules[] = {
    FROM,
    TO,
    OVER,
    {"upper", TAPERI_TAKES_LENGTH, TAPERI_GIVEN_2, TAPERI_MAY_BE_MISSING, 0, 0},
    AFTER,
};
static const struct taperi_rule sigmoid_rules[] = {
    FROM,
    TO,
    OVER,
    {"steepness", TAPERI_TAKES_VALUE, TAPERI_GIVEN_2, TAPERI_MUST_BE_GIVEN, 0,
     0},
    {"center", TAPERI_TAKES_VALUE, TAPERI_GIVEN_3, TAPERI_MAY_BE_MISSING, 0,
     0.5},
    AFTER,
};
static const struct taperi_rule tanh_rules[] = {
    FROM,
    TO,
    OVER,
    {"lower", TAPERI_TAKES_VALUE, TAPERI_GIVEN_2, TAPERI_MAY_BE_MISSING, 0, -6},
    {"upper", TAPERI_TAKES_VALUE, TAPERI_GIVEN_3, TAPERI_MAY_BE_MISSING, 0, 3},
    AFTER,
};
static const struct taperi_rule cubic_rules[] = {
    FROM,
    TO,
    OVER,
    {"slope_from", TAPERI_TAKES_VALUE, TAPERI_GIVEN_2, TAPERI_MAY_BE_MISSING, 0,
     0},
    {"slope_to", TAPERI_TAKES_VALUE, TAPERI_GIVEN_3, TAPERI_MAY_BE_MISSING, 0,
     0},
    AFTER,
};
static const struct taperi_rule inverse_rules[] = {
    FROM,
    {"to", TAPERI_TAKES_VALUE, TAPERI_GIVEN_1, TAPERI_MAY_BE_MISSING,
     TAPERI_RECIPROCAL, 0},
    OVER,
    {"rate", TAPERI_TAKES_VALUE, TAPERI_GIVEN_1, TAPERI_MAY_BE_MISSING,
     TAPERI_INVERSE, 0},
    {"power", TAPERI_TAKES_VALUE, TAPERI_GIVEN_3, TAPERI_MAY_BE_MISSING,
     TAPERI_INVERSE, 1},
    {"per", TAPERI_TAKES_LENGTH, TAPERI_GIVEN_2, TAPERI_MAY_BE_MISSING,
     TAPERI_INVERSE, 0},
    AFTER,
};
static const struct taperi_rule logistic_rules[] = {
    FROM,
    {"rate", TAPERI_TAKES_VALUE, TAPERI_GIVEN_1, TAPERI_MUST_BE_GIVEN, 0, 0},
    {"center", TAPERI_TAKES_VALUE, TAPERI_GIVEN_2, TAPERI_MUST_BE_GIVEN, 0, 0},
    OVER,
    AFTER,
};
static const struct taperi_rule exp_rules[] = {
    FROM,
    {"to", TAPERI_TAKES_VALUE, TAPERI_GIVEN_1, TAPERI_MAY_BE_MISSING,
     TAPERI_EXP, 0},
    OVER,
    {"rate", TAPERI_TAKES_VALUE, TAPERI_GIVEN_1, TAPERI_MAY_BE_MISSING,
     TAPERI_RATE, 0},
    {"per", TAPERI_TAKES_LENGTH, TAPERI_GIVEN_2, TAPERI_MAY_BE_MISSING,
     TAPERI_RATE, 0},
    {"stair", TAPERI_TAKES_LENGTH, TAPERI_GIVEN_3, TAPERI_MAY_BE_MISSING,
     TAPERI_RATE, 0},
    AFTER,
};

/* An exp is one of two kinds: between two values, or by a rate. */
static const char *settle_exp(struct taperi_call *call)
{
    enum { to = 1 << 1, over = 1 << 2, rate = 1 << 3, per = 1 << 4 };
    enum { stair = 1 << 5 };
    const unsigned given = call->given;
    if (!(given & rate)) {
        if (given & (per | stair)) return "'per' and 'stair' need 'rate'";
        return given & to ? NULL : "exp needs 'to' or 'rate'";
    }
    if (given & to) return "exp takes 'to' or 'rate', not both";
    if ((given & per) && (given & stair))
        return "exp takes 'per' or 'stair', not both";
    call->draft.kind = TAPERI_RATE;
    if (!(given & over)) call->draft.over = taper_forever();
    return NULL;
}

/* An inverse as well. */
static const char *settle_inverse(struct taperi_call *call)
{
    enum { to = 1 << 1, over = 1 << 2, rate = 1 << 3, power = 1 << 4 };
    enum { per = 1 << 5 };
    const unsigned given = call->given;
    if (!(given & rate)) {
        if (given & (power | per)) return "'power' and 'per' need 'rate'";
        return given & to ? NULL : "inverse needs 'to' or 'rate'";
    }
    if (given & to) return "inverse takes 'to' or 'rate', not both";
    call->draft.kind = TAPERI_INVERSE;
    if (!(given & over)) call->draft.over = taper_forever();
    return NULL;
}

static const char *settle_logistic(struct taperi_call *call)
{
    if (!(call->given & 1 << 3)) call->draft.over = taper_forever();
    return NULL;
}

/* What is bent by a power of 1 is the plain kind. */
static const char *settle_poly(struct taperi_call *call)
{
    struct taperi_draft *draft = &call->draft;
    if (!(call->given & 1 << 4)) return NULL;
    if (draft->given[3] == 1.0)
        draft->given[3] = 0.0;
    else
        draft->kind = TAPERI_BENT_POLY;
    return NULL;
}

static const char *settle_cosine(struct taperi_call *call)
{
    struct taperi_draft *draft = &call->draft;
    enum { power = 1 << 3, k = 1 << 4 };
    if ((!(call->given & power) || draft->given[2] == 1.0) &&
        (!(call->given & k) || draft->given[3] == 1.0))
        draft->given[2] = draft->given[3] = 0.0;
    else
        draft->kind = TAPERI_BENT_COSINE;
    return NULL;
}

#define PLAIN(kind, rules) FORM(kind, kind, 3, 3, rules, NULL)
static const struct taperi_form
    hold_form = FORM(TAPERI_HOLD, TAPERI_HOLD, 2, 2, hold_rules, NULL),
    linear_form = FORM(TAPERI_LINEAR, TAPERI_LINEAR, 3, 3, curve_rules, NULL),
    cosine_form = FORM(TAPERI_COSINE, TAPERI_BENT_COSINE, 3, 3, cosine_rules,
                       settle_cosine),
    poly_form =
        FORM(TAPERI_POLY, TAPERI_BENT_POLY, 4, 3, poly_rules, settle_poly),
    exp_form = FORM(TAPERI_EXP, TAPERI_RATE, 3, 3, exp_rules, settle_exp),
    sqrt_form = PLAIN(TAPERI_SQRT, curve_rules),
    square_form = PLAIN(TAPERI_SQUARE, curve_rules),
    mirrorcos_form = PLAIN(TAPERI_MIRRORCOS, curve_rules),
    sine_form = PLAIN(TAPERI_SINE, curve_rules),
    log_form = PLAIN(TAPERI_LOG, curve_rules),
    rex_form = PLAIN(TAPERI_REX, rex_rules),
    hyperbolic_form = PLAIN(TAPERI_HYPERBOLIC, hyperbolic_rules),
    sigmoid_form = PLAIN(TAPERI_SIGMOID, sigmoid_rules),
    tanh_form = PLAIN(TAPERI_TANH, tanh_rules),
    cubic_form = PLAIN(TAPERI_CUBIC, cubic_rules),
    chebyshev_form = PLAIN(TAPERI_CHEBYSHEV, curve_rules),
    inverse_form = FORM(TAPERI_RECIPROCAL, TAPERI_INVERSE, 3, 3, inverse_rules,
                        settle_inverse),
    logistic_form = FORM(TAPERI_LOGISTIC, TAPERI_LOGISTIC, 1, 1, logistic_rules,
                         settle_logistic);

static const struct taperi_name rows[] = {
    {{"hold", "hold(value, over)", "the same value for a while",
      "hold(0.1, 500)", "PyTorch's ConstantLR of factor 1", NULL},
     &hold_form,
     NULL},
    {{"linear", "linear(from, to, over)",
      "a straight line: from + (to - from) t/T", "linear(0, 0.1, 500)",
      "PyTorch's LinearLR", NULL},
     &linear_form,
     NULL},
    {{"cosine", "cosine(from, to, over, power=1, k=1)",
      "half a cosine: to + (from - to) ((1 + cos(pi (t/T)^k)) / 2)^power",
      "cosine(0.1, 0.001, 50, after=mirror)",
      "Loshchilov and Hutter 2016, arXiv:1608.03983", NULL},
     &cosine_form,
     NULL},
    {{"poly", "poly(from, to, over, power=, k=1)",
      "a polynomial: to + (from - to) (1 - (t/T)^k)^power",
      "poly(0.1, 0, 200, power=2)",
      "Caffe's policy 'poly'; k: Zhang and Li 2020, arXiv:2004.05909", NULL},
     &poly_form,
     NULL},
    {{"exp", "exp(from, rate=, per= | stair=) or exp(from, to, over)",
      "exponential: from rate^(t/per), or from (to/from)^(t/T)",
      "exp(0.1, rate=0.96)",
      "Keras' ExponentialDecay; between two values fairseq's tri_stage", NULL},
     &exp_form,
     NULL},
    {{"inverse",
      "inverse(from, rate=, power=1, per=1) or inverse(from, to, over)",
      "inverse time: from (1 + rate t/per)^-power, or that 1/value is a "
      "straight line from 1/from to 1/to",
      "inverse(0.1, rate=0.01, power=0.5)",
      "Keras' InverseTimeDecay; Caffe's policy 'inv'", NULL},
     &inverse_form,
     NULL},
    {{"sqrt", "sqrt(from, to, over)",
      "a cool-down, steep at first: to + (from - to) (1 - sqrt(t/T))",
      "sqrt(0.1, 0, 200)", "Haegele et al. 2024, arXiv:2405.18392", NULL},
     &sqrt_form,
     NULL},
    {{"square", "square(from, to, over)",
      "a cool-down, steep at last: to + (from - to) (1 - (t/T)^2)",
      "square(0.1, 0, 200)", "Haegele et al. 2024, arXiv:2405.18392", NULL},
     &square_form,
     NULL},
    {{"mirrorcos", "mirrorcos(from, to, over)",
      "the cosine mirrored at the straight line, steep at both ends: "
      "to + (from - to) (2 (1 - t/T) - (1 + cos(pi t/T)) / 2)",
      "mirrorcos(0.1, 0, 200)", "Haegele et al. 2024, arXiv:2405.18392", NULL},
     &mirrorcos_form,
     NULL},
    {{"sine", "sine(from, to, over)",
      "a quarter of a sine: from + (to - from) sin(pi/2 t/T)",
      "sine(0, 0.1, 200)", "Penner's easing equations, easeOutSine", NULL},
     &sine_form,
     NULL},
    {{"log", "log(from, to, over)",
      "a logarithm: from + (to - from) ln(1 + t) / ln(1 + T)",
      "log(0, 0.1, 200)", "DeepSpeed's WarmupLR", NULL},
     &log_form,
     NULL},
    {{"rex", "rex(from, to, over, beta=0.5)",
      "slow, then steep: to + (from - to) (1 - t/T) / (1 - beta t/T)",
      "rex(0.1, 0, 200)", "Chen et al. 2021, arXiv:2107.04197", NULL},
     &rex_form,
     NULL},
    {{"hyperbolic", "hyperbolic(from, to, over, upper=)",
      "a hyperbola: to + (from - to) sqrt((1 - t/T) (1 - t/(2 upper - T))); "
      "'upper' is a length, T or longer, left out T",
      "hyperbolic(0.1, 0, 200, upper=1000)", "Kim 2024, arXiv:2407.15200",
      NULL},
     &hyperbolic_form,
     NULL},
    {{"sigmoid", "sigmoid(from, to, over, steepness=, center=0.5)",
      "an S: 1/(1 + e^(steepness (t/T - center))), scaled to run from 'from' "
      "to 'to'",
      "sigmoid(0.1, 0, 200, steepness=12)",
      "Caffe's policy 'sigmoid', between two values", NULL},
     &sigmoid_form,
     NULL},
    {{"tanh", "tanh(from, to, over, lower=-6, upper=3)",
      "an S: 1 - tanh(lower (1 - t/T) + upper t/T), scaled to run from 'from' "
      "to 'to'",
      "tanh(0.1, 0, 200)", "Hsueh et al. 2018, arXiv:1806.01593", NULL},
     &tanh_form,
     NULL},
    {{"logistic", "logistic(from, rate=, center=)",
      "an S without an end: from / (1 + e^(rate (t - center)))",
      "logistic(0.1, rate=0.05, center=500)",
      "Caffe's policy 'sigmoid', whose gamma is -rate", NULL},
     &logistic_form,
     NULL},
    {{"cubic", "cubic(from, to, over, slope_from=0, slope_to=0)",
      "a cubic with given slopes, per step, at both ends (Hermite)",
      "cubic(0.1, 0, 200, slope_from=-0.001)",
      "Fritsch and Carlson 1980; SciPy's CubicHermiteSpline", NULL},
     &cubic_form,
     NULL},
    {{"chebyshev", "chebyshev(from, to, over)",
      "Chebyshev steps between 'from' and 'to' in fractal order; T is a power "
      "of 2",
      "chebyshev(1, 0.05, 128)",
      "Agarwal, Goel and Zhang 2021, arXiv:2103.01338", NULL},
     &chebyshev_form,
     NULL},
};

const struct taperi_family taperi_family_curve = {"curve", rows,
                                                  sizeof rows / sizeof *rows};
