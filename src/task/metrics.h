/* metrics.csv: one row per logged step, appended while a run trains.
 *
 *     step,epoch,lr,loss,grad_norm,test_accuracy,test_loss
 *     step,epoch,lr,loss,grad_norm,env_steps,episodes,...,entropy,mean_return
 *
 * step counts from 0 and lr is the rate that update used; loss is the mean over
 * the steps since the row before; grad_norm is the L2 norm of that update's
 * whole gradient, before clipping. Loss and norm are "nan" or "inf" in the row
 * of an update that diverged. Then come the task's series, which every row
 * has, and its scores, which are empty where nothing was evaluated. There is no
 * wall-clock time in it: two runs that did the same have the same bytes,
 * however often they were interrupted. */
#ifndef TAPER_TASK_METRICS_H
#define TAPER_TASK_METRICS_H

#include "task/log_file.h"
#include "task/task_status.h"
#include "task/whole_file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TASK_SERIES = 6, TASK_SCORES = 4 }; /* the most of each */

/* The columns after the norm, by name. Borrowed. */
struct task_columns {
    const char *const *series; /* [series_count], <= TASK_SERIES */
    const char *const *scores; /* [score_count], <= TASK_SCORES */
    size_t series_count, score_count;
    const char *beside; /* the series that is drawn with the first score, or
                           NULL */
};

/* A column's name as a person reads it: "test accuracy" for test_accuracy. */
enum { TASK_WORDS = 48 };
const char *task_column_words(const char *name, char out[TASK_WORDS]);

struct task_row {
    int64_t step;
    int64_t epoch; /* the pass over the data that the step belongs to, from 0 */
    double lr, loss;
    double grad_norm;           /* of this step's update, before clipping */
    double series[TASK_SERIES]; /* NaN: none yet, an empty field */
    bool scored;
    double score[TASK_SCORES];
};

struct task_metrics {
    struct task_log_file file; /* fd -1: closed */
    size_t series, scores;     /* how many of each */
};

/* Opens PATH, creating it, and takes a lock that no second process gets, so
 * that one run is never trained twice at once. To be held before the checkpoint
 * is read, which the process that has the lock replaces. */
enum task_status task_metrics_open(struct task_metrics *m, const char *path,
                                   struct task_error *err);

/* Keeps the first `size` bytes, which is what the checkpoint to continue from
 * has counted, and forgets the rest; fails if the file is shorter. Size 0
 * begins with the header. */
enum task_status task_metrics_begin(struct task_metrics *m,
                                    const struct task_columns *columns,
                                    uint64_t size, struct task_error *err);

enum task_status task_metrics_add(struct task_metrics *m,
                                  const struct task_row *row,
                                  struct task_error *err);

/* Hands the buffer to the system; `durable` also waits for the disk. */
enum task_status task_metrics_flush(struct task_metrics *m, bool durable,
                                    struct task_error *err);

/* Releases the file and the lock without flushing; legal when closed. */
void task_metrics_close(struct task_metrics *m);

/* The columns of a file, for pictures and summaries. Empty fields are NaN. */
enum { TASK_EXTRAS = TASK_SERIES + TASK_SCORES, TASK_HEADER_SIZE = 256 };
struct task_table {
    size_t count;                     /* rows */
    double *step, *epoch, *lr, *loss; /* [count] each */
    double *grad_norm;                /* [count] */
    double *extra[TASK_EXTRAS];       /* [count] each: series, then scores */
    double *block;                    /* what all of them point into */
    char header[TASK_HEADER_SIZE];    /* the names, with commas between */
};

/* The column of that name: [count], or NULL if the file has none. */
const double *task_table_column(const struct task_table *t, const char *name);

enum task_status task_table_read(const char *path, struct task_table *out,
                                 struct task_error *err);
void task_table_free(struct task_table *t); /* zeroed is legal */

#endif
