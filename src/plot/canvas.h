/* A grid of character cells to draw lines on. With braille a cell is 2 dots
 * wide and 4 high, in plain ASCII it is one dot. Each cell remembers the curve
 * that drew on it last, for its colour or its letter. */
#ifndef PLOT_CANVAS_H
#define PLOT_CANVAS_H

#include <stdbool.h>
#include <stddef.h>

#define PLOT_NO_OWNER 255

struct plot_canvas {
    size_t columns, rows; /* in cells */
    size_t dots_x;        /* across the canvas */
    size_t dots_y;        /* down the canvas */
    size_t cell_x, cell_y;
    unsigned char *bits;  /* [rows, columns], braille dots 1..8 as bits 0..7 */
    unsigned char *owner; /* [rows, columns], or PLOT_NO_OWNER */
};

/* Returns false when memory runs out; the canvas can be freed either way. */
bool plot_canvas_init(struct plot_canvas *c, size_t columns, size_t rows,
                      bool braille);
void plot_canvas_free(struct plot_canvas *c);

/* Sets the dot x from the left, y from the top; outside is ignored. */
void plot_canvas_dot(struct plot_canvas *c, size_t x, size_t y,
                     unsigned char owner);

/* A straight line between two dots, both included. */
void plot_canvas_line(struct plot_canvas *c, size_t x0, size_t y0, size_t x1,
                      size_t y1, unsigned char owner);

/* The UTF-8 text (3 bytes and a NUL) of a cell's braille pattern. */
void plot_canvas_braille(unsigned char bits, char out[4]);

#endif
