/* Decoding JPEG and PNG: every kind of pixel, and every kind of damage. */
#include "data/image.h"

#include "data/dataset.h"
#include "scratch.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

/* Probe and decode a file; returns its pixels in `out`. */
static enum data_status decode(const char *folder, const char *name,
                               struct data_image_shape *shape, uint8_t *out,
                               struct data_error *err)
{
    size_t size;
    uint8_t *bytes = scratch_read(folder, name, &size);
    enum data_status status = data_image_probe(bytes, size, name, shape, err);
    if (status == DATA_OK)
        status =
            data_image_decode(bytes, size, name, *shape, "first", out, err);
    free(bytes);
    return status;
}

/* A 3 x 2 image of the wanted planes comes out of the file. */
static void expect_pixels(const char *folder, const char *name, size_t channels,
                          const uint8_t *planes)
{
    uint8_t out[18];
    struct data_error err = {0};
    struct data_image_shape shape;
    const enum data_status status = decode(folder, name, &shape, out, &err);
    if (status != DATA_OK) fail_msg("%s", err.message);
    assert_true(shape.channels == channels && shape.height == 2 &&
                shape.width == 3);
    assert_memory_equal(out, planes, channels * 6);
}

static void grey_png_is_one_plane(void **state)
{
    static const uint8_t pixels[] = {0, 1, 2, 253, 254, 255};
    struct scratch_png png = {.width = 3,
                              .height = 2,
                              .depth = 8,
                              .colour = PNG_COLOR_TYPE_GRAY};
    scratch_png(*state, "a.png", &png, pixels);
    expect_pixels(*state, "a.png", 1, pixels);
    png.interlaced = true;
    scratch_png(*state, "b.png", &png, pixels);
    expect_pixels(*state, "b.png", 1, pixels);
}

static void colour_png_is_three_planes(void **state)
{
    static const uint8_t pixels[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,
                                     10, 11, 12, 13, 14, 15, 16, 17, 18};
    static const uint8_t planes[] = {1,  4,  7,  10, 13, 16, 2,  5,  8,
                                     11, 14, 17, 3,  6,  9,  12, 15, 18};
    const struct scratch_png png = {.width = 3,
                                    .height = 2,
                                    .depth = 8,
                                    .colour = PNG_COLOR_TYPE_RGB};
    scratch_png(*state, "a.png", &png, pixels);
    expect_pixels(*state, "a.png", 3, planes);
}

static void few_bits_are_widened_and_many_reduced(void **state)
{
    /* 1 bit: 101 / 010. 16 bits: 0x0000, 0x0080 and so on; scaling rounds. */
    static const uint8_t bits[] = {0xa0, 0x40};
    static const uint8_t widened[] = {255, 0, 255, 0, 255, 0};
    static const uint8_t deep[] = {0,    0,    0,    0x80, 0,    0x81,
                                   0x12, 0x34, 0xff, 0x7f, 0xff, 0xff};
    static const uint8_t reduced[] = {0, 0, 1, 0x12, 0xff, 0xff};
    struct scratch_png png = {.width = 3,
                              .height = 2,
                              .depth = 1,
                              .colour = PNG_COLOR_TYPE_GRAY};
    scratch_png(*state, "a.png", &png, bits);
    expect_pixels(*state, "a.png", 1, widened);
    png.depth = 16;
    scratch_png(*state, "b.png", &png, deep);
    expect_pixels(*state, "b.png", 1, reduced);
}

static const uint8_t palette[] = {10, 20, 30, 40, 50, 60};

static void a_palette_is_expanded(void **state)
{
    static const uint8_t pixels[] = {0, 1, 0, 1, 1, 0};
    static const uint8_t planes[] = {10, 40, 10, 40, 40, 10, 20, 50, 20,
                                     50, 50, 20, 30, 60, 30, 60, 60, 30};
    const struct scratch_png png = {.width = 3,
                                    .height = 2,
                                    .depth = 8,
                                    .colour = PNG_COLOR_TYPE_PALETTE,
                                    .palette = palette,
                                    .colours = 2};
    scratch_png(*state, "a.png", &png, pixels);
    expect_pixels(*state, "a.png", 3, planes);
}

