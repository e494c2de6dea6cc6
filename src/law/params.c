/* The parameters of a law by name, and the ranges in which a formula of
 * taper_law.h has a value. */
#include "law/law.h"

#include <stddef.h>
#include <string.h>

#define BOTH (1u << TAPER_LAW_MULTI_POWER | 1u << TAPER_LAW_MOMENTUM)
#define POWER (1u << TAPER_LAW_MULTI_POWER)
#define MOMENTUM (1u << TAPER_LAW_MOMENTUM)

/* Order of taper_law_param. */
static const struct row {
    const char *name;
    size_t offset;   /* of the member */
    unsigned laws;   /* bits of the laws that have it */
    bool above_zero; /* 0 itself is out of range */
    double high;     /* the largest value in range */
} rows[TAPER_LAW_PARAMS] = {
#define MEMBER(name) offsetof(taper_law_params, name)
    {"L0", MEMBER(L0), BOTH, false, HUGE_VAL},
    {"A", MEMBER(A), BOTH, false, HUGE_VAL},
    {"alpha", MEMBER(alpha), BOTH, true, HUGE_VAL},
    {"B", MEMBER(B), POWER, false, HUGE_VAL},
    {"C", MEMBER(C), BOTH, false, HUGE_VAL},
    {"beta", MEMBER(beta), POWER, true, HUGE_VAL},
    {"gamma", MEMBER(gamma), POWER, false, HUGE_VAL},
    {"lambda", MEMBER(lambda), MOMENTUM, false, 1.0},
    {"clock", MEMBER(clock), BOTH, true, 1.0},
#undef MEMBER
};

static const char *const kinds[] = {"multi-power", "momentum"};
#define KINDS (sizeof kinds / sizeof kinds[0])

const char *taper_law_kind_name(taper_law_kind kind)
{
    return (size_t)kind < KINDS ? kinds[kind] : NULL;
}

bool taper_law_kind_find(const char *name, taper_law_kind *out)
{
    for (size_t i = 0; i < KINDS; i++)
        if (strcmp(name, kinds[i]) == 0) {
            *out = (taper_law_kind)i;
            return true;
        }
    return false;
}

const char *taper_law_param_name(taper_law_param which)
{
    return (size_t)which < TAPER_LAW_PARAMS ? rows[which].name : NULL;
}

bool taper_law_param_used(taper_law_kind kind, taper_law_param which)
{
    return (size_t)which < TAPER_LAW_PARAMS && (size_t)kind < KINDS &&
           (rows[which].laws >> (unsigned)kind & 1u);
}

double taper_law_param_get(const taper_law_params *p, taper_law_param which)
{
    double value;
    memcpy(&value, (const char *)p + rows[which].offset, sizeof value);
    return value;
}

void taper_law_param_set(taper_law_params *p, taper_law_param which,
                         double value)
{
    memcpy((char *)p + rows[which].offset, &value, sizeof value);
}

static bool in_range(const struct row *row, double value)
{
    return isfinite(value) && value >= 0.0 && value <= row->high &&
           !(row->above_zero && value == 0.0);
}

taper_law_status taper_law_params_check(const taper_law_params *p,
                                        taper_law_error *err)
{
    if (!taper_law_kind_name(p->kind))
        return law_fail(err, TAPER_LAW_E_ARGUMENT, 0, 0,
                        "there is no such law");
    for (size_t i = 0; i < TAPER_LAW_PARAMS; i++) {
        const taper_law_param which = (taper_law_param)i;
        if (!taper_law_param_used(p->kind, which)) continue;
        const double value = taper_law_param_get(p, which);
        if (in_range(&rows[i], value)) continue;
        return law_fail(err, TAPER_LAW_E_PARAMETER, 0, i,
                        "%s is %g, and has to be a number %s%s", rows[i].name,
                        value, rows[i].above_zero ? "above 0" : "of at least 0",
                        rows[i].high == 1.0 ? " and at most 1" : "");
    }
    if (p->kind == TAPER_LAW_MOMENTUM && p->lambda == 1.0)
        return law_fail(err, TAPER_LAW_E_PARAMETER, 0, TAPER_LAW_LAMBDA,
                        "lambda is 1, and has to be below");
    if (!(p->eta_ref > 0.0 && isfinite(p->eta_ref)))
        return law_fail(err, TAPER_LAW_E_PARAMETER, 0, TAPER_LAW_CLOCK,
                        "eta_ref is %g, and has to be a rate above 0",
                        p->eta_ref);
    return TAPER_LAW_OK;
}
