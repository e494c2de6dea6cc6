/* From the loss curves of two finished runs to the loss of a schedule that has
 * not been run. The curves here are made up, of a law that is known; yours come
 * from your logs. */
#include <stdio.h>
#include <string.h>
#include <taper.h>
#include <taper_law.h>

enum { STEPS = 4000, POINTS = 190 };

/* The rates of a schedule, one for each step. */
static int rates_of(const char *text, double *rates)
{
    taper_schedule *s;
    taper_error err;
    const taper_run run = {.steps = STEPS};
    if (taper_parse(text, strlen(text), &run, NULL, &s, &err) != TAPER_OK) {
        fprintf(stderr, "%s\n", err.message);
        return 0;
    }
    taper_fill(s, 0, 1, STEPS, rates);
    taper_free(s, NULL);
    return 1;
}

int main(void)
{
    static const char cosine[] = "linear(0, 1e-3, 100) then cosine(1e-3, 1e-4)";
    static const char wsd[] = "wsd(1e-3, warmup=100, decay=20%)";
    static const char unseen[] = "wsd(1e-3, warmup=100, decay=40%)";
    static double rates[3][STEPS], losses[2][POINTS];
    static int64_t at[POINTS];
    if (!rates_of(cosine, rates[0]) || !rates_of(wsd, rates[1]) ||
        !rates_of(unseen, rates[2]))
        return 1;

    /* A loss every 20 steps, from the end of the warm-up on. */
    const taper_law_params truth = {.clock = 0.6,
                                    .eta_ref = 1e-3,
                                    .L0 = 2.5,
                                    .A = 1.0,
                                    .alpha = 0.5,
                                    .B = 150.0,
                                    .C = 1.0,
                                    .beta = 0.5,
                                    .gamma = 0.5};
    taper_law_run runs[2];
    for (int i = 0; i < POINTS; i++)
        at[i] = 200 + 20 * i;
    for (int k = 0; k < 2; k++) {
        if (taper_law_points(&truth, rates[k], STEPS, at, POINTS, losses[k],
                             NULL) != TAPER_LAW_OK)
            return 1;
        runs[k] = (taper_law_run){rates[k], STEPS, at, losses[k], POINTS};
    }

    taper_law_fit fit;
    taper_law_error err;
    if (taper_law_fit_runs(runs, 2, NULL, &fit, &err) != TAPER_LAW_OK) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    printf("%zu points of %zu runs\n", fit.used, fit.runs);
    printf("predicted final loss: %.2f\n",
           taper_law_final(&fit.params, rates[2], STEPS));
    printf("what it comes to:     %.2f\n",
           taper_law_final(&truth, rates[2], STEPS));
    return 0;
}
