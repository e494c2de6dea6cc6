/* Image folders: train/<class>/x.jpg|jpeg|png, and test/ or val/ alike.
 *
 * Files are listed first, then decoded by several threads straight into the
 * set's pixels. Sample k of the set does not depend on the threads: one file of
 * each class is taken in turn, classes and files in the order of their names,
 * and classes that have run out are passed over. */
#include "data/file.h"
#include "data/image.h"
#include "data/layout.h"
#include "data/listing.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_THREADS = 64, CHUNK = 64 /* samples a thread takes at a time */ };

/* One split's files. */
struct plan {
    char *root; /* e.g. "pets/train" */
    struct data_listing classes;
    struct data_listing *images; /* [classes.count] */
    size_t total;                /* images of all classes */
};

static void plan_free(struct plan *plan)
{
    for (size_t c = 0; plan->images && c < plan->classes.count; c++)
        data_listing_free(&plan->images[c]);
    free(plan->images);
    data_listing_free(&plan->classes);
    free(plan->root);
    *plan = (struct plan){0};
}

bool data_folder_detect(const char *folder)
{
    return data_folder_holds_folder(folder, "train");
}

static enum data_status list_classes(struct plan *plan, const char *folder,
                                     const char *split, struct data_error *err)
{
    plan->root = data_path_join(folder, split);
    if (!plan->root) return data_fail(err, DATA_E_MEMORY, folder, "no memory");
    const enum data_status status =
        data_list_folders(plan->root, &plan->classes, err);
    if (status != DATA_OK) return status;

    const size_t count = plan->classes.count;
    if (count == 0)
        return data_fail(err, DATA_E_FORMAT, plan->root,
                         "holds no folders; it needs one for each class");
    if (count == 1)
        return data_fail(err, DATA_E_FORMAT, plan->root,
                         "has only one class, '%s'", plan->classes.names[0]);
    if (count > DATA_MAX_CLASSES)
        return data_fail(err, DATA_E_FORMAT, plan->root,
                         "has %zu classes; at most %d are read", count,
                         DATA_MAX_CLASSES);
    return DATA_OK;
}

static enum data_status list_class(struct plan *plan, size_t class,
                                   struct data_error *err)
{
    char *path = data_path_join(plan->root, plan->classes.names[class]);
    if (!path) return data_fail(err, DATA_E_MEMORY, plan->root, "no memory");
    struct data_listing *images = &plan->images[class];
    enum data_status status = data_list_images(path, images, err);
    if (status == DATA_OK && images->count == 0)
        status = data_fail(err, DATA_E_FORMAT, path,
                           "holds no .jpg, .jpeg or .png file");
    plan->total += images->count;
    free(path);
    return status;
}

/* List the images of the first `classes` classes. */
static enum data_status list_images(struct plan *plan, size_t classes,
                                    struct data_error *err)
{
    plan->images = calloc(plan->classes.count, sizeof *plan->images);
    if (!plan->images)
        return data_fail(err, DATA_E_MEMORY, plan->root, "no memory");
    for (size_t c = 0; c < classes; c++) {
        const enum data_status status = list_class(plan, c, err);
        if (status != DATA_OK) return status;
    }
    return DATA_OK;
}

/* Both lists are sorted, so the first difference names the odd one out. */
static enum data_status compare_classes(const struct plan *train,
                                        const struct plan *test,
                                        struct data_error *err)
{
    const struct data_listing *a = &train->classes, *b = &test->classes;
    for (size_t i = 0; i < a->count || i < b->count; i++) {
        const int order = i == a->count   ? 1
                          : i == b->count ? -1
                                          : strcmp(a->names[i], b->names[i]);
        if (order < 0)
            return data_fail(err, DATA_E_FORMAT, test->root,
                             "lacks the class '%s' of the training images",
                             a->names[i]);
        if (order > 0)
            return data_fail(err, DATA_E_FORMAT, test->root,
                             "has a class '%s' that the training images lack",
                             b->names[i]);
    }
    return DATA_OK;
}

/* Where one sample comes from. */
struct source {
    uint32_t class, file; /* indices into the plan */
};

/* Fill in [count] sources, one file of each class in turn. */
static void interleave(const struct plan *plan, struct source *out,
                       size_t count)
{
    size_t filled = 0;
    for (size_t file = 0; filled < count; file++)
        for (size_t c = 0; c < plan->classes.count && filled < count; c++)
            if (file < plan->images[c].count)
                out[filled++] = (struct source){(uint32_t)c, (uint32_t)file};
}

static char *source_path(const struct plan *plan, struct source from)
{
    char *folder = data_path_join(plan->root, plan->classes.names[from.class]);
    if (!folder) return NULL;
    char *path =
        data_path_join(folder, plan->images[from.class].names[from.file]);
    free(folder);
    return path;
}

/* What the decoding threads share. `next`, `failed_at` and `err` belong to
 * whoever holds the lock. */
struct decoding {
    const struct plan *plan;
    const struct source *sources; /* [set->count] */
    struct data_set *set;
    const char *first; /* the image that set the shape */
    pthread_mutex_t lock;
    size_t next;             /* the first sample nobody has taken */
    size_t failed_at;        /* the lowest sample that failed, or SIZE_MAX */
    struct data_error error; /* of that sample */
};

static enum data_status decode_one(const struct decoding *d, size_t sample,
                                   struct data_buffer *buffer,
                                   struct data_error *err)
{
    char *path = source_path(d->plan, d->sources[sample]);
    if (!path) return data_fail(err, DATA_E_MEMORY, d->plan->root, "no memory");

