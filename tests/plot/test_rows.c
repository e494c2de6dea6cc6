/* Intervals as rows, bands and bars about curves, and a logarithmic x axis: in
 * the terminal and for gnuplot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plot/axis.h"
#include "plot/script.h"
#include "plot/terminal.h"

#include "drawn.h"

static const double seeds[] = {2, 4};
static const struct plot_row rows[] = {
    {.name = "wide", .value = 3, .low = 0, .high = 10, .points = seeds, .n = 2},
    {.name = "narrow", .value = 5, .low = 4, .high = 6},
    {.name = "lone", .value = 5, .low = NAN, .high = NAN},
    {.name = "none", .value = NAN, .low = -900, .high = 900}};
static const struct plot_panel row_panel = {.rows = rows, .row_count = 4};
static const struct plot_figure row_figure = {.panels = &row_panel, .count = 1};

__attribute__((noinline)) static char *script_of(const struct plot_figure *f)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(plot_script(f, PLOT_SVG, out), PLOT_OK);
    assert_int_equal(fclose(out), 0);
    return text;
}

/* The n-th line, from 0; what it returns is not ended. */
static const char *line_of(const char *text, size_t n)
{
    for (; n; n--)
        text += strcspn(text, "\n") + 1;
    return text;
}

static size_t place_of(const char *line, char mark)
{
    const char *const found = memchr(line, mark, strcspn(line, "\n"));
    if (!found) fail_msg("no '%c' in %.80s", mark, line);
    return (size_t)(found - line);
}

static void a_row_shows_its_ends_its_points_and_its_value(void **state)
{
    (void)state;
    char *text =
        drawn(&row_figure, (struct plot_terminal){80, 24, false, false});
    const char *wide = line_of(text, 0), *narrow = line_of(text, 1);
    /* The axis reaches from -1 to 11 or so: places are proportional. */
    const double unit =
        (double)(place_of(wide, ']') - place_of(wide, '[')) / 10.0;
    const double start = (double)place_of(wide, '[');
    assert_true(unit > 4);
    assert_true(fabs((double)place_of(wide, '.') - start - 2 * unit) <= 1);
    assert_true(fabs((double)place_of(wide, 'O') - start - 3 * unit) <= 1);
    assert_true(fabs((double)place_of(narrow, '[') - start - 4 * unit) <= 1);
    assert_true(fabs((double)place_of(narrow, 'O') - start - 5 * unit) <= 1);
    assert_true(fabs((double)place_of(narrow, ']') - start - 6 * unit) <= 1);
    const char *lone = line_of(text, 2), *none = line_of(text, 3);
    assert_int_equal(place_of(lone, 'O'), place_of(narrow, 'O'));
    assert_null(memchr(lone, '[', strcspn(lone, "\n")));
    assert_int_equal(strcspn(none, "\n"), place_of(none, '|') + 1);
    free(text);
}

static void names_of_rows_are_safe_and_leave_room(void **state)
{
    (void)state;
    char longest[600];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    const struct plot_row hostile[] = {
        {.name = longest, .value = 1, .low = 0, .high = 2},
        {.name = "\x1b[31mred", .value = 1, .low = 0, .high = 2},
        {.name = NULL, .value = 1, .low = 0, .high = 2}};
    const struct plot_panel panel = {.rows = hostile, .row_count = 3};
    const struct plot_figure f = {.panels = &panel, .count = 1};
    char *text = drawn(&f, (struct plot_terminal){60, 24, false, false});
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        assert_in_range(strcspn(line, "\n"), 0, 60);
    assert_null(strchr(text, '\x1b'));
    assert_true(place_of(text, ']') - place_of(text, '[') > 20);
    free(text);
}

