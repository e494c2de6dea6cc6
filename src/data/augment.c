/* The loop that every training image passes through: one table lookup per
 * pixel. Edges are handled apart so that the inner part of a row is plain. */
#include "data/augment.h"

#include <stddef.h>
#include <string.h>

void data_normaliser_fill(struct data_normaliser *n,
                          const struct data_statistics *statistics)
{
    for (size_t c = 0; c < DATA_MAX_CHANNELS; c++)
        for (int x = 0; x < 256; x++)
            n->value[c][x] = (float)((x / 255.0 - statistics->mean[c]) /
                                     statistics->deviation[c]);
}

/* Mirror an index that lies up to n - 1 outside of 0 ... n-1 back into it,
 * without repeating the edge: -1 is 1, and n is n - 2. */
static ptrdiff_t reflect(ptrdiff_t i, ptrdiff_t n)
{
    if (i < 0) return -i;
    return i < n ? i : 2 * (n - 1) - i;
}

/* What a row of pixels needs to become a row of floats. */
struct row {
    const float *value; /* [256], of the row's channel */
    const uint8_t *pixels;
    ptrdiff_t width;
    struct data_view view;
    enum data_pad pad;
};

/* Fill out[begin ... end-1], which the shift uncovered. */
static void put_edge(const struct row *r, ptrdiff_t begin, ptrdiff_t end,
                     float *out)
{
    for (ptrdiff_t x = begin; x < end; x++) {
        const ptrdiff_t from = reflect(x - r->view.right, r->width);
        const uint8_t seen =
            r->pixels[r->view.mirror ? r->width - 1 - from : from];
        out[x] = r->value[r->pad == DATA_PAD_ZERO ? 0 : seen];
    }
}

/* out[x] shows source pixel x - right, counted from the other end if
 * mirrored. */
static void put_row(const struct row *r, float *out)
{
    const ptrdiff_t right = r->view.right;
    const ptrdiff_t begin = right > 0 ? right : 0;
    const ptrdiff_t end = right < 0 ? r->width + right : r->width;

    put_edge(r, 0, begin, out);
    put_edge(r, end, r->width, out);
    if (r->view.mirror) {
        const uint8_t *last = r->pixels + r->width - 1;
        for (ptrdiff_t x = begin; x < end; x++)
            out[x] = r->value[last[right - x]];
    } else {
        for (ptrdiff_t x = begin; x < end; x++)
            out[x] = r->value[r->pixels[x - right]];
    }
}

void data_augment(const struct data_normaliser *n, const struct data_set *set,
                  size_t sample, struct data_view view, enum data_pad pad,
                  float *out)
{
    const ptrdiff_t height = (ptrdiff_t)set->height;
    const ptrdiff_t width = (ptrdiff_t)set->width;
    const size_t plane = set->height * set->width;
    const uint8_t *image = set->pixels + sample * set->channels * plane;

    for (size_t c = 0; c < set->channels; c++, image += plane)
        for (ptrdiff_t y = 0; y < height; y++, out += width) {
            const ptrdiff_t from = y - view.down;
            if (pad == DATA_PAD_ZERO && (from < 0 || from >= height)) {
                for (ptrdiff_t x = 0; x < width; x++)
                    out[x] = n->value[c][0];
                continue;
            }
            const struct row row = {
                .value = n->value[c],
                .pixels = image + reflect(from, height) * width,
                .width = width,
                .view = view,
                .pad = pad,
            };
            put_row(&row, out);
        }
}

void data_cut_out(const struct data_set *set, size_t side, size_t left,
                  size_t top, float *image)
{
    for (size_t c = 0; c < set->channels; c++)
        for (size_t y = top; y < top + side; y++)
            memset(image + (c * set->height + y) * set->width + left, 0,
                   side * sizeof *image);
}
