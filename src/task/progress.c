/* The progress line: step, epoch, rate, loss, speed, time left. */
#include "task/progress.h"

#include "plot/terminal.h"
#include "task/clock.h"

#include <math.h>
#include <stdarg.h>

#define QUIET_SECONDS 2.0    /* nothing is shown before */
#define TERMINAL_SECONDS 0.2 /* between two rewritings of the line */
#define PLAIN_SECONDS 30.0   /* between two plain lines within an epoch */
#define LOSS_MEMORY 0.95     /* of the smoothed loss, per step */
#define LINE_SIZE 256

void task_progress_begin(struct task_progress *p, int64_t first_step)
{
    p->started = p->shown = task_seconds();
    p->first_step = first_step;
    p->paused = 0;
    p->loss = NAN;
    p->last = -1;
    p->line_open = false;
}

/* The line without its end. Speed and time left are those of this process. */
static void compose(const struct task_progress *p, int64_t step, double lr,
                    double now, char out[LINE_SIZE])
{
    const int64_t done = step + 1;
    const double busy = now - p->started - p->paused;
    const double rate =
        busy > 0 ? (double)(done - p->first_step) / busy : 0; /* steps/s */
    const double speed = rate * p->samples_per_step;
    char left[32], score[80] = "", pace[48] = "";
    plot_duration(rate > 0 ? (double)(p->steps - done) / rate : 0, left,
                  sizeof left);
    if (p->last >= 0)
        (void)snprintf(score, sizeof score, "  %s %.4g", p->score, p->last);
    if (p->samples_per_step > 0)
        (void)snprintf(pace, sizeof pace, "  %.0f samples/s", speed);
    (void)snprintf(out, LINE_SIZE,
                   "step %lld/%lld  epoch %.2f/%.4g  rate %.3g  loss %.4f%s"
                   "%s  %s left",
                   (long long)done, (long long)p->steps,
                   (double)done / (double)p->steps_per_epoch,
                   (double)p->steps / (double)p->steps_per_epoch, lr, p->loss,
                   score, pace, left);
}

static void show(struct task_progress *p, int64_t step, double lr, double now)
{
    char line[LINE_SIZE];
    compose(p, step, lr, now, line);
    /* Erase to the end of the line: the one before may have been longer. */
    (void)fprintf(p->stream, p->terminal ? "\r%s\033[K" : "%s\n", line);
    (void)fflush(p->stream);
    p->line_open = p->terminal;
    p->shown = now;
}

void task_progress_step(struct task_progress *p, int64_t step, double lr,
                        double loss)
{
    p->loss = isnan(p->loss) ? loss
                             : LOSS_MEMORY * p->loss + (1 - LOSS_MEMORY) * loss;
    if (!p->stream) return;
    const double now = task_seconds();
    if (now - p->started < QUIET_SECONDS) return;
    const double pause = p->terminal ? TERMINAL_SECONDS : PLAIN_SECONDS;
    if (now - p->shown >= pause) show(p, step, lr, now);
}

void task_progress_evaluation(struct task_progress *p, double share)
{
    if (!p->stream || !p->terminal) return;
    const double now = task_seconds();
    if (!(share > 0)) p->evaluated = now;
    if (now - p->evaluated < QUIET_SECONDS || now - p->shown < TERMINAL_SECONDS)
        return;
    (void)fprintf(p->stream, "\revaluating: %.0f %%\033[K", 100 * share);
    (void)fflush(p->stream);
    p->line_open = true;
    p->shown = now;
}

void task_progress_score(struct task_progress *p, int64_t step, double lr,
                         double score, double seconds)
{
    p->last = score;
    p->paused += seconds;
    const double now = task_seconds();
    if (p->stream && now - p->started >= QUIET_SECONDS) show(p, step, lr, now);
}

void task_progress_end(struct task_progress *p)
{
    if (p->stream && p->line_open) (void)fputc('\n', p->stream);
    p->line_open = false;
}

void task_progress_note(struct task_progress *p, const char *format, ...)
{
    if (!p->stream) return;
    task_progress_end(p);
    va_list arguments;
    va_start(arguments, format);
    (void)vfprintf(p->stream, format, arguments);
    va_end(arguments);
    (void)fputc('\n', p->stream);
    (void)fflush(p->stream);
}
