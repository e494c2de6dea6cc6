/* How the kernels go through a tensor.
 *
 * The outer order is block by block, and within a block by groups of lanes, so
 * that a group's sums fit on the stack and its second pass finds in the cache
 * what the first one touched. Within a group: images, rows, vectors of lanes,
 * pixels. A run is the innermost piece: some pixels of one image, NN_WIDTH
 * lanes wide or less. */
#ifndef TAPER_NN_KERNELS_WALK_H
#define TAPER_NN_KERNELS_WALK_H

#include "nn/kernels_vector.h"

/* Lanes in a group at most: bounds the sums on the stack, and large enough for
 * the usual channels-last layouts to be read from end to end. */
#define NN_GROUP 256

/* Pixels in a run at most, where rows need not be told apart: bounds the
 * length of the f32 partial sums. */
#define NN_RUN 64

/* Windows of pool x pool pixels, stride pool, over planes of one layout. */
struct grid {
    enum nn_type type;
    size_t images, blocks, lanes;
    size_t pool;
    size_t height, width;   /* before pooling */
    size_t rows, columns;   /* after pooling */
    size_t in_row;          /* values in a row before pooling */
    size_t in_plane, plane; /* values in a plane before and after pooling */
    int stream;             /* write the result past the caches */
};

struct group {
    size_t block, lane; /* first lane */
    size_t lanes;       /* <= NN_GROUP */
};

struct run {
    size_t in, out; /* index of the first value before and after pooling */
    size_t pixels;  /* of the output; a pixel's values are grid.lanes apart */
    size_t row;     /* output row, when pool > 1 */
    size_t channel; /* of the first lane, an index into [channels] arrays */
    size_t lane;    /* the same within the group */
    size_t n;       /* lanes, <= NN_WIDTH */
};

typedef void visit_run(const struct grid *g, const struct run *r,
                       void *context);

NN_INLINE struct grid grid_of(const struct nn_layout *in, size_t pool)
{
    const size_t rows = in->height / pool, columns = in->width / pool;
    return (struct grid){
        .type = in->type,
        .images = in->images,
        .blocks = in->blocks,
        .lanes = in->lanes,
        .pool = pool,
        .height = in->height,
        .width = in->width,
        .rows = rows,
        .columns = columns,
        .in_row = in->width * in->lanes,
        .in_plane = in->height * in->width * in->lanes,
        .plane = rows * columns * in->lanes,
    };
}

/* The grid of what comes out of the windows of g. */
NN_INLINE struct grid grid_pooled(const struct grid *g)
{
    struct grid p = *g;
    p.pool = 1;
    p.height = g->rows;
    p.width = g->columns;
    p.in_row = g->columns * g->lanes;
    p.in_plane = g->plane;
    return p;
}

/* Tensors from this size on are written past the caches: half a level-2 cache
 * of today, so that what comes next still finds a smaller one there. */
#define NN_STREAM_BYTES ((size_t)4 << 20)

/* Whether to stream a tensor of `planes` planes of the given number of values:
 * it must be large, and each cache line must be written in one go. */
NN_INLINE int grid_streams(const struct grid *g, size_t plane, const void *to)
{
    const size_t size = g->type == NN_F32 ? sizeof(float) : sizeof(uint16_t);
    const size_t line = 64;
    const int whole_lines = g->lanes == NN_WIDTH || (g->lanes % NN_WIDTH == 0 &&
                                                     NN_WIDTH * size == line);
    return NN_WIDTH > 4 && whole_lines && (uintptr_t)to % line == 0 &&
           g->images * g->blocks * plane * size >= NN_STREAM_BYTES;
}

/* Steps to the next group; begin with {0}. False when there is none. */
NN_INLINE int group_next(const struct grid *g, struct group *k)
{
    k->lane += k->lanes;
    if (k->lane >= g->lanes) {
        k->block++;
        k->lane = 0;
    }
    const size_t left = g->lanes - k->lane;
    k->lanes = left < NN_GROUP ? left : NN_GROUP;
    return k->block < g->blocks;
}

/* All runs of one plane row (or piece of a plane) of a group. */
NN_INLINE void walk_lanes(const struct grid *g, const struct group *k,
                          struct run r, visit_run *visit, void *context)
{
    const size_t in = r.in + k->lane, out = r.out + k->lane;
    for (r.lane = 0; r.lane < k->lanes; r.lane += NN_WIDTH) {
        const size_t left = k->lanes - r.lane;
        r.n = left < NN_WIDTH ? left : NN_WIDTH;
        r.in = in + r.lane;
        r.out = out + r.lane;
        r.channel = k->block * g->lanes + k->lane + r.lane;
        visit(g, &r, context);
    }
}

/* Visit all runs of a group, images in order. */
NN_INLINE void walk(const struct grid *g, const struct group *k,
                    visit_run *visit, void *context)
{
    const size_t pixels = g->rows * g->columns;
    for (size_t image = 0; image < g->images; image++) {
        const size_t plane = image * g->blocks + k->block;
        struct run r = {.in = plane * g->in_plane, .out = plane * g->plane};
        if (g->pool == 1) {
            for (size_t at = 0; at < pixels; at += r.pixels) {
                r.pixels = pixels - at < NN_RUN ? pixels - at : NN_RUN;
                walk_lanes(g, k, r, visit, context);
                r.in += r.pixels * g->lanes;
                r.out += r.pixels * g->lanes;
            }
            continue;
        }
        r.pixels = g->columns;
        for (r.row = 0; r.row < g->rows; r.row++) {
            walk_lanes(g, k, r, visit, context);
            r.in += g->pool * g->in_row;
            r.out += g->columns * g->lanes;
        }
    }
}

#endif
