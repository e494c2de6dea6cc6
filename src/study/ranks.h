/* One study in several processes, on one machine or many: ranks.
 *
 * Rank 0 alone has the store. Every rank, rank 0 too, runs trials with the
 * runner; the others' source is rank 0, which they ask for trials and give
 * results back to. Rank 0 may lose any of the others: what a lost rank was
 * running waits again, and another runs it.
 *
 * Who is not heard of for a while is lost; ranks say that they are alive every
 * second. If a lost rank comes back after all (its machine was suspended), it
 * goes on, but what it brings of trials that went to others is dropped.
 *
 * In each process two threads are at work: the caller's speaks with the other
 * ranks, and one that is started here runs the runner. What both need is
 * behind a lock, and so are calls of the runner's source, `progress` and
 * `stopped` on rank 0. `prepare` and `collect` are called by the second thread
 * without it. */
#ifndef TAPER_STUDY_RANKS_H
#define TAPER_STUDY_RANKS_H

#include "study/runner.h"
#include "study/study_status.h"
#include "study/transport.h"

#include <stdbool.h>

struct study_ranks {
    struct study_transport transport;
    double lost_after; /* seconds of silence until a rank is given up; rank 0
                          gets twice the time; 0: STUDY_LOST_SECONDS */

    /* On rank 0: told in one line of what happens to other ranks. Called by the
     * caller's thread, with the lock. May be NULL. */
    void (*say)(void *ctx, const char *line);
    void *ctx;
};

#define STUDY_LOST_SECONDS 30.0

/* Rank 0: runs trials from the source of `r`, and hands others to the ranks
 * that ask, until the source has no more; returns when all ranks have left or
 * are lost. Returns as study_run does; when that is not STUDY_OK, because a
 * person stopped it or something failed, the others have been stopped as well.
 *
 * `r` may be NULL: then the others are sent home, as something is wrong here,
 * and nothing is said of them.
 *
 * *whole says whether every rank left as it should, which
 * transport.end needs to know. */
enum study_status study_ranks_serve(const struct study_ranks *ranks,
                                    const struct study_runner *r, bool *whole,
                                    struct study_error *err);

/* Another rank: runs trials that rank 0 gives until it has no more; the source
 * of `r` is not looked at. Returns STUDY_OK at the end of the study, also when
 * rank 0 stopped it; STUDY_E_STOPPED if `stopped` said so; else what went
 * wrong here, of which rank 0 has been told, or that rank 0 is lost.
 *
 * `r` may be NULL: then this rank does not take part, because of what `why`
 * says, which rank 0 is told. */
enum study_status study_ranks_work(const struct study_ranks *ranks,
                                   const struct study_runner *r,
                                   const char *why, bool *whole,
                                   struct study_error *err);

#endif
