/* The sorted names in a folder: classes, or one class's images. */
#ifndef TAPER_DATA_LISTING_H
#define TAPER_DATA_LISTING_H

#include "data/error.h"

#include <stdbool.h>
#include <stddef.h>

/* Names in order of their bytes, whatever the locale. Zeroed is empty. */
struct data_listing {
    char **names; /* [count], owned; NULL once handed over */
    size_t count, capacity;
};

void data_listing_free(struct data_listing *listing);

/* Whether a name within an open folder is to be listed. */
typedef bool data_listing_wanted(int folder, const char *name);

/* Whatever is wanted, without hidden ones. */
enum data_status data_list(const char *folder, data_listing_wanted *wanted,
                           struct data_listing *listing,
                           struct data_error *err);

/* Whether a folder within `folder`, or within its folder `inner` unless that is
 * NULL, is wanted and holds a name that is wanted. Asks for no memory, so that
 * nothing is overlooked for want of it. */
bool data_list_holds(const char *folder, const char *inner,
                     data_listing_wanted *wanted_folder,
                     data_listing_wanted *wanted_name);

/* The folders within `folder`, without hidden ones. */
enum data_status data_list_folders(const char *folder,
                                   struct data_listing *listing,
                                   struct data_error *err);

/* The names within `folder` that end in .jpg, .jpeg or .png, in lower or upper
 * case, without hidden ones. */
enum data_status data_list_images(const char *folder,
                                  struct data_listing *listing,
                                  struct data_error *err);

#endif
