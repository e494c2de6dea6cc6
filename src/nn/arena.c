/* Greedy placement by size. With a few hundred tensors the quadratic search
 * costs nothing, and the result is within a few per cent of the largest sum of
 * live tensors for chains of layers. */
#define _DEFAULT_SOURCE /* madvise */
#include "nn/arena.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { LINE = 64, HUGE_PAGE = 2 << 20 };

void nn_arena_want(struct nn_arena *a, void **slot, size_t size, int first,
                   int last)
{
    *slot = NULL;
    if (size == 0) return;
    if (a->count < NN_ARENA_ITEMS)
        a->item[a->count] =
            (struct nn_arena_item){slot, (size + LINE - 1) / LINE * LINE, first,
                                   last, 0};
    a->count++; /* nn_arena_commit refuses a count past the end */
}

static int larger_first(const void *x, const void *y)
{
    const struct nn_arena_item *a = x, *b = y;
    if (a->size != b->size) return a->size < b->size ? 1 : -1;
    if (a->first != b->first) return a->first < b->first ? -1 : 1;
    return (a->slot > b->slot) - (a->slot < b->slot);
}

/* The lowest offset at which `it` meets none of the items placed before. */
static size_t place(const struct nn_arena *a, const struct nn_arena_item *it)
{
    size_t at = 0;
    for (const struct nn_arena_item *p = a->item; p < it;) {
        const int apart = p->last < it->first || it->last < p->first;
        if (apart || p->offset + p->size <= at || at + it->size <= p->offset) {
            p++;
            continue;
        }
        at = p->offset + p->size;
        p = a->item; /* look again from the start at the new place */
    }
    return at;
}

void nn_arena_plan(struct nn_arena *a)
{
    if (a->count > NN_ARENA_ITEMS) return;
    qsort(a->item, (size_t)a->count, sizeof a->item[0], larger_first);
    a->total = 0;
    for (int i = 0; i < a->count; i++) {
        a->item[i].offset = place(a, &a->item[i]);
        const size_t end = a->item[i].offset + a->item[i].size;
        if (end > a->total) a->total = end;
    }
}

enum nn_status nn_arena_commit(struct nn_arena *a)
{
    if (a->count > NN_ARENA_ITEMS) return NN_E_ARGUMENT;
    if (a->total == 0) return NN_OK;
    const size_t bytes = (a->total + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    a->memory = aligned_alloc(HUGE_PAGE, bytes);
    if (!a->memory) return NN_E_NOMEM;
#ifdef MADV_HUGEPAGE
    /* Fewer page-table walks: a tenth of airbench94's step on two threads.
     * Only advice, so a refusal does not matter. */
    (void)madvise(a->memory, bytes, MADV_HUGEPAGE);
#endif
    /* Zeroed here, on the thread that will use it: padding must be zero, and
     * the pages are then taken before the first step. */
    memset(a->memory, 0, a->total);
    for (int i = 0; i < a->count; i++)
        *a->item[i].slot = a->memory + a->item[i].offset;
    return NN_OK;
}

void nn_arena_release(struct nn_arena *a)
{
    free(a->memory);
    a->memory = NULL;
}
