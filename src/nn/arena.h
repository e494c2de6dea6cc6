/* Plans one block of memory for many tensors that live at different times.
 *
 * A tensor is asked for with the first and the last moment at which it is
 * needed; two tensors whose lives do not overlap may get the same bytes. The
 * whole network then needs one allocation, made before the first step. */
#ifndef TAPER_NN_ARENA_H
#define TAPER_NN_ARENA_H

#include "nn/status.h"
#include <stddef.h>

enum { NN_ARENA_ITEMS = 1024 };

struct nn_arena {
    int count;
    size_t total; /* bytes, known after nn_arena_plan */
    struct nn_arena_item {
        void **slot;     /* gets the address in nn_arena_commit */
        size_t size;     /* bytes */
        int first, last; /* both moments included */
        size_t offset;
    } item[NN_ARENA_ITEMS];
    char *memory;
};

/* A life longer than every moment. */
enum { NN_ALWAYS = 1 << 20 };

/* Asks for `size` bytes (0 is legal: the slot becomes NULL). */
void nn_arena_want(struct nn_arena *a, void **slot, size_t size, int first,
                   int last);

/* Gives every item its place: largest first, each at the lowest offset that
 * is free during its life. */
void nn_arena_plan(struct nn_arena *a);

/* Takes the memory, zeroed and aligned to 64 bytes, and fills the slots.
 * NN_E_NOMEM when it cannot be had; NN_E_ARGUMENT when too many were wanted. */
enum nn_status nn_arena_commit(struct nn_arena *a);
void nn_arena_release(struct nn_arena *a);

#endif
