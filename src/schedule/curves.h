/* What curves between two values share.
 *
 * They measure from their nearer end. So they are exact at both ends, as
 * precise near `to` as near `from`, and never leave the range between them. */
#ifndef TAPER_SCHEDULE_CURVES_H
#define TAPER_SCHEDULE_CURVES_H

#include "schedule/block.h"
#include "schedule/maths.h"

/* How far t is from the nearer end of a curve, in steps, without error.
 * `first` says that it is in the first half. */
struct taperi_nearer {
    double steps;
    bool first;
};

static inline struct taperi_nearer
taperi_nearer_end(const struct taperi_node *node, double t)
{
    const double gone = taperi_min(t, node->length);
    const double left = node->length - gone;
    const bool first = gone < left;
    const struct taperi_nearer n = {first ? gone : left, first};
    return n;
}

/* The value when a part `down` in [0, 1/2] of the way has been covered from
 * `from` on, or remains before `to`. */
static inline double taperi_between(const struct taperi_node *node, bool first,
                                    double down)
{
    const double base = first ? node->given[0] : node->given[1];
    const double range = first ? -node->made[0] : node->made[0];
    return base + range * down;
}

/* Time as a share of the length: what has gone by, and what is left. At length
 * 0 all of it has gone by. A division takes as long as ten multiplications, so
 * there is one. */
static inline struct taperi_share
taperi_progress(const struct taperi_node *node, double t)
{
    const double gone = taperi_min(t, node->length);
    const double left = node->length - gone;
    return taperi_share_of(gone < left, taperi_min(left, gone) / node->made[1]);
}

/* The same bits for one time: a branch is faster there. */
static inline struct taperi_share
taperi_progress_one(const struct taperi_node *node, double t)
{
    const struct taperi_nearer n = taperi_nearer_end(node, t);
    return taperi_share_of(n.first, n.steps / node->made[1]);
}

/* The value where `up.part` of the way from `to` to `from` is left. */
static inline double taperi_blend(const struct taperi_node *node,
                                  struct taperi_share up)
{
    const bool first = up.rest < up.part;
    return taperi_between(node, first, first ? up.rest : up.part);
}

/* What is left of a curve, 1 at its start and 0 at its end, when `u` of its
 * time has gone by. */
typedef struct taperi_share taperi_shape(const struct taperi_node *node,
                                         struct taperi_share u);

static inline double taperi_shaped_at(taperi_shape *shape,
                                      const struct taperi_node *node, double t)
{
    return taperi_blend(node, shape(node, taperi_progress_one(node, t)));
}

static inline double taperi_shaped_fill(taperi_shape *shape,
                                        const struct taperi_node *node,
                                        double t)
{
    return taperi_blend(node, shape(node, taperi_progress(node, t)));
}

/* Loops of many instructions go over a whole number of so many times, in a copy
 * of their own: so compilers need not add a second loop for a rest. */
enum { taperi_pad = 8 };

/* Copy n <= taperi_block_steps times to `to`, with zeros up to a multiple of
 * taperi_pad. Returns how many times that. In shares.c, as what follows. */
size_t taperi_pad_times(const double *restrict t, size_t n,
                        double *restrict to);
void taperi_copy_values(const double *restrict from, size_t n,
                        double *restrict out);

/* The shares of as many times as fill works on. */
struct taperi_shares {
    double part[taperi_block_steps], rest[taperi_block_steps];
};

/* In passes over shares: progress, what a power makes of them, values. The
 * order of the two arrays turns them around. `count` of taperi_pad. */
void taperi_progress_all(const struct taperi_node *node,
                         const double *restrict t, size_t n,
                         struct taperi_shares *restrict u);
void taperi_raise_all(double *restrict part, double *restrict rest, size_t n,
                      double power);
void taperi_blend_all(const struct taperi_node *node,
                      const double *restrict part, const double *restrict rest,
                      size_t n, double *restrict out);

/* What taperi_raise_all does, for one share; in two numbers, as compilers put a
 * struct into memory, where loading both at once waits for the stores. */
struct taperi_share taperi_raise_one(double part, double rest, double power);

/* Called with the shape by its name, so that it is inlined and the loop
 * vectorised: for short shapes, and for long ones. */
static inline void taperi_short_fill(taperi_shape *shape,
                                     const struct taperi_node *node,
                                     const double *restrict t, size_t n,
                                     double *restrict out)
{
    const struct taperi_node local = *node;
    for (size_t i = 0; i < n; i++)
        out[i] = taperi_shaped_fill(shape, &local, t[i]);
}

static inline void taperi_long_fill(taperi_shape *shape,
                                    const struct taperi_node *node,
                                    const double *restrict t, size_t n,
                                    double *restrict out)
{
    const struct taperi_node local = *node;
    double v[taperi_block_steps];
    const size_t count = taperi_pad_times(t, n, v);
    for (size_t i = 0; i < taperi_pad * count; i++)
        v[i] = taperi_shaped_fill(shape, &local, v[i]);
    taperi_copy_values(v, n, out);
}

/* The functions NAME_at and NAME_fill of a kind that is one shape; `length` is
 * short or long. */
#define TAPERI_SHAPED(name, shape, length) \
    static double name##_at(const taper_schedule *s, \
                            const struct taperi_node *node, double t) \
    { \
        (void)s; \
        return taperi_shaped_at(shape, node, t); \
    } \
    static void name##_fill(const taper_schedule *s, \
                            const struct taperi_node *node, \
                            double *restrict t, size_t n, \
                            double *restrict out) \
    { \
        (void)s; \
        taperi_##length##_fill(shape, node, t, n, out); \
    }

/* What is wrong with numbers that several curves are given; in checks.c, as
 * what derives for them. The length, which must be a whole number of steps: */
struct taperi_fault taperi_check_length(const struct taperi_node *node);
/* `from`, and the length unless there is none. */
struct taperi_fault taperi_check_start(const struct taperi_node *node);
/* The same and given[1] and given[2], a rate and its `per`. */
struct taperi_fault taperi_check_rate(const struct taperi_node *node);
/* `from`, `to` and the length. */
struct taperi_fault taperi_check_ends(const struct taperi_node *node);

/* Derives `made`: from - to, and the length to divide by. */
taperi_derive taperi_derive_line;

/* Powers beyond this one are a mistake, and would leave what taperi_raise is
 * made for. */
#define TAPERI_POWER_MAX 1e9

/* (1 + cos(pi u)) / 2 as a share. */
static inline struct taperi_share taperi_cosine_shape(struct taperi_share u)
{
    return taperi_share_of(u.rest <= u.part,
                           taperi_half_cosine(taperi_min(u.part, u.rest)));
}

/* Between a weight of `from`, which time takes away, and one of `to`:
 * a r / (a r + b u), where r is the rest of u. */
static inline struct taperi_share taperi_weighed(struct taperi_share u,
                                                 double a, double b)
{
    const double from = a * u.rest, to = b * u.part;
    return taperi_share_of(from < to, taperi_min(to, from) / (from + to));
}

/* Derives for a curve of which 1/value is what counts: the weights of `from`
 * and of `to` as well, for taperi_weighed. */
taperi_derive taperi_derive_reciprocal;

/* The last value of a curve. */
taperi_end taperi_curve_end;

#endif
