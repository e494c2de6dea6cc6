/* See find_progress.h. */
#include "cli/find_progress.h"

#include <time.h>
#include <unistd.h>

/* Nothing is shown before, and nothing more often than that, in seconds. */
#define SILENT 2.0
#define PAUSE 0.2

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void find_progress_begin(struct find_progress *p, const char *value)
{
    *p = (struct find_progress){.stream = isatty(STDERR_FILENO) ? stderr : NULL,
                                .value = value,
                                .started = now()};
}

void find_progress_show(struct find_progress *p, double share, double rate,
                        double value)
{
    const double t = now();
    if (p->first == 0.0) {
        p->first = t;
        p->first_share = share;
    }
    if (!p->stream || t - p->started < SILENT || t - p->shown < PAUSE) return;
    p->shown = t;
    p->line_open = true;
    (void)fprintf(p->stream, "\r\033[Krate %.2g  %s %.4g", rate, p->value,
                  value);
    if (share > p->first_share)
        (void)fprintf(p->stream, "  %.0fs left at most",
                      (t - p->first) / (share - p->first_share) *
                          (1.0 - share));
    (void)fflush(p->stream);
}

double find_progress_end(struct find_progress *p)
{
    if (p->line_open) {
        (void)fputs("\r\033[K", p->stream);
        (void)fflush(p->stream);
    }
    p->line_open = false;
    return now() - p->started;
}
