/* Finds a data set by its name in the folders that people keep data in. */
#include "data/places.h"

#include "data/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The folders that data sets are looked for in, in order, each owned by the
 * caller; one may be NULL without memory. */
enum { MAX_ROOTS = 6 };

static size_t list_roots(const char *first, char *roots[MAX_ROOTS])
{
    const char *chosen = getenv("TAPER_DATA"), *home = getenv("HOME");
    const char *share = getenv("XDG_DATA_HOME");
    size_t n = 0;

    if (first) roots[n++] = strdup(first);
    if (chosen && chosen[0]) roots[n++] = strdup(chosen);
    roots[n++] = strdup("./data");
    if (share && share[0])
        roots[n++] = data_path_join(share, "taper");
    else if (home && home[0])
        roots[n++] = data_path_join(home, ".local/share/taper");
    roots[n++] = strdup("/usr/share/datasets");
    return n;
}

/* *folder stays NULL if the set is nowhere. Returns false without memory. */
static bool look(const struct data_place *place, char *const *roots, size_t n,
                 char **folder)
{
    *folder = NULL;
    for (size_t i = 0; i < n; i++)
        if (!roots[i]) return false;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < 4 && place->folders[j]; j++) {
            *folder = data_path_join(roots[i], place->folders[j]);
            if (!*folder) return false;
            if (place->accept(*folder)) return true;
            free(*folder);
            *folder = NULL;
        }
    if (!place->elsewhere || !place->accept(place->elsewhere)) return true;
    *folder = strdup(place->elsewhere);
    return *folder != NULL;
}

static enum data_status fail_unknown(const struct data_place *place,
                                     char *const *roots, size_t n,
                                     struct data_error *err)
{
    char places[512] = "";
    size_t used = 0;
    for (size_t i = 0; i < n && used < sizeof places; i++)
        used += (size_t)snprintf(places + used, sizeof places - used, "%s%s",
                                 i ? ", " : "", roots[i]);
    return data_fail(err, DATA_E_NOT_FOUND, NULL, "%s was not found in %s: %s",
                     place->name, places, place->advice);
}

enum data_status data_place_find(const struct data_place *place,
                                 const char *first, char **folder,
                                 struct data_error *err)
{
    char *roots[MAX_ROOTS];
    const size_t n = list_roots(first, roots);
    enum data_status status = DATA_OK;
    if (!look(place, roots, n, folder))
        status = data_fail(err, DATA_E_MEMORY, NULL, "no memory to look for %s",
                           place->name);
    else if (!*folder)
        status = fail_unknown(place, roots, n, err);
    for (size_t i = 0; i < n; i++)
        free(roots[i]);
    return status;
}
