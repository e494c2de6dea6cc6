/* A folder of its own for each test, and the files that data tests need in it:
 * written here, by the same libraries that real data is written with. */
#ifndef TAPER_TESTS_SCRATCH_H
#define TAPER_TESTS_SCRATCH_H

#include "data/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* cmocka fixtures: *state becomes the folder's path. */
int scratch_create(void **state);
int scratch_remove(void **state);

/* "folder/name" in one of a few static buffers; valid for a few calls. */
const char *scratch_path(const char *folder, const char *name);

/* All of these make the parent folders of `name`. */
void scratch_write(const char *folder, const char *name, const void *bytes,
                   size_t size);
void scratch_folder(const char *folder, const char *name);

/* The first `keep` bytes of the gzip file; SIZE_MAX keeps all. */
void scratch_gzip(const char *folder, const char *name, const void *bytes,
                  size_t size, size_t keep);

/* Images from `pixels` [height, width, channels of the type], 8 or 16 bits. */
struct scratch_png {
    int width, height;
    int colour; /* PNG_COLOR_TYPE_... */
    int depth;  /* bits a channel */
    bool interlaced;
    const uint8_t *palette; /* [colours, 3] */
    int colours;
    const uint8_t *palette_alpha; /* [colours] or NULL */
};
void scratch_png(const char *folder, const char *name,
                 const struct scratch_png *png, const void *pixels);
void scratch_jpeg(const char *folder, const char *name, int width, int height,
                  int channels, const uint8_t *pixels);

/* A 3 x 2 PNG, 3 wide, grey or colour, of one value. */
void scratch_small_png(const char *folder, const char *name, bool colour,
                       uint8_t value);

/* IDX bytes; `out` has room for 4 + 4 * dimensions + their product. */
size_t scratch_idx(uint8_t *out, size_t dimensions, const uint32_t *sizes,
                   const uint8_t *values);

/* Read a whole file; the caller frees. */
uint8_t *scratch_read(const char *folder, const char *name, size_t *size);

/* Cut a file to its first `keep` bytes. */
void scratch_cut(const char *folder, const char *name, size_t keep);

/* The error is one line that holds both texts. */
void assert_error(const struct data_error *err, enum data_status status,
                  const char *file, const char *text);

#endif
