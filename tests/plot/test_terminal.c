/* The picture in the terminal: what stands where, and what never appears. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plot/terminal.h"

#include "drawn.h"

#define N 200

/* Two schedules-like curves and a figure of them. */
struct sketch {
    double x[N], y[2][N];
    struct plot_curve curves[2];
    struct plot_panel panel;
    struct plot_figure figure;
};

static void sketch_init(struct sketch *s)
{
    for (size_t i = 0; i < N; i++) {
        s->x[i] = (double)i;
        s->y[0][i] = 0.1 * (1 - s->x[i] / N);
        s->y[1][i] = i < N / 2 ? 0.1 : 0.01;
    }
    for (size_t k = 0; k < 2; k++)
        s->curves[k] = (struct plot_curve){.name = k ? "steps" : "line",
                                           .x = s->x,
                                           .y = s->y[k],
                                           .n = N,
                                           .upright_jumps = true};
    s->panel = (struct plot_panel){.ylabel = "Learning Rate",
                                   .curves = s->curves,
                                   .count = 2};
    s->figure = (struct plot_figure){.title = "Title",
                                     .xlabel = "Steps",
                                     .panels = &s->panel,
                                     .count = 1};
}

/* Columns of a line whose characters are each one column wide. */
static size_t columns_of(const char *line, size_t bytes)
{
    size_t n = 0;
    for (size_t k = 0; k < bytes; k++)
        n += (line[k] & 0xc0) != 0x80;
    return n;
}

static void ascii_terminals_get_ascii_only(void **state)
{
    (void)state;
    struct sketch s;
    sketch_init(&s);
    s.figure.title = "\u03b7 \x1b[31m";
    char *text = drawn(&s.figure, (struct plot_terminal){80, 24, false, false});
    for (const char *c = text; *c; c++)
        assert_true(*c == '\n' || (*c >= ' ' && *c < 0x7f));
    assert_non_null(strstr(text, "? \\x1b[31m"));
    assert_non_null(strstr(text, "*  line"));
    assert_non_null(strstr(text, "+  steps"));
    free(text);
}

static void no_line_is_wider_or_higher_than_the_terminal(void **state)
{
    (void)state;
    struct sketch s;
    sketch_init(&s);
    char longest[600];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    s.figure.title = s.figure.xlabel = s.panel.ylabel = longest;
    s.curves[0].name = longest;
    static const size_t widths[] = {40, 80, 81, 200};
    for (size_t k = 0; k < 4; k++) {
        char *text = drawn(&s.figure,
                           (struct plot_terminal){widths[k], 24, true, false});
        size_t lines = 0;
        for (const char *line = text; *line; lines++) {
            const size_t bytes = strcspn(line, "\n");
            assert_in_range(columns_of(line, bytes), 0, widths[k]);
            line += bytes + 1;
        }
        assert_in_range(lines, 10, 23);
        free(text);
    }
}

static void ticks_title_labels_and_legend_are_there(void **state)
{
    (void)state;
    struct sketch s;
    sketch_init(&s);
    char *text = drawn(&s.figure, (struct plot_terminal){80, 24, true, false});
    static const char *const parts[] = {"Title",      "Learning Rate",
                                        " 0.1\u2524", "0.05\u2524",
                                        "   0\u2524", "150",
                                        "Steps",      "A  line",
                                        "B  steps"};
    for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++)
        if (!strstr(text, parts[k])) fail_msg("no '%s' in\n%s", parts[k], text);
    assert_null(strchr(text, '\x1b'));
    free(text);
}

static void colour_ends_before_each_line_does(void **state)
{
    (void)state;
    struct sketch s;
    sketch_init(&s);
    char *text = drawn(&s.figure, (struct plot_terminal){80, 24, true, true});
    assert_non_null(strstr(text, "\x1b[38;5;32m"));
    bool coloured = false;
    for (const char *c = text; *c; c++) {
        if (*c == '\x1b') coloured = strncmp(c, "\x1b[0m", 4) != 0;
        if (*c == '\n') assert_false(coloured);
    }
    free(text);
}

static void curves_without_colour_carry_their_letters(void **state)
{
    (void)state;
    struct sketch s;
    sketch_init(&s);
    char *text = drawn(&s.figure, (struct plot_terminal){80, 24, true, false});
    char *legend = strstr(text, "A  line");
    assert_non_null(legend);
    *legend = '\0';
    size_t a = 0, b = 0;
    for (const char *c = text; *c; c++) {
        a += *c == 'A';
        b += *c == 'B';
    }
    assert_in_range(a, 2, 3);
    assert_in_range(b, 2, 3);
    free(text);
}

static void a_constant_stands_on_its_tick(void **state)
{
    (void)state;
    const double x[] = {0, 10}, y[] = {0.1, 0.1};
    const struct plot_curve c = {.x = x, .y = y, .n = 2};
    const struct plot_panel panel = {.curves = &c, .count = 1};
    const struct plot_figure f = {.panels = &panel, .count = 1};
    char *text = drawn(&f, (struct plot_terminal){60, 24, false, false});
    char *tick = strstr(text, " 0.1+");
    assert_non_null(tick);
    /* The line runs along the whole row that the tick labels. */
    assert_int_equal(strspn(tick + 5, "*"), 60 - 6);
    free(text);
}

static void gaps_and_empty_figures_draw(void **state)
{
    (void)state;
    const double x[] = {0, 1, 2}, y[] = {NAN, -1, NAN};
    struct plot_curve c = {.name = "c", .x = x, .y = y, .n = 3};
    struct plot_panel panel = {.curves = &c, .count = 1, .log_y = true};
    const struct plot_figure f = {.panels = &panel, .count = 1};
    free(drawn(&f, (struct plot_terminal){80, 24, true, false}));
    c.n = 0;
    free(drawn(&f, (struct plot_terminal){80, 24, true, true}));
    panel.count = 0;
    free(drawn(&f, (struct plot_terminal){0, 0, false, false}));
}

static void a_full_disk_is_reported(void **state)
{
    (void)state;
    struct sketch s;
    sketch_init(&s);
    FILE *out = fopen("/dev/full", "w");
    if (!out) skip();
    setvbuf(out, NULL, _IONBF, 0);
    const struct plot_terminal t = {80, 24, true, false};
    assert_int_equal(plot_terminal_draw(&s.figure, &t, out), PLOT_E_WRITE);
    fclose(out);
}

static void a_pipe_is_eighty_columns_without_colour(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    setenv("LC_ALL", "C.UTF-8", 1);
    struct plot_terminal t = plot_terminal_detect(ends[1]);
    assert_int_equal(t.columns, 80);
    assert_false(t.colour);
    assert_true(t.unicode);
    setenv("LC_ALL", "C", 1);
    t = plot_terminal_detect(ends[1]);
    assert_false(t.unicode);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ascii_terminals_get_ascii_only),
        cmocka_unit_test(no_line_is_wider_or_higher_than_the_terminal),
        cmocka_unit_test(ticks_title_labels_and_legend_are_there),
        cmocka_unit_test(colour_ends_before_each_line_does),
        cmocka_unit_test(curves_without_colour_carry_their_letters),
        cmocka_unit_test(a_constant_stands_on_its_tick),
        cmocka_unit_test(gaps_and_empty_figures_draw),
        cmocka_unit_test(a_full_disk_is_reported),
        cmocka_unit_test(a_pipe_is_eighty_columns_without_colour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
