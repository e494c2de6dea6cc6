/* The passes over shares that several curves have in common: they are there
 * once, as a power alone is a long piece of code. */
#include "schedule/curves.h"

size_t taperi_pad_times(const double *restrict t, size_t n, double *restrict to)
{
    const size_t count = (n + taperi_pad - 1) / taperi_pad;
    for (size_t i = taperi_pad * (count - (count > 0)); i < taperi_pad * count;
         i++)
        to[i] = 0.0;
    for (size_t i = 0; i < n; i++)
        to[i] = t[i];
    return count;
}

void taperi_copy_values(const double *restrict from, size_t n,
                        double *restrict out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = from[i];
}

void taperi_progress_all(const struct taperi_node *node,
                         const double *restrict t, size_t n,
                         struct taperi_shares *restrict u)
{
    const struct taperi_node local = *node;
    for (size_t i = 0; i < n; i++) {
        const struct taperi_share x = taperi_progress(&local, t[i]);
        u->part[i] = x.part;
        u->rest[i] = x.rest;
    }
    /* Raising goes over a whole number of eights. */
    for (size_t i = n; i % taperi_pad != 0; i++)
        u->part[i] = u->rest[i] = 0.5;
}

struct taperi_share taperi_raise_one(double part, double rest, double power)
{
    const struct taperi_share base = {part, rest};
    return taperi_is_small_power(power) ? taperi_raise_small(base, power)
                                        : taperi_raise(base, power);
}

void taperi_raise_all(double *restrict part, double *restrict rest, size_t n,
                      double power)
{
    const size_t count = (n + taperi_pad - 1) / taperi_pad;
    if (power == 1.0) return;
    if (taperi_is_small_power(power)) {
        for (size_t i = 0; i < taperi_pad * count; i++) {
            const struct taperi_share x = {part[i], rest[i]};
            const struct taperi_share raised = taperi_raise_small(x, power);
            part[i] = raised.part;
            rest[i] = raised.rest;
        }
        return;
    }
    /* In two loops, as the steps of one wait for each other for so long that a
     * processor looks hardly further than to its end: a third faster. */
    for (size_t i = 0; i < taperi_pad * count; i++) {
        const struct taperi_share x = {part[i], rest[i]};
        part[i] = taperi_raised_log2(x, power);
    }
    for (size_t i = 0; i < taperi_pad * count; i++) {
        const struct taperi_share raised = taperi_exp2_share(part[i]);
        part[i] = raised.part;
        rest[i] = raised.rest;
    }
}

void taperi_blend_all(const struct taperi_node *node,
                      const double *restrict part, const double *restrict rest,
                      size_t n, double *restrict out)
{
    const struct taperi_node local = *node;
    for (size_t i = 0; i < n; i++) {
        const struct taperi_share up = {part[i], rest[i]};
        out[i] = taperi_blend(&local, up);
    }
}
