/* CIFAR's records: whatever the bytes, accepted labels are in range and nothing
 * outside of the given arrays is written. */
#include "fuzz.h"

#include "data/cifar.h"

#include <stdlib.h>

static void parse(const struct data_cifar_kind *kind, const uint8_t *bytes,
                  size_t size)
{
    size_t count;
    struct data_error err;
    if (data_cifar_count(kind, size, "fuzz", &count, &err) != DATA_OK) return;

    uint8_t *pixels = malloc(count * DATA_CIFAR_PIXELS);
    int32_t *labels = malloc(count * sizeof *labels);
    if (pixels && labels &&
        data_cifar_copy(kind, bytes, count, "fuzz", pixels, labels, &err) ==
            DATA_OK)
        for (size_t i = 0; i < count; i++)
            if (labels[i] < 0 || (size_t)labels[i] >= kind->classes) abort();
    free(pixels);
    free(labels);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    parse(&data_cifar10, bytes, size);
    parse(&data_cifar100, bytes, size);
    return 0;
}
