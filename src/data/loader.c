/* One thread fills a ring of buffers ahead of the trainer. See loader.h.
 *
 * The producer is the only one to write a buffer and the caller the only one
 * to read it; `filled` and `released` count the batches that changed hands
 * since the last start, so their difference says which buffers are whose. A
 * restart raises `generation`: a batch begun before it is thrown away. */
#include "data/loader.h"

#include "data/augment.h"
#include "data/random.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* One held by the trainer, one ready for it, one being filled. */
enum { SLOTS = 3 };
static const size_t ALIGNMENT = 64; /* bytes: a cache line, an AVX-512 vector */

struct slot {
    float *images;     /* [batch, channels, height, width] */
    int32_t *labels;   /* [batch] */
    uint32_t *samples; /* [batch] */
    struct data_batch batch;
};

/* Which batch, seen how. */
struct position {
    uint64_t epoch;
    size_t index;
    struct data_view view; /* of an evaluation */
};

struct data_loader {
    /* Fixed once created. */
    const struct data_set *set;
    struct data_loader_options options;
    struct data_normaliser normaliser;
    size_t batches; /* in an epoch */
    pthread_t thread;
    bool has_thread, has_lock, has_work, has_ready;

    /* The producer's own. */
    uint32_t *order;      /* [set->count], of epoch `order_epoch` */
    uint64_t order_epoch; /* valid if has_order */
    bool has_order;
    struct slot slots[SLOTS]; /* a slot between fill and release is read-only */

    /* Guarded by the lock. */
    pthread_mutex_t lock;
    pthread_cond_t work, ready; /* for the producer, for the caller */
    struct position next;       /* to be filled */
    uint64_t filled, released;  /* batches since the last start */
    uint64_t generation;        /* starts so far */
    bool running;               /* there is a next batch to fill */
    bool stop;

    bool held; /* the caller's own: it holds slot `released` */
};

/* Shuffle for an epoch, unless the order is already that epoch's. */
static void order_epoch(struct data_loader *l, uint64_t epoch)
{
    if (l->has_order && l->order_epoch == epoch) return;

    const size_t n = l->set->count;
    for (size_t i = 0; i < n; i++)
        l->order[i] = (uint32_t)i;
    if (l->options.mode == DATA_TRAINING) {
        struct data_random r =
            data_stream(l->options.seed, "shuffle", epoch, 0);
        data_random_shuffle(&r, l->order, n);
    }
    l->order_epoch = epoch;
    l->has_order = true;
}

/* How training sees one sample in one epoch. */
static struct data_view draw_view(const struct data_loader_options *o,
                                  uint64_t epoch, uint32_t sample)
{
    struct data_view view = {0};
    struct data_random r = data_stream(o->seed, "augment", epoch, sample);
    if (o->flip == DATA_FLIP_RANDOM) {
        view.mirror = data_random_below(&r, 2) == 1;
    } else if (o->flip == DATA_FLIP_ALTERNATING) {
        struct data_random coin = data_stream(o->seed, "flip", 0, sample);
        view.mirror = (data_random_below(&coin, 2) ^ (epoch & 1)) == 1;
    }
    if (o->padding > 0) {
        const int reach = (int)o->padding;
        const uint64_t places = 2 * (uint64_t)o->padding + 1;
        view.right = (int)data_random_below(&r, places) - reach;
        view.down = (int)data_random_below(&r, places) - reach;
    }
    return view;
}

/* Blanks a square of one image at a place of its own stream, so that the other
 * distortions are the same with it and without. */
static void cut_out(const struct data_loader *l, uint64_t epoch,
                    uint32_t sample, float *image)
{
    const struct data_set *const set = l->set;
    const size_t side = l->options.cutout;
    struct data_random r =
        data_stream(l->options.seed, "cutout", epoch, sample);
    const size_t left = (size_t)data_random_below(&r, set->width - side + 1);
    const size_t top = (size_t)data_random_below(&r, set->height - side + 1);
    data_cut_out(set, side, left, top, image);
}

