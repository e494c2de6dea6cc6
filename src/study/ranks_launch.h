/* Whether this process is one of several that were started together, by mpirun
 * or Slurm's srun, and how it reaches the others. */
#ifndef TAPER_STUDY_RANKS_LAUNCH_H
#define TAPER_STUDY_RANKS_LAUNCH_H

#include "study/study_status.h"
#include "study/transport.h"

/* How it was started, as the environment tells. */
struct study_launched {
    int rank, size;      /* size 1: by itself */
    const char *program; /* "mpirun", "srun"; NULL: by itself */
};

struct study_launched study_launched_as(void);

/* Joins the others. What does it is a file beside the program, loaded here, so
 * that the program itself needs no MPI.
 *
 * STUDY_E_PROCESS, with a line that says what to install or how to start
 * instead, if this build has no MPI, the machine lacks it, or it finds other
 * ranks than `launched` says. */
enum study_status study_ranks_join(const struct study_launched *launched,
                                   struct study_transport *out,
                                   struct study_error *err);

/* Removes from the environment what says that this process is a rank. A trial
 * is none: it would look for others, or take itself for a part of a training on
 * several machines. After joining, before there are threads. */
void study_ranks_hide(void);

#endif
