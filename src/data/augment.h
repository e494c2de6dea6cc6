/* From stored bytes to the network's floats, moved and mirrored on the way. */
#ifndef TAPER_DATA_AUGMENT_H
#define TAPER_DATA_AUGMENT_H

#include "data/dataset.h"
#include "data/loader.h"

/* One float for every byte of every channel: normalising is a lookup. */
struct data_normaliser {
    float value[DATA_MAX_CHANNELS][256];
};

/* value[c][x] = (x / 255 - mean[c]) / deviation[c], rounded once. */
void data_normaliser_fill(struct data_normaliser *n,
                          const struct data_statistics *statistics);

/* Write one image, seen through a view.
 *
 *   set, sample  which image
 *   view         |right| < width and |down| < height
 *   pad          what comes in at the sides that the shift uncovers
 *   out          [channels, height, width]
 */
void data_augment(const struct data_normaliser *n, const struct data_set *set,
                  size_t sample, struct data_view view, enum data_pad pad,
                  float *out);

/* Sets the square of `side` pixels a side, whose corner is at (left, top), of
 * one image [channels, height, width] to 0, the mean of normalised pixels. It
 * lies within the image. */
void data_cut_out(const struct data_set *set, size_t side, size_t left,
                  size_t top, float *image);

#endif
