/* What a trial's command says on standard output: lines, of which those that
 * are JSON objects count.
 *
 *   {"step": 10, "loss": 2.1, "lr": 0.1}    a point of the curve
 *   {"metric": 0.93, ...}                   the result; the last one counts
 *
 * Everything else passes by. NaN, Infinity and -Infinity, which JSON lacks and
 * Python prints, are read as null. Memory is bounded whatever is printed: a
 * longer line than STUDY_LINE_BYTES is skipped. */
#ifndef TAPER_STUDY_RESULT_H
#define TAPER_STUDY_RESULT_H

#include "study/curve.h"
#include "study/study_status.h"
#include "study/trial.h"

#include <stdbool.h>
#include <stddef.h>

#define STUDY_LINE_BYTES ((size_t)1 << 20)

struct study_lines {
    const char *key; /* of the metric, "metric"; borrowed */
    char *result;    /* the last line that has it, as JSON; or NULL */
    struct study_curve curve;
    bool no_memory; /* something was lost for want of memory */

    char *line; /* the one being read: [capacity], `used` bytes so far */
    size_t used, capacity;
    bool skipping; /* it is too long */
};

void study_lines_begin(struct study_lines *l, const char *key);

/* Takes `size` bytes of output as they come, whole lines or not. */
void study_lines_take(struct study_lines *l, const char *bytes, size_t size);

/* At the end of the output, whose last line may lack its newline. */
void study_lines_end(struct study_lines *l);

void study_lines_clear(struct study_lines *l); /* zeroed is legal */

/* What a JSON object says of the metric. No number means that the trial
 * diverged. */
enum study_verdict {
    STUDY_NUMBER,    /* *metric is a number that counts: study_metric_counts */
    STUDY_NO_NUMBER, /* another number, null, or one of these as text */
    STUDY_NO_RESULT  /* no JSON object, or nothing of the kind in it */
};

/* Reads `key` of the JSON object in `text`. *metric is NaN unless
 * STUDY_NUMBER. */
enum study_verdict study_read_metric(const char *text, const char *key,
                                     double *metric);

#endif
