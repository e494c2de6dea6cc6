/* The rows of metrics.csv once more, for other programs, while a run trains:
 *
 *   tensorboard  an event file that TensorBoard reads: tensorboard --logdir
 *                runs shows each folder in it as one run. The tags are
 *                train/lr, train/loss, test/accuracy and so on.
 *   jsonl        log.jsonl: one JSON object a line, whose keys are the header
 *                of metrics.csv. What is empty there or no finite number is
 *                null.
 *
 * The event file's records hold the time at which they were written, so unlike
 * the other files of a run it differs between two runs that did the same. Its
 * name is always the same: a resumed run goes on with the file that is there.
 * Both are cut back to their checkpoint as metrics.csv is. One that is not
 * there, because it was removed or not asked for until now, is made up from
 * metrics.csv: its events then have the time at which that was done. */
#ifndef TAPER_TASK_LOG_H
#define TAPER_TASK_LOG_H

#include "task/log_file.h"
#include "task/log_format.h"
#include "task/task_status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum task_log_kind { TASK_LOG_TENSORBOARD, TASK_LOG_JSONL, TASK_LOGS };

/* "events.out.tfevents.TIME.HOST" is what TensorBoard's own writers use; some
 * readers take the two apart, so both are there. */
#define TASK_EVENTS_FILE "events.out.tfevents.0000000000.taper"
#define TASK_LINES_FILE "log.jsonl"

struct task_log {
    unsigned kinds; /* bit k: kind k is written */
    struct task_columns columns;
    double flushed; /* seconds since 1970 of the last flush */
    struct task_log_file files[TASK_LOGS];
};

/* Reads "tensorboard", "jsonl", both with a comma between, or "none" into the
 * bits of task_log_kind. NULL and "" are "none". Anything else is
 * TASK_E_USAGE. */
enum task_status task_log_parse(const char *text, unsigned *kinds,
                                struct task_error *err);

/* Opens the files of `kinds` in FOLDER and cuts each back to what the
 * checkpoint to continue from has counted. Only by the process that has the
 * lock of metrics.csv. The columns' names, which are borrowed, are of letters,
 * digits and '_'.
 *
 *   metrics  path of the metrics.csv whose rows a file must have that is
 *            shorter than counted, or counted as nothing; NULL: none, which
 *            is a new run, and `sizes` are zeros
 *
 * On failure the files are closed. */
enum task_status
task_log_open(struct task_log *log, const char *folder, unsigned kinds,
              const struct task_columns *columns, const char *metrics,
              const uint64_t sizes[TASK_LOGS], struct task_error *err);

/* Appends a row to each file. What was added more than two seconds ago is then
 * in the files, for readers that follow a run. */
enum task_status task_log_add(struct task_log *log, const struct task_row *row,
                              struct task_error *err);

/* Hands everything to the system; `durable` also waits for the disk. Before a
 * checkpoint, which then keeps the sizes. */
enum task_status task_log_flush(struct task_log *log, bool durable,
                                struct task_error *err);

/* Bytes of each file, 0 for kinds that are not written. */
void task_log_sizes(const struct task_log *log, uint64_t sizes[TASK_LOGS]);

/* Closes without flushing; legal when zeroed or closed. */
void task_log_close(struct task_log *log);

#endif
