/* Schedules on the command line: reading them, and complaining in one place
 * about those that are none. */
#ifndef CLI_SPEC_H
#define CLI_SPEC_H

#include <taper.h>

#include "cli/options.h"

/* Steps that a picture or figures are for if the schedule has no end and
 * nobody said how many. */
#define CLI_STEPS_UNSAID 1000

/* Every step of a run up to this long is looked at; a longer one is sampled
 * this often, which takes a fraction of a second. */
#define CLI_STEPS_SEEN (INT64_C(1) << 24)

/* Parse `text` for `run`. On failure prints the complaint and returns the
 * status to exit with, with *out NULL; else CLI_GO, and *out is the caller's
 * to taper_free. */
int cli_read_schedule(const char *text, const taper_run *run,
                      taper_schedule **out);

/* The canonical text, to be freed by the caller; NULL, with a complaint, when
 * memory runs out. */
char *cli_describe(const taper_schedule *s);

#endif
