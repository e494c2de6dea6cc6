/* Sorts texts into batches by their length. See token_batches.h. */
#include "data/token_batches.h"

#include "data/random.h"

#include <stdlib.h>
#include <string.h>

static const size_t DEFAULT_POOL = 64;
static const size_t ALIGNMENT = 64; /* bytes: a cache line, an AVX-512 vector */

struct data_token_batches {
    const struct data_tokens *set;
    struct data_token_batch_options options;
    size_t count;     /* batches in an epoch */
    int *row_lengths; /* [options.length_count] */

    uint32_t *order;  /* [set->count] samples, of epoch `ordered` */
    uint32_t *sorted; /* [set->count], while a pool is sorted */
    size_t *starts;   /* [set->longest + 2], while a pool is sorted */
    uint32_t *turns;  /* [count]: batch k is number turns[k] of the order */
    uint64_t ordered; /* valid if has_order */
    bool has_order;

    int32_t *tokens, *lengths, *labels; /* of `batch` */
    uint32_t *samples;
    struct data_token_batch batch;
    struct data_token_usage usage;
};

static size_t length_of(const struct data_tokens *set, uint32_t sample)
{
    return set->offsets[sample + 1] - set->offsets[sample];
}

/* Sort n samples by length, those of one length staying in their order. */
static void sort_by_length(struct data_token_batches *b, uint32_t *samples,
                           size_t n)
{
    const size_t places = b->set->longest + 2;
    memset(b->starts, 0, places * sizeof *b->starts);
    for (size_t i = 0; i < n; i++)
        b->starts[length_of(b->set, samples[i]) + 1]++;
    for (size_t k = 1; k < places; k++)
        b->starts[k] += b->starts[k - 1];
    for (size_t i = 0; i < n; i++)
        b->sorted[b->starts[length_of(b->set, samples[i])]++] = samples[i];
    memcpy(samples, b->sorted, n * sizeof *samples);
}

static void count_up(uint32_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        values[i] = (uint32_t)i;
}

static void order_training(struct data_token_batches *b, uint64_t epoch)
{
    const struct data_token_batch_options *o = &b->options;
    struct data_random r = data_stream(o->seed, "shuffle", epoch, 0);
    data_random_shuffle(&r, b->order, b->set->count);
    for (size_t first = 0; first < b->count; first += o->pool) {
        const size_t left = b->count - first;
        const size_t batches = left < o->pool ? left : o->pool;
        sort_by_length(b, b->order + first * o->batch, batches * o->batch);
    }
    r = data_stream(o->seed, "batches", epoch, 0);
    data_random_shuffle(&r, b->turns, b->count);
}

/* Put the set into an epoch's order, unless it is already. */
static void order_epoch(struct data_token_batches *b, uint64_t epoch)
{
    if (b->has_order && b->ordered == epoch) return;
    count_up(b->order, b->set->count);
    count_up(b->turns, b->count);
    if (b->options.mode == DATA_TRAINING)
        order_training(b, epoch);
    else
        sort_by_length(b, b->order, b->set->count);
    b->ordered = epoch;
    b->has_order = true;
}

/* The samples of a batch in the current order. */
static const uint32_t *batch_samples(const struct data_token_batches *b,
                                     size_t index, size_t *n)
{
    const size_t first = b->turns[index] * b->options.batch;
    const size_t left = b->set->count - first;
    *n = left < b->options.batch ? left : b->options.batch;
    return b->order + first;
}

/* The smallest legal row length that holds them all. */
static size_t row_length(const struct data_token_batches *b,
                         const uint32_t *samples, size_t n)
{
    size_t longest = 0, k = 0;
    for (size_t i = 0; i < n; i++) {
        const size_t length = length_of(b->set, samples[i]);
        if (length > longest) longest = length;
    }
    while ((size_t)b->row_lengths[k] < longest)
        k++;
    return (size_t)b->row_lengths[k];
}

const struct data_token_batch *
data_token_batches_get(struct data_token_batches *b, uint64_t epoch,
                       size_t index)
{
    if (b->options.mode == DATA_TRAINING) {
        epoch += index / b->count;
        index %= b->count;
    } else {
        epoch = 0;
        if (index >= b->count) return NULL;
    }
    order_epoch(b, epoch);

    const struct data_tokens *set = b->set;
    size_t n;
    const uint32_t *samples = batch_samples(b, index, &n);
    const size_t length = row_length(b, samples, n);
    memset(b->tokens, 0, n * length * sizeof *b->tokens);
    for (size_t i = 0; i < n; i++) {
        const size_t own = length_of(set, samples[i]);
        memcpy(b->tokens + i * length, set->ids + set->offsets[samples[i]],
               own * sizeof *b->tokens);
        b->lengths[i] = (int32_t)own;
        b->labels[i] = set->labels[samples[i]];
        b->samples[i] = samples[i];
    }
    b->batch = (struct data_token_batch){.tokens = b->tokens,
                                         .lengths = b->lengths,
                                         .labels = b->labels,
                                         .samples = b->samples,
                                         .n = n,
                                         .length = length,
                                         .epoch = epoch,
                                         .index = index};
    return &b->batch;
}

