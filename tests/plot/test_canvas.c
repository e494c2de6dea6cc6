/* Dots become the right braille bits, and lines have no holes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "plot/canvas.h"

/* Unicode's chart of U+2800: the left side counts 1, 2, 3, 7 down, the right
 * side 4, 5, 6, 8; dot n is bit n - 1. */
static void every_dot_is_its_own_braille_bit(void **state)
{
    (void)state;
    static const int dots[4][2] = {{1, 4}, {2, 5}, {3, 6}, {7, 8}};
    for (size_t y = 0; y < 4; y++)
        for (size_t x = 0; x < 2; x++) {
            struct plot_canvas c;
            assert_true(plot_canvas_init(&c, 3, 2, true));
            plot_canvas_dot(&c, 2 + x, 4 + y, 5);
            assert_int_equal(c.bits[1 * 3 + 1], 1 << (dots[y][x] - 1));
            assert_int_equal(c.owner[1 * 3 + 1], 5);
            assert_int_equal(c.owner[0], PLOT_NO_OWNER);
            plot_canvas_free(&c);
        }
}

static void braille_text_is_utf8(void **state)
{
    (void)state;
    char text[4];
    plot_canvas_braille(0x00, text);
    assert_string_equal(text, "\u2800");
    plot_canvas_braille(0xff, text);
    assert_string_equal(text, "\u28ff");
    plot_canvas_braille(0x47, text);
    assert_string_equal(text, "\u2847");
}

static bool is_set(const struct plot_canvas *c, size_t x, size_t y)
{
    return c->bits[y * c->columns + x] != 0;
}

static void lines_reach_both_ends_and_have_no_holes(void **state)
{
    (void)state;
    enum { SIDE = 12 };
    for (size_t k = 0; k < (size_t)SIDE * SIDE * SIDE * SIDE; k += 7) {
        const size_t x0 = k % SIDE, y0 = k / SIDE % SIDE;
        const size_t x1 = k / SIDE / SIDE % SIDE, y1 = k / SIDE / SIDE / SIDE;
        struct plot_canvas c;
        assert_true(plot_canvas_init(&c, SIDE, SIDE, false));
        plot_canvas_line(&c, x0, y0, x1, y1, 0);
        assert_true(is_set(&c, x0, y0) && is_set(&c, x1, y1));
        size_t count = 0;
        for (size_t y = 0; y < SIDE; y++)
            for (size_t x = 0; x < SIDE; x++)
                count += is_set(&c, x, y);
        const size_t dx = x0 > x1 ? x0 - x1 : x1 - x0;
        const size_t dy = y0 > y1 ? y0 - y1 : y1 - y0;
        assert_int_equal(count, (dx > dy ? dx : dy) + 1);
        plot_canvas_free(&c);
    }
}

static void dots_outside_are_ignored(void **state)
{
    (void)state;
    struct plot_canvas c;
    assert_true(plot_canvas_init(&c, 2, 1, true));
    plot_canvas_dot(&c, 4, 0, 1);
    plot_canvas_dot(&c, 0, 4, 1);
    assert_int_equal(c.bits[0] | c.bits[1], 0);
    plot_canvas_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_dot_is_its_own_braille_bit),
        cmocka_unit_test(braille_text_is_utf8),
        cmocka_unit_test(lines_reach_both_ends_and_have_no_holes),
        cmocka_unit_test(dots_outside_are_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
