/* Philox4x64-10 and what is drawn from it. See random.h for the reasons. */
#include "data/random.h"

/* The high and low halves of a 128-bit product, in portable arithmetic. */
static uint64_t multiply(uint64_t a, uint64_t b, uint64_t *high)
{
    const uint64_t mask = 0xffffffffu;
    const uint64_t a0 = a & mask, a1 = a >> 32, b0 = b & mask, b1 = b >> 32;
    const uint64_t low = a0 * b0;
    const uint64_t middle = a1 * b0 + (low >> 32);    /* cannot overflow */
    const uint64_t cross = a0 * b1 + (middle & mask); /* cannot overflow */

    *high = a1 * b1 + (middle >> 32) + (cross >> 32);
    return a * b;
}

void data_philox(const uint64_t counter[4], const uint64_t key[2],
                 uint64_t out[4])
{
    /* The multipliers and the key's increments are the paper's. */
    const uint64_t m0 = 0xD2E7470EE14C6C93u, m1 = 0xCA5A826395121157u;
    const uint64_t w0 = 0x9E3779B97F4A7C15u, w1 = 0xBB67AE8584CAA73Bu;
    uint64_t x0 = counter[0], x1 = counter[1], x2 = counter[2], x3 = counter[3];
    uint64_t k0 = key[0], k1 = key[1];

    for (int round = 0; round < 10; round++) {
        uint64_t high0, high1;
        const uint64_t low0 = multiply(m0, x0, &high0);
        const uint64_t low1 = multiply(m1, x2, &high1);
        x0 = high1 ^ x1 ^ k0;
        x1 = low1;
        x2 = high0 ^ x3 ^ k1;
        x3 = low0;
        k0 += w0;
        k1 += w1;
    }
    out[0] = x0;
    out[1] = x1;
    out[2] = x2;
    out[3] = x3;
}

/* FNV-1a, 64 bits (Fowler, Noll, Vo). */
static uint64_t hash_name(const char *name)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 0x100000001b3u;
    return hash;
}

struct data_random data_stream(uint64_t seed, const char *name, uint64_t index,
                               uint64_t sub)
{
    struct data_random r = {
        .key = {seed, hash_name(name)},
        .counter = {0, sub, index, 0},
        .used = 4, /* the first draw computes the first block */
    };
    return r;
}

uint64_t data_random_u64(struct data_random *r)
{
    if (r->used >= 4) {
        data_philox(r->counter, r->key, r->block);
        r->counter[0]++;
        r->used = 0;
    }
    return r->block[r->used++];
}

double data_random_uniform(struct data_random *r)
{
    return (double)(data_random_u64(r) >> 11) * 0x1p-53;
}

uint64_t data_random_below(struct data_random *r, uint64_t n)
{
    if (n == 0) return 0;

    uint64_t high;
    uint64_t low = multiply(data_random_u64(r), n, &high);
    if (low < n) {
        /* 2^64 mod n products are too many; those are drawn again. */
        const uint64_t surplus = (0 - n) % n;
        while (low < surplus)
            low = multiply(data_random_u64(r), n, &high);
    }
    return high;
}

void data_random_shuffle(struct data_random *r, uint32_t *values, size_t n)
{
    for (size_t left = n; left > 1; left--) {
        const size_t pick = (size_t)data_random_below(r, left);
        const uint32_t value = values[pick];
        values[pick] = values[left - 1];
        values[left - 1] = value;
    }
}
