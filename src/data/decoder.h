/* What image.c asks of a file format, and what the decoders share. */
#ifndef TAPER_DATA_DECODER_H
#define TAPER_DATA_DECODER_H

#include "data/image.h"

#include <stdbool.h>

/* One decoding. A decoder opens the file, reports the shape it found through
 * data_decoder_accept(), and stops there unless that returns true. */
struct data_decoder {
    const uint8_t *bytes;
    size_t size;
    const char *name;              /* of the file, for errors */
    const char *first;             /* of the file that set `wanted` */
    struct data_image_shape found; /* set by data_decoder_accept() */
    struct data_image_shape wanted;
    uint8_t *pixels; /* [channels, height, width]; NULL: only probe */
    struct data_error *err;
    enum data_status status;
};

/* Store the shape and say whether to decode: not when only probing, nor when
 * the shape is out of range or not the wanted one, which sets the status. */
bool data_decoder_accept(struct data_decoder *d, size_t channels, size_t height,
                         size_t width);

/* Spread an interleaved row [width, step] over the planes at row `y`. The
 * first `channels` of each `step` values are used. */
void data_decoder_put_row(struct data_decoder *d, size_t y, const uint8_t *row,
                          size_t step);

void data_jpeg_decode(struct data_decoder *d);
void data_png_decode(struct data_decoder *d);

#endif