static void opaque_alpha_is_dropped_and_transparent_refused(void **state)
{
    uint8_t pixels[] = {1, 255, 2, 255, 3, 255, 4, 255, 5, 255, 6, 255};
    static const uint8_t grey[] = {1, 2, 3, 4, 5, 6};
    struct scratch_png png = {.width = 3,
                              .height = 2,
                              .depth = 8,
                              .colour = PNG_COLOR_TYPE_GRAY_ALPHA};
    scratch_png(*state, "a.png", &png, pixels);
    expect_pixels(*state, "a.png", 1, grey);

    uint8_t out[18];
    struct data_error err;
    struct data_image_shape shape;
    pixels[11] = 254;
    scratch_png(*state, "b.png", &png, pixels);
    assert_int_equal(decode(*state, "b.png", &shape, out, &err), DATA_E_FORMAT);
    assert_error(&err, DATA_E_FORMAT, "b.png: ", "transparent");

    static const uint8_t half[] = {255, 128}, indices[] = {0, 0, 0, 0, 0, 1};
    png = (struct scratch_png){.width = 3,
                               .height = 2,
                               .depth = 8,
                               .colour = PNG_COLOR_TYPE_PALETTE,
                               .palette = palette,
                               .colours = 2,
                               .palette_alpha = half};
    scratch_png(*state, "c.png", &png, indices);
    assert_int_equal(decode(*state, "c.png", &shape, out, &err), DATA_E_FORMAT);
    assert_error(&err, DATA_E_FORMAT, "c.png: ", "transparent");
}

/* JPEG is lossy; smooth pixels at quality 95 come back within a few units. */
static void jpeg_comes_back_close_to_what_was_written(void **state)
{
    enum { W = 24, H = 17 };
    uint8_t pixels[W * H * 3], out[W * H * 3];
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            for (int c = 0; c < 3; c++)
                pixels[(y * W + x) * 3 + c] =
                    (uint8_t)(40 + 5 * x * (c == 0) + 6 * y * (c == 1) + 9 * c);
    for (int channels = 1; channels <= 3; channels += 2) {
        struct data_error err;
        struct data_image_shape shape;
        scratch_jpeg(*state, "a.jpg", W, H, channels, pixels);
        assert_int_equal(decode(*state, "a.jpg", &shape, out, &err), DATA_OK);
        assert_true(shape.channels == (size_t)channels && shape.height == H &&
                    shape.width == W);
        if (channels == 1) continue; /* the pixels are not smooth as grey */
        for (int i = 0; i < W * H; i++)
            for (int c = 0; c < 3; c++)
                assert_true(abs(out[c * W * H + i] - pixels[3 * i + c]) <= 8);
    }
    memset(pixels, 77, sizeof pixels);
    struct data_image_shape shape;
    scratch_jpeg(*state, "a.jpg", W, H, 1, pixels);
    assert_int_equal(decode(*state, "a.jpg", &shape, out, NULL), DATA_OK);
    assert_memory_equal(out, pixels, (size_t)W * H);
}

static void cmyk_is_refused(void **state)
{
    const uint8_t pixels[16 * 16 * 4] = {0};
    struct data_image_shape shape;
    struct data_error err;
    uint8_t out[1];
    scratch_jpeg(*state, "a.jpg", 16, 16, 4, pixels);
    assert_int_equal(decode(*state, "a.jpg", &shape, out, &err), DATA_E_FORMAT);
    assert_error(&err, DATA_E_FORMAT, "a.jpg: ", "only grey and colour");
}

/* Noise, so that the pixels do not fit into the first few bytes. */
static void write_noise(const char *folder)
{
    uint8_t noise[32 * 32 * 3];
    uint32_t x = 1;
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (uint8_t)((x = x * 1664525u + 1013904223u) >> 24);
    const struct scratch_png png = {.width = 32,
                                    .height = 32,
                                    .depth = 8,
                                    .colour = PNG_COLOR_TYPE_RGB};
    scratch_png(folder, "noise.png", &png, noise);
    scratch_jpeg(folder, "noise.jpg", 32, 32, 3, noise);
}

