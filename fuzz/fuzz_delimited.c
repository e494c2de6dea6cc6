/* TSV and CSV: whatever the bytes, parsing ends in a value, and what it accepts
 * comes from the file: texts one after another, of labels that there are. */
#include "fuzz.h"

#include "data/delimited.h"
#include "data/texts.h"

#include <stdlib.h>
#include <string.h>

static void require(bool promise)
{
    if (!promise) abort();
}

static void parse(const uint8_t *bytes, size_t size, char separator)
{
    struct data_labels labels = {0};
    struct data_text_list list = {0};
    struct data_error err = {DATA_OK, ""};
    const enum data_status status =
        data_delimited_parse(bytes, size, separator, "fuzz", &labels, &list,
                             &err);

    require(status == DATA_OK ? list.count > 0
                              : status == DATA_E_FORMAT && err.message[0]);
    for (size_t i = 0; i < list.count; i++) {
        require(data_text_begin(&list, i) <= list.ends[i]);
        require(list.labels[i] >= 0 && (size_t)list.labels[i] < labels.count);
    }
    require(list.count == 0 || list.ends[list.count - 1] < size);
    for (size_t i = 0; i < labels.count; i++)
        require(strlen(labels.names[i]) <= DATA_MAX_LABEL);
    data_labels_free(&labels);
    data_text_list_free(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    parse(bytes, size, '\t');
    parse(bytes, size, ',');
    return 0;
}