static void rows_of_one_name_share_a_colour_and_need_no_legend(void **state)
{
    (void)state;
    static const struct plot_row above[] = {{.name = "a"}, {.name = "b"}};
    static const struct plot_row below[] = {{.name = "b"},
                                            {.name = "a", .colour = 6}};
    static const struct plot_panel panels[] = {{.rows = above, .row_count = 2},
                                               {.rows = below, .row_count = 2}};
    const struct plot_figure f = {.panels = panels, .count = 2};
    assert_int_equal(plot_colour_slot(&f, 1, 0), 1);
    assert_int_equal(plot_colour_slot(&f, 1, 1), 5);
    assert_false(plot_in_legend(&f, 0, 0));
    assert_int_equal(plot_legend_count(&f), 0);
}

static void an_axis_covers_bands_and_rows(void **state)
{
    (void)state;
    const double x[] = {1, 10, 100}, y[] = {5, 5, 5}, low[] = {4, NAN, 3},
                 high[] = {6, 1e9, INFINITY};
    const struct plot_curve c = {
        .x = x, .y = y, .n = 3, .low = low, .high = high};
    const struct plot_panel panel = {.curves = &c, .count = 1};
    const struct plot_axis a = plot_axis_y(&panel);
    assert_true(a.low <= 3 && a.high >= 1e9 && isfinite(a.high));

    const struct plot_figure f = {.panels = &panel, .count = 1, .log_x = true};
    const struct plot_axis log_x = plot_axis_x(&f);
    assert_true(log_x.log && log_x.low < 1 && log_x.high > 100);
    assert_true(fabs(plot_axis_place(&log_x, 10) - 0.5) < 1e-12);

    /* A row without a value has no interval either. */
    const struct plot_axis rows_x = plot_axis_x(&row_figure);
    assert_true(rows_x.low < 0 && rows_x.low > -2);
    assert_true(rows_x.high > 10 && rows_x.high < 12);
}

static void
a_band_is_drawn_behind_its_line_and_bars_at_their_points(void **state)
{
    (void)state;
    enum { N = 100 };
    double x[N], y[N], low[N], high[N];
    for (size_t i = 0; i < N; i++) {
        x[i] = (double)i;
        y[i] = 5;
        low[i] = i < N / 2 ? 0 : 4.5;
        high[i] = i < N / 2 ? 10 : 5.5;
    }
    struct plot_curve c = {.x = x, .y = y, .n = N, .low = low, .high = high};
    const struct plot_panel panel = {.curves = &c, .count = 1};
    const struct plot_figure f = {.panels = &panel, .count = 1};
    char *text = drawn(&f, (struct plot_terminal){80, 24, false, false});
    /* The left half of the upper lines is shaded, the right half is not. */
    const char *line = line_of(text, 4);
    const size_t used = strcspn(line, "\n");
    assert_in_range(used, 20, 45);
    free(text);

    text = script_of(&f);
    assert_non_null(strstr(text, "$band0 using 1:3:4 with filledcurves"));
    const char *band = strstr(text, "with filledcurves");
    assert_non_null(strstr(band, "$line0 using 1:2 with lines"));
    free(text);
    c.bars = true;
    text = script_of(&f);
    assert_non_null(strstr(text, "$band0 using 1:2:3:4 with yerrorbars"));
    free(text);
}

static void hostile_names_of_rows_are_octal_escapes(void **state)
{
    (void)state;
    const struct plot_row hostile = {.name = "\"\n!touch pwned; `x` @x",
                                     .value = 1,
                                     .low = 0,
                                     .high = 2};
    const struct plot_panel panel = {.rows = &hostile, .row_count = 1};
    const struct plot_figure f = {.panels = &panel, .count = 1};
    char *text = script_of(&f);
    assert_null(strpbrk(text, "!;`@"));
    assert_non_null(strstr(text, "with xerrorbars"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_shows_its_ends_its_points_and_its_value),
        cmocka_unit_test(names_of_rows_are_safe_and_leave_room),
        cmocka_unit_test(rows_of_one_name_share_a_colour_and_need_no_legend),
        cmocka_unit_test(an_axis_covers_bands_and_rows),
        cmocka_unit_test(
            a_band_is_drawn_behind_its_line_and_bars_at_their_points),
        cmocka_unit_test(hostile_names_of_rows_are_octal_escapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
