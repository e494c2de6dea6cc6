/* The file in which a study lives: SQLite, one row a trial.
 *
 * Every change is one transaction, so that a process which dies at any moment
 * leaves a whole file behind. Several processes may work on one file: a trial
 * is claimed by one of them, and who claims holds a lock on a file beside the
 * store, PATH-lock, for as long as it lives. What a process had claimed when it
 * died is taken back by the next one that looks. The lock file is gone when
 * nobody works on the store.
 *
 * All texts are UTF-8. A handle belongs to one thread at a time, and a process
 * has one handle on a file at a time. */
#ifndef TAPER_STUDY_STORE_H
#define TAPER_STUDY_STORE_H

#include "study/study_status.h"
#include "study/trial.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct study_store;

enum study_access {
    STUDY_CREATE, /* read and write; made if it is not there, with the folders
                     that its path names */
    STUDY_WRITE,  /* read and write a file that exists */
    STUDY_READ    /* read a file that exists; it may be write-protected, and
                     others may work on it meanwhile */
};

/* Opens the store in file `path`. An empty file counts as a new one.
 *
 * On failure *out is NULL. Returns STUDY_E_FORMAT for a file that is no study,
 * is of a newer version of taper, or is damaged; STUDY_E_FILE for one that is
 * missing, a folder, not permitted, write-protected, or on a full disk; each
 * with a line that names the file and what to do. The caller owns *out. */
enum study_status study_store_open(struct study_store **out, const char *path,
                                   enum study_access access,
                                   struct study_error *err);

/* Gives back what this process had claimed and closes the file; NULL is
 * legal. */
void study_store_close(struct study_store *s);

const char *study_store_path(const struct study_store *s); /* as opened */

/* ------------------------------------------------------------------- facts
 *
 * What holds for the whole study, as text under names. Those that identify it
 * say which trials can stand beside each other: task, options or command,
 * metric, direction, unit of budgets. Others just inform: when it was made, by
 * which version, how it was asked for. */

struct study_fact {
    char *key;   /* "task", "metric", ... */
    char *value; /* any text */
    bool identity;
};

struct study_facts {
    struct study_fact *items; /* [count], in order of their keys */
    size_t count;
};

/* Makes a new store that of this study, or sees that the store is of this very
 * study. `facts` are those that identify it; their `identity` is not looked at.
 * STUDY_E_USAGE, with a line that names what differs ("FILE is a study of
 * image, not of text"; "FILE was made with lr=1, not lr=2"), and no change, if
 * it is another. */
enum study_status study_store_identify(struct study_store *s,
                                       const struct study_fact *facts,
                                       size_t count, struct study_error *err);

/* Sets a fact that informs; one that identifies is refused (STUDY_E_USAGE). */
enum study_status study_store_set(struct study_store *s, const char *key,
                                  const char *value, struct study_error *err);

/* *value becomes the text of a fact, which the caller frees, or NULL if there
 * is none of that name, which is no error. */
enum study_status study_store_get(struct study_store *s, const char *key,
                                  char **value, struct study_error *err);

/* All facts, which the caller gives to study_facts_clear. */
enum study_status study_store_facts(struct study_store *s,
                                    struct study_facts *out,
                                    struct study_error *err);
void study_facts_clear(struct study_facts *facts); /* zeroed is legal */

/* ------------------------------------------------------------------ trials */

/* Sees to it that the store has these trials, by role, schedule, peak, budget
 * and seed, and sets the id and the state of each to those in the store. New
 * ones are stored as STUDY_WAITING or, if that is their state here, as
 * STUDY_HALVED. Of those that are there already a waiting one that is halved
 * here becomes halved and the other way round; nothing else changes.
 *
 * *added (may be NULL) is how many were not there. One transaction: all or
 * none. STUDY_E_USAGE if a name stands for another schedule in the store, or a
 * schedule has another name there; the line says which. */
enum study_status study_store_add(struct study_store *s,
                                  struct study_trial *trials, size_t count,
                                  size_t *added, struct study_error *err);

/* Claims the first of the trials with these ids that waits: it is STUDY_RUNNING
 * from now on and belongs to this process. *out is a copy of it, which the
 * caller clears; *claimed says whether there was one. */
enum study_status study_store_claim(struct study_store *s, const int64_t *ids,
                                    size_t count, struct study_trial *out,
                                    bool *claimed, struct study_error *err);

/* Stores how a claimed trial ended: everything from `state` on. The state is
 * STUDY_DONE, STUDY_FAILED or STUDY_DIVERGED, or STUDY_WAITING to give the
 * claim back as if it had never run. When this returns STUDY_OK the result is
 * on disk. STUDY_E_USAGE, without a change, if this process does not have the
 * claim (any more). */
enum study_status study_store_finish(struct study_store *s,
                                     const struct study_trial *t,
                                     struct study_error *err);

/* What study_store_list leaves out: curves and summaries are most of a file. */
enum study_detail {
    STUDY_BRIEF, /* curve and summary are NULL */
    STUDY_FULL
};

/* All trials in order of id, as of one moment; *out is zeroed on failure. */
enum study_status study_store_list(struct study_store *s,
                                   enum study_detail detail,
                                   struct study_trials *out,
                                   struct study_error *err);

/* A number that changes whenever another process may have changed the store;
 * cheap. Equal numbers: nothing to read again. */
enum study_status study_store_version(struct study_store *s, int64_t *out,
                                      struct study_error *err);

/* Lets claims whose process is dead wait again; *count (may be NULL) is how
 * many there were. Opening for writing does it as well. */
enum study_status study_store_reclaim(struct study_store *s, size_t *count,
                                      struct study_error *err);

/* Lets failed trials wait again, their errors forgotten. */
enum study_status study_store_retry(struct study_store *s, size_t *count,
                                    struct study_error *err);

struct study_totals {
    size_t total, waiting, running, done, failed, diverged, halved;
    double seconds; /* of all trials that ran, together */
};

enum study_status study_store_counts(struct study_store *s,
                                     struct study_totals *out,
                                     struct study_error *err);

/* Adds the trials of the store in file `path` that are over (done, failed,
 * diverged) and not over here; *added (may be NULL) is how many. A new store
 * takes over the facts too; otherwise both must be of the same study, else
 * STUDY_E_USAGE with a line that names what differs. `path` is only read. */
enum study_status study_store_merge(struct study_store *s, const char *path,
                                    size_t *added, struct study_error *err);

#endif
