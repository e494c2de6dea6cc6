/* One trial under way: from the command to what came of it. */
#ifndef TAPER_STUDY_RUNNER_SLOT_H
#define TAPER_STUDY_RUNNER_SLOT_H

#include "study/process.h"
#include "study/result_text.h"
#include "study/runner.h"

/* What all trials of a run share. Borrowed. */
struct study_site {
    const struct study_runner *runner;
    const struct study_cores *cores;
    const char *folder;  /* absolute path, of which trials' folders are part */
    const char *machine; /* in words; may be NULL */
    int guard;
};

struct study_slot {
    bool busy;
    struct study_trial trial;
    struct study_place place;
    char *folder; /* place.folder, owned */
    struct study_process process;
    struct study_lines lines; /* of standard output */
    struct study_tail errors; /* of standard error */
    double began;             /* study_now() */
    bool late;                /* the time limit has ended it */
};

/* Seconds of a clock that never jumps. */
double study_now(void);

/* Starts `trial`, whose texts the slot takes over; *trial is zeroed. A command
 * that cannot be prepared or run leaves the slot idle, with the trial in it
 * marked STUDY_FAILED, to be handed back. STUDY_E_PROCESS, STUDY_E_FILE or
 * STUDY_E_MEMORY if no trial could be started here: out of processes, no
 * folder, a full disk. */
enum study_status study_slot_begin(struct study_slot *slot,
                                   const struct study_site *site,
                                   struct study_trial *trial,
                                   struct study_error *err);

/* Reads what has been printed, up to a bound, so that others get their turn. */
void study_slot_hear(struct study_slot *slot);

/* After the command has ended: fills in slot->trial with what came of it.
 * `stopped` says that it was asked to end, and is to wait again. The slot is
 * idle then. */
void study_slot_end(struct study_slot *slot, const struct study_site *site,
                    bool stopped);

/* Releases the trial of an idle slot. */
void study_slot_clear(struct study_slot *slot);

#endif
