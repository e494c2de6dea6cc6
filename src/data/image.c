/* Recognises an image's format by its first bytes and checks its shape. */
#include "data/image.h"

#include "data/dataset.h"
#include "data/decoder.h"

#include <string.h>

/* File names lie often enough ("photo.jpg" that is a PNG); contents do not. */
static const struct format {
    const char *magic;
    size_t length;
    void (*decode)(struct data_decoder *d);
} formats[] = {
    {"\xff\xd8\xff", 3, data_jpeg_decode},
    {"\x89PNG\r\n\x1a\n", 8, data_png_decode},
};

static const char *colours(size_t channels)
{
    return channels == 1 ? "grey" : "colour";
}

bool data_decoder_accept(struct data_decoder *d, size_t channels, size_t height,
                         size_t width)
{
    const struct data_image_shape want = d->wanted;
    d->found = (struct data_image_shape){channels, height, width};
    if (height < 1 || width < 1 || height > DATA_MAX_SIDE ||
        width > DATA_MAX_SIDE) {
        d->status = data_fail(d->err, DATA_E_FORMAT, d->name,
                              "is %zu x %zu pixels; at most %d a side are read",
                              width, height, DATA_MAX_SIDE);
        return false;
    }
    if (!d->pixels) return false;
    if (channels != want.channels || height != want.height ||
        width != want.width) {
        d->status = data_fail(
            d->err, DATA_E_FORMAT, d->name,
            "is %zu x %zu %s, but %s is %zu x %zu %s; all must be alike", width,
            height, colours(channels), d->first, want.width, want.height,
            colours(want.channels));
        return false;
    }
    return true;
}

void data_decoder_put_row(struct data_decoder *d, size_t y, const uint8_t *row,
                          size_t step)
{
    const size_t width = d->found.width, plane = d->found.height * width;
    for (size_t c = 0; c < d->found.channels; c++) {
        uint8_t *out = d->pixels + c * plane + y * width;
        for (size_t x = 0; x < width; x++)
            out[x] = row[x * step + c];
    }
}

static void decode(struct data_decoder *d)
{
    d->status = DATA_OK;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (d->size >= formats[i].length &&
            memcmp(d->bytes, formats[i].magic, formats[i].length) == 0) {
            formats[i].decode(d);
            return;
        }
    d->status = data_fail(d->err, DATA_E_FORMAT, d->name,
                          d->size == 0 ? "is empty"
                                       : "is neither a JPEG nor a PNG image");
}

enum data_status data_image_probe(const uint8_t *bytes, size_t size,
                                  const char *name,
                                  struct data_image_shape *shape,
                                  struct data_error *err)
{
    struct data_decoder d = {.bytes = bytes,
                             .size = size,
                             .name = name,
                             .err = err};
    decode(&d);
    *shape = d.found;
    return d.status;
}

enum data_status data_image_decode(const uint8_t *bytes, size_t size,
                                   const char *name,
                                   struct data_image_shape shape,
                                   const char *first, uint8_t *pixels,
                                   struct data_error *err)
{
    struct data_decoder d = {.bytes = bytes,
                             .size = size,
                             .name = name,
                             .first = first,
                             .wanted = shape,
                             .pixels = pixels,
                             .err = err};
    decode(&d);
    return d.status;
}
