/* Loss logs: whatever the bytes, reading ends in a value, and what it accepts
 * has steps that ascend, losses above 0 and rates of 0 or more, between which
 * the rates of every step are finite. */
#include "fuzz.h"

#include "log/loss_log.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <taper_law.h>

enum { STEPS = 4096 };

static void require(bool promise)
{
    if (!promise) abort();
}

/* The rates of the first steps from those that the log has. */
static void fill_rates(const struct log_run *run)
{
    int64_t at[STEPS];
    double logged[STEPS], out[STEPS];
    size_t n = 0;
    for (size_t i = 0; run->rate && i < run->count && n < STEPS; i++) {
        if (isnan(run->rate[i])) continue;
        at[n] = run->step[i];
        logged[n++] = run->rate[i];
    }
    if (n == 0) return;
    require(taper_law_rates_from_log(at, logged, n, 0, out, STEPS, NULL) ==
            TAPER_LAW_OK);
    for (size_t t = 0; t < STEPS; t++)
        require(out[t] >= 0 && isfinite(out[t]));
}

static void read_log(const char *path, enum log_column wanted)
{
    struct log_run run;
    struct log_error err = {LOG_OK, ""};
    const enum log_status status = log_read(path, NULL, wanted, &run, &err);
    require(status == LOG_OK ? run.count > 0 : err.message[0] != '\0');
    for (size_t i = 0; i < run.count; i++) {
        require(i == 0 || run.step[i] > run.step[i - 1]);
        require(isnan(run.value[i]) ||
                (run.value[i] >= 0 && isfinite(run.value[i])));
        require(!run.rate || !(run.rate[i] < 0));
    }
    fill_rates(&run);
    log_run_free(&run);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char path[32];
    FILE *const f = tmpfile();
    require(f && fwrite(bytes, 1, size, f) == size && fflush(f) == 0);
    (void)snprintf(path, sizeof path, "/dev/fd/%d", fileno(f));
    read_log(path, LOG_LOSS);
    read_log(path, LOG_NORM);
    require(fclose(f) == 0);
    return 0;
}
