/* See scratch.h. A failure to write is a failure of the test. */
#include "scratch.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jpeglib.h>
#include <png.h>
#include <zlib.h>

int scratch_create(void **state)
{
    const char *base = getenv("TMPDIR");
    char path[256];
    snprintf(path, sizeof path, "%s/taper-data-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(path) || chmod(path, 0755) != 0) return -1;
    *state = strdup(path);
    return *state ? 0 : -1;
}

static void remove_all(const char *path)
{
    DIR *open = opendir(path);
    for (struct dirent *e; open && (e = readdir(open));) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        char child[4096];
        snprintf(child, sizeof child, "%s/%s", path, e->d_name);
        struct stat info;
        if (lstat(child, &info) == 0 && S_ISDIR(info.st_mode))
            remove_all(child);
        else
            unlink(child);
    }
    if (open) closedir(open);
    rmdir(path);
}

int scratch_remove(void **state)
{
    remove_all(*state);
    free(*state);
    return 0;
}

const char *scratch_path(const char *folder, const char *name)
{
    static char paths[4][4096];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void make_parents(const char *path)
{
    char copy[4096];
    snprintf(copy, sizeof copy, "%s", path);
    for (char *slash = strchr(copy + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(copy, 0755);
        *slash = '/';
    }
}

static FILE *open_file(const char *folder, const char *name)
{
    const char *path = scratch_path(folder, name);
    make_parents(path);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    return file;
}

void scratch_write(const char *folder, const char *name, const void *bytes,
                   size_t size)
{
    FILE *file = open_file(folder, name);
    assert_true(fwrite(bytes, 1, size, file) == size);
    assert_int_equal(fclose(file), 0);
}

void scratch_folder(const char *folder, const char *name)
{
    const char *path = scratch_path(folder, name);
    make_parents(path);
    assert_int_equal(mkdir(path, 0755), 0);
}

void scratch_cut(const char *folder, const char *name, size_t keep)
{
    assert_int_equal(truncate(scratch_path(folder, name), (off_t)keep), 0);
}

void scratch_gzip(const char *folder, const char *name, const void *bytes,
                  size_t size, size_t keep)
{
    const char *path = scratch_path(folder, name);
    make_parents(path);
    gzFile file = gzopen(path, "wb");
    assert_non_null(file);
    assert_true(gzwrite(file, bytes, (unsigned)size) == (int)size);
    assert_int_equal(gzclose(file), Z_OK);
    if (keep != SIZE_MAX) scratch_cut(folder, name, keep);
}

void scratch_png(const char *folder, const char *name,
                 const struct scratch_png *spec, const void *pixels)
{
    FILE *file = open_file(folder, name);
    png_structp png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, file);
    png_set_IHDR(png, info, (png_uint_32)spec->width, (png_uint_32)spec->height,
                 spec->depth, spec->colour,
                 spec->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (spec->palette)
        png_set_PLTE(png, info, (png_const_colorp)(const void *)spec->palette,
                     spec->colours);
    if (spec->palette_alpha)
        png_set_tRNS(png, info, spec->palette_alpha, spec->colours, NULL);
    png_write_info(png, info);
    const size_t stride = png_get_rowbytes(png, info);
    const int passes = png_set_interlace_handling(png);
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < spec->height; y++)
            png_write_row(png, (png_const_bytep)pixels + (size_t)y * stride);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    assert_int_equal(fclose(file), 0);
}

void scratch_small_png(const char *folder, const char *name, bool colour,
                       uint8_t value)
{
    uint8_t pixels[3 * 2 * 3];
    memset(pixels, value, sizeof pixels);
    const struct scratch_png png = {.width = 3,
                                    .height = 2,
                                    .depth = 8,
                                    .colour = colour ? PNG_COLOR_TYPE_RGB
                                                     : PNG_COLOR_TYPE_GRAY};
    scratch_png(folder, name, &png, pixels);
}

void scratch_jpeg(const char *folder, const char *name, int width, int height,
                  int channels, const uint8_t *pixels)
{
    FILE *file = open_file(folder, name);
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_stdio_dest(&jpeg, file);
    jpeg.image_width = (JDIMENSION)width;
    jpeg.image_height = (JDIMENSION)height;
    jpeg.input_components = channels;
    jpeg.in_color_space = channels == 1   ? JCS_GRAYSCALE
                          : channels == 3 ? JCS_RGB
                                          : JCS_CMYK;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, 95, TRUE);
    jpeg.comp_info[0].h_samp_factor = jpeg.comp_info[0].v_samp_factor = 1;
    jpeg_start_compress(&jpeg, TRUE);
    for (int y = 0; y < height; y++) {
        JSAMPROW row = (JSAMPROW)(uintptr_t)(pixels + y * width * channels);
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    assert_int_equal(fclose(file), 0);
}

size_t scratch_idx(uint8_t *out, size_t dimensions, const uint32_t *sizes,
                   const uint8_t *values)
{
    size_t used = 0, product = 1;
    const uint8_t magic[] = {0, 0, 8, (uint8_t)dimensions};
    memcpy(out, magic, 4);
    used = 4;
    for (size_t i = 0; i < dimensions; i++) {
        for (int shift = 24; shift >= 0; shift -= 8)
            out[used++] = (uint8_t)(sizes[i] >> shift);
        product *= sizes[i];
    }
    memcpy(out + used, values, product);
    return used + product;
}

uint8_t *scratch_read(const char *folder, const char *name, size_t *size)
{
    FILE *file = fopen(scratch_path(folder, name), "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *size = (size_t)ftell(file);
    rewind(file);
    uint8_t *bytes = malloc(*size);
    assert_non_null(bytes);
    assert_true(fread(bytes, 1, *size, file) == *size);
    fclose(file);
    return bytes;
}

void assert_error(const struct data_error *err, enum data_status status,
                  const char *file, const char *text)
{
    if (err->status != status || !strstr(err->message, file) ||
        !strstr(err->message, text) || strpbrk(err->message, "\r\n"))
        fail_msg("status %d, \"%s\" instead of status %d, \"...%s...%s\"",
                 (int)err->status, err->message, (int)status, file, text);
}
