/* What the tests share that hold a network to PyTorch's numbers: a stream of
 * numbers that a name determines, and tensors compared by their first values,
 * their norm and their product with such a stream. tools/golden has the other
 * side of it. */
#ifndef TAPER_TESTS_GOLDEN_CASE_H
#define TAPER_TESTS_GOLDEN_CASE_H

#include "nn/engine.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SHOWN = 4 };

static inline void stream(const char *name, size_t n, float *out, double scale)
{
    uint64_t state = 14695981039346656037U;
    for (const char *c = name; *c; c++)
        state = (state ^ (uint64_t)(unsigned char)*c) * 1099511628211U;
    for (size_t i = 0; i < n; i++) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        out[i] = (float)(scale * ((double)(state >> 40) / 8388608.0 - 1.0));
    }
}

static inline bool close_to(double got, double want, double tolerance,
                            const char *what, const char *name)
{
    if (fabs(got - want) <= tolerance) return true;
    print_error("%s of %s: got %.9g, PyTorch has %.9g (tolerance %.2g)\n", what,
                name, got, want, tolerance);
    return false;
}

/* Compares a tensor with what is left of its line: "N norm probe v0 v1...". */
static inline void assert_tensor(const char *name, const char *line,
                                 const float *got, double tolerance)
{
    size_t n;
    double norm, probe;
    int used;
    assert_int_equal(sscanf(line, "%zu %lf %lf%n", &n, &norm, &probe, &used),
                     3);
    float *direction = malloc(n * sizeof *direction);
    assert_non_null(direction);
    stream("probe", n, direction, 1.0);
    double got_norm = 0.0, got_probe = 0.0;
    for (size_t i = 0; i < n; i++) {
        got_norm += (double)got[i] * (double)got[i];
        got_probe += (double)got[i] * (double)direction[i];
    }
    free(direction);
    const double allowed = tolerance * norm;
    bool good = close_to(sqrt(got_norm), norm, allowed, "norm", name) &&
                close_to(got_probe, probe, allowed, "projection", name);
    for (size_t i = 0; i < SHOWN && i < n; i++) {
        double want;
        int more;
        assert_int_equal(sscanf(line + used, "%lf%n", &want, &more), 1);
        used += more;
        good = good && close_to((double)got[i], want, allowed, "a value", name);
    }
    assert_true(good);
}

static inline const float *named(const struct nn_parameter *p, size_t count,
                                 const float *block, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(p[i].name, name) == 0) return block + p[i].offset;
    fail_msg("no tensor %s", name);
    return NULL;
}

#endif