/* A decoder must not make pixels up for what is missing. Only the last bytes
 * (the end marker of a JPEG) may be missing without any pixel missing. */
static void a_file_cut_anywhere_is_an_error(void **state)
{
    static const char *const names[] = {"noise.png", "noise.jpg"};
    const struct data_image_shape shape = {3, 32, 32};
    uint8_t out[32 * 32 * 3];
    write_noise(*state);
    for (int i = 0; i < 2; i++) {
        size_t size;
        uint8_t *whole = scratch_read(*state, names[i], &size);
        for (size_t keep = 0; keep < size; keep++) {
            uint8_t *bytes = malloc(keep + 1); /* a sanitizer sees overruns */
            memcpy(bytes, whole, keep);
            struct data_error err;
            assert_int_equal(data_image_decode(bytes, keep, names[i], shape,
                                               "first", out, &err),
                             DATA_E_FORMAT);
            assert_error(&err, DATA_E_FORMAT, names[i],
                         keep == 0 ? "empty" : "");
            free(bytes);
        }
        free(whole);
    }
}

static void changed_png_bytes_are_noticed(void **state)
{
    const struct data_image_shape shape = {3, 32, 32};
    uint8_t out[32 * 32 * 3];
    size_t size;
    write_noise(*state);
    uint8_t *bytes = scratch_read(*state, "noise.png", &size);
    struct data_error err;
    bytes[size / 2] ^= 1;
    assert_int_equal(data_image_decode(bytes, size, "noise.png", shape, "first",
                                       out, &err),
                     DATA_E_FORMAT);
    assert_error(&err, DATA_E_FORMAT, "noise.png: bad PNG: ", "");
    free(bytes);
}

static void another_shape_names_both_images(void **state)
{
    size_t size;
    uint8_t out[18];
    struct data_error err;
    scratch_small_png(*state, "a.png", true, 9);
    uint8_t *bytes = scratch_read(*state, "a.png", &size);
    const struct data_image_shape shape = {1, 2, 3};
    assert_int_equal(data_image_decode(bytes, size, "a.png", shape, "b.png",
                                       out, &err),
                     DATA_E_FORMAT);
    assert_error(&err, DATA_E_FORMAT,
                 "a.png: ", "is 3 x 2 colour, but b.png is 3 x 2 grey");
    free(bytes);
}

static void other_files_are_refused(void **state)
{
    (void)state;
    struct data_image_shape shape;
    struct data_error err;
    data_image_probe((const uint8_t *)"GIF89a", 6, "a.jpg", &shape, &err);
    assert_error(&err, DATA_E_FORMAT, "a.jpg: ", "neither a JPEG nor a PNG");
}

static void an_image_too_large_is_refused(void **state)
{
    static const uint8_t row[DATA_MAX_SIDE + 1];
    const struct scratch_png png = {.width = DATA_MAX_SIDE + 1,
                                    .height = 1,
                                    .depth = 8,
                                    .colour = PNG_COLOR_TYPE_GRAY};
    struct data_image_shape shape;
    struct data_error err;
    uint8_t out[1];
    scratch_png(*state, "a.png", &png, row);
    assert_int_equal(decode(*state, "a.png", &shape, out, &err), DATA_E_FORMAT);
    assert_error(&err, DATA_E_FORMAT, "a.png: ", "at most 4096 a side");
}

#define IN_SCRATCH(test) \
    cmocka_unit_test_setup_teardown(test, scratch_create, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(grey_png_is_one_plane),
        IN_SCRATCH(colour_png_is_three_planes),
        IN_SCRATCH(few_bits_are_widened_and_many_reduced),
        IN_SCRATCH(a_palette_is_expanded),
        IN_SCRATCH(opaque_alpha_is_dropped_and_transparent_refused),
        IN_SCRATCH(jpeg_comes_back_close_to_what_was_written),
        IN_SCRATCH(cmyk_is_refused),
        IN_SCRATCH(a_file_cut_anywhere_is_an_error),
        IN_SCRATCH(changed_png_bytes_are_noticed),
        IN_SCRATCH(another_shape_names_both_images),
        cmocka_unit_test(other_files_are_refused),
        IN_SCRATCH(an_image_too_large_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
