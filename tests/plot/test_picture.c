/* The real gnuplot draws what it is told. Skipped where it is not installed. */
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

#include "plot/gnuplot.h"

static const double xs[] = {0, 1, 2, 3, 4};
static const double ys[] = {4, 3, NAN, 1, 1e-9};
static char folder[] = "/tmp/taper-picture-XXXXXX";

static int enter(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    (void)state;
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

/* What the file holds, with a NUL; to be freed. */
static char *read_all(const char *name, size_t *size)
{
    FILE *f = fopen(name, "rb");
    assert_non_null(f);
    char *bytes = malloc(1 << 20);
    assert_non_null(bytes);
    *size = fread(bytes, 1, (1 << 20) - 1, f);
    bytes[*size] = '\0';
    fclose(f);
    return bytes;
}

static void each_kind_of_file_begins_as_it_should(void **state)
{
    (void)state;
    static const struct {
        const char *name, *start;
    } kinds[] = {{"x.png", "\x89PNG\r\n"},
                 {"x.svg", "<?xml"},
                 {"x.pdf", "%PDF"}};
    const struct plot_curve curves[] = {
        {.name = "a", .x = xs, .y = ys, .n = 5, .upright_jumps = true},
        {.name = "none", .x = xs, .y = ys, .n = 0}};
    const struct plot_panel panels[] = {
        {.ylabel = "Rate", .curves = curves, .count = 2},
        {.ylabel = "Loss", .curves = curves, .count = 2, .log_y = true},
        {.ylabel = "Nothing", .curves = curves + 1, .count = 1}};
    const struct plot_figure f = {.title = "T", .panels = panels, .count = 3};
    for (size_t k = 0; k < 3; k++) {
        struct plot_error err;
        if (!plot_file(&f, kinds[k].name, &err)) fail_msg("%s", err.message);
        size_t size = 0;
        char *bytes = read_all(kinds[k].name, &size);
        assert_in_range(size, 2000, 200000);
        assert_memory_equal(bytes, kinds[k].start, strlen(kinds[k].start));
        free(bytes);
        unlink(kinds[k].name);
    }
}

static void hostile_texts_arrive_as_they_are_and_run_nothing(void **state)
{
    (void)state;
    const struct plot_curve c = {.x = xs, .y = ys, .n = 5};
    const struct plot_panel panel = {
        .ylabel = "'; system('touch pwned') #",
        .curves = &c,
        .count = 1,
    };
    const struct plot_figure f = {
        .title = "`touch pwned` (0.1) \u03b7",
        .xlabel = "\"; system(\"touch pwned\")\n!touch pwned",
        .panels = &panel,
        .count = 1,
    };
    struct plot_error err;
    if (!plot_file(&f, "x.svg", &err)) fail_msg("%s", err.message);
    assert_int_equal(access("pwned", F_OK), -1);
    size_t size = 0;
    char *bytes = read_all("x.svg", &size);
    assert_non_null(strstr(bytes, "`touch pwned` (0.1) \u03b7"));
    assert_non_null(strstr(bytes, "\\x0a!touch pwned"));
    free(bytes);
    unlink("x.svg");
}

static void values_of_any_size_can_be_drawn(void **state)
{
    (void)state;
    static const double sets[][5] = {{1e308, -1e308, 0, 1, 2},
                                     {1e-310, 2e-310, 0, 0, 0},
                                     {1, 1, 1, 1, 1},
                                     {NAN, NAN, NAN, NAN, NAN},
                                     {1e-300, 1, 1e300, 0, -1}};
    for (size_t k = 0; k < sizeof sets / sizeof sets[0]; k++)
        for (int log_y = 0; log_y < 2; log_y++) {
            const struct plot_curve c = {.x = xs, .y = sets[k], .n = 5};
            const struct plot_panel panel = {.curves = &c,
                                             .count = 1,
                                             .log_y = log_y};
            const struct plot_figure f = {.panels = &panel, .count = 1};
            struct plot_error err;
            if (!plot_file(&f, "x.svg", &err))
                fail_msg("set %zu, log %d: %s", k, log_y, err.message);
            unlink("x.svg");
        }
}

static void rows_bands_and_bars_can_be_drawn(void **state)
{
    (void)state;
    static const double low[] = {3, 2, NAN, 1, 0}, high[] = {5, 4, 3, 9, NAN};
    const struct plot_row rows[] = {
        {.name = "a", .value = 1, .low = 0, .high = 2, .points = xs, .n = 5},
        {.name = "b", .value = 1, .low = NAN, .high = NAN},
        {.name = "c", .value = NAN, .low = NAN, .high = NAN}};
    const struct plot_curve curves[] = {
        {.name = "a", .x = xs, .y = ys, .n = 5, .low = low, .high = high},
        {.name = "b",
         .x = xs + 1,
         .y = ys + 1,
         .n = 4,
         .low = low + 1,
         .high = high + 1,
         .bars = true,
         .colour = 12}};
    const struct plot_panel panels[] = {{.rows = rows, .row_count = 3},
                                        {.rows = rows + 2, .row_count = 1},
                                        {.curves = curves, .count = 2},
                                        {.curves = curves + 1,
                                         .count = 1,
                                         .log_y = true}};
    for (size_t first = 0; first < 4; first++) {
        const struct plot_figure f = {.panels = panels + first,
                                      .count = 1,
                                      .log_x = first == 3};
        struct plot_error err;
        if (!plot_file(&f, "x.svg", &err))
            fail_msg("panel %zu: %s", first, err.message);
        unlink("x.svg");
    }
}

int main(void)
{
    if (system("gnuplot --version >/dev/null 2>&1") != 0) return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_file_begins_as_it_should),
        cmocka_unit_test(hostile_texts_arrive_as_they_are_and_run_nothing),
        cmocka_unit_test(values_of_any_size_can_be_drawn),
        cmocka_unit_test(rows_bands_and_bars_can_be_drawn),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