/* A pure function of the set, the options and the position. */
static void fill(struct data_loader *l, struct slot *slot, struct position at)
{
    const struct data_set *set = l->set;
    const size_t image = set->channels * set->height * set->width;
    const size_t first = at.index * l->options.batch;
    const size_t left = set->count - first;
    const size_t n = left < l->options.batch ? left : l->options.batch;

    order_epoch(l, at.epoch);
    for (size_t i = 0; i < n; i++) {
        const uint32_t sample = l->order[first + i];
        const struct data_view view =
            l->options.mode == DATA_TRAINING
                ? draw_view(&l->options, at.epoch, sample)
                : at.view;
        slot->samples[i] = sample;
        slot->labels[i] = set->labels[sample];
        data_augment(&l->normaliser, set, sample, view, l->options.pad,
                     slot->images + i * image);
        if (l->options.mode == DATA_TRAINING && l->options.cutout > 0)
            cut_out(l, at.epoch, sample, slot->images + i * image);
    }
    slot->batch = (struct data_batch){.images = slot->images,
                                      .labels = slot->labels,
                                      .samples = slot->samples,
                                      .n = n,
                                      .epoch = at.epoch,
                                      .index = at.index};
}

/* Called with the lock held. */
static void advance(struct data_loader *l)
{
    l->filled++;
    l->next.index++;
    if (l->next.index < l->batches) return;
    l->next.index = 0;
    l->next.epoch++;
    if (l->options.mode == DATA_EVALUATION) l->running = false;
}

