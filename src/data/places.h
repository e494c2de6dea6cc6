/* Where data sets known by name are looked for. */
#ifndef TAPER_DATA_PLACES_H
#define TAPER_DATA_PLACES_H

#include "data/error.h"

#include <stdbool.h>

/* A set known by name: the folders it is usually unpacked to, and what to do
 * if none is there. */
struct data_place {
    const char *name;
    const char *folders[4]; /* below each of the places; NULL past the last */
    const char *elsewhere;  /* one more folder, tried after all; or NULL */
    const char *advice;     /* ends the error, e.g. "install ..." */
    bool (*accept)(const char *folder); /* whether the set lies there */
};

/* Look below `first` (unless it is NULL), $TAPER_DATA, ./data,
 * $XDG_DATA_HOME/taper or ~/.local/share/taper, and /usr/share/datasets, then
 * in place->elsewhere. The caller owns *folder; it is NULL on failure. Fails
 * with DATA_E_NOT_FOUND and a line that names the places, or
 * DATA_E_MEMORY. */
enum data_status data_place_find(const struct data_place *place,
                                 const char *first, char **folder,
                                 struct data_error *err);

#endif
