#include "law/curves.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const char *const luo_names[LUO_CURVES] = {
    "cosine_24000",      "constant_24000", "wsdcon_9",
    "constant_72000",    "cosine_72000",   "wsd_20000_24000",
    "wsdld_20000_24000", "wsdcon_3",       "wsdcon_18",
};
const char *const luo_sizes[LUO_SIZES] = {"25", "100", "400"};

/* Luo et al.: 2160 steps of warm-up to 3e-4, then one of these. */
enum { WARMUP = 2160, TURN = 20000, DROP = 8000 };
static const double peak = 3e-4, end = 3e-5;

static double luo_rate(const char *name, size_t t, size_t steps)
{
    const double pi = 3.14159265358979323846;
    const double u = ((double)t - TURN) / (double)(steps - TURN);
    if (t < WARMUP) return peak * (double)t / (WARMUP - 1);
    if (strncmp(name, "cosine", 6) == 0)
        return end + 0.5 * (peak - end) *
                         (1.0 + cos(pi * (double)(t - WARMUP) /
                                    (double)(steps - WARMUP)));
    if (strncmp(name, "wsdcon_", 7) == 0)
        return t < DROP ? peak : atof(name + 7) * 1e-5;
    if (strncmp(name, "wsdld", 5) == 0)
        return t < TURN ? peak : peak + (end - peak) * u;
    if (strncmp(name, "wsd_", 4) == 0)
        return t < TURN ? peak : peak * pow(end / peak, u);
    return peak;
}

double *luo_rates(const char *name, size_t *steps)
{
    *steps = strstr(name, "72000")             ? 72000
             : strncmp(name, "wsdcon", 6) == 0 ? 16000
                                               : 24000;
    double *rates = malloc(*steps * sizeof *rates);
    assert_non_null(rates);
    for (size_t t = 0; t < *steps; t++)
        rates[t] = luo_rate(name, t, *steps);
    return rates;
}

static void grow(struct curve *c, size_t n)
{
    c->at = realloc(c->at, n * sizeof *c->at);
    c->logged = realloc(c->logged, n * sizeof *c->logged);
    c->losses = realloc(c->losses, n * sizeof *c->losses);
    assert_true(c->at && c->logged && c->losses);
}

static struct curve read_columns(const char *path)
{
    struct curve c = {0};
    FILE *f = fopen(path, "r");
    if (!f) fail_msg("cannot read %s", path);
    char line[200];
    assert_non_null(fgets(line, sizeof line, f)); /* names of columns */
    while (fgets(line, sizeof line, f)) {
        const size_t n = c.run.points++;
        grow(&c, n + 1);
        long long step;
        assert_int_equal(sscanf(line, "%lld,%lf,%lf", &step, &c.logged[n],
                                &c.losses[n]),
                         3);
        c.at[n] = step;
    }
    fclose(f);
    c.run.at = c.at;
    c.run.losses = c.losses;
    return c;
}

struct curve luo_curve(const char *size, const char *name)
{
    char path[500];
    snprintf(path, sizeof path, "%s/law/luo/csv_%s/%s.csv", TAPER_TEST_DATA,
             size, name);
    struct curve c = read_columns(path);
    c.rates = luo_rates(name, &c.run.steps);
    c.run.rates = c.rates;
    return c;
}

struct curve curve_read(const char *path)
{
    struct curve c = read_columns(path);
    c.run.steps = (size_t)c.at[c.run.points - 1] + 1;
    c.rates = malloc(c.run.steps * sizeof *c.rates);
    assert_non_null(c.rates);
    assert_int_equal(taper_law_rates_from_log(c.at, c.logged, c.run.points,
                                              INT64_MAX, c.rates, c.run.steps,
                                              NULL),
                     TAPER_LAW_OK);
    c.run.rates = c.rates;
    return c;
}

void curve_free(struct curve *c)
{
    free(c->rates);
    free(c->losses);
    free(c->logged);
    free(c->at);
}
