/* JPEG and PNG: whatever the bytes, decoding ends in a value, fills no more
 * than the pixels it was given, and gives the same pixels again. */
#include "fuzz.h"

#include "data/image.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_PIXELS = 1 << 16 }; /* larger images are only probed: speed */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct data_image_shape shape;
    struct data_error err;
    if (data_image_probe(bytes, size, "fuzz", &shape, &err) != DATA_OK ||
        shape.height * shape.width > MAX_PIXELS)
        return 0;

    const size_t count = shape.channels * shape.height * shape.width;
    uint8_t *a = malloc(count), *b = malloc(count);
    if (a && b) {
        const enum data_status first =
            data_image_decode(bytes, size, "fuzz", shape, "fuzz", a, &err);
        const enum data_status second =
            data_image_decode(bytes, size, "fuzz", shape, "fuzz", b, NULL);
        if (first != second) abort();
        if (first == DATA_OK && memcmp(a, b, count) != 0) abort();
    }
    free(a);
    free(b);
    return 0;
}
