/* How the processes of a study that runs on several machines reach each other:
 * whole messages between numbered ranks. The study knows these functions only;
 * MPI provides them (src/mpi), and tests do by other means. */
#ifndef TAPER_STUDY_TRANSPORT_H
#define TAPER_STUDY_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All functions are called by one thread, and none of them waits but `end`.
 * Messages arrive whole, once, or not at all. */
struct study_transport {
    int rank, size; /* 0 <= rank < size */

    /* Sends a copy of `bytes`. False if that rank cannot be reached any more;
     * true says nothing about whether it arrives. */
    bool (*send)(void *ctx, int to, const void *bytes, size_t size);

    /* A message that has arrived; false if there is none now. The caller frees
     * *bytes. */
    bool (*receive)(void *ctx, int *from, unsigned char **bytes, size_t *size);

    /* Leaves for good. `whole` says that every rank is there and leaves as
     * well, and that all of them know. Otherwise on rank 0 it ends all that is
     * left of them, this process included, with exit status `status`. */
    void (*end)(void *ctx, bool whole, int status);
    void *ctx;
};

/* What a module that is loaded while the program runs has under the name
 * STUDY_TRANSPORT_SYMBOL. */
struct study_transport_module {
    uint32_t version; /* STUDY_TRANSPORT_VERSION, or it is another's */

    /* Joins the other ranks; waits for them. On failure returns false, with one
     * line in `why`. */
    bool (*begin)(struct study_transport *out, char *why, size_t size);
};

#define STUDY_TRANSPORT_SYMBOL "taper_transport_module"
#define STUDY_TRANSPORT_VERSION 1U

#endif
