/* JPEG through libjpeg. Its errors leave by longjmp; here they become values,
 * and so do the warnings with which it reports damaged data. */
#include "data/dataset.h"
#include "data/decoder.h"

#include <setjmp.h>
#include <stdio.h> /* jpeglib.h needs FILE */

#include <jerror.h>
#include <jpeglib.h>

/* A progressive file may repeat scans without end; real ones have about ten. */
enum { MAX_SCANS = 100 };

struct reader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    struct data_decoder *decoder;
    jmp_buf leave;
};

static void fail(struct reader *r, const char *reason)
{
    r->decoder->status = data_fail(r->decoder->err, DATA_E_FORMAT,
                                   r->decoder->name, "bad JPEG: %s", reason);
    longjmp(r->leave, 1);
}

static void on_error(j_common_ptr jpeg)
{
    struct reader *r = jpeg->client_data;
    char reason[JMSG_LENGTH_MAX];
    if (jpeg->err->msg_code == JERR_OUT_OF_MEMORY) {
        r->decoder->status = data_fail(r->decoder->err, DATA_E_MEMORY,
                                       r->decoder->name, "no memory to decode");
        longjmp(r->leave, 1);
    }
    jpeg->err->format_message(jpeg, reason);
    fail(r, reason);
}

/* Level -1 is a warning: libjpeg goes on with made-up pixels. The warnings that
 * do not touch pixels are let pass. */
static void on_message(j_common_ptr jpeg, int level)
{
    const int code = jpeg->err->msg_code;
    if (level >= 0 || code == JWRN_EXTRANEOUS_DATA || code == JWRN_JFIF_MAJOR ||
        code == JWRN_ADOBE_XFORM)
        return;
    on_error(jpeg);
}

static void on_output(j_common_ptr jpeg)
{
    (void)jpeg; /* never reached: every message becomes a value */
}

static void on_progress(j_common_ptr jpeg)
{
    if (((j_decompress_ptr)jpeg)->input_scan_number > MAX_SCANS)
        fail(jpeg->client_data, "it has too many scans");
}

static void read_image(struct reader *r)
{
    struct jpeg_decompress_struct *jpeg = &r->jpeg;
    JSAMPLE row[DATA_MAX_SIDE * 3];
    JSAMPROW rows[] = {row};

    jpeg_create_decompress(jpeg);
    jpeg->progress = &r->progress;
    jpeg_mem_src(jpeg, r->decoder->bytes, r->decoder->size);
    jpeg_read_header(jpeg, TRUE);
    if (jpeg->num_components != 1 && jpeg->num_components != 3)
        fail(r, "only grey and colour are read, not CMYK");
    const bool grey = jpeg->num_components == 1;
    jpeg->out_color_space = grey ? JCS_GRAYSCALE : JCS_RGB;
    if (!data_decoder_accept(r->decoder, grey ? 1 : 3, jpeg->image_height,
                             jpeg->image_width))
        return;
    jpeg_start_decompress(jpeg);
    while (jpeg->output_scanline < jpeg->output_height) {
        const size_t y = jpeg->output_scanline;
        jpeg_read_scanlines(jpeg, rows, 1);
        data_decoder_put_row(r->decoder, y, row, grey ? 1 : 3);
    }
    jpeg_finish_decompress(jpeg);
}

/* The reader is the caller's: what a function that calls setjmp() has itself
 * and changes afterwards is undefined after a longjmp(). */
static void read_or_leave(struct reader *r)
{
    if (setjmp(r->leave) == 0) read_image(r);
}

void data_jpeg_decode(struct data_decoder *d)
{
    struct reader r = {.decoder = d, .progress.progress_monitor = on_progress};
    r.jpeg.err = jpeg_std_error(&r.errors);
    r.jpeg.client_data = &r;
    r.errors.error_exit = on_error;
    r.errors.emit_message = on_message;
    r.errors.output_message = on_output;
    read_or_leave(&r);
    jpeg_destroy_decompress(&r.jpeg);
}
