/* The one place that knows malloc. */
#include "schedule/block.h"

#include <stdlib.h>

static void *heap_alloc(void *ctx, size_t size)
{
    (void)ctx;
    return malloc(size);
}

static void heap_free(void *ctx, void *block, size_t size)
{
    (void)ctx;
    (void)size;
    free(block);
}

const taper_allocator *taperi_allocator(const taper_allocator *allocator)
{
    static const taper_allocator heap = {heap_alloc, heap_free, NULL};
    return allocator ? allocator : &heap;
}