    const struct data_image_shape shape = {d->set->channels, d->set->height,
                                           d->set->width};
    const size_t bytes = shape.channels * shape.height * shape.width;
    enum data_status status = data_file_read(path, buffer, err);
    if (status == DATA_OK)
        status =
            data_image_decode(buffer->bytes, buffer->size, path, shape,
                              d->first, d->set->pixels + sample * bytes, err);
    d->set->labels[sample] = (int32_t)d->sources[sample].class;
    free(path);
    return status;
}

/* Chunks are handed out in order and a chunk once taken is worked through to
 * its own first error, so the lowest failing sample, and with it the message,
 * does not depend on the threads. */
static void *decode_chunks(void *shared)
{
    struct decoding *d = shared;
    struct data_buffer buffer = {0};
    enum data_status status = DATA_OK;
    while (status == DATA_OK) {
        pthread_mutex_lock(&d->lock);
        const size_t begin = d->failed_at < SIZE_MAX ? d->set->count : d->next;
        d->next = begin + CHUNK;
        pthread_mutex_unlock(&d->lock);
        if (begin >= d->set->count) break;

        struct data_error error;
        size_t i = begin;
        for (; i < begin + CHUNK && i < d->set->count; i++) {
            status = decode_one(d, i, &buffer, &error);
            if (status != DATA_OK) break;
        }
        if (status == DATA_OK) continue;
        pthread_mutex_lock(&d->lock);
        if (i < d->failed_at) {
            d->failed_at = i;
            d->error = error;
        }
        pthread_mutex_unlock(&d->lock);
    }
    data_buffer_free(&buffer);
    return NULL;
}

/* Decode on this thread and up to threads - 1 more; fewer if the system gives
 * fewer. The helpers take no signals: those are the program's to handle. */
static enum data_status decode_all(struct decoding *d, size_t threads,
                                   struct data_error *err)
{
    pthread_t helpers[MAX_THREADS];
    size_t started = 0;
    sigset_t all, before;

    pthread_mutex_init(&d->lock, NULL);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (started + 1 < threads && started * CHUNK < d->set->count &&
           pthread_create(&helpers[started], NULL, decode_chunks, d) == 0)
        started++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    decode_chunks(d);
    for (size_t i = 0; i < started; i++)
        pthread_join(helpers[i], NULL);
    pthread_mutex_destroy(&d->lock);

    if (d->failed_at == SIZE_MAX) return DATA_OK;
    if (err) *err = d->error;
    return d->error.status;
}

static size_t thread_count(size_t wanted)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const size_t n = wanted > 0       ? wanted
                     : processors > 0 ? (size_t)processors
                                      : 1;
    return n < MAX_THREADS ? n : MAX_THREADS;
}

/* The shape of all images is that of the first training image. Its path is
 * handed over to the caller whatever is returned. */
static enum data_status read_shape(const struct plan *train,
                                   struct data_image_shape *shape, char **path,
                                   struct data_error *err)
{
    struct data_buffer buffer = {0};
    *path = source_path(train, (struct source){0, 0});
    if (!*path) return data_fail(err, DATA_E_MEMORY, train->root, "no memory");
    enum data_status status = data_file_read(*path, &buffer, err);
    if (status == DATA_OK)
        status = data_image_probe(buffer.bytes, buffer.size, *path, shape, err);
    data_buffer_free(&buffer);
    return status;
}

static enum data_status fill_set(const struct plan *plan, const char *first,
                                 const struct data_open_options *options,
                                 struct data_set *set, struct data_error *err)
{
    struct source *sources = malloc(set->count * sizeof *sources);
    if (!sources) return data_fail(err, DATA_E_MEMORY, plan->root, "no memory");
    interleave(plan, sources, set->count);
    struct decoding d = {.plan = plan,
                         .sources = sources,
                         .set = set,
                         .first = first,
                         .failed_at = SIZE_MAX};
    const enum data_status status =
        decode_all(&d, thread_count(options->threads), err);
    free(sources);
    return status;
}

/* List what is needed of both splits: every training image for the training
 * split, and for the test split only the training classes and first image. */
static enum data_status make_plans(const char *folder, enum data_split split,
                                   struct plan *train, struct plan *test,
                                   struct data_error *err)
{
    enum data_status status = list_classes(train, folder, "train", err);
    if (status == DATA_OK)
        status =
            list_images(train, split == DATA_TRAIN ? train->classes.count : 1,
                        err);
    if (status != DATA_OK || split == DATA_TRAIN) return status;

    const char *name =
        data_folder_holds_folder(folder, "test") ? "test" : "val";
    status = list_classes(test, folder, name, err);
    if (status == DATA_E_NOT_FOUND)
        return data_fail(err, status, folder, "holds no folder test or val");
    if (status == DATA_OK) status = compare_classes(train, test, err);
    if (status == DATA_OK) status = list_images(test, test->classes.count, err);
    return status;
}

enum data_status data_folder_load(const char *folder, enum data_split split,
                                  const struct data_open_options *options,
                                  struct data_set *set, struct data_error *err)
{
    struct plan train = {0}, test = {0};
    struct plan *plan = split == DATA_TRAIN ? &train : &test;
    struct data_image_shape shape;
    char *first = NULL;

    enum data_status status = make_plans(folder, split, &train, &test, err);
    if (status == DATA_OK) status = read_shape(&train, &shape, &first, err);
    if (status == DATA_OK)
        status = data_set_allocate(set, plan->total, options->limit, shape,
                                   plan->root, err);
    if (status == DATA_OK) status = fill_set(plan, first, options, set, err);
    if (status == DATA_OK) {
        set->classes = plan->classes.count;
        set->class_names = plan->classes.names; /* now the set's */
        plan->classes.names = NULL;
    }
    free(first);
    plan_free(&train);
    plan_free(&test);
    return status;
}
