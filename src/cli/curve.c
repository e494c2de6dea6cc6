/* See curve.h. */
#include "cli/curve.h"

#include <math.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "plot/gnuplot.h"
#include "plot/terminal.h"

/* Columns that curves are kept at: more than any picture has. */
#define COLUMNS 4096

/* A curve up to this many steps shows each of them, and nothing between. */
#define FEW_STEPS 30

int64_t cli_curve_steps(const struct cli_specs *specs)
{
    int64_t steps = 0;
    for (size_t k = 0; k < specs->count; k++) {
        const int64_t length = taper_length(specs->items[k].schedule);
        if (length != TAPER_ENDLESS && length > steps) steps = length;
    }
    if (steps) return steps;
    cli_complain("note: taking %d steps, as no schedule here says how many; "
                 "--steps N takes another number",
                 CLI_STEPS_UNSAID);
    return CLI_STEPS_UNSAID;
}

bool cli_curve_sample(const taper_schedule *s, int64_t steps, bool log,
                      struct plot_points *points)
{
    enum { CHUNK = 1024 };
    double x[CHUNK + 1], y[CHUNK + 1];
    const int64_t stride = (steps - 1) / CLI_STEPS_SEEN + 1;
    const int64_t count = (steps - 1) / stride + 1;
    struct plot_thin thin;
    plot_thin_begin(&thin, points, 0.0, (double)steps, COLUMNS);
    for (int64_t done = 0; done < count;) {
        const int64_t left = count - done;
        size_t n = left < CHUNK ? (size_t)left : CHUNK;
        taper_fill(s, done * stride, stride, n, y);
        for (size_t k = 0; k < n; k++)
            x[k] = (double)((done + (int64_t)k) * stride);
        done += (int64_t)n;
        if (done == count && count > FEW_STEPS) {
            /* The line goes on to the right edge, to where the last step
             * leads; a restart at that very edge is not part of the run. */
            const double end = (double)steps;
            x[n] = end;
            y[n] = taper_at_real(s, nextafter(end, 0.0));
            if (!log || y[n] > 1e-3 * y[n - 1]) n++;
        }
        if (!plot_thin_add(&thin, x, y, n)) return false;
    }
    return plot_thin_end(&thin);
}

int cli_show(const struct plot_figure *f, const char *file)
{
    struct plot_error err;
    if (file)
        return plot_file(f, file, &err) ? CLI_DONE
                                        : cli_failed("%s", err.message);
    const struct plot_terminal t = plot_terminal_detect(STDOUT_FILENO);
    if (plot_terminal_draw(f, &t, stdout) == PLOT_E_MEMORY)
        return cli_failed("out of memory");
    return CLI_DONE;
}
