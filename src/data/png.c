/* PNG through libpng. Its errors leave by longjmp; here they become values. */
#include "data/dataset.h"
#include "data/decoder.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    struct data_decoder *decoder;
    size_t used; /* bytes of the file handed to libpng */
    png_structp png;
    png_infop info;
    uint8_t *pixels; /* [height, width, channels with alpha] */
    png_bytep *rows; /* [height], into pixels */
    jmp_buf leave;
};

static void fail_memory(struct reader *r)
{
    r->decoder->status = data_fail(r->decoder->err, DATA_E_MEMORY,
                                   r->decoder->name, "no memory to decode");
}

static void on_error(png_structp png, png_const_charp reason)
{
    struct reader *r = png_get_error_ptr(png);
    r->decoder->status = data_fail(r->decoder->err, DATA_E_FORMAT,
                                   r->decoder->name, "bad PNG: %s", reason);
    longjmp(r->leave, 1);
}

/* libpng warns about ancillary chunks, which do not touch the pixels. */
static void on_warning(png_structp png, png_const_charp reason)
{
    (void)png;
    (void)reason;
}

static void on_read(png_structp png, png_bytep out, size_t length)
{
    struct reader *r = png_get_io_ptr(png);
    if (length > r->decoder->size - r->used)
        png_error(png, "the file ends too early");
    memcpy(out, r->decoder->bytes + r->used, length);
    r->used += length;
}

/* Ask for 8 bits a channel, grey or colour, with alpha only where the file has
 * transparency. */
static void set_transforms(struct reader *r)
{
    png_set_expand(r->png);
    png_set_scale_16(r->png);
    png_set_interlace_handling(r->png);
    png_read_update_info(r->png, r->info);
}

static bool is_opaque(const struct reader *r, size_t channels)
{
    const size_t pixels = r->decoder->found.height * r->decoder->found.width;
    for (size_t i = 0; i < pixels; i++)
        if (r->pixels[(i + 1) * channels - 1] != 255) return false;
    return true;
}

static bool allocate(struct reader *r, size_t channels)
{
    const struct data_image_shape *shape = &r->decoder->found;
    r->pixels = malloc(shape->height * shape->width * channels);
    r->rows = malloc(shape->height * sizeof *r->rows);
    if (!r->pixels || !r->rows) return false;
    for (size_t y = 0; y < shape->height; y++)
        r->rows[y] = r->pixels + y * shape->width * channels;
    return true;
}

static void read_image(struct reader *r)
{
    struct data_decoder *d = r->decoder;
    png_set_read_fn(r->png, r, on_read);
    png_set_user_limits(r->png, 1u << 20, 1u << 20);
    png_set_chunk_cache_max(r->png, 16);
    png_set_chunk_malloc_max(r->png, (png_alloc_size_t)1 << 20);
    png_read_info(r->png, r->info);
    const png_byte colour = png_get_color_type(r->png, r->info);
    if (!data_decoder_accept(d, colour & PNG_COLOR_MASK_COLOR ? 3 : 1,
                             png_get_image_height(r->png, r->info),
                             png_get_image_width(r->png, r->info)))
        return;

    set_transforms(r);
    const size_t channels = png_get_channels(r->png, r->info);
    if (!allocate(r, channels)) {
        fail_memory(r);
        return;
    }
    png_read_image(r->png, r->rows);
    png_read_end(r->png, NULL);
    if (channels > d->found.channels && !is_opaque(r, channels)) {
        d->status = data_fail(d->err, DATA_E_FORMAT, d->name,
                              "has transparent pixels; flatten the image");
        return;
    }
    for (size_t y = 0; y < d->found.height; y++)
        data_decoder_put_row(d, y, r->rows[y], channels);
}

/* The reader is the caller's: what a function that calls setjmp() has itself
 * and changes afterwards is undefined after a longjmp(). */
static void read_or_leave(struct reader *r)
{
    if (setjmp(r->leave) == 0) read_image(r);
}

void data_png_decode(struct data_decoder *d)
{
    struct reader r = {.decoder = d};
    r.png =
        png_create_read_struct(PNG_LIBPNG_VER_STRING, &r, on_error, on_warning);
    if (r.png) r.info = png_create_info_struct(r.png);
    if (!r.png || !r.info)
        fail_memory(&r);
    else
        read_or_leave(&r);
    png_destroy_read_struct(&r.png, &r.info, NULL);
    free(r.pixels);
    free(r.rows);
}
