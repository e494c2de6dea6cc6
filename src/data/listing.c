/* Lists folders in an order that does not depend on the file system. */
#include "data/listing.h"

#include "data/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void data_listing_free(struct data_listing *listing)
{
    for (size_t i = 0; listing->names && i < listing->count; i++)
        free(listing->names[i]);
    free(listing->names);
    *listing = (struct data_listing){0};
}

static bool append(struct data_listing *listing, const char *name)
{
    if (listing->count == listing->capacity) {
        const size_t capacity = listing->capacity ? 2 * listing->capacity : 64;
        char **names = realloc(listing->names, capacity * sizeof *names);
        if (!names) return false;
        listing->names = names;
        listing->capacity = capacity;
    }
    char *copy = strdup(name);
    if (!copy) return false;
    listing->names[listing->count++] = copy;
    return true;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_folder(int folder, const char *name)
{
    struct stat info;
    return fstatat(folder, name, &info, 0) == 0 && S_ISDIR(info.st_mode);
}

static bool is_image(int folder, const char *name)
{
    (void)folder;
    return data_path_ends_with(name, ".jpg") ||
           data_path_ends_with(name, ".jpeg") ||
           data_path_ends_with(name, ".png");
}

enum data_status data_list(const char *folder, data_listing_wanted *wanted,
                           struct data_listing *listing, struct data_error *err)
{
    DIR *open = opendir(folder);
    if (!open) return data_fail_system(err, folder, "cannot be opened", errno);
    enum data_status status = DATA_OK;
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(open);
        if (!entry) {
            if (errno != 0)
                status =
                    data_fail(err, DATA_E_READ, folder, "cannot be listed");
            break;
        }
        if (entry->d_name[0] == '.' || !wanted(dirfd(open), entry->d_name))
            continue;
        if (!append(listing, entry->d_name)) {
            status = data_fail(err, DATA_E_MEMORY, folder,
                               "no memory for its %zu names", listing->count);
            break;
        }
    }
    closedir(open);
    if (status == DATA_OK && listing->count > 0)
        qsort(listing->names, listing->count, sizeof *listing->names, compare);
    return status;
}

enum data_status data_list_folders(const char *folder,
                                   struct data_listing *listing,
                                   struct data_error *err)
{
    return data_list(folder, is_folder, listing, err);
}

enum data_status data_list_images(const char *folder,
                                  struct data_listing *listing,
                                  struct data_error *err)
{
    return data_list(folder, is_image, listing, err);
}

/* The folder `name` of an open folder, or NULL. */
static DIR *open_within(int folder, const char *name)
{
    const int file =
        openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return NULL;
    DIR *open = fdopendir(file);
    if (!open) close(file);
    return open;
}

/* Whether the folder `name` of an open folder holds a name that is wanted. */
static bool holds_name(int folder, const char *name,
                       data_listing_wanted *wanted)
{
    DIR *open = open_within(folder, name);
    bool found = false;
    for (const struct dirent *e; !found && open && (e = readdir(open));)
        found = e->d_name[0] != '.' && wanted(dirfd(open), e->d_name);
    if (open) closedir(open);
    return found;
}

bool data_list_holds(const char *folder, const char *inner,
                     data_listing_wanted *wanted_folder,
                     data_listing_wanted *wanted_name)
{
    DIR *open = open_within(AT_FDCWD, folder);
    if (open && inner) {
        DIR *outer = open;
        open = open_within(dirfd(outer), inner);
        closedir(outer);
    }
    bool found = false;
    for (const struct dirent *e; !found && open && (e = readdir(open));)
        found = e->d_name[0] != '.' && wanted_folder(dirfd(open), e->d_name) &&
                holds_name(dirfd(open), e->d_name, wanted_name);
    if (open) closedir(open);
    return found;
}
