/* What a layout of texts offers to data_texts_open(). */
#ifndef TAPER_DATA_TEXT_LAYOUT_H
#define TAPER_DATA_TEXT_LAYOUT_H

#include "data/text_list.h"

/* A set as its files have it. Zeroed is empty. */
struct data_text_source {
    struct data_labels labels; /* of both splits */
    struct data_text_list train;
    struct data_text_list test; /* empty: `train` is to be split */
    const char *layout;         /* its name, set by the loader */
};

/* A detector looks at names and opens no file. `path` may be a file or a
 * folder. A loader fills in a zeroed source; the caller frees what it leaves,
 * also on failure. */
typedef bool data_text_detect(const char *path);
typedef enum data_status data_text_load(const char *path,
                                        struct data_text_source *source,
                                        struct data_error *err);

data_text_detect data_delimited_detect, data_mail_detect,
    data_text_folder_detect;
data_text_load data_delimited_load, data_mail_load, data_text_folder_load;

#endif
