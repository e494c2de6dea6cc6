/* See law_words.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <taper.h>

#include "cli/law_words.h"

#include "cli/command.h"
#include "cli/complain.h"

/* A peak within this share of those seen is not beyond them. */
#define PEAK_SLACK 0.01

/* So much longer than the longest run is beyond it. */
#define STEPS_SLACK 0.02

const char *const cli_beyond_words[CLI_BEYOND_COUNT] = {"peak", "length", "end",
                                                        "start"};

int cli_law_failed(const char *path, const taper_law_error *err)
{
    if (!path) return cli_failed("%s", err->message);
    return cli_failed("%s: %s", path, err->message);
}

/* ----------------------------------------------------------------- flags */

static const char *const flag_words[CLI_MODEL_FLAGS] = {
    "All runs have the same shape of rates, so that nothing tells how losses "
    "answer\n    to a schedule: taper optimize refuses this fit. A run whose "
    "rate falls early,\n    or is held to the end, would help most.",
    "C, beta and gamma (or lambda) differ widely between fits that are equally "
    "good:\n    how fast the loss answers to a change of the rate is not "
    "known. A run whose\n    rate drops at once half way would help most.",
    "A parameter stopped at a bound: its value is the bound's, not the data's.",
    "Some direction of the parameters is not determined at all: read them as a "
    "whole,\n    not one by one.",
    "All runs have the same peak rate: what another peak gives is "
    "extrapolated. A run\n    at half the peak would help most.",
    "The law leaves much of the losses' variation unexplained: predictions are "
    "of\n    little use. Were the logs smoothed, and by the same model?"};

void cli_law_print_flags(const struct cli_model *m)
{
    if (!m->fit.flags) {
        puts("  nothing that was looked for");
        return;
    }
    for (unsigned k = 0; k < CLI_MODEL_FLAGS; k++)
        if (m->fit.flags >> k & 1) printf("  - %s\n", flag_words[k]);
}

void cli_law_print_quality(const taper_law_quality *q)
{
    printf("R2 %.5f, MAE %.5f, RMSE %.5f, relative error %.3f %% in the mean "
           "and %.3f %% at worst\n",
           q->r2, q->mae, q->rmse, 100 * q->prede, 100 * q->worste);
}

/* ---------------------------------------------------------------- beyond */

unsigned cli_law_beyond(const struct cli_model *m, const double *rates,
                        size_t steps)
{
    const taper_law_seen *const seen = &m->fit.seen;
    unsigned beyond = 0;
    double peak = 0;
    if (!m->fitted || steps == 0) return 0;
    for (size_t t = 0; t < steps; t++)
        peak = fmax(peak, rates[t]);
    if (peak > seen->peak_high * (1 + PEAK_SLACK) ||
        peak < seen->peak_low * (1 - PEAK_SLACK))
        beyond |= CLI_BEYOND_PEAK;
    if ((double)steps > (double)seen->steps_high * (1 + STEPS_SLACK))
        beyond |= CLI_BEYOND_STEPS;
    /* Half of the lowest that was seen: the last row of a log comes before the
     * last step of its run. */
    if (rates[steps - 1] < 0.5 * seen->end_low * peak) beyond |= CLI_BEYOND_END;
    if (m->warmup > 0 && taper_law_warmup(rates, steps) == 0)
        beyond |= CLI_BEYOND_START;
    return beyond;
}

static bool has_hold_out(const struct cli_model *m)
{
    return m->hold_out.runs > 0 && isfinite(m->hold_out.final);
}

double cli_law_error(const struct cli_model *m)
{
    if (!m->fitted) return NAN;
    return has_hold_out(m) ? m->hold_out.final : m->fit.quality.rmse;
}

const char *cli_law_error_is(const struct cli_model *m)
{
    if (!m->fitted) return "not known";
    return has_hold_out(m) ? "last losses of runs that were held out"
                           : "losses of its own runs";
}

void cli_law_print_error(const struct cli_model *m)
{
    if (!m->fitted)
        puts("The parameters were typed in: how far they are off is not "
             "known.");
    else if (has_hold_out(m))
        printf("Last losses of runs that were held out are off by %.4f.\n",
               m->hold_out.final);
    else
        printf("The law is off by %.4f on its own runs, and by more on others: "
               "%s run\nwould tell by how much.\n",
               m->fit.quality.rmse,
               cJSON_GetArraySize(m->runs) == 1 ? "another" : "a third");
}

double *cli_law_rates(const taper_schedule *s, const char *name, size_t steps)
{
    taper_law_error err;
    double *const rates = malloc(steps * sizeof *rates);
    if (!rates) {
        cli_complain("out of memory");
        return NULL;
    }
    taper_fill(s, 0, 1, steps, rates);
    if (taper_law_rates_check(rates, steps, &err) == TAPER_LAW_OK) return rates;
    cli_complain("'%s' is no schedule of learning rates: it is below 0 at step "
                 "%zu",
                 name, err.index);
    free(rates);
    return NULL;
}
