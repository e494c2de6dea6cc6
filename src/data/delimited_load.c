/* Finds and reads TSV and CSV files: train and test in a folder, or one file
 * that is still to be split. */
#include "data/delimited.h"
#include "data/text_layout.h"
#include "data/texts.h"

#include <stdlib.h>

static const struct format {
    const char *ending, *gzip; /* of file names */
    const char *layout;
    char separator;
} formats[] = {
    {".tsv", ".tsv.gz", "TSV", '\t'},
    {".csv", ".csv.gz", "CSV", ','},
};
enum { FORMATS = sizeof formats / sizeof formats[0] };

static const struct format *format_of(const char *path)
{
    for (size_t i = 0; i < FORMATS; i++)
        if (data_path_ends_with(path, formats[i].ending) ||
            data_path_ends_with(path, formats[i].gzip))
            return &formats[i];
    return NULL;
}

/* The names that a split's file may have; the first that is there is read. */
static const char *const train_files[] = {"train.tsv", "train.tsv.gz",
                                          "train.csv", "train.csv.gz"};
static const char *const test_files[] = {"test.tsv", "test.tsv.gz", "test.csv",
                                         "test.csv.gz"};
enum { FILES = sizeof train_files / sizeof train_files[0] };

static const char *find_file(const char *folder, const char *const *names)
{
    for (size_t i = 0; i < FILES; i++)
        if (data_folder_holds(folder, names[i])) return names[i];
    return NULL;
}

bool data_delimited_detect(const char *path)
{
    if (data_path_is_folder(path)) return find_file(path, train_files) != NULL;
    return format_of(path) != NULL;
}

static enum data_status read_file(const char *path, struct data_labels *labels,
                                  struct data_text_list *list,
                                  struct data_error *err)
{
    struct data_buffer buffer = {0};
    enum data_status status =
        data_text_read(path, DATA_MAX_TEXT_BYTES, &buffer, err);
    if (status == DATA_OK)
        status = data_delimited_parse(buffer.bytes, buffer.size,
                                      format_of(path)->separator, path, labels,
                                      list, err);
    data_buffer_free(&buffer);
    return status;
}

static enum data_status read_split(const char *folder, const char *name,
                                   struct data_labels *labels,
                                   struct data_text_list *list,
                                   struct data_error *err)
{
    char *path = data_path_join(folder, name);
    if (!path) return data_fail(err, DATA_E_MEMORY, folder, "no memory");
    const enum data_status status = read_file(path, labels, list, err);
    free(path);
    return status;
}

enum data_status data_delimited_load(const char *path,
                                     struct data_text_source *source,
                                     struct data_error *err)
{
    if (!data_path_is_folder(path)) {
        source->layout = format_of(path)->layout;
        return read_file(path, &source->labels, &source->train, err);
    }
    const char *train = find_file(path, train_files);
    const char *test = find_file(path, test_files);
    if (!test)
        return data_fail(err, DATA_E_NOT_FOUND, path,
                         "holds %s but no test.tsv or test.csv; give the file "
                         "itself to have a fifth of it set aside for testing",
                         train);
    source->layout = format_of(train)->layout;
    const enum data_status status =
        read_split(path, train, &source->labels, &source->train, err);
    if (status != DATA_OK) return status;
    return read_split(path, test, &source->labels, &source->test, err);
}