/* Averages over epoch 0. */
static struct data_token_usage measure(struct data_token_batches *b)
{
    struct data_token_usage usage = {0};
    order_epoch(b, 0);
    for (size_t k = 0; k < b->count; k++) {
        size_t n;
        const uint32_t *samples = batch_samples(b, k, &n);
        usage.padded += (double)(n * row_length(b, samples, n));
        for (size_t i = 0; i < n; i++)
            usage.real += (double)length_of(b->set, samples[i]);
    }
    usage.real /= (double)b->count;
    usage.padded /= (double)b->count;
    return usage;
}

static enum data_status check(const struct data_tokens *set,
                              const struct data_token_batch_options *o,
                              struct data_error *err)
{
    if (o->batch == 0)
        return data_fail(err, DATA_E_ARGUMENT, NULL,
                         "the batch must hold at least one text");
    if (o->mode == DATA_TRAINING && o->batch > set->count)
        return data_fail(err, DATA_E_ARGUMENT, NULL,
                         "a batch of %zu is more than the %zu training texts",
                         o->batch, set->count);
    for (size_t k = 0; k < o->length_count; k++)
        if (o->lengths[k] <= (k > 0 ? o->lengths[k - 1] : 0))
            return data_fail(err, DATA_E_ARGUMENT, NULL,
                             "the row lengths do not rise from 1");
    if (o->length_count == 0 ||
        (size_t)o->lengths[o->length_count - 1] < set->longest)
        return data_fail(err, DATA_E_ARGUMENT, NULL,
                         "no row length holds the longest text, %zu tokens",
                         set->longest);
    return DATA_OK;
}

/* aligned_alloc() wants a multiple of the alignment. NULL if too large. */
static void *allocate(size_t count, size_t size)
{
    if (count > (SIZE_MAX - ALIGNMENT) / size) return NULL;
    const size_t bytes = (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return aligned_alloc(ALIGNMENT, bytes);
}

static bool allocate_all(struct data_token_batches *b)
{
    /* An evaluation batch larger than the set needs no more than the set. */
    const struct data_tokens *set = b->set;
    const struct data_token_batch_options *o = &b->options;
    const size_t n = o->batch < set->count ? o->batch : set->count;
    const size_t widest = (size_t)o->lengths[o->length_count - 1];
    b->row_lengths = allocate(o->length_count, sizeof *b->row_lengths);
    b->order = allocate(set->count, sizeof *b->order);
    b->sorted = allocate(set->count, sizeof *b->sorted);
    b->starts = allocate(set->longest + 2, sizeof *b->starts);
    b->turns = allocate(b->count, sizeof *b->turns);
    b->tokens = allocate(n, widest * sizeof *b->tokens);
    b->lengths = allocate(n, sizeof *b->lengths);
    b->labels = allocate(n, sizeof *b->labels);
    b->samples = allocate(n, sizeof *b->samples);
    return b->row_lengths && b->order && b->sorted && b->starts && b->turns &&
           b->tokens && b->lengths && b->labels && b->samples;
}

enum data_status
data_token_batches_create(const struct data_tokens *set,
                          const struct data_token_batch_options *options,
                          struct data_token_batches **out,
                          struct data_error *err)
{
    *out = NULL;
    const enum data_status status = check(set, options, err);
    if (status != DATA_OK) return status;
    struct data_token_batches *b = calloc(1, sizeof *b);
    if (b) {
        b->set = set;
        b->options = *options;
        if (b->options.pool == 0) b->options.pool = DEFAULT_POOL;
        b->count = set->count / options->batch;
        if (options->mode == DATA_EVALUATION &&
            set->count % options->batch != 0)
            b->count++;
    }
    if (!b || !allocate_all(b)) {
        data_token_batches_destroy(b);
        return data_fail(err, DATA_E_MEMORY, NULL,
                         "no memory for batches of %zu texts", options->batch);
    }
    memcpy(b->row_lengths, options->lengths,
           options->length_count * sizeof *b->row_lengths);
    b->options.lengths = b->row_lengths;
    b->usage = measure(b);
    *out = b;
    return DATA_OK;
}

void data_token_batches_destroy(struct data_token_batches *b)
{
    if (!b) return;
    free(b->row_lengths);
    free(b->order);
    free(b->sorted);
    free(b->starts);
    free(b->turns);
    free(b->tokens);
    free(b->lengths);
    free(b->labels);
    free(b->samples);
    free(b);
}

size_t data_token_batches_count(const struct data_token_batches *b)
{
    return b->count;
}

struct data_token_usage
data_token_batches_usage(const struct data_token_batches *b)
{
    return b->usage;
}
