/* The small products of attention: a library's call costs more than a product
 * of short texts, and does not know where a text ends. */
#ifndef TAPER_NN_KERNELS_SEQUENCE_HEADS_H
#define TAPER_NN_KERNELS_SEQUENCE_HEADS_H

#include "nn/kernels_sequence_lanes.h"

/* A tile of C is held in registers: these rows by two vectors, which leaves
 * room for the two of B and a value of A. */
#if NN_WIDTH == 16
#define NN_TILE_ROWS 8
#define NN_EACH_ROW(f) f(0) f(1) f(2) f(3) f(4) f(5) f(6) f(7)
#else
#define NN_TILE_ROWS 4
#define NN_EACH_ROW(f) f(0) f(1) f(2) f(3)
#endif

/* One head's product: A may lie anyhow, the rows of B are whole vectors. */
struct tile {
    size_t k;
    const float *a[NN_TILE_ROWS]; /* its rows; past the last, the last again */
    size_t column;                /* from one value of A's row to the next */
    const float *b;
    size_t b_row;
    float *c;
    size_t c_row, rows, n; /* what there is of the tile's rows and columns */
};

NN_INLINE void tile_of_two(const struct tile *t)
{
#define BEGIN(r) \
    vf p##r = {0}, q##r = {0}; \
    const float *const a##r = t->a[r];
#define ADD(r) \
    { \
        const vf x = v_all(a##r[i * t->column]); \
        p##r += x * u; \
        q##r += x * v; \
    }
#define END(r) \
    if (r < t->rows) { \
        store_f32(t->c + r * t->c_row, p##r, NN_WIDTH); \
        store_f32(t->c + r * t->c_row + NN_WIDTH, q##r, t->n - NN_WIDTH); \
    }
    NN_EACH_ROW(BEGIN)
    for (size_t i = 0; i < t->k; i++) {
        const vf u = load_f32(t->b + i * t->b_row, NN_WIDTH);
        const vf v = load_f32(t->b + i * t->b_row + NN_WIDTH, NN_WIDTH);
        NN_EACH_ROW(ADD)
    }
    NN_EACH_ROW(END)
#undef BEGIN
#undef ADD
#undef END
}

NN_INLINE void tile_of_one(const struct tile *t)
{
#define BEGIN(r) \
    vf p##r = {0}; \
    const float *const a##r = t->a[r];
#define ADD(r) p##r += v_all(a##r[i * t->column]) * u;
#define END(r) \
    if (r < t->rows) store_f32(t->c + r * t->c_row, p##r, t->n);
    NN_EACH_ROW(BEGIN)
    for (size_t i = 0; i < t->k; i++) {
        const vf u = load_f32(t->b + i * t->b_row, NN_WIDTH);
        NN_EACH_ROW(ADD)
    }
    NN_EACH_ROW(END)
#undef BEGIN
#undef ADD
#undef END
}

#if defined(NN_AVX512) || defined(NN_AVX2)
/* Eight values `stride` apart, from the one numbered `first` on; past the n-th,
 * the last again. */
NN_INLINE __m256 gather(const float *b, size_t stride, size_t n, int first)
{
    const __m256i lane =
        _mm256_add_epi32(_mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0),
                         _mm256_set1_epi32(first));
    const __m256i last = _mm256_set1_epi32((int)n - 1);
    const __m256i index = _mm256_mullo_epi32(_mm256_min_epi32(lane, last),
                                             _mm256_set1_epi32((int)stride));
    return _mm256_i32gather_ps(b, index, sizeof *b);
}
#endif

/* Values `stride` apart from b on, as far as there are any; then the last. */
NN_INLINE vf load_apart(const float *b, size_t stride, size_t n)
{
#if defined(NN_AVX512)
    return (
        vf)_mm512_insertf32x8(_mm512_castps256_ps512(gather(b, stride, n, 0)),
                              gather(b, stride, n, 8), 1);
#elif defined(NN_AVX2)
    return (vf)gather(b, stride, n, 0);
#else
    vf v;
    for (size_t k = 0; k < NN_WIDTH; k++)
        v[k] = b[(k < n ? k : n - 1) * stride];
    return v;
#endif
}

/* B as rows of whole vectors. What is past its last column is arbitrary: it
 * reaches no column of C. */
NN_INLINE void lay_out(const float *b, const struct nn_matrix *m, size_t k,
                       size_t n, size_t row, float *to)
{
    for (size_t j = 0; j < n; j += NN_WIDTH) {
        const size_t left = lanes_left(j, n);
        for (size_t i = 0; i < k; i++) {
            const float *from = b + i * m->row + j * m->column;
            const vf v = m->column == 1 ? load_f32(from, left)
                                        : load_apart(from, m->column, left);
            store_f32(to + i * row + j, v, NN_WIDTH);
        }
    }
}

NN_INLINE void one_product(const struct nn_heads *h, size_t m, size_t n,
                           size_t k, const float *a, const float *b, float *c,
                           float *scratch)
{
    struct tile t = {.k = k,
                     .column = h->a.column,
                     .b_row = h->b.row,
                     .c_row = h->c.row};
    if (h->b.column != 1 || n % NN_WIDTH != 0) {
        t.b_row = (n + NN_WIDTH - 1) / NN_WIDTH * NN_WIDTH;
        lay_out(b, &h->b, k, n, t.b_row, scratch);
        b = scratch;
    }
    const size_t two = (size_t)2 * NN_WIDTH;
    for (size_t i = 0; i < m; i += NN_TILE_ROWS) {
        t.rows = m - i < NN_TILE_ROWS ? m - i : NN_TILE_ROWS;
        for (size_t r = 0; r < NN_TILE_ROWS; r++)
            t.a[r] = a + (r < t.rows ? i + r : m - 1) * h->a.row;
        for (size_t j = 0; j < n; j += two) {
            t.b = b + j;
            t.c = c + i * h->c.row + j;
            t.n = n - j < two ? n - j : two;
            if (t.n > NN_WIDTH)
                tile_of_two(&t);
            else
                tile_of_one(&t);
        }
    }
}

static void heads_product(const struct nn_heads *h, const float *a,
                          const float *b, float *c, float *scratch)
{
    for (size_t text = 0; text < h->texts; text++) {
        const size_t own = (size_t)h->lengths[text];
        const size_t n = h->n ? h->n : own, k = h->k ? h->k : own;
        for (size_t head = 0; head < h->heads; head++) {
            float *to = c + text * h->c.outer + head * h->c.inner;
            one_product(h, own, n, k, a + text * h->a.outer + head * h->a.inner,
                        b + text * h->b.outer + head * h->b.inner, to, scratch);
            for (size_t i = own; h->n && i < h->length; i++)
                memset(to + i * h->c.row, 0, n * sizeof *to);
        }
    }
}

#endif
