/* bound.c: which schedule, at which rate, before anything has been trained.
 *
 * Theory bounds how far from the minimum the last step of gradient descent
 * leaves a convex problem. It needs the schedule only, ranks schedules as
 * trainings do, and tells by what to multiply each. At the end: a run twice as
 * long, and the cool-down with which the same rate stays the best. */
#include <stdio.h>
#include <string.h>
#include <taper.h>
#include <taper_law.h>

enum { STEPS = 400 };

static const char *const texts[] = {
    "hold(1)",
    "hold(1) then linear(to=0, over=20%)",
    "cosine(1, 0)",
    "linear(1, 0)",
};

/* Fills in the rates of a text; returns whether it is a schedule. */
static bool fill(const char *text, double rates[STEPS])
{
    const taper_run run = {.steps = STEPS};
    taper_schedule *s;
    taper_error error;
    if (taper_parse(text, strlen(text), &run, NULL, &s, &error)) {
        fprintf(stderr, "%s\n", error.message);
        return false;
    }
    taper_fill(s, 0, 1, STEPS, rates);
    taper_free(s, NULL);
    return true;
}

int main(void)
{
    double rates[STEPS];
    taper_law_error error;
    puts("schedule                             best rate   bound");
    for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
        taper_law_bound bound;
        if (!fill(texts[k], rates)) return 1;
        if (taper_law_bound_of(rates, NULL, STEPS, 1, &bound, &error)) {
            fprintf(stderr, "%s\n", error.message);
            return 1;
        }
        printf("%-35s  %.6f  %.6f\n", texts[k], bound.best_factor,
               bound.best_value);
    }
    taper_law_transfer longer;
    if (!fill(texts[1], rates) ||
        taper_law_transfer_cooldown(rates, STEPS, 2 * STEPS, 0, 0.2, &longer,
                                    &error))
        return 1;
    printf("twice as long, the rate of the second is %.0f %% of the best;\n"
           "with a cool-down over the last %.1f %% it is the best again\n",
           100 / longer.unchanged, 100 * longer.amount);
    return 0;
}
