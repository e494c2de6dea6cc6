/* What the parts of the store share: the handle, statements, and one line for
 * everything that SQLite can say went wrong. */
#ifndef TAPER_STUDY_STORE_INSIDE_H
#define TAPER_STUDY_STORE_INSIDE_H

#include "study/store.h"
#include "study/store_owner.h"

#include <sqlite3.h>

struct study_store {
    sqlite3 *db;
    char *path;
    struct study_owner owner;
};

/* Fills in *err from what the last call on the database returned. */
enum study_status study_store_fail(const struct study_store *s, int code,
                                   struct study_error *err);

/* Runs statements without parameters or results. */
enum study_status study_store_do(struct study_store *s, const char *sql,
                                 struct study_error *err);

/* Prepares one statement; on failure *out is NULL. */
enum study_status study_store_prepare(struct study_store *s, const char *sql,
                                      sqlite3_stmt **out,
                                      struct study_error *err);

/* Steps a statement that gives no rows, and resets it for the next values. */
enum study_status study_store_step(struct study_store *s, sqlite3_stmt *q,
                                   struct study_error *err);

/* Everything between these is stored or nothing is. `begin` waits for other
 * writers; `end` commits if `status` is STUDY_OK, else takes it all back, and
 * returns what became of it. */
enum study_status study_store_begin(struct study_store *s,
                                    struct study_error *err);
enum study_status study_store_end(struct study_store *s,
                                  enum study_status status,
                                  struct study_error *err);

/* Adds within a transaction that the caller began: study_store_add. */
enum study_status study_store_add_inside(struct study_store *s,
                                         struct study_trial *trials,
                                         size_t count, size_t *added,
                                         struct study_error *err);

/* Sets the outcome of trial t->id, whoever has claimed it, if the SQL condition
 * `when` holds of it; *changed says whether it did. */
enum study_status study_store_outcome(struct study_store *s,
                                      const struct study_trial *t,
                                      const char *when, bool *changed,
                                      struct study_error *err);

/* A text for SQLite: NULL stays NULL. The text has to outlive the statement. */
void study_store_text(sqlite3_stmt *q, int index, const char *text);

/* A copy of a column, to be freed; false when memory ran out. */
bool study_store_copy(sqlite3_stmt *q, int column, char **out);

#endif
