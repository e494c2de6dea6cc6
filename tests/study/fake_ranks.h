/* Ranks without MPI, for tests: processes of this program that reach each other
 * by sockets, rank 0 being the test itself. */
#ifndef TAPER_TESTS_FAKE_RANKS_H
#define TAPER_TESTS_FAKE_RANKS_H

#include "study/transport.h"

#include <sys/types.h>

enum { FAKE_MOST = 8 };

struct fake_ranks {
    int rank, size;
    int fds[FAKE_MOST];    /* to the other ranks; -1: none */
    pid_t pids[FAKE_MOST]; /* of the others, at rank 0 */
    bool numb;             /* does not notice that a rank cannot be reached */
};

/* Starts ranks 1 ... size - 1, which run `body` and exit with what it
 * returns. */
void fake_ranks_start(struct fake_ranks *f, int size,
                      int (*body)(struct fake_ranks *f, void *ctx), void *ctx);

/* Starts none: both sides of two ranks are in this process. */
void fake_ranks_pair(struct fake_ranks *zero, struct fake_ranks *one);

struct study_transport fake_transport(struct fake_ranks *f);

/* Waits for a rank and returns its exit status; -1: a signal ended it. */
int fake_ranks_wait(struct fake_ranks *f, int rank);

/* Closes what is open, so that ranks that still run notice. */
void fake_ranks_close(struct fake_ranks *f);

#endif
