/* What several tests of schedules share: parsing of texts that must parse, and
 * comparisons of doubles. */
#ifndef TESTS_SCHEDULE_SUPPORT_H
#define TESTS_SCHEDULE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <taper.h>

#include "schedule/random_text.h"

/* Parse a text that must parse. The caller frees the schedule. */
static inline taper_schedule *parse_in(const char *text, const taper_run *run)
{
    taper_schedule *s;
    taper_error err;
    if (taper_parse(text, strlen(text), run, NULL, &s, &err) != TAPER_OK)
        fail_msg("%s: %s at %zu", text, err.message, err.position);
    return s;
}

static inline taper_schedule *parse(const char *text)
{
    return parse_in(text, &full_run);
}

/* The value of a text at a step. */
static inline double value(const char *text, int64_t step)
{
    taper_schedule *s = parse(text);
    const double v = taper_at(s, step);
    taper_free(s, NULL);
    return v;
}

static inline double distance(double a, double b)
{
    return a < b ? b - a : a - b;
}

/* Fails unless both are the same double. */
static inline void assert_same(double got, double want)
{
    if (memcmp(&got, &want, sizeof got) != 0)
        fail_msg("got %.17g, want %.17g", got, want);
}

static inline void assert_near(double got, double want, double tolerance)
{
    if (!(distance(got, want) <= tolerance))
        fail_msg("got %.17g, want %.17g within %g", got, want, tolerance);
}

#endif
