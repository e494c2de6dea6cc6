/* What a study shows, for people and for programs: JSON, text in the terminal,
 * Markdown, one HTML page, figures. All of them say the same, because all of
 * them read one struct report, which is made once from a store. */
#ifndef TAPER_REPORT_H
#define TAPER_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include <cjson/cJSON.h>

#include "study/analysis.h"
#include "study/study_status.h"
#include "study/trial.h"
#include "study/words.h"

struct study_store;

/* A fact of the store, by a name of study/facts.h or any other. */
struct report_fact {
    char *key, *value;
    bool identity; /* it says which study this is */
};

/* Everything is owned. */
struct report {
    char *path;                /* of the store, as it was opened */
    struct report_fact *facts; /* [fact_count], in order of their keys */
    size_t fact_count;
    struct study_trials trials;     /* all, in order of id */
    struct study_analysis analysis; /* of the trials, which it borrows */
    struct study_words words;       /* the sentences */
};

/* Reads the store, which stays open, and analyses it. With `curves` the trials
 * have theirs, which figures and the page need. `difference` is the smallest
 * that matters, in the metric's unit; 0: that which was seen. A study without a
 * single trial is no error. On failure *out is zeroed. */
enum study_status report_load(struct study_store *store, bool curves,
                              double difference, struct report *out,
                              struct study_error *err);

/* The same from a file. */
enum study_status report_open(const char *path, bool curves, double difference,
                              struct report *out, struct study_error *err);

void report_close(struct report *r); /* zeroed is legal */

/* The value of a fact, borrowed; NULL if there is none of that name. */
const char *report_fact(const struct report *r, const char *key);

/* The report as JSON, for `compare --json` and `report --json`:
 *
 *   {"study": {"file", "metric", "direction", "unit", facts...},
 *    "schedules": [{"name", "schedule", "budget", "trials", "mean", ...}],
 *    "pairs": [{"a", "b", "budget", "seeds", "difference", ...}],
 *    "sentences": [{"tone", "budget", "text"}]}
 *
 * One entry of "schedules" for each schedule and budget; docs/report.md says
 * what each member is. What is not known is null. The caller deletes it; NULL
 * if memory runs out. */
cJSON *report_json(const struct report *r);

/* The ranking, one table for each budget, and the sentences, as plain text at
 * most `columns` wide, which reads 60 if it is less. Returns false if memory
 * runs out. */
bool report_text(const struct report *r, size_t columns, FILE *out);

/* The ranking, the sentences and how to repeat the study, as Markdown for a
 * pull request. Returns false if memory runs out. */
bool report_markdown(const struct report *r, FILE *out);

/* The whole report as one HTML page that needs no network. Returns false if
 * memory runs out, or if this build has no charts (report_has_charts). */
bool report_html(const struct report *r, FILE *out);

/* Whether the library that draws the charts of the page was there when taper
 * was built. */
bool report_has_charts(void);

#endif
