/* IDX files, gzip'd or not: whatever the bytes, parsing ends in a value and
 * what it accepts lies within the bytes. */
#include "fuzz.h"

#include "data/file.h"
#include "data/idx.h"

#include <stdlib.h>

static void parse(const uint8_t *bytes, size_t size, size_t dimensions)
{
    struct data_idx idx;
    struct data_error err;
    if (data_idx_parse(bytes, size, dimensions, "fuzz", &idx, &err) != DATA_OK)
        return;

    size_t count = 1;
    unsigned sum = 0;
    for (size_t i = 0; i < idx.dimensions; i++)
        count *= idx.size[i];
    for (size_t i = 0; i < count; i++)
        sum += idx.values[i]; /* a sanitizer sees what lies outside */
    if (idx.values + count != bytes + size || sum > 255 * count) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct data_buffer inflated = {0};
    struct data_error err;
    bool truncated;

    parse(bytes, size, 1);
    parse(bytes, size, 3);
    if (data_gunzip(bytes, size, "fuzz", &inflated, &truncated, &err) ==
        DATA_OK) {
        parse(inflated.bytes, inflated.size, 1);
        parse(inflated.bytes, inflated.size, 3);
    }
    data_buffer_free(&inflated);
    return 0;
}
