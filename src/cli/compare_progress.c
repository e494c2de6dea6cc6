/* See compare_progress.h. */
#include "cli/compare_progress.h"

#include <inttypes.h>
#include <time.h>

#include "cli/complain.h"
#include "cli/study.h"
#include "plot/glyph.h"
#include "plot/terminal.h"

#define QUIET_SECONDS 2.0 /* nothing is shown before */
#define PAUSE_SECONDS 0.5 /* between two rewritings of the line */

/* A line that wraps cannot be rewritten: names are cut to so many columns. */
enum { NAME_COLUMNS = 24 };

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void compare_progress_begin(struct compare_progress *p)
{
    p->started = now();
    p->shown = 0;
    p->line_open = p->told = false;
}

/* Trials that wait or run take the time that others took, several at a time. */
static void show(struct compare_progress *p)
{
    const struct study_queue_state state = study_queue_look(p->queue);
    const size_t open = state.total - state.over;
    char left[32] = "", best[160] = "";
    if (state.trial_seconds > 0 && open > 0) {
        char time[24];
        plot_duration((double)open * state.trial_seconds / p->jobs, time,
                      sizeof time);
        (void)snprintf(left, sizeof left, "  %s left", time);
    }
    if (state.best_name) {
        char name[128];
        (void)plot_glyph_fit(state.best_name, NAME_COLUMNS, false, name,
                             sizeof name);
        (void)snprintf(best, sizeof best, "  best %.4g by %s", state.best,
                       name);
    }
    /* Erase to the end of the line: the one before may have been longer. */
    (void)fprintf(p->stream, "\r%zu/%zu trials  %zu running%s%s\033[K",
                  state.over, state.total, state.running, best, left);
    (void)fflush(p->stream);
    p->line_open = true;
    p->shown = now();
}

void compare_progress_tick(struct compare_progress *p)
{
    if (!p->terminal) return;
    const double t = now();
    if (t - p->started >= QUIET_SECONDS && t - p->shown >= PAUSE_SECONDS)
        show(p);
}

void compare_progress_end(struct compare_progress *p)
{
    if (p->line_open) (void)fputc('\n', p->stream);
    p->line_open = false;
}

void compare_progress_trial(struct compare_progress *p,
                            const struct study_trial *t)
{
    if (t->state == STUDY_FAILED && !p->told) {
        int len = 0;
        const char *const why = cli_study_reason(t->error, &len);
        compare_progress_end(p);
        p->told = true;
        cli_complain("a trial of %s (seed %" PRId64 ") failed: %.*s", t->name,
                     t->seed, len < 400 ? len : 400, why);
    }
    compare_progress_tick(p);
}