static void *produce(void *shared)
{
    struct data_loader *l = shared;
    pthread_mutex_lock(&l->lock);
    while (!l->stop) {
        if (!l->running || l->filled - l->released == SLOTS) {
            pthread_cond_wait(&l->work, &l->lock);
            continue;
        }
        const struct position at = l->next;
        const uint64_t generation = l->generation;
        struct slot *slot = &l->slots[l->filled % SLOTS];
        pthread_mutex_unlock(&l->lock);
        fill(l, slot, at);
        pthread_mutex_lock(&l->lock);
        if (l->generation != generation) continue;
        advance(l);
        pthread_cond_signal(&l->ready);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

static enum data_status check(const struct data_set *set,
                              const struct data_loader_options *o,
                              struct data_error *err)
{
    const size_t side = set->height < set->width ? set->height : set->width;
    if (o->batch == 0)
        return data_fail(err, DATA_E_ARGUMENT, NULL,
                         "the batch must hold at least one image");
    if (o->mode == DATA_TRAINING && o->batch > set->count)
        return data_fail(err, DATA_E_ARGUMENT, NULL,
                         "a batch of %zu is more than the %zu training images",
                         o->batch, set->count);
    if (o->padding >= side)
        return data_fail(err, DATA_E_ARGUMENT, NULL,
                         "a padding of %zu is too wide for images of %zu x %zu",
                         o->padding, set->width, set->height);
    if (o->cutout > side)
        return data_fail(err, DATA_E_ARGUMENT, NULL,
                         "a square of %zu is too wide for images of %zu x %zu",
                         o->cutout, set->width, set->height);
    for (size_t c = 0; c < set->channels; c++)
        if (!(o->statistics.deviation[c] > 0))
            return data_fail(err, DATA_E_ARGUMENT, NULL,
                             "the deviation of channel %zu is not above 0", c);
    return DATA_OK;
}

/* aligned_alloc() wants a multiple of the alignment. NULL if too large. */
static void *allocate(size_t count, size_t size)
{
    if (count > (SIZE_MAX - ALIGNMENT) / size) return NULL;
    const size_t bytes = (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return aligned_alloc(ALIGNMENT, bytes);
}

static bool allocate_all(struct data_loader *l)
{
    /* An evaluation batch larger than the set needs no more than the set. */
    const struct data_set *set = l->set;
    const size_t n =
        l->options.batch < set->count ? l->options.batch : set->count;
    const size_t image = set->channels * set->height * set->width;
    l->order = allocate(set->count, sizeof *l->order);
    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *slot = &l->slots[i];
        slot->images = allocate(n, image * sizeof *slot->images);
        slot->labels = allocate(n, sizeof *slot->labels);
        slot->samples = allocate(n, sizeof *slot->samples);
        if (!slot->images || !slot->labels || !slot->samples) return false;
    }
    return l->order != NULL;
}

/* The thread takes no signals: those are the program's to handle. */
static bool start_thread(struct data_loader *l)
{
    l->has_lock = pthread_mutex_init(&l->lock, NULL) == 0;
    l->has_work = pthread_cond_init(&l->work, NULL) == 0;
    l->has_ready = pthread_cond_init(&l->ready, NULL) == 0;
    if (!l->has_lock || !l->has_work || !l->has_ready) return false;

    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    l->has_thread = pthread_create(&l->thread, NULL, produce, l) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return l->has_thread;
}

enum data_status data_loader_create(const struct data_set *set,
                                    const struct data_loader_options *options,
                                    struct data_loader **out,
                                    struct data_error *err)
{
    *out = NULL;
    enum data_status status = check(set, options, err);
    if (status != DATA_OK) return status;
    struct data_loader *l = calloc(1, sizeof *l);
    if (!l)
        return data_fail(err, DATA_E_MEMORY, NULL, "no memory to load data");

    l->set = set;
    l->options = *options;
    l->batches = set->count / options->batch;
    if (options->mode == DATA_EVALUATION && set->count % options->batch != 0)
        l->batches++;
    data_normaliser_fill(&l->normaliser, &options->statistics);
    if (!allocate_all(l)) {
        status =
            data_fail(err, DATA_E_MEMORY, NULL,
                      "no memory for batches of %zu images", options->batch);
        goto done;
    }
    if (!start_thread(l)) {
        status = data_fail(err, DATA_E_THREAD, NULL,
                           "the system gave no thread to load data with");
        goto done;
    }
    *out = l;
    l = NULL; /* ownership has moved to the caller */
done:
    data_loader_destroy(l);
    return status;
}

void data_loader_destroy(struct data_loader *l)
{
    if (!l) return;
    if (l->has_thread) {
        pthread_mutex_lock(&l->lock);
        l->stop = true;
        pthread_cond_signal(&l->work);
        pthread_mutex_unlock(&l->lock);
        pthread_join(l->thread, NULL);
    }
    if (l->has_ready) pthread_cond_destroy(&l->ready);
    if (l->has_work) pthread_cond_destroy(&l->work);
    if (l->has_lock) pthread_mutex_destroy(&l->lock);
    for (size_t i = 0; i < SLOTS; i++) {
        free(l->slots[i].images);
        free(l->slots[i].labels);
        free(l->slots[i].samples);
    }
    free(l->order);
    free(l);
}

size_t data_loader_batches(const struct data_loader *l)
{
    return l->batches;
}

static void restart(struct data_loader *l, struct position at)
{
    pthread_mutex_lock(&l->lock);
    l->generation++;
    l->next = at;
    l->filled = l->released = 0;
    l->running = at.index < l->batches;
    l->held = false;
    pthread_cond_signal(&l->work);
    pthread_mutex_unlock(&l->lock);
}

void data_loader_start(struct data_loader *l, uint64_t epoch,
                       size_t first_batch)
{
    struct position at = {.epoch = epoch, .index = first_batch};
    if (l->options.mode == DATA_TRAINING) {
        at.epoch += first_batch / l->batches;
        at.index = first_batch % l->batches;
    }
    restart(l, at);
}

static int cut(int shift, size_t padding)
{
    const int reach = (int)padding;
    return shift > reach ? reach : shift < -reach ? -reach : shift;
}

void data_loader_start_view(struct data_loader *l, struct data_view view)
{
    view.right = cut(view.right, l->options.padding);
    view.down = cut(view.down, l->options.padding);
    restart(l, (struct position){.view = view});
}

const struct data_batch *data_loader_next(struct data_loader *l)
{
    data_loader_release(l);
    pthread_mutex_lock(&l->lock);
    while (l->filled == l->released && l->running)
        pthread_cond_wait(&l->ready, &l->lock);
    l->held = l->filled > l->released;
    const struct data_batch *batch =
        l->held ? &l->slots[l->released % SLOTS].batch : NULL;
    pthread_mutex_unlock(&l->lock);
    return batch;
}

void data_loader_release(struct data_loader *l)
{
    if (!l->held) return;
    pthread_mutex_lock(&l->lock);
    l->released++;
    l->held = false;
    pthread_cond_signal(&l->work);
    pthread_mutex_unlock(&l->lock);
}
