/* Everything that is needed to repeat a study, gathered for Markdown and the
 * page. */
#ifndef TAPER_REPORT_PROVENANCE_H
#define TAPER_REPORT_PROVENANCE_H

#include "report/report.h"

/* Writes a word of a command as a shell takes it. */
void report_word(FILE *out, const char *word);

/* The commands that run the study again, as a shell takes them; to be freed.
 * They are those that were given, or if the store does not know them one that
 * is made of the schedules. NULL if memory runs out. */
char *report_command(const struct report *r);

/* How many trials ran on each machine. */
struct report_machine {
    const char *words; /* borrowed from a trial: host, processor, versions */
    size_t trials;
};

/* The machines in order of their first trial; *out is the caller's to free, and
 * NULL if there is none. False if memory runs out. */
bool report_machines(const struct report *r, struct report_machine **out,
                     size_t *count);

/* Seconds that all trials took together. */
double report_seconds(const struct report *r);

/* "45 s", "12 min", "3.2 h", "5.1 days". */
void report_duration(double seconds, char out[32]);

#endif
