/* A folder of its own for each test of studies, and trials to fill stores
 * with. */
#ifndef TAPER_TESTS_ROOM_H
#define TAPER_TESTS_ROOM_H

#include "study/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* cmocka fixtures: *state becomes the folder's path. */
int room_create(void **state);
int room_remove(void **state);

/* "folder/name" in one of a few static buffers, which are used in turn. */
const char *room_path(const char *folder, const char *name);

void room_write(const char *folder, const char *name, const void *bytes,
                size_t size);

/* The whole file with a NUL behind it, "" if there is none; the caller
 * frees. */
char *room_read(const char *folder, const char *name);

/* How many lines of a file hold `part`. */
size_t room_lines(const char *folder, const char *name, const char *part);

/* A trial that is not stored: schedule NAME, text "NAME()", peak 0, budget 0,
 * role STUDY_SCORE. Its texts are literals or static. */
struct study_trial room_trial(const char *name, int64_t seed);

/* Opens a store that has to open. */
struct study_store *room_open(const char *path, enum study_access access);

/* The store with nothing but one fact and `count` waiting trials of one
 * schedule, seeds from 0. */
struct study_store *room_store(const char *path, size_t count);

/* Claims and finishes the first waiting trial with this metric (NaN:
 * diverged); returns its id. */
int64_t room_run_one(struct study_store *s, double metric);

/* All trials of a store with all that is known of them; the caller clears
 * them. */
struct study_trials room_list(struct study_store *s);

struct study_totals room_totals(struct study_store *s);

/* The message is one line that holds `part`. */
void assert_message(const struct study_error *err, enum study_status status,
                    const char *part);

#endif
