/* Which of a log's columns is the step, the rate, the loss and the norm: by
 * the names that were asked for, or by those that trainers use. */
#ifndef LOG_LOG_COLUMNS_H
#define LOG_LOG_COLUMNS_H

#include "log/loss_log.h"

enum { LOG_NAMES_MAX = 4096 }; /* in a list: no log has more */

/* Names of what a log holds, in its order. A zeroed list is empty. */
struct log_list {
    char (*names)[LOG_NAME_SIZE]; /* [count], owned; longer ones are cut */
    size_t count, room;           /* count <= LOG_NAMES_MAX */
};

/* The index of a name, which is added if it is new; SIZE_MAX without memory or
 * if the list is full. A name ends at a byte 0. */
size_t log_list_find(struct log_list *list, const char *name, size_t len);

/* Adds a name, be it new or not, to a list that is not full. Returns false
 * without memory. */
bool log_list_add(struct log_list *list, const char *name, size_t len);

void log_list_free(struct log_list *list);

/* No column. */
#define LOG_NONE SIZE_MAX

/* What was found. */
struct log_choice {
    size_t of[LOG_COLUMNS]; /* index in the list, or LOG_NONE */
    size_t other_loss;      /* another column of losses, or LOG_NONE */
};

/* How a format tells of its columns. */
struct log_source {
    const char *file; /* for messages */
    const char *what; /* "column", "key" or "tag" */
    bool has_step;    /* every row has its step: none is looked for */
    bool numbered;    /* columns may be named by their number, from 1 */
};

/* Chooses from a list the step, the rate and `wanted`. A step or a wanted
 * value that is not there, and what was asked for and is not there, is
 * LOG_E_FORMAT or LOG_E_USAGE, and the message says what there is. */
enum log_status log_choose(const struct log_list *list,
                           const struct log_source *source,
                           const struct log_names *asked,
                           enum log_column wanted, struct log_choice *out,
                           struct log_error *err);

/* Keeps the names of the choice in *run. */
void log_keep_names(const struct log_list *list,
                    const struct log_choice *choice, struct log_run *run);

#endif
