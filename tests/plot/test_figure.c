/* Colours and legend entries follow names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plot/figure.h"

static const struct plot_curve above[] = {{.name = "a"},
                                          {.name = "b"},
                                          {.name = NULL}};
static const struct plot_curve below[] = {{.name = "b"},
                                          {.name = "c"},
                                          {.name = "a"},
                                          {.name = ""}};
static const struct plot_panel panels[] = {{.curves = above, .count = 3},
                                           {.curves = below, .count = 4}};
static const struct plot_figure figure = {.panels = panels, .count = 2};

static void curves_of_one_name_share_a_colour(void **state)
{
    (void)state;
    assert_int_equal(plot_colour_slot(&figure, 0, 0), 0);
    assert_int_equal(plot_colour_slot(&figure, 0, 1), 1);
    assert_int_equal(plot_colour_slot(&figure, 1, 0), 1);
    assert_int_equal(plot_colour_slot(&figure, 1, 2), 0);
}

static void curves_without_a_name_have_colours_of_their_own(void **state)
{
    (void)state;
    assert_int_equal(plot_colour_slot(&figure, 0, 2), 2);
    assert_int_equal(plot_colour_slot(&figure, 1, 1), 3);
    assert_int_equal(plot_colour_slot(&figure, 1, 3), 4);
}

static void the_legend_has_each_name_once(void **state)
{
    (void)state;
    assert_int_equal(plot_legend_count(&figure), 3);
    assert_true(plot_in_legend(&figure, 0, 1));
    assert_false(plot_in_legend(&figure, 1, 0));
    assert_true(plot_in_legend(&figure, 1, 1));
    assert_false(plot_in_legend(&figure, 0, 2));
}

static void a_lone_curve_needs_no_legend(void **state)
{
    (void)state;
    const struct plot_panel panel = {.curves = above, .count = 1};
    const struct plot_figure f = {.panels = &panel, .count = 1};
    assert_int_equal(plot_legend_count(&f), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curves_of_one_name_share_a_colour),
        cmocka_unit_test(curves_without_a_name_have_colours_of_their_own),
        cmocka_unit_test(the_legend_has_each_name_once),
        cmocka_unit_test(a_lone_curve_needs_no_legend),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
