/* Products of matrices whose place in memory changes from call to call: what
 * an encoder computes besides its kernels. nn/product.h is for layers that stay
 * at one place; here one object serves every layer of the same shape.
 *
 * matmul_onednn2.c implements it on oneDNN 2.x. In f32 a product is a call of
 * its sgemm, which is as fast as its matmul primitive for these shapes and
 * needs nothing prepared; of bf16 factors it is a matmul primitive, made when
 * the object is. */
#ifndef TAPER_NN_MATMUL_H
#define TAPER_NN_MATMUL_H

#include "nn/product.h"
#include "nn/sequence.h"

/* C[m, n] = A[m, k] B[k, n], for a stack of outer * inner matrices. Of each
 * matrix, row or column is 1. */
struct nn_matmul_shape {
    enum nn_type type;   /* of A and B */
    enum nn_type result; /* of C; NN_F32 when `type` is */
    size_t outer, inner; /* >= 1; strides are read only of what exceeds 1 */
    size_t m, n, k;
    struct nn_matrix a, b, c; /* c.column is 1 */
};

struct nn_matmul;

/* For the thread of `d`. *out is NULL on failure. */
enum nn_status nn_matmul_create(struct nn_device *d,
                                const struct nn_matmul_shape *shape,
                                struct nn_matmul **out, struct nn_error *err);
void nn_matmul_destroy(struct nn_matmul *p); /* NULL is legal */

/* Bytes that a run may overwrite, aligned to 64. */
size_t nn_matmul_scratch_size(const struct nn_matmul *p);

/* c is set, not added to, and overlaps neither a nor b. */
enum nn_status nn_matmul_run(struct nn_matmul *p, const void *a, const void *b,
                             void *c, void *scratch);

/* C = alpha A B + beta C of dense f32 matrices, row after row, on the thread
 * that calls. C is [m, n] and overlaps neither A, [m, k] or, turned, [k, m] in
 * memory, nor B, [k, n] or, turned, [n, k]. None of m, n and k is 0. oneDNN
 * takes room for it and gives it back: NN_E_KERNEL, and C as it was, if there
 * is none. */
enum nn_status nn_multiply(size_t m, size_t n, size_t k, float alpha,
                           const float *a, bool a_turned, const float *b,
                           bool b_turned, float beta, float *c);

/* The name of oneDNN's implementation, for tests and benchmarks. */
const char *nn_matmul_implementation(const struct nn_matmul *p);

#endif
