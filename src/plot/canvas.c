/* Dots and lines on character cells; see canvas.h. */
#include "plot/canvas.h"

#include <stdlib.h>
#include <string.h>

/* Bits of Unicode's braille block (U+2800): dots 1-3 and 7 run down the left
 * side of a cell, 4-6 and 8 down the right. */
static const unsigned char braille_bit[4][2] = {{0x01, 0x08},
                                                {0x02, 0x10},
                                                {0x04, 0x20},
                                                {0x40, 0x80}};

bool plot_canvas_init(struct plot_canvas *c, size_t columns, size_t rows,
                      bool braille)
{
    const size_t cells = columns * rows;
    *c = (struct plot_canvas){
        .columns = columns,
        .rows = rows,
        .cell_x = braille ? 2 : 1,
        .cell_y = braille ? 4 : 1,
        .bits = calloc(cells ? cells : 1, 1),
        .owner = malloc(cells ? cells : 1),
    };
    c->dots_x = columns * c->cell_x;
    c->dots_y = rows * c->cell_y;
    if (!c->bits || !c->owner) return false;
    memset(c->owner, PLOT_NO_OWNER, cells);
    return true;
}

void plot_canvas_free(struct plot_canvas *c)
{
    free(c->bits);
    free(c->owner);
    c->bits = c->owner = NULL;
}

void plot_canvas_dot(struct plot_canvas *c, size_t x, size_t y,
                     unsigned char owner)
{
    if (x >= c->dots_x || y >= c->dots_y) return;
    const size_t cell = y / c->cell_y * c->columns + x / c->cell_x;
    c->bits[cell] |= braille_bit[y % c->cell_y][x % c->cell_x];
    c->owner[cell] = owner;
}

/* Bresenham's line, with the error kept as a whole number. */
void plot_canvas_line(struct plot_canvas *c, size_t x0, size_t y0, size_t x1,
                      size_t y1, unsigned char owner)
{
    long x = (long)x0, y = (long)y0;
    const long dx = labs((long)x1 - x), dy = labs((long)y1 - y);
    const long step_x = x1 > x0 ? 1 : -1, step_y = y1 > y0 ? 1 : -1;
    long error = dx - dy;
    for (;;) {
        plot_canvas_dot(c, (size_t)x, (size_t)y, owner);
        if (x == (long)x1 && y == (long)y1) return;
        const long twice = 2 * error;
        if (twice >= -dy) {
            error -= dy;
            x += step_x;
        }
        if (twice <= dx) {
            error += dx;
            y += step_y;
        }
    }
}

void plot_canvas_braille(unsigned char bits, char out[4])
{
    const unsigned code = 0x2800u + bits;
    out[0] = (char)(0xe0 | code >> 12);
    out[1] = (char)(0x80 | (code >> 6 & 0x3f));
    out[2] = (char)(0x80 | (code & 0x3f));
    out[3] = '\0';
}
