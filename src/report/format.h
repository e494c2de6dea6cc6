/* How a report words numbers, so that the terminal, Markdown and the page show
 * the same digits. Every function writes into a buffer and ends it with NUL. */
#ifndef TAPER_REPORT_FORMAT_H
#define TAPER_REPORT_FORMAT_H

#include "report/report.h"

enum { REPORT_WORDS = 96 }; /* room for any one of these texts */

/* "test accuracy": the metric's key in words. */
void report_metric_words(const struct report *r, char out[REPORT_WORDS]);

/* "10 epochs", "1 epoch"; "" for the task's own budget. */
void report_budget_words(const struct report *r, double budget,
                         char out[REPORT_WORDS]);

/* Decimals with which a table's means are shown: two digits of the smallest
 * spread, 0 to 6; or REPORT_EXPONENT where six show too little of any mean. */
enum { REPORT_EXPONENT = 7 };
int report_decimals(const struct report *r, const struct study_table *t);

/* A value of the metric, "93.21 %", "0.042" or, with REPORT_EXPONENT,
 * "4.2e-08"; "-" if it is not finite. */
void report_value(const struct report *r, double v, int decimals,
                  char out[REPORT_WORDS]);

/* The same without its unit, which a heading names, and with a sign if
 * `sign`. */
void report_bare(const struct report *r, double v, int decimals, bool sign,
                 char out[REPORT_WORDS]);

/* "93.10 to 93.32", "-" if it is not known; in the unit of report_value. */
void report_interval(const struct report *r, struct study_interval i,
                     int decimals, char out[REPORT_WORDS]);

/* A probability: "71 %", "< 1 %", "> 99 %"; "-" for NaN. */
void report_share(double p, char out[REPORT_WORDS]);

/* A p-value: "0.03", "< 0.001"; "-" for NaN. */
void report_p(double p, char out[REPORT_WORDS]);

/* The shortest text of a number; "-" if it is not finite. */
void report_number(double v, char out[REPORT_WORDS]);

/* The place of a schedule in the order in which reports colour schedules, from
 * 0: by rank at the largest budget. */
size_t report_slot(const struct report *r, const char *name);

#endif
