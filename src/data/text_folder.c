/* Text folders: train/<class>/x.txt and test/ or val/ alike, or <class>/x.txt
 * that is still to be split. Classes and files are taken in the order of their
 * names. */
#include "data/dataset.h"
#include "data/listing.h"
#include "data/text_layout.h"
#include "data/texts.h"

#include <stdlib.h>
#include <string.h>

/* IMDB keeps reviews without a label beside its classes. */
static const char unlabelled[] = "unsup";

static bool is_text(int folder, const char *name)
{
    (void)folder;
    return data_path_ends_with(name, ".txt") ||
           data_path_ends_with(name, ".txt.gz");
}

static bool is_any(int folder, const char *name)
{
    (void)folder;
    (void)name;
    return true;
}

bool data_text_folder_detect(const char *path)
{
    return data_folder_holds_folder(path, "train") ||
           data_list_holds(path, NULL, is_any, is_text);
}

/* What one class's folder is read with. */
struct reading {
    struct data_labels *labels;
    struct data_text_list *list;
    struct data_buffer buffer; /* of the file that is being read */
};

static enum data_status read_text(struct reading *r, const char *folder,
                                  const char *name, int32_t label,
                                  struct data_error *err)
{
    char *path = data_path_join(folder, name);
    if (!path) return data_fail(err, DATA_E_MEMORY, folder, "no memory");
    enum data_status status =
        data_text_read(path, DATA_MAX_TEXT, &r->buffer, err);
    if (status == DATA_OK)
        status =
            data_text_put(r->list, r->buffer.bytes, r->buffer.size, path, err);
    if (status == DATA_OK) status = data_text_end(r->list, label, path, err);
    free(path);
    return status;
}

static enum data_status fail_empty(const char *folder, struct data_error *err)
{
    struct data_listing images = {0};
    const bool holds_images =
        data_list_images(folder, &images, NULL) == DATA_OK && images.count > 0;
    data_listing_free(&images);
    return data_fail(err, DATA_E_FORMAT, folder,
                     holds_images ? "holds images, not texts (.txt or .txt.gz)"
                                  : "holds no .txt or .txt.gz file");
}

static enum data_status read_texts(struct reading *r, const char *folder,
                                   const char *class, struct data_error *err)
{
    struct data_listing texts = {0};
    int32_t label = 0;
    enum data_status status = data_list(folder, is_text, &texts, err);
    if (status == DATA_OK && texts.count == 0) status = fail_empty(folder, err);
    if (status == DATA_OK)
        status = data_labels_number(r->labels, class, strlen(class), folder,
                                    &label, err);
    for (size_t i = 0; status == DATA_OK && i < texts.count; i++)
        status = read_text(r, folder, texts.names[i], label, err);
    data_listing_free(&texts);
    return status;
}

static enum data_status read_class(struct reading *r, const char *root,
                                   const char *class, struct data_error *err)
{
    if (strcmp(class, unlabelled) == 0) return DATA_OK;
    if (strlen(class) > DATA_MAX_LABEL)
        return data_fail(err, DATA_E_FORMAT, root,
                         "has a class whose name is longer than %d bytes",
                         DATA_MAX_LABEL);
    char *folder = data_path_join(root, class);
    if (!folder) return data_fail(err, DATA_E_MEMORY, root, "no memory");
    const enum data_status status = read_texts(r, folder, class, err);
    free(folder);
    return status;
}

static enum data_status read_classes(const char *root,
                                     struct data_labels *labels,
                                     struct data_text_list *list,
                                     struct data_error *err)
{
    struct data_listing classes = {0};
    struct reading r = {.labels = labels, .list = list};
    enum data_status status = data_list_folders(root, &classes, err);
    for (size_t c = 0; status == DATA_OK && c < classes.count; c++)
        status = read_class(&r, root, classes.names[c], err);
    if (status == DATA_OK && list->count == 0)
        status = data_fail(err, DATA_E_FORMAT, root,
                           "holds no folders; it needs one for each class");
    data_listing_free(&classes);
    data_buffer_free(&r.buffer);
    return status;
}

static enum data_status read_split(const char *folder, const char *split,
                                   struct data_labels *labels,
                                   struct data_text_list *list,
                                   struct data_error *err)
{
    char *root = data_path_join(folder, split);
    if (!root) return data_fail(err, DATA_E_MEMORY, folder, "no memory");
    const enum data_status status = read_classes(root, labels, list, err);
    free(root);
    return status;
}

enum data_status data_text_folder_load(const char *path,
                                       struct data_text_source *source,
                                       struct data_error *err)
{
    source->layout = "text folder";
    if (!data_folder_holds_folder(path, "train"))
        return read_classes(path, &source->labels, &source->train, err);

    const char *test = data_folder_holds_folder(path, "test")  ? "test"
                       : data_folder_holds_folder(path, "val") ? "val"
                                                               : NULL;
    if (!test)
        return data_fail(err, DATA_E_NOT_FOUND, path,
                         "holds a folder train but none named test or val");
    const enum data_status status =
        read_split(path, "train", &source->labels, &source->train, err);
    if (status != DATA_OK) return status;
    return read_split(path, test, &source->labels, &source->test, err);
}
